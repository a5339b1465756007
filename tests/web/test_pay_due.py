"""What is paid in parts is asked for in parts: by instalments of an invoice, and by an agreed plan over several."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_due import first_due
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_payment, a_seller, an_invoice
from tests.conftest import NOON
from tests.stores.money import in_parts
from web.pay import pay_pages
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "https://parley.example")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


def asked(store: Store, customer: Customer, *invoices: Invoice) -> tuple[str, str]:
    """The amount the page asks for, as a bank's form takes it, and what stands in the field for a part."""
    app = FastAPI()
    app.include_router(pay_pages(store=store, doorplate=PLATE))
    app.mount("/static", static_files())
    url = str(pay_url(PLATE, Payable("EUR", customer.id, tuple(one.id for one in invoices)), NOON))
    with TestClient(app) as client:
        page = unescape(client.get(url.removeprefix("https://parley.example")).text)
    return re.findall(r'data-copy="([^"]+)"', page)[0], re.findall(r'name="amount" value="([^"]*)"', page)[0]


@pytest.mark.parametrize(
    ("days", "paid", "amount"),
    [
        # Parts of 100, 100 and 50; the days they are due, from today.
        ((-30, 0, 30), 0, 20_000),
        ((-30, 5, 30), 0, 10_000),
        ((5, 30, 60), 0, 10_000),
        ((5, 30, 60), 4_000, 6_000),
        ((-30, 5, 30), 10_000, 10_000),
        ((-60, -30, -1), 0, 25_000),
        ((-60, -30, 5), 20_000, 5_000),
    ],
)
def test_of_instalments_what_is_due_or_else_the_next(
    store: Store, session: Session, customer: Customer, days: tuple[int, ...], paid: int, amount: int
) -> None:
    invoice = an_invoice(session, customer, "A", total_minor=25_000)
    in_parts(
        session,
        invoice,
        {DAY + timedelta(days=day): minor for day, minor in zip(days, (10_000, 10_000, 5_000), strict=True)},
    )
    if paid:
        a_payment(session, invoice, paid)
    session.commit()
    shown = f"{amount // 100},{amount % 100:02}"
    is_all = amount == 25_000 - paid
    assert asked(store, customer, invoice) == (shown, "" if is_all else shown)


@pytest.mark.parametrize(("state", "amount"), [("active", "120,00"), ("broken", "220,00"), ("proposed", "220,00")])
def test_of_an_active_plan_its_part_and_whole_what_is_not_in_it(
    store: Store, session: Session, customer: Customer, state: str, amount: str
) -> None:
    first, second, loose = (
        an_invoice(session, customer, name, total_minor=minor)
        for name, minor in (("A", 8_000), ("B", 12_000), ("C", 2_000))
    )
    plan = PaymentPlan(
        id=new_key(), seller_id=customer.seller_id, customer_id=customer.id, number="P-1", currency="EUR", grace_days=2,
        state=state, by="Eva", role="finance", proposed_at=MOMENT, started_on=DAY - timedelta(days=1),
        parts=[
            PlanPart(position=at, due_on=DAY + timedelta(days=30 * at - 30), amount_minor=10_000) for at in (1, 2)
        ],
        invoices=[PlannedInvoice(invoice_id=one.id) for one in (first, second)],
    )  # fmt: skip
    session.add(plan)
    session.commit()
    assert asked(store, customer)[0] == amount
    # A link to one of its invoices never asks for more than that invoice.
    assert asked(store, customer, first)[0] == "80,00"
    assert asked(store, customer, loose)[0] == "20,00"


@pytest.mark.parametrize(
    ("parts", "due"),
    [([], 0), ([(1, 0), (2, 5)], 5), ([(0, 7), (-1, 3), (1, 9)], 10), ([(3, 9), (2, 4)], 4), ([(-1, 0), (1, 2)], 2)],
)
def test_the_first_that_is_due(parts: list[tuple[int, int]], due: int) -> None:
    today = date(2026, 3, 16)
    assert first_due([(today + timedelta(days=day), minor) for day, minor in parts], today) == due
