"""A reminder in words, as it is kept and sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a message says. `receipts` has an id, the text and the source of every figure; a text has no subject and no
    HTML."""

    subject: str | None
    text: str
    html: str | None
    language: str
    receipts: list[dict[str, Any]]
