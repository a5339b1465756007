"""Writing many rows at once, by COPY on the connection of the transaction at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session


def copy_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Adds the rows to the table in the session's transaction; how many there were. Other columns get their defaults.

    Values are texts, numbers, ids, days, aware moments, yes or no, None, and lists and mappings for JSON.
    Raises: psycopg.errors.UniqueViolation, with the transaction lost, where one is there already.
    """
    lines = ["\t".join([_WRITTEN[type(value)](value) for value in row]) for row in rows]
    if not lines:
        return 0
    named = ", ".join(f'"{column}"' for column in columns)
    connection: Any = session.connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as copy:
        copy.write("\n".join(lines) + "\n")
    return len(lines)


def _escaped(text: str) -> str:
    """What would end a column or a row is written as an escape. Source: PostgreSQL, COPY, "Text Format"."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


@lru_cache(maxsize=64)
def _moment(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.isoformat()


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_WRITTEN: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "\\N",
    str: _escaped,
    int: str,
    UUID: lambda key: key.hex,
    bool: lambda yes: "t" if yes else "f",
    datetime: _moment,
    date: date.isoformat,
    list: lambda value: _json(value).replace("\\", "\\\\"),
    dict: lambda value: _json(value).replace("\\", "\\\\"),
}
