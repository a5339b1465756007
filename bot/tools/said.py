"""The day, the amount and the number of parts that the customer named; a model's argument only chooses among them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.desk import Desk
from bot.embedded.entities import figures
from bot.embedded.mentions import AmountSaid, DaySaid
from o2c_core.money import Money, NotAnAmount

_HALF = re.compile(r"\b(?:half|helft|hälfte|haelfte|moiti[ée])\b", re.IGNORECASE)
# "Money is tight right now" says how things are, not when to pay.
_NOW = re.compile(
    r"\b(?:(?<!right )now|right away|today|(?<=pay )right now|(?<=half )right now|nu|meteen|vandaag|jetzt|sofort|heute"
    r"|maintenant|aujourd'hui)\b",
    re.IGNORECASE,
)
_WEEKLY = re.compile(
    r"\b(?:weekly|(?:a|per|every|each) week|wekelijks\w*|(?:per|elke|iedere) week|wöchentlich\w*|(?:pro|jede) woche"
    r"|(?:par|chaque) semaine|hebdomadaires?)\b",
    re.IGNORECASE,
)
# A figure by itself, or one said to be paid or meant instead; not "the 25th", "3 parts" or "30 days".
_BEFORE = (
    r"^\W*|\b(?:make it|only|just|but|rather|no,?|maak er|maar|liever|nee,?|sondern|lieber|nur|nein,?|mais|plutôt"
    r"|seulement|non,?"
    r"|(?:pay|paying|do|manage|spare|settle|wire|send|transfer|voldoen|doen|missen|betaal|betalen|betaalt|overmaken"
    r"|zahlen?|überweisen?|paie|payer|paierai|paierons|payons|verser)"
    r"(?: \w+){0,3}?)\s+"
)
_AFTER = (
    r"\s*(?:$|[.,;!](?:\s|$)|\b(?:on|by|before|now|this|next|and|then|van|op|voor|vandaag|morgen|nu|en|am|bis|jetzt"
    r"|und|le|avant"
    r"|et|of)\b)"
)
_BARE = re.compile(rf"(?:{_BEFORE})(?P<figure>\d{{2,7}}(?:[.,]\d{{1,2}})?)(?={_AFTER})", re.IGNORECASE)
_ALL = frozenset({"all", "both"})


def days_ahead(desk: Desk, earlier: str | None = None) -> tuple[DaySaid, ...]:
    """The different days from today on that the words name, in their order, without the one that was proposed before:
    who says "not Friday but Monday" names both."""
    found: dict[date, DaySaid] = {}
    for said in desk.mentions.days:
        if said.on >= desk.today:
            found.setdefault(said.on, said)
    rest = tuple(said for said in found.values() if said.on.isoformat() != earlier)
    return rest or tuple(found.values())


def day_said(desk: Desk, argument: str | None, earlier: str | None = None) -> date | None:
    """The one day that is meant; None where no day is named or it is not clear which.

    Of several days `argument` may name one that is not the first, since the first is what anybody would take.
    `earlier` is the day known before this message; a day named now wins over it. A day gone by is given back when there
    is no other, so that it can be said that it is over.
    """
    ahead = days_ahead(desk, earlier)
    if len(ahead) == 1:
        return ahead[0].on
    if ahead:
        return chosen(argument, [said.on for said in ahead[1:]])
    if desk.mentions.days:
        return desk.mentions.days[0].on
    return date.fromisoformat(earlier) if earlier else None


def chosen(argument: str | None, days: Sequence[date]) -> date | None:
    """That one of the days which the argument names."""
    return next((day for day in days if day.isoformat() == argument), None)


def amount_said(desk: Desk, argument: str | None, currency: str, earlier: Money | None = None) -> Money | None:
    """The amount that is meant, in that currency; None where none is named, or only ones in another currency.

    Of several amounts `argument` chooses, else the first that was not proposed before is taken.
    """
    named = amounts_named(desk, currency)
    if not named:
        return earlier
    wanted = _figure(argument)
    fitting = [money for money in named if money.major == wanted and money != named[0]]
    return next(iter(fitting or [money for money in named if money != earlier] or named))


def amounts_named(desk: Desk, currency: str) -> list[Money]:
    """The amounts the words name in that currency; where there are none, the figures that can only be amounts."""
    found = [money for said in desk.mentions.amounts if (money := in_currency(said, currency)) is not None]
    if found or desk.mentions.amounts:
        return found
    bare = (AmountSaid(value, None, str(value)) for value in _bare_figures(desk))
    return [money for said in bare if (money := in_currency(said, currency)) is not None]


def _bare_figures(desk: Desk) -> list[Decimal]:
    """ "We pay 500 on Friday", "make it 500": figures that are no day, number, count of parts or quantity of goods."""
    words = desk.words
    taken = [(span.start, span.end) for span in figures(words)]
    for said in desk.mentions.days:
        at = words.lower().find(said.text.lower())
        if at >= 0:
            taken.append((at, at + len(said.text)))
    return [
        Decimal(found["figure"].replace(",", "."))
        for found in _BARE.finditer(words)
        if not any(start < found.end("figure") and found.start("figure") < end for start, end in taken)
    ]


def in_currency(said: AmountSaid, currency: str) -> Money | None:
    """The amount as money of that currency; None when another one stands beside it, or for more decimals than it has."""
    if said.currency not in (None, currency):
        return None
    try:
        return Money.of(said.value, currency)
    except NotAnAmount:
        return None


def currency_said(desk: Desk) -> str | None:
    """The currency beside the first amount that has one."""
    return next((said.currency for said in desk.mentions.amounts if said.currency), None)


def _figure(argument: str | None) -> Decimal | None:
    """The figure of "500.00 EUR"; None for anything else."""
    try:
        return Decimal(argument.split()[0]) if argument and argument.strip() else None
    except InvalidOperation:
        return None


def parts_said(desk: Desk, earlier: int | None = None) -> int | None:
    """How many parts the words name; a model's own number is never taken."""
    return desk.mentions.parts if desk.mentions.parts is not None else earlier


def says_half(words: str) -> bool:
    return _HALF.search(words) is not None


def says_now(words: str) -> bool:
    return _NOW.search(words) is not None


def says_weekly(words: str) -> bool:
    return _WEEKLY.search(words) is not None


def says_rest(desk: Desk) -> bool:
    """Whether "the rest" is what is left of an amount: two days or amounts are named beside it."""
    return "rest" in desk.mentions.points and len(desk.mentions.days) + len(desk.mentions.amounts) > 1


def says_all(desk: Desk) -> bool:
    """Whether the words mean everything there is, not only what is late."""
    return bool(desk.mentions.points & _ALL) or desk.mentions.references.is_all


def as_json(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def from_json(amount: Mapping[str, Any] | None) -> Money | None:
    """The money as a proposal keeps it."""
    return Money(int(amount["minor"]), str(amount["currency"])) if amount else None
