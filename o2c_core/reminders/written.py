"""A reminder in words, as it is kept and sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Words:
    """A person's own words, or a model's, where an approved sentence would stand; None leaves the approved one."""

    opening: str | None = None
    ask: str | None = None


OUR_WORDS = Words()


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a message says. `receipts` has an id, the text and the source of every figure; a text has no subject and no
    HTML. `attachments` say what goes with it, and is made when it is sent. `opening` and `ask` are the two sentences
    that may be put in other words."""

    subject: str | None
    text: str
    html: str | None
    language: str
    receipts: list[dict[str, Any]]
    attachments: list[dict[str, Any]] = field(default_factory=list)
    opening: str = ""
    ask: str = ""
