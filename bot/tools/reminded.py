"""What the customer was reminded of last: what a reply means that names no invoice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.desk import Desk
from o2c_core.conversations.message import Message
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.reminder import Reminder

# A reminder of longer ago is not what somebody answers today.
REPLIED_DAYS = 21
_LEFT = ("sending", "sent", "delivered", "uncertain")
# Words that name a new subject in passing are longer than these.
_BARE_WORDS_MAX = 4


@dataclass(frozen=True)
class Reminded:
    """The invoices of the last reminder, oldest due first; `waits` when this conversation's last word of ours was it."""

    invoice_ids: tuple[UUID, ...] = ()
    numbers: tuple[str, ...] = ()
    waits: bool = False


def last_reminder(desk: Desk, session: Session) -> Reminded:
    """What the last reminder that left for this customer asked for; of two in this conversation, the later one."""
    if desk.customer is None:
        return Reminded()
    since = desk.facts.read_at - timedelta(days=REPLIED_DAYS)
    newest = (
        select(Message.id, Message.conversation_id)
        .where(
            Message.purpose == "reminder",
            Message.delivery.in_(_LEFT),
            Message.created_at > since,
            exists().where(Reminder.message_id == Message.id, Reminder.customer_id == desk.customer.id),
        )
        .order_by((Message.conversation_id == desk.conversation_id).desc(), Message.id.desc())
        .limit(1)
    )
    found = session.execute(newest).one_or_none()
    if found is None:
        return Reminded()
    about = (
        select(Invoice.id, Invoice.number, Invoice.due_on)
        .join(Reminder, Reminder.invoice_id == Invoice.id)
        .where(Reminder.message_id == found.id, Invoice.customer_id == desk.customer.id)
        .distinct()
        .order_by(Invoice.due_on, Invoice.number)
    )
    rows = session.execute(about).all()
    answered_since = exists().where(
        Message.conversation_id == desk.conversation_id,
        Message.direction == "out",
        Message.purpose == "answer",
        Message.id > found.id,
    )
    waits = found.conversation_id == desk.conversation_id and not session.scalar(select(answered_since))
    return Reminded(tuple(row.id for row in rows), tuple(row.number for row in rows), waits)


def answers_with_day(desk: Desk) -> bool:
    """Whether the whole message is a day to come, right after a reminder: "Friday" says when it will be paid."""
    if desk.customer is None or desk.before.asked or "?" in desk.words or desk.mentions.references.numbers:
        return False
    ahead = [one for one in desk.mentions.days if one.on >= desk.today]
    if len(ahead) != 1 or len(desk.words.split()) > _BARE_WORDS_MAX:
        return False
    with desk.store.session() as session:
        return last_reminder(desk, session).waits
