"""Stop and start as they are heard from an address: noted with proof, once, and nothing that must not leave leaves."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.note_consent import Said, note_consent
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent, has_consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.reminders.consenting import hear
from o2c_core.reminders.heard import refusals
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice

MOBILE = "+31612345678"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    customer.contacts[0].addresses.append(Address(channel="sms", value=MOBILE, verified_at=MOMENT))
    session.flush()
    return customer


def said(store: Store, words: str = "STOP", heard: str = "stop", **more: object) -> list[Consent]:
    about = {
        "channel": "sms", "address": MOBILE, "contact_ids": [], "words": words, "how": "a message by sms",
        "message_id": new_key(), "now": store.clock.now(),
    } | more  # fmt: skip
    with store.session() as session:
        notes = hear(session, heard, **about)  # type: ignore[arg-type]
        session.commit()
        return notes


def queued(session: Session, customer: Customer, purpose: str, channel: str = "sms", address: str = MOBILE) -> Message:
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel=channel, identity="known", opened_at=MOMENT,
        updated_at=MOMENT, speaker="assistant", state="open", version=1, introduced=True,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    message = Message(
        conversation_id=thread.id, direction="out", author="assistant", purpose=purpose, channel=channel,
        address=address, text="…", delivery="queued", created_at=MOMENT,
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


@pytest.mark.parametrize(("words", "channel", "address", "refused"), [
    # The provider's own word: it would carry nothing more to that number, whatever we noted.
    ("STOP", "sms", MOBILE, {"service", "reminders", "marketing"}),
    ("stop.", "whatsapp", MOBILE, {"service", "reminders", "marketing"}),
    ("please stop texting me", "sms", MOBILE, {"reminders", "marketing"}),
    ("afmelden", "sms", MOBILE, {"reminders", "marketing"}),
    ("STOP", "email", "ap@jansen.example", {"reminders", "marketing"}),
])  # fmt: skip
def test_a_stop_is_noted_per_purpose_with_its_proof(
    store: Store, session: Session, customer: Customer, words: str, channel: str, address: str, refused: set[str]
) -> None:
    key = new_key()
    notes = said(store, words, channel=channel, address=address, message_id=key)
    assert {one.purpose for one in notes} == refused
    assert {(one.contact_id, one.channel, one.address, one.is_given, one.words, one.message_id) for one in notes} == {
        (customer.contacts[0].id, channel, address, False, words, key)
    }
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "consent refused")).all()
    assert [(line.customer_id, line.seller_id, line.who, line.message_id) for line in lines] == [
        (customer.id, customer.seller_id, "customer", key)
    ] * len(refused)
    assert all(address not in str(line.details) + line.why for line in lines)


def test_the_same_message_heard_again_adds_nothing_and_another_one_does(store: Store, customer: Customer) -> None:
    key = new_key()
    assert len(said(store, message_id=key)) == 3
    assert said(store, message_id=key) == []
    assert len(said(store, message_id=new_key())) == 3


def test_everybody_with_that_number_is_meant_and_nobody_else(
    store: Store, session: Session, customer: Customer
) -> None:
    other = a_customer(session, a_seller(session, "other"), "C9")
    other.contacts[0].addresses.append(Address(channel="sms", value=MOBILE))
    third = a_customer(session, a_seller(session, "third"), "C8")
    third.contacts[0].addresses.append(Address(channel="sms", value="+31687654321"))
    session.flush()
    notes = said(store, "stop texting me")
    assert {one.contact_id for one in notes} == {customer.contacts[0].id, other.contacts[0].id}


def test_a_stop_from_a_number_nobody_knows_holds_for_the_number(store: Store, session: Session) -> None:
    seller = a_seller(session)
    notes = said(store, "leave me alone", address="+31600000000")
    assert [(one.contact_id, one.address, one.purpose) for one in notes] == [
        (None, "+31600000000", "reminders"), (None, "+31600000000", "marketing"),
    ]  # fmt: skip
    assert seller.ref == "vandijk"


@pytest.mark.parametrize(
    ("offers_before", "given"), [(False, {"service", "reminders"}), (True, {"service", "reminders", "marketing"})]
)
def test_start_gives_back_what_silence_allows_and_offers_only_if_they_were_agreed_to(
    store: Store, session: Session, customer: Customer, clock: MovableClock, offers_before: bool, given: set[str]
) -> None:
    if offers_before:
        contact = customer.contacts[0].id
        session.add(
            Consent(
                contact_id=contact,
                channel="sms",
                purpose="marketing",
                is_given=True,
                at=MOMENT,
                how="form",
                words="yes",
            )
        )
        session.flush()
    said(store)
    clock.move(timedelta(minutes=1))
    notes = said(store, "START", "start")
    assert {one.purpose for one in notes if one.is_given} == given
    everything = session.scalars(select(Consent)).all()
    assert {
        purpose for purpose in ("service", "reminders", "marketing") if has_consent(everything, "sms", purpose)
    } == given


def test_asking_for_help_says_nothing_about_consent(store: Store, session: Session, customer: Customer) -> None:
    assert said(store, "HELP", "help") == []
    assert session.scalar(select(func.count()).select_from(Consent)) == 0


@pytest.mark.parametrize(("purpose", "channel", "words", "state"), [
    ("notice", "sms", "STOP", "withdrawn"),
    ("document", "sms", "STOP", "withdrawn"),
    ("answer", "sms", "STOP", "queued"),
    ("confirmation", "sms", "STOP", "queued"),
    ("code", "sms", "STOP", "queued"),
    ("notice", "sms", "please stop texting me", "queued"),
    ("reminder", "sms", "please stop texting me", "withdrawn"),
    ("notice", "email", "STOP", "queued"),
])  # fmt: skip
def test_what_waits_and_must_not_leave_is_taken_back_with_the_reason(
    store: Store, session: Session, customer: Customer, purpose: str, channel: str, words: str, state: str
) -> None:
    message = queued(session, customer, purpose, channel, MOBILE if channel == "sms" else "ap@jansen.example")
    session.commit()
    said(store, words)
    session.refresh(message)
    assert message.delivery == state
    reasons = session.scalars(select(TrailLine.details).where(TrailLine.message_id == message.id)).all()
    assert [one["reason"] for one in reasons if "reason" in one] == (["opted_out"] if state == "withdrawn" else [])


def test_a_reminder_that_waits_for_an_address_is_withdrawn_when_it_says_stop(
    store: Store, session: Session, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=1))
    session.commit()
    assert [entry.address for entry in run_reminders(DAY, store=store).reminded] == ["ap@jansen.example"]
    with_contact = [_contact(session, customer)]
    said(store, "no more reminders please", channel="email", address="ap@jansen.example", contact_ids=with_contact)
    assert session.scalars(select(Message.delivery).where(Message.purpose == "reminder")).all() == ["withdrawn"]
    assert "ap@jansen.example" not in [entry.address for entry in run_reminders(DAY, store=store).entries]


def _contact(session: Session, customer: Customer) -> UUID:
    return session.scalars(select(Contact.id).where(Contact.customer_id == customer.id)).one()


def test_what_was_said_from_a_number_is_taken_back_by_who_agrees_again_elsewhere(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    session.commit()
    said(store, "stop texting me")
    assert ("sms", MOBILE) in refusals(session, customer.contacts, "reminders")
    clock.move(timedelta(days=1))
    note_consent(
        Said(customer.contacts[0].id, "sms", "reminders", True, "by telephone", "do text me again"), store=store
    )
    assert refusals(session, customer.contacts, "reminders") == {}
