"""Issue an invoice: for what a shipment carried, for what of an order has left, or for lines that are named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.terms import PaymentTerms
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.allocation import check_happened
from o2c_core.invoices.billed import billed_of
from o2c_core.invoices.draft import BilledLine, Heading, draft_invoice, is_same_invoice
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import NoSuchLine, Order, OrderLine, order_to_change, quantities_of
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note


class WhoseInvoice(Refused):
    """An invoice is for a customer with lines, or for an order or a shipment of it."""


class InvoiceNumberTaken(Refused):
    """There is another invoice with that number."""


class NothingToInvoice(Refused):
    """Everything of that order that has left is invoiced already."""


class MoreThanOrdered(Refused):
    """That is more than was ordered and not invoiced yet."""


class InvoicedElsewhere(Refused):
    """The order has an invoice that does not say which of its lines it is for, so a person has to look."""


@dataclass(frozen=True)
class Billing:
    """What to invoice.

    Of a customer the `lines`; of an order the `lines`, else what has left and is not invoiced; of a shipment what was in
    it. Without a number the seller's numbering gives one; without a day it is today where the seller is; without `terms`
    those agreed with the customer hold.
    """

    customer_id: UUID | None = None
    order_id: UUID | None = None
    shipment_id: UUID | None = None
    lines: tuple[BilledLine, ...] | None = None
    number: str | None = None
    issued_on: date | None = None
    purchase_order: str | None = None
    buyer_reference: str | None = None
    terms: PaymentTerms | None = None
    currency: str | None = None


def issue_invoice(billing: Billing, *, store: Store, by: str, why: str = "", message_id: UUID | None = None) -> Invoice:
    """The invoice. The same again (by its number, its shipment, or from the same message) is the invoice that is there.

    What a shipment's invoice was refused for is left in the trail, as it is issued when nobody is looking.

    Raises: NotFound; WhoseInvoice; InvoiceNumberTaken; NothingToInvoice; MoreThanOrdered; InvoicedElsewhere;
    NumberingUnclear; InTheFuture; and what a draft refuses.
    """
    now = store.clock.now()
    try:
        with store.session() as session:
            invoice = _issue(session, billing, store, now, by, why, message_id)
            session.commit()
            return invoice
    except Refused as no:
        if billing.shipment_id is not None:
            with store.session() as session:
                shipment = session.get(Shipment, billing.shipment_id)
                order = session.get_one(Order, shipment.order_id) if shipment else None
                if shipment is not None and order is not None:
                    note(
                        session, "invoice not issued", shipment, at=now, who="system", why=no.sentence,
                        customer_id=order.customer_id, seller_id=order.seller_id, order=order.number,
                        tracking=shipment.tracking_number,
                    )  # fmt: skip
                    session.commit()
        raise


def _issue(
    session: Session, billing: Billing, store: Store, now: datetime, by: str, why: str, message_id: UUID | None
) -> Invoice:
    customer, order, shipment = _found(session, billing)
    seller = session.get_one(Seller, customer.seller_id)
    if shipment is not None:
        before = _of_shipment(session, shipment)
        if before is not None:
            return _if_named_so(before, billing)
    number = _tidy(billing.number)
    numbered = select(Invoice).where(Invoice.seller_id == seller.id, Invoice.number == number)
    before = session.scalars(numbered).one_or_none() if number else None
    if before is not None and billing.lines is None:
        # What had left when it was issued is on it; what has left since is another invoice.
        is_this = before.order_id == (order.id if order is not None else None) and shipment is None
        return _if_named_so(before if is_this else None, billing)
    here = today(store.clock, seller.time_zone)
    issued_on = billing.issued_on or here
    check_happened(issued_on, here)
    heading = Heading(
        seller_id=seller.id,
        customer_id=customer.id,
        number=number or "",
        issued_on=issued_on,
        currency=billing.currency or (order.currency if order is not None else customer.currency),
        terms=billing.terms or customer.terms(seller),
        order_id=order.id if order is not None else None,
        purchase_order=_tidy(billing.purchase_order) or (order.purchase_order if order is not None else None),
        buyer_reference=_tidy(billing.buyer_reference),
        exemptions=(seller.settings or {}).get("tax_exemptions") or {},
    )
    if billing.lines is not None:
        same = before or _told_before(session, customer.id, message_id)
        if same is not None:
            # Said again without a day or terms, it is the day and the terms it was issued with.
            again = draft_invoice(replace(heading, issued_on=billing.issued_on or same.issued_on), billing.lines)
            if is_same_invoice(same, again, with_terms=billing.terms is not None):
                return same
        if before is not None:
            raise InvoiceNumberTaken(f"There is another invoice with the number {number}.", number=number)
    lines = _lines(session, billing, order, shipment)
    draft_invoice(heading, lines)  # what cannot be invoiced is refused before it takes a number
    heading = replace(heading, number=number or next_number(session, seller, "invoice", issued_on))
    invoice = draft_invoice(heading, lines)
    invoice.shipment_id = shipment.id if shipment is not None else None
    invoice.buyer = customer.as_buyer()
    session.add(invoice)
    try:
        session.flush()
    except IntegrityError as taken:
        if "uq_invoice_seller_id_number" not in str(taken.orig):
            raise
        raise InvoiceNumberTaken(f"There is another invoice with the number {heading.number}.") from taken
    note(
        session, "invoice issued", invoice, at=now, who=by, why=why, message_id=message_id, number=invoice.number,
        amount=str(invoice.total), due_on=invoice.due_on.isoformat(), order=order.number if order else None,
    )  # fmt: skip
    if shipment is not None:
        note(
            session, "shipment invoiced", shipment, at=now, who=by, why=why, customer_id=customer.id,
            seller_id=seller.id, invoice_id=str(invoice.id), number=invoice.number,
        )  # fmt: skip
    return invoice


def _found(session: Session, billing: Billing) -> tuple[Customer, Order | None, Shipment | None]:
    """Whom and what it is for, locked so that nothing is invoiced twice: the customer first, as when confirming.

    Raises: WhoseInvoice; NotFound.
    """
    order_id, customer_id = billing.order_id, billing.customer_id
    if billing.shipment_id is not None:
        order_id = session.scalars(select(Shipment.order_id).where(Shipment.id == billing.shipment_id)).one_or_none()
        if order_id is None or billing.order_id not in (None, order_id):
            raise NotFound(shipment=str(billing.shipment_id))
        if billing.lines is not None:
            raise WhoseInvoice
    if order_id is not None:
        customer_id = session.scalars(select(Order.customer_id).where(Order.id == order_id)).one_or_none()
        if customer_id is None or billing.customer_id not in (None, customer_id):
            raise NotFound(order=str(order_id))
    if customer_id is None or (order_id is None and billing.lines is None):
        raise WhoseInvoice
    query = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    customer = session.scalars(query).one_or_none()
    if customer is None:
        raise NotFound(customer=str(customer_id))
    if order_id is None:
        return customer, None, None
    order = order_to_change(session, order_id)
    return customer, order, next((one for one in order.shipments if one.id == billing.shipment_id), None)


def _lines(
    session: Session, billing: Billing, order: Order | None, shipment: Shipment | None
) -> tuple[BilledLine, ...]:
    """Raises: InvoicedElsewhere; NothingToInvoice; MoreThanOrdered; NoSuchLine."""
    if order is None:
        return billing.lines or ()
    billed = billed_of(session, order)
    by_id = {line.id: line for line in order.lines}
    if billing.lines is not None:
        wanted: dict[UUID, Decimal] = {}
        for said in billing.lines:
            if said.order_line_id is not None:
                wanted[said.order_line_id] = wanted.get(said.order_line_id, Decimal(0)) + said.quantity
        for line_id, quantity in wanted.items():
            if line_id not in by_id:
                raise NoSuchLine(order=order.number)
            of = by_id[line_id]
            if quantity > of.quantity - of.cancelled_quantity - billed.of(of):
                raise MoreThanOrdered(order=order.number, position=of.position)
        return billing.lines
    if billed.loose:
        raise InvoicedElsewhere(order=order.number, invoices=billed.loose)
    if shipment is not None:
        inside = {part.order_line_id: part.quantity for part in shipment.lines}
        left = [(by_id[line_id], quantity) for line_id, quantity in inside.items()]
    else:
        left = [(line, quantities_of(line, order.shipments).shipped - billed.of(line)) for line in order.lines]
    lines = []
    for line, quantity in sorted(left, key=lambda each: each[0].position):
        # Never more than was ordered, even where somebody invoiced ahead of the goods.
        fair = min(quantity, line.quantity - line.cancelled_quantity - billed.of(line))
        if fair > 0:
            lines.append(_billed(line, billed.of(line), fair))
    if not lines:
        raise NothingToInvoice(order=order.number)
    return tuple(lines)


def _billed(line: OrderLine, before: Decimal, quantity: Decimal) -> BilledLine:
    return BilledLine(
        line.sku, line.description, quantity, line.unit_price, line.tax_category, line.tax_rate,
        net_minor=line.amount_of(before, quantity), order_line_id=line.id,
    )  # fmt: skip


def _of_shipment(session: Session, shipment: Shipment) -> Invoice | None:
    return session.scalars(select(Invoice).where(Invoice.shipment_id == shipment.id)).one_or_none()


def _told_before(session: Session, customer_id: UUID, message_id: UUID | None) -> Invoice | None:
    if message_id is None:
        return None
    issued = select(TrailLine.subject_id).where(
        TrailLine.customer_id == customer_id, TrailLine.what == "invoice issued", TrailLine.message_id == message_id
    )
    return session.scalars(select(Invoice).where(Invoice.id.in_(issued)).order_by(Invoice.id).limit(1)).one_or_none()


def _if_named_so(before: Invoice | None, billing: Billing) -> Invoice:
    """Raises: InvoiceNumberTaken when what is asked for now differs from what was issued."""
    number = _tidy(billing.number)
    if before is None or number not in (None, before.number) or billing.issued_on not in (None, before.issued_on):
        raise InvoiceNumberTaken(f"There is another invoice with the number {number}.", number=number)
    return before


def _tidy(text: str | None) -> str | None:
    return (text or "").strip() or None
