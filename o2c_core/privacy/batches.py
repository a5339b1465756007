"""Going through what has been kept long enough a batch at a time: what one batch is, and the two ways of ending its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from o2c_core.privacy.erasing import erase_rows
from o2c_core.privacy.traces import Traces
from o2c_core.store.rows import Row

BATCH = 500
# Words that are over lose everything, so nobody's names have to be looked for in them.
NOBODY = Traces("somebody")


@dataclass(frozen=True)
class Done:
    """How many were dealt with in a batch, and where the next one begins; `after` is None when there is no more."""

    count: int
    after: UUID | None


# Deals with one batch of a seller's, from that place on, of what is of before that day.
Step = Callable[[Session, UUID, date, UUID | None], Done]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def after_last(ids: Sequence[UUID]) -> UUID | None:
    return ids[-1] if len(ids) == BATCH else None


def some(session: Session, query: Select[Any], key: Any, after: UUID | None) -> list[UUID]:
    """The next ids of the query, in the order of the key, which is that of time."""
    if after is not None:
        query = query.where(key > after)
    return list(session.scalars(query.order_by(key).limit(BATCH)))


def emptying(of: type[Row], which: Callable[[UUID, date], ColumnElement[bool]]) -> Step:
    def step(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
        key: Any = of.__table__.c.id
        ids = some(session, select(key).where(which(seller_id, before)), key, after)
        return Done(erase_rows(session, of.__tablename__, ids, NOBODY), after_last(ids))

    return step


def deleting(of: type[Row], which: Callable[[UUID, date], ColumnElement[bool]]) -> Step:
    def step(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
        key: Any = of.__table__.c.id
        ids = some(session, select(key).where(which(seller_id, before)), key, after)
        session.execute(delete(of).where(key.in_(ids)), execution_options={"synchronize_session": False})
        return Done(len(ids), after_last(ids))

    return step
