"""How long a document may be, and which of its characters a reader sees."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from knowledge.apart import FileRefused

LENGTH_MAX = 1_000_000


def check_length(texts: Iterable[str]) -> None:
    """Raises: FileRefused, when there is more than is read or nothing at all."""
    length = sum(len(text) for text in texts)
    if length > LENGTH_MAX:
        raise FileRefused("too large")
    if not length:
        raise FileRefused("no text")


def visible(text: str) -> str:
    """The text without characters that no reader sees, such as those of no width or the tags that spell words unseen.

    Lines stay; blanks within them become one.
    """
    shown = (
        " " if character in "\u00a0\u202f\u2009\t" else character
        for character in unicodedata.normalize("NFC", text)
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cs", "Cn")
    )
    lines = (re.sub(r" {2,}", " ", line).strip() for line in "".join(shown).splitlines())
    return "\n".join(filter(None, lines))
