"""Putting "Erased person 7f3a" in the place of a person, row by row, as the table of holdings says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Table, bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from o2c_core.privacy.holdings import Holding, Person, holdings
from o2c_core.privacy.traces import ERASED, Traces

BATCH_ROWS = 500
ERASED_LINE = "person erased"
# What a company keeps of itself when one of its people is erased, and what is its other people's own.
NOT_THE_PERSONS = ("customer", "site", "contact", "address", "consent", "payer_account")
_KEPT = ("plain", "law")


def own_rows(session: Session, person: Person) -> dict[str, list[UUID]]:
    """The ids of everything that is that person's own, by table; looked up before the first change hides the way there.

    That somebody was erased, by whom and why, is the proof that it was done and is not touched again.
    """
    own = {}
    for name, holding in holdings().items():
        if holding.is_somebodys and "id" in holding.table.c:
            query = select(holding.table.c.id).where(holding.whose(person))
            if name == "trail":
                query = query.where(holding.table.c.what != ERASED_LINE)
            own[name] = list(session.scalars(query))
    return own


def erase_rows(session: Session, name: str, ids: Sequence[UUID], traces: Traces) -> int:
    """Treats those rows as the person's own; how many were changed or deleted."""
    holding = holdings()[name]
    if not holding.deleted:
        return change_rows(session, holding, ids, lambda kind, value, key: _treated(kind, value, key, traces))
    deleted = 0
    for some in in_batches(ids):
        result = session.execute(delete(holding.table).where(holding.table.c.id.in_(some)))
        assert isinstance(result, CursorResult)
        deleted += result.rowcount
    return deleted


def scrub_rows(session: Session, name: str, ids: Sequence[UUID], traces: Traces) -> int:
    """Takes the person's traces out of rows that are not their own; how many were changed."""

    def scrubbed(kind: str, value: Any, key: UUID) -> Any:  # noqa: ARG001
        return value if kind == "rekeyed" else traces.scrub_all(value)

    return change_rows(session, holdings()[name], ids, scrubbed)


def change_rows(
    session: Session, holding: Holding, ids: Sequence[UUID], change: Callable[[str, Any, UUID], Any]
) -> int:
    """Puts every text of those rows that may change through `change(treatment, value, row id)`; how many rows it changed."""
    table = holding.table
    changeable = [name for name, kind in holding.treatment.items() if kind not in _KEPT]
    if not changeable:
        return 0
    changed = 0
    for some in in_batches(ids):
        query = select(table.c.id, *(table.c[name] for name in changeable)).where(table.c.id.in_(some))
        updates = []
        for row in session.execute(query).mappings():
            new = {name: change(holding.treatment[name], row[name], row["id"]) for name in changeable}
            if any(new[name] != row[name] for name in changeable):
                updates.append({"row_id": row["id"], **new})
        if updates:
            _write(session, table, changeable, updates)
            changed += len(updates)
    return changed


def in_batches(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    return (ids[start : start + BATCH_ROWS] for start in range(0, len(ids), BATCH_ROWS))


def _write(session: Session, table: Table, columns: Iterable[str], updates: Sequence[dict[str, Any]]) -> None:
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    statement = update(table).where(table.c.id == bindparam("row_id")).values(values)
    if table.name == "trail":
        # The database refuses any change of the trail, except why, details and who while a person is being erased.
        session.execute(text("SET LOCAL parley.erasing = 'on'"))
    session.connection().execute(statement, updates)
    if table.name == "trail":
        session.execute(text("SET LOCAL parley.erasing = 'off'"))


def _treated(kind: str, value: Any, key: UUID, traces: Traces) -> Any:
    if value is None:
        return None
    if kind == "named":
        return traces.pseudonym
    if kind == "emptied":
        return [] if isinstance(value, list) else {} if isinstance(value, dict) else None
    if kind == "replaced":
        return ERASED if value else value
    if kind == "rekeyed":
        return f"erased:{key}"
    return traces.codes_only(value) if kind == "coded" else traces.scrub_all(value)
