"""Orders and shipments from files, in the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.o2c_core.imports.files import a_profile, imported, reasons

HEAD = "Ordernummer,Klantnummer,Orderdatum,Artikel,Omschrijving,Aantal,Stukprijs,Status,Barcode,Vervoerder,Verzenddatum,Geleverd op\n"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "1001")
    session.commit()
    return customer


def order(session: Session, number: str = "SO-1") -> Order:
    session.expire_all()
    return session.scalars(select(Order).where(Order.number == number)).one()


def test_rows_of_one_number_become_an_order_with_lines_and_shipments(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    rows = (
        "SO-1,1001,2026-01-05,A-1,Meel,2,12.50,geleverd,3SVD1,PostNL,2026-01-06,2026-01-07\n"
        "SO-1,1001,2026-01-05,A-2,Gist,1,5.00,verzonden,3SVD2,PostNL,2026-01-08,\n"
        "SO-1,1001,2026-01-05,A-3,Zout,1,1.00,,,,,\n"
    )
    report = imported(store, tmp_path, HEAD + rows, "orders")
    taken = order(session)
    assert [(line.position, line.sku, line.state, line.amount_minor) for line in taken.lines] == [
        (1, "A-1", "delivered", 2500),
        (2, "A-2", "shipped", 500),
        (3, "A-3", "ordered", 100),
    ]
    assert taken.state == "part_delivered"
    assert taken.ordered_on == date(2026, 1, 5)
    assert [(shipment.tracking_number, shipment.carrier, shipment.delivered_on) for shipment in taken.shipments] == [
        ("3SVD1", "PostNL", date(2026, 1, 7)),
        ("3SVD2", "PostNL", None),
    ]
    assert report.counts == {"order": {"accepted": 1}}
    assert (report.lines["order"], report.lines["shipment"]) == (3, 2)
    assert imported(store, tmp_path, HEAD + rows, "orders").counts == {"order": {"unchanged": 1}}


def test_a_new_state_or_delivery_changes_the_order_and_keeps_its_lines(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    row = "SO-1,1001,2026-01-05,A-1,Meel,2,12.50,{},3SVD1,PostNL,2026-01-06,{}\n"
    imported(store, tmp_path, HEAD + row.format("verzonden", ""), "orders")
    line, shipment = order(session).lines[0].id, order(session).shipments[0].id
    report = imported(store, tmp_path, HEAD + row.format("geleverd", "2026-01-07"), "orders")
    assert report.counts == {"order": {"changed": 1}}
    changed = order(session)
    assert [(found.id, found.state) for found in changed.lines] == [(line, "delivered")]
    assert [(found.id, found.delivered_on) for found in changed.shipments] == [(shipment, date(2026, 1, 7))]


def test_a_delivery_alone_changes_an_order(store: Store, session: Session, customer: Customer, tmp_path: Path) -> None:
    row = "SO-1,1001,2026-01-05,A-1,Meel,2,12.50,verzonden,3SVD1,PostNL,2026-01-06,{}\n"
    imported(store, tmp_path, HEAD + row.format(""), "orders")
    assert imported(store, tmp_path, HEAD + row.format("2026-01-07"), "orders").counts == {"order": {"changed": 1}}


def test_a_line_taken_off_an_order_leaves_the_invoice_that_pointed_to_it(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    row = "SO-1,1001,2026-01-05,A-{0},Meel,2,12.50,,,,,\n"
    imported(store, tmp_path, HEAD + row.format(1) + row.format(2), "orders")
    taken = order(session)
    invoice = an_invoice(session, customer, order_id=taken.id)
    invoice.lines.append(
        InvoiceLine(
            position=1, sku="A-2", description="Meel", quantity=2, unit_price=12, amount_minor=2500,
            order_line_id=taken.lines[1].id,
        )
    )  # fmt: skip
    session.commit()
    imported(store, tmp_path, HEAD + row.format(1), "orders")
    session.expire_all()
    assert len(order(session).lines) == 1
    assert session.scalars(select(InvoiceLine.order_line_id)).all() == [None]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("SO-2,1001,2026-01-05,A-1,Meel,2,12.50,zoek,,,,", "Status: 'zoek' is not a state of an order known here"),
        ("SO-2,1001,2026-01-05,A-1,Meel,0.0001,12.50,,,,,", "Aantal: '0.0001' has more than three decimals"),
        ("SO-2,1001,2026-01-05,A-1,Meel,2,1E+05,,,,,", "Stukprijs: '1E+05' is in scientific notation"),
        (
            "SO-2,1001,2026-01-05,A-1,Meel,2,12.50,verzonden,3.5E+11,PostNL,,",
            "Barcode: '3.5E+11' is in scientific notation",
        ),
        ("SO-2,4711,2026-01-05,A-1,Meel,2,12.50,,,,,", "the customer 4711 of order SO-2 is not known"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_and_the_others_are_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path, row: str, reason: str
) -> None:
    report = imported(store, tmp_path, f"{HEAD}{row}\nSO-1,1001,2026-01-05,A-1,Meel,2,12.50,,,,,\n", "orders")
    assert reasons(report)[0].startswith(f"2: {reason}")
    assert session.scalars(select(Order.number)).all() == ["SO-1"]
    assert report.counts == {"order": {"refused": 1, "accepted": 1}}


def test_any_json_can_be_mapped_by_a_profile_with_lists_inside_lists(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    own = a_profile(
        tmp_path,
        """
        [file]
        formats = ["json"]
        [[records]]
        kind = "order"
        path = "data.sales.*"
        fields = { number = "id", customer = "buyer.code", ordered_on = "placed" }
        [records.new_customer]
        name = { text = "{buyer.first} {buyer.last}" }
        [records.lines]
        path = "parcels.*.content.*"
        sku = "code"
        quantity = "pieces"
        unit_price = "each"
        state = { columns = "/phase", values = { sent = "shipped" } }
        [records.shipments]
        path = "parcels.*"
        tracking_number = "label"
        carrier = "by"
        """,
    )
    content = b"""
        {"data": {"sales": [
            {"id": 17, "buyer": {"code": "N1", "first": "Noor", "last": "Smit"}, "placed": "2026-01-05", "phase": "sent",
             "parcels": [{"label": "L1", "by": "DHL", "content": [{"code": "A", "pieces": 2, "each": 0.335}]},
                         {"label": "L2", "content": [{"code": "B", "pieces": 1, "each": 3}, {"code": "C", "each": 1}]}]},
            {"id": 18, "buyer": {"code": "1001"}, "phase": "sent", "parcels": []},
            "nonsense"]}}
    """
    report = imported(store, tmp_path, content, own, name="sales.json")
    taken = order(session, "17")
    assert [(line.sku, line.quantity, line.amount_minor, line.state) for line in taken.lines] == [
        ("A", 2, 67, "shipped"), ("B", 1, 300, "shipped"), ("C", 1, 100, "shipped"),
    ]  # fmt: skip
    assert session.get_one(Customer, taken.customer_id).name == "Noor Smit"
    assert {(shipment.tracking_number, shipment.carrier) for shipment in session.scalars(select(Shipment))} == {
        ("L1", "DHL"),
        ("L2", None),
    }
    assert order(session, "18").lines == []
    assert reasons(report) == ["3: data.sales.* number 3 is not an object"]
    assert imported(store, tmp_path, content, own, name="sales.json").counts["order"] == {"unchanged": 2, "refused": 1}


def test_a_line_that_is_further_along_here_does_not_run_backwards(
    store: Store, session: Session, tmp_path: Path
) -> None:
    head = "Order number,Customer number,Article,Quantity,Unit price,State\n"
    a_customer(session, a_seller(session), "1001")
    session.commit()
    imported(store, tmp_path, head + "SO-1,1001,A,1,1.00,delivered\nSO-1,1001,B,1,1.00,ordered\n", "orders")
    report = imported(store, tmp_path, head + "SO-1,1001,A,2,1.00,ordered\nSO-1,1001,B,2,1.00,shipped\n", "orders")
    session.expire_all()
    order = session.scalars(select(Order)).one()
    assert [(line.quantity, line.state) for line in order.lines] == [(2, "delivered"), (2, "shipped")]
    assert "1 lines are further along here than the file says, such as in order SO-1; they stay so" in report.remarks


def test_a_line_that_was_shipped_cannot_go_missing(store: Store, session: Session, tmp_path: Path) -> None:
    head = "Order number,Customer number,Article,Quantity,Unit price,State\n"
    a_customer(session, a_seller(session), "1001")
    session.commit()
    imported(store, tmp_path, head + "SO-1,1001,A,1,1.00,ordered\nSO-1,1001,B,1,1.00,ordered\n", "orders")
    imported(store, tmp_path, "Order number,Tracking number,Article,Quantity\nSO-1,3S1,B,1\n", "shipments")
    report = imported(store, tmp_path, head + "SO-1,1001,A,1,1.00,ordered\n", "orders")
    assert reasons(report) == ["2: the order SO-1 has fewer lines than before, and one that is gone was shipped"]
