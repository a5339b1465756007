"""What of a customer's invoices is late and may be claimed by law on a day, and since when how much of it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from o2c_core.cases.agreed import Agreed, agreed_with
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.complaint import Complaint
from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.money import Money
from o2c_core.notices.interest import Standing

# A part of an invoice: its place (0 for a whole one), due day, amount, and what the parts before it come to.
Part = tuple[int, date, int, int]
Moves = Sequence[tuple[date | None, int]]


@dataclass(frozen=True)
class LatePart:
    """An invoice, or one instalment of it, past its due day: what is claimed now, and what was late on each day before.

    `left_out` is late as well and not claimed, because it is disputed, promised or otherwise spoken for.
    """

    invoice: Invoice
    part: int
    due_on: date
    principal: Money
    left_out: Money
    standings: tuple[Standing, ...]


@dataclass(frozen=True)
class LeftOut:
    """A late invoice of which nothing is claimed, and why, as a sentence."""

    number: str
    why: str


@dataclass(frozen=True)
class Late:
    parts: tuple[LatePart, ...]
    left_out: tuple[LeftOut, ...]


def late_of(
    session: Session,
    customer: Customer,
    currency: str,
    on: date,
    *,
    only: Collection[UUID] | None = None,
    days_late_min: int = 1,
    lock: bool = False,
) -> Late:
    """What is late on that day in that currency, oldest due first; with `only`, of those invoices.

    With `lock` nobody else changes what is promised or disputed on them meanwhile.
    """
    which = [Invoice.customer_id == customer.id, Invoice.currency == currency, open_minor() > 0]
    if only is not None:
        which.append(Invoice.id.in_(only))
    found = collectable(session, *which, lock=lock)
    agreed = agreed_with(session, [customer.id], on)
    complained = _complained(session, [one.invoice.id for one in found])
    moves = _moves(session, [one.invoice.id for one in found])
    parts: list[LatePart] = []
    left_out: list[LeftOut] = []
    for one in found:
        of_invoice = parts_of(one.invoice)
        latest = on - timedelta(days=days_late_min)
        late = [part for part in of_invoice if part[1] <= latest]
        if not late:
            continue
        why = _why_not(one, agreed, complained, on)
        if why is None:
            promised = agreed.promised.get(one.invoice.id)
            aside = one.disputed_minor + (promised.minor if promised else 0)
            claimed = _claimed(one.invoice, late, moves.get(one.invoice.id, ()), aside, on)
            parts += claimed
            why = None if claimed else _wholly_aside(one, agreed)
        if why is not None:
            left_out.append(LeftOut(one.invoice.number, why))
    return Late(tuple(parts), tuple(left_out))


def parts_of(invoice: Invoice) -> list[Part]:
    """The invoice's instalments in the order money fills them; the last takes what the total leaves. Else the whole."""
    if not invoice.is_in_instalments or not invoice.instalments:
        return [(0, invoice.due_on, invoice.total_minor, 0)]
    parts: list[Part] = []
    before = 0
    in_turn = sorted(invoice.instalments, key=lambda one: (one.due_on, one.position))
    for place, one in enumerate(in_turn, 1):
        amount = invoice.total_minor - before if place == len(in_turn) else one.amount_minor
        parts.append((place, one.due_on, amount, before))
        before += amount
    return parts


def standings_of(part: Part, moves: Moves, aside_minor: int, on: date) -> tuple[Standing, ...]:
    """What of the part was late on each day from the one after its due day until `on`, less what is left aside.

    `moves` are amounts set against the invoice and their days; without a day it counts as if it had never been owed. The
    day money arrives does not bear interest any more.
    """
    _, due_on, amount, before = part
    first = due_on + timedelta(days=1)
    days = sorted({first, *(day for day, _ in moves if day is not None and first < day <= on)})
    standings: list[Standing] = []
    for day in days:
        filled = sum(minor for at, minor in moves if at is None or at <= day)
        open_ = amount - min(max(filled - before, 0), amount)
        late = max(0, open_ - aside_minor)
        if not standings or standings[-1].minor != late:
            standings.append(Standing(day, late))
    return tuple(standings)


def _claimed(invoice: Invoice, late: Sequence[Part], moves: Moves, aside_minor: int, on: date) -> list[LatePart]:
    """The late parts with something left to claim. What is left aside is taken off the latest of them first."""
    filled = sum(minor for _, minor in moves)
    found: list[LatePart] = []
    for part in reversed(late):
        place, due_on, amount, before = part
        open_ = amount - min(max(filled - before, 0), amount)
        aside = min(open_, aside_minor)
        aside_minor -= aside
        if open_ - aside > 0:
            found.append(
                LatePart(
                    invoice,
                    place,
                    due_on,
                    Money(open_ - aside, invoice.currency),
                    Money(aside, invoice.currency),
                    standings_of(part, moves, aside, on),
                )
            )
    return found[::-1]


def _why_not(one: Collectable, agreed: Agreed, complained: Collection[UUID], on: date) -> str | None:
    """Why nothing of the invoice is claimed now; None when nothing speaks against it."""
    invoice, customer_id = one.invoice, one.invoice.customer_id
    held, in_flight = agreed.held(invoice.id, customer_id), agreed.in_flight_until(invoice.id, customer_id)
    if invoice.id in agreed.plans:
        return "It is paid by a payment plan that is on track."
    if held is not None:
        return f"Reminders about it are on hold until {held.isoformat()}."
    if in_flight is not None and on <= in_flight:
        return f"The customer says it is paid; the money may take until {in_flight.isoformat()} to arrive."
    if agreed.document_problem_since(invoice.id) is not None:
        return "Something about the invoice itself has to be put right by us first."
    if invoice.id in complained:
        return "A complaint about it is waiting for our answer."
    return None


def _wholly_aside(one: Collectable, agreed: Agreed) -> str | None:
    if one.disputed_minor and one.free_minor == 0:
        return "Everything open on it is disputed."
    promised = agreed.promised.get(one.invoice.id)
    if promised is not None:
        return f"The customer promised to pay it by {promised.promised_on.isoformat()}."
    return "Everything late on it is disputed." if one.disputed_minor else None


def _complained(session: Session, invoice_ids: Collection[UUID]) -> set[UUID]:
    about_it = or_(
        Complaint.invoice_id == Invoice.id,
        and_(Complaint.invoice_id.is_(None), Complaint.order_id == Invoice.order_id),
    )
    waiting = exists().where(Complaint.customer_id == Invoice.customer_id, Complaint.state == "open", about_it)
    return set(session.scalars(select(Invoice.id).where(Invoice.id.in_(invoice_ids), waiting)))


def _moves(session: Session, invoice_ids: Collection[UUID]) -> dict[UUID, list[tuple[date | None, int]]]:
    """What was set against each invoice: money on the day it was received, or taken back; the rest without a day.

    What was credited or written off is not claimed, and so was never late.
    """
    query = (
        select(Allocation.invoice_id, Allocation.amount_minor, Allocation.allocated_on, Payment.received_on)
        .outerjoin(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.invoice_id.in_(invoice_ids))
    )
    moves: dict[UUID, list[tuple[date | None, int]]] = {}
    for invoice_id, minor, allocated_on, received_on in session.execute(query):
        # Taken back, it is open again from the day it was taken back; set against it late, from the day it was there.
        day = None if received_on is None else allocated_on if minor < 0 else min(received_on, allocated_on)
        moves.setdefault(invoice_id, []).append((day, int(minor)))
    return moves
