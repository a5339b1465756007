"""Until when a message may still leave: no queue and no provider may hold it longer than its hours last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.reminders.may_contact import closes_at
from o2c_core.reminders.message_facts import facts_about
from o2c_core.reminders.still_right import WRITTEN_AGO_MAX


def window_end(session: Session, message: Message, now: datetime) -> datetime | None:
    """The moment from which the message must not leave any more; None when there is no limit."""
    ends = [closes_at(facts_about(session, message, now), now)]
    if message.purpose == "reminder":
        ends.append(message.created_at + WRITTEN_AGO_MAX)
    return min((end for end in ends if end is not None), default=None)
