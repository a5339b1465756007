"""Until when a person answers somebody who waits: in the hours in which the seller's people work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.received import AT_ONCE
from o2c_core.customers.seller import Seller
from o2c_core.customers.working_time import WorkingHours, read_hours

HOURS = "mon-fri 09:00-17:00"
# By how urgent it is. Units: minutes in which people work; 480 are a day of eight hours.
ANSWER_MINUTES: Mapping[str, int] = {"now": 15, "today": 120, "normal": 480}
# How urgent it is when a customer writes to a colleague who has their conversation: in a chat they sit and watch.
URGENCY_AT_ONCE, URGENCY_ELSE = "now", "today"
SNOOZES = ("hour", "tomorrow", "monday")


@dataclass(frozen=True)
class DeskHours:
    """When a seller's desk works, where, and in how many minutes it answers."""

    hours: WorkingHours
    answer_minutes: Mapping[str, int]
    zone: ZoneInfo
    country: str

    @classmethod
    def of(cls, seller: Seller) -> DeskHours:
        """As the seller has set them: {"desk": {"hours": "mon-fri 09:00-17:00", "answer_minutes": {"now": 15}}}."""
        chosen: Mapping[str, Any] = seller.settings.get("desk") or {}
        minutes = {**ANSWER_MINUTES} | {
            name: int(so_many) for name, so_many in chosen.get("answer_minutes", {}).items()
        }
        return cls(read_hours(chosen.get("hours") or HOURS), minutes, ZoneInfo(seller.time_zone), seller.country)

    def answer_by(self, urgency: str, since: datetime) -> datetime:
        """The moment by which somebody who waits since then is answered; who writes at night waits from the morning on."""
        return self.hours.after(since, timedelta(minutes=self.answer_minutes[urgency]), self.zone, self.country)

    def opens_on(self, day: date) -> datetime:
        """When the desk opens on that day, or on the first after it on which it does."""
        return self.hours.opening(day, self.zone, self.country).astimezone(UTC)

    def put_off(self, until: str, now: datetime) -> datetime:
        """The moment "hour", "tomorrow" (when the desk opens), "monday" (the next one) or a day like 2026-03-20 stands for.

        Raises: ValueError for anything else.
        """
        today = now.astimezone(self.zone).date()
        if until == "hour":
            return now + timedelta(hours=1)
        if until == "tomorrow":
            return self.opens_on(today + timedelta(days=1))
        if until == "monday":
            return self.opens_on(today + timedelta(days=7 - today.weekday()))
        return self.opens_on(date.fromisoformat(until))


def must_answer(session: Session, conversation: Conversation, urgency: str, since: datetime) -> None:
    """The conversation is to be answered by then, or sooner where that was so already."""
    due_at = DeskHours.of(session.get_one(Seller, conversation.seller_id)).answer_by(urgency, since)
    conversation.due_at = min(conversation.due_at or due_at, due_at)


def heard_again(session: Session, conversation: Conversation, now: datetime) -> None:
    """The customer wrote: what was put off comes back, and a colleague who has the conversation is to answer.

    What was said to the assistant needs nobody, so nothing is looked up for it.
    """
    if conversation.snoozed_until is not None:
        conversation.snoozed_until = None
    if conversation.state == "closed":
        conversation.state = "open"
    if conversation.speaker == "agent":
        must_answer(session, conversation, URGENCY_AT_ONCE if conversation.channel in AT_ONCE else URGENCY_ELSE, now)
