"""Taking back queued reminders that what just happened makes pointless."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.reminders.may_contact import No, NotNow
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.still_right import against_sending
from o2c_core.trail import note


def withdraw_overtaken(session: Session, customer_id: UUID, now: datetime) -> list[UUID]:
    """The customer's queued reminders that would no longer be sent as they are written, withdrawn in the transaction.

    What the session has changed so far counts. One that only waits for its hour goes on waiting. A message that is being
    sent at this moment is looked at by whoever sends it.
    """
    written = select(Reminder.message_id).where(Reminder.customer_id == customer_id)
    queued = select(Message).where(Message.id.in_(written), Message.delivery == "queued").order_by(Message.id)
    withdrawn = []
    for message in session.scalars(queued).all():
        because = against_sending(session, message, now)
        if isinstance(because, NotNow) and because.until_at is not None:
            continue
        if because is not None and withdraw(session, message, because, now, was="queued"):
            withdrawn.append(message.id)
    return withdrawn


def withdraw(session: Session, message: Message, because: No | NotNow, now: datetime, *, was: str) -> bool:
    """Withdraws the message and frees the rungs of a reminder, if it is still in the delivery state it `was` in."""
    statement = update(Message).where(Message.id == message.id, Message.delivery == was).values(delivery="withdrawn")
    result = session.execute(statement.execution_options(synchronize_session="fetch"))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        return False
    customer_id = session.scalar(select(Conversation.customer_id).where(Conversation.id == message.conversation_id))
    free_rungs(session, message.id)
    what = "reminder withdrawn" if message.purpose == "reminder" else "message withdrawn"
    note(
        session, what, message, at=now, who="system", why=because.sentence, customer_id=customer_id,
        message_id=message.id, reason=because.reason.value,
    )  # fmt: skip
    return True


def free_rungs(session: Session, message_id: UUID) -> None:
    """Nobody was reminded by this message, so its rungs count as unused."""
    session.execute(delete(Reminder).where(Reminder.message_id == message_id))
