"""Why a customer was, was not or would be reminded: for finance in full, for the customer without a word of our inside."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.edit_reminder import edit_reminder
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.actions.skip_reminder import skip_reminder
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Rejected
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import Setback
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladders.shipped import shipped
from o2c_core.reminders.why import why
from o2c_core.reminders.why_answer import Told, Why, words_in
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.drafts import drafts
from tests.stores.outbox import Scripted, a_phone

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
        "It is the step 30 days after the due date, of ladder standard, version 1 (the standard one, as nothing else was "
        "chosen). Its tone: serious.",
        "F-2 is left out: It is too early; the first step comes on 2 April 2026.",
    )


def test_what_was_sent_is_told_with_its_step_and_its_trail(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    run_reminders(DAY, store=store)
    save_ladder("vandijk", replace(shipped("gentle")), store=store)
    choose_ladder("vandijk", "gentle", store=store)
    delivered(store, session)
    clock.move(timedelta(days=3))
    (told,) = asked(store, session, customer)
    assert (told.kind, told.told) == ("sent", "We wrote to you about F-1, in all €125.00.")
    assert told.sentences == (
        "A message was written for 16 March 2026 about F-1 (€125.00), by email to a•••@jansen.example. "
        "It was sent on 16 March 2026 at 12:00.",
        # The ladder that holds today is another; then it was this one.
        "It took the step 14 days after the due date, of ladder standard, version 1.",
        "Its tone: clear, as the step says.",
        "Written on 16 March 2026 at 12:00.",
    )


# Where the message is on its way; what it is called, what finance reads of it, and what the customer does in English.
ON_ITS_WAY = [
    "draft     | waits     | It waits for approval.                 | A message to you about F-1, in all €125.00, is being prepared.",
    "queued    | queued    | It is waiting to be sent.              | A message to you about F-1, in all €125.00, is ready and has not left yet.",
    "sending   | queued    | It is being sent.                      | A message to you about F-1, in all €125.00, is ready and has not left yet.",
    "sent      | sent      | It was sent.                           | We wrote to you about F-1, in all €125.00.",
    "delivered | sent      | It was delivered.                      | We wrote to you about F-1, in all €125.00.",
    "failed    | failed    | It did not arrive: no such mailbox.    | We tried to write to you about F-1; the message did not arrive.",
    "uncertain | uncertain | Nobody knows whether it arrived.       | We tried to write to you about F-1; we do not know whether the message arrived.",
    "withdrawn | withdrawn | It was withdrawn before it left.       | A message about F-1 was prepared and not sent.",
]


@pytest.mark.parametrize("line", ON_ITS_WAY)
def test_only_what_was_sent_was_written_to_the_customer(
    line: str, store: Store, session: Session, customer: Customer
) -> None:
    delivery, kind, state, told_them = (part.strip() for part in line.split("|"))
    run_reminders(DAY, store=store)
    session.execute(update(Message).values(delivery=delivery, failed_why="no such mailbox."))
    session.commit()
    (told,) = asked(store, session, customer)
    assert (told.kind, told.told) == (kind, told_them)
    assert told.sentences[0].endswith(f"by email to a•••@jansen.example. {state}")


# The same in the languages of customers: what waits, what is uncertain and what was withdrawn is not told as written.
@pytest.mark.parametrize("line", [
    "nl | queued    | Een bericht aan u over F-1, samen € 125,00, staat klaar en is nog niet verstuurd.",
    "nl | sent      | Wij hebben u geschreven over F-1, samen € 125,00.",
    "de | queued    | Eine Nachricht an Sie über F-1, zusammen 125,00 €, ist fertig und noch nicht gesendet.",
    "de | uncertain | Wir haben versucht, Ihnen über F-1 zu schreiben; ob die Nachricht ankam, wissen wir nicht.",
    "fr | queued    | Un message pour vous au sujet de F-1, au total 125,00 €, est prêt et n’est pas encore parti.",
    "fr | withdrawn | Un message au sujet de F-1 a été préparé et n’a pas été envoyé.",
])  # fmt: skip
def test_the_customer_reads_it_in_their_language(line: str, store: Store, session: Session, customer: Customer) -> None:
    language, delivery, expected = (part.strip() for part in line.split("|"))
    run_reminders(DAY, store=store)
    session.execute(update(Message).values(delivery=delivery))
    customer.country = {"nl": "NL", "de": "DE", "fr": "FR"}[language]
    session.commit()
    (told,) = why(session, customer, DAY, store.clock.now(), language)
    assert " ".join(told.told.split()) == expected


def test_what_waits_for_its_hour_says_until_when_and_why(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    clock.move(timedelta(hours=11, minutes=30))
    run_reminders(DAY, store=store)
    (told,) = asked(store, session, customer)
    assert told.kind == "queued"
    assert told.sentences[0].endswith(
        "It is written and waits until 17 March 2026 at 09:00: it is outside the hours for writing to them."
    )
    assert told.told == "A message to you about F-1, in all €125.00, is ready to leave on 17 March 2026."


def test_what_went_another_way_counts_as_what_went(store: Store, session: Session, customer: Customer) -> None:
    a_phone(session, customer)
    session.commit()
    run_reminders(DAY, store=store)
    refused = Scripted([Rejected("no such mailbox", Setback.BAD_ADDRESS, "550")])
    delivered(store, session, {"email": refused})
    (told,) = asked(store, session, customer)
    assert told.kind == "queued"
    assert "It did not arrive: no such mailbox." in told.sentences[0]
    assert told.sentences[1] == "Another went by text message to +316••••••78 instead. It is waiting to be sent."


def test_what_is_no_provider_sends_is_not_said_to_have_left(store: Store, session: Session, customer: Customer) -> None:
    run_reminders(DAY, store=store)
    session.execute(update(Message).values(delivery="sent", carrier="captured"))
    session.commit()
    (told,) = asked(store, session, customer)
    assert told.sentences[0].endswith("It was kept in the outbox and did not leave the house: no provider is set up.")


def delivered(store: Store, session: Session, carriers: dict[str, Scripted] | None = None) -> None:
    """Every message that waits is handed over, and the carrier says yes unless it was told otherwise."""
    for message_id in session.scalars(select(Message.id).where(Message.delivery == "queued")).all():
        deliver_message(message_id, store=store, carriers=carriers or {"email": Scripted([Accepted("1")])})
    session.expire_all()


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
    assert told.kind == "queued"
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
    assert told.sentences[0].endswith("It was withdrawn before it left: it has been paid.")
    assert "Withdrawn on 16 March 2026 at 12:00: It has been paid." in told.sentences
    assert told.told == "A message about F-1 was prepared and not sent. Nothing is asked for: it has been paid."


def test_a_plan_is_told_by_its_number_and_the_day_of_its_part(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    plan = PaymentPlan(number="PL-1", seller_id=customer.seller_id, customer_id=customer.id, currency="EUR", grace_days=2,
                       state="active", by="An", role="finance", proposed_at=clock.now(), started_on=DAY)  # fmt: skip
    plan.parts += [PlanPart(position=at, due_on=DAY + timedelta(days=2 + 30 * at), amount_minor=6_250) for at in (0, 1)]
    invoice = next(one for one in session.query(Invoice) if one.number == "F-1")
    plan.invoices.append(PlannedInvoice(invoice_id=invoice.id))
    session.add(plan)
    session.commit()
    (planned,) = asked(store, session, customer)
    assert (
        planned.sentences[1] == "It is the step two days before the due date of the plan's part, of payment plan PL-1."
    )
    run_reminders(DAY, store=store)
    (told,) = asked(store, session, customer)
    assert (
        told.sentences[1] == "It took the step two days before the due date of the plan's part, of payment plan PL-1."
    )
    assert "plan_soon" not in " ".join(told.sentences)


def test_who_could_not_be_worked_out_is_told_with_the_task_for_it(
    store: Store, session: Session, customer: Customer
) -> None:
    odd = next(one for one in session.query(Invoice) if one.number == "F-2")
    odd.currency = "NLG"
    session.commit()
    (before,) = asked(store, session, customer)
    assert (before.kind, before.reason) == ("none", Reason.UNREADABLE)
    assert "could not be worked out" in before.sentences[0]
    run_reminders(DAY, store=store)
    (told,) = asked(store, session, customer)
    assert told.reason is Reason.UNREADABLE
    assert told.sentences[0] == (
        "Nobody was written to on 16 March 2026. What is on record about them could not be worked out; somebody was asked "
        "to look at it."
    )
    assert told.sentences[1].startswith("The task for finance: No reminder could be written to Bakkerij Jansen")
    assert told.sentences[1].endswith("It is still open.")
    assert told.told == "We did not write that day; the next message comes when it is due."
    # A run that can read it again says what it decides then.
    odd.currency = "EUR"
    session.commit()
    run_reminders(DAY, store=store)
    assert [one.kind for one in asked(store, session, customer)] == ["queued"]


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
    assert "of ladder enterprise, version 1 (chosen for this invoice)" in told.sentences[1]
    assert "Somebody of finance approves it before it leaves." in told.sentences


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_every_reason_is_told_to_a_customer_without_our_inside(reason: Reason, language: str) -> None:
    locale = {"en": "en_GB", "nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}[language]
    for day in (None, DAY):
        told = Told(words_in(language), locale).because(reason, day)
        assert told[0].isupper()
        assert told.endswith(".")
        assert not _INSIDE.search(told)
        if "{day}" in reason.sentence and day is not None and "2026" in told:
            assert "16" in told


def test_the_four_languages_have_the_same_sentences() -> None:
    assert len({frozenset(words_in(language).sentences) for language in LANGUAGES}) == 1


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.value)
def test_a_reason_in_general_names_no_day(reason: Reason) -> None:
    said = reason.in_general
    assert "{" not in said
    assert said.endswith(".")
    assert len(said.split()) > 2
