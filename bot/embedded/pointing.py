"""Which documents a message means that names none: "that invoice", "both", "the other one"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.embedded.mentions import Mentions


@dataclass(frozen=True)
class About:
    """One document or case an answer was about; `answer` counts back from the newest answer, which is 0."""

    kind: Literal["order", "invoice", "shipment", "complaint", "dispute", "promise"]
    number: str
    answer: int = 0


def meant(mentions: Mentions, about: Sequence[About], kind: Literal["order", "invoice"] | None) -> tuple[str, ...]:
    return tuple(reference.text for reference in mentions.references.numbers)
