"""Resolve a complaint: what was done about it and what had caused it, with a credit to make up for it where one is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.case_status import case_status
from o2c_core.cases.causes import Cause, tidy_cause
from o2c_core.cases.complaint import MOVES, Complaint
from o2c_core.cases.crediting import Credited, credit
from o2c_core.cases.moves import move
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.informing.case_said import OWN_WORDS_MAX
from o2c_core.informing.case_telling import NotTold, Told, tell_outcome
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_CHARACTERS_MAX = 2000


class ResolutionNeedsWords(Refused):
    """A complaint is resolved with what was done about it and what had caused it, in words."""


@dataclass(frozen=True)
class Amends:
    """What is decided: what was done and what had caused it in words, the cause as it is counted, and a credit.

    A complaint about an invoice is credited on that invoice; any other credit is free for the customer to use. With
    `tells` the customer hears of it in our approved words, followed by `own_words` of whoever decided.
    """

    resolution: str
    root_cause: str
    cause: Cause | None = None
    credit: Money | None = None
    tells: bool = False
    own_words: str = ""


@dataclass(frozen=True)
class ForeseenAmends:
    """What resolving would do, seen by doing it and taking it back."""

    credit: Money | None
    credit_number: str | None
    unapplied: Money | None
    told: Told | NotTold | None


def resolve_complaint(
    complaint_id: UUID,
    *,
    resolution: str,
    root_cause: str,
    by: str,
    store: Store,
    role: str = "agent",
    cause: Cause | None = None,
    credit: Money | None = None,
    tells: bool = False,
    own_words: str = "",
) -> Complaint:
    """The resolved complaint. Who resolved it and the cause are in its line of the trail.

    What else there is to say stands at `Amends`; a credit is within the authority of `role`.

    Raises: NotFound; ResolutionNeedsWords; NoSuchCause; CauseNamesNothing; Settled when it has been resolved before;
    BeyondAuthority, MoreThanInvoiced and what else a credit refuses, with the complaint still open.
    """
    amends = Amends(resolution, root_cause, cause, credit, tells, own_words)
    with store.session() as session:
        complaint, _, _ = _resolve(session, complaint_id, amends, by, role, store)
        session.commit()
        return complaint


def foresee_complaint(complaint_id: UUID, amends: Amends, *, by: str, role: str, store: Store) -> ForeseenAmends:
    """What `resolve_complaint` would do with the same words; it is done and taken back.

    Raises: what `resolve_complaint` does.
    """
    with store.session() as session:
        _, credited, told = _resolve(session, complaint_id, amends, by, role, store)
        foreseen = ForeseenAmends(
            Money(credited.credit_note.total_minor, credited.credit_note.currency) if credited else None,
            credited.credit_note.number if credited else None,
            credited.unapplied if credited else None,
            told,
        )
        session.rollback()
        return foreseen


def _resolve(
    session: Session, complaint_id: UUID, amends: Amends, by: str, role: str, store: Store
) -> tuple[Complaint, Credited | None, Told | NotTold | None]:
    """All of it in the session's transaction, which is the caller's to commit or to take back."""
    if not amends.resolution.strip() or not amends.root_cause.strip():
        raise ResolutionNeedsWords
    known = tidy_cause(amends.cause) if amends.cause else None
    now = store.clock.now()
    complaint = session.scalars(
        select(Complaint).where(Complaint.id == complaint_id).with_for_update(key_share=True)
    ).one_or_none()
    if complaint is None:
        raise NotFound(complaint=str(complaint_id))
    move(complaint, "resolved", MOVES)
    complaint.resolved_at = now
    complaint.resolution = amends.resolution.strip()[:WORDS_CHARACTERS_MAX]
    complaint.root_cause = amends.root_cause.strip()[:WORDS_CHARACTERS_MAX]
    if known is not None:
        complaint.cause, complaint.cause_about = known.kind, known.about
    credited: Credited | None = None
    if amends.credit is not None:
        credited = credit(
            session, session.get_one(Customer, complaint.customer_id), reason=f"{complaint.number} goodwill", by=by,
            role=role, clock=store.clock, invoice_id=complaint.invoice_id, amount=amends.credit,
        )  # fmt: skip
        complaint.credit_note_id = credited.credit_note.id
    told = _tell(session, complaint, credited, amends, by, now, store) if amends.tells else None
    if credited is not None and not isinstance(told, Told):
        # Whoever is not told here hears of the credit as of any other: that news is read off this line.
        _note_credit(session, complaint, credited, by, role, now)
    note(
        session,
        "complaint resolved",
        complaint,
        at=now,
        who=by,
        why=complaint.resolution,
        number=complaint.number,
        root_cause=complaint.root_cause,
        cause=complaint.cause,
        days=(now - complaint.opened_at).days,
        role=role if credited else None,
        credit_note=credited.credit_note.number if credited else None,
        posted=str(Money(credited.credit_note.total_minor, credited.credit_note.currency)) if credited else None,
        told=str(told.message_id) if isinstance(told, Told) else None,
        not_told=told.why if isinstance(told, NotTold) else None,
    )
    withdraw_overtaken(session, complaint.customer_id, now)
    return complaint, credited, told


def _tell(
    session: Session,
    complaint: Complaint,
    credited: Credited | None,
    amends: Amends,
    by: str,
    now: datetime,
    store: Store,
) -> Told | NotTold:
    seller = session.get_one(Seller, complaint.seller_id)
    status = case_status(
        complaint, today=today(store.clock, seller.time_zone), time_zone=seller.time_zone,
        credit=credited.credit_note if credited else None,
    )  # fmt: skip
    own_words = " ".join(amends.own_words.split())[:OWN_WORDS_MAX]
    return tell_outcome(session, complaint, status, by=by, now=now, own_words=own_words)


def _note_credit(session: Session, complaint: Complaint, credited: Credited, by: str, role: str, now: datetime) -> None:
    made = credited.credit_note
    note(
        session, "credit note issued", made, at=now, who=by, why=f"{complaint.number} goodwill",
        message_id=complaint.message_id, role=role, number=made.number,
        invoice=credited.invoice.number if credited.invoice else None,
        amount=str(Money(made.total_minor, made.currency)), unapplied=str(credited.unapplied),
        allocated=[change.to_json() for change in credited.changes],
    )  # fmt: skip
