"""The link in a mail of news to the page of the order or invoice it tells of, for whoever reads it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_links import LinkWish, link_url, links_again
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Contact
from o2c_core.informing.notice import Notice
from o2c_core.informing.part import InvoiceIssued
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.store.many import is_one_of

_Noun = TypeVar("_Noun", Contact, Invoice)


def with_page(session: Session, notice: Notice, doorplate: Doorplate | None, now: datetime) -> Notice:
    """The notice with a link to the one document it is about."""
    return with_pages(session, [notice], doorplate, now)[0]


def with_pages(session: Session, notices: Sequence[Notice], doorplate: Doorplate | None, now: datetime) -> list[Notice]:
    """The same for many at once. A notice stays as it was where it is about several documents, in a text, which has no
    room, or where this house has no public address."""
    if doorplate is None or doorplate.base_url is None:
        return list(notices)
    may = [one for one in notices if one.recipient.channel == "email" and not one.customer.is_walk_in]
    contacts = {one.id: one for one in _rows(session, Contact, {one.recipient.contact_id for one in may})}
    invoices = {one.id: one for one in _rows(session, Invoice, {_invoice_of(one) for one in may})}
    numbers = {_order_of(one) for one in may} - {None}
    query = select(Order).where(
        is_one_of(Order.customer_id, {one.customer.id for one in may}), Order.number.in_(numbers)
    )
    orders = {(one.customer_id, one.number): one for one in session.scalars(query)} if numbers else {}
    about = [
        (invoices.get(_invoice_of(one)), orders.get((one.customer.id, _order_of(one))))  # type: ignore[arg-type]
        for one in may
    ]
    linked = [(one, invoice, order) for one, (invoice, order) in zip(may, about, strict=True) if invoice or order]
    wishes = [
        LinkWish(one.customer, contacts.get(one.recipient.contact_id), invoice, order)  # type: ignore[arg-type]
        for one, invoice, order in linked
    ]
    links = links_again(session, wishes, now=now, by="assistant", why="goes with news") if wishes else []
    urls = {id(one): link_url(doorplate, link) for (one, _, _), link in zip(linked, links, strict=True)}
    return [replace(one, page_url=urls.get(id(one))) for one in notices]


def _invoice_of(notice: Notice) -> UUID | None:
    """The invoice, where that is all the notice is about."""
    (first, *others) = notice.parts
    return first.invoice_id if isinstance(first, InvoiceIssued) and not others else None


def _order_of(notice: Notice) -> str | None:
    """The number of the order, where it is about one and no invoice."""
    if any(isinstance(one, InvoiceIssued) for one in notice.parts):
        return None
    orders = {getattr(one, "order", None) for one in notice.parts}
    return orders.pop() if len(orders) == 1 else None


def _rows(session: Session, noun: type[_Noun], ids: Collection[UUID | None]) -> Sequence[_Noun]:
    known = [one for one in ids if one is not None]
    return session.scalars(select(noun).where(is_one_of(noun.id, known))).all() if known else []
