"""Why a customer was, was not or would be reminded on a day: for finance in full, for the customer in their language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import days, money
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from o2c_core.documents.wording import Wording, read_wording
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders.ahead import morning_of
from o2c_core.reminders.answer import No, NotNow, Reason
from o2c_core.reminders.debts import Debt, debts_of
from o2c_core.reminders.decisions import most_telling
from o2c_core.reminders.ladder import Rung
from o2c_core.reminders.ladders.choice import ladders_for
from o2c_core.reminders.ladders.summary import when
from o2c_core.reminders.ladders.versions import NoSuchVersion, ladder_at
from o2c_core.reminders.may_contact import Answer, Claim, Yes, may_contact
from o2c_core.reminders.planning import mode_of
from o2c_core.reminders.reminder import Reminder, ReminderDecision
from o2c_core.trail import TrailLine

Kind = Literal["planned", "sent", "waits", "withdrawn", "failed", "call", "none"]

_LOCALE = "en_GB"
_BY_WORD = {reason.value: reason for reason in Reason}
_OF_A_DAY = re.compile(r" (?:until|by|on) \{(?:day|moment)\}")
_CHANNELS = {"email": "by email", "sms": "by text message", "whatsapp": "on WhatsApp", "call": "by a call of a person"}
_SCOPES = {
    "invoice": "chosen for this invoice", "customer": "chosen for this customer", "segment": "chosen for their segment",
    "seller": "chosen for every customer", "standard": "the standard one, as nothing else was chosen",
}  # fmt: skip
_STATES = {
    "draft": "It waits for approval.", "queued": "It is waiting to be sent.", "sending": "It is being sent.",
    "sent": "It was sent.", "delivered": "It was delivered.", "failed": "It did not arrive.",
    "uncertain": "Nobody knows whether it arrived.", "withdrawn": "It was withdrawn before it left.",
}  # fmt: skip
_TRAIL = {
    "reminder drafted": "Written down to be approved", "reminder queued": "Written", "reminder renewed": "Written anew",
    "reminder edited": "Put in other words", "reminder approved": "Approved", "reminder skipped": "Skipped",
    "reminder withdrawn": "Withdrawn", "message put off": "Put off", "message failed": "Failed",
}  # fmt: skip
# Of these the customer is told no more than that it takes its time: they are about how we work.
_KEPT_IN = {
    Reason.HABIT, Reason.PAUSED, Reason.SKIPPED, Reason.HELD_OUT, Reason.SPACING, Reason.WAITS_FOR_APPROVAL,
    Reason.OFTEN_ENOUGH, Reason.QUIET_HOURS, Reason.NO_HOURS, Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE, Reason.WALK_IN,
}  # fmt: skip
_ALIKE = {
    Reason.NO_ADDRESS: "unreachable", Reason.BOUNCED: "unreachable", Reason.WINDOW_CLOSED: "unreachable",
    Reason.CONVERSATION_LIVE: "talking", Reason.UNANSWERED: "talking", Reason.TALKING: "talking",
}  # fmt: skip


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


def why(session: Session, customer: Customer, on: date, now: datetime, language: str | None = None) -> list[Why]:
    """Why that customer heard something, or nothing, on that day; one answer per message or currency.

    A day that has been is told from what was decided and written then; today where nothing was decided yet, and every
    day to come, from the ledger as it is now. `language` is the one the customer reads.
    """
    seller = session.get_one(Seller, customer.seller_id)
    spoken = language or customer.language
    reader = _Reader(words_in(spoken), locale_for(spoken if spoken in LANGUAGES else "en", customer.country))
    today = now.astimezone(ZoneInfo(seller.time_zone)).date()
    found = _written(session, seller, customer, on, reader) if on <= today else []
    said_of = {one.currency for one in found}
    if on <= today:
        found += _decided(session, customer, on, reader, said_of)
        said_of |= {one.currency for one in found}
    if on >= today:
        found += _planned(session, seller, customer, on, now, reader, said_of)
    if not found:
        sentence = f"Nothing was open for {customer.name} on {_day(on)}, or no run was made that day."
        found = [Why(on, "none", customer.currency, (sentence,), reader.words.say("none.nothing"))]
    return found


def told_of(reason: Reason, day: date | None, words: Wording, locale: str) -> str:
    """What the customer reads about that reason, in their language."""
    name = "wait" if reason in _KEPT_IN else _ALIKE.get(reason, reason.value)
    shown = days.show(day, locale) if day is not None else None
    if shown is None and name in ("on_plan", "promised", "in_flight", "not_yet", "already_reminded", "away"):
        name = "wait"
    return words.say(f"none.{name}", day=shown)


def reason_named(word: str) -> Reason:
    """The reason by its word in reports and decisions."""
    return _BY_WORD[word]


def in_general(reason: Reason) -> str:
    """The reason for many at once, each of whom has a day of their own: "Reminders are on hold."."""
    first, _, rest = reason.sentence.partition("; ")
    if "{" in rest:
        return f"{first}."
    return _OF_A_DAY.sub("", reason.sentence)


@cache
def words_in(language: str) -> Wording:
    return read_wording(Path(__file__).parent / "why_said", language if language in LANGUAGES else "en")


@dataclass(frozen=True)
class _Reader:
    words: Wording
    locale: str

    def say(self, kind: str, numbers: Sequence[str], amount: Money) -> str:
        return self.words.say(f"said.{kind}", numbers=", ".join(numbers), amount=money.show(amount, self.locale))


def _written(session: Session, seller: Seller, customer: Customer, on: date, reader: _Reader) -> list[Why]:
    """What was written for that day, also where it was withdrawn since."""
    lines = session.scalars(
        select(TrailLine)
        .where(
            TrailLine.customer_id == customer.id,
            TrailLine.what.in_(("reminder queued", "reminder drafted", "reminder renewed")),
            TrailLine.details["on"].astext == on.isoformat(),
        )
        .order_by(TrailLine.id)
    ).all()
    ids = list(dict.fromkeys(line.message_id for line in lines if line.message_id))
    return [_about_message(session, seller, customer, message_id, on, reader) for message_id in ids]


def _about_message(
    session: Session, seller: Seller, customer: Customer, message_id: UUID, on: date, reader: _Reader
) -> Why:
    message = session.get_one(Message, message_id)
    trail = list(session.scalars(select(TrailLine).where(TrailLine.message_id == message_id).order_by(TrailLine.id)))
    steps = session.execute(
        select(Reminder, Invoice.number, Invoice.currency)
        .join(Invoice, Invoice.id == Reminder.invoice_id)
        .where(Reminder.message_id == message_id)
        .order_by(Reminder.days.desc(), Invoice.due_on)
    ).all()
    first = next((line for line in trail if line.details.get("invoices")), None)
    numbers = [number for _, number, _ in steps] or list(first.details["invoices"] if first else [])
    numbers = list(dict.fromkeys(numbers))
    currency = steps[0].currency if steps else _currency_of(session, customer, numbers)
    asked = Money(
        next((int(one["minor"]) for one in message.receipts if one.get("id") == "message.to_pay"), 0), currency
    )
    kind = _kind(message.delivery)
    about = f"{', '.join(numbers)} ({money.show(asked, _LOCALE)})"
    verb = "A message was written" if kind != "waits" else "A draft was written"
    place = f"{_CHANNELS.get(message.channel, message.channel)} to {masked(message.address)}"
    said = [f"{verb} for {_day(on)} about {about}, {place}. {_STATES[message.delivery]}"]
    if steps:
        step = steps[0][0]
        said.append(_step_sentence(step))
        said += _tone_sentence(session, seller.id, step)
        if step.arm:
            said.append(f"It takes part in a trial by lot: {step.arm}.")
    said += _passed_over(trail)
    said += [_trail_sentence(line, seller) for line in trail if line.what in _TRAIL]
    told = reader.say(kind if kind != "none" else "sent", numbers, asked)
    return Why(on, kind, currency, tuple(said), told, message_id)


def _decided(session: Session, customer: Customer, on: date, reader: _Reader, besides: set[str]) -> list[Why]:
    """What the run of that day decided about currencies of which no message was written."""
    query = select(ReminderDecision).where(ReminderDecision.customer_id == customer.id, ReminderDecision.on == on)
    found = []
    for decision in session.scalars(query.order_by(ReminderDecision.currency)):
        if decision.currency in besides:
            continue
        numbers = [str(one["number"]) for one in decision.invoices]
        if decision.reason is None:
            asked = Money(decision.asked_minor, decision.currency)
            about = f"{', '.join(numbers)} ({money.show(asked, _LOCALE)})"
            sentence = f"The step '{decision.rung}' came up for {about}: a person was asked to call."
            found.append(Why(on, "call", decision.currency, (sentence,), reader.say("call", numbers, asked)))
            continue
        reason = reason_named(decision.reason)
        said = [f"Nobody was written to on {_day(on)}. {NotNow(None, reason, decision.reason_day).sentence}"]
        said += [_invoice_sentence(one) for one in decision.invoices if one.get("reason")]
        if decision.arm:
            said.append(f"They take part in a trial by lot: {decision.arm}.")
        told = told_of(reason, decision.reason_day, reader.words, reader.locale)
        found.append(Why(on, "none", decision.currency, tuple(said), told, None, reason))
    return found


def _planned(
    session: Session, seller: Seller, customer: Customer, on: date, now: datetime, reader: _Reader, besides: set[str]
) -> list[Why]:
    """What a run of that day would do on the ledger as it is now."""
    moment = morning_of(seller, on, now)
    scope = ladders_for(session, [customer])
    found = []
    for debt in debts_of(session, [customer.id], on, moment, only_open=True):
        if debt.facts.currency in besides:
            continue
        answers = may_contact(debt.facts, on, moment, earned=debt.earned)
        asked = [
            (claim, answer) for claim, answer in zip(debt.facts.claims, answers, strict=True) if isinstance(answer, Yes)
        ]
        if not asked:
            found.append(_not_planned(debt, answers, on, reader))
            continue
        highest, answer = max(asked, key=lambda one: one[1].rung.days)
        amount = Money(sum(one.asked.minor for _, one in asked), debt.facts.currency)
        numbers = list(dict.fromkeys(claim.number for claim, _ in asked))
        kind: Kind = "call" if debt.is_call else "planned"
        said = [_planned_sentence(debt, on, numbers, amount)]
        _, why_this = scope.held_by(customer, highest.invoice_id)
        ladder = highest.ladder
        said.append(_of_ladder(ladder.name, ladder.version, answer.rung, why_this))
        if mode_of([one.rung for _, one in asked], amount) != "automatic" and not debt.is_call:
            said.append("Somebody of finance approves it before it leaves.")
        if debt.arm:
            said.append(f"They take part in a trial by lot: {debt.arm}.")
        said.extend(
            f"Not {_CHANNELS.get(one.channel, one.channel)} to {masked(one.address)}: {one.reason.sentence}"
            for one in debt.passed_over
        )
        said += [
            f"{claim.number} is left out: {answer.sentence}"
            for claim, answer in zip(debt.facts.claims, answers, strict=True)
            if isinstance(answer, No | NotNow)
        ]
        found.append(Why(on, kind, debt.facts.currency, tuple(said), reader.say(kind, numbers, amount)))
    return found


def _not_planned(debt: Debt, answers: Sequence[Answer], on: date, reader: _Reader) -> Why:
    reason = most_telling(answers)
    said = [f"Nobody would be written to on {_day(on)}. {reason.sentence}"]
    said += [
        f"{_named(claim)}: {answer.sentence}"
        for claim, answer in zip(debt.facts.claims, answers, strict=True)
        if isinstance(answer, No | NotNow)
    ]
    told = told_of(reason.reason, reason.day, reader.words, reader.locale)
    return Why(on, "none", debt.facts.currency, tuple(said), told, None, reason.reason)


def _planned_sentence(debt: Debt, on: date, numbers: Sequence[str], amount: Money) -> str:
    about = f"{', '.join(numbers)} ({money.show(amount, _LOCALE)})"
    if debt.is_call:
        return f"On {_day(on)} a person would be asked to call about {about}, on the ledger as it is now."
    to = debt.recipient
    place = f"{_CHANNELS.get(to.channel, to.channel)} to {masked(to.address)}" if to else ""
    return f"On {_day(on)} a message would go out about {about}, {place}, on the ledger as it is now."


def _of_ladder(name: str, version: int, rung: Rung, why_this: str) -> str:
    return (
        f"It is the step '{rung.name}' of ladder {name}, version {version} ({_SCOPES[why_this]}): "
        f"{when(rung.days)[0].lower()}{when(rung.days)[1:]}, in the tone '{rung.tone}'."
    )


def _step_sentence(step: Reminder) -> str:
    at = when(step.days)
    return f"It took the step '{step.rung}' of ladder {step.ladder}, version {step.ladder_version}: {at[0].lower()}{at[1:]}."


def _tone_sentence(session: Session, seller_id: UUID, step: Reminder) -> list[str]:
    """How it sounded, and where that is not the step's own tone, that the payer's history bent it."""
    if step.tone is None:
        return []
    try:
        rungs = ladder_at(session, seller_id, step.ladder, step.ladder_version).rungs
    except NoSuchVersion:
        return [f"Its tone was '{step.tone}'."]
    usual = next((rung.tone for rung in rungs if rung.name == step.rung), step.tone)
    if usual == step.tone:
        return [f"Its tone was '{step.tone}', as the step says."]
    return [f"Its tone was '{step.tone}' and not '{usual}', because of how they paid and what they promised before."]


def _passed_over(trail: Sequence[TrailLine]) -> list[str]:
    first: list[dict[str, str]] = next(
        (line.details["passed_over"] for line in trail if line.details.get("passed_over")), []
    )
    return [
        f"It did not go {_CHANNELS.get(one['channel'], one['channel'])}: {reason_named(one['why']).sentence}"
        for one in first
    ]


def _trail_sentence(line: TrailLine, seller: Seller) -> str:
    local = line.at.astimezone(ZoneInfo(seller.time_zone))
    who = "" if line.who in ("system", "assistant") else f" by {line.who}"
    why_so = (
        f": {line.why}"
        if line.why and line.what not in ("reminder queued", "reminder drafted", "reminder approved")
        else ""
    )
    return f"{_TRAIL[line.what]}{who} on {_day(local.date())} at {local:%H:%M}{why_so.rstrip('.')}."


def _invoice_sentence(said: dict[str, Any]) -> str:
    day = date.fromisoformat(said["day"]) if said.get("day") else None
    part = f" (part {said['part']})" if said.get("part") else ""
    return f"{said['number']}{part}: {NotNow(None, reason_named(said['reason']), day).sentence}"


def _named(claim: Claim) -> str:
    return f"{claim.number} (part {claim.part} of {claim.parts})" if claim.part else claim.number


def _kind(delivery: str) -> Kind:
    kinds: dict[str, Kind] = {"draft": "waits", "withdrawn": "withdrawn", "failed": "failed"}
    return kinds.get(delivery, "sent")


def _currency_of(session: Session, customer: Customer, numbers: Sequence[str]) -> str:
    query = select(Invoice.currency).where(Invoice.customer_id == customer.id, Invoice.number.in_(numbers)).limit(1)
    return session.scalar(query) or customer.currency


def _day(on: date) -> str:
    return days.show(on, _LOCALE)
