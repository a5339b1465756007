"""Money that came, what it was set against, and what of it left again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from o2c_core.invoices.account import unapplied_minor
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_id, customer_by, numbers_of, refs_of
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Amount, Day, Line, Ref, Told, amount

router = APIRouter(route_class=KeyedRoute, tags=["payments"])


class AllocationTold(Told):
    """What was set against an invoice; below zero, and pointing to the first, where it was taken back."""

    id: UUID
    invoice: str
    amount: Amount
    on: date
    reverses: UUID | None


class PaymentTold(Told):
    id: UUID
    key: str = Field(description="The bank's or the ERP's own id, by which it counts once.")
    customer: str
    received_on: date
    amount: Amount
    unapplied: Amount = Field(description="What is neither set against an invoice nor paid back.")
    reference: str | None
    method: str | None
    payer_name: str | None
    payer_account: str | None
    allocations: list[AllocationTold]


class ReturnTold(Told):
    """Money that left again: refund, reversal or chargeback."""

    id: UUID
    key: str
    kind: str
    customer: str
    payment: UUID | None
    credit_note: str | None
    returned_on: date
    amount: Amount
    reason: str | None


@router.get("/payments", responses=described(400, 404))
@needs("payments:read")
def list_payments(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    key: Annotated[Line | None, Query(description="The bank's or the ERP's own id.")] = None,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    received_from: Annotated[Day | None, Query()] = None,
    received_to: Annotated[Day | None, Query()] = None,
    is_unapplied: Annotated[bool | None, Query(description="Whether any of it is left.")] = None,
) -> Page[PaymentTold]:
    query = _payments().where(Payment.seller_id == caller.seller_id)
    if key is not None:
        query = query.where(Payment.source_key == key)
    if received_from is not None:
        query = query.where(Payment.received_on >= received_from)
    if received_to is not None:
        query = query.where(Payment.received_on <= received_to)
    if is_unapplied is not None:
        query = query.where(unapplied_minor(Payment) > 0 if is_unapplied else unapplied_minor(Payment) <= 0)
    with store.session() as session:
        if customer is not None:
            query = query.where(Payment.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(session, query, Payment.id, lambda rows: _tell(session, rows))


@router.get("/payments/{payment_id}", responses=described(404))
@needs("payments:read")
def read_payment(payment_id: UUID, caller: CallerHere, store: StoreHere) -> PaymentTold:
    with store.session() as session:
        return tell_payment(session, by_id(session, Payment, caller.seller_id, payment_id).id)


@router.get("/payment-returns", responses=described(400, 404))
@needs("payments:read")
def list_returns(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    customer: Annotated[Ref | None, Query(description="A customer's reference.")] = None,
    returned_from: Annotated[Day | None, Query()] = None,
    returned_to: Annotated[Day | None, Query()] = None,
) -> Page[ReturnTold]:
    query = select(PaymentReturn).where(PaymentReturn.seller_id == caller.seller_id)
    if returned_from is not None:
        query = query.where(PaymentReturn.returned_on >= returned_from)
    if returned_to is not None:
        query = query.where(PaymentReturn.returned_on <= returned_to)
    with store.session() as session:
        if customer is not None:
            query = query.where(PaymentReturn.customer_id == customer_by(session, caller.seller_id, customer).id)
        return paging.page(
            session, query, PaymentReturn.id, lambda rows: tell_returns(session, [row[0] for row in rows])
        )


def _payments() -> Select[Payment, int]:
    return select(Payment, unapplied_minor(Payment).label("left"))


def tell_payment(session: Session, payment_id: UUID) -> PaymentTold:
    return _tell(session, session.execute(_payments().where(Payment.id == payment_id)).all())[0]


def _tell(session: Session, rows: Sequence[Row[Payment, int]]) -> list[PaymentTold]:
    customers = refs_of(session, [payment.customer_id for payment, _ in rows])
    query = (
        select(Allocation, Invoice.number)
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Allocation.payment_id.in_([payment.id for payment, _ in rows]))
        .order_by(Allocation.id)
    )
    allocations: dict[UUID | None, list[AllocationTold]] = {}
    currencies: dict[UUID | None, str] = {payment.id: payment.currency for payment, _ in rows}
    for one, number in session.execute(query) if rows else ():
        told = AllocationTold(
            id=one.id,
            invoice=number,
            amount=amount(one.amount_minor, currencies[one.payment_id]),
            on=one.allocated_on,
            reverses=one.reverses_id,
        )
        allocations.setdefault(one.payment_id, []).append(told)
    return [
        PaymentTold(
            id=payment.id,
            key=payment.source_key,
            customer=customers[payment.customer_id],
            received_on=payment.received_on,
            amount=amount(payment.amount_minor, payment.currency),
            unapplied=amount(left, payment.currency),
            reference=payment.reference,
            method=payment.method,
            payer_name=payment.payer_name,
            payer_account=payment.payer_account,
            allocations=allocations.get(payment.id, []),
        )
        for payment, left in rows
    ]


def tell_returns(session: Session, returns: Sequence[PaymentReturn]) -> list[ReturnTold]:
    customers = refs_of(session, [one.customer_id for one in returns])
    credited = numbers_of(session, CreditNote, [one.credit_note_id for one in returns])
    return [
        ReturnTold(
            id=one.id,
            key=one.source_key,
            kind=one.kind,
            customer=customers[one.customer_id],
            payment=one.payment_id,
            credit_note=credited.get(one.credit_note_id),
            returned_on=one.returned_on,
            amount=amount(one.amount_minor, one.currency),
            reason=one.reason,
        )
        for one in returns
    ]
