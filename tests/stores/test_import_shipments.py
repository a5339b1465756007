"""Shipments from files, of orders that are already in the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_order
from tests.o2c_core.imports.files import imported, reasons

HEAD = "Order number,Tracking number,Carrier,Shipped on,Delivered on,Signed by,POD type,POD,Article,Quantity\n"


@pytest.fixture
def order(session: Session) -> Order:
    order = an_order(session, a_customer(session, a_seller(session)), "SO-1", states=("confirmed", "confirmed"))
    session.commit()
    return order


def shipments(session: Session) -> list[Shipment]:
    session.expire_all()
    return list(session.scalars(select(Shipment).order_by(Shipment.tracking_number)))


def states(session: Session) -> list[str]:
    session.expire_all()
    return [line.state for line in session.scalars(select(Order)).one().lines]


def test_a_shipment_comes_with_its_proof_of_delivery(
    store: Store, session: Session, order: Order, tmp_path: Path
) -> None:
    row = HEAD + "SO-1,3S1,PostNL,2026-03-10,2026-03-12,J. de Boer,handtekening,POD-77,,\n"
    assert imported(store, tmp_path, row, "shipments").counts["shipment"] == {"accepted": 1}
    (sent,) = shipments(session)
    assert (sent.shipped_on, sent.delivered_on) == (date(2026, 3, 10), date(2026, 3, 12))
    assert (sent.received_by, sent.proof_kind, sent.proof_reference) == ("J. de Boer", "signature", "POD-77")
    assert imported(store, tmp_path, row, "shipments").counts["shipment"] == {"unchanged": 1}


def test_delivery_is_heard_later_and_empty_cells_take_nothing_away(
    store: Store, session: Session, order: Order, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "SO-1,3S1,PostNL,2026-03-10,,,,,,\n", "shipments")
    report = imported(store, tmp_path, HEAD + "SO-1,3S1,,,2026-03-12,,,,,\n", "shipments")
    assert report.counts["shipment"] == {"changed": 1}
    (sent,) = shipments(session)
    assert (sent.carrier, sent.shipped_on, sent.delivered_on) == ("PostNL", date(2026, 3, 10), date(2026, 3, 12))


def test_articles_move_their_lines_forward_and_never_back(
    store: Store, session: Session, order: Order, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "SO-1,3S1,PostNL,2026-03-10,,,,,ART-1,1\n", "shipments")
    assert states(session) == ["part_shipped", "confirmed"]
    rest = "SO-1,3S2,PostNL,2026-03-11,,,,,ART-1,1\nSO-1,3S2,PostNL,2026-03-11,,,,,ART-2,\n"
    imported(store, tmp_path, HEAD + rest, "shipments")
    assert states(session) == ["shipped", "shipped"]
    second = shipments(session)[1]
    assert sorted(line.quantity for line in second.lines) == [Decimal(1), Decimal(2)]
    imported(store, tmp_path, HEAD + "SO-1,3S2,,,2026-03-13,,,,,\nSO-1,3S1,,,2026-03-13,,,,,\n", "shipments")
    assert states(session) == ["delivered", "delivered"]
    imported(store, tmp_path, HEAD + "SO-1,3S1,PostNL,2026-03-10,,,,,ART-1,1\n", "shipments")
    assert states(session) == ["delivered", "delivered"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("SO-9,3S1,,,,,,,,", "2: the order SO-9 is not known; import the orders first"),
        ("SO-1,3S1,,,,,,,ART-9,1", "2: the shipment 3S1 names an article that order SO-1 does not have"),
        ("SO-1,3S1,,2026-03-12,2026-03-10,,,,,", "2: Delivered on: 2026-03-10 is before the day it left, 2026-03-12 (order SO-1)"),
        ("SO-1,3S1,,,,,stempel,,,", "2: POD type: 'stempel' is not a proof of delivery: signature, photo, scan, code (order SO-1)"),
        ("SO-1,3S1,,,,,,,ART-1,0", "2: Quantity: a shipment holds more than nothing of an article (order SO-1)"),
        ("SO-1,3S0,,,2026-03-13,,,,,", "2: the shipment 3S0 was already delivered on 2026-03-01, and the file says 2026-03-13"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_over_is_refused_and_the_rest_is_kept(
    store: Store, session: Session, order: Order, tmp_path: Path, row: str, reason: str
) -> None:
    imported(store, tmp_path, HEAD + "SO-1,3S0,,,2026-03-01,,,,,\n", "shipments")
    report = imported(store, tmp_path, HEAD + row + "\nSO-1,3S7,,,,,,,,\n", "shipments")
    assert reasons(report) == [reason]
    assert report.counts["shipment"] == {"accepted": 1, "refused": 1}
    assert [sent.tracking_number for sent in shipments(session)] == ["3S0", "3S7"]
