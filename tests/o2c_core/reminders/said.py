"""What customers said and what waits to be said to them, for tests of whether it may be."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key


def heard(
    session: Session, customer: Customer | None, channel: str, address: str, at: datetime, **fields: object
) -> Message:
    """Something they wrote, in a conversation of its own."""
    seller_id = customer.seller_id if customer else session.scalars(select(Seller.id)).one()
    talk = Conversation(
        seller_id=seller_id, customer_id=customer.id if customer else None, channel=channel, address=address,
        contact_id=customer.contacts[0].id if customer else None, opened_at=at, updated_at=at,
    )  # fmt: skip
    session.add(talk)
    session.flush()
    message = Message(
        **{
            "id": new_key(), "conversation_id": talk.id, "direction": "in", "author": "customer", "purpose": "question",
            "channel": channel, "address": address, "text": "When does it come?", "delivery": "received", "created_at": at,
        }
        | fields
    )  # fmt: skip
    session.add(message)
    session.commit()
    return message


def ours(session: Session, to: Message, purpose: str, **fields: object) -> Message:
    """Something of ours that is queued in the conversation of that message."""
    message = Message(
        **{
            "id": new_key(), "conversation_id": to.conversation_id, "direction": "out", "author": "assistant",
            "purpose": purpose, "channel": to.channel, "address": to.address, "text": "Tomorrow.", "delivery": "queued",
            "language": "nl", "created_at": to.created_at,
        }
        | fields
    )  # fmt: skip
    session.add(message)
    session.commit()
    return message


def refuse(
    session: Session, channel: str, at: datetime, *, contact: Contact | None = None, address: str | None = None,
    purpose: str = "reminders", is_given: bool = False, message: Message | None = None,
) -> None:  # fmt: skip
    session.add(
        Consent(
            contact_id=contact.id if contact else None, address=address, channel=channel, purpose=purpose,
            is_given=is_given, at=at, how="a message by sms", words="STOP", message_id=message.id if message else None,
        )
    )  # fmt: skip
    session.commit()
