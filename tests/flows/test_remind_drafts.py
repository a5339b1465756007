"""Steps that need a person: messages that wait as drafts, and calls."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders.ladder import STANDARD
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder, ReminderDecision, ReminderSkip
from o2c_core.reminders.run import CustomerEntry, RemindersRun
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice

PHONE = "+31612345678"


@pytest.fixture
def customer(session: Session) -> Customer:
    """Owes 125.00, a week late."""
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    session.commit()
    return customer


def ladder(store: Store, **first: Any) -> None:
    """The standard ladder with another step after a week."""
    rungs = tuple(replace(rung, **first) if rung.name == "first" else rung for rung in STANDARD.rungs)
    save_ladder("vandijk", replace(STANDARD, rungs=rungs), store=store)


def the_run(store: Store, on: date = DAY) -> RemindersRun:
    return run_reminders(on, store=store)


def the_entry(store: Store, on: date = DAY) -> CustomerEntry:
    (entry,) = the_run(store, on).entries
    return entry


def messages(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Message.delivery).order_by(Message.id)))


def test_a_step_that_needs_approval_waits_as_a_draft_with_its_step_taken_and_no_job(
    store: Store, session: Session, customer: Customer
) -> None:
    ladder(store, mode="approve")
    run = the_run(store)
    assert (run.messages, run.counts["drafts"], [one.customer for one in run.drafted]) == (0, 1, [customer.ref])
    message = session.scalars(select(Message)).one()
    assert (message.delivery, message.waits_why) == ("draft", "It waits for somebody of finance to approve it.")
    step = session.scalars(select(Reminder)).one()
    assert (step.rung, step.ladder_version) == ("first", 2)
    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE 'deliver%'")) == 0
    assert "reminder drafted" in set(session.scalars(select(TrailLine.what)))
    # The run again: it is said that it waits, and nothing is written twice.
    assert the_entry(store).reason is Reason.WAITS_FOR_APPROVAL
    an_invoice(session, customer, "INV-2", due_on=DAY - timedelta(days=14))
    session.commit()
    assert {line.reason for line in the_entry(store).invoices} == {Reason.WAITS_FOR_APPROVAL}
    assert messages(session) == ["draft"]


@pytest.mark.parametrize(("below", "delivery"), [(Decimal(125), "draft"), (Decimal("125.01"), "queued")])
def test_what_asks_for_less_than_the_ladder_says_goes_by_itself(
    store: Store, session: Session, customer: Customer, below: Decimal, delivery: str
) -> None:
    ladder(store, mode="approve", automatic_below_major=below)
    the_run(store)
    assert messages(session) == [delivery]


@pytest.mark.parametrize("what", ["paid", "disputed"])
def test_a_draft_that_was_overtaken_disappears_with_what_overtook_it(
    store: Store, session: Session, customer: Customer, what: str
) -> None:
    ladder(store, mode="approve")
    the_run(store)
    invoice_id = session.scalars(select(Reminder.invoice_id)).one()
    if what == "disputed":
        open_dispute(Claim(customer.id, invoice_id, "Broken"), store=store)
    else:
        record_payment(
            customer.id,
            Money(12_500, "EUR"),
            DAY,
            source_key="k-1",
            store=store,
            wanted={invoice_id: Money(12_500, "EUR")},
        )
    assert messages(session) == ["withdrawn"]
    assert session.scalar(select(func.count()).select_from(Reminder)) == 0


def test_a_draft_nobody_approved_on_its_day_is_written_anew_on_the_next(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    ladder(store, mode="approve")
    the_run(store)
    a_payment(session, session.scalars(select(Invoice)).one(), 2_500)
    session.commit()
    clock.move(timedelta(days=1))
    entry = the_entry(store, DAY + timedelta(days=1))
    assert (entry.is_draft, entry.asked.minor) == (True, 10_000)
    assert messages(session) == ["withdrawn", "draft"]
    assert session.scalars(select(Reminder.on)).one() == DAY + timedelta(days=1)
    # And when by then it needs no approval any more, it goes.
    ladder(store)
    clock.move(timedelta(days=1))
    the_run(store, DAY + timedelta(days=2))
    assert messages(session) == ["withdrawn", "withdrawn", "queued"]


def test_two_currencies_wait_as_two_drafts(store: Store, session: Session, customer: Customer) -> None:
    an_invoice(session, customer, "INV-2", due_on=DAY - timedelta(days=7), currency="USD")
    session.commit()
    ladder(store, mode="draft")
    assert the_run(store).counts["drafts"] == 2


def test_who_cannot_be_written_to_is_called_once_by_a_person(
    store: Store, session: Session, customer: Customer
) -> None:
    ladder(store, channels=("email", "call"))
    contact = customer.contacts[0]
    contact.addresses[0].failed_at = store.clock.now()
    session.commit()
    # Without a number there is nobody to call.
    assert the_entry(store).reason is Reason.BOUNCED
    contact.addresses.append(Address(channel="sms", value=PHONE))
    session.commit()
    run = the_run(store)
    (entry,) = run.calls
    assert (entry.channel, entry.message_id, entry.asked.minor, run.counts["calls"]) == ("call", None, 12_500, 1)
    task = session.scalars(select(Task).where(Task.kind == "call")).one()
    assert task.why == "Call Bakkerij Jansen about €125.00: INV-1."
    assert task.details["phone"] == PHONE
    assert task.due_at is not None
    assert (task.due_at.date() - DAY).days == 2
    assert messages(session) == []
    assert session.scalars(select(ReminderSkip.by)).one() == "a call"
    # The step is taken: neither the second run nor a later day asks for the same call again.
    assert the_entry(store).reason is Reason.ALREADY_REMINDED
    assert run_reminders(DAY + timedelta(days=1), store=store, in_full=False).counts.get("calls", 0) == 0
    assert session.scalar(select(func.count()).select_from(Task)) == 1
    decision = session.scalars(select(ReminderDecision).where(ReminderDecision.on == DAY)).one()
    assert (decision.rung, decision.message_id) == ("first", None)


def test_a_step_by_phone_alone_writes_to_nobody(store: Store, session: Session, customer: Customer) -> None:
    customer.contacts[0].addresses.append(Address(channel="sms", value=PHONE))
    session.commit()
    ladder(store, channels=("call",))
    assert len(the_run(store).calls) == 1
    assert messages(session) == []


def test_a_step_is_taken_on_the_channels_it_names(store: Store, session: Session, customer: Customer) -> None:
    customer.contacts[0].addresses.append(Address(channel="sms", value=PHONE))
    session.commit()
    ladder(store, channels=("sms", "email"))
    assert the_entry(store).channel == "sms"
