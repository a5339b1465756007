"""An answer's plain text as a mail that is good to look at: the same words, in paragraphs, lists and links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from markupsafe import Markup

from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.mail_frame import FootLink, MailPage
from o2c_core.documents.wording import wording_in

_PAGE = MailPage(Path(__file__).parent, "answer")
_BULLET = re.compile(r"^\s{0,3}[-•*–]\s+(?P<said>\S.*)$")
_NUMBERED = re.compile(r"^\s{0,3}(?P<number>\d{1,2})[.)]\s+(?P<said>\S.*)$")
LINK_SIGNS_MAX = 44
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass
class _Part:
    kind: Literal["text", "ul", "ol"]
    lines: list[Markup] = field(default_factory=list)


def answer_html(
    text: str,
    *,
    subject: str,
    seller_name: str,
    language: str,
    foot: Sequence[FootLink | str] = (),
    is_by_assistant: bool = True,
) -> str:
    """The answer in the frame of all our mails. It says under it that the assistant wrote it, unless a person did.

    `foot` holds sentences and links, such as to the preferences.
    """
    spoken = language if language in LANGUAGES else "en"
    return _PAGE.html(
        language=language,
        subject=" ".join(subject.split()),
        seller=seller_name,
        under=wording_in(spoken).say("mail.assistant", seller=seller_name) if is_by_assistant else None,
        foot=[FootLink(one) if isinstance(one, str) else one for one in foot],
        parts=list(_parts(text)),
    )


def _parts(text: str) -> Iterator[_Part]:
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
        lines = block.split("\n")
        numbers = [int(found["number"]) for line in lines if (found := _NUMBERED.match(line))]
        # A German line may well begin with "3. März"; a list begins with 1 and goes on with 2.
        is_counted = numbers[:2] == [1, 2]
        part: _Part | None = None
        for line in lines:
            kind, said = _kind_of(line, is_counted=is_counted)
            if part is None or part.kind != kind:
                if part is not None:
                    yield part
                part = _Part(kind)
            part.lines.append(_linked(said))
        if part is not None:
            yield part


def _kind_of(line: str, *, is_counted: bool) -> tuple[Literal["text", "ul", "ol"], str]:
    if bullet := _BULLET.match(line):
        return "ul", bullet["said"]
    if is_counted and (numbered := _NUMBERED.match(line)):
        return "ol", numbered["said"]
    return "text", line.strip()


def _linked(line: str) -> Markup:
    """The line with its web addresses as links; everything else as it is, and harmless."""
    said, at = Markup(""), 0
    for link in _LINK.finditer(line):
        said += line[at : link.start()] + Markup('<a href="{}">{}</a>').format(link[0], _shown(link[0]))
        at = link.end()
    return said + line[at:]


def _shown(link: str) -> str:
    """Where the link goes, without the part nobody reads."""
    shown = re.sub(r"^https?://", "", link)
    return shown if len(shown) <= LINK_SIGNS_MAX else f"{shown[: LINK_SIGNS_MAX - 1]}…"
