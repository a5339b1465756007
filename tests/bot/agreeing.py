"""A desk in a stored conversation, and agreeing to what was proposed on it; for tests of tools that act."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.desk import Desk
from bot.facts import FactBook
from bot.tools import DEEDS, TOOLS
from bot.tools.tool import Done
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store

KEY = "a key of the tests"


def acting_desk(
    store: Store,
    customer: Customer | None,
    words: str,
    *,
    channel: str = "chat",
    identity: str = "proven",
    contact: Contact | None = None,
    address: str | None = None,
    language: str = "en",
    before: Remembered | None = None,
    seller: Seller | None = None,
    has_codes: bool = True,
) -> Desk:
    """What the assistant has before it when those words came in; everything is stored."""
    with store.session() as session:
        seller = seller or session.get_one(Seller, customer.seller_id if customer else None)
        known = session.get_one(Customer, customer.id) if customer else None
        now = store.clock.now()
        thread = Conversation(
            seller_id=seller.id, customer_id=known.id if known else None, channel=channel, identity=identity,
            contact_id=contact.id if contact else None, address=address, speaker="assistant", state="open", version=1,
            introduced=True, opened_at=now, updated_at=now,
        )  # fmt: skip
        session.add(thread)
        session.flush()
        message = Message(
            conversation_id=thread.id, direction="in", author="customer", purpose="question", channel=channel,
            address=address, text=words, delivery="received", created_at=now,
        )  # fmt: skip
        session.add(message)
        session.commit()
    return Desk(
        store=store, knowledge=lambda: None, seller=seller, customer=known if identity == "proven" else None,
        known_customer=known if identity != "stranger" else None, identity=identity, conversation_id=thread.id,
        message_id=message.id, words=words, language=language, today=today(store.clock, seller.time_zone),
        facts=FactBook(locale_for(language, known.country if known else seller.country), now), channel=channel,
        address=address, contact_id=contact.id if contact else None, before=before or Remembered(),
        doorplate=Doorplate(KEY) if has_codes else None,
    )  # fmt: skip


def told(desk: Desk, draft: str) -> str:
    """The draft as the customer reads it."""
    return desk.facts.render(draft)[0].replace("\xa0", " ").replace("\u202f", " ")


def ask(desk: Desk, tool: str, **given: object) -> str:
    return told(desk, TOOLS[tool](desk, **given))


def proposed(desk: Desk, state: str = "confirmed") -> Proposal:
    """What the desk offers, stored as the turn stores it; agreed to, or still waiting."""
    [offer] = desk.offers
    with desk.store.session() as session:
        now = desk.store.clock.now()
        answer = Message(
            conversation_id=desk.conversation_id, direction="out", author="assistant", purpose="answer",
            channel=desk.channel, text="…", delivery="sent", answers_id=None, created_at=now,
        )  # fmt: skip
        session.add(answer)
        session.flush()
        assert desk.customer is not None
        proposal = Proposal(
            conversation_id=desk.conversation_id, customer_id=desk.customer.id, message_id=desk.message_id,
            answer_id=answer.id, kind=offer.kind, arguments=offer.arguments, says=offer.says, state=state, offered_at=now,
            lapses_at=now + timedelta(hours=2),
        )  # fmt: skip
        session.add(proposal)
        session.commit()
        return session.scalars(select(Proposal).where(Proposal.id == proposal.id)).one()


def agree(desk: Desk, proposal: Proposal | None = None) -> tuple[str, Done]:
    """The customer agrees: what they read, and what came of it."""
    agreed = proposal or proposed(desk)
    done = DEEDS[agreed.kind](desk, agreed)
    return told(desk, done.says), done
