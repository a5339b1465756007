"""A ladder tried on past days before it is kept: the books as they were, and what it would have asked for otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.free_days import is_holiday
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.invoices.account import open_parts
from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladder import Ladder
from o2c_core.reminders.ladders.choice import ladders_for
from o2c_core.reminders.past_days import PastClaim, Walked, walk
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.store.many import is_one_of

DAYS_MAX = 92
# So many open invoices and parts take some seconds; of a larger book the customers first in order are tried.
CLAIMS_MAX = 20_000
_SATURDAY = 5
# Where a customer heard nothing because of where the ladder stood, or of what was open, the trial works that out itself.
_OF_THE_LADDER = (
    Reason.NOT_YET,
    Reason.ALREADY_REMINDED,
    Reason.LADDER_DONE,
    Reason.BELOW_MINIMUM,
    Reason.SPACING,
    Reason.PAID,
    Reason.CREDITED,
    Reason.WAITS_FOR_APPROVAL,
    Reason.SKIPPED,
    Reason.OFTEN_ENOUGH,
    Reason.HABIT,
)


class NoSuchPastDays(Refused):
    """A ladder is tried on days that are over, at most three months of them, the first before the last."""


@dataclass(frozen=True)
class LadderTried:
    """What the proposed ladder would have asked for on those days, beside what the ladders in force would have.

    `of` customers owed something then and would be on it. `is_cut` where the book is larger than was tried.
    """

    first: date
    last: date
    of: int
    now: Walked
    then: Walked
    is_cut: bool

    @property
    def sentence(self) -> str:
        """ "In these days it would have written 41 messages instead of 38, 12 of them to approve instead of none, …"."""
        return (
            f"From {self.first.isoformat()} to {self.last.isoformat()} it would have written "
            f"{_many(self.then.messages, 'message')} instead of {_number(self.now.messages)}, "
            f"{_number(self.then.to_approve)} of them to approve instead of {_number(self.now.to_approve)}, "
            f"and asked for {_many(self.then.calls, 'call')} instead of {_number(self.now.calls)}."
        )


def try_ladder(
    session: Session, seller: Seller, ladder: Ladder, first: date, last: date, *, segment: str | None = None
) -> LadderTried:
    """Walks those days with the ladder in the place of its own older version; for whom that is nobody, of everybody's.

    With a `segment` only its customers are looked at, as if all of them were on it.

    Raises: NoSuchPastDays.
    """
    if last < first or (last - first).days >= DAYS_MAX:
        raise NoSuchPastDays(first=first, last=last)
    claims, is_cut = _claims(session, seller, first, last)
    ids = {claim.customer_id for claim in claims}
    customers = (
        {one.id: one for one in session.scalars(select(Customer).where(is_one_of(Customer.id, ids)))} if ids else {}
    )
    in_force = ladders_for(session, customers.values())
    now = {claim.invoice_id: in_force.of(customers[claim.customer_id], claim.invoice_id) for claim in claims}
    is_theirs = _whose(ladder, segment, customers, now, claims)
    theirs = [claim for claim in claims if is_theirs(claim)]
    run_days = [day for day in _days(first, last) if day.weekday() < _SATURDAY and not is_holiday(seller.country, day)]
    held = _held(session, seller.id, first, last)
    return LadderTried(
        first,
        last,
        len({claim.customer_id for claim in theirs}),
        walk(theirs, now, run_days, held),
        walk(theirs, {claim.invoice_id: ladder for claim in theirs}, run_days, held),
        is_cut,
    )


def _whose(
    ladder: Ladder,
    segment: str | None,
    customers: dict[UUID, Customer],
    now: dict[UUID, Ladder],
    claims: Sequence[PastClaim],
) -> Callable[[PastClaim], bool]:
    """Which invoices the ladder is tried on: those of the segment, those on its older version, or all where there are none."""
    if segment is not None:
        return lambda claim: customers[claim.customer_id].segment == segment
    if any(now[claim.invoice_id].name == ladder.name for claim in claims):
        return lambda claim: now[claim.invoice_id].name == ladder.name
    return lambda _: True


def _claims(session: Session, seller: Seller, first: date, last: date) -> tuple[list[PastClaim], bool]:
    """What was open when the first day began and what was issued since, by customer; and whether that is not all."""
    before = first - timedelta(days=1)
    opened = open_parts(Invoice.seller_id == seller.id, as_of=before).subquery()
    query = select(opened).order_by(opened.c.customer_id, opened.c.invoice_id, opened.c.due_on).limit(CLAIMS_MAX + 1)
    rows = [(*row, None) for row in session.execute(query)]
    rows += _issued(session, seller.id, first, last, CLAIMS_MAX + 1 - len(rows))
    is_cut = len(rows) > CLAIMS_MAX
    rows = rows[:CLAIMS_MAX]
    paid = _paid(session, {row[0] for row in rows}, first)
    claims: list[PastClaim] = []
    for invoice_id, of_invoice in groupby(rows, key=lambda row: row[0]):
        parts = list(of_invoice)
        sooner = 0
        for at, (_, customer_id, currency, due_on, minor, since) in enumerate(parts):
            claims.append(
                PastClaim(
                    invoice_id,
                    at,
                    customer_id,
                    currency,
                    due_on,
                    int(minor),
                    sooner,
                    at == len(parts) - 1,
                    since,
                    paid.get(invoice_id, ()),
                )
            )
            sooner += int(minor)
    return claims, is_cut


def _issued(
    session: Session, seller_id: UUID, first: date, last: date, limit: int
) -> list[tuple[UUID, UUID, str, date, int, date | None]]:
    """What was issued on those days, an instalment a row."""
    if limit <= 0:
        return []
    query = (
        select(Invoice, Instalment.due_on, Instalment.amount_minor)
        .outerjoin(Instalment, Instalment.invoice_id == Invoice.id)
        .where(Invoice.seller_id == seller_id, Invoice.issued_on >= first, Invoice.issued_on <= last)
        .order_by(Invoice.customer_id, Invoice.id, Instalment.due_on, Instalment.position)
        .limit(limit)
    )
    return [
        (
            one.id,
            one.customer_id,
            one.currency,
            due_on or one.due_on,
            int(minor if minor is not None else one.total_minor),
            one.issued_on,
        )
        for one, due_on, minor in session.execute(query)
    ]


def _paid(session: Session, ids: set[UUID], first: date) -> dict[UUID, tuple[tuple[date, int], ...]]:
    """What was set against each from the first day on, or taken back from it."""
    if not ids:
        return {}
    query = (
        select(Allocation.invoice_id, Allocation.allocated_on, Allocation.amount_minor)
        .where(is_one_of(Allocation.invoice_id, ids), Allocation.allocated_on >= first)
        .order_by(Allocation.invoice_id)
    )
    found = session.execute(query)
    return {
        invoice_id: tuple((on, int(minor)) for _, on, minor in of_invoice)
        for invoice_id, of_invoice in groupby(found, key=lambda row: row[0])
    }


def _held(session: Session, seller_id: UUID, first: date, last: date) -> set[tuple[UUID, str, date]]:
    """Who heard nothing on which day, in which currency, for a reason that no ladder changes."""
    query = select(ReminderDecision.customer_id, ReminderDecision.currency, ReminderDecision.on).where(
        ReminderDecision.seller_id == seller_id,
        ReminderDecision.on >= first,
        ReminderDecision.on <= last,
        ReminderDecision.rung.is_(None),
        ReminderDecision.reason.not_in([reason.value for reason in _OF_THE_LADDER]),
    )
    return {(customer_id, currency, on) for customer_id, currency, on in session.execute(query)}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else f"no {noun}s"


def _number(count: int) -> str:
    return f"{count:,}" if count else "none"
