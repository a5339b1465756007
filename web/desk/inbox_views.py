"""Which conversations a view of the inbox shows, in which order, and where its next page begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, URGENCIES
from o2c_core.customers.customer import LANGUAGES
from o2c_core.staff.signed import Signed
from o2c_core.store.many import is_one_of
from web.desk.called import CHANNELS

ROWS_SHOWN = 50
# Beyond so many it is not said how many exactly: who counts the closed ones of years waits for nothing.
COUNTED_MAX = 10_000
SORTS = {"urgency": "Most urgent", "newest": "Newest", "money": "Most money"}
OTHER, NOBODY, ME = "other", "nobody", "me"

Condition = ColumnElement[bool]
_NO: Condition = ~true()


@dataclass(frozen=True)
class View:
    """One of the lists there are. `counts_all` says that there are few enough of them to be counted to the last."""

    title: str
    of: Callable[[Signed, datetime], Condition]
    empty: str
    sort: str = "urgency"
    counts_all: bool = True


def _is_here(now: datetime) -> Condition:
    """Not put off until later; a moment that has come is over, whether or not anybody took it away yet."""
    return or_(Conversation.snoozed_until.is_(None), Conversation.snoozed_until <= now)


def _is_open(now: datetime) -> Condition:
    return and_(Conversation.state != "closed", _is_here(now))


def _waits(now: datetime) -> Condition:
    return and_(Conversation.due_at.is_not(None), _is_here(now))


VIEWS: Mapping[str, View] = {
    "waiting": View("Waiting", lambda _, now: _waits(now), "No one is waiting."),
    "mine": View(
        "Mine", lambda who, now: and_(Conversation.owner_id == who.user_id, _is_open(now)),
        "Nothing lies with you. Press a on a conversation that waits, and it is yours.",
    ),
    "team": View(
        "Team", lambda who, now: and_(Conversation.team.in_(who.teams), _is_open(now)) if who.teams else _NO,
        "Nothing lies with a team of yours.",
    ),
    "unassigned": View(
        "Unassigned", lambda _, now: and_(_waits(now), Conversation.owner_id.is_(None)),
        "Whoever waits has somebody who sees to it.",
    ),
    "snoozed": View(
        "Snoozed", lambda _, now: Conversation.snoozed_until > now,
        "Nothing is put off. Press s on a conversation to see it again later; it comes back sooner if the customer writes.",
    ),
    "agent": View(
        "With a colleague", lambda _, now: and_(Conversation.speaker == "agent", _is_open(now)),
        "No colleague speaks in a conversation right now.",
    ),
    "all": View("All", lambda _, __: true(), "Nobody has written yet.", "newest", counts_all=False),
    "closed": View(
        "Closed", lambda _, __: Conversation.state == "closed", "Nothing is closed yet.", "newest", counts_all=False
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What somebody asks the inbox for. `owner` is a user's id, "me" or "nobody"; `after` is where a page goes on."""

    show: str = "waiting"
    words: str = ""
    channel: str = ""
    language: str = ""
    reason: str = ""
    urgency: str = ""
    owner: str = ""
    team: str = ""
    sort: str = ""
    after: str = ""
    seller: str = ""

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Asked:
        """As it stands in an address; what cannot be meant is left out."""
        show = said.get("show", "")
        owner = said.get("owner", "")
        return cls(
            show if show in VIEWS else "all" if said.get("q", "").strip() else "waiting",
            " ".join(said.get("q", "").split())[:200],
            _among(said.get("channel", ""), CHANNELS),
            _among(said.get("language", ""), (*LANGUAGES, OTHER)),
            _among(said.get("reason", ""), REASONS),
            _among(said.get("urgency", ""), URGENCIES),
            owner if owner in (ME, NOBODY) or _uuid(owner) else "",
            said.get("team", "")[:100],
            _among(said.get("sort", ""), SORTS),
            said.get("after", "")[:100],
            said.get("seller", "")[:100],
        )

    @property
    def view(self) -> View:
        return VIEWS[self.show]

    @property
    def order(self) -> str:
        return self.sort or self.view.sort

    @property
    def is_narrowed(self) -> bool:
        return any((self.channel, self.language, self.reason, self.urgency, self.owner, self.team))

    def with_(self, **changes: str) -> str:
        """The address of the inbox, asked for that instead; a change of what is asked for begins with the first page."""
        other = replace(self, **({"after": ""} | changes))
        return f"/inbox?{other.query}"

    @property
    def query(self) -> str:
        """What is asked for, as it stands in an address."""
        return urlencode({"q" if name == "words" else name: value for name, value in vars(self).items() if value})

    def conditions(self, seller_id: UUID, who: Signed, now: datetime, show: str | None = None) -> Condition:
        """What a conversation has to be to stand in that view (this one's, unless another is named) of that user."""
        view = VIEWS[show] if show else self.view
        narrowed: list[Condition] = [Conversation.seller_id == seller_id, view.of(who, now)]
        if self.channel:
            narrowed.append(Conversation.channel == self.channel)
        if self.language == OTHER:
            narrowed.append(or_(Conversation.language.is_(None), Conversation.language.not_in(LANGUAGES)))
        elif self.language:
            narrowed.append(Conversation.language == self.language)
        if self.reason:
            narrowed.append(Conversation.handoff_reason == self.reason)
        if self.urgency:
            narrowed.append(
                Conversation.handoff_reason.in_([name for name, (_, it) in REASONS.items() if it == self.urgency])
            )
        if self.owner == NOBODY:
            narrowed.append(Conversation.owner_id.is_(None))
        elif self.owner:
            narrowed.append(Conversation.owner_id == (who.user_id if self.owner == ME else UUID(self.owner)))
        if self.team:
            narrowed.append(Conversation.team == self.team)
        return and_(*narrowed)


