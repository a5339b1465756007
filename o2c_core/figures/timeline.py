"""One customer's timeline: everything that happened between them and the seller, newest first, in one query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from o2c_core.errors import Refused
from o2c_core.figures.happenings import BRANCHES, KINDS
from o2c_core.money import Money

EVENTS_MAX = 200


class NotACursor(Refused):
    """That is not a place in a timeline; start again from its newest events."""


class UnknownKind(Refused):
    """A timeline has no events of that kind."""


@dataclass(frozen=True)
class Cursor:
    """A place in a timeline: just after (that is, older than) one event."""

    at: datetime
    rank: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.rank}~{self.id}"

    @classmethod
    def read(cls, written: str) -> Cursor:
        """The place written by `str`. Raises: NotACursor."""
        at, _, rest = written.partition("~")
        rank, _, id_ = rest.partition("~")
        try:
            cursor = cls(datetime.fromisoformat(at), int(rank), UUID(id_))
        except ValueError as odd:
            raise NotACursor from odd
        if cursor.at.tzinfo is None or not 0 <= cursor.rank < len(KINDS):
            raise NotACursor
        return cursor


@dataclass(frozen=True)
class Event:
    """One thing that happened. `kind` is the key of its sentence and `values` what the sentence names.

    `at` is the moment where one is known, and else the beginning of the day `on`, both where the seller is. `subject`
    and `id` are the noun and its key; several events may be about one subject.
    """

    kind: str
    at: datetime
    on: date
    is_moment: bool
    subject: str
    id: UUID
    number: str | None
    amount: Money | None
    values: Mapping[str, Any]
    message_id: UUID | None

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, KINDS.index(self.kind), self.id)


def timeline(
    session: Session,
    customer_id: UUID,
    *,
    before: Cursor | None = None,
    limit: int = 50,
    kinds: Collection[str] | None = None,
) -> list[Event]:
    """The customer's events, newest first; `before` goes on after the last event that was seen.

    There is no reading of two customers, or of none. At most `EVENTS_MAX` at once.

    Raises: UnknownKind.
    """
    wanted = frozenset(kinds) if kinds is not None else frozenset(KINDS)
    if wanted - set(KINDS):
        raise UnknownKind(kinds=sorted(wanted - set(KINDS)))
    if not wanted or limit < 1:
        return []
    place: dict[str, Any] = {"customer": customer_id, "many": min(limit, EVENTS_MAX)}
    if before is not None:
        place |= {"at": before.at, "rank": before.rank, "id": before.id}
    return [_event(row) for row in session.execute(_statement(wanted, before is not None), place)]


def _event(row: Any) -> Event:
    return Event(
        kind=KINDS[row.rank],
        at=row.at.astimezone(UTC),
        on=row.day,
        is_moment=row.is_moment,
        subject=row.subject,
        id=row.id,
        number=row.number,
        amount=None if row.minor is None else Money(int(row.minor), row.currency),
        values=row.said,
        message_id=row.message_id,
    )


@cache
def _statement(kinds: frozenset[str], goes_on: bool) -> TextClause:
    """The query for those kinds. Each branch reads no more than is asked for; the few that win are put together."""
    beyond = "WHERE (at, rank, id) < (:at, :rank, :id)" if goes_on else ""
    branches = "\nUNION ALL\n".join(
        f"(SELECT * FROM ({branch.sql(goes_on)}) one {beyond} ORDER BY at DESC, id DESC LIMIT :many)"  # noqa: S608
        for kind, branch in BRANCHES.items()
        if kind in kinds
    )
    return text(f"""
        WITH place AS MATERIALIZED (
            SELECT seller.time_zone AS zone
            FROM customer JOIN seller ON seller.id = customer.seller_id WHERE customer.id = :customer
        )
        SELECT *, (at AT TIME ZONE (SELECT zone FROM place))::date AS day
        FROM ({branches}) event
        ORDER BY at DESC, rank DESC, id DESC LIMIT :many
    """)  # noqa: S608 (made of constants; what is looked for is bound)
