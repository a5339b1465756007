"""Promises to pay: the customer says how much they will pay for which invoices and by when, and it is recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from bot.desk import Desk
from bot.reasons import asks_about_recorded, wants_back
from bot.tools.case_status import case_status, has_cases, take_back
from bot.tools.owed import Owed, nothing_to_pay, owed, rows_of, source_of
from bot.tools.people import call_person
from bot.tools.plans import named_parts, offer_plan, payment_plan
from bot.tools.said import amount_said, as_json, day_said, days_ahead, from_json, says_half
from bot.tools.tool import Deed, Done, Tool
from o2c_core.actions.make_promise import NothingToPromise, Pledge, Promised, PromisedTooMuch, make_promise
from o2c_core.cases.promise import Promise, PromisedInThePast, PromisedTooFar, PromisedTooOften
from o2c_core.cases.promised_before import made_before, open_promises
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.authority import authority_of
from o2c_core.errors import Refused
from o2c_core.money import Money

_REST = re.compile(r"\b(?:the|de|het|den|le|la) (?:rest|remainder|remaining|reste|overige)\b", re.IGNORECASE)
_PAYING = re.compile(
    r"\b(?:pay|paying|settle|transfer|betaal|betalen|voldoen|overmaken|zahlen?|bezahlen?|überweisen?|pa[iy]\w+|régl\w+|virons)\b",
    re.IGNORECASE,
)
_WRONG = frozenset({"complaint", "dispute_invoice"})
INTENT = "promise_to_pay"
ROLE = "assistant"
WORDS_KEPT = 500


class OfPromise(BaseModel):
    numbers: list[str] | None = Field(None, description="Invoice numbers as written; leave out if none is named.")
    day: str | None = Field(None, description="The day the customer named, as an ISO date.")
    amount: str | None = Field(None, description="The amount the customer named, such as '500.00 EUR'.")


@dataclass(frozen=True)
class _Ground:
    """What a promise about those invoices would stand on: the last day that may be agreed on, and what came before."""

    latest_on: date
    again: int
    replaces: tuple[Promise, ...]


def promise_to_pay(desk: Desk, numbers: list[str] | None, day: str | None, amount: str | None) -> str:
    """Offers to record the promise, with its exact day, amount and invoices; asks for what is missing."""
    if wants_back(desk.words):
        return take_back(desk, "promise", numbers)
    if asks_about_recorded(desk.words) and has_cases(desk):
        return case_status(desk, None)
    if desk.mentions.parts is not None and desk.mentions.parts > 1 and not says_half(desk.words):
        return payment_plan(desk, numbers, day, amount)
    earlier = desk.earlier(INTENT)
    with desk.store.session() as session:
        about = owed(desk, session, numbers, earlier)
        if about is None:
            return desk.say("not_on_account")
        if not about.asked_for:
            return nothing_to_pay(desk, about)
        ground = _Ground(
            max(min(one.invoice.due_on for one in about.asked_for), desk.today)
            + timedelta(days=authority_of(ROLE, desk.seller).promise_days_max),
            made_before(session, about.asked_for[0].invoice.customer_id, about.currency, about.asked_for, named=True),
            tuple(open_promises(session, about.asked_for[0].invoice.customer_id, about.currency, about.asked_for)),
        )
    parts = named_parts(desk, about)
    if parts is not None:
        return offer_plan(desk, about, parts)
    known = None if earlier.get("is_whole") else from_json(earlier.get("amount"))
    pays = amount_said(desk, amount, about.currency, known)
    if pays is None and says_half(desk.words):
        pays = Money((about.free.minor + 1) // 2, about.currency)
    if pays is not None and _is_what_is_wrong(desk):
        pays = about.free - pays
    slots = _slots(desk, about, pays, earlier)
    if pays is not None and (pays.minor <= 0 or pays > about.free):
        return _too_much(desk, about, pays, slots, earlier)
    on = day_said(desk, day, earlier.get("promised_on"))
    if on is None:
        return desk.ask_for(INTENT, slots, _which_day(desk, earlier))
    if on < desk.today:
        gone = desk.facts.day(on, "the customer's words")
        return desk.ask_for(INTENT, slots, desk.say("promise.passed", on=gone))
    return _within(desk, about, pays or about.free, on, ground, slots)


def _is_what_is_wrong(desk: Desk) -> bool:
    """Whether the one amount they name is what they complain of: "one box (12 euro) was broken, the rest we pay Friday"."""
    wishes = {intent.name for intent in desk.understood.intents} if desk.understood else set()
    rest = _REST.search(desk.words)
    if rest is None or len(desk.mentions.amounts) != 1 or not wishes & _WRONG:
        return False
    # "I pay 500 on Friday, the rest is broken" names what they pay.
    return _PAYING.search(desk.words, 0, rest.start()) is None and _PAYING.search(desk.words, rest.end()) is not None


def _within(desk: Desk, about: Owed, pays: Money, on: date, ground: _Ground, slots: dict[str, Any]) -> str:
    """The promise as it was wished where the assistant may agree to it; else the last day it may, or a person."""
    wished = {"wished": desk.facts.day(on, "the customer's words")}
    wish = f"would pay {pays} for {', '.join(one.invoice.number for one in about.asked_for)} by {on.isoformat()}"
    if ground.again > authority_of(ROLE, desk.seller).promises_again_max:
        call_person(desk, "beyond_authority", f"another day was agreed as often as may be; {wish}")
        return desk.say("promise.too_often", **wished)
    same = next((one for one in ground.replaces if _is_same(one, about, pays, on)), None)
    if same is not None:
        return desk.say("promise.already", amount=desk.facts.money(pays, "promise amount"), **wished)
    said: list[str] = []
    if on > ground.latest_on:
        if desk.earlier(INTENT).get("is_latest"):
            call_person(desk, "beyond_authority", wish)
            return desk.say("promise.beyond", **wished)
        latest = desk.facts.day(ground.latest_on, "the last day the assistant may agree to")
        said = [desk.say("promise.latest", latest=latest, **wished)]
        on, slots = ground.latest_on, slots | {"is_latest": True}
    said.append(_says(desk, about, pays, on, ground.replaces))
    arguments = slots | {
        "amount": as_json(pays),
        "promised_on": on.isoformat(),
        "is_whole": pays == about.free,
    }
    return desk.offer("promise", arguments, " ".join(said))


def _is_same(made: Promise, about: Owed, pays: Money, on: date) -> bool:
    named = {one.invoice_id for one in made.invoices}
    return (made.amount, made.promised_on, named) == (pays, on, {one.invoice.id for one in about.asked_for})


def _slots(desk: Desk, about: Owed, pays: Money | None, earlier: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the promise, to be kept until the rest is."""
    slots: dict[str, Any] = {
        "words": (earlier.get("words") or desk.words)[:WORDS_KEPT],
        "invoice_ids": [str(one.invoice.id) for one in about.asked_for],
        "numbers": [one.invoice.number for one in about.asked_for],
    }
    if pays is not None:
        slots["amount"] = as_json(pays)
    if earlier.get("is_latest"):
        slots["is_latest"] = True
    return slots


