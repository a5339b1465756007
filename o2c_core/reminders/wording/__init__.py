"""The approved sentences of reminders, one file per language, with the figures left open."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import UndefinedError

__all__ = ["INFORMAL", "SECTIONS", "Wording", "wording_in"]

# What a step of a ladder may name as its approved sentences: each has a subject, an opening, what is asked, and a text.
SECTIONS = ("courtesy", "due", "neutral", "first", "second", "last", "plan_soon", "plan_late")
# Languages in which somebody is addressed differently by first name; beside their file is one with the sentences that
# differ ("nl_informal.toml").
INFORMAL = ("en", "nl", "de", "fr")

_PLACE = re.compile(r"\{\{ (\w+) \}\}")


class Wording:
    """Every sentence of one language by its name, such as "first.opening_one".

    A sentence is taken apart once: a run writes hundreds of thousands of mails from the same two hundred sentences.
    """

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self.sentences = dict(sentences)
        self._forms = {name: _form(sentence) for name, sentence in sentences.items()}

    def say(self, name: str, /, **values: object) -> str:
        """The sentence with its figures filled in.

        Raises: jinja2.UndefinedError when a value it needs was not given, so that an empty amount reaches nobody;
        KeyError for a sentence that is not there.
        """
        form, places = self._forms[name]
        try:
            return form % tuple([values[place] for place in places])
        except KeyError as missing:
            raise UndefinedError(f"{missing} is not given for the sentence {name}") from missing

    def counted(self, name: str, number: int, /, **values: object) -> str:
        """The sentence for one or for several, whichever the number is."""
        return self.say(f"{name}_one" if number == 1 else f"{name}_many", **values)

    def has(self, name: str) -> bool:
        return name in self._forms


@cache
def wording_in(language: str, *, is_informal: bool = False) -> Wording:
    """The approved wording of that language; its files are read once. Informal is what differs, over the formal rest."""
    sentences = _read(language)
    if is_informal:
        sentences |= _read(f"{language}_informal")
    return Wording(language, sentences)


def _read(name: str) -> dict[str, str]:
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{name}": sentence
        for group, of_group in tomllib.loads(text).items()
        for name, sentence in of_group.items()
    }


def _form(sentence: str) -> tuple[str, tuple[str, ...]]:
    """The sentence as Python's own formatting takes it, with the names of its places in order."""
    assert "{%" not in sentence, "an approved sentence holds no conditions: write two sentences"
    pieces = _PLACE.split(sentence)
    assert not any("{{" in piece for piece in pieces[::2]), f"a place in it is not closed: {sentence}"
    return "%s".join(piece.replace("%", "%%") for piece in pieces[::2]), tuple(pieces[1::2])
