"""What a message says: its language, what it asks for, which documents it names and in what mood."""

from __future__ import annotations

from dataclasses import dataclass

from bot.embedded.entities import Reference, References, find_references
from bot.embedded.features import legible, legible_lines
from bot.embedded.intents import Found, Intent, find_intents
from bot.embedded.language import detect
from bot.embedded.mood import is_angry, is_bereaved, is_insolvent, is_legal_threat, is_vulnerable, is_worried
from bot.embedded.second_look import careful_encoder

__all__ = ["Intent", "Reference", "References", "Understanding", "understand", "warm_up"]


@dataclass(frozen=True)
class Understanding:
    """`intents` in the order they appear; empty only for a text without a single readable character.

    When not `is_sure`, the intents are the best guess and nothing should be done on their strength alone.
    """

    language: str
    language_is_sure: bool
    intents: tuple[Intent, ...]
    is_sure: bool
    references: References
    is_angry: bool = False
    is_legal_threat: bool = False
    is_grave: bool = False  # bereaved, gravely ill or insolvent
    is_bereaved: bool = False
    is_insolvent: bool = False
    is_worried: bool = False
    is_vulnerable: bool = False


def understand(text: str, *, thread_language: str | None = None) -> Understanding:
    """Understands any text whatever; of a very long one, its beginning."""
    lines = legible_lines(text)
    text = legible(text)
    language = detect(text, thread_language)
    if not text:
        return Understanding(language.code, False, (), False, References())
    references = find_references(text)
    found = find_intents(lines) if any(character.isalnum() for character in text) else Found((), is_sure=False)
    bereaved, insolvent = is_bereaved(text), is_insolvent(text)
    return Understanding(
        language.code,
        language.is_sure,
        found.intents,
        found.is_sure,
        references,
        is_angry=is_angry(text),
        is_legal_threat=is_legal_threat(text),
        is_grave=bereaved or insolvent,
        is_bereaved=bereaved,
        is_insolvent=insolvent,
        is_worried=is_worried(text),
        is_vulnerable=is_vulnerable(text),
    )


def warm_up() -> None:
    """Reads all weights now, which takes a second or two, so that the first customer does not wait for it."""
    understand("where is the order that I placed last week")  # long enough to ask every part
    second = careful_encoder()
    if second is not None:
        second.encode(["hello"])
