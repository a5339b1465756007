"""An answer to why: sentences for finance, and what the customer may read of it in their language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from o2c_core import days, money
from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.documents.wording import Wording, read_wording
from o2c_core.money import Money
from o2c_core.reminders.answer import Reason

# "waits" is for approval, "queued" to be sent; only what is "sent" was written to the customer.
Kind = Literal["planned", "waits", "queued", "sent", "withdrawn", "failed", "uncertain", "call", "none"]

_BY_WORD = {reason.value: reason for reason in Reason}
# Of these the customer is told no more than that it takes its time: they are about how we work.
_KEPT_IN = {
    Reason.HABIT, Reason.PAUSED, Reason.SKIPPED, Reason.HELD_OUT, Reason.SPACING, Reason.WAITS_FOR_APPROVAL,
    Reason.OFTEN_ENOUGH, Reason.QUIET_HOURS, Reason.NO_HOURS, Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE, Reason.WALK_IN,
    Reason.UNREADABLE,
}  # fmt: skip
_ALIKE = {
    Reason.NO_ADDRESS: "unreachable", Reason.BOUNCED: "unreachable", Reason.WINDOW_CLOSED: "unreachable",
    Reason.CONVERSATION_LIVE: "talking", Reason.UNANSWERED: "talking", Reason.TALKING: "talking",
}  # fmt: skip
_NEED_A_DAY = ("on_plan", "promised", "in_flight", "not_yet", "already_reminded", "away")


@dataclass(frozen=True)
class Why:
    """The answer about one customer and currency on a day. `sentences` are for finance, `told` is for the customer."""

    on: date
    kind: Kind
    currency: str
    sentences: tuple[str, ...]
    told: str
    message_id: UUID | None = None
    reason: Reason | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "on": self.on.isoformat(),
            "kind": self.kind,
            "currency": self.currency,
            "sentences": list(self.sentences),
            "told": self.told,
            "message": str(self.message_id) if self.message_id else None,
            "reason": self.reason.value if self.reason else None,
        }


@dataclass(frozen=True)
class Told:
    """What the customer reads: their language, and how they write amounts and days."""

    words: Wording
    locale: str

    @classmethod
    def to(cls, customer: Customer, language: str | None = None) -> Told:
        spoken = language or customer.language
        return cls(words_in(spoken), locale_for(spoken if spoken in LANGUAGES else "en", customer.country))

    def said(self, name: str, numbers: Sequence[str], amount: Money, on: date | None = None) -> str:
        shown = days.show(on, self.locale) if on is not None else None
        return self.words.say(
            f"said.{name}", numbers=", ".join(numbers), amount=money.show(amount, self.locale), day=shown
        )

    def because(self, reason: Reason, day: date | None = None, *, is_ahead: bool = False) -> str:
        """Why they hear nothing that day; `is_ahead` of a day to come."""
        found = told_of(reason, day, self.words, self.locale)
        return found or self.words.say("none.wait_ahead" if is_ahead else "none.wait")

    def withdrawn(self, numbers: Sequence[str], amount: Money, reason: Reason | None, day: date | None) -> str:
        """That nothing was sent, and why where that is theirs to know."""
        said = self.said("withdrawn", numbers, amount)
        found = told_of(reason, day, self.words, self.locale) if reason is not None else None
        return f"{said} {found}" if found else said

    @property
    def nothing(self) -> str:
        return self.words.say("none.nothing")


def told_of(reason: Reason, day: date | None, words: Wording, locale: str) -> str | None:
    """What the customer reads about that reason, in their language; None where it is about how we work."""
    name = _ALIKE.get(reason, reason.value)
    if reason in _KEPT_IN or (day is None and name in _NEED_A_DAY):
        return None
    return words.say(f"none.{name}", day=days.show(day, locale) if day is not None else None)


def reason_named(word: str) -> Reason:
    """The reason by its word in reports and decisions."""
    return _BY_WORD[word]


@cache
def words_in(language: str) -> Wording:
    return read_wording(Path(__file__).parent / "why_said", language if language in LANGUAGES else "en")
