"""Payments people say they made, papers that are missing, and words that did not hold: from the reply to its end."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.close_task import close_task
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.note_document_problem import Lack, note_document_problem
from o2c_core.actions.note_payment_said import (
    Noted,
    NothingSaidOpen,
    PaidInTheFuture,
    Payment,
    note_payment_said,
)
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.return_payment import return_payment
from o2c_core.actions.settle_document_problem import settle_document_problem
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.agreed import agreed_with
from o2c_core.cases.broken import promises_broken_lately
from o2c_core.cases.document_problem import DocumentProblem, NothingToWaitFor
from o2c_core.cases.moves import Settled
from o2c_core.cases.payment_said import MOVES, PaymentSaid, said_state
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.daily_look import Sweep
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders.planning import plan_batch
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

TUESDAY = DAY - timedelta(days=6)
FRIDAY = DAY + timedelta(days=4)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return customer


@pytest.fixture
def invoice(session: Session, customer: Customer) -> Invoice:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=DAY - timedelta(days=9))
    session.commit()
    return invoice


def says(store: Store, invoice: Invoice, paid_on: date | None = DAY, minor: int | None = None, *ids: UUID) -> Noted:
    amount = eur(minor) if minor else None
    return note_payment_said(Payment(invoice.customer_id, ids or (invoice.id,), amount, paid_on), store=store)


def pays(store: Store, customer: Customer, minor: int, *, on: date = DAY, key: str = "p1", is_set: bool = True) -> UUID:
    booked = record_payment(
        customer.id, eur(minor), on, source_key=key, store=store, wanted="oldest first" if is_set else None
    )
    return booked.payment.id


def tasks(session: Session, state: str = "open") -> dict[str, Task]:
    session.expire_all()
    return {task.kind: task for task in session.scalars(select(Task).where(Task.state == state))}


def state(session: Session) -> str:
    session.expire_all()
    return session.scalars(select(PaymentSaid.state).order_by(PaymentSaid.id.desc())).first() or ""


@pytest.mark.parametrize(("paid_on", "until", "is_traced"), [
    # Three banking days after the day they name; a weekend and Easter carry no money.
    (DAY, DAY + timedelta(days=3), False),
    (DAY - timedelta(days=3), DAY + timedelta(days=2), False),
    (None, DAY + timedelta(days=3), False),
    # What should be here is looked for at once, and that takes a day.
    (DAY - timedelta(days=6), DAY + timedelta(days=1), True),
    (DAY - timedelta(days=40), DAY + timedelta(days=1), True),
])  # fmt: skip
def test_it_is_waited_for_as_long_as_banks_may_take(
    store: Store, session: Session, invoice: Invoice, paid_on: date | None, until: date, is_traced: bool
) -> None:
    noted = says(store, invoice, paid_on)
    assert (noted.said.until_on, noted.is_traced, noted.numbers) == (until, is_traced, ("INV-1",))
    assert ("payment_trace" in tasks(session)) is is_traced
    assert agreed_with(session, [invoice.customer_id], DAY).in_flight_until(invoice.id, invoice.customer_id) == until


@pytest.mark.parametrize(("odd", "paid_on", "paid"), [(PaidInTheFuture, FRIDAY, 0), (NothingSaidOpen, DAY, 10_000)])
def test_what_cannot_be_is_refused(
    store: Store, session: Session, customer: Customer, invoice: Invoice, odd: type[Refused], paid_on: date, paid: int
) -> None:
    if paid:
        pays(store, customer, paid)
    with pytest.raises(odd):
        says(store, invoice, paid_on)
    assert session.scalars(select(PaymentSaid)).all() == []


@pytest.mark.parametrize(("minor", "came", "is_set", "outcome"), [
    (None, 10_000, True, "arrived"), (None, 9_999, True, "open"), (6_000, 6_000, True, "arrived"),
    # Money that waits to be set against something is here all the same.
    (6_000, 6_000, False, "arrived"), (6_000, 5_000, False, "open"),
])  # fmt: skip
def test_it_is_closed_in_the_transaction_that_books_the_money(
    store: Store, session: Session, customer: Customer, invoice: Invoice, minor: int | None, came: int, is_set: bool,
    outcome: str,
) -> None:  # fmt: skip
    says(store, invoice, DAY - timedelta(days=40), minor)
    assert "payment_trace" in tasks(session)
    pays(store, customer, came, is_set=is_set)
    assert state(session) == outcome
    assert ("payment_trace" in tasks(session)) is (outcome == "open")


def test_what_does_not_come_is_traced_and_the_ladder_goes_on(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    says(store, invoice)
    clock.move(timedelta(days=3))
    assert settle_promises(store=store) == Sweep()
    clock.move(timedelta(days=1))
    assert settle_promises(store=store) == Sweep(payments_missing=1)
    assert settle_promises(store=store) == Sweep()
    task = tasks(session)["payment_trace"]
    assert (task.owner, task.details["amount"], task.details["invoices"]) == ("finance", "100.00 EUR", ["INV-1"])
    agreed = agreed_with(session, [customer.id], DAY + timedelta(days=4))
    assert agreed.in_flight_until(invoice.id, customer.id) is None
    missing = agreed.said_and_not_arrived(invoice.id, customer.id, "EUR")
    assert missing is not None
    assert (missing.paid_on, missing.said_on, missing.amount_minor, missing.has_proof) == (DAY, DAY, 10_000, False)
    assert agreed.said_and_not_arrived(invoice.id, customer.id, "GBP") is None
    # It came after all.
    pays(store, customer, 10_000, on=DAY + timedelta(days=4))
    assert (state(session), tasks(session)) == ("arrived", {})


def test_who_says_so_again_and_again_is_not_waited_for_for_ever(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    for expected in (3, 3, 1):
        noted = says(store, invoice, None)
        clock.move(timedelta(hours=1))
        assert (noted.said.until_on - DAY).days == expected
    assert noted.is_traced
    assert sorted(session.scalars(select(PaymentSaid.state))) == ["open", "replaced", "replaced"]


EVENTS = st.lists(st.tuples(st.integers(0, 9), st.integers(-9_000, 9_000)), max_size=8)


@given(EVENTS, st.integers(1, 9_000), st.integers(0, 6))
def test_its_state_only_moves_as_the_table_says_and_never_to_missing_while_it_is_here(
    events: list[tuple[int, int]], minor: int, days: int
) -> None:
    said = PaymentSaid(amount_minor=minor, currency="EUR", until_on=DAY + timedelta(days=days), state="open")
    seen = ["open"]
    for day in range(10):
        came = sum(amount for on, amount in events if on <= day)
        said.state = said_state(said, came, max(0, minor - came), DAY + timedelta(days=day))
        seen.append(said.state)
        assert not (said.state == "not_arrived" and came >= minor)
        assert not (said.state == "not_arrived" and day <= days)
        assert not (said.state == "open" and day > days)
    assert all(to == now or to in MOVES[now] for now, to in pairwise(seen))


def lacks(store: Store, invoice: Invoice, kind: str = "purchase_order", wanted: str | None = None) -> DocumentProblem:
    return note_document_problem(Lack(invoice.customer_id, invoice.id, kind, wanted), store=store)


@pytest.mark.parametrize("how", ["by the action", "by closing its task"])
def test_a_missing_paper_stops_reminders_until_it_is_put_right_and_booked(
    store: Store, session: Session, invoice: Invoice, how: str
) -> None:
    problem = lacks(store, invoice)
    assert lacks(store, invoice, wanted="4711").id == problem.id
    task = tasks(session)["document_problem"]
    assert (task.details["invoice"], task.details["wanted"], task.owner) == ("INV-1", "4711", "finance")
    if how == "by the action":
        settle_document_problem(problem.id, how="Sent anew", by="Noor", store=store)
    else:
        close_task(task.id, how="Sent anew", by="Noor", store=store)
    session.expire_all()
    put_right = session.get_one(DocumentProblem, problem.id)
    assert (put_right.state, put_right.by, put_right.rests_until) == ("put_right", "Noor", DAY + timedelta(days=3))
    assert tasks(session) == {}
    waits = [
        agreed_with(session, [invoice.customer_id], DAY + timedelta(days=day)).document_problem_since(invoice.id)
        for day in (0, 3, 4)
    ]
    assert waits == [DAY, DAY, None]
    with pytest.raises(Settled):
        settle_document_problem(problem.id, how="No", by="Noor", store=store, is_put_right=False)


def test_a_paper_nothing_hangs_on_is_refused(
    store: Store, customer: Customer, session: Session, invoice: Invoice
) -> None:
    pays(store, customer, 10_000)
    with pytest.raises(NothingToWaitFor):
        lacks(store, invoice)


def test_a_broken_promise_tells_its_owner_and_moves_the_ladder_until_it_is_paid(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    make_promise(Pledge(customer.id, FRIDAY, None, (invoice.id,)), store=store)
    clock.move(timedelta(days=7))
    assert settle_promises(store=store) == Sweep(promises_broken=1)
    task = tasks(session)["broken_promise"]
    assert (task.owner, task.details["amount"], task.details["promised_on"]) == ("finance", "100.00 EUR", "2026-03-20")
    later = DAY + timedelta(days=7)
    assert promises_broken_lately(session, [customer.id], later) == {customer.id: 1}
    assert agreed_with(session, [customer.id], later).broken_on(invoice.id, customer.id) == later
    pays(store, customer, 10_000, on=later)
    settle_promises(store=store)
    assert tasks(session) == {}


def test_money_taken_back_within_the_window_does_not_count(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    make_promise(Pledge(customer.id, FRIDAY, None, (invoice.id,)), store=store)
    payment = pays(store, customer, 10_000)
    assert settle_promises(store=store) == Sweep()
    clock.move(timedelta(days=1))
    return_payment(payment, "reversal", eur(10_000), DAY, reason="No funds", source_key="r1", store=store)
    clock.move(timedelta(days=6))
    assert settle_promises(store=store) == Sweep(promises_broken=1)


def test_money_taken_back_after_it_was_kept_reopens_the_matter_and_leaves_kept_as_it_is(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    made = make_promise(Pledge(customer.id, FRIDAY, None, (invoice.id,)), store=store).promise
    payment = pays(store, customer, 10_000)
    clock.move(timedelta(days=7))
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    back_on = DAY + timedelta(days=9)
    clock.move(timedelta(days=2))
    return_payment(payment, "chargeback", eur(10_000), back_on, reason="Disputed", source_key="r1", store=store)
    assert settle_promises(store=store) == Sweep(promises_undone=1)
    assert settle_promises(store=store) == Sweep()
    session.expire_all()
    kept = session.get_one(Promise, made.id)
    assert (kept.state, kept.undone_on) == ("kept", back_on)
    assert tasks(session)["broken_promise"].details["is_undone"] is True
    assert promises_broken_lately(session, [customer.id], back_on) == {customer.id: 1}
    assert agreed_with(session, [customer.id], back_on).broken_on(invoice.id, customer.id) == back_on


def test_the_owner_of_a_hold_is_told_the_working_day_before_it_ends_and_when_it_has(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    sunday = DAY + timedelta(days=6)
    place_hold(Pause(customer.id, "reminders", "A flood", "Noor", sunday), store=store, role="agent", by="Noor")
    told = []
    for _ in range(9):
        swept = settle_promises(store=store)
        told.append((swept.holds_ending, swept.holds_ended))
        clock.move(timedelta(days=1))
    assert told == [(0, 0)] * 4 + [(1, 0)] + [(0, 0)] * 2 + [(0, 1)] + [(0, 0)]
    ended = tasks(session)["hold_end"]
    assert (ended.owner, ended.why) == ("Noor", "The hold on reminders has ended; what it held goes on.")
    assert tasks(session, "done")["hold_end"].done_how == "It has ended."


def test_the_reminder_after_it_says_when_they_said_so_and_asks_for_a_proof(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    says(store, invoice)
    on = DAY + timedelta(days=30)
    clock.move(timedelta(days=30))
    settle_promises(store=store)
    seller = session.get_one(Seller, customer.seller_id)
    (plan,) = plan_batch(session, seller, [customer.id], on, store.clock.now(), None)
    assert plan.letter is not None
    assert plan.letter.tone.openings == ("said",)
    assert plan.written is not None
    assert "U liet ons op 16 maart 2026 weten dat u INV-1 had betaald." in plan.written.text
    assert "Kunt u ons een betaalbewijs sturen?" in plan.written.text
