"""What a run would do for each customer and currency: what goes out, to whom, by whose leave, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders.debts import Debt, debts_of
from o2c_core.reminders.ladder import MODES, Mode, Rung
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.may_contact import Answer, NotNow, Yes, may_contact, waits
from o2c_core.reminders.rewrite import Written, write_reminder
from o2c_core.reminders.unplanned import Unplanned, work_around

Place = tuple[UUID, str, str]
"""The thread a message belongs in: customer, channel and address."""


@dataclass(frozen=True)
class Plan:
    """One customer and currency before anything is written down.

    With a `letter` a message goes out, or waits as a draft where `mode` is not automatic; with `is_call` a person calls;
    else nothing does, and `answers` say why.
    """

    debt: Debt
    answers: tuple[Answer, ...]
    letter: Letter | None = None
    written: Written | None = None
    waits: NotNow | None = None
    mode: Mode = "automatic"

    @property
    def place(self) -> Place:
        assert self.debt.recipient is not None
        return self.debt.customer.id, self.debt.recipient.channel, self.debt.recipient.address

    @property
    def is_draft(self) -> bool:
        return self.letter is not None and self.mode != "automatic"

    @property
    def is_call(self) -> bool:
        return self.debt.is_call and self.rung is not None

    @cached_property
    def rung(self) -> Rung | None:
        """The highest step that is taken; None when none is."""
        rungs = [answer.rung for answer in self.answers if isinstance(answer, Yes)]
        return max(rungs, key=lambda rung: rung.days, default=None)

    @cached_property
    def asked(self) -> Money:
        asked = sum(answer.asked.minor for answer in self.answers if isinstance(answer, Yes))
        return Money(asked, self.debt.facts.currency)


def plan_around(
    session: Session,
    seller: Seller,
    customer_ids: Sequence[UUID],
    on: date,
    now: datetime,
    doorplate: Doorplate | None,
    *,
    only_open: bool = False,
) -> tuple[list[Plan], list[Unplanned]]:
    """The plans as `plan_batch` makes them, and the customers it breaks on: they keep nobody else from being written to."""
    return work_around(
        customer_ids,
        lambda some: plan_batch(session, seller, some, on, now, doorplate, only_open=only_open),
    )


def plan_batch(
    session: Session,
    seller: Seller,
    customer_ids: Sequence[UUID],
    on: date,
    now: datetime,
    doorplate: Doorplate | None,
    *,
    only_open: bool = False,
) -> list[Plan]:
    """The plans for those customers of the seller on that day (where the seller is), with the words; nothing is written.

    With `only_open` what is paid is not spoken of at all, also not as paid.
    """
    plans = []
    written: dict[UUID, int] = {}
    for debt in debts_of(session, customer_ids, on, now, only_open=only_open):
        # What this very run writes counts too: another currency is another message to the same customer.
        more = written.get(debt.customer.id, 0)
        facts = replace(debt.facts, more_today=more) if more else debt.facts
        answers = may_contact(facts, on, now, earned=debt.earned)
        if any(isinstance(answer, Yes) for answer in answers):
            written[debt.customer.id] = more + 1
        plans.append(_plan(debt, answers, seller, on, now, doorplate))
    return plans


def _plan(
    debt: Debt, answers: tuple[Answer, ...], seller: Seller, on: date, now: datetime, doorplate: Doorplate | None
) -> Plan:
    letter = letter_for(debt, answers, seller, on, now)
    if letter is None or debt.recipient is None:
        return Plan(debt, answers)
    mode = mode_of([line.rung for line in letter.lines], letter.asked)
    return Plan(debt, answers, letter, write_reminder(letter, debt.recipient, doorplate), waits(debt.facts, now), mode)


def mode_of(rungs: Iterable[Rung], asked: Money) -> Mode:
    """How a message about those steps goes out: as the strictest of them says for what it asks for in all."""
    modes = [rung.mode for rung in rungs if not _is_small(rung, asked)]
    return max(modes, key=MODES.index, default="automatic")


def _is_small(rung: Rung, asked: Money) -> bool:
    """Whether it goes by itself at that step although a person looks at larger ones."""
    below = rung.automatic_below_major
    return below is not None and asked < Money.rounded(below, asked.currency)
