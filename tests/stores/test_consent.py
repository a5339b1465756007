"""Notes of consent: added with their proof, never changed."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.note_consent import Said, note_consent
from o2c_core.clock import MovableClock
from o2c_core.customers.consent import Consent, ConsentNeedsProof, has_consent
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return customer


def said(customer: Customer, is_given: bool, words: str) -> Said:
    return Said(customer.contacts[0].id, "email", "reminders", is_given, "a reply by email", words, new_key())


def test_the_latest_note_holds_and_the_earlier_ones_stay_as_proof(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    refused = note_consent(said(customer, False, "Please stop"), store=store, by="customer")
    given = note_consent(said(customer, True, "Do write again"), store=store, by="customer")
    notes = list(session.scalars(select(Consent).order_by(Consent.id)))
    assert [(note.is_given, note.words, note.how, note.at) for note in notes] == [
        (False, "Please stop", "a reply by email", clock.now()),
        (True, "Do write again", "a reply by email", clock.now()),
    ]
    assert has_consent(notes, "email", "reminders")
    lines = session.scalars(select(TrailLine).order_by(TrailLine.id)).all()
    assert [(line.what, line.who, line.customer_id, line.seller_id, line.message_id) for line in lines] == [
        ("consent refused", "customer", customer.id, customer.seller_id, refused.message_id),
        ("consent given", "customer", customer.id, customer.seller_id, given.message_id),
    ]
    # The trail points at the note; what a person said stays where it can be erased.
    assert all("stop" not in str(line.details) + line.why for line in lines)


def test_a_note_without_proof_or_person_is_refused(store: Store, session: Session, customer: Customer) -> None:
    with pytest.raises(ConsentNeedsProof):
        note_consent(said(customer, True, " "), store=store)
    with pytest.raises(NotFound):
        note_consent(Said(new_key(), "email", "service", True, "form", "yes"), store=store)
    assert session.scalars(select(Consent)).all() == []
