"""One thing that happened, as a mail says it: in approved sentences and the ledger's figures alone."""

from __future__ import annotations

from dataclasses import dataclass

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One thing that happened: the fact first, then what it means, then what to look up or do, and what is open besides."""

    opening: str
    said: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: Rows = ()
    items: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    after: tuple[str, ...] = ()
