"""What somebody chose on the preferences page or with an unsubscribe link is noted, once, and holds."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.set_preferences import Chosen, preferences_of, set_preferences
from o2c_core.actions.unsubscribe import unsubscribe
from o2c_core.customers.consent import Consent, ConsentNeedsProof
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.reminders.consenting import hear
from o2c_core.reminders.heard import refusals
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller

MAIL = "ap@jansen.example"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


def off(channel: str = "email", purpose: str = "reminders", *, on: bool = False) -> Chosen:
    return Chosen(channel, purpose, on, f"{purpose} by {channel}: {'on' if on else 'off'}")


def choose(store: Store, customer: Customer, *chosen: Chosen) -> list[tuple[str, str, bool]]:
    recorded = set_preferences(customer.contacts[0].id, chosen, how="the preferences page", store=store)
    return [(one.channel, one.purpose, one.is_given) for one in recorded]


def test_only_what_changed_is_noted_with_what_was_ticked(store: Store, session: Session, customer: Customer) -> None:
    assert choose(store, customer, off(), off(purpose="marketing")) == [("email", "reminders", False)]
    assert choose(store, customer, off()) == []
    assert choose(store, customer, off(on=True)) == [("email", "reminders", True)]
    notes = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [(one.is_given, one.words, one.how, one.address) for one in notes] == [
        (False, "reminders by email: off", "the preferences page", MAIL),
        (True, "reminders by email: on", "the preferences page", MAIL),
    ]


def test_a_channel_without_an_address_is_not_there_to_choose(
    store: Store, session: Session, customer: Customer
) -> None:
    assert {wish.channel for wish in preferences_of(session, customer.contacts[0].id)} == {"email"}
    assert choose(store, customer, off("sms")) == []


def test_a_stop_said_by_text_is_seen_on_the_page_and_taken_back_there(
    store: Store, session: Session, customer: Customer
) -> None:
    contact = customer.contacts[0]
    contact.addresses.append(Address(channel="sms", value="+31612345678"))
    session.flush()
    hear(session, "stop", channel="sms", address="+31612345678", contact_ids=[], words="stop texting me",
         how="a message by sms", message_id=new_key(), now=store.clock.now())  # fmt: skip
    session.commit()
    assert not _wish(session, customer, "sms")
    assert _wish(session, customer, "whatsapp")
    assert choose(store, customer, off("sms", on=True)) == [("sms", "reminders", True)]
    assert _wish(session, customer, "sms")
    assert refusals(session, [contact], "reminders") == {}


def _wish(session: Session, customer: Customer, channel: str) -> bool:
    wishes = preferences_of(session, customer.contacts[0].id)
    return next(wish.is_given for wish in wishes if (wish.channel, wish.purpose) == (channel, "reminders"))


def test_a_choice_without_words_or_person_is_refused(store: Store, customer: Customer) -> None:
    with pytest.raises(ConsentNeedsProof):
        choose(store, customer, Chosen("email", "reminders", False, " "))
    with pytest.raises(NotFound):
        set_preferences(new_key(), [off()], how="the preferences page", store=store)


def unsubscribed(store: Store, customer: Customer, sent_to: str = MAIL) -> int:
    notes = unsubscribe(
        customer.contacts[0].id, channel="email", purpose="reminders", is_sent_to=lambda one: one == sent_to,
        words="List-Unsubscribe=One-Click", how="the unsubscribe link", store=store,
    )  # fmt: skip
    return len(notes)


def test_one_click_stops_reminders_by_email_for_that_address_and_a_second_changes_nothing(
    store: Store, session: Session, customer: Customer
) -> None:
    assert [unsubscribed(store, customer), unsubscribed(store, customer)] == [1, 0]
    note = session.scalars(select(Consent)).one()
    assert (note.channel, note.purpose, note.address, note.is_given) == ("email", "reminders", MAIL, False)
    assert ("email", MAIL) in refusals(session, customer.contacts, "reminders")
    assert refusals(session, customer.contacts, "service") == {}


def test_a_link_sent_to_an_address_that_was_replaced_still_stops_reminders_for_the_person(
    store: Store, session: Session, customer: Customer
) -> None:
    assert unsubscribed(store, customer, "old@jansen.example") == 1
    assert ("email", MAIL) in refusals(session, customer.contacts, "reminders")


def test_who_left_is_not_found(store: Store, customer: Customer) -> None:
    with pytest.raises(NotFound):
        unsubscribe(new_key(), channel="email", purpose="reminders", is_sent_to=bool, words="x", how="x", store=store)
