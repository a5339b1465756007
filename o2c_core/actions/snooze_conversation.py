"""Put conversations off: they come back by themselves at that moment, or as soon as the customer writes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.business_hours import DeskHours
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.store.many import is_one_of
from o2c_core.store.store import Store
from o2c_core.trail import note

# Beyond this many days nobody remembers why it was put off.
SNOOZE_DAYS_MAX = 90


class SnoozeUnclear(Refused):
    """A conversation is put off for an hour, until tomorrow, until Monday, or until a day within ninety days."""


def snooze_conversation(conversation_ids: Collection[UUID], until: str, *, by: str, store: Store) -> int:
    """How many of these conversations are put off now. Until when somebody is to be answered does not move with it.

    `until` is "hour", "tomorrow", "monday" or a day (2026-03-20), when the seller's desk opens; "now" brings them back.

    Raises: SnoozeUnclear.
    """
    now = store.clock.now()
    with store.session() as session:
        query = select(Conversation).where(is_one_of(Conversation.id, conversation_ids), Conversation.state != "closed")
        put_off = 0
        for conversation in session.scalars(query.order_by(Conversation.id).with_for_update()):
            desk = DeskHours.of(session.get_one(Seller, conversation.seller_id))
            moment = None if until == "now" else _moment(desk, until, now)
            if conversation.snoozed_until == moment:
                continue
            conversation.snoozed_until = moment
            what = "conversation snoozed" if moment else "conversation woken"
            note(session, what, conversation, at=now, who=by, until=moment.isoformat() if moment else None)
            put_off += 1
        session.commit()
        return put_off


def _moment(desk: DeskHours, until: str, now: datetime) -> datetime:
    try:
        moment = desk.put_off(until, now)
    except ValueError as odd:
        raise SnoozeUnclear(until=until) from odd
    if not now < moment or (moment - now).days > SNOOZE_DAYS_MAX:
        raise SnoozeUnclear(until=until)
    return moment
