"""Invoices and credit notes, with what is open on them today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.dispute import Dispute
from o2c_core.documents.invoice_copy import render_invoice
from o2c_core.documents.payment import Disputed
from o2c_core.invoices.account import OpenInvoice, open_minor, open_parts, unapplied_minor
from o2c_core.invoices.invoice import CreditNote, CreditNoteLine, Invoice, InvoiceLine, TaxSubtotal
from o2c_core.money import Money
from o2c_core.orders.order import Order
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_number, customer_by, day_here, numbers_of, refs_of
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Amount, Day, Ref, Told, amount, plain, shown

router = APIRouter(route_class=KeyedRoute, tags=["invoices"])
PDF: dict[int | str, dict[str, object]] = {200: {"content": {"application/pdf": {}}, "description": "A PDF."}}
_ALL = (selectinload(Invoice.lines), selectinload(Invoice.instalments), selectinload(Invoice.taxes))
_ALL_CREDIT = (selectinload(CreditNote.lines), selectinload(CreditNote.taxes))


class InvoiceLineTold(Told):
    position: int
    sku: str
    description: str
    quantity: str
    unit_price: str
    amount: Amount
    tax_category: str | None
    tax_rate: str | None


class TaxTold(Told):
    """The tax of one category and rate. Source: EN 16931 BG-23."""

    category: str
    rate: str
    base: Amount
    tax: Amount
    exemption_reason: str | None


class InstalmentTold(Told):
    position: int
    due_on: date
    amount: Amount


class InvoiceTold(Told):
    number: str
    customer: str
    order: str | None
    state: str = Field(description="paid, part_paid, due or overdue.")
    issued_on: date
    due_on: date = Field(description="Of an invoice in instalments: the day of the last one.")
    next_due_on: date = Field(description="The last day to pay the next part that is open.")
    days_late: int
    currency: str
    net: Amount
    tax: Amount
    total: Amount
    open: Amount = Field(description="What is left to pay; never stored, always reckoned.")
    purchase_order: str | None
    buyer_reference: str | None
    payment_reference: str | None
    discount: Amount | None = Field(description="May be kept by who pays everything by discount_until_on.")
    discount_until_on: date | None
    lines: list[InvoiceLineTold]
    taxes: list[TaxTold]
    instalments: list[InstalmentTold]


class CreditNoteTold(Told):
    number: str
    customer: str
    invoice: str | None
    issued_on: date
    currency: str
    total: Amount
    unapplied: Amount = Field(description="What is neither set against an invoice nor paid back.")
    reason: str | None
    lines: list[InvoiceLineTold]
    taxes: list[TaxTold]


@router.get("/invoices", responses=described(400, 404))
@needs("invoices:read")
def list_invoices(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    number: Annotated[Ref | None, Query(description="The invoice of that number, whatever letters it has.")] = None,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    state: Annotated[Literal["open", "paid", "overdue"] | None, Query()] = None,
    issued_from: Annotated[Day | None, Query()] = None,
    issued_to: Annotated[Day | None, Query()] = None,
    due_from: Annotated[Day | None, Query()] = None,
    due_to: Annotated[Day | None, Query()] = None,
) -> Page[InvoiceTold]:
    query = select(Invoice, open_minor().label("open")).where(Invoice.seller_id == caller.seller_id).options(*_ALL)
    if number is not None:
        query = query.where(Invoice.number == number)
    if issued_from is not None:
        query = query.where(Invoice.issued_on >= issued_from)
    if issued_to is not None:
        query = query.where(Invoice.issued_on <= issued_to)
    if due_from is not None:
        query = query.where(Invoice.due_on >= due_from)
    if due_to is not None:
        query = query.where(Invoice.due_on <= due_to)
    with store.session() as session:
        day = day_here(session, caller.seller_id, store)
        if customer is not None:
            query = query.where(Invoice.customer_id == customer_by(session, caller.seller_id, customer).id)
        if state == "overdue":
            parts = open_parts(Invoice.seller_id == caller.seller_id).subquery()
            query = query.where(
                Invoice.id.in_(select(parts.c.invoice_id).where(parts.c.minor > 0, parts.c.due_on < day))
            )
        elif state is not None:
            query = query.where(open_minor() > 0 if state == "open" else open_minor() <= 0)
        return paging.page(session, query, Invoice.id, lambda rows: _tell(session, rows, day))


@router.get("/invoices/{number}", responses=described(404))
@needs("invoices:read")
def read_invoice(number: Ref, caller: CallerHere, store: StoreHere) -> InvoiceTold:
    with store.session() as session:
        invoice = by_number(session, Invoice, caller.seller_id, number, *_ALL)
        return tell_invoice(session, invoice, day_here(session, caller.seller_id, store))


@router.get("/invoices/{number}/pdf", response_class=Response, response_model=None, responses=described(404) | PDF)
@needs("invoices:read")
def read_invoice_pdf(
    number: Ref,
    caller: CallerHere,
    store: StoreHere,
    language: Annotated[Literal["en", "nl", "de", "fr"] | None, Query()] = None,
) -> Response:
    """The invoice's copy with what is open now, in the customer's language unless another is named."""
    with store.session() as session:
        invoice = by_number(session, Invoice, caller.seller_id, number)
        objections = disputed(session, Dispute.invoice_id == invoice.id)
        day = day_here(session, caller.seller_id, store)
        made = render_invoice(session, invoice, day, language=language, disputed=objections)
    return Response(made, media_type="application/pdf")


@router.get("/credit-notes", responses=described(400, 404))
@needs("invoices:read")
def list_credit_notes(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    number: Annotated[Ref | None, Query(description="The credit note of that number.")] = None,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
) -> Page[CreditNoteTold]:
    query = _credit_notes().where(CreditNote.seller_id == caller.seller_id)
    if number is not None:
        query = query.where(CreditNote.number == number)
    with store.session() as session:
        if customer is not None:
            query = query.where(CreditNote.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, CreditNote.id, lambda rows: _tell_credit(session, rows))


@router.get("/credit-notes/{number}", responses=described(404))
@needs("invoices:read")
def read_credit_note(number: Ref, caller: CallerHere, store: StoreHere) -> CreditNoteTold:
    with store.session() as session:
        return tell_credit_note(session, by_number(session, CreditNote, caller.seller_id, number).id)


def disputed(session: Session, *which: ColumnElement[bool]) -> list[Disputed]:
    """The open objections a document mentions."""
    query = (
        select(Dispute, Invoice.number)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.state == "open", *which)
        .order_by(Dispute.id)
    )
    return [Disputed(one.number, invoice, one.amount) for one, invoice in session.execute(query)]


def tell_invoice(session: Session, invoice: Invoice, day: date) -> InvoiceTold:
    left = session.execute(select(open_minor()).where(Invoice.id == invoice.id)).scalar_one()
    return _tell(session, [(invoice, left)], day)[0]


def tell_credit_note(session: Session, credit_id: UUID) -> CreditNoteTold:
    rows = session.execute(_credit_notes().where(CreditNote.id == credit_id)).all()
    return _tell_credit(session, rows)[0]


def _tell(session: Session, rows: Sequence[Row[Invoice, int] | tuple[Invoice, int]], day: date) -> list[InvoiceTold]:
    customers = refs_of(session, [invoice.customer_id for invoice, _ in rows])
    orders = numbers_of(session, Order, [invoice.order_id for invoice, _ in rows])
    told = []
    for invoice, left in rows:
        currency = invoice.currency
        at = OpenInvoice(invoice, Money(int(left), currency), day)
        told.append(
            InvoiceTold(
                number=invoice.number,
                customer=customers[invoice.customer_id],
                order=orders.get(invoice.order_id),
                state=at.state,
                issued_on=invoice.issued_on,
                due_on=invoice.due_on,
                next_due_on=at.next_due_on,
                days_late=at.days_late,
                currency=currency,
                net=amount(invoice.net_minor, currency),
                tax=amount(invoice.tax_minor, currency),
                total=shown(invoice.total),
                open=shown(at.open),
                purchase_order=invoice.purchase_order,
                buyer_reference=invoice.buyer_reference,
                payment_reference=invoice.payment_reference,
                discount=amount(invoice.discount_minor, currency) if invoice.discount_until_on else None,
                discount_until_on=invoice.discount_until_on,
                lines=[_line(line, currency) for line in invoice.lines],
                taxes=[_tax(part, currency) for part in invoice.taxes],
                instalments=[
                    InstalmentTold(
                        position=part.position, due_on=part.due_on, amount=amount(part.amount_minor, currency)
                    )
                    for part in invoice.instalments
                ],
            )
        )
    return told


def _credit_notes() -> Select[CreditNote, int]:
    return select(CreditNote, unapplied_minor(CreditNote).label("left")).options(*_ALL_CREDIT)


def _tell_credit(session: Session, rows: Sequence[Row[CreditNote, int]]) -> list[CreditNoteTold]:
    customers = refs_of(session, [credit.customer_id for credit, _ in rows])
    numbers = numbers_of(session, Invoice, [credit.invoice_id for credit, _ in rows])
    return [
        CreditNoteTold(
            number=credit.number,
            customer=customers[credit.customer_id],
            invoice=numbers.get(credit.invoice_id),
            issued_on=credit.issued_on,
            currency=credit.currency,
            total=amount(credit.total_minor, credit.currency),
            unapplied=amount(left, credit.currency),
            reason=credit.reason,
            lines=[_line(line, credit.currency) for line in credit.lines],
            taxes=[_tax(part, credit.currency) for part in credit.taxes],
        )
        for credit, left in rows
    ]


def _line(line: InvoiceLine | CreditNoteLine, currency: str) -> InvoiceLineTold:
    return InvoiceLineTold(
        position=line.position,
        sku=line.sku,
        description=line.description,
        quantity=plain(line.quantity) or "0",
        unit_price=plain(line.unit_price) or "0",
        amount=amount(line.amount_minor, currency),
        tax_category=line.tax_category,
        tax_rate=plain(line.tax_rate),
    )


def _tax(part: TaxSubtotal, currency: str) -> TaxTold:
    return TaxTold(
        category=part.category,
        rate=plain(part.rate) or "0",
        base=amount(part.base_minor, currency),
        tax=amount(part.tax_minor, currency),
        exemption_reason=part.exemption_reason,
    )
