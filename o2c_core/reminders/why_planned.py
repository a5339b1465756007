"""What a run of a day would do about a customer, on the ledger as it is now."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date, datetime

from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money
from o2c_core.reminders import finance_words as words
from o2c_core.reminders.ahead import morning_of
from o2c_core.reminders.answer import No, NotNow, Reason, Yes
from o2c_core.reminders.debts import Debt, debts_of
from o2c_core.reminders.decisions import most_telling
from o2c_core.reminders.ladders.choice import Ladders, ladders_for
from o2c_core.reminders.may_contact import Answer, Claim, may_contact
from o2c_core.reminders.planning import mode_of
from o2c_core.reminders.unplanned import work_around
from o2c_core.reminders.why_answer import Told, Why

_SCOPES = {
    "invoice": "chosen for this invoice", "customer": "chosen for this customer", "segment": "chosen for their segment",
    "seller": "chosen for every customer", "standard": "the standard one, as nothing else was chosen",
}  # fmt: skip

_Answered = Sequence[tuple[Claim, Answer]]


def what_would_be(
    session: Session, seller: Seller, customer: Customer, on: date, now: datetime, told: Told, besides: Set[str]
) -> list[Why]:
    """One answer per currency, besides those of which something was said already."""
    moment = morning_of(seller, on, now)

    def look(_: object) -> list[Why]:
        scope = ladders_for(session, [customer])
        debts = debts_of(session, [customer.id], on, moment, only_open=True)
        return [_about(debt, scope, on, moment, told) for debt in debts if debt.facts.currency not in besides]

    found, broke = work_around([customer.id], look)
    # What was decided today of somebody nothing can be worked out for has been said with its task.
    if broke and customer.currency not in besides:
        found.append(_unreadable(customer, on, told))
    return found


def _about(debt: Debt, scope: Ladders, on: date, moment: datetime, told: Told) -> Why:
    answers = may_contact(debt.facts, on, moment, earned=debt.earned)
    each = list(zip(debt.facts.claims, answers, strict=True))
    asked = [(claim, answer) for claim, answer in each if isinstance(answer, Yes)]
    if not asked:
        return _nothing(debt, each, on, told)
    highest, answer = max(asked, key=lambda one: one[1].rung.days)
    amount = Money(sum(one.asked.minor for _, one in asked), debt.facts.currency)
    numbers = list(dict.fromkeys(claim.number for claim, _ in asked))
    _, why_this = scope.held_by(debt.customer, highest.invoice_id)
    said = [_head(debt, on, numbers, amount), _step(highest, answer, why_this)]
    if mode_of([one.rung for _, one in asked], amount) != "automatic" and not debt.is_call:
        said.append("Somebody of finance approves it before it leaves.")
    if debt.arm:
        said.append(f"They take part in a trial by lot: {debt.arm}.")
    said += [f"Not {words.place(one.channel, one.address)}: {one.reason.sentence}" for one in debt.passed_over]
    said += [f"{_named(claim)} is left out: {one.sentence}" for claim, one in each if isinstance(one, No | NotNow)]
    customer_reads = told.said("call_planned" if debt.is_call else "planned", numbers, amount)
    return Why(on, "call" if debt.is_call else "planned", debt.facts.currency, tuple(said), customer_reads)


def _nothing(debt: Debt, each: _Answered, on: date, told: Told) -> Why:
    reason = most_telling([answer for _, answer in each])
    said = [f"Nobody would be written to on {words.day(on)}. {reason.sentence}"]
    said += [f"{_named(claim)}: {one.sentence}" for claim, one in each if isinstance(one, No | NotNow)]
    customer_reads = told.because(reason.reason, reason.day, is_ahead=True)
    return Why(on, "none", debt.facts.currency, tuple(said), customer_reads, None, reason.reason)


def _unreadable(customer: Customer, on: date, told: Told) -> Why:
    sentence = (
        f"What would be written to {customer.name} on {words.day(on)} could not be worked out from what is on record about "
        "them. The run of that day would write to everybody else and ask finance to look at it."
    )
    customer_reads = told.because(Reason.UNREADABLE, is_ahead=True)
    return Why(on, "none", customer.currency, (sentence,), customer_reads, None, Reason.UNREADABLE)


def _head(debt: Debt, on: date, numbers: Sequence[str], amount: Money) -> str:
    about = words.about(numbers, amount)
    if debt.is_call:
        return f"On {words.day(on)} a person would be asked to call about {about}, on the ledger as it is now."
    to = debt.recipient
    place = f", {words.place(to.channel, to.address)}" if to else ""
    return f"On {words.day(on)} a message would go out about {about}{place}, on the ledger as it is now."


def _step(claim: Claim, answer: Yes, why_this: str) -> str:
    step = words.step(answer.rung.days, answer.rung.name)
    if claim.plan is not None:
        return f"It is {step}, of payment plan {claim.plan}."
    ladder = claim.ladder
    return (
        f"It is {step}, of ladder {ladder.name}, version {ladder.version} ({_SCOPES[why_this]}). "
        f"Its tone: {words.tone(answer.rung.tone)}."
    )


def _named(claim: Claim) -> str:
    return f"{claim.number} (part {claim.part} of {claim.parts})" if claim.part else claim.number
