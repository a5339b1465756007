"""What is asked of a customer, as their own pages list it: each invoice with what is open, late, objected to and promised."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.dispute import Dispute
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.invoices.account import OpenInvoice, invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from web.portal.door import Guest, Portal

# On these pages a link may be long: nobody types it over.
PAID_TOGETHER_MAX = 60


@dataclass(frozen=True)
class Item:
    """One invoice in a list. `state` is paid, part_paid, due, overdue, disputed or promised."""

    invoice: Invoice
    open: Money
    objected: Money
    due_on: date
    days_late: int
    state: str
    promised_on: date | None = None

    @property
    def to_pay(self) -> Money:
        return max(Money.zero(self.open.currency), self.open - self.objected)


def items_of(session: Session, guest: Guest, found: Iterable[OpenInvoice]) -> list[Item]:
    """Those invoices with what speaks against asking for them."""
    invoices = list(found)
    ids = [one.invoice.id for one in invoices]
    objected, promised = _objected(session, ids), _promised(session, guest.customer.id, ids)
    return [_item(one, objected.get(one.invoice.id, 0), promised.get(one.invoice.id)) for one in invoices]


def open_items(session: Session, guest: Guest) -> list[Item]:
    """What is open, the oldest due first."""
    return items_of(session, guest, invoices_of(session, guest.customer.id, guest.today, only_open=True))


def _item(one: OpenInvoice, objected_minor: int, promised_on: date | None) -> Item:
    objected = min(Money(objected_minor, one.open.currency), max(one.open, Money.zero(one.open.currency)))
    is_open = one.open.minor > 0
    state = one.state
    if is_open and objected == one.open:
        state = "disputed"
    elif is_open and promised_on is not None:
        state = "promised"
    return Item(one.invoice, one.open, objected, one.next_due_on, one.days_late, state, promised_on)


def _objected(session: Session, ids: Collection[UUID]) -> dict[UUID, int]:
    query = (
        select(Dispute.invoice_id, func.sum(Dispute.amount_minor))
        .where(Dispute.invoice_id.in_(ids), Dispute.state == "open")
        .group_by(Dispute.invoice_id)
    )
    return {invoice_id: int(minor) for invoice_id, minor in session.execute(query)}


def _promised(session: Session, customer_id: UUID, ids: Collection[UUID]) -> dict[UUID, date]:
    query = (
        select(PromisedInvoice.invoice_id, func.min(Promise.promised_on).label("on"))
        .join(Promise, Promise.id == PromisedInvoice.promise_id)
        .where(Promise.customer_id == customer_id, Promise.state == "open", PromisedInvoice.invoice_id.in_(ids))
        .group_by(PromisedInvoice.invoice_id)
    )
    return {row.invoice_id: row.on for row in session.execute(query)}


def promises_on(session: Session, guest: Guest, invoice: Invoice) -> list[Promise]:
    """The open promises that name the invoice."""
    query = (
        select(Promise)
        .join(PromisedInvoice, PromisedInvoice.promise_id == Promise.id)
        .where(Promise.customer_id == guest.customer.id, PromisedInvoice.invoice_id == invoice.id)
        .where(Promise.state == "open")
        .options(selectinload(Promise.invoices))
    )
    return list(session.scalars(query.order_by(Promise.promised_on)))


def pay_path(portal: Portal, guest: Guest, currency: str, ids: Collection[UUID]) -> str | None:
    """The page on which those can be paid, on the host they look at now; None where there is nothing to pay."""
    if not ids or len(ids) > PAID_TOGETHER_MAX:
        return None
    here = replace(portal.doorplate, base_url=portal.doorplate.base_url or "https://here.invalid")
    url = pay_url(here, Payable(currency, guest.customer.id, tuple(ids)), guest.now, named_max=PAID_TOGETHER_MAX)
    return urlsplit(url).path if url else None
