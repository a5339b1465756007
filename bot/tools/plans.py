"""Payment plans: what is owed in parts on days, within what the assistant may grant; more is for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.reasons import asks_about_recorded, wants_back
from bot.tools.case_status import case_status, has_cases, take_back
from bot.tools.owed import Owed, nothing_to_pay, owed, rows_of, source_of
from bot.tools.people import call_person
from bot.tools.said import (
    amount_said,
    amounts_named,
    as_json,
    day_said,
    days_ahead,
    from_json,
    parts_said,
    says_half,
    says_now,
    says_weekly,
)
from bot.tools.tool import Deed, Done, Tool
from o2c_core.actions.answer_plan import PlanOvertaken, answer_plan
from o2c_core.actions.propose_plan import NothingToPlan, PlannedAlready, Wish, propose_plan
from o2c_core.cases.moves import Settled
from o2c_core.cases.plan import (
    PARTS_MAX,
    PaymentPlan,
    PlanDoesNotAddUp,
    PlannedInvoice,
    PlanTooLong,
    check_schedule,
    even_parts,
    months_later,
)
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.authority import BeyondAuthority, authority_of, check_amount
from o2c_core.errors import Failure
from o2c_core.money import Money

INTENT = "payment_plan"
ROLE = "assistant"
WORDS_KEPT = 500
# Where no first day is said, there is a week until the first part.
FIRST_AFTER_DAYS = 7
Schedule = Sequence[tuple[date, int]]


class OfPlan(BaseModel):
    numbers: list[str] | None = Field(None, description="Invoice numbers as written; leave out if none is named.")
    day: str | None = Field(None, description="The day of the first part the customer named, as an ISO date.")
    amount: str | None = Field(None, description="The amount per part the customer named, such as '200.00 EUR'.")


def payment_plan(desk: Desk, numbers: list[str] | None, day: str | None, amount: str | None) -> str:
    """Offers the exact schedule where the assistant may grant it, asks for what is missing, else calls a person.

    How many parts is read from the customer's own words, and nothing a model makes of them.
    """
    if wants_back(desk.words):
        return take_back(desk, "plan", numbers)
    if asks_about_recorded(desk.words) and has_cases(desk):
        return case_status(desk, None)
    earlier = desk.earlier(INTENT)
    with desk.store.session() as session:
        about = owed(desk, session, numbers, earlier)
        if about is None:
            return desk.say("not_on_account")
        if not about.asked_for:
            return nothing_to_pay(desk, about)
        running = _running(session, about)
    if running is not None:
        return _on_plan(desk, running)
    named = named_parts(desk, about)
    if named is not None:
        return offer_plan(desk, about, named)
    each = amount_said(desk, amount, about.currency, from_json(earlier.get("each")))
    count = parts_said(desk, earlier.get("parts"))
    if desk.mentions.parts is not None and not desk.mentions.amounts:
        each = None  # another number of parts is another amount each
    if each is not None and each.minor <= 0:
        each = None
    if each is not None and (count is None or (desk.mentions.amounts and desk.mentions.parts is None)):
        count = -(-about.free.minor // each.minor)
    if count is None:
        return _how_many(desk, about, earlier)
    first_on = day_said(desk, day, earlier.get("first_on"))
    is_weekly = says_weekly(desk.words) or bool(earlier.get("is_weekly"))
    asked = f"{about.free} in {count} {'weekly' if is_weekly else 'monthly'} parts"
    if not 1 <= count <= min(PARTS_MAX, about.free.minor):
        return beyond_limits(desk, about, asked)
    if first_on is not None and first_on < desk.today:
        gone = desk.facts.day(first_on, "the customer's words")
        return desk.ask_for(INTENT, _slots(desk, about, earlier, count, each), desk.say("plan.passed", on=gone))
    kept: dict[str, Any] = {"each": as_json(each)} if each else {}
    kept |= {"first_on": first_on.isoformat()} if first_on else {}
    kept |= {"is_weekly": True} if is_weekly else {}
    schedule = _schedule(desk, about, count, each, first_on, is_weekly=is_weekly)
    return offer_plan(desk, about, schedule, slots=_slots(desk, about, earlier, count, None) | kept, asked=asked)


def named_parts(desk: Desk, about: Owed) -> list[tuple[date, int]] | None:
    """The parts that are meant by "half now and the rest at the end of the month"; None where there is only one."""
    days = [said.on for said in days_ahead(desk)]
    if len(days) == 1 and days[0] > desk.today and says_now(desk.words):
        days = [desk.today, *days]
    if len(days) != 2:
        return None
    first = Money((about.free.minor + 1) // 2, about.currency) if says_half(desk.words) else None
    named = amounts_named(desk, about.currency)
    first = named[0] if named else first
    if first is None or not 0 < first.minor < about.free.minor:
        return None
    if len(named) > 1 and named[1] + first != about.free:
        return None
    earlier_on, later_on = sorted(days)
    is_swapped = days[0] != earlier_on
    parts = (
        (about.free.minor - first.minor, first.minor) if is_swapped else (first.minor, about.free.minor - first.minor)
    )
    return [(earlier_on, parts[0]), (later_on, parts[1])]


def _schedule(
    desk: Desk, about: Owed, count: int, each: Money | None, first_on: date | None, *, is_weekly: bool
) -> Schedule:
    """That many parts from that day; as even as can be, unless the customer named what each is."""
    amounts = [minor for _, minor in even_parts(about.free.minor, count, desk.today)]
    if each is not None and (count - 1) * each.minor < about.free.minor <= count * each.minor:
        amounts = [each.minor] * (count - 1) + [about.free.minor - (count - 1) * each.minor]

    def days(first: date) -> list[date]:
        if is_weekly:
            return [first + timedelta(weeks=at) for at in range(count)]
        return [months_later(first, at) for at in range(count)]

    first = first_on or (desk.today if says_now(desk.words) else desk.today + timedelta(days=FIRST_AFTER_DAYS))
    last_on = months_later(desk.today, authority_of(ROLE, desk.seller).plan_months_max)
    if first_on is None and days(first)[-1] > last_on:
        first = desk.today
    return list(zip(days(first), amounts, strict=True))


def offer_plan(
    desk: Desk, about: Owed, schedule: Schedule, *, slots: Mapping[str, Any] | None = None, asked: str | None = None
) -> str:
    """The plan with every day and amount as a proposal; a person where it is more than the assistant may grant."""
    authority = authority_of(ROLE, desk.seller)
    asked = asked or f"{about.free} in {len(schedule)} parts"
    try:
        check_amount(about.free, authority.plan_max, ROLE, "payment plan")
        check_schedule(schedule, about.free.minor, desk.today, authority.plan_months_max)
    except (BeyondAuthority, PlanTooLong, PlanDoesNotAddUp):
        return beyond_limits(desk, about, f"{asked}, the last by {schedule[-1][0].isoformat()}")
    arguments = dict(slots if slots is not None else _slots(desk, about, {}, len(schedule), None)) | {
        "schedule": [{"on": on.isoformat(), "amount": as_json(Money(minor, about.currency))} for on, minor in schedule],
    }
    return desk.offer("plan", arguments, _says(desk, about, schedule))


def beyond_limits(desk: Desk, about: Owed, asked: str) -> str:
    """A person decides about it, and is told what was asked."""
    numbers = ", ".join(one.invoice.number for one in about.asked_for)
    call_person(desk, "beyond_authority", f"asks for a payment plan: {asked}, for {numbers}")
    return desk.say("plan.beyond", amount=desk.facts.money(about.free, source_of(about, "open")))


def _how_many(desk: Desk, about: Owed, earlier: Mapping[str, Any]) -> str:
    """Asks in how many parts, saying what can be agreed; a person at once where the amount alone is too much."""
    authority = authority_of(ROLE, desk.seller)
    try:
        check_amount(about.free, authority.plan_max, ROLE, "payment plan")
    except BeyondAuthority:
        return beyond_limits(desk, about, f"{about.free} in parts")
    said = desk.say(
        "plan.how_many",
        amount=desk.facts.money(about.free, source_of(about, "open")),
        last=desk.facts.day(months_later(desk.today, authority.plan_months_max), "the assistant's limits"),
    )
    slots = _slots(desk, about, earlier, None, None)
    first_on = day_said(desk, None, earlier.get("first_on"))
    if first_on is not None and first_on >= desk.today:
        slots["first_on"] = first_on.isoformat()
    return desk.ask_for(INTENT, slots, said)


def _slots(
    desk: Desk, about: Owed, earlier: Mapping[str, Any], count: int | None, each: Money | None
) -> dict[str, Any]:
    slots: dict[str, Any] = {
        "words": (earlier.get("words") or desk.words)[:WORDS_KEPT],
        "invoice_ids": [str(one.invoice.id) for one in about.asked_for],
        "numbers": [one.invoice.number for one in about.asked_for],
    }
    if count is not None:
        slots["parts"] = count
    if each is not None:
        slots["each"] = as_json(each)
    return slots


def _running(session: Session, about: Owed) -> PaymentPlan | None:
    """The plan by which one of those invoices is being paid already."""
    named = select(PlannedInvoice.plan_id).where(
        PlannedInvoice.invoice_id.in_([one.invoice.id for one in about.asked_for])
    )
    query = select(PaymentPlan).where(PaymentPlan.state == "active", PaymentPlan.id.in_(named))
    return session.scalars(query.order_by(PaymentPlan.id).limit(1)).one_or_none()


def _on_plan(desk: Desk, running: PaymentPlan) -> str:
    call_person(desk, "beyond_authority", f"asks for a plan beside or instead of the running plan {running.number}")
    return desk.say("plan.running", number=desk.facts.text(running.number, f"plan {running.number}"))


def _says(desk: Desk, about: Owed, schedule: Schedule) -> str:
    amount = desk.facts.money(about.free, source_of(about, "open"))
    if len(about.asked_for) == 1:
        number = about.asked_for[0].invoice.number
        said = [desk.say("plan.offer", amount=amount, number=desk.facts.text(number, f"invoice {number}"))]
    else:
        said = [desk.say("plan.offer_many", amount=amount), rows_of(desk, about), desk.say("plan.parts")]
    said += _rows(desk, [(on, Money(minor, about.currency)) for on, minor in schedule], "proposed plan")
    quiet = [desk.say("plan.quiet")]
    if about.disputed.minor > 0:
        quiet.append(desk.say("promise.without", amount=desk.facts.money(about.disputed, source_of(about, "disputed"))))
    if about.has_others and not about.is_named:
        quiet.append(desk.say("promise.one_currency", currency=desk.facts.text(about.currency, "currency")))
    return "\n".join([*said, " ".join(quiet)])


def _rows(desk: Desk, parts: Sequence[tuple[date, Money]], source: str) -> list[str]:
    return [
        desk.say(
            "plan.row",
            on=desk.facts.day(on, f"{source} part {at} day"),
            amount=desk.facts.money(amount, f"{source} part {at} amount"),
        )
        for at, (on, amount) in enumerate(parts, 1)
    ]


def record_plan(desk: Desk, proposal: Proposal) -> Done:
    """Proposes and accepts the plan in the customer's name; where what is owed has moved, says so instead."""
    asked = proposal.arguments
    schedule = tuple((date.fromisoformat(one["on"]), _money(one["amount"])) for one in asked["schedule"])
    wish = Wish(
        customer_id=proposal.customer_id,
        invoice_ids=tuple(UUID(one) for one in asked["invoice_ids"]),
        schedule=schedule,
        currency=schedule[0][1].currency,
        message_id=proposal.message_id,
    )
    try:
        plan = propose_plan(wish, store=desk.store, role=ROLE, by=ROLE)
        plan = answer_plan(
            plan.id, accepted=True, store=desk.store, message_id=proposal.settled_by_id or proposal.message_id
        )
    except NothingToPlan as refused:
        return _refused(desk, refused, "promise.settled_since")
    except BeyondAuthority as refused:
        call_person(desk, "beyond_authority", f"agreed to a payment plan for {', '.join(asked['numbers'])}")
        return Done(desk.say("person.cannot"), {"refusal": type(refused).__name__}, is_refused=True)
    except (PlanDoesNotAddUp, PlanTooLong, PlannedAlready, PlanOvertaken, Settled) as refused:
        return _refused(desk, refused, "plan.changed")
    source = f"plan {plan.number}"
    total = Money(plan.total_minor, plan.currency)
    said = [
        desk.say(
            "plan.recorded",
            number=desk.facts.text(plan.number, source),
            amount=desk.facts.money(total, f"{source} amount"),
        ),
        *_rows(desk, [(part.due_on, Money(part.amount_minor, plan.currency)) for part in plan.parts], source),
        desk.say("plan.quiet"),
    ]
    return Done("\n".join(said), {"number": plan.number, "id": str(plan.id)})


def _money(amount: Mapping[str, Any]) -> Money:
    return Money(int(amount["minor"]), str(amount["currency"]))


def _refused(desk: Desk, refused: Failure, key: str) -> Done:
    return Done(desk.say(key), {"refusal": type(refused).__name__}, is_refused=True)


TOOLS = (
    Tool(
        "payment_plan",
        "Offer to let the customer pay in parts. It is recorded once they agree to the exact schedule.",
        payment_plan,
        OfPlan,
        acts=True,
    ),
)
DEEDS: Mapping[str, Deed] = {"plan": record_plan}
