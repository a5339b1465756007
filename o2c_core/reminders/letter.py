"""What one reminder speaks about: the invoices, the amounts, the step and the payer, before any word is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from o2c_core import days
from o2c_core.cases.agreed import NotArrived
from o2c_core.cases.complaint import answer_day
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.money import Money, total
from o2c_core.reminders.debts import Debt
from o2c_core.reminders.history import NO_HISTORY, Broken, Delivery, History
from o2c_core.reminders.ladder import Rung
from o2c_core.reminders.may_contact import Answer, Claim, No, NotNow, Reason, Yes
from o2c_core.reminders.recipient import call_number
from o2c_core.reminders.salutation import Greeted, greeted
from o2c_core.reminders.tone import Seen, Tone, tone_for
from o2c_core.reminders.wording import INFORMAL, SECTIONS

# After the last step a person takes over; this many working days later the customer may expect to hear from one.
PERSON_AFTER_WORKING_DAYS = 5
# The approved sentences of each tone, for a step that names none of its own.
_SECTION = {"courtesy": "neutral", "neutral": "neutral", "asking": "first", "clear": "second", "serious": "last"}
_OF_PLANS = ("plan_soon", "plan_late")
# What somebody said so long ago is not spoken of any more.
SAID_DAYS = 180
# What speaks of a due day that is over.
_LATE = ("neutral", "first", "second", "last", "plan_late")


@dataclass(frozen=True)
class Line:
    """One invoice that is asked for, or one part of it, with what is asked of it."""

    claim: Claim
    rung: Rung
    asked: Money
    days_late: int

    @property
    def disputed(self) -> Money:
        """The part left out because it is disputed."""
        return Money(min(self.claim.disputed_minor, self.claim.open_minor), self.asked.currency)

    @property
    def promised(self) -> Money:
        """The part left out because the customer promised it for a day to come."""
        return Money(self.claim.open_minor, self.asked.currency) - self.asked - self.disputed

    @property
    def settled(self) -> Money:
        """What was paid or credited already."""
        return Money(self.claim.total_minor - self.claim.open_minor, self.asked.currency)

    @property
    def is_of_plan(self) -> bool:
        return self.rung.sentences in _OF_PLANS or self.rung.name in _OF_PLANS


@dataclass(frozen=True)
class Letter:
    """One message to one customer about one currency; `lines` are oldest due first.

    `owner` is who of the seller looks after the customer, where somebody does, and `may_call` whether a number to call is
    on record.
    """

    seller: Seller
    language: str
    locale: str
    on: date
    read_at: datetime
    lines: tuple[Line, ...]
    left_out: tuple[Claim, ...]
    unapplied: Money
    greeted: Greeted | None = None
    is_informal: bool = False
    owner: str | None = None
    may_call: bool = False
    customer_id: UUID | None = None
    customer_ref: str = ""
    history: History = NO_HISTORY

    @cached_property
    def highest(self) -> Line:
        """The invoice that is furthest on its ladder: it sets the tone."""
        return max(self.lines, key=lambda line: line.rung.days)

    @cached_property
    def rung(self) -> Rung:
        return self.highest.rung

    @cached_property
    def asked(self) -> Money:
        return total((line.asked for line in self.lines), self.unapplied.currency)

    @cached_property
    def to_pay(self) -> Money:
        """What is asked less the money and credit that still waits to be matched."""
        return self.asked - self.unapplied

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of the invoices, each once, however many parts of it are asked for."""
        return tuple(dict.fromkeys(line.claim.number for line in self.lines))

    @cached_property
    def tone(self) -> Tone:
        """How it sounds, by its step and by what this payer did before."""
        return tone_for(self.rung, self._seen)

    @cached_property
    def section(self) -> str:
        """The name of the approved sentences it is written in."""
        rung, oldest = self.rung, self.lines[0]
        named = rung.name if rung.name in _OF_PLANS else rung.wording
        if named not in SECTIONS:
            soft = "courtesy" if self.tone.name == "courtesy" else "due"
            named = _SECTION[self.tone.name] if rung.says_late else soft
        # Words about a day to come are not said of one that has gone by, nor "was due" of one that has not.
        if oldest.claim.due_on < self.on:
            return {"courtesy": "due", "plan_soon": "plan_late"}.get(named, named)
        return {"plan_late": "plan_soon"}.get(named, "due") if named in _LATE else named

    @property
    def says_late(self) -> bool:
        return self.section in _LATE

    @cached_property
    def broken(self) -> Broken | None:
        """The newest promise about what is asked for that has not been made good since."""
        missing = (one for one in self._broken if one.paid_minor < one.minor)
        return next(missing, None)

    @cached_property
    def said(self) -> NotArrived | None:
        """What they last told us they had paid of what is asked for, and has not come; None where they promised anew."""
        told = [missing for line in self.lines if (missing := line.claim.missing) is not None]
        found = max(told, key=lambda missing: missing.said_on, default=None)
        if found is None or (self.on - found.said_on).days > SAID_DAYS:
            return None
        promised_on = self.broken.made_on if self.broken is not None else None
        return None if promised_on is not None and promised_on > found.said_on else found

    @cached_property
    def said_of(self) -> tuple[Line, ...]:
        """The lines that is about."""
        return tuple(line for line in self.lines if line.claim.missing is not None and line.claim.missing == self.said)

    @cached_property
    def came_late(self) -> tuple[Delivery, ...]:
        """Our own late deliveries behind what is asked for, the latest first, that nothing was written about since."""
        found = [
            late
            for line in self.lines
            if (late := self.history.deliveries.get(line.claim.invoice_id)) is not None and _is_news(late, line.claim)
        ]
        return tuple(sorted(set(found), key=lambda late: (-late.days, late.order)))

    @property
    def person_is_next(self) -> bool:
        """Whether this is the ladder's last step, after which a person writes or calls."""
        line = self.highest
        return line.rung.name == line.claim.ladder.last.name and line.rung.says_late and not line.is_of_plan

    @cached_property
    def person_by(self) -> date:
        return answer_day(self.on, PERSON_AFTER_WORKING_DAYS)

    @cached_property
    def _broken(self) -> tuple[Broken, ...]:
        if not self.history.broken:
            return ()
        return self.history.broken_about({line.claim.invoice_id for line in self.lines}, self.asked.currency)

    @property
    def _seen(self) -> Seen:
        habit = self.history.habit_day
        return Seen(
            is_first=not any(step.days > 0 for line in self.lines for step in (line.claim.used or {}).values()),
            is_punctual=self.history.is_punctual,
            has_habit=habit is not None and self.lines[0].days_late > habit,
            broken=len(self._broken) if self.broken is not None else 0,
            we_were_late=bool(self.came_late),
            says_paid=(said := self.said) is not None,
            was_asked=said is not None
            and any(step.on > said.said_on for line in self.said_of for step in (line.claim.used or {}).values()),
        )


