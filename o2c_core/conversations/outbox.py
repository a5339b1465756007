"""The outbox: where outgoing messages are on their way, and how one is moved along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message, states_before
from o2c_core.errors import NotFound
from o2c_core.store.jobs import ask_for

# No message is replaced more often than this, whatever the remedies say.
CHAIN_MAX = 8
# So many messages are one job: few enough that no worker is busy with it for long.
MESSAGES_PER_JOB = 50
# Whoever takes a provider's keys away for good sees its channel kept again after so long.
CARRIED_LATELY = timedelta(days=7)


class NoSuchMessage(NotFound):
    """There is no such message."""


def delivery_states(session: Session, message_ids: Collection[UUID]) -> Counter[str]:
    """How many of these messages are in each delivery state now, whoever carried them."""
    query = select(Message.delivery, func.count()).where(Message.id.in_(message_ids)).group_by(Message.delivery)
    return Counter({state: int(number) for state, number in session.execute(query)})


def move(
    session: Session,
    message_id: UUID,
    to: str,
    *,
    of: Collection[str] | None = None,
    attempt: datetime | None = None,
    **fields: object,
) -> bool:
    """Moves the message to that delivery state, if it is in one from which it may go there; whether it did.

    One statement, so that of two who want to move it only one does. `of` narrows the states it may come from;
    `attempt` names the one it must still be on by when it was claimed.
    """
    allowed = states_before(to)
    assert of is None or set(of) <= set(allowed), (of, to)
    statement = update(Message).where(Message.id == message_id, Message.delivery.in_(of or allowed))
    if attempt is not None:
        statement = statement.where(Message.claimed_at == attempt)
    moved = session.execute(
        statement.values(delivery=to, **fields).returning(Message.id).execution_options(synchronize_session=False)
    ).scalar()
    return moved is not None


def ask_to_deliver(session: Session, leaving: Iterable[tuple[UUID, datetime | None]]) -> None:
    """One job for many messages that may leave at the same moment; queued when the session's transaction commits."""
    by_moment: dict[datetime | None, list[str]] = {}
    for message_id, at in leaving:
        by_moment.setdefault(at, []).append(str(message_id))
    for at, ids in by_moment.items():
        for start in range(0, len(ids), MESSAGES_PER_JOB):
            ask_for(session, "deliver_messages", at=at, message_ids=",".join(ids[start : start + MESSAGES_PER_JOB]))


def waiting(
    session: Session, channels: Collection[str], now: datetime, after: UUID | None, limit: int
) -> list[tuple[UUID, str]]:
    """What may be tried now, oldest first, with its channel; also what has lost its job."""
    query = (
        select(Message.id, Message.channel)
        .where(
            Message.delivery == "queued",
            Message.direction == "out",
            Message.channel.in_(channels),
            Message.created_at <= now,
            or_(Message.not_before.is_(None), Message.not_before <= now),
        )
        .order_by(Message.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Message.id > after)
    return [(message_id, channel) for message_id, channel in session.execute(query)]


def carried_by(session: Session, message: Message, now: datetime) -> str | None:
    """The provider that had the message in hand, or carried others of its channel lately; None where there is none."""
    since = now - CARRIED_LATELY
    if message.carrier not in (None, "captured") and message.claimed_at is not None and message.claimed_at > since:
        return message.carrier
    # Two ranges on either side, so that the index is used and a ledger that only ever kept finds nothing at once.
    is_provider = or_(Message.carrier < "captured", Message.carrier > "captured")
    query = select(Message.carrier).where(
        is_provider, Message.carrier_key.is_not(None), Message.channel == message.channel, Message.direction == "out",
        Message.claimed_at > since,
    )  # fmt: skip
    return session.scalars(query.limit(1)).one_or_none()


def chain(session: Session, message: Message) -> list[Message]:
    """The message and those it came instead of, newest first."""
    found = [message]
    while found[-1].instead_of_id is not None:
        found.append(session.get_one(Message, found[-1].instead_of_id))
    return found


def tried(messages: Sequence[Message]) -> set[tuple[str, str]]:
    """The channels and addresses those messages were sent to."""
    return {(message.channel, message.address) for message in messages if message.address is not None}


def times_before(messages: Sequence[Message]) -> int:
    """How often the same address was tried on the same channel before the newest of a chain."""
    newest, *older = messages
    return sum((one.channel, one.address) == (newest.channel, newest.address) for one in older)
