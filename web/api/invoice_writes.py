"""Issuing invoices and credit notes, and no longer asking for a part."""

from __future__ import annotations

from typing import Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from o2c_core.actions.issue_credit_note import issue_credit_note
from o2c_core.actions.issue_invoice import Billing, issue_invoice
from o2c_core.actions.write_off import write_off
from o2c_core.customers.terms import parse_terms
from o2c_core.invoices.crediting import CreditLine
from o2c_core.invoices.draft import BilledLine
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import WRITE_OFF_REASONS
from o2c_core.invoices.posting import DISCOUNT
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from web.api.door import KeyedRoute, needs
from web.api.find import by_number, customer_by, day_here, ids_by_number
from web.api.invoices import CreditNoteTold, InvoiceTold, tell_credit_note, tell_invoice
from web.api.order_writes import LINES_MAX, ArticleAsked, shipment_by
from web.api.problems import described
from web.api.shapes import AmountAsked, Asked, Currency, Day, Line, Prose, Ref
from web.api.writes import ROLE, Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["invoices"])
_WRITES = described(400, 404, 409)
# A discount for paying early is not somebody's decision: it follows from the terms.
Reason = Literal["small_balance", "bad_debt", "goodwill", "dispute"]
assert {*get_args(Reason), DISCOUNT} == set(WRITE_OFF_REASONS)


class ShipmentNamed(Asked):
    order: Ref
    tracking_number: Ref


class InvoiceAsked(Asked):
    """What to invoice: lines of a customer, an order (what has left of it, unless lines are given) or a shipment."""

    customer: Ref | None = None
    order: Ref | None = None
    shipment: ShipmentNamed | None = None
    lines: list[ArticleAsked] | None = Field(None, min_length=1, max_length=LINES_MAX)
    number: Ref | None = Field(None, description="The seller's numbering gives one where it is left out.")
    issued_on: Day | None = None
    purchase_order: Ref | None = None
    buyer_reference: Ref | None = None
    terms: Line | None = Field(None, description="Those agreed with the customer hold where this is left out.")
    currency: Currency | None = None


class CreditNoteAsked(Asked):
    """An amount with its tax, or lines without it."""

    customer: Ref
    reason: Prose
    invoice: Ref | None = None
    amount: AmountAsked | None = None
    lines: list[ArticleAsked] = Field([], max_length=LINES_MAX)


class WriteOffAsked(Asked):
    amount: AmountAsked
    reason: Reason
    words: Prose


@router.post("/invoices", status_code=201, response_model=InvoiceTold, responses=_WRITES)
@needs("invoices:write")
def post_invoice(asked: InvoiceAsked, write: WriteHere) -> Response:
    """Issues an invoice. The same again, by its number or its shipment, is the invoice that is there."""

    def act(store: Store) -> InvoiceTold:
        return _invoice(write, issue_invoice(_billing(asked, write), by=write.who, store=store).id)

    return write.carry_out(act, 201)


@router.post("/credit-notes", status_code=201, response_model=CreditNoteTold, responses=_WRITES)
@needs("invoices:write")
def post_credit_note(asked: CreditNoteAsked, write: WriteHere) -> Response:
    """Issues a credit note and sets it against the invoice it is about; what is over stays as unapplied credit."""

    def act(store: Store) -> CreditNoteTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            customer = customer_by(session, seller_id, asked.customer)
            numbers = ids_by_number(session, seller_id, [asked.invoice] if asked.invoice else [])
        credited = issue_credit_note(
            customer.id,
            reason=asked.reason,
            by=write.who,
            role=ROLE,
            store=store,
            invoice_id=numbers.get(asked.invoice or ""),
            amount=asked.amount.money() if asked.amount else None,
            lines=[CreditLine(**line.model_dump()) for line in asked.lines],
        )
        with write.store.session() as session:
            return tell_credit_note(session, credited.credit_note.id)

    return write.carry_out(act, 201)


@router.post("/invoices/{number}/write-offs", status_code=201, response_model=InvoiceTold, responses=_WRITES)
@needs("invoices:write")
def post_write_off(number: Ref, asked: WriteOffAsked, write: WriteHere) -> Response:
    """Writes off a part of what is open, within what finance may decide."""

    def act(store: Store) -> InvoiceTold:
        with write.store.session() as session:
            invoice = by_number(session, Invoice, write.caller.seller_id, number)
        write_off(
            invoice.id,
            asked.amount.money(),
            reason=asked.reason,
            words=asked.words,
            by=write.who,
            role=ROLE,
            store=store,
        )
        return _invoice(write, invoice.id)

    return write.carry_out(act, 201)


def _billing(asked: InvoiceAsked, write: Write) -> Billing:
    seller_id = write.caller.seller_id
    customer_id = order_id = shipment_id = None
    with write.store.session() as session:
        if asked.customer is not None:
            customer_id = customer_by(session, seller_id, asked.customer).id
        if asked.order is not None:
            order_id = by_number(session, Order, seller_id, asked.order).id
        if asked.shipment is not None:
            order = by_number(session, Order, seller_id, asked.shipment.order)
            shipment_id = shipment_by(session, order, asked.shipment.tracking_number).id
    lines = None if asked.lines is None else tuple(BilledLine(**line.model_dump()) for line in asked.lines)
    return Billing(
        customer_id=customer_id,
        order_id=order_id,
        shipment_id=shipment_id,
        lines=lines,
        number=asked.number,
        issued_on=asked.issued_on,
        purchase_order=asked.purchase_order,
        buyer_reference=asked.buyer_reference,
        terms=parse_terms(asked.terms) if asked.terms else None,
        currency=asked.currency,
    )


def _invoice(write: Write, invoice_id: UUID) -> InvoiceTold:
    with write.store.session() as session:
        invoice = session.get_one(Invoice, invoice_id)
        return tell_invoice(session, invoice, day_here(session, write.caller.seller_id, write.store))
