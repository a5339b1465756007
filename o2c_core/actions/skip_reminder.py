"""Skip a reminder that waits for approval: this step is left out, and the ladder goes on after it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from o2c_core.errors import Refused
from o2c_core.keys import new_key
from o2c_core.reminders.drafts import take_hold
from o2c_core.reminders.may_contact import NotNow, Reason
from o2c_core.reminders.open_claims import CALLED
from o2c_core.reminders.reminder import Reminder, ReminderSkip
from o2c_core.reminders.withdraw import withdraw
from o2c_core.store.store import Store
from o2c_core.trail import note

WHY_MAX = 500


class NoReason(Refused):
    """Say why it is skipped; whoever looks later wants to know."""


def skip_reminder(message_id: UUID, *, why: str, by: str, role: str, store: Store) -> list[tuple[str, int]]:
    """The steps that are left out, with the part of the invoice each is about.

    The message is withdrawn, and the run does not propose the same step of the same invoices again.

    Raises: NoReason; NoSuchMessage; NotADraft; BeyondAuthority.
    """
    said = " ".join(why.split())[:WHY_MAX]
    if not said:
        raise NoReason
    now = store.clock.now()
    with store.session() as session:
        held = take_hold(session, message_id, role, now)
        steps = session.scalars(select(Reminder).where(Reminder.message_id == message_id).order_by(Reminder.id)).all()
        skipped = [(step.rung, step.part) for step in steps]
        rows = [
            {
                "id": new_key(), "invoice_id": step.invoice_id, "part": step.part, "customer_id": step.customer_id,
                # A step taken by phone is kept by that name, and no person has it.
                "rung": step.rung, "on": held.today, "by": by if by != CALLED else role, "why": said, "skipped_at": now,
            }
            for step in steps
        ]  # fmt: skip
        key = [ReminderSkip.invoice_id, ReminderSkip.part, ReminderSkip.rung]
        session.execute(insert(ReminderSkip).on_conflict_do_nothing(index_elements=key), rows)
        withdraw(session, held.message, NotNow(None, Reason.SKIPPED, held.today), now, was="draft")
        note(
            session, "reminder skipped", held.message, at=now, who=by, why=said, customer_id=held.customer.id,
            seller_id=held.seller.id, message_id=message_id, steps=sorted({rung for rung, _ in skipped}),
        )  # fmt: skip
        session.commit()
        return skipped
