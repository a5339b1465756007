"""Edit a reminder that waits for approval: its sentences may be put in other words, its figures never."""

from __future__ import annotations

from uuid import UUID

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.errors import Overtaken
from o2c_core.reminders.drafts import checked_words, keep_words, take_hold, write_anew
from o2c_core.reminders.own_words import tidy
from o2c_core.reminders.withdraw import withdraw
from o2c_core.reminders.written import Words, Written
from o2c_core.store.store import Store
from o2c_core.trail import note


class NothingToAsk(Overtaken):
    """There is nothing left to ask for, so the reminder was withdrawn."""


def edit_reminder(
    message_id: UUID,
    *,
    opening: str | None = None,
    ask: str | None = None,
    by: str,
    role: str,
    store: Store,
    doorplate: Doorplate | None = None,
) -> Written:
    """The draft as it says it now. Words that are not given are the approved ones again.

    Table, sums, how to pay and foot stay what code makes of the ledger, which is read anew. Every figure and day in the
    new words has to be one of the message's own.

    Raises: NotOwnWords, and nothing is changed; NothingToAsk; NoSuchMessage; NotADraft; BeyondAuthority.
    """
    now = store.clock.now()
    words = Words(tidy(opening) if opening is not None else None, tidy(ask) if ask is not None else None)
    with store.session() as session:
        held = take_hold(session, message_id, role, now)
        before = held.message.text
        approved = write_anew(session, held, now, doorplate, Words())
        if not isinstance(approved, Written):
            withdraw(session, held.message, approved, now, was="draft")
            session.commit()
            raise NothingToAsk(f"There is nothing left to ask for: {approved.sentence}", reason=approved.reason.value)
        # Who gives an approved sentence back unchanged has not put it in words of their own.
        words = Words(
            None if words.opening == tidy(approved.opening) else words.opening,
            None if words.ask == tidy(approved.ask) else words.ask,
        )
        checked_words(approved, words)
        written = write_anew(session, held, now, doorplate, words)
        assert isinstance(written, Written)
        keep_words(held.message, words, by)
        note(
            session, "reminder edited", held.message, at=now, who=by, customer_id=held.customer.id,
            seller_id=held.seller.id, message_id=message_id, changed=written.text != before,
            own=[name for name, value in (("opening", words.opening), ("ask", words.ask)) if value is not None],
        )  # fmt: skip
        session.commit()
        return written
