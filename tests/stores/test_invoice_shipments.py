"""What went out is invoiced once, line by line, by whoever asks first."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.worker import make_worker
from o2c_core.actions.cancel_lines import cancel_lines
from o2c_core.actions.deliver_shipment import Arrival, deliver_shipment
from o2c_core.actions.issue_invoice import (
    Billing,
    InvoicedElsewhere,
    MoreThanOrdered,
    NothingToInvoice,
    issue_invoice,
)
from o2c_core.actions.place_order import place_order
from o2c_core.actions.ship_order import Departure, ship_order
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.invoices.draft import BilledLine
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.tax import TaxUnknown
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from tests.build import a_shipment, an_invoice, an_order
from tests.stores.ordering import AUTOMATIC, a_purchase, buying, flour, placed, trail

FLOW = {"order_flow": {"confirm": "automatic", "invoice_on": "shipment"}}


def left(store: Store, order: Order, tracking: str, quantities: dict[int, Decimal] | None = None) -> Shipment:
    return ship_order(Departure(order.id, tracking, quantities=quantities), store=store, by="Bas")


def of(shipment: Shipment) -> Billing:
    return Billing(order_id=shipment.order_id, shipment_id=shipment.id)


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Invoice)).scalar_one()


def test_a_shipment_is_invoiced_once_for_exactly_what_was_in_it(store: Store, session: Session) -> None:
    order = placed(store, session, flour("3", "33.333333"), flour("2", "1.00"))
    one = left(store, order, "3S1", {1: Decimal(1)})
    two = left(store, order, "3S2")
    first, again, second = (issue_invoice(of(each), store=store, by="system") for each in (one, one, two))
    assert first.id == again.id
    assert [(line.order_line_id, line.quantity, line.amount_minor) for line in first.lines] == [
        (order.lines[0].id, 1, 33_33)
    ]
    assert [(line.quantity, line.amount_minor) for line in second.lines] == [(2, 66_67), (2, 2_00)]
    assert first.net_minor + second.net_minor == order.amount.minor
    assert (first.order_id, first.currency) == (order.id, "EUR")


def test_shipments_may_be_invoiced_in_any_order_and_sum_to_the_order(store: Store, session: Session) -> None:
    order = placed(store, session, flour("7", "1.43"))
    shipments = [left(store, order, f"3S{number}", {1: Decimal(much)}) for number, much in enumerate((3, 1, 2))]
    cancel_lines(order.id, store=store, by="Eva", why="enough")
    issued = [issue_invoice(of(each), store=store, by="system") for each in reversed(shipments)]
    assert [line.quantity for invoice in issued for line in invoice.lines] == [2, 1, 3]
    assert sum(invoice.net_minor for invoice in issued) == round(order.amount.minor * 6 / 7)


def test_an_order_is_invoiced_for_what_has_left_and_was_not_invoiced(store: Store, session: Session) -> None:
    order = placed(store, session)
    with pytest.raises(NothingToInvoice):
        issue_invoice(Billing(order_id=order.id), store=store, by="Eva")
    one = left(store, order, "3S1", {1: Decimal(4)})
    issue_invoice(of(one), store=store, by="system")
    left(store, order, "3S2", {1: Decimal(1)})
    left(store, order, "3S3", {2: Decimal(3)})
    invoice = issue_invoice(Billing(order_id=order.id, number="F-1"), store=store, by="Eva")
    assert [(line.sku, line.quantity) for line in invoice.lines] == [("FLOUR-1", 1), ("FLOUR-1", 3)]
    assert issue_invoice(Billing(order_id=order.id, number="F-1"), store=store, by="Eva").id == invoice.id
    with pytest.raises(NothingToInvoice):
        issue_invoice(Billing(order_id=order.id), store=store, by="Eva")


def test_lines_of_an_order_may_be_invoiced_ahead_but_never_more_than_ordered(store: Store, session: Session) -> None:
    order = placed(store, session, flour("10"))
    ahead = BilledLine(
        "FLOUR-1", "Flour", Decimal(6), Decimal("12.50"), "S", Decimal(21), order_line_id=order.lines[0].id
    )
    issue_invoice(Billing(order_id=order.id, lines=(ahead,)), store=store, by="Eva")
    with pytest.raises(MoreThanOrdered):
        issue_invoice(Billing(order_id=order.id, lines=(ahead,)), store=store, by="Eva")
    invoice = issue_invoice(of(left(store, order, "3S1")), store=store, by="system")
    assert [line.quantity for line in invoice.lines] == [4]


def test_an_invoice_that_names_no_lines_makes_a_person_look(store: Store, session: Session) -> None:
    order = placed(store, session)
    an_invoice(session, session.get_one(Customer, order.customer_id), order_id=order.id)
    session.commit()
    shipment = left(store, order, "3S1")
    with pytest.raises(InvoicedElsewhere):
        issue_invoice(of(shipment), store=store, by="system")
    line = trail(session, "invoice not issued")[0]
    assert (line.subject_id, line.why) == (shipment.id, InvoicedElsewhere.__doc__)
    assert line.details["tracking"] == "3S1"


@pytest.mark.parametrize(
    ("state", "tax", "failure"), [("confirmed", None, TaxUnknown), ("shipped", None, NothingToInvoice)]
)
def test_an_imported_shipment_that_cannot_be_invoiced_says_so_in_the_trail(
    store: Store, session: Session, state: str, tax: None, failure: type[Refused]
) -> None:
    order = an_order(session, buying(session, FLOW), states=(state,))
    shipment = a_shipment(session, order, "3S1")
    session.commit()
    ship_order(Departure(order.id, "3S1"), store=store, by="ERP")
    with pytest.raises(failure):
        issue_invoice(of(shipment), store=store, by="system")
    assert [line.why for line in trail(session, "invoice not issued")] == [failure.__doc__]


@pytest.mark.parametrize("invoice_on", ["shipment", "delivery"])
def test_goods_that_went_out_are_invoiced_by_the_worker(own_database: str, own_store: Store, invoice_on: str) -> None:
    with own_store.session() as session:
        customer = buying(session, AUTOMATIC | {"order_flow": {"confirm": "automatic", "invoice_on": invoice_on}})
    order = place_order(a_purchase(customer, purchase_order="PO 7"), store=own_store, by="Eva")
    deliver_shipment(Arrival(left(own_store, order, "3S1").id), store=own_store, by="PostNL")
    work(own_database, own_store)
    with own_store.session() as session:
        invoice = session.scalars(select(Invoice)).one()
        assert (invoice.number, invoice.total_minor, invoice.purchase_order) == ("INV-2026-0001", 154_88, "PO 7")
        assert session.scalars(select(Order)).one().state == "delivered"


def test_a_job_that_is_refused_ends_and_is_seen(own_database: str, own_store: Store) -> None:
    with own_store.session() as session:
        customer = buying(session, FLOW)
        order = an_order(session, customer, states=("confirmed",))
        session.commit()
    left(own_store, order, "3S1")
    work(own_database, own_store)
    with own_store.session() as session:
        assert [line.why for line in trail(session, "invoice not issued")] == [TaxUnknown.__doc__]


def work(url: str, store: Store) -> None:
    """Carries out every job that waits."""
    worker = make_worker(url, store, {})

    async def run() -> None:
        async with worker.open_async():
            await worker.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(run())


def test_two_at_once_invoice_a_shipment_once(own_store: Store) -> None:
    with own_store.session() as session:
        customer = buying(session, AUTOMATIC)
    order = place_order(a_purchase(customer), store=own_store, by="Eva")
    shipment = left(own_store, order, "3S1")
    ready = Barrier(5)

    def issue(_: int) -> str:
        ready.wait()
        return issue_invoice(of(shipment), store=own_store, by="system").number

    with ThreadPoolExecutor(5) as pool:
        assert set(pool.map(issue, range(5))) == {"INV-2026-0001"}
    with own_store.session() as session:
        assert count(session) == 1
