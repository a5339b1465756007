"""Remember the language a person writes in, once they have done so twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.store.store import Store
from o2c_core.trail import note

MESSAGES_TO_BE_SURE = 2


def remember_contact(contact_id: UUID, *, language: str | None, store: Store) -> bool:
    """Whether the person's language was noted: that of their last two messages, where we knew of none.

    A language that was asked for or imported stays, and so does the customer's own. Which language a message is in
    follows from what it was answered in, and only what was answered to the proven counts.
    """
    if language not in LANGUAGES:
        return False
    now = store.clock.now()
    with store.session() as session:
        contact = session.scalars(
            select(Contact).where(Contact.id == contact_id, Contact.language.is_(None)).with_for_update()
        ).one_or_none()
        if contact is None:
            return False
        customer = session.get_one(Customer, contact.customer_id)
        if customer.language == language or _answered_in(session, contact) != [language] * MESSAGES_TO_BE_SURE:
            return False
        contact.language = language
        note(
            session, "contact language noted", contact, at=now, who="system", why="writes in it", language=language,
            customer_id=customer.id, seller_id=customer.seller_id,
        )  # fmt: skip
        session.commit()
        return True


def _answered_in(session: Session, contact: Contact) -> list[str | None]:
    query = (
        select(Message.language)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.customer_id == contact.customer_id, Conversation.contact_id == contact.id)
        .where(Conversation.identity == "proven", Message.direction == "out", Message.purpose == "answer")
        .where(Message.author == "assistant")
    )
    return list(session.scalars(query.order_by(Message.id.desc()).limit(MESSAGES_TO_BE_SURE)))
