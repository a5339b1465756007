"""Resolve a dispute: what came of it, in the ledger in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import collectable
from o2c_core.cases.credit import worth_of_dispute
from o2c_core.cases.dispute import MOVES, OUTCOMES, Dispute
from o2c_core.cases.moves import move
from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.authority import BeyondAuthority, authority_of, check_amount
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.crediting import write_credit_note
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, WriteOff
from o2c_core.invoices.posting import DISCOUNT, Change, write_down
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_CHARACTERS_MAX = 2000
NOT_POSTED = {
    "valid_as_billed": "The invoice stands as it was billed.",
    "withdrawn": "The customer took the objection back.",
    "written_off": "Nothing is open on the invoice any more, so nothing was written off.",
}


class NoSuchOutcome(Refused):
    """A dispute ends as credited, part_credited, valid_as_billed, written_off or withdrawn, with words that say why."""


class AmountDoesNotFit(Refused):
    """Only a part credit names an amount, and it is less than what was disputed."""


@dataclass(frozen=True)
class Resolution:
    """What came of the dispute. `posted` is what was credited or written off; where it is None, `why_not` says why.

    `still_due` is what may be asked for on the invoice from now on, `unapplied` what of the credit found nothing open.
    """

    dispute: Dispute
    posted: Money | None
    why_not: str | None
    still_due: Money
    unapplied: Money
    credit_note: CreditNote | None = None


def resolve_dispute(
    dispute_id: UUID, *, outcome: str, by: str, role: str, words: str, store: Store, amount: Money | None = None
) -> Resolution:
    """The outcome, recorded once. `amount` is for a part credit; a credit or write-off is for all that was disputed.

    Raises: NotFound; NoSuchOutcome; AmountDoesNotFit; Settled when it was resolved before; BeyondAuthority and
    MoreThanInvoiced, with the dispute still open.
    """
    if outcome not in OUTCOMES or not words.strip():
        raise NoSuchOutcome(outcome=outcome)
    now = store.clock.now()
    with store.session() as session:
        dispute = session.scalars(
            select(Dispute).where(Dispute.id == dispute_id).with_for_update(key_share=True)
        ).one_or_none()
        if dispute is None:
            raise NotFound(dispute=str(dispute_id))
        move(dispute, "resolved", MOVES)
        seller = session.get_one(Seller, dispute.seller_id)
        conceded = _conceded(dispute, outcome, amount)
        # Read after the move, so that what else is disputed is what other disputes say.
        (found,) = collectable(session, Invoice.id == dispute.invoice_id, lock=True)
        _check_authority(session, dispute, conceded, outcome, role, seller)
        dispute.outcome = outcome
        dispute.resolved_at = now
        dispute.resolution = words.strip()[:WORDS_CHARACTERS_MAX]
        day = today(store.clock, seller.time_zone)
        posted: Money | None = None
        credit: CreditNote | None = None
        changes: list[Change] = []
        if outcome in ("credited", "part_credited"):
            posted = conceded
            credit, changes = write_credit_note(
                session, worth_of_dispute(found.invoice, dispute, conceded), seller_id=seller.id,
                customer_id=dispute.customer_id, invoice=found.invoice, currency=conceded.currency, on=day, by=by,
                number=next_number(session, seller, "credit_note", day), reason=f"{dispute.number} {dispute.reason}",
            )  # fmt: skip
            dispute.credit_note_id = credit.id
        elif outcome == "written_off" and found.open_minor > 0:
            posted = min(conceded, Money(found.open_minor, dispute.currency))
            words_kept = f"{dispute.number}: {dispute.resolution}"
            written, change = write_down(
                session, found.invoice, posted.minor, reason="dispute", words=words_kept, by=by, role=role, on=day
            )
            dispute.write_off_id, changes = written.id, [change]
        allocated = sum(change.amount.minor for change in changes)
        why_not = None if posted else NOT_POSTED[outcome]
        note(
            session,
            "dispute resolved",
            dispute,
            at=now,
            who=by,
            why=dispute.resolution,
            message_id=dispute.message_id,
            number=dispute.number,
            outcome=outcome,
            role=role,
            posted=str(posted) if posted else None,
            not_posted=why_not,
            credit_note=credit.number if credit else None,
            owner=dispute.owner,
        )
        withdraw_overtaken(session, dispute.customer_id, now)
        session.commit()
        return Resolution(
            dispute,
            posted,
            why_not,
            still_due=Money(max(0, found.free_minor - allocated), dispute.currency),
            unapplied=Money((posted.minor - allocated) if posted else 0, dispute.currency),
            credit_note=credit,
        )


def _conceded(dispute: Dispute, outcome: str, amount: Money | None) -> Money:
    if outcome != "part_credited":
        if amount is not None and amount != dispute.amount:
            raise AmountDoesNotFit
        return dispute.amount
    if amount is None or not Money.zero(dispute.currency) < amount < dispute.amount:
        raise AmountDoesNotFit
    return amount


def _check_authority(
    session: Session, dispute: Dispute, conceded: Money, outcome: str, role: str, seller: Seller
) -> None:
    """What may be written off is meant for all that was written off from the invoice, so that many small disputes are
    not a way around it. That an objection is wrong is for a person to say.

    Raises: BeyondAuthority.
    """
    authority = authority_of(role, seller)
    if outcome in ("credited", "part_credited"):
        check_amount(conceded, authority.credit_max, role, "credit")
    elif outcome == "written_off":
        before = session.scalars(
            select(func.coalesce(func.sum(Allocation.amount_minor), 0))
            .join(WriteOff, WriteOff.id == Allocation.write_off_id)
            .where(Allocation.invoice_id == dispute.invoice_id, WriteOff.reason != DISCOUNT)
        ).one()
        together = conceded + Money(int(before), conceded.currency)
        check_amount(together, authority.write_off_max, role, "write-off")
    elif outcome == "valid_as_billed" and role == "assistant":
        raise BeyondAuthority("Only a person may decide that an invoice stands as it was billed.", role=role)