def _which_day(desk: Desk, earlier: Mapping[str, Any]) -> str:
    ahead = days_ahead(desk, earlier.get("promised_on"))
    if len(ahead) < 2:
        return desk.say("promise.which_day")
    first, second = (desk.facts.day(said.on, "the customer's words") for said in ahead[:2])
    return desk.say("promise.which_of_days", first=first, second=second)


def _too_much(desk: Desk, about: Owed, pays: Money, slots: dict[str, Any], earlier: Mapping[str, Any]) -> str:
    on = day_said(desk, None, earlier.get("promised_on"))
    slots = {name: value for name, value in slots.items() if name != "amount"}
    if on is not None and on >= desk.today:
        slots["promised_on"] = on.isoformat()
    said = desk.say(
        "promise.too_much",
        amount=desk.facts.money(pays, "the customer's words"),
        open=desk.facts.money(about.free, source_of(about, "open")),
    )
    return desk.ask_for(INTENT, slots, said)


def _says(desk: Desk, about: Owed, pays: Money, on: date, replaces: Sequence[Promise]) -> str:
    """Exactly what will be recorded, for which invoices, and what it changes."""
    facts = desk.facts
    places = {"amount": facts.money(pays, _promised(about, pays)), "on": facts.day(on, "the customer's words")}
    if len(about.asked_for) == 1:
        number = about.asked_for[0].invoice.number
        places["number"] = facts.text(number, f"invoice {number}")
        if pays == about.free:
            said = [desk.say("promise.offer", **places)]
        else:
            left = facts.money(about.free, source_of(about, "open"))
            said = [desk.say("promise.offer_part", open=left, **places)]
    else:
        said = [desk.say("promise.offer_many", **places) + "\n" + rows_of(desk, about) + "\n"]
    said.append(desk.say("promise.quiet" if pays == about.free else "promise.quiet_part"))
    if about.disputed.minor > 0:
        said.append(desk.say("promise.without", amount=facts.money(about.disputed, source_of(about, "disputed"))))
    if about.has_others and not about.is_named:
        said.append(desk.say("promise.one_currency", currency=facts.text(about.currency, "currency")))
    said += [
        desk.say(
            "promise.replaces",
            amount=facts.money(one.amount, f"promise of {one.made_on.isoformat()} amount"),
            on=facts.day(one.promised_on, f"promise of {one.made_on.isoformat()} day"),
        )
        for one in replaces
    ]
    return "".join(one if one.endswith("\n") else f"{one} " for one in said).strip()


