"""What the channels leave behind: what arrived, files, codes and tasks, and when each has been kept long enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer


def is_old_word(seller_id: UUID, before: date) -> ColumnElement[bool]:
    """A provider's word about a message of the seller's that has been acted on."""
    return and_(
        Arrival.kind == "word", Arrival.state != "waiting", Arrival.received_at < _midnight(before),
        exists().where(Message.id == Arrival.message_id, Message.conversation_id.in_(_conversations(seller_id))),
    )  # fmt: skip


def is_old_code(seller_id: UUID, before: date) -> ColumnElement[bool]:
    here = select(Customer.id).where(Customer.seller_id == seller_id)
    return and_(OneTimeCode.customer_id.in_(here), OneTimeCode.created_at < _midnight(before))


def is_done_task(seller_id: UUID, before: date) -> ColumnElement[bool]:
    """A task that was done long ago; whose it is is read off its message where it does not say so itself."""
    of_message = select(Message.id).where(Message.conversation_id.in_(_conversations(seller_id)))
    whose = or_(Task.seller_id == seller_id, and_(Task.seller_id.is_(None), Task.message_id.in_(of_message)))
    return and_(Task.state == "done", Task.done_at < _midnight(before), whose)


def forget_what_came(session: Session, message_ids: Sequence[UUID]) -> None:
    """Deletes files and what arrived, when the words of these messages go."""
    for of in (ReceivedFile, Arrival):
        column: Any = of.message_id
        session.execute(delete(of).where(column.in_(message_ids)), execution_options={"synchronize_session": False})


def forget_nobodys_arrivals(session: Session, before: date) -> int:
    """Deletes what was set aside and became no message: it belongs to no seller."""
    old = and_(Arrival.message_id.is_(None), Arrival.state != "waiting", Arrival.received_at < _midnight(before))
    return len(session.connection().execute(delete(Arrival).where(old).returning(Arrival.id)).all())


def _conversations(seller_id: UUID) -> Any:
    return select(Conversation.id).where(Conversation.seller_id == seller_id)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
