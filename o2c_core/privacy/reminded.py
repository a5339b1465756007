"""What reminding and informing leave behind: reminders, decisions, choices and news, and when each has been kept long enough."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from o2c_core.informing.informed import Informed
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.privacy import batches
from o2c_core.privacy.batches import NOBODY, Done, deleting, midnight, some
from o2c_core.privacy.erasing import erase_rows
from o2c_core.reminders.reminder import LadderChoice, Reminder, ReminderDecision, ReminderSkip


def end_reminders(session: Session, seller_id: UUID, before: date, after: UUID | None) -> Done:
    """Reminders of invoices with nothing open, with their words; then what was decided, left out and chosen about reminding."""
    query = (
        select(Reminder.id)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Invoice.seller_id == seller_id, Reminder.on < before, open_minor() == 0)
    )
    ids = some(session, query, Reminder.id, after)
    written = list(session.scalars(select(Reminder.message_id).where(Reminder.id.in_(ids)).distinct()))
    session.execute(delete(Reminder).where(Reminder.id.in_(ids)))
    still = set(session.scalars(select(Reminder.message_id).where(Reminder.message_id.in_(written))))
    erase_rows(session, "message", [id_ for id_ in written if id_ not in still], NOBODY)
    if len(ids) == batches.BATCH:
        return Done(len(ids), ids[-1])
    # What was decided and left out goes after them, from the beginning each time: what is gone is not found again.
    old = [
        deleting(of, which)(session, seller_id, before, None).count
        for of, which in (
            (ReminderDecision, _is_old_decision), (ReminderSkip, _is_old_skip), (LadderChoice, _is_former_choice)
        )
    ]  # fmt: skip
    return Done(len(ids) + sum(old), UUID(int=2**128 - 1) if batches.BATCH in old else None)


def _is_old_decision(seller_id: UUID, before: date) -> ColumnElement[bool]:
    return and_(ReminderDecision.seller_id == seller_id, ReminderDecision.on < before)


def _is_old_skip(seller_id: UUID, before: date) -> ColumnElement[bool]:
    done_with = select(Invoice.id).where(Invoice.seller_id == seller_id, open_minor() == 0)
    return and_(ReminderSkip.on < before, ReminderSkip.invoice_id.in_(done_with))


def _is_former_choice(seller_id: UUID, before: date) -> ColumnElement[bool]:
    return and_(LadderChoice.seller_id == seller_id, LadderChoice.ended_at < midnight(before))


def is_old_news(seller_id: UUID, before: date) -> ColumnElement[bool]:
    """What was told, or not and why. Nothing of that age is news again: events are told of within two weeks."""
    return and_(Informed.seller_id == seller_id, Informed.state != "waiting", Informed.happened_at < midnight(before))