@dataclass(frozen=True)
class Place:
    """A conversation in its list: by what it is ordered, which is also where the next page begins."""

    id: UUID
    by: datetime | int | None
    updated_at: datetime

    def mark(self) -> str:
        by = self.by if not isinstance(self.by, datetime) else _micros(self.by)
        return f"{'' if by is None else by}_{_micros(self.updated_at)}_{self.id.hex}"

    @property
    def rank(self) -> float:
        """A number by which pages put rows in the same order: the smaller, the higher it stands."""
        if isinstance(self.by, datetime):
            return self.by.timestamp()
        return 1e15 - self.updated_at.timestamp() if self.by is None else -float(self.by)


def places(session: Session, asked: Asked, meant: Condition, limit: int) -> list[Place]:
    """The first `limit` conversations of those meant, from where the page goes on.

    What has something to be ordered by comes first, and the others newest first: two questions, each of which an index
    answers in order.
    """
    by: Any = {"urgency": Conversation.due_at, "money": Conversation.stake}.get(asked.order)
    after = _read_mark(asked.after, asked.order)
    found: list[Place] = []
    if by is not None and (after is None or after.by is not None):
        found = _ordered(session, by, meant, after, limit)
        after = None
    if len(found) < limit:
        found += _newest(session, meant if by is None else and_(meant, by.is_(None)), after, limit - len(found))
    return found


def _ordered(session: Session, by: Any, meant: Condition, after: Place | None, limit: int) -> list[Place]:
    query: Select[Any] = select(Conversation.id, by, Conversation.updated_at).where(meant, by.is_not(None))
    is_first_soonest = by is Conversation.due_at
    if after is not None:
        here, there = tuple_(by, Conversation.id), (after.by, after.id)
        query = query.where(here > there if is_first_soonest else here < there)
    order = (by, Conversation.id) if is_first_soonest else (by.desc(), Conversation.id.desc())
    return [Place(*row) for row in session.execute(query.order_by(*order).limit(limit))]


def _newest(session: Session, meant: Condition, after: Place | None, limit: int) -> list[Place]:
    query: Any = select(Conversation.id, Conversation.updated_at).where(meant)
    if after is not None:
        query = query.where(tuple_(Conversation.updated_at, Conversation.id) < (after.updated_at, after.id))
    query = query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(limit)
    return [Place(key, None, at) for key, at in session.execute(query)]


def places_of(session: Session, asked: Asked, meant: Condition, ids: list[UUID]) -> list[Place]:
    """Those of these conversations that are meant, in no order."""
    by: Any = {"urgency": Conversation.due_at, "money": Conversation.stake}.get(asked.order)
    query: Any = select(Conversation.id, Conversation.updated_at).where(meant, is_one_of(Conversation.id, ids))
    if by is not None:
        query = query.add_columns(by)
    return [Place(row[0], row[2] if by is not None else None, row[1]) for row in session.execute(query)]


def counts(
    session: Session, asked: Asked, seller_id: UUID, who: Signed, now: datetime, among: Condition | None = None
) -> dict[str, int]:
    """How many there are in each view, as narrowed, and how many of those that wait are `late`: in one question.

    Where `among` says which were found, only they are counted.
    """

    def meant(show: str) -> Condition:
        its = asked.conditions(seller_id, who, now, show)
        return its if among is None else and_(its, among)

    asks: dict[str, Any] = {}
    for name, view in VIEWS.items():
        some = select(Conversation.id).where(meant(name))
        if not view.counts_all:
            some = some.limit(COUNTED_MAX + 1)
        asks[name] = select(func.count()).select_from(some.subquery()).scalar_subquery().label(name)
    late = select(func.count()).where(meant("waiting"), Conversation.due_at < now)
    row = session.execute(select(*asks.values(), late.scalar_subquery().label("late"))).one()
    return {name: int(getattr(row, name)) for name in (*asks, "late")}


def waiting(session: Session, seller_id: UUID, now: datetime) -> int:
    """How many conversations wait for an answer by a person."""
    query = select(func.count()).where(Conversation.seller_id == seller_id, _waits(now))
    return int(session.execute(query).scalar_one())


def _micros(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1_000_000)


def _moment(micros: str) -> datetime:
    return datetime.fromtimestamp(int(micros) / 1_000_000, UTC)


def _read_mark(mark: str, order: str) -> Place | None:
    try:
        by, updated, key = mark.split("_")
        read: datetime | int | None = None
        if by:
            read = _moment(by) if order == "urgency" else int(by)
        return Place(UUID(key), read, _moment(updated))
    except (ValueError, OverflowError, OSError):
        return None


def _among(said: str, some: Any) -> str:
    return said if said in some else ""


def _uuid(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None