def _promised(about: Owed, pays: Money) -> str:
    return source_of(about, "open") if pays == about.free else "the customer's words"


def record_promise(desk: Desk, proposal: Proposal) -> Done:
    """Records what the customer agreed to; where the world has moved, says what is possible instead."""
    asked = proposal.arguments
    amount = from_json(asked["amount"])
    assert amount is not None  # a proposal names its amount
    pledge = Pledge(
        customer_id=proposal.customer_id,
        promised_on=date.fromisoformat(asked["promised_on"]),
        amount=amount,
        invoice_ids=tuple(UUID(one) for one in asked["invoice_ids"]),
        channel=desk.channel,
        words=asked.get("words"),
        message_id=proposal.message_id,
    )
    try:
        promised = make_promise(pledge, store=desk.store, role=ROLE)
    except NothingToPromise as refused:
        return _refused(desk, refused, "promise.settled_since")
    except PromisedTooMuch as refused:
        return _refused(desk, refused, "promise.less_open_since")
    except (PromisedInThePast, PromisedTooFar) as refused:
        return _refused(desk, refused, "promise.day_gone")
    except PromisedTooOften as refused:
        call_person(desk, "beyond_authority", f"would pay {amount} by {asked['promised_on']}, agreed too often before")
        on = desk.facts.day(pledge.promised_on, "the customer's words")
        return Done(desk.say("promise.too_often", wished=on), {"refusal": type(refused).__name__}, is_refused=True)
    outcome = {"id": str(promised.promise.id), "on": asked["promised_on"], "amount": asked["amount"]}
    return Done(_recorded(desk, promised), outcome)


def _refused(desk: Desk, refused: Refused, key: str) -> Done:
    return Done(desk.say(key), {"refusal": type(refused).__name__}, is_refused=True)


def _recorded(desk: Desk, promised: Promised) -> str:
    made = promised.promise
    source = f"promise of {made.made_on.isoformat()}"
    places = {
        "amount": desk.facts.money(made.amount, f"{source} amount"),
        "on": desk.facts.day(made.promised_on, f"{source} day"),
    }
    if len(promised.numbers) == 1:
        number = desk.facts.text(promised.numbers[0], f"invoice {promised.numbers[0]}")
        return f"{desk.say('promise.recorded', number=number, **places)} {desk.say('promise.stopped')}"
    count = desk.facts.count(len(promised.numbers), f"{source} invoices")
    return f"{desk.say('promise.recorded_many', count=count, **places)} {desk.say('promise.stopped')}"


TOOLS = (
    Tool(
        "promise_to_pay",
        "Offer to record that the customer will pay by a day. It is recorded once they agree.",
        promise_to_pay,
        OfPromise,
        acts=True,
    ),
)
DEEDS: Mapping[str, Deed] = {"promise": record_promise}
