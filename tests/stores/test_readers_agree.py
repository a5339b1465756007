"""Whoever is asked what a customer owes, on whatever day, gives the same figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.issue_credit_note import Credited, issue_credit_note
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.actions.return_payment import return_payment
from o2c_core.actions.write_off import write_off
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.figures import lists
from o2c_core.figures.ageing import ageing, ageing_by_customer
from o2c_core.imports.report import ImportReport
from o2c_core.invoices.account import balances, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment
from o2c_core.invoices.statement import statement_of
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice
from tests.o2c_core.imports.files import imported
from tests.stores.money import Books, books_of, eur, in_parts
from web.owed import held, owed

_Told = dict[str, tuple[int, int, int]]


def on(days: int) -> date:
    return DAY + timedelta(days=days)


def _told(open_: dict[str, int], overdue: dict[str, int], unapplied: dict[str, int]) -> _Told:
    found = {
        currency: (open_.get(currency, 0), overdue.get(currency, 0), unapplied.get(currency, 0))
        for currency in open_.keys() | unapplied.keys()
    }
    return {currency: sums for currency, sums in found.items() if any(sums)}


def _sums(rows: list[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for currency, minor in rows:
        found[currency] = found.get(currency, 0) + int(minor)
    return found


def readers(session: Session, customer: Customer, day: date) -> dict[str, _Told]:
    """Open, overdue and unapplied minor units per currency at the end of that day, by who says so."""
    session.expire_all()
    said: dict[str, _Told] = {}
    balance = balances(session, customer.id, day, as_of=day)
    said["balances"] = _told(
        {one.open.currency: one.open.minor for one in balance},
        {one.open.currency: one.overdue.minor for one in balance},
        {one.open.currency: one.unapplied.minor for one in balance},
    )
    each = invoices_of(session, customer.id, day, as_of=day)
    unapplied = {one.open.currency: one.unapplied.minor for one in balance}
    said["invoices_of"] = _told(
        _sums([(one.open.currency, one.open.minor) for one in each]),
        _sums([(one.open.currency, one.overdue.minor) for one in each]),
        unapplied,
    )
    aged = [
        one.ageing for one in ageing_by_customer(session, customer.seller_id, day) if one.customer_id == customer.id
    ]
    for name, rows in (("ageing_by_customer", aged), ("ageing", ageing(session, customer.seller_id, day))):
        said[name] = _told(
            {one.currency: one.open.minor for one in rows},
            {one.currency: one.overdue.minor for one in rows},
            {one.currency: -one.unapplied.minor for one in rows},
        )
    owes = session.execute(select(owed(day, Invoice.customer_id == customer.id))).all()
    holds = session.execute(select(held(day, [customer.id]))).all()
    said["web"] = _told(
        {row.currency: int(row.open) for row in owes},
        {row.currency: int(row.overdue) for row in owes},
        {row.currency: int(row.held) for row in holds},
    )
    statements = {
        currency: statement_of(session, customer, currency, day - timedelta(days=3), day)
        for currency in ("EUR", "USD", "JPY", "KWD")
    }
    for one in statements.values():
        assert sum((item.open.minor for item in one.open_items), 0) == one.closing.minor, (day, one)
    said["statement"] = _told(
        {currency: sum(item.open.minor for item in one.claims) for currency, one in statements.items()},
        {currency: one.overdue.minor for currency, one in statements.items()},
        {currency: -one.unapplied.minor for currency, one in statements.items()},
    )
    facts = {"seller": customer.seller_id, "on": day}
    listed = session.execute(text(lists.OPEN_INVOICES), facts).all()
    money = session.execute(text(lists.PAYMENTS), facts).all()
    said["reports"] = _told(
        _sums([(row.currency, row.open_minor) for row in listed]),
        _sums([(row.currency, row.open_minor) for row in listed if row.days_late > 0]),
        _sums([(row.currency, row.unapplied_minor) for row in money]),
    )
    return said


def assert_agree(session: Session, customer: Customer, first: int = -45, last: int = 60) -> None:
    for days in range(first, last + 1):
        said = readers(session, customer, on(days))
        assert len({str(sorted(one.items())) for one in said.values()}) == 1, (days, said)


class Story:
    """One customer of a seller, whose books things happen in."""

    def __init__(self, store: Store, session: Session, clock: MovableClock, tmp_path: Path) -> None:
        self.store, self.session, self.clock, self.folder = store, session, clock, tmp_path
        self.customer = a_customer(session, a_seller(session), "1001")

    def invoice(self, number: str, total: int, due: int, **fields: Any) -> Invoice:
        found = an_invoice(self.session, self.customer, number, total_minor=total, due_on=on(due), **fields)
        self.session.commit()
        return found

    @property
    def books(self) -> Books:
        return books_of(self.store, self.session, self.customer)

    def days(self, number: int) -> None:
        self.clock.move(timedelta(days=number))

    def back(self, payment: Payment, kind: str, minor: int, day: int, key: str = "R1") -> None:
        money = Money(minor, payment.currency)
        return_payment(payment.id, kind, money, on(day), reason="MD06", source_key=key, store=self.store)

    def credit(self, invoice: Invoice | None, minor: int) -> Credited:
        return issue_credit_note(
            self.customer.id,
            invoice_id=invoice.id if invoice else None,
            amount=eur(minor),
            reason="price",
            by="fin",
            role="finance",
            store=self.store,
        )

    def file(self, content: str, profile: str) -> ImportReport:
        return imported(self.store, self.folder, content, profile)


def _parts_paid_and_partly_released(story: Story) -> None:
    invoice = story.invoice("F1", 10_000, 30)
    in_parts(story.session, invoice, {on(-10): 3_000, on(5): 3_000, on(30): 4_000})
    paid = story.books.pay(7_000, "oldest first")
    story.days(3)
    release_allocation(paid.changes[0].allocation_id, "half", amount=eur(2_500), store=story.store)
    story.days(4)
    allocate_payment(paid.payment.id, amount=eur(1_000), store=story.store)


def _charged_back_after_a_write_off(story: Story) -> None:
    invoice = story.invoice("F1", 10_000, -5)
    paid = story.books.pay(9_900, "oldest first", on=on(-2))
    write_off(invoice.id, eur(100), reason="small_balance", words="x", by="f", role="finance", store=story.store)
    story.days(9)
    story.back(paid.payment, "chargeback", 9_900, 4)


def _discount_taken_and_payment_reversed(story: Story) -> None:
    story.invoice("F1", 10_000, 30, issued_on=on(-5), discount_minor=200, discount_until_on=on(5))
    paid = story.books.pay(9_800, "oldest first")
    assert story.books.open() == {"F1": 0}
    story.days(3)
    story.back(paid.payment, "reversal", 9_800, 2)
    assert story.books.open() == {"F1": 10_000}


def _disputed_and_part_credited(story: Story) -> None:
    invoice = story.invoice("F1", 10_000, -1)
    dispute = a_dispute(story.session, invoice, 4_000)
    story.session.commit()
    story.books.pay(8_000, "oldest first")
    story.days(2)
    resolve_dispute(
        dispute.id, outcome="part_credited", by="f", role="finance", words="half", amount=eur(3_000), store=story.store
    )


def _credit_refunded(story: Story) -> None:
    invoice = story.invoice("F1", 10_000, -1)
    story.books.pay(9_000, "oldest first")
    made = story.credit(invoice, 4_000)
    story.days(2)
    refund(made.credit_note.id, eur(3_000), reason="asked", store=story.store)


def _overpaid_refunded_reversed(story: Story) -> None:
    story.invoice("F1", 10_000, -1)
    paid = story.books.pay(15_000, "oldest first")
    story.days(2)
    refund(paid.payment.id, eur(5_000), reason="asked", store=story.store)
    story.days(2)
    story.back(paid.payment, "reversal", 15_000, 4)
    assert story.books.open() == {"F1": 10_000}
    assert story.books.unapplied() == -5_000


def _two_currencies(story: Story) -> None:
    story.invoice("F1", 10_000, -1)
    story.invoice("F2", 5_000, 3, currency="USD")
    story.invoice("F3", 500, 3, currency="JPY")
    story.invoice("F4", 1_234, 3, currency="KWD")
    story.books.pay(2_000, "oldest first")
    for currency, minor in (("JPY", 600), ("KWD", 1_000), ("USD", 5_000)):
        record_payment(
            story.customer.id,
            Money(minor, currency),
            DAY,
            source_key=currency,
            wanted="oldest first",
            store=story.store,
        )


_PAYMENT = "Payment ID,Customer number,Payment date,Amount,Currency,Invoice number,Reference\n"


def _payment_moved_to_a_later_day(story: Story) -> None:
    story.invoice("F1", 10_000, -1)
    story.file(_PAYMENT + "P1,1001,2026-03-01,100.00,,F1,x\n", "payments")
    story.file(_PAYMENT + "P1,1001,2026-03-09,100.00,,F1,x\n", "payments")


_INVOICE = "Invoice number,Customer number,Invoice date,Due date,Total\n"


def _invoice_moved_and_lowered(story: Story) -> None:
    story.file(_INVOICE + "F1,1001,2026-02-01,2026-03-03,100.00\n", "invoices")
    story.file(_PAYMENT + "P1,1001,2026-02-20,90.00,,F1,x\n", "payments")
    report = story.file(_INVOICE + "F1,1001,2026-03-01,2026-03-31,95.00\n", "invoices")
    assert report.counts["invoice"]["changed"] == 1
    report = story.file(_INVOICE + "F1,1001,2026-03-01,2026-03-31,80.00\n", "invoices")
    assert report.counts["invoice"]["refused"] == 1


def _imported_payment_with_discount_moved(story: Story) -> None:
    story.invoice("F1", 10_000, 30, issued_on=on(-5), discount_minor=200, discount_until_on=on(-1))
    for _ in range(2):
        story.file(_PAYMENT + "P1,1001,2026-03-14,98.00,,F1,x\n", "payments")
        assert story.books.open() == {"F1": 0}
    story.file(_PAYMENT + "P1,1001,2026-03-16,98.00,,F1,x\n", "payments")
    assert story.books.open() == {"F1": 200}


def _returned_before_it_was_allocated(story: Story) -> None:
    story.invoice("F1", 10_000, -1)
    paid = story.books.pay(10_000, on=on(-3))
    story.days(5)
    allocate_payment(paid.payment.id, store=story.store)
    story.days(5)
    story.back(paid.payment, "reversal", 6_000, 2)


STORIES = [
    _parts_paid_and_partly_released, _charged_back_after_a_write_off, _discount_taken_and_payment_reversed,
    _disputed_and_part_credited, _credit_refunded, _overpaid_refunded_reversed, _two_currencies,
    _payment_moved_to_a_later_day, _invoice_moved_and_lowered, _imported_payment_with_discount_moved,
    _returned_before_it_was_allocated,
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_everybody_says_the_same_on_every_day(
    store: Store, session: Session, clock: MovableClock, tmp_path: Path, story: Callable[[Story], None]
) -> None:
    told = Story(store, session, clock, tmp_path)
    story(told)
    assert_agree(session, told.customer)
