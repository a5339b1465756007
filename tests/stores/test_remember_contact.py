"""The language somebody writes in is remembered once they have done so twice, and what they asked for is never lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.note_contact_wish import LanguageNotSpoken, NoAddressThere, note_contact_wish
from o2c_core.actions.remember_contact import remember_contact
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_customer, a_seller


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session), "C1", language="nl")


def answered(session: Session, contact: Contact, languages: str, identity: str = "proven") -> None:
    """A conversation with answers in those languages, oldest first."""
    customer = session.get_one(Customer, contact.customer_id)
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, contact_id=contact.id, channel="email", identity=identity,
        opened_at=MOMENT, updated_at=MOMENT,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    for language in languages.split():
        session.add(
            Message(
                conversation_id=thread.id, direction="out", author="assistant", purpose="answer", channel="email",
                text="…", language=language, delivery="sent", created_at=MOMENT,
            )
        )  # fmt: skip
        session.flush()
    session.commit()


@pytest.mark.parametrize(
    ("written", "identity", "of_contact", "remembered"),
    [
        ("de de", "proven", None, "de"),
        ("nl de de", "proven", None, "de"),
        ("de", "proven", None, None),
        ("de nl de", "proven", None, None),
        ("de de", "known", None, None),
        ("de de", "proven", "fr", "fr"),
        ("nl nl", "proven", None, None),
    ],
)
def test_two_messages_in_another_language_are_remembered(
    store: Store, session: Session, customer: Customer, written: str, identity: str, of_contact: str | None,
    remembered: str | None,
) -> None:  # fmt: skip
    contact = customer.contacts[0]
    contact.language = of_contact
    answered(session, contact, written, identity)
    changed = [remember_contact(contact.id, language=written.split()[-1], store=store) for _ in range(2)]
    session.expire_all()
    assert session.get_one(Contact, contact.id).language == remembered
    assert changed == [remembered is not None and of_contact is None, False]
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "contact language noted")).all()
    assert len(lines) == changed.count(True)


def test_a_language_we_do_not_write_is_not_remembered(store: Store, session: Session, customer: Customer) -> None:
    answered(session, customer.contacts[0], "pl pl")
    assert not remember_contact(customer.contacts[0].id, language="pl", store=store)
    assert not remember_contact(customer.contacts[0].id, language=None, store=store)
    assert not remember_contact(new_key(), language="de", store=store)


def test_a_wish_about_language_and_channel_is_noted_once(store: Store, session: Session, customer: Customer) -> None:
    session.commit()
    contact = customer.contacts[0]
    for _ in range(2):
        note_contact_wish(contact.id, customer.id, language="fr", store=store)
        note_contact_wish(contact.id, customer.id, channel="email", store=store)
    session.expire_all()
    kept = session.get_one(Contact, contact.id)
    assert (kept.language, kept.preferred_channel) == ("fr", "email")
    assert len(session.scalars(select(TrailLine).where(TrailLine.what == "contact wish noted")).all()) == 2


def test_a_wish_that_cannot_be_kept_is_refused(store: Store, session: Session, customer: Customer) -> None:
    session.commit()
    contact = customer.contacts[0]
    with pytest.raises(NoAddressThere):
        note_contact_wish(contact.id, customer.id, channel="whatsapp", store=store)
    with pytest.raises(LanguageNotSpoken):
        note_contact_wish(contact.id, customer.id, language="pl", store=store)
    with pytest.raises(NotFound):
        note_contact_wish(contact.id, new_key(), language="fr", store=store)
