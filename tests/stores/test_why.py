"""Why a customer was, was not or would be reminded: for finance in full, for the customer without a word of our inside."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.edit_reminder import edit_reminder
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.actions.skip_reminder import skip_reminder
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladders.shipped import shipped
from o2c_core.reminders.why import Why, in_general, told_of, why, words_in
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.drafts import drafts

# Words of our own workings that no customer reads.
_INSIDE = re.compile(
    r"ladder|rung|step|hold-?out|held|lot\b|by lot|approv|finance|financi|trial|cap\b|Stufe|Leiter|stap|trede|goedkeur"
    r"|genehm|loting|Los\b|étape|tirage|groupe|\{|\}|None", re.IGNORECASE,
)  # fmt: skip


@pytest.fixture
def customer(session: Session) -> Customer:
    """Fourteen days late with one invoice, and a courtesy away from another."""
    made = a_customer(session, a_seller(session), "K1", language="en", country="GB")
    an_invoice(session, made, "F-1", due_on=DAY - timedelta(days=14))
    an_invoice(session, made, "F-2", due_on=DAY + timedelta(days=20))
    session.commit()
    return made


def asked(store: Store, session: Session, customer: Customer, after: int = 0) -> list[Why]:
    session.expire_all()
    return why(session, session.get_one(Customer, customer.id), DAY + timedelta(days=after), store.clock.now())


def test_a_day_to_come_is_told_from_the_ledger_as_it_is(store: Store, session: Session, customer: Customer) -> None:
    (told,) = asked(store, session, customer, after=16)
    assert (told.kind, told.told) == ("planned", "We expect to write to you about F-1, in all €125.00.")
    assert told.sentences == (
        "On 1 April 2026 a message would go out about F-1 (€125.00), by email to a•••@jansen.example, on the ledger as it is now.",
        "It is the step 'last' of ladder standard, version 1 (the standard one, as nothing else was chosen): "
        "30 days after the due date, in the tone 'serious'.",
        "F-2 is left out: It is too early; the first step comes on 2 April 2026.",
    )


def test_what_was_sent_is_told_with_its_step_and_its_trail(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    run_reminders(DAY, store=store)
    save_ladder("vandijk", replace(shipped("gentle")), store=store)
    choose_ladder("vandijk", "gentle", store=store)
    clock.move(timedelta(days=3))
    (told,) = asked(store, session, customer)
    assert told.kind == "sent"
    assert told.told == "We wrote to you about F-1, in all €125.00."
    said = " ".join(told.sentences)
    assert "A message was written for 16 March 2026 about F-1 (€125.00), by email to a•••@jansen.example." in said
    # The ladder that holds today is another; then it was this one.
    assert "It took the step 'second' of ladder standard, version 1: 14 days after the due date." in said
    assert "Written on 16 March 2026 at 12:00." in said


def test_a_draft_says_who_did_what_with_it(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    (waiting,) = asked(store, session, customer)
    assert (waiting.kind, waiting.sentences[0].split(". ")[1]) == ("waits", "It waits for approval.")
    edit_reminder(draft.id, opening="Anna, F-1 is open.", by="Mira", role="finance", store=store)
    clock.move(timedelta(minutes=30))
    approve_reminders([draft.id], by="Tom", role="finance", store=store)
    (told,) = asked(store, session, customer)
    assert told.kind == "sent"
    assert told.sentences[-3:] == (
        "Written down to be approved on 16 March 2026 at 12:00.",
        "Put in other words by Mira on 16 March 2026 at 12:00.",
        "Approved by Tom on 16 March 2026 at 12:30.",
    )


def test_what_was_skipped_says_why_to_finance_and_nothing_of_it_to_the_customer(
    store: Store, session: Session, customer: Customer
) -> None:
    (draft,) = drafts(store, session)
    skip_reminder(draft.id, why="they are moving", by="Mira", role="finance", store=store)
    (told,) = asked(store, session, customer)
    assert told.kind == "withdrawn"
    assert "Skipped by Mira on 16 March 2026 at 12:00: they are moving." in told.sentences
    assert told.told == "A message about F-1 was prepared and not sent."


def test_what_was_withdrawn_says_because_of_what(store: Store, session: Session, customer: Customer) -> None:
    (draft,) = drafts(store, session)
    invoice = next(one for one in session.query(Invoice) if one.number == "F-1")
    a_payment(session, invoice, invoice.total_minor)
    session.commit()
    approve_reminders([draft.id], by="Mira", role="finance", store=store)
    (told,) = asked(store, session, customer)
    assert told.kind == "withdrawn"
    assert "Withdrawn on 16 March 2026 at 12:00: It has been paid." in told.sentences


def test_a_day_nothing_was_sent_on_is_told_from_what_was_decided_then(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    invoice = next(one for one in session.query(Invoice) if one.number == "F-1")
    a_dispute(session, invoice)
    session.commit()
    run_reminders(DAY, store=store)
    clock.move(timedelta(days=5))
    a_payment(session, invoice, invoice.total_minor, DAY + timedelta(days=5))
    session.commit()
    (told,) = asked(store, session, customer)
    assert (told.kind, told.reason) == ("none", Reason.DISPUTED)
    assert told.sentences[0] == "Nobody was written to on 16 March 2026. Everything open on it is disputed."
    assert "F-2: It is too early; the first step comes on 2 April 2026." in told.sentences
    assert told.told == "You objected to what is open, so we do not ask for it while we look into it."


def test_a_day_of_which_nothing_is_known_says_so(store: Store, session: Session, customer: Customer) -> None:
    (told,) = asked(store, session, customer, after=-400)
    assert told.kind == "none"
    assert "no run was made that day" in told.sentences[0]


def test_a_chosen_ladder_says_for_whom_it_was_chosen(store: Store, session: Session, customer: Customer) -> None:
    save_ladder("vandijk", shipped("enterprise"), store=store)
    choose_ladder("vandijk", "enterprise", store=store, invoice_number="F-1")
    (told,) = asked(store, session, customer, after=16)
    assert "ladder enterprise, version 1 (chosen for this invoice)" in told.sentences[1]
    assert "Somebody of finance approves it before it leaves." in told.sentences


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_every_reason_is_told_to_a_customer_without_our_inside(reason: Reason, language: str) -> None:
    locale = {"en": "en_GB", "nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}[language]
    for day in (None, DAY):
        told = told_of(reason, day, words_in(language), locale)
        assert told[0].isupper()
        assert told.endswith(".")
        assert not _INSIDE.search(told)
        if "{day}" in reason.sentence and day is not None and "2026" in told:
            assert "16" in told


def test_the_four_languages_have_the_same_sentences() -> None:
    assert len({frozenset(words_in(language).sentences) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_a_reason_in_general_names_no_day(reason: Reason) -> None:
    said = in_general(reason)
    assert "{" not in said
    assert said.endswith(".")
    assert len(said.split()) > 2
