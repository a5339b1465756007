"""Where the figures of a message come from, taken apart for a page."""

from __future__ import annotations

import re
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


# "invoice INV-1 at 2026-03-16T11:00:00Z" in answers, "invoice INV-1.open, read 2026-03-16T11:00:00+00:00" in reminders.
_READ = re.compile(r"(?P<source>.+?)(?: at |, read )(?P<when>\d{4}-\d\d-\d\dT\S+)", re.DOTALL)


def receipts_of(facts: Iterable[Mapping[str, Any]]) -> list[Receipt]:
    """The receipts of a message's facts, each of which says where and when in one string."""
    return [_receipt(str(fact.get("text", "")), str(fact.get("source", ""))) for fact in facts]


def _receipt(text: str, source: str) -> Receipt:
    read = _READ.fullmatch(source)
    if read is None:
        return Receipt(text, source, None)
    try:
        return Receipt(text, read["source"], datetime.fromisoformat(read["when"]))
    except ValueError:
        return Receipt(text, source, None)
