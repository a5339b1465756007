"""The three answers to whether somebody may be written to, each with its reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

from o2c_core import days
from o2c_core.money import Money
from o2c_core.reminders.ladder import Rung

_OF_A_DAY = re.compile(r" (?:until|by|on) \{(?:day|moment)\}")


class Reason(Enum):
    """Why somebody is not written to; the value is the word in reports, `sentence` is what finance reads."""

    sentence: str

    def __new__(cls, word: str, sentence: str) -> Reason:
        member = object.__new__(cls)
        member._value_ = word
        member.sentence = sentence
        return member

    # About what is asked for.
    WALK_IN = "walk_in", "Walk-in customers are not reminded."
    PAID = "paid", "It has been paid."
    CREDITED = "credited", "A credit note covers it."
    DISPUTED = "disputed", "Everything open on it is disputed."
    BELOW_MINIMUM = "below_minimum", "What is left of it is too little to write about."
    ON_HOLD = "on_hold", "Reminders are on hold until {day}."
    ON_PLAN = "on_plan", "It is paid by a payment plan; its next part is due on {day}."
    PROMISED = "promised", "The customer promised to pay it by {day}."
    OPEN_COMPLAINT = "open_complaint", "A complaint about it is waiting for our answer."
    IN_FLIGHT = "in_flight", "The customer says it is paid; the money may take until {day} to arrive."
    DOCUMENT_PROBLEM = "document_problem", "Something about the invoice itself has to be put right by us first."
    OUR_DELAY = "our_delay", "We delivered late ourselves; it is asked for from {day} on."
    HABIT = "habit", "They usually pay a few days late; the step waits until {day}."
    PAUSED = "paused", "Finance paused reminders until {day}."
    SKIPPED = "skipped", "A person skipped this step."
    HELD_OUT = "held_out", "They are in the group that is not reminded, by lot, to see what reminders do."
    NOT_YET = "not_yet", "It is too early; the first step comes on {day}."
    ALREADY_REMINDED = "already_reminded", "Already reminded at this step on {day}."
    LADDER_DONE = "ladder_done", "The last step was used on {day}; it is a person's turn."
    MONEY_PENDING = "money_pending", "Money or credit not yet matched to invoices covers it."
    AMOUNT_CHANGED = "amount_changed", "The amount changed after the reminder was written."
    OUT_OF_DATE = "out_of_date", "It was written too long ago to be sent; the next run writes a new one."
    UNREADABLE = "unreadable", "What is on record about them could not be worked out; somebody was asked to look at it."
    # About who would get it.
    NO_ADDRESS = "no_address", "There is no email address or phone number to write to."
    BOUNCED = "bounced", "Messages to this customer do not arrive; the address needs to be corrected."
    OPTED_OUT = "opted_out", "Whoever would get it asked not to be written to there."
    # About the moment.
    CONVERSATION_LIVE = "conversation_live", "A person of ours is in conversation with this customer."
    UNANSWERED = "unanswered", "The customer asked something that has no answer yet."
    TALKING = "talking", "The customer is in conversation with the assistant at this moment."
    AWAY = "away", "They are away, by an automatic mail of theirs; they are back on {day}."
    SPACING = "spacing", "They were reminded a short while ago; the next may go on {day}."
    WAITS_FOR_APPROVAL = "waits_for_approval", "It waits for somebody of finance to approve it."
    OFTEN_ENOUGH = "often_enough", "They have had as many reminders as a week may bring; the next may go on {day}."
    REST_DAY = "rest_day", "Nobody is written to there on that day; the next day for it is {day}."
    QUIET_HOURS = "quiet_hours", "It is outside the hours for writing to them; it waits until {moment}."
    NO_HOURS = "no_hours", "No hour suits every time zone they may be in; note the customer's time zone."
    WINDOW_CLOSED = "window_closed", "WhatsApp carries our words only within 24 hours of the customer's last message."

    @property
    def in_general(self) -> str:
        """The sentence for many at once, each of whom has a day of their own: "Reminders are on hold."."""
        first, _, rest = self.sentence.partition("; ")
        if "{" in rest:
            return f"{first}."
        return _OF_A_DAY.sub("", self.sentence)


@dataclass(frozen=True)
class Yes:
    """It may be asked for: this much, at this step."""

    rung: Rung
    asked: Money


@dataclass(frozen=True)
class NotNow:
    """Not today; `until` is the first day on which the answer can be another, None when that depends on people.

    Where the very moment is known it is `until_at`, and a message that waits leaves then.
    """

    until: date | None
    reason: Reason
    day: date | None = None
    until_at: datetime | None = None

    @property
    def sentence(self) -> str:
        return _sentence(self.reason, self.day, self.until_at)


@dataclass(frozen=True)
class No:
    """There is nothing to ask for, or nobody to ask."""

    reason: Reason
    day: date | None = None

    @property
    def sentence(self) -> str:
        return _sentence(self.reason, self.day)


Answer = Yes | NotNow | No


def _sentence(reason: Reason, day: date | None, at: datetime | None = None) -> str:
    said = reason.sentence
    if day is not None:
        said = said.replace("{day}", days.show(day, "en_GB"))
    if at is not None:
        utc = at.astimezone(UTC)
        said = said.replace("{moment}", f"{days.show(utc.date(), 'en_GB')}, {utc:%H:%M} UTC")
    return said
