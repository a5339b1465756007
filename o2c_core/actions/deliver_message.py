"""Sending a queued message: claimed once, looked at again, handed to its carrier, and its outcome recorded."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.carrier import Accepted, Answer, Carrier, Outgoing, Rejected, Uncertain
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.errors import NotFound, Outage, Refused
from o2c_core.reminders.still_right import against_sending
from o2c_core.reminders.withdraw import free_rungs, withdraw
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchMessage(NotFound):
    """There is no such message."""


class NoCarrier(Refused):
    """There is nothing set up that carries messages of this channel."""


def deliver_message(message_id: UUID, *, store: Store, carriers: Mapping[str, Carrier]) -> str:
    """Send the message if it is queued, and return the delivery state it is in afterwards.

    A message that somebody else has claimed or sent is left alone. A reminder is looked at once more: if it was paid,
    disputed or otherwise overtaken, it is withdrawn and its rungs count as unused. An outcome nobody knows is
    recorded as uncertain and never tried again from here; a refusal frees the rungs too, since nobody was reminded.

    Raises: NoSuchMessage; NoCarrier, with the message still queued; Outage, with the message queued again.
    """
    message, state = _claim(store, message_id, carriers)
    if message is None:
        return state
    if message.purpose == "reminder" and _withdraw_if_overtaken(store, message):
        return "withdrawn"
    carrier = carriers[message.channel]
    try:
        answer = carrier.send(_outgoing(store, message))
    except Outage:
        _record(store, message, "queued", None)
        raise
    except Exception as broken:
        # A carrier that breaks may have broken after it sent.
        _record(store, message, "uncertain", carrier.name, why=repr(broken))
        raise
    return _record(store, message, _state_after(answer), carrier.name, answer=answer)


def deliver_queued(*, store: Store, carriers: Mapping[str, Carrier], limit: int | None = None) -> int:
    """Send what is queued, oldest first, at most `limit` messages; how many were sent.

    A channel whose carrier is out is left for later; the others go on.
    """
    sent = looked_at = 0
    after: UUID | None = None
    channels = set(carriers)
    while channels and (limit is None or looked_at < limit):
        waiting = _waiting(store, channels, after, 200 if limit is None else min(200, limit - looked_at))
        if not waiting:
            break
        for message_id, channel in waiting:
            after = message_id
            looked_at += 1
            if channel not in channels:
                continue
            try:
                sent += deliver_message(message_id, store=store, carriers=carriers) == "sent"
            except Outage:
                channels.discard(channel)
    return sent


def _waiting(store: Store, channels: set[str], after: UUID | None, limit: int) -> list[tuple[UUID, str]]:
    query = (
        select(Message.id, Message.channel)
        .where(Message.delivery == "queued", Message.direction == "out", Message.channel.in_(channels))
        .order_by(Message.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Message.id > after)
    with store.session() as session:
        return [(message_id, channel) for message_id, channel in session.execute(query)]


def _claim(store: Store, message_id: UUID, carriers: Mapping[str, Carrier]) -> tuple[Message | None, str]:
    """The message when it is ours to send, and else only the state it is in."""
    with store.session() as session:
        message = session.get(Message, message_id)
        if message is None:
            raise NoSuchMessage(message=str(message_id))
        if message.delivery != "queued":
            return None, message.delivery
        if message.channel not in carriers:
            raise NoCarrier(channel=message.channel, message=str(message_id))
        if not _move(session, message_id, "queued", delivery="sending"):
            # Somebody else was faster between the two statements.
            session.refresh(message)
            return None, message.delivery
        session.commit()
        return message, "sending"


def _outgoing(store: Store, message: Message) -> Outgoing:
    with store.session() as session:
        seller_id = session.get_one(Conversation, message.conversation_id).seller_id
    return Outgoing(
        message_id=message.id,
        seller_id=seller_id,
        channel=message.channel,
        purpose=message.purpose,
        to=message.address or "",
        text=message.text,
        claimed_at=store.clock.now(),
        subject=message.subject,
        html=message.html,
        language=message.language,
    )


def _withdraw_if_overtaken(store: Store, message: Message) -> bool:
    now = store.clock.now()
    with store.session() as session:
        because = against_sending(session, message, now)
        if because is None:
            return False
        withdraw(session, message, because, now, was="sending")
        session.commit()
    return True


def _record(
    store: Store, message: Message, to: str, carrier: str | None, *, answer: Answer | None = None, why: str = ""
) -> str:
    """Writes the outcome down, unless the carrier's own report has been quicker; the state it is in then."""
    now = store.clock.now()
    key = answer.carrier_key if isinstance(answer, Accepted) else None
    if isinstance(answer, Rejected | Uncertain):
        why = answer.why
    with store.session() as session:
        moved = _move(
            session,
            message.id,
            "sending",
            delivery=to,
            carrier=carrier,
            carrier_key=key,
            sent_at=now if to == "sent" else None,
        )
        if moved and to != "queued":
            note(
                session, f"message {to}", message, at=now, who="system", why=why, message_id=message.id, carrier=carrier
            )
        if moved and to == "failed":
            free_rungs(session, message.id)
        state = session.scalar(select(Message.delivery).where(Message.id == message.id))
        session.commit()
    return state or to


def _state_after(answer: Answer) -> str:
    match answer:
        case Accepted():
            return "sent"
        case Rejected():
            return "failed"
        case Uncertain():
            return "uncertain"


def _move(session: Session, message_id: UUID, now: str, **fields: object) -> bool:
    """Changes the message if it is still in that delivery state."""
    result = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.delivery == now)
        .values(**fields)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
