"""When a customer has to be looked at again as long as nobody does anything: on the day their next step comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from o2c_core.reminders.decisions import QUIET
from o2c_core.reminders.may_contact import Answer, Claim, Yes


def next_look(claims: Sequence[Claim], answers: Sequence[Answer], on: date) -> date | None:
    """The first day after `on` on which an answer can be another; None when it never is by itself.

    Only what merely takes its course is left alone until then. What waits for people or for the calendar is looked at
    every day, and so is a payment plan: it ends by itself when a part is missed.
    """
    if any(isinstance(answer, Yes) or answer.reason not in QUIET for answer in answers):
        return on + timedelta(days=1)
    if any(claim.plan is not None or claim.plan_until is not None for claim in claims):
        return on + timedelta(days=1)
    steps = (claim.due_on + timedelta(days=rung.days) for claim in claims for rung in claim.ladder.rungs)
    return min((day for day in steps if day > on), default=None)
