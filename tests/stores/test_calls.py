"""Calls a ladder asks a person to make: told with whose they are and until when, and over by themselves when pointless."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.close_task import close_task
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders.ladder import STANDARD
from o2c_core.reminders.why import why
from o2c_core.reminders.why_answer import Why
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.outbox import a_phone


@pytest.fixture
def customer(store: Store, session: Session) -> Customer:
    """A week late with two invoices, on a ladder whose step of that day is a call, and a run that asked for it."""
    made = a_customer(session, a_seller(session), "K1", language="en", country="GB")
    a_phone(session, made)
    an_invoice(session, made, "F-1", due_on=DAY - timedelta(days=7))
    an_invoice(session, made, "F-2", total_minor=7_500, due_on=DAY - timedelta(days=7))
    session.commit()
    by_phone = tuple(replace(rung, channels=("call",)) for rung in STANDARD.rungs)
    save_ladder("vandijk", replace(STANDARD, rungs=by_phone), store=store)
    run_reminders(DAY, store=store)
    return made


def the_call(session: Session) -> Task:
    return session.scalars(select(Task).where(Task.kind == "call").execution_options(populate_existing=True)).one()


def asked(store: Store, session: Session, customer: Customer, after: int = 0) -> Why:
    session.expire_all()
    (told,) = why(session, session.get_one(Customer, customer.id), DAY + timedelta(days=after), store.clock.now())
    return told


def paid(store: Store, customer: Customer, minor: int, numbers: dict[str, int] | None = None) -> None:
    """Money that came in, set against those invoices, or against none yet."""
    with store.session() as session:
        wanted = {
            session.scalars(select(Invoice.id).where(Invoice.number == number)).one(): Money(amount, "EUR")
            for number, amount in (numbers or {}).items()
        }
    record_payment(
        customer.id, Money(minor, "EUR"), DAY, store=store, source_key=f"P-{minor}", method="bank", by="bank", wanted=wanted
    )  # fmt: skip


def test_a_call_is_told_with_what_it_is_about_whose_it_is_and_until_when(
    store: Store, session: Session, customer: Customer
) -> None:
    assert the_call(session).why == "Call Bakkerij Jansen about €200.00: F-1, F-2."
    told = asked(store, session, customer)
    assert told.kind == "call"
    assert told.sentences == (
        "A person was asked to call about F-1, F-2 (€200.00): a task until 18 March 2026 at 17:00.",
        "It is still open.",
    )
    assert told.told == "Somebody of ours means to call you about F-1, F-2, by 18 March 2026 at the latest."


def test_a_call_to_come_is_told_as_one(store: Store, session: Session, customer: Customer) -> None:
    told = asked(store, session, customer, after=7)
    assert told.kind == "call"
    assert told.sentences[0].startswith("On 23 March 2026 a person would be asked to call about F-1, F-2 (€200.00)")
    assert told.told == "We expect to call you about F-1, F-2, in all €200.00."


def test_a_call_that_was_made_says_who_closed_it_and_how(store: Store, session: Session, customer: Customer) -> None:
    close_task(the_call(session).id, store=store, by="An", how="They pay on Friday.")
    told = asked(store, session, customer)
    assert told.sentences[1] == "An closed it on 16 March 2026 at 12:00: They pay on Friday."
    assert told.told == "We meant to call you about F-1, F-2."


# What happens while the call waits, and why it is over.
@pytest.mark.parametrize("line", [
    "it was paid         -> It has been paid.",
    "money came unmatched -> Money or credit not yet matched to invoices covers it.",
    "they promised       -> The customer promised to pay it by 20 March 2026.",
    "they objected       -> Everything open on it is disputed.",
    "it was put on hold  -> Reminders are on hold until 20 March 2026.",
])  # fmt: skip
def test_a_call_there_is_nothing_to_call_about_any_more_is_over_with_the_reason(
    line: str, store: Store, session: Session, customer: Customer
) -> None:
    what, why_over = (part.strip() for part in line.split("->"))
    friday = DAY + timedelta(days=4)
    if what == "it was paid":
        paid(store, customer, 20_000, {"F-1": 12_500, "F-2": 7_500})
    elif what == "money came unmatched":
        paid(store, customer, 20_000)
    elif what == "they promised":
        make_promise(Pledge(customer.id, friday), store=store, role="finance", by="An")
    elif what == "they objected":
        for invoice in session.scalars(select(Invoice)).all():
            open_dispute(Claim(customer.id, invoice.id, "not ours", reason="OTHER"), store=store)
    else:
        place_hold(Pause(customer.id, "reminders", "flood", "An", friday), store=store, role="finance", by="An")
    call = the_call(session)
    assert (call.state, call.done_by, call.done_how) == ("done", "system", why_over)
    assert session.scalars(select(TrailLine.why).where(TrailLine.what == "task done")).all() == [why_over]
    told = asked(store, session, customer)
    assert told.sentences[1].startswith("It closed by itself on 16 March 2026 at 12:00: ")
    assert told.told == "We meant to call you about F-1, F-2; that is not needed any more."


def test_a_call_of_which_a_part_is_left_says_how_much_that_is(
    store: Store, session: Session, customer: Customer
) -> None:
    paid(store, customer, 12_500, {"F-1": 12_500})
    call = the_call(session)
    assert (call.state, call.why) == ("open", "Call Bakkerij Jansen about €75.00: F-2.")
    assert (call.details["asked_minor"], [one["number"] for one in call.details["invoices"]]) == (7_500, ["F-2"])
    paid(store, customer, 7_500, {"F-2": 7_500})
    assert the_call(session).state == "done"


def test_what_happens_elsewhere_leaves_the_call_as_it_is(store: Store, session: Session, customer: Customer) -> None:
    other = an_invoice(session, customer, "F-3", total_minor=300, due_on=DAY + timedelta(days=30))
    session.commit()
    paid(store, customer, 300, {other.number: 300})
    call = the_call(session)
    assert (call.state, call.why) == ("open", "Call Bakkerij Jansen about €200.00: F-1, F-2.")
