"""Messages that went out, for the pages that show them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from tests.build import MOMENT


def a_letter(session: Session, customer: Customer, **fields: object) -> Message:
    """A reminder by email, kept by the captured carrier."""
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=MOMENT, updated_at=MOMENT
    )
    session.add(thread)
    session.flush()
    message = Message(
        **{
            "conversation_id": thread.id,
            "direction": "out",
            "author": "assistant",
            "purpose": "reminder",
            "channel": "email",
            "address": "ap@jansen.example",
            "subject": "Factuur INV-2026-0042",
            "text": "Er staat € 125,00 open.",
            "html": "<p style='color: red'>Er staat € 125,00 open.</p>",
            "language": "nl",
            "delivery": "sent",
            "carrier": "captured",
            "receipts": [{"text": "€ 125,00", "source": "invoice INV-2026-0042.open, read 2026-03-16T11:00:00+00:00"}],
            "created_at": MOMENT,
        }
        | fields
    )
    session.add(message)
    session.flush()
    return message
