"""The rows behind claims: invoices with what is open, disputed and complained of, their instalments and their steps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.plan import PlannedInvoice
from o2c_core.conversations.message import Message
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.reminders.claims import PLAN_LADDER, Steps, is_of_plan
from o2c_core.reminders.ladder import LADDER, Used
from o2c_core.reminders.reminder import Reminder, ReminderSkip
from o2c_core.store.many import is_one_of

# A paid invoice is still named, as paid, while its ladder would run and for as long again; after that it is history.
PAID_SHOWN_DAYS = 2 * LADDER[-1].days
# Who "skipped" a step that is taken by phone: a task for a person was opened for it instead of a message.
CALLED = "a call"


# Invoice, part, step, day, where the step stands, message, and who left it out.
_Step = tuple[UUID, int, str, date, int, UUID | None, str | None]


class OpenInvoice(NamedTuple):
    """One invoice as reminders see it; amounts in minor units."""

    id: UUID
    customer_id: UUID
    number: str
    due_on: date
    currency: str
    total_minor: int
    is_in_instalments: bool
    open_minor: int
    credited_minor: int
    disputed: int | None
    disputes: list[str] | None
    has_open_complaint: bool


@dataclass(frozen=True)
class Asked:
    """What a reminder written on that day asks for: invoices and parts, and whether each is the part of a plan."""

    message_id: UUID
    written_on: date
    claims: frozenset[tuple[UUID, int, bool]]


def open_invoices(
    session: Session, customer_ids: Sequence[UUID], on: date, *, only_open: bool = False
) -> Sequence[OpenInvoice]:
    """What is open of those customers on that day; without `only_open` also what was paid lately."""
    invoices = _rows(is_one_of(Invoice.customer_id, customer_ids), Invoice.issued_on <= on)
    is_shown: ColumnElement[bool] = invoices.c.open_minor > 0
    if not only_open:
        is_shown = or_(is_shown, invoices.c.due_on >= on - timedelta(days=PAID_SHOWN_DAYS))
    return _read(session, select(invoices).where(is_shown))


def invoices_behind(session: Session, message_id: UUID) -> Sequence[OpenInvoice]:
    """The invoices a reminder speaks of, and those on a payment plan with one of them."""
    written = select(Reminder.invoice_id).where(Reminder.message_id == message_id)
    one, other = aliased(PlannedInvoice), aliased(PlannedInvoice)
    planned = (
        select(other.invoice_id)
        .join(one, one.plan_id == other.plan_id)
        .join(Reminder, Reminder.invoice_id == one.invoice_id)
        .where(Reminder.message_id == message_id, Reminder.ladder.startswith(PLAN_LADDER))
    )
    return _read(session, select(_rows(Invoice.id.in_(written.union(planned)))))


def invoices_numbered(session: Session, customer_id: UUID, numbers: Collection[str]) -> Sequence[OpenInvoice]:
    return _read(session, select(_rows(Invoice.customer_id == customer_id, Invoice.number.in_(numbers))))


def asked_by(session: Session, message_id: UUID) -> Asked | None:
    """What a reminder asks for; None when it asks for nothing any more."""
    query = select(Reminder.invoice_id, Reminder.part, Reminder.rung, Reminder.on)
    rows = session.execute(query.where(Reminder.message_id == message_id)).all()
    if not rows:
        return None
    claims = frozenset((row.invoice_id, row.part, is_of_plan(row.rung)) for row in rows)
    return Asked(message_id, rows[0].on, claims)


def instalments_of(session: Session, invoices: Sequence[OpenInvoice]) -> dict[UUID, list[tuple[date, int]]]:
    """Due day and amount of the instalments of those that have any, earliest first."""
    ids = [invoice.id for invoice in invoices if invoice.is_in_instalments]
    if not ids:
        return {}
    query = (
        select(Instalment.invoice_id, Instalment.due_on, Instalment.amount_minor)
        .where(is_one_of(Instalment.invoice_id, ids))
        .order_by(Instalment.due_on, Instalment.position)
    )
    found: dict[UUID, list[tuple[date, int]]] = {}
    for invoice_id, due_on, minor in session.execute(query):
        found.setdefault(invoice_id, []).append((due_on, int(minor)))
    return found


def steps_about(session: Session, invoices: Sequence[OpenInvoice], *, besides: UUID | None = None) -> Steps:
    """The steps used, left out, taken by phone and drafted of those invoices, as if `besides` had not been written."""
    ids = [invoice.id for invoice in invoices]
    steps = Steps()
    taken = select(
        Reminder.invoice_id, Reminder.part, Reminder.rung, Reminder.on, Reminder.days, Reminder.message_id,
        null().label("by"),
    ).where(is_one_of(Reminder.invoice_id, ids))  # fmt: skip
    left_out = select(
        ReminderSkip.invoice_id,
        ReminderSkip.part,
        ReminderSkip.rung,
        ReminderSkip.on,
        literal(0),
        null(),
        ReminderSkip.by,
    ).where(is_one_of(ReminderSkip.invoice_id, ids))
    written: dict[UUID, set[tuple[UUID, int]]] = {}
    rows = cast(Sequence[_Step], session.execute(union_all(taken, left_out)).all())
    for invoice_id, part, rung, on, days, message_id, by in rows:
        if by is not None:
            kind = steps.called if by == CALLED else steps.skipped
            kind.setdefault((invoice_id, part), {})[rung] = on
        elif message_id is not None and message_id != besides:
            steps.used.setdefault((invoice_id, part), {})[rung] = Used(on, days)
            written.setdefault(message_id, set()).add((invoice_id, part))
    if written:
        is_draft = Message.delivery == "draft", Message.purpose == "reminder"
        for message_id in session.scalars(select(Message.id).where(*is_draft, is_one_of(Message.id, written))):
            steps.drafted |= written[message_id]
    return steps


def _read(session: Session, query: Select[tuple[object, ...]]) -> Sequence[OpenInvoice]:
    return cast(Sequence[OpenInvoice], session.execute(query).all())


def _rows(*which: ColumnElement[bool]) -> Subquery:
    """The one query: every invoice with its open, credited and disputed amounts."""
    open_dispute = and_(Dispute.invoice_id == Invoice.id, Dispute.state == "open")
    about_it = or_(
        Complaint.invoice_id == Invoice.id,
        and_(Complaint.invoice_id.is_(None), Complaint.order_id == Invoice.order_id),
    )
    complaint = exists().where(Complaint.customer_id == Invoice.customer_id, Complaint.state == "open", about_it)
    credited = select(func.sum(Allocation.amount_minor)).where(
        Allocation.invoice_id == Invoice.id, Allocation.credit_note_id.is_not(None)
    )
    disputed = select(func.sum(Dispute.amount_minor)).where(open_dispute)
    disputes = select(func.array_agg(Dispute.number)).where(open_dispute)
    return (
        select(
            Invoice.id,
            Invoice.customer_id,
            Invoice.number,
            Invoice.due_on,
            Invoice.currency,
            Invoice.total_minor,
            Invoice.is_in_instalments,
            open_minor().label("open_minor"),
            func.coalesce(credited.correlate(Invoice).scalar_subquery(), 0).label("credited_minor"),
            disputed.correlate(Invoice).scalar_subquery().label("disputed"),
            disputes.correlate(Invoice).scalar_subquery().label("disputes"),
            complaint.correlate(Invoice).label("has_open_complaint"),
        )
        .where(*which)
        .subquery()
    )
