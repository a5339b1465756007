"""Writing to the people of the house about an escalation: by mail, through the same outbox as everything else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core import days
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.notice import queue_notice
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller


def tell(session: Session, seller: Seller, mail: str, subject: str, text: str, *, now: datetime) -> UUID:
    """Queues a mail to one of the seller's own people; the id of its conversation.

    A person speaks in that conversation from the start, so that the assistant answers nothing that is written back.
    """
    conversation = Conversation(
        seller_id=seller.id, channel="email", address=mail, subject=subject, speaker="agent", state="closed",
        introduced=True, language="en", version=0, opened_at=now, updated_at=now,
    )  # fmt: skip
    session.add(conversation)
    session.flush()
    tell_more(session, conversation, text, now=now)
    return conversation.id


def tell_more(session: Session, conversation: Conversation, text: str, *, now: datetime) -> None:
    """Queues another mail in the same conversation."""
    queue_notice(
        session, conversation, text, channel="email", address=str(conversation.address), contact_id=None,
        language="en", now=now, subject=conversation.subject,
    )  # fmt: skip


def named(customer: Customer) -> str:
    """How a mail names whom it is about. A private person is only a number there: mails are not forgotten with them."""
    return customer.ref if customer.kind == "person" else f"{customer.name} ({customer.ref})"


def moment(at: datetime, seller: Seller) -> str:
    """ "Monday 16 March 2026, 14:00", where the seller is."""
    local = at.astimezone(ZoneInfo(seller.time_zone))
    return f"{local:%A} {days.show(local.date(), locale_for('en', seller.country))}, {local:%H:%M}"
