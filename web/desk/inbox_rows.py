"""A conversation as one row of the inbox: who, why a person is called, until when, and who sees to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.presence import Present, present
from o2c_core.customers.customer import Customer
from o2c_core.staff.user import User
from o2c_core.store.many import is_one_of
from web.desk.called import CHANNELS, URGENCY, at_stake, due_in_words, until_in_words, waited, writer_of
from web.desk.inbox_views import Place
from web.reader import Reader

WORDS_SHOWN = 140


@dataclass(frozen=True)
class Row:
    """One conversation in the list. `heard` is what was heard last, `written` what we wrote last (a mail by its subject)."""

    conversation: Conversation
    place: Place
    reader: Reader
    name: str
    heard: str
    heard_at: datetime | None
    written: str
    why: str
    urgency: str
    called_at: datetime | None
    stakes: tuple[str, ...]
    owner: str
    others: Sequence[Present] = ()
    found: Sequence[Markup] = field(default_factory=tuple)

    @property
    def channel(self) -> str:
        return CHANNELS[self.conversation.channel]

    @property
    def reason(self) -> str:
        """Why a person is called, as it begins a line; empty when nobody is."""
        return self.why[:1].upper() + self.why[1:]

    @property
    def hurry(self) -> tuple[str, str]:
        """How much of a hurry it is in, and how that looks."""
        return URGENCY.get(self.urgency, ("", ""))

    @property
    def waits(self) -> str:
        """How long they wait for a person already; empty when they do not."""
        since = self.called_at if self.conversation.state == "waiting" else self.heard_at
        return waited(since, self.reader.now) if since is not None and self.conversation.due_at is not None else ""

    @property
    def is_late(self) -> bool:
        return self.conversation.due_at is not None and self.conversation.due_at < self.reader.now

    @property
    def due(self) -> str:
        due_at, reader = self.conversation.due_at, self.reader
        return "" if due_at is None else due_in_words(due_at, reader.now, reader.zone, reader.locale)

    @property
    def back(self) -> str:
        """When it comes back; empty unless it is put off."""
        until, reader = self.conversation.snoozed_until, self.reader
        is_off = until is not None and until > reader.now
        return until_in_words(until, reader.now, reader.zone, reader.locale) if until is not None and is_off else ""


def rows_of(
    session: Session,
    where: Sequence[Place],
    reader: Reader,
    *,
    viewer_id: UUID,
    found: Mapping[UUID, Sequence[Markup]] | None = None,
) -> list[Row]:
    """The rows of these conversations in the order in which they stand, looked up together."""
    ids = [place.id for place in where]
    if not ids:
        return []
    heard = _last(select(Message.text.label("words"), Message.created_at), "in").lateral("heard")
    written = _last(select(func.coalesce(Message.subject, Message.text).label("words")), "out").lateral("written")
    called = (
        select(
            Handoff.reason, Handoff.why, Handoff.urgency, Handoff.called_at, Handoff.packet["at_stake"].label("stakes")
        )
        .where(Handoff.conversation_id == Conversation.id)
        .order_by(Handoff.called_at.desc())
        .limit(1)
        .lateral("called")
    )
    query = (
        select(
            Conversation, Customer.name, User.name.label("owner"), heard.c.words, heard.c.created_at,
            written.c.words.label("written"), called.c.reason, called.c.why, called.c.urgency, called.c.called_at,
            called.c.stakes,
        )
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(User, User.id == Conversation.owner_id)
        .outerjoin(heard, _ALWAYS)
        .outerjoin(written, _ALWAYS)
        .outerjoin(called, _ALWAYS)
        .where(is_one_of(Conversation.id, ids))
    )  # fmt: skip
    by_id = {one.Conversation.id: one for one in session.execute(query)}
    others = present(session, ids, reader.now, but=viewer_id)
    return [
        _row(by_id[place.id], place, reader, others.get(place.id, ()), (found or {}).get(place.id, ()))
        for place in where
        if place.id in by_id
    ]


_ALWAYS = Conversation.id.is_not(None)


def _last(what: Any, direction: str) -> Any:
    its = what.where(Message.conversation_id == Conversation.id, Message.direction == direction)
    return its.order_by(Message.id.desc()).limit(1)


def _row(one: Any, place: Place, reader: Reader, others: Sequence[Present], found: Sequence[Markup]) -> Row:
    conversation: Conversation = one.Conversation
    # What a person was called for before and has been seen to is history, and stands in the thread.
    is_called = conversation.handoff_reason is not None and one.reason is not None
    return Row(
        conversation, place, reader, one.name or writer_of(conversation), short(one.words), one.created_at,
        short(one.written),
        why=REASONS.get(one.reason, (one.why,))[0] if is_called else "",
        urgency=one.urgency if is_called else "",
        called_at=one.called_at if is_called else None,
        stakes=tuple(reader.money(open_) for open_, _ in at_stake({"at_stake": one.stakes or ()})) if is_called else (),
        owner=one.owner or "",
        others=others,
        found=found,
    )  # fmt: skip


def short(words: str | None, characters: int = WORDS_SHOWN) -> str:
    words = " ".join((words or "").split())
    return words if len(words) <= characters else f"{words[: characters - 1].rstrip()}…"
