"""Who of the seller's people saw and did what: looks and lines of the trail as one list, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, case, literal, select, tuple_, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.staff.user import Look, User
from o2c_core.trail import TrailLine, is_of_people

Kind = Literal["saw", "did"]
KINDS: tuple[Kind, ...] = ("saw", "did")


@dataclass(frozen=True)
class Place:
    """Where in the list a page of it ended. Lines of the same moment are told apart by their ids."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.id}"

    @classmethod
    def of(cls, written: str) -> Place | None:
        """The place that text names; None when it names none."""
        at, _, key = written.partition("_")
        try:
            moment = datetime.fromisoformat(at)
            return cls(moment, UUID(key)) if moment.tzinfo is not None else None
        except ValueError:
            return None


@dataclass(frozen=True)
class Audited:
    """What is asked for: of whom (by name), of which customer, from when until before when, seen or done."""

    who: str = ""
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    before: Place | None = None


@dataclass(frozen=True)
class Line:
    """One thing somebody saw or did. `what` is a page's path, or what the trail says was done; `about` says more."""

    id: UUID
    at: datetime
    kind: str
    who: str
    what: str
    about: str
    subject: str
    customer_id: UUID | None
    conversation_id: UUID | None

    @property
    def place(self) -> Place:
        return Place(self.at, self.id)


def audited(session: Session, asked: Audited, limit: int) -> list[Line]:
    """So many lines at most. Each half reads only what it shows, by an index, however long the lists are."""
    halves = []
    if asked.kind in (None, "saw"):
        halves.append(_seen(session, asked, limit))
    if asked.kind in (None, "did"):
        halves.append(_done(asked, limit))
    both = union_all(*(select(half.subquery()) for half in halves)).subquery()
    rows = session.execute(select(both).order_by(both.c.at.desc(), both.c.id.desc()).limit(limit))
    return [Line(*row) for row in rows]


def _seen(session: Session, asked: Audited, limit: int) -> Select[*tuple[Any, ...]]:
    query = select(
        Look.id, Look.at, literal("saw").label("kind"), User.name.label("who"), Look.page.label("what"), Look.about,
        literal("").label("subject"), Look.customer_id, Look.conversation_id,
    ).join(User, User.id == Look.user_id)  # fmt: skip
    if asked.who:
        named = session.scalar(select(User.id).where(User.name == asked.who).limit(1))
        query = query.where(Look.user_id == named)
    if asked.customer_id is not None:
        query = query.where(Look.customer_id == asked.customer_id)
    return _newest(query, Look.at, Look.id, asked, limit)


def _done(asked: Audited, limit: int) -> Select[*tuple[Any, ...]]:
    query = select(
        TrailLine.id, TrailLine.at, literal("did").label("kind"), TrailLine.who, TrailLine.what,
        TrailLine.why.label("about"), TrailLine.subject, TrailLine.customer_id,
        case((TrailLine.subject == "conversation", TrailLine.subject_id)).label("conversation_id"),
    ).where(is_of_people())  # fmt: skip
    if asked.who:
        query = query.where(TrailLine.who == asked.who)
    if asked.customer_id is not None:
        query = query.where(TrailLine.customer_id == asked.customer_id)
    return _newest(query, TrailLine.at, TrailLine.id, asked, limit)


def _newest(
    query: Select[*tuple[Any, ...]],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    asked: Audited,
    limit: int,
) -> Select[*tuple[Any, ...]]:
    if asked.since is not None:
        query = query.where(at >= asked.since)
    if asked.until is not None:
        query = query.where(at < asked.until)
    if asked.before is not None:
        query = query.where(tuple_(at, key) < (asked.before.at, asked.before.id))
    return query.order_by(at.desc(), key.desc()).limit(limit)
