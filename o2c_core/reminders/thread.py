"""In which conversation a customer was last reminded of an invoice that a message names."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.reminder import Reminder

# A number of one or two digits stands in too many sentences to mean an invoice.
NUMBER_CHARACTERS_MIN = 4
WORDS_MAX = 4000


def reminded_of(session: Session, customers: Collection[UUID], text: str) -> Conversation | None:
    """The newest conversation with a reminder of an invoice of these customers that the text names by its number."""
    if not customers or not text:
        return None
    words = literal(text[:WORDS_MAX].upper())
    found = (
        select(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .join(Reminder, Reminder.message_id == Message.id)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Invoice.customer_id.in_(customers), func.length(Invoice.number) >= NUMBER_CHARACTERS_MIN)
        .where(func.strpos(words, func.upper(Invoice.number)) > 0)
        .order_by(Message.id.desc())
        .limit(1)
    )
    return session.scalars(found).one_or_none()
