"""Record a customer's objection to an invoice; reminders for the disputed part stop, the rest stays due."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from o2c_core.cases.dispute import Dispute
from o2c_core.cases.numbers import next_number
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToDispute(Refused):
    """Nothing is open on that invoice, so there is nothing to object to; a credit can still be asked for."""


class ClaimTooLarge(Refused):
    """The amount objected to is more than what is open and not yet disputed on the invoice."""


@dataclass(frozen=True)
class Claim:
    """What the customer objects to. Without an amount it is everything open and not yet disputed on the invoice."""

    customer_id: UUID
    invoice_id: UUID
    description: str
    reason: str = "OTHER"
    amount: Money | None = None
    message_id: UUID | None = None


def open_dispute(claim: Claim, *, store: Store) -> Dispute:
    """The open dispute. Objecting again to an invoice that is wholly disputed gives the dispute that is there.

    Raises: NotFound when the invoice is not this customer's; NothingToDispute; ClaimTooLarge.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two objections to one invoice take turns.
        invoice = session.scalars(
            select(Invoice)
            .where(Invoice.id == claim.invoice_id, Invoice.customer_id == claim.customer_id)
            .with_for_update()
        ).one_or_none()
        if invoice is None:
            raise NotFound
        left = int(session.execute(select(open_minor()).where(Invoice.id == invoice.id)).scalar_one())
        if left <= 0:
            raise NothingToDispute
        disputed = int(
            session.execute(
                select(func.coalesce(func.sum(Dispute.amount_minor), 0)).where(
                    Dispute.invoice_id == invoice.id, Dispute.state == "open"
                )
            ).scalar_one()
        )
        free = left - disputed
        if free <= 0 and claim.amount is None:
            return session.scalars(
                select(Dispute)
                .where(Dispute.invoice_id == invoice.id, Dispute.state == "open")
                .order_by(Dispute.opened_at.desc())
                .limit(1)
            ).one()
        amount = claim.amount or Money(free, invoice.currency)
        if amount > Money(free, invoice.currency) or amount.minor <= 0:
            raise ClaimTooLarge
        dispute = Dispute(
            seller_id=invoice.seller_id,
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            number=next_number(session, invoice.seller_id, "D"),
            reason=claim.reason,
            description=claim.description[:2000],
            amount_minor=amount.minor,
            currency=amount.currency,
            state="open",
            opened_at=now,
            message_id=claim.message_id,
        )
        session.add(dispute)
        session.flush()
        note(
            session,
            "dispute opened",
            dispute,
            at=now,
            who="assistant",
            why="the customer objected",
            message_id=claim.message_id,
            number=dispute.number,
            invoice=invoice.number,
            amount=str(amount),
        )
        session.commit()
        return dispute
