"""Taking back reminders that are written and not sent, because what just happened makes them pointless."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.keys import new_key
from o2c_core.reminders.calls import close_pointless_calls
from o2c_core.reminders.may_contact import No, NotNow, Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.still_right import against_sending
from o2c_core.store.copying import copy_rows
from o2c_core.trail import note


def withdraw_overtaken(session: Session, customer_id: UUID, now: datetime) -> list[UUID]:
    """The customer's queued and drafted reminders that would no longer be sent as they are written, withdrawn in the
    transaction.

    What the session has changed so far counts. One that only waits for its hour goes on waiting. A message that is being
    sent at this moment is looked at by whoever sends it. A call that has become pointless is over with them.
    """
    close_pointless_calls(session, customer_id, now)
    written = select(Reminder.message_id).where(Reminder.customer_id == customer_id)
    lying = select(Message).where(Message.id.in_(written), Message.delivery.in_(("queued", "draft")))
    withdrawn = []
    for message in session.scalars(lying.order_by(Message.id)).all():
        because = against_sending(session, message, now)
        if isinstance(because, NotNow) and because.until_at is not None:
            continue
        if because is not None and withdraw(session, message, because, now, was=message.delivery):
            withdrawn.append(message.id)
    return withdrawn


def lapse_drafts(session: Session, seller_id: UUID, on: date, now: datetime, limit: int) -> int:
    """Drafts of the seller's of an earlier day, withdrawn, with their steps free again; how many, at most `limit`.

    Nobody has approved them on their day, and their words were for that day: the day's run writes what is right now.
    """
    of_seller = Conversation.seller_id == seller_id
    old = (
        select(Message.id, Conversation.customer_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.delivery == "draft", Message.purpose == "reminder", of_seller)
        .where(exists().where(Reminder.message_id == Message.id, Reminder.on < on))
        .order_by(Message.id)
        .limit(limit)
        .with_for_update(of=Message, skip_locked=True)
    )
    found = session.execute(old).all()
    ids = [message_id for message_id, _ in found]
    if not ids:
        return 0
    session.execute(update(Message).where(Message.id.in_(ids)).values(delivery="withdrawn"))
    session.execute(delete(Reminder).where(Reminder.message_id.in_(ids)))
    why = No(Reason.OUT_OF_DATE)
    columns = ("id", "at", "who", "what", "subject", "subject_id", "customer_id", "why", "message_id", "details")
    lines = [
        (
            new_key(), now, "system", "reminder withdrawn", "message", message_id, customer_id, why.sentence, message_id,
            {"reason": why.reason.value},
        )
        for message_id, customer_id in found
    ]  # fmt: skip
    copy_rows(session, "trail", columns, lines)
    return len(ids)


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
        message_id=message.id, reason=because.reason.value, day=because.day.isoformat() if because.day else None,
    )  # fmt: skip
    return True


def free_rungs(session: Session, message_id: UUID) -> None:
    """Nobody was reminded by this message, so its rungs count as unused."""
    session.execute(delete(Reminder).where(Reminder.message_id == message_id))
