"""Recording money, setting it against invoices, and letting it leave again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.refund import refund
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.actions.return_payment import return_payment
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.posting import Wanted
from o2c_core.store.store import Store
from web.api.door import KeyedRoute, needs
from web.api.find import by_id, by_number, customer_by, ids_by_number
from web.api.invoices import CreditNoteTold, tell_credit_note
from web.api.payments import PaymentTold, ReturnTold, tell_payment, tell_returns
from web.api.problems import described
from web.api.shapes import AmountAsked, Asked, Day, Key, Line, Prose, Ref
from web.api.writes import Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["payments"])
_WRITES = described(400, 404, 409)
ALLOCATIONS_MAX = 500


class SameInvoiceTwice(Refused):
    """Each invoice is named once, with all that is to be set against it."""


class NotAsListed(Refused):
    """Invoices are listed with "allocate": "as_listed", and only then; otherwise they would be passed over in silence."""


class SetAgainst(Asked):
    invoice: Ref
    amount: AmountAsked


class AllocationAsked(Asked):
    """Against what the money is set: these invoices, or without them the oldest due first."""

    allocations: list[SetAgainst] | None = Field(None, min_length=1, max_length=ALLOCATIONS_MAX)
    amount: AmountAsked | None = Field(None, description="At most so much of what is left.")


class PaymentAsked(Asked):
    customer: Ref
    amount: AmountAsked
    received_on: Day
    key: Key = Field(description="The bank's or the ERP's own id; the same one again is the same payment.")
    allocate: Literal["oldest_first", "as_listed", "none"] = "oldest_first"
    allocations: list[SetAgainst] = Field([], max_length=ALLOCATIONS_MAX, description="For as_listed.")
    reference: Line | None = None
    method: Line | None = None
    payer_name: Line | None = None
    payer_account: Line | None = None


class ReleaseAsked(Asked):
    why: Prose
    amount: AmountAsked | None = Field(None, description="All of it where it is left out.")


class ReturnAsked(Asked):
    kind: Literal["reversal", "chargeback"]
    amount: AmountAsked
    returned_on: Day
    reason: Prose
    key: Key = Field(description="The bank's own id; the same one again is the same return.")


class RefundAsked(Asked):
    amount: AmountAsked
    reason: Prose
    key: Key | None = None


@router.post("/payments", status_code=201, response_model=PaymentTold, responses=_WRITES)
@needs("payments:write")
def post_payment(asked: PaymentAsked, write: WriteHere) -> Response:
    """Records what a customer paid and sets it against invoices; what is over stays unapplied."""

    def act(store: Store) -> PaymentTold:
        if bool(asked.allocations) != (asked.allocate == "as_listed"):
            raise NotAsListed
        with write.store.session() as session:
            customer = customer_by(session, write.caller.seller_id, asked.customer)
        listed: Wanted | None = None
        if asked.allocate == "oldest_first":
            listed = "oldest first"
        elif asked.allocate == "as_listed":
            listed = _wanted(write, asked.allocations)
        recorded = record_payment(
            customer.id,
            asked.amount.money(),
            asked.received_on,
            source_key=asked.key,
            wanted=listed,
            reference=asked.reference,
            method=asked.method,
            payer_name=asked.payer_name,
            payer_account=asked.payer_account,
            by=write.who,
            store=store,
        )
        return _payment(write, recorded.payment.id)

    return write.carry_out(act, 201)


@router.post("/payments/{payment_id}/allocations", status_code=201, response_model=PaymentTold, responses=_WRITES)
@needs("payments:write")
def post_allocations(payment_id: UUID, asked: AllocationAsked, write: WriteHere) -> Response:
    def act(store: Store) -> PaymentTold:
        with write.store.session() as session:
            by_id(session, Payment, write.caller.seller_id, payment_id)
        _allocate(payment_id, asked, write, store)
        return _payment(write, payment_id)

    return write.carry_out(act, 201)


@router.post("/credit-notes/{number}/allocations", status_code=201, response_model=CreditNoteTold, responses=_WRITES)
@needs("payments:write")
def post_credit_allocations(number: Ref, asked: AllocationAsked, write: WriteHere) -> Response:
    def act(store: Store) -> CreditNoteTold:
        with write.store.session() as session:
            credit = by_number(session, CreditNote, write.caller.seller_id, number)
        _allocate(credit.id, asked, write, store)
        with write.store.session() as session:
            return tell_credit_note(session, credit.id)

    return write.carry_out(act, 201)


@router.post("/allocations/{allocation_id}/release", status_code=204, response_class=Response, responses=_WRITES)
@needs("payments:write")
def post_release(allocation_id: UUID, asked: ReleaseAsked, write: WriteHere) -> Response:
    """Takes an allocation back: what was paid is unapplied again, and the invoice open."""

    def act(store: Store) -> None:
        query = (
            select(Allocation.id)
            .join(Invoice, Invoice.id == Allocation.invoice_id)
            .where(Allocation.id == allocation_id, Invoice.seller_id == write.caller.seller_id)
        )
        with write.store.session() as session:
            if session.scalar(query) is None:
                raise NotFound
        part = asked.amount.money() if asked.amount else None
        release_allocation(allocation_id, asked.why, amount=part, by=write.who, store=store)

    return write.carry_out(act, 204)


@router.post("/payments/{payment_id}/returns", status_code=201, response_model=ReturnTold, responses=_WRITES)
@needs("payments:write")
def post_payment_return(payment_id: UUID, asked: ReturnAsked, write: WriteHere) -> Response:
    """Records that the bank or the payer took the payment back, or a part of it."""

    def act(store: Store) -> ReturnTold:
        with write.store.session() as session:
            by_id(session, Payment, write.caller.seller_id, payment_id)
        returned = return_payment(
            payment_id,
            asked.kind,
            asked.amount.money(),
            asked.returned_on,
            reason=asked.reason,
            source_key=asked.key,
            by=write.who,
            store=store,
        )
        return _return(write, returned.payment_return)

    return write.carry_out(act, 201)


@router.post("/payments/{payment_id}/refunds", status_code=201, response_model=ReturnTold, responses=_WRITES)
@needs("payments:write")
def post_refund(payment_id: UUID, asked: RefundAsked, write: WriteHere) -> Response:
    """Records that so much of the unapplied rest is paid back."""

    def act(store: Store) -> ReturnTold:
        with write.store.session() as session:
            by_id(session, Payment, write.caller.seller_id, payment_id)
        return _refund(payment_id, asked, write, store)

    return write.carry_out(act, 201)


@router.post("/credit-notes/{number}/refunds", status_code=201, response_model=ReturnTold, responses=_WRITES)
@needs("payments:write")
def post_credit_refund(number: Ref, asked: RefundAsked, write: WriteHere) -> Response:
    def act(store: Store) -> ReturnTold:
        with write.store.session() as session:
            credit = by_number(session, CreditNote, write.caller.seller_id, number)
        return _refund(credit.id, asked, write, store)

    return write.carry_out(act, 201)


def _allocate(source_id: UUID, asked: AllocationAsked, write: Write, store: Store) -> None:
    listed: Wanted = "oldest first" if asked.allocations is None else _wanted(write, asked.allocations)
    most = asked.amount.money() if asked.amount else None
    allocate_payment(source_id, listed, amount=most, by=write.who, store=store)


def _refund(source_id: UUID, asked: RefundAsked, write: Write, store: Store) -> ReturnTold:
    paid_back = refund(
        source_id, asked.amount.money(), reason=asked.reason, source_key=asked.key, by=write.who, store=store
    )
    return _return(write, paid_back)


def _wanted(write: Write, parts: Sequence[SetAgainst]) -> Wanted:
    """Raises: SameInvoiceTwice; NotFound."""
    with write.store.session() as session:
        ids = ids_by_number(session, write.caller.seller_id, [part.invoice for part in parts])
    if len(ids) < len(parts):
        raise SameInvoiceTwice
    return {ids[part.invoice]: part.amount.money() for part in parts}


def _payment(write: Write, payment_id: UUID) -> PaymentTold:
    with write.store.session() as session:
        return tell_payment(session, payment_id)


def _return(write: Write, returned: PaymentReturn) -> ReturnTold:
    with write.store.session() as session:
        return tell_returns(session, [returned])[0]
