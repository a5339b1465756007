"""Claim a queued message: from here on it is this worker's to send, and nobody else's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.attempt import Attempt, NotClaimed
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.circuit import is_on_trial, is_open, take_trial, waits_sentence
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.delivering import mail_domain, sender_of
from o2c_core.conversations.doorplate import Doorplate, mail_id_of
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage, carried_by, move
from o2c_core.conversations.pace import AHEAD, gap_of, is_due_slot, lane_of, take_slot
from o2c_core.conversations.road import Circuit
from o2c_core.errors import Refused
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

log = logging.getLogger("parley.outbox")
# By this sentence a message that was given its slot is known again when the slot has come.
PACED = "It waits its turn: its sender may send only so many a second."
# Who waits for a carrier that is down comes back spread over this many seconds.
SPREAD_SECONDS = 5.0


class NoCarrier(Refused):
    """There is nothing set up that carries messages of this channel."""


def claim_message(
    message_id: UUID,
    *,
    store: Store,
    carriers: Mapping[str, Carrier],
    doorplate: Doorplate | None,
    luck: Callable[[], float],
) -> Attempt | NotClaimed:
    """The attempt when the message is ours to send; else the state it is in, or stays in.

    It is claimed only when it is queued and due, its carrier is not down, and its sender has a slot free; without one
    it is put back until the slot it was given, and no worker waits for it.

    Raises: NoSuchMessage; NoCarrier, with the message still queued.
    """
    now = store.clock.now()
    with store.session() as session:
        # Locked until the commit, so that of two workers the second sees what the first has made of it.
        found = session.execute(
            select(Message, Conversation.seller_id, Conversation.customer_id)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.id == message_id)
            .with_for_update(of=Message, key_share=True)
        ).one_or_none()
        if found is None:
            raise NoSuchMessage(message=str(message_id))
        message, seller_id, customer_id = found
        if message.delivery != "queued" or _is_early(message, now):
            return NotClaimed(message.delivery)
        carrier = carriers.get(message.channel)
        if carrier is None:
            raise NoCarrier(channel=message.channel, message=str(message_id))
        if getattr(carrier, "steps_back", False) and (other := carried_by(session, message, now)) is not None:
            _leave_to(session, message, other)
            return NotClaimed("queued", is_down=True)
        circuit = session.get(Circuit, carrier.name)
        if is_open(circuit, now):
            return _when_it_is_up(session, message, carrier, now, luck)
        sender, sender_name = sender_of(session, seller_id, message.channel)
        sender = message.sender or sender
        lane = lane_of(sender, message.channel, message.purpose)
        slot = _slot(session, message, carrier, lane, now)
        if slot > now + AHEAD:
            _put_back(session, message, slot, PACED)
            session.commit()
            return NotClaimed("queued")
        # Only one that may leave now takes the trial: else nobody would have tried while it waits for its slot.
        if is_on_trial(circuit, now) and not take_trial(session, carrier.name, now):
            return _when_it_is_up(session, message, carrier, now, luck)
        mail_id = message.mail_id or (
            mail_id_of(message.id, mail_domain(sender, doorplate)) if message.channel == "email" else None
        )
        move(
            session, message.id, "sending", of=("queued",), carrier=carrier.name, sender=sender, mail_id=mail_id,
            claimed_at=now, tries=Message.tries + 1, not_before=None, waits_why=None,
        )  # fmt: skip
        session.commit()
        failures = circuit.failures if circuit else 0
        return Attempt(message, carrier, now, seller_id, customer_id, sender_name, lane, failures)


def _is_early(message: Message, now: datetime) -> bool:
    return message.not_before is not None and message.not_before > now


def _slot(session: Session, message: Message, carrier: Carrier, lane: str, now: datetime) -> datetime:
    """When the message may leave: in the slot it was given before, if that is still good, else in the next free one."""
    gap = gap_of(carrier)
    if gap is None:
        return now
    if message.waits_why == PACED and message.not_before is not None and is_due_slot(message.not_before, now):
        return message.not_before
    return take_slot(session, carrier.name, lane, gap, now)


def _leave_to(session: Session, message: Message, other: str) -> None:
    """What another worker's provider carries is not kept here as if it had been sent; the message says for whom it waits."""
    why = f"It is for a worker with the keys of {other}: this one would keep it instead of sending it."
    if message.waits_why != why:
        log.warning("left to a worker with keys carrier=%s message=%s", other, message.id)
        message.waits_why = why
        session.commit()


def _when_it_is_up(
    session: Session, message: Message, carrier: Carrier, now: datetime, luck: Callable[[], float]
) -> NotClaimed:
    _put_back(session, message, _when_up(session, carrier, now, luck()), waits_sentence(carrier.name))
    session.commit()
    return NotClaimed("queued", is_down=True)


def _when_up(session: Session, carrier: Carrier, now: datetime, luck: float) -> datetime:
    """When to come back: the circuit's moment as it is by now, and a little later, each at another moment."""
    until = session.scalar(select(Circuit.open_until).where(Circuit.carrier == carrier.name)) or now
    return max(until, now) + timedelta(seconds=luck * SPREAD_SECONDS)


def _put_back(session: Session, message: Message, until: datetime, why: str) -> None:
    """The message stays queued, and its job comes back then; the sweep finds it too, if that job is lost."""
    message.not_before, message.waits_why = until, why
    ask_for(session, "deliver_message", at=until, message_id=str(message.id))
