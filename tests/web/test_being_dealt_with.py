"""What a customer's page says is being dealt with: also what they only told us, with the day until which it counts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.close_task import close_task
from o2c_core.actions.note_document_problem import Lack, note_document_problem
from o2c_core.actions.note_payment_said import Payment, note_payment_said
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.clock import MovableClock
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.web.asked import said
from tests.web.letters import a_letter

YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture
def customer(session: Session) -> Customer:
    made = a_customer(session, a_seller(session), "C1")
    an_invoice(session, made, "INV-1", due_on=DAY - timedelta(days=5))
    session.commit()
    return made


@pytest.fixture
def invoice(session: Session, customer: Customer) -> Invoice:
    return session.scalars(select(Invoice)).one()


def dealt_with(store: Store) -> str:
    """That part of the page."""
    return said(store).partition("Being dealt with")[2].partition("Reminders 16")[0]


def test_where_nothing_is_open_it_says_what_would_stand_there(store: Store, customer: Customer) -> None:
    assert "Objections, complaints, missing papers, payments they say they made" in dealt_with(store)


def test_a_payment_they_say_they_made_is_looked_out_for_until_its_day(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    note_payment_said(Payment(customer.id, (invoice.id,), paid_on=YESTERDAY, words="gisteren overgemaakt"), store=store)
    told = dealt_with(store)
    assert "Said to be paid INV-1, paid on 15 mrt 2026 by what they say: “gisteren overgemaakt”" in told
    assert "Looked out for until 18 mrt 2026 € 125,00" in told
    assert "paid, by what they say; looked out for until 18 mrt 2026" in said(store)
    record_payment(
        customer.id, Money(2_500, "EUR"), DAY, store=store, source_key="P1", wanted={invoice.id: Money(2_500, "EUR")}
    )
    assert "€ 25,00 of it has come" in dealt_with(store)
    clock.move(timedelta(days=7))
    settle_promises(store=store)
    told = said(store).partition("Being dealt with")[2]
    assert "Should be here by 18 mrt 2026 (passed)" in told
    assert "looked for since" in told
    left = Money(10_000, "EUR")
    record_payment(customer.id, left, DAY, store=store, source_key="P2", wanted={invoice.id: left})
    assert "Said to be paid INV" not in said(store)


@pytest.mark.parametrize("line", [
    "purchase_order | their order number is missing or wrong (PO-7)",
    "not_received   | they did not get the invoice (PO-7)",
    "delivery_note  | the proof of delivery is missing (PO-7)",
    "other          | something they need with it is missing (PO-7)",
])  # fmt: skip
def test_what_an_invoice_lacks_is_told_until_it_is_put_right_and_booked(
    line: str, store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    kind, told = (part.strip() for part in line.split("|"))
    note_document_problem(Lack(customer.id, invoice.id, kind, wanted="PO-7"), store=store)
    assert f"Papers INV-1: {told}" in dealt_with(store)
    assert "Open since 16 mrt 2026" in dealt_with(store)
    assert "something about it is ours to put right" in said(store)
    task = session.scalars(select(Task).where(Task.kind == "document_problem")).one()
    close_task(task.id, store=store, by="An", how="sent anew")
    assert f"Papers INV-1: {told}; put right: sent anew" in dealt_with(store)
    assert "No reminders until 19 mrt 2026" in dealt_with(store)


def test_who_is_away_is_named_with_the_day_they_are_back(store: Store, session: Session, customer: Customer) -> None:
    mail = {"automatic": "out_of_office", "back_on": "2026-03-23", "deputy": "peter@jansen.example"}
    for back_on, at in (("2026-04-30", MOMENT - timedelta(days=2)), ("2026-03-23", MOMENT)):
        a_letter(
            session, customer, direction="in", author="customer", delivery="received", carrier=None, receipts=[],
            purpose="question", mail=mail | {"back_on": back_on}, created_at=at,
        )  # fmt: skip
    session.commit()
    told = dealt_with(store)
    assert "Away A. Jansen (a•••@jansen.example), by an automatic answer; they name p•••@jansen.example instead" in told
    # The newest of them is what counts.
    assert "Back on 23 mrt 2026" in told
    assert "30 apr 2026" not in told


def test_a_hold_says_what_it_keeps_back_and_its_last_day(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    until = DAY + timedelta(days=4)
    place_hold(Pause(customer.id, "reminders", "flood", "An", until), store=store, role="finance", by="An")
    place_hold(
        Pause(customer.id, "delivery", "strike", "An", until, from_on=DAY + timedelta(days=2), invoice_id=invoice.id),
        store=store, role="finance", by="An",
    )  # fmt: skip
    told = dealt_with(store)
    assert "No reminders: flood An answers for it Ends after 20 mrt 2026" in told
    assert "No deliveries for INV-1: strike An answers for it Begins 18 mrt 2026" in told
