"""Resolve a dispute: what came of it, in the ledger and told to the customer in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.case_status import case_status
from o2c_core.cases.causes import Cause, tidy_cause
from o2c_core.cases.collectable import collectable
from o2c_core.cases.credit import worth_of_dispute
from o2c_core.cases.dispute import MOVES, OUTCOMES, Dispute
from o2c_core.cases.moves import move
from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.authority import BeyondAuthority, authority_of, check_amount
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.informing.case_said import OWN_WORDS_MAX
from o2c_core.informing.case_telling import NotTold, Told, tell_outcome
from o2c_core.invoices.crediting import write_credit_note
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, WriteOff
from o2c_core.invoices.posting import DISCOUNT, Change, open_of, write_down
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
class Ruling:
    """What is decided: an outcome with the words that say why, the amount of a part credit, and what lay behind it.

    With `tells` the customer hears of it in our approved words, followed by `own_words` of whoever decided.
    """

    outcome: str
    words: str
    amount: Money | None = None
    cause: Cause | None = None
    tells: bool = False
    own_words: str = ""


@dataclass(frozen=True)
class Resolution:
    """What came of the dispute. `posted` is what was credited or written off; where it is None, `why_not` says why.

    `still_due` is what may be asked for on the invoice from now on, `unapplied` what of the credit found nothing open.
    `told` is None where nobody was to be told.
    """

    dispute: Dispute
    posted: Money | None
    why_not: str | None
    still_due: Money
    unapplied: Money
    credit_note: CreditNote | None = None
    told: Told | NotTold | None = None


@dataclass(frozen=True)
class Foreseen:
    """What resolving would do, seen by doing it and taking it back: the credit note as it would be written (its number is
    the next one, unless somebody else takes it first), what would be left, and what the customer would read."""

    posted: Money | None
    why_not: str | None
    still_due: Money
    unapplied: Money
    open_after: Money
    credit_number: str | None
    credit_net: Money | None
    credit_lines: tuple[tuple[str, str, Money], ...]
    told: Told | NotTold | None


def resolve_dispute(
    dispute_id: UUID,
    *,
    outcome: str,
    by: str,
    role: str,
    words: str,
    store: Store,
    amount: Money | None = None,
    cause: Cause | None = None,
    tells: bool = False,
    own_words: str = "",
) -> Resolution:
    """The outcome, recorded once. `amount` is for a part credit; a credit or write-off is for all that was disputed.

    What else there is to say stands at `Ruling`.

    Raises: NotFound; NoSuchOutcome; AmountDoesNotFit; NoSuchCause; CauseNamesNothing; Settled when it was resolved
    before; BeyondAuthority and MoreThanInvoiced, with the dispute still open.
    """
    ruling = Ruling(outcome, words, amount, cause, tells, own_words)
    with store.session() as session:
        done = _resolve(session, dispute_id, ruling, by, role, store)
        session.commit()
        return done


def foresee_dispute(dispute_id: UUID, ruling: Ruling, *, by: str, role: str, store: Store) -> Foreseen:
    """What `resolve_dispute` would do with the same words; it is done and taken back, so that nothing is foreseen otherwise
    than it would be done.

    Raises: what `resolve_dispute` does.
    """
    with store.session() as session:
        done = _resolve(session, dispute_id, ruling, by, role, store)
        note_made = done.credit_note
        currency = done.dispute.currency
        foreseen = Foreseen(
            done.posted,
            done.why_not,
            done.still_due,
            done.unapplied,
            Money(open_of(session, [done.dispute.invoice_id])[done.dispute.invoice_id], currency),
            note_made.number if note_made else None,
            Money(note_made.net_minor or 0, currency) if note_made else None,
            tuple((one.sku, one.description, Money(one.amount_minor, currency)) for one in note_made.lines)
            if note_made
            else (),
            done.told,
        )
        session.rollback()
        return foreseen


def _resolve(session: Session, dispute_id: UUID, ruling: Ruling, by: str, role: str, store: Store) -> Resolution:
    """All of it in the session's transaction, which is the caller's to commit or to take back."""
    outcome, words, amount = ruling.outcome, ruling.words, ruling.amount
    if outcome not in OUTCOMES or not words.strip():
        raise NoSuchOutcome(outcome=outcome)
    known = tidy_cause(ruling.cause) if ruling.cause else None
    now = store.clock.now()
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
    if known is not None:
        dispute.cause, dispute.cause_about = known.kind, known.about
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
    done = Resolution(
        dispute,
        posted,
        None if posted else NOT_POSTED[outcome],
        still_due=Money(max(0, found.free_minor - allocated), dispute.currency),
        unapplied=Money((posted.minor - allocated) if posted and credit else 0, dispute.currency),
        credit_note=credit,
    )
    if ruling.tells:
        status = case_status(dispute, today=day, time_zone=seller.time_zone, credit=credit)
        told = tell_outcome(
            session, dispute, status, by=by, now=now, invoice=found.invoice.number, still_due=done.still_due,
            unapplied=done.unapplied, own_words=" ".join(ruling.own_words.split())[:OWN_WORDS_MAX],
        )  # fmt: skip
        done = replace(done, told=told)
    _note(session, done, by, role, now)
    withdraw_overtaken(session, dispute.customer_id, now)
    return done


def _note(session: Session, done: Resolution, by: str, role: str, now: datetime) -> None:
    dispute, told = done.dispute, done.told
    note(
        session,
        "dispute resolved",
        dispute,
        at=now,
        who=by,
        why=dispute.resolution or "",
        message_id=dispute.message_id,
        number=dispute.number,
        outcome=dispute.outcome,
        role=role,
        posted=str(done.posted) if done.posted else None,
        not_posted=done.why_not,
        credit_note=done.credit_note.number if done.credit_note else None,
        owner=dispute.owner,
        cause=dispute.cause,
        told=str(told.message_id) if isinstance(told, Told) else None,
        not_told=told.why if isinstance(told, NotTold) else None,
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
