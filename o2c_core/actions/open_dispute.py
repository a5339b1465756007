"""Record a customer's objection to an invoice; reminders for the disputed part stop, the rest stays due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.complaint import answer_day
from o2c_core.cases.dispute import (
    ANSWER_WORKING_DAYS,
    ClaimTooLarge,
    Dispute,
    DisputeLine,
    check_reason,
    claimed_minor,
    line_minor,
)
from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToDispute(Refused):
    """Nothing is open on that invoice, so there is nothing to object to; a credit can still be asked for."""


@dataclass(frozen=True)
class LineClaim:
    """What is objected to on one line: so many of it, or so much, or both; with neither the whole line."""

    line_id: UUID
    quantity: Decimal | None = None
    amount: Money | None = None


@dataclass(frozen=True)
class Claim:
    """What the customer objects to. Without an amount or lines it is everything open and not yet disputed.

    `answer_by` is five working days on where nothing else was agreed.
    """

    customer_id: UUID
    invoice_id: UUID
    description: str
    reason: str = "OTHER"
    amount: Money | None = None
    lines: tuple[LineClaim, ...] = ()
    message_id: UUID | None = None
    owner: str | None = None
    answer_by: date | None = None


def open_dispute(claim: Claim, *, store: Store, by: str = "assistant") -> Dispute:
    """The open dispute. Objecting again to an invoice that is wholly disputed, or from the same message for the same
    reason and amount, gives the dispute that is there.

    Raises: NotFound when the invoice or a line is not this customer's; NothingToDispute; ClaimTooLarge; UnknownReason;
    AlreadyPaid, as a missing payment is traced and not disputed.
    """
    check_reason(claim.reason)
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two objections to one invoice take turns.
        found = collectable(
            session, Invoice.id == claim.invoice_id, Invoice.customer_id == claim.customer_id, lock=True
        )
        if not found:
            raise NotFound
        invoice = found[0].invoice
        if found[0].open_minor <= 0:
            raise NothingToDispute
        seller = session.get_one(Seller, invoice.seller_id)
        before = _before(session, claim, found[0])
        if before is not None:
            return before
        lines = _lines(session, claim, invoice, found[0].free_minor)
        amount = claim.amount or Money(
            sum(line.amount_minor for line in lines) or found[0].free_minor, invoice.currency
        )
        if amount.minor <= 0 or amount > Money(found[0].free_minor, invoice.currency):
            raise ClaimTooLarge(claimed=amount.minor, left=found[0].free_minor)
        dispute = Dispute(
            seller_id=invoice.seller_id,
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            number=next_number(session, seller, "dispute", today(store.clock, seller.time_zone)),
            reason=claim.reason,
            description=claim.description[:2000],
            amount_minor=amount.minor,
            currency=amount.currency,
            state="open",
            opened_at=now,
            message_id=claim.message_id,
            owner=claim.owner,
            answer_by=claim.answer_by or answer_day(today(store.clock, seller.time_zone), ANSWER_WORKING_DAYS),
            lines=lines,
        )
        session.add(dispute)
        session.flush()
        note(
            session,
            "dispute opened",
            dispute,
            at=now,
            who=by,
            why="the customer objected",
            message_id=claim.message_id,
            number=dispute.number,
            invoice=invoice.number,
            amount=str(amount),
            reason=claim.reason,
            owner=claim.owner,
        )
        withdraw_overtaken(session, invoice.customer_id, now)
        session.commit()
        return dispute


def _before(session: Session, claim: Claim, of: Collectable) -> Dispute | None:
    """The open dispute that says the same already."""
    query = (
        select(Dispute)
        .where(Dispute.invoice_id == of.invoice.id, Dispute.state == "open")
        .order_by(Dispute.opened_at.desc())
        .limit(1)
    )
    if claim.message_id is not None:
        said = query.where(Dispute.message_id == claim.message_id, Dispute.reason == claim.reason)
        repeated = session.scalars(
            said if claim.amount is None else said.where(Dispute.amount_minor == claim.amount.minor)
        ).one_or_none()
        if repeated is not None and _same_lines(repeated, claim):
            return repeated
    if of.free_minor <= 0 and claim.amount is None and not claim.lines:
        return session.scalars(query).one()
    return None


def _same_lines(dispute: Dispute, claim: Claim) -> bool:
    asked = {(line.line_id, line.quantity) for line in claim.lines}
    return {(line.invoice_line_id, line.quantity) for line in dispute.lines} == asked


def _lines(session: Session, claim: Claim, invoice: Invoice, free_minor: int) -> list[DisputeLine]:
    """The claimed lines with their amounts, tax included.

    Raises: NotFound for a line of another invoice; ClaimTooLarge.
    """
    of_invoice = {line.id: line for line in invoice.lines}
    taken = _taken(session, invoice)
    lines = []
    for asked in claim.lines:
        line = of_invoice.get(asked.line_id)
        if line is None:
            raise NotFound(line=str(asked.line_id))
        if asked.amount is not None:
            Money.zero(invoice.currency) + asked.amount  # refuses another currency
        minor = claimed_minor(
            line_minor(line, invoice),
            line.quantity,
            asked.quantity,
            asked.amount.minor if asked.amount else None,
            taken.get(line.id, 0),
        )
        taken[line.id] = taken.get(line.id, 0) + minor
        lines.append(DisputeLine(invoice_line_id=line.id, quantity=asked.quantity, amount_minor=minor))
    if claim.amount is not None and lines and sum(line.amount_minor for line in lines) != claim.amount.minor:
        raise ClaimTooLarge("The amounts of the lines do not come to the amount objected to.")
    return _without_rounding(lines, [line.amount is None for line in claim.lines], free_minor)


def _taken(session: Session, invoice: Invoice) -> dict[UUID, int]:
    """What other open disputes object to already, by line."""
    query = (
        select(DisputeLine.invoice_line_id, func.sum(DisputeLine.amount_minor))
        .join(Dispute, Dispute.id == DisputeLine.dispute_id)
        .where(Dispute.invoice_id == invoice.id, Dispute.state == "open")
        .group_by(DisputeLine.invoice_line_id)
    )
    return {line_id: int(minor) for line_id, minor in session.execute(query)}


def _without_rounding(lines: list[DisputeLine], is_share: Sequence[bool], free_minor: int) -> list[DisputeLine]:
    """Tax is rounded once per invoice, so that all lines with their tax may be a few cents more than there is."""
    shares = [line for line, derived in zip(lines, is_share, strict=True) if derived]
    over = sum(line.amount_minor for line in lines) - free_minor
    largest = max(shares, key=lambda line: line.amount_minor, default=None)
    if largest is not None and 0 < over <= len(shares) and largest.amount_minor > over:
        largest.amount_minor -= over
    return lines
