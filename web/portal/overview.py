"""Where the pages begin: what is open, what is late, what comes, and what needs whoever looks."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from web.portal.door import Guest, Portal
from web.portal.owed import Item, open_items, pay_path
from web.portal.standing import standings

ROWS_MAX = 5
ORDERS_LOOKED_AT = 40
UNDER_WAY = ("ordered", "confirmed", "part_shipped", "shipped", "part_delivered")


@dataclass(frozen=True)
class Sum:
    """What is owed in one currency, and where it is paid at once."""

    open: Money
    overdue: Money
    unapplied: Money
    pay: str | None


@dataclass(frozen=True)
class Coming:
    """An order that is under way, with the parcels that are."""

    order: Order
    parcels: tuple[Shipment, ...]


def overview(portal: Portal, guest: Guest) -> Response:
    guest.require("overview")
    sums: list[Sum] = []
    late: list[Item] = []
    soon: list[Item] = []
    with portal.store.session() as session:
        if guest.may("invoices"):
            items = open_items(session, guest)
            late = [one for one in items if one.state == "overdue"]
            soon = [one for one in items if one.state in ("due", "part_paid", "promised")]
            sums = _sums(session, portal, guest, items)
        coming = _coming(session, guest) if guest.may("orders") else []
        disputes = _disputes(session, guest) if guest.may("dispute") else []
        complaints = _complaints(session, guest) if guest.may("complaints") else []
        status = standings(session, guest, [*(one for one, _ in disputes), *complaints])
    return guest.page(
        "my_overview.html", here="overview", sums=sums, late=late[:ROWS_MAX], late_more=max(0, len(late) - ROWS_MAX),
        soon=soon[:ROWS_MAX], coming=coming, disputes=disputes, complaints=complaints, status=status,
    )  # fmt: skip


def _sums(session: Session, portal: Portal, guest: Guest, items: list[Item]) -> list[Sum]:
    found = []
    for balance in balances(session, guest.customer.id, guest.today):
        currency = balance.open.currency
        ids = [one.invoice.id for one in items if one.open.currency == currency and one.to_pay.minor > 0]
        found.append(Sum(balance.open, balance.overdue, balance.unapplied, pay_path(portal, guest, currency, ids)))
    return found


def _coming(session: Session, guest: Guest) -> list[Coming]:
    query = (
        select(Order)
        .where(Order.customer_id == guest.customer.id)
        .options(selectinload(Order.lines), selectinload(Order.shipments))
        .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
        .limit(ORDERS_LOOKED_AT)
    )
    under_way = [order for order in session.scalars(query) if order.state in UNDER_WAY]
    return [
        Coming(order, tuple(one for one in order.shipments if one.delivered_on is None))
        for order in under_way[:ROWS_MAX]
    ]


def _disputes(session: Session, guest: Guest) -> list[tuple[Dispute, str]]:
    query = (
        select(Dispute, Invoice.number)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.customer_id == guest.customer.id, Dispute.state == "open")
        .order_by(Dispute.answer_by, Dispute.number)
        .limit(ROWS_MAX)
    )
    return [(dispute, number) for dispute, number in session.execute(query)]


def _complaints(session: Session, guest: Guest) -> list[Complaint]:
    query = select(Complaint).where(Complaint.customer_id == guest.customer.id, Complaint.state == "open")
    return list(session.scalars(query.order_by(Complaint.answer_by, Complaint.number).limit(ROWS_MAX)))
