"""What one reminder speaks about: the invoices, the amounts and the step, before any word is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from o2c_core import days
from o2c_core.cases.complaint import answer_day
from o2c_core.customers.customer import locale_for
from o2c_core.customers.seller import Seller
from o2c_core.money import Money, total
from o2c_core.reminders.debts import Debt
from o2c_core.reminders.ladder import LADDER, Rung
from o2c_core.reminders.may_contact import Answer, Claim, No, NotNow, Reason, Yes

# After the last step a person takes over; this many working days later the customer may expect to hear from one.
PERSON_AFTER_WORKING_DAYS = 5


@dataclass(frozen=True)
class Line:
    """One invoice that is asked for, with what is asked of it."""

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


@dataclass(frozen=True)
class Letter:
    """One message to one customer about one currency; `lines` are oldest due first."""

    seller: Seller
    language: str
    locale: str
    on: date
    read_at: datetime
    lines: tuple[Line, ...]
    left_out: tuple[Claim, ...]
    unapplied: Money

    @property
    def rung(self) -> Rung:
        """The highest step among the invoices: it sets the tone."""
        return max((line.rung for line in self.lines), key=lambda rung: rung.days)

    @property
    def asked(self) -> Money:
        return total((line.asked for line in self.lines), self.unapplied.currency)

    @property
    def to_pay(self) -> Money:
        """What is asked less the money and credit that still waits to be matched."""
        return self.asked - self.unapplied

    @property
    def person_is_next(self) -> bool:
        """Whether this is the ladder's last step, after which a person writes or calls."""
        return self.rung == LADDER[-1]

    @property
    def person_by(self) -> date:
        return answer_day(self.on, PERSON_AFTER_WORKING_DAYS)


def letter_for(debt: Debt, answers: Sequence[Answer], seller: Seller, on: date, read_at: datetime) -> Letter | None:
    """The letter those answers allow; None when there is nothing to ask for."""
    asked = [
        (claim, answer) for claim, answer in zip(debt.facts.claims, answers, strict=True) if isinstance(answer, Yes)
    ]
    if not asked or debt.recipient is None:
        return None
    return Letter(
        seller=seller,
        language=debt.recipient.language,
        locale=locale_for(debt.recipient.language, debt.customer.country),
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
    )
