"""Everything a page of the inbox shows: its rows, how many there are of each kind, and what may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.staff.signed import Signed
from o2c_core.staff.user import User
from web.desk.inbox_rows import Row, rows_of
from web.desk.inbox_search import Found, search
from web.desk.inbox_views import COUNTED_MAX, ROWS_SHOWN, SORTS, VIEWS, Asked, Condition, counts, places, places_of
from web.reader import Reader


@dataclass(frozen=True)
class Colleague:
    """Somebody a conversation may lie with."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Inbox:
    """What somebody asked for and what there is of it. `after` is where the next page begins; `found` is of a search."""

    asked: Asked
    rows: Sequence[Row]
    counts: dict[str, int]
    after: str
    colleagues: Sequence[Colleague]
    teams: Sequence[str]
    found: Found | None

    def count(self, show: str) -> str:
        """How many there are in that view, as its tab says it."""
        number = self.counts[show]
        return f"{COUNTED_MAX:,}+" if number > COUNTED_MAX else f"{number:,}"

    @property
    def views(self) -> dict[str, str]:
        return {name: view.title for name, view in VIEWS.items()}

    @property
    def owners(self) -> list[tuple[str, str]]:
        return [(str(one.id), one.name) for one in self.colleagues]

    @property
    def named_teams(self) -> list[tuple[str, str]]:
        return [(team, team) for team in self.teams]

    @property
    def sorts(self) -> dict[str, str]:
        return SORTS

    @property
    def reasons(self) -> dict[str, str]:
        return {name: says[0] for name, says in REASONS.items()}


@dataclass(frozen=True)
class Today:
    """How many questions came in since midnight where the seller is, and how many of them the assistant answered."""

    asked: int
    answered: int


def inbox(session: Session, seller: Seller, asked: Asked, who: Signed, reader: Reader) -> Inbox:
    """The page somebody asked for: one question for its rows' order, one for the rows, one for the counts."""
    found = search(session, seller, asked.words) if asked.words else None
    among = found.among if found else None
    meant = _meant(asked, seller, who, reader.now, found)
    where = places(session, asked, meant, ROWS_SHOWN + 1)
    shown = where[:ROWS_SHOWN]
    colleagues, teams = _whose(session)
    return Inbox(
        asked,
        rows_of(session, shown, reader, viewer_id=who.user_id, found=_where(session, found, [one.id for one in shown])),
        counts(session, asked, seller.id, who, reader.now, among),
        shown[-1].mark() if len(where) > ROWS_SHOWN else "",
        colleagues,
        teams,
        found,
    )


def rows_again(
    session: Session, seller: Seller, asked: Asked, who: Signed, reader: Reader, ids: Sequence[UUID]
) -> list[Row]:
    """Those of these conversations that stand in what was asked for, as they are now."""
    found = search(session, seller, asked.words) if asked.words else None
    where = places_of(session, asked, _meant(asked, seller, who, reader.now, found), list(ids))
    where.sort(key=lambda place: place.rank)
    return rows_of(
        session, where, reader, viewer_id=who.user_id, found=_where(session, found, [one.id for one in where])
    )


def today(session: Session, seller_id: UUID, reader: Reader) -> Today:
    """What the assistant did today, for when nobody waits: questions of today's conversations, by the ledger."""
    midnight = datetime.combine(reader.today, time(), reader.zone)
    is_answered = Message.answered_by_id.is_not(None)
    query = (
        select(func.count(), func.count().filter(is_answered))
        .select_from(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Conversation.seller_id == seller_id,
            Conversation.updated_at >= midnight,
            Message.created_at >= midnight,
            Message.direction == "in",
            Message.purpose == "question",
        )
    )
    came, answered = session.execute(query).one()
    return Today(int(came), int(answered))


def _meant(asked: Asked, seller: Seller, who: Signed, now: datetime, found: Found | None) -> Condition:
    meant = asked.conditions(seller.id, who, now)
    return and_(meant, found.among) if found else meant


def _where(session: Session, found: Found | None, shown: list[UUID]) -> dict[UUID, list[Markup]] | None:
    return found.where(session, shown) if found and shown else None


def _whose(session: Session) -> tuple[list[Colleague], list[str]]:
    """Everybody at the desk, and the teams they are in."""
    people = session.execute(
        select(User.id, User.name, User.teams).where(User.disabled_at.is_(None)).order_by(func.lower(User.name))
    ).all()
    teams = sorted({team for one in people for team in one.teams}, key=str.casefold)
    return [Colleague(one.id, one.name) for one in people], teams
