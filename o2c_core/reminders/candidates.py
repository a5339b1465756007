"""Which customers a run has to look at: all of a seller, or only those of whom something has come to a new step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select, text
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.claims import PLAN_SOON_DAYS
from o2c_core.reminders.ladder import STANDARD, Ladder
from o2c_core.reminders.ladders.versions import newest_ladders
from o2c_core.reminders.reminder import LadderChoice

# A plan whose part was missed is broken a few days later; longer ago it is no plan any more.
PLAN_DAYS_MAX = 60
# Whoever broke their word so lately may have come to a step before its day.
BROKEN_DAYS_MAX = 180

# Nobody is left out that could be reminded: what else speaks against it is looked at with all the facts. `{newest}` is the
# newest step of any ladder by the days an invoice is late, so a step used at that day or later rules the invoice out.
# OFFSET 0 keeps each look to the one customer: without it all invoices of everybody are gone through for every batch.
_CANDIDATES = """
SELECT c.id FROM customer c
WHERE c.seller_id = :seller_id AND c.id > :after AND (
    EXISTS (
        SELECT FROM invoice i
        WHERE i.customer_id = c.id AND i.issued_on <= :on AND (i.due_on <= :latest OR i.is_in_instalments)
          AND (i.is_in_instalments OR NOT EXISTS (
              SELECT FROM reminder r WHERE r.invoice_id = i.id AND r.part = 0 AND r.days >= {newest}))
          AND i.total_minor > (SELECT coalesce(sum(a.amount_minor), 0) FROM allocation a WHERE a.invoice_id = i.id)
        OFFSET 0)
    OR EXISTS (
        SELECT FROM payment_plan p JOIN plan_part part ON part.plan_id = p.id
        WHERE p.customer_id = c.id AND p.state = 'active' AND part.due_on BETWEEN :plan_from AND :plan_to
        OFFSET 0)
    OR EXISTS (
        SELECT FROM promise p WHERE p.customer_id = c.id
        AND ((p.state = 'broken' AND p.settled_on > :broken_from) OR p.undone_on > :broken_from)
        OFFSET 0)
    OR EXISTS (
        SELECT FROM payment_plan p WHERE p.customer_id = c.id
        AND ((p.state = 'broken' AND p.settled_on > :broken_from) OR p.undone_on > :broken_from)
        OFFSET 0))
ORDER BY c.id LIMIT :most
"""
_FIRST = UUID(int=0)


def next_customers(session: Session, seller_id: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """The next customers of the seller by id, so that a run walks through them batch by batch."""
    query = select(Customer.id).where(Customer.seller_id == seller_id).order_by(Customer.id).limit(limit)
    if after is not None:
        query = query.where(Customer.id > after)
    return list(session.scalars(query))


def customers_owing(session: Session, seller_id: UUID) -> list[UUID]:
    """The seller's customers with anything open, by id."""
    is_open = exists().where(Invoice.customer_id == Customer.id, open_minor() > 0)
    return list(
        session.scalars(select(Customer.id).where(Customer.seller_id == seller_id, is_open).order_by(Customer.id))
    )


def customers_with_invoices_to_come(session: Session, seller_id: UUID, today: date, until: date) -> set[UUID]:
    """The seller's customers with an invoice that is dated after today and before that day."""
    to_come = Invoice.issued_on > today, Invoice.issued_on < until
    return set(session.scalars(select(Invoice.customer_id).where(Invoice.seller_id == seller_id, *to_come)))


def next_candidates(
    session: Session, seller_id: UUID, on: date, ladders: Iterable[Ladder], after: UUID | None, limit: int
) -> list[UUID]:
    """The next customers by id with something open that has come, by any of those ladders, to a step not used yet."""
    days = sorted({rung.days for ladder in ladders for rung in ladder.rungs})
    statement = text(_CANDIDATES.format(newest=_newest(days))).bindparams(bindparam("on", on))
    asked = {
        "seller_id": seller_id,
        "after": after or _FIRST,
        "latest": on - timedelta(days=days[0]),
        "plan_from": on - timedelta(days=PLAN_DAYS_MAX),
        "plan_to": on - timedelta(days=PLAN_SOON_DAYS),
        "broken_from": on - timedelta(days=BROKEN_DAYS_MAX),
        "most": limit,
    }
    return list(session.scalars(statement, asked))


def ladders_in_force(session: Session, seller_id: UUID) -> list[Ladder]:
    """Every ladder that holds for anything of the seller's, the standard one among them."""
    chosen = select(LadderChoice.ladder).where(LadderChoice.seller_id == seller_id, LadderChoice.ended_at.is_(None))
    names = {*session.scalars(chosen.distinct()), STANDARD.name}
    return [*newest_ladders(session, {(seller_id, name) for name in names}).values(), STANDARD]


def customers_of(session: Session, seller_id: UUID) -> int:
    return session.scalar(select(func.count()).select_from(Customer).where(Customer.seller_id == seller_id)) or 0


def _newest(days: list[int]) -> str:
    """The day of the newest step reached, as SQL over the days an invoice is late; whole numbers of ours only."""
    cases = " ".join(f"WHEN :on - i.due_on >= {day} THEN {day}" for day in reversed(days))
    return f"CASE {cases} ELSE {days[0]} END"
