"""Where the figures of a message come from, taken apart for a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Receipt:
    """A figure as it was written, the row it was read from, and when (None where that was not kept)."""

    text: str
    source: str
    read_at: datetime | None


def receipts_of(facts: Iterable[Mapping[str, Any]]) -> list[Receipt]:
    """The receipts of a message's facts, each of which says where and when in one string: "invoice INV-1 at 2026-…Z"."""
    return [_receipt(str(fact.get("text", "")), str(fact.get("source", ""))) for fact in facts]


def _receipt(text: str, source: str) -> Receipt:
    where, found, when = source.rpartition(" at ")
    if found:
        try:
            return Receipt(text, where, datetime.fromisoformat(when))
        except ValueError:
            pass
    return Receipt(text, source, None)
