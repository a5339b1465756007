"""An invoice as claims: one for the whole of it, or one for each instalment, with its own due day and open amount."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from o2c_core.cases.agreed import OnPlan
from o2c_core.invoices.allocation import instalments_open
from o2c_core.reminders.ladder import Ladder, Rung, Used
from o2c_core.reminders.may_contact import Claim

# The parts of a payment plan are reminded of on a ladder of their own: just before, and once within the days of grace.
PLAN_SOON_DAYS, PLAN_LATE_DAYS = -2, 1
_SOON, _LATE = "plan_soon", "plan_late"
PLAN_LADDER = "plan "


Part = tuple[UUID, int]
"""An invoice and the number of its part; 0 is the whole of it."""


@dataclass
class Steps:
    """What was done about each part: the steps used, those left out or taken by phone, and what a draft asks for."""

    used: dict[Part, dict[str, Used]] = field(default_factory=dict)
    skipped: dict[Part, dict[str, date]] = field(default_factory=dict)
    called: dict[Part, dict[str, date]] = field(default_factory=dict)
    drafted: set[Part] = field(default_factory=set)

    @cached_property
    def parts_of(self) -> dict[UUID, list[int]]:
        """The numbers of the parts that steps were used about, by invoice; to be asked once all of them are known."""
        found: dict[UUID, list[int]] = {}
        for invoice_id, number in self.used:
            if number:
                found.setdefault(invoice_id, []).append(number)
        return found

    def of(self, part: Part, ladder: Ladder) -> tuple[dict[str, Used], dict[str, date] | None, bool]:
        """The steps used, those skipped and whether a draft waits, for that part on that ladder."""
        used, called = self.used.get(part, {}), self.called.get(part)
        if called:
            days = {rung.name: rung.days for rung in ladder.rungs}
            used = used | {name: Used(on, days.get(name, 0)) for name, on in called.items()}
        return used, self.skipped.get(part), part in self.drafted


def in_parts(claim: Claim, instalments: Iterable[tuple[date, int]]) -> list[Claim]:
    """The claim on an invoice as claims on its instalments (due day, amount; earliest first).

    Money fills the earliest part first, and so does what is disputed or promised: of what is late now the less is asked.
    The last part is what the total leaves after the others.
    """
    amounts = list(instalments)
    if not amounts:
        return [claim]
    last_on, _ = amounts[-1]
    amounts[-1] = (last_on, claim.total_minor - sum(minor for _, minor in amounts[:-1]))
    opened = [minor for _, minor in instalments_open(amounts, claim.total_minor - claim.open_minor)]
    disputed = spread(claim.disputed_minor, opened)
    promised = spread(claim.promised_minor, [left - less for left, less in zip(opened, disputed, strict=True)])
    return [
        replace(
            claim,
            part=at + 1,
            parts=len(amounts),
            due_on=due_on,
            total_minor=amount,
            open_minor=opened[at],
            invoice_open_minor=claim.open_minor,
            disputed_minor=disputed[at],
            disputes=claim.disputes if disputed[at] else (),
            promised_minor=promised[at],
            promised_on=claim.promised_on if promised[at] else None,
            promised_until=claim.promised_until if promised[at] else None,
        )
        for at, (due_on, amount) in enumerate(amounts)
    ]


def spread(minor: int, over: Sequence[int]) -> list[int]:
    """An amount over those, each filled before the next; what is too much is nobody's."""
    given = []
    left = minor
    for most in over:
        given.append(max(0, min(left, most)))
        left -= given[-1]
    return given


def on_ladder(claim: Claim, steps: Steps, ladder: Ladder) -> Claim:
    """The part on that ladder, with the steps that were taken about it.

    An invoice that was reminded of as a whole, before its parts were counted, had that said of its last part, and of each
    other part that had come to the same step by then.
    """
    used, skipped, is_drafted = steps.of((claim.invoice_id, claim.part), ladder)
    if claim.plan is None:
        used = _come_to(claim.due_on, steps.used.get((claim.invoice_id, 0), {})) | used
    if claim.part == claim.parts and claim.plan is None:
        of_whole, skipped_of_whole, drafted = steps.of((claim.invoice_id, 0), ladder)
        used, is_drafted = of_whole | used, is_drafted or drafted
        skipped = (skipped_of_whole or {}) | (skipped or {})
    return replace(claim, ladder=ladder, used=used, skipped=skipped or None, is_drafted=is_drafted)


def as_whole(steps: Steps, invoice_id: UUID, due_on: date, used: dict[str, Used]) -> dict[str, Used]:
    """The steps about the invoice as a whole, with those of parts it had before, as far as it had come to them by then:
    whose terms were put right afterwards is not told the same twice."""
    numbers = steps.parts_of.get(invoice_id)
    if not numbers:
        return used
    of_parts: dict[str, Used] = {}
    for number in numbers:
        of_parts |= _come_to(due_on, steps.used.get((invoice_id, number), {}))
    return of_parts | used


def _come_to(due_on: date, used: Mapping[str, Used]) -> dict[str, Used]:
    """Those of the steps that had been reached, for that due day, on the day on which they were used."""
    return {name: step for name, step in used.items() if (step.on - due_on).days >= step.days}


def plan_ladder(number: str) -> Ladder:
    """The steps about one part of that plan; named for it, since the next plan's parts are other parts."""
    return Ladder(
        f"{PLAN_LADDER}{number}",
        (
            Rung(f"{_SOON} {number}", PLAN_SOON_DAYS, says_late=False, tone="courtesy", wording=_SOON),
            Rung(f"{_LATE} {number}", PLAN_LATE_DAYS, tone="neutral", wording=_LATE),
        ),
    )


def is_of_plan(rung: str) -> bool:
    """Whether a step of that name is about a payment plan and not about the invoice it is kept with."""
    return rung.startswith((f"{_SOON} ", f"{_LATE} "))


def plan_claim(claim: Claim, plan: OnPlan, steps: Steps, disputed_minor: int) -> Claim:
    """The next part of a plan on track as a claim, in the place of the first of its invoices.

    The days of grace pass before the plan is called broken; in them it is reminded of once more.
    """
    of_plan = Claim(
        invoice_id=claim.invoice_id,
        number=plan.number,
        due_on=plan.part_on,
        total_minor=plan.part.left_minor,
        open_minor=plan.part.left_minor,
        disputed_minor=min(disputed_minor, plan.part.left_minor),
        disputes=claim.disputes,
        has_open_complaint=claim.has_open_complaint,
        held_until=claim.held_until,
        in_flight_until=claim.in_flight_until,
        document_problem_since=claim.document_problem_since,
        missing=claim.missing,
        plan_part_on=plan.part_on,
        part=plan.part.number,
        parts=plan.parts,
        plan=plan.number,
    )
    return on_ladder(of_plan, steps, plan_ladder(plan.number))


def plan_steps(steps: Steps) -> Steps:
    """The steps about payment plans, taken out of those about invoices: an invoice's ladder knows nothing of them."""
    of_plans = Steps()
    for part, used in steps.used.items():
        planned = {name: step for name, step in used.items() if is_of_plan(name)}
        if planned:
            of_plans.used[part] = planned
    for part, planned in of_plans.used.items():
        steps.used[part] = {name: step for name, step in steps.used[part].items() if name not in planned}
    of_plans.skipped, of_plans.drafted = steps.skipped, steps.drafted & of_plans.used.keys()
    steps.drafted -= of_plans.drafted
    return of_plans
