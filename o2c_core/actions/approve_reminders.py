"""Approve reminders that wait for it: each is looked at again, and only what still holds leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from o2c_core import money
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.outbox import NoSuchMessage
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.reminders.drafts import OWN_WORDS, NotADraft, asked_of, take_hold, write_anew
from o2c_core.reminders.may_contact import NotNow
from o2c_core.reminders.still_right import against_sending
from o2c_core.reminders.withdraw import withdraw
from o2c_core.reminders.written import Written
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

Outcome = Literal["approved", "renewed", "withdrawn", "refused", "gone"]


@dataclass(frozen=True)
class Approved:
    """What became of one reminder, and a sentence that says why; with `until` it leaves then and not before."""

    message_id: UUID
    outcome: Outcome
    sentence: str
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "message": str(self.message_id),
            "outcome": self.outcome,
            "sentence": self.sentence,
            "until": self.until.isoformat() if self.until else None,
        }


def approve_reminders(
    message_ids: Iterable[UUID], *, by: str, role: str, store: Store, doorplate: Doorplate | None = None
) -> list[Approved]:
    """What became of each, in their order; each is a transaction of its own, so that one does not hold up the others.

    What was paid, disputed or agreed meanwhile is withdrawn with its reason. One that was written on an earlier day is
    written anew from the ledger and stays a draft: nothing leaves that nobody has seen as it is today. What is approved
    is looked at once more at the instant of sending.
    What is more than the role may approve is refused and stays.
    """
    return [_approve(message_id, by, role, store, doorplate) for message_id in dict.fromkeys(message_ids)]


def _approve(message_id: UUID, by: str, role: str, store: Store, doorplate: Doorplate | None) -> Approved:
    now = store.clock.now()
    with store.session() as session:
        try:
            held = take_hold(session, message_id, role, now)
        except (NoSuchMessage, NotADraft) as gone:
            return Approved(message_id, "gone", gone.sentence)
        except BeyondAuthority as beyond:
            return Approved(message_id, "refused", beyond.sentence)
        message, about = held.message, {"customer_id": held.customer.id, "seller_id": held.seller.id}
        if not held.is_of_today:
            was, had_words = held.on, OWN_WORDS in (message.understanding or {})
            written = write_anew(session, held, now, doorplate)
            if not isinstance(written, Written):
                withdraw(session, message, written, now, was="draft")
                session.commit()
                return Approved(message_id, "withdrawn", written.sentence)
            note(
                session, "reminder renewed", message, at=now, who=by, message_id=message.id,
                why="it was written on an earlier day", was=was.isoformat(), on=held.today.isoformat(), **about,
            )  # fmt: skip
            session.commit()
            words = " Look at the words that were put in by hand again, too." if had_words else ""
            asked = money.show(asked_of(message, held.currency), held.locale)
            said = (
                f"It was of an earlier day, so it was written anew; it asks for {asked} now. Approve it as it is today."
            )
            return Approved(message_id, "renewed", said + words)
        message.delivery, message.approved_by, message.approved_at = "queued", by, now
        session.flush()
        against = against_sending(session, message, now)
        until = against.until_at if isinstance(against, NotNow) else None
        if against is not None and until is None:
            message.approved_by = message.approved_at = None
            withdraw(session, message, against, now, was="queued")
            session.commit()
            return Approved(message_id, "withdrawn", against.sentence)
        message.not_before, message.waits_why = until, against.sentence if against else None
        note(
            session, "reminder approved", message, at=now, who=by, why=role, message_id=message.id,
            asked=str(asked_of(message, held.currency)), **about,
        )  # fmt: skip
        ask_for(session, "deliver_message", at=until, message_id=str(message.id))
        session.commit()
        return Approved(message_id, "approved", against.sentence if against else "It is on its way.", until)
