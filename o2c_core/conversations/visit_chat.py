"""The conversation of a visit to a customer's own pages: what is written there, and what was sent in by its forms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.conversation import Conversation
from o2c_core.keys import new_key


def visit_to_change(session: Session, visit_id: UUID) -> Visit:
    """The visit; whoever else wants to do something in it waits until this transaction is over."""
    query = select(Visit).where(Visit.id == visit_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def chat_of(session: Session, visit: Visit, now: datetime, language: str, about: str | None = None) -> Conversation:
    """The visit's conversation, begun when it is first needed. Who writes there is known by their link, and not proven.

    `about` is what they were looking at last, as "invoice INV-2026-0042".
    """
    if visit.conversation_id is not None:
        conversation = session.get_one(Conversation, visit.conversation_id)
        conversation.about = about or conversation.about
        return conversation
    link = session.get_one(AccessLink, visit.link_id)
    conversation = Conversation(
        id=new_key(),
        seller_id=link.seller_id,
        customer_id=visit.customer_id,
        contact_id=visit.contact_id,
        channel="chat",
        identity="known",
        speaker="assistant",
        state="open",
        language=language,
        version=0,
        introduced=False,
        about=about,
        opened_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    visit.conversation_id = conversation.id
    return conversation
