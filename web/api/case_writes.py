"""Opening cases, recording what was agreed, and settling it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field
from sqlalchemy import select

from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.open_dispute import Claim, LineClaim, open_dispute
from o2c_core.actions.resolve_complaint import resolve_complaint
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.cases.causes import CAUSES, Cause
from o2c_core.cases.complaint import CATEGORIES, SEVERITIES, Complaint
from o2c_core.cases.dispute import OUTCOMES, REASONS, Dispute
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from web.api.case_shapes import ComplaintTold, DisputeTold, tell_complaints, tell_disputes
from web.api.door import KeyedRoute, needs
from web.api.find import by_number, customer_by
from web.api.problems import described
from web.api.shapes import AmountAsked, Asked, Day, Line, Prose, Quantity, Ref
from web.api.writes import ROLE, Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["cases"])
_WRITES = described(400, 404, 409)
_DisputeReason = Literal[
    "PRICE", "QTY_SHORT", "QTY_OVER", "DAMAGED", "NOT_RECEIVED", "LATE", "QUALITY", "RETURNED", "DUPLICATE", "WRONG_PO",
    "MISSING_POD", "WRONG_ADDRESS", "TAX", "FREIGHT", "DISCOUNT", "NOT_ORDERED", "CREDIT_MISSING", "SERVICE",
    "FRAUD_CLAIM", "OTHER",
]  # fmt: skip
_Outcome = Literal["credited", "part_credited", "valid_as_billed", "written_off", "withdrawn"]
_Cause = Literal[
    "product", "carrier", "price_list", "picking", "order_entry", "invoicing", "service", "customer", "other"
]  # fmt: skip
_Category = Literal["product", "delivery", "invoice", "service", "staff", "data", "other"]
_Severity = Literal["low", "normal", "high", "critical"]
assert (get_args(_DisputeReason), get_args(_Outcome)) == (REASONS, OUTCOMES)
assert get_args(_Cause) == tuple(CAUSES)
assert (get_args(_Category), get_args(_Severity)) == (CATEGORIES, SEVERITIES)


class LineClaimed(Asked):
    position: int = Field(ge=1, le=100_000, description="The invoice's line.")
    quantity: Quantity | None = None
    amount: AmountAsked | None = None


class DisputeAsked(Asked):
    """What is objected to: an amount, lines, or without both everything open and not yet disputed."""

    invoice: Ref
    reason: _DisputeReason
    description: Prose
    amount: AmountAsked | None = None
    lines: list[LineClaimed] = Field([], max_length=500)
    owner: Line | None = None
    answer_by: Day | None = None


class _Ending(Asked):
    """What ending a case may say besides what came of it."""

    cause: _Cause | None = Field(None, description="What lay behind it, as it is counted.")
    cause_about: Line | None = Field(
        None, description="What the cause names: the article, the carrier, the price agreement. Needed with a cause."
    )
    tell: bool = Field(False, description="Whether the customer is told what came of it, in our approved words.")

    @property
    def named(self) -> Cause | None:
        return Cause(self.cause, self.cause_about or "") if self.cause else None


class DisputeOutcome(_Ending):
    outcome: _Outcome
    words: Prose
    amount: AmountAsked | None = Field(None, description="For a part credit.")


class ComplaintAsked(Asked):
    customer: Ref
    about: Prose
    category: _Category = "other"
    severity: _Severity = "normal"
    order: Ref | None = None
    invoice: Ref | None = None
    owner: Line | None = None


class ComplaintOutcome(_Ending):
    resolution: Prose
    root_cause: Prose


@router.post("/disputes", status_code=201, response_model=DisputeTold, responses=_WRITES)
@needs("cases:write")
def post_dispute(asked: DisputeAsked, write: WriteHere) -> Response:
    """Records an objection; what is not disputed stays due."""

    def act(store: Store) -> DisputeTold:
        with write.store.session() as session:
            invoice = by_number(session, Invoice, write.caller.seller_id, asked.invoice)
            query = select(InvoiceLine.position, InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id)
            lines = {row.position: row.id for row in session.execute(query)}
        claim = Claim(
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            description=asked.description,
            reason=asked.reason,
            amount=asked.amount.money() if asked.amount else None,
            lines=_claims(asked.lines, lines),
            owner=asked.owner,
            answer_by=asked.answer_by,
        )
        return _dispute(write, open_dispute(claim, by=write.who, store=store).id)

    return write.carry_out(act, 201)


@router.post("/disputes/{number}/resolve", response_model=DisputeTold, responses=_WRITES)
@needs("cases:write")
def post_dispute_outcome(number: Ref, asked: DisputeOutcome, write: WriteHere) -> Response:
    """Settles a dispute; a credit or write-off it comes to is booked with it, within what finance may decide."""

    def act(store: Store) -> DisputeTold:
        with write.store.session() as session:
            dispute = by_number(session, Dispute, write.caller.seller_id, number)
        resolve_dispute(
            dispute.id,
            outcome=asked.outcome,
            words=asked.words,
            amount=asked.amount.money() if asked.amount else None,
            cause=asked.named,
            tells=asked.tell,
            by=write.who,
            role=ROLE,
            store=store,
        )
        return _dispute(write, dispute.id)

    return write.carry_out(act, 200)


@router.post("/complaints", status_code=201, response_model=ComplaintTold, responses=_WRITES)
@needs("cases:write")
def post_complaint(asked: ComplaintAsked, write: WriteHere) -> Response:
    def act(store: Store) -> ComplaintTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            customer = customer_by(session, seller_id, asked.customer)
            order = by_number(session, Order, seller_id, asked.order) if asked.order else None
            invoice = by_number(session, Invoice, seller_id, asked.invoice) if asked.invoice else None
        for named in (order, invoice):
            if named is not None and named.customer_id != customer.id:
                raise NotFound
        grievance = Grievance(
            customer_id=customer.id,
            about=asked.about,
            category=asked.category,
            severity=asked.severity,
            owner=asked.owner,
            order_id=order.id if order else None,
            invoice_id=invoice.id if invoice else None,
        )
        return _complaint(write, log_complaint(grievance, by=write.who, store=store).id)

    return write.carry_out(act, 201)


@router.post("/complaints/{number}/resolve", response_model=ComplaintTold, responses=_WRITES)
@needs("cases:write")
def post_complaint_outcome(number: Ref, asked: ComplaintOutcome, write: WriteHere) -> Response:
    def act(store: Store) -> ComplaintTold:
        with write.store.session() as session:
            complaint = by_number(session, Complaint, write.caller.seller_id, number)
        resolve_complaint(
            complaint.id, resolution=asked.resolution, root_cause=asked.root_cause, cause=asked.named, tells=asked.tell,
            by=write.who, store=store,
        )  # fmt: skip
        return _complaint(write, complaint.id)

    return write.carry_out(act, 200)


def _claims(claimed: Sequence[LineClaimed], lines: dict[int, UUID]) -> tuple[LineClaim, ...]:
    """Raises: NotFound for a line the invoice does not have."""
    if any(one.position not in lines for one in claimed):
        raise NotFound
    return tuple(
        LineClaim(
            lines[one.position],
            None if one.quantity is None else Decimal(one.quantity),
            one.amount.money() if one.amount else None,
        )
        for one in claimed
    )


def _dispute(write: Write, dispute_id: UUID) -> DisputeTold:
    with write.store.session() as session:
        return tell_disputes(session, [session.get_one(Dispute, dispute_id)])[0]


def _complaint(write: Write, complaint_id: UUID) -> ComplaintTold:
    with write.store.session() as session:
        return tell_complaints(session, [session.get_one(Complaint, complaint_id)])[0]