def letter_for(debt: Debt, answers: Sequence[Answer], seller: Seller, on: date, read_at: datetime) -> Letter | None:
    """The letter those answers allow; None when there is nothing to ask for."""
    asked = [
        (claim, answer) for claim, answer in zip(debt.facts.claims, answers, strict=True) if isinstance(answer, Yes)
    ]
    if not asked or debt.recipient is None:
        return None
    customer, language = debt.customer, debt.recipient.language
    chosen = _chosen(seller)
    informal = is_informal(chosen, customer, language)
    # Who is called is only looked for where somebody is named who would call.
    owner = owner_of(chosen, customer)
    return Letter(
        seller=seller,
        language=language,
        locale=locale_for(language, customer.country),
        on=on,
        read_at=read_at,
        lines=tuple(
            Line(claim, answer.rung, answer.asked, days.days_late(claim.due_on, on)) for claim, answer in asked
        ),
        left_out=tuple(
            claim
            for claim, answer in zip(debt.facts.claims, answers, strict=True)
            if isinstance(answer, No | NotNow) and answer.reason is Reason.DISPUTED
        ),
        unapplied=Money(debt.facts.unapplied_minor, debt.facts.currency),
        greeted=greeted(debt.recipient.name, customer.name, language, is_informal=informal),
        is_informal=informal,
        owner=owner,
        may_call=owner is not None and call_number(customer) is not None,
        customer_id=customer.id,
        customer_ref=customer.ref,
        history=debt.history,
    )


def is_informal(chosen: Mapping[str, Any], customer: Customer, language: str) -> bool:
    """Whether the seller chose to write to that customer by first name: to everybody, or to those it named."""
    if language not in INFORMAL:
        return False
    return bool(chosen.get("informal")) or customer.ref in chosen.get("informal_customers", ())


def owner_of(chosen: Mapping[str, Any], customer: Customer) -> str | None:
    """Who of the seller looks after the customer: named for them, for their segment, or for everybody; None without one."""
    owners = chosen.get("owners") or {}
    named = (owners.get("customers") or {}).get(customer.ref) or (owners.get("segments") or {}).get(customer.segment)
    return named or owners.get("default") or None


def _chosen(seller: Seller) -> Mapping[str, Any]:
    chosen: Mapping[str, Any] = (seller.settings or {}).get("reminders") or {}
    return chosen


def _is_news(late: Delivery, claim: Claim) -> bool:
    """Whether goods that did arrive late were not written about yet."""
    arrived = late.delivered_on
    return late.days > 0 and arrived is not None and not any(one.on >= arrived for one in (claim.used or {}).values())
