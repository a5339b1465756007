"""Whether the facts of one sentence belong together, and whether a tool said what the sentence says was done."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.facts import PLACE, Fact, FactBook

_SUBJECT = re.compile(
    r"(?P<kind>invoice|order|dispute|complaint|promise|plan|payment|refund|credit note|proposal) (?P<number>\S+)"
    r"|shipment \S+ of (?P<of>order) (?P<order>\S+)"
)
_READ_AT = re.compile(r" at \d{4}-\d\d-\d\dT[\d:]+Z$")
# Which day may stand in a sentence that says this was done.
_DAY_OF = {"delivered": ("delivered",), "sent": ("shipped",), "paid": ("last payment", "date", "received")}
_DAYS = (
    "due", "expected", "shipped", "delivered", "last payment", "answer by", "promised", "issued", "date", "received", "paid",
)  # fmt: skip


# Amounts that may be called open, and those that may not unless one of the others stands beside them.
_OWED = ("open", "overdue")
_NOT_OWED = ("total", "paid", "amount", "unapplied", "taken back", "refunded", "credited")


@dataclass(frozen=True, slots=True)
class Said:
    """What one sentence of a tool said was done, or was not, and about which places."""

    deeds: frozenset[str]
    is_negated: bool
    places: frozenset[str]


def has_receipt(deed: str, places: Collection[str], said: Sequence[Said], *, is_negated: bool) -> bool:
    """Whether a tool of this turn said the same of one of the same facts: "it is paid" alone could be said of anything."""
    return any(deed in one.deeds and one.is_negated == is_negated and not one.places.isdisjoint(places) for one in said)


def mixed_up(places: Sequence[str], deeds: Collection[str], book: FactBook, *, says_owed: bool = False) -> bool:
    """Whether a sentence puts together what belongs to different things: the number of one invoice with the amount of
    another, or the day it is due where the day it was delivered belongs."""
    facts = [book.facts[place] for place in dict.fromkeys(places)]
    about = [(fact, _subject(fact)) for fact in facts]
    if not all(_is_number(fact) for fact in facts):
        by_kind: dict[str, set[str]] = {}
        for _, subject in about:
            if subject is not None:
                by_kind.setdefault(subject[0], set()).add(subject[1])
        if any(len(numbers) > 1 for numbers in by_kind.values()):
            return True
        names_document = any(subject is not None and _is_number(fact) for fact, subject in about)
        if names_document and any(fact.source.startswith(("account ", "open invoices")) for fact in facts):
            return True
    if says_owed and any(_is_of(fact, _NOT_OWED) for fact in facts) and not any(_is_of(fact, _OWED) for fact in facts):
        return True
    days = [tail for fact in facts if (tail := _tail(fact)) in _DAYS]
    return any(deed in _DAY_OF and days and not set(days) & set(_DAY_OF[deed]) for deed in deeds)


def _subject(fact: Fact) -> tuple[str, str] | None:
    found = _SUBJECT.match(fact.source)
    if found is None:
        return None
    return ("order", found["order"]) if found["of"] else (found["kind"], found["number"])


def _is_number(fact: Fact) -> bool:
    subject = _subject(fact)
    return subject is not None and subject[1] == fact.text


def _is_of(fact: Fact, tails: Collection[str]) -> bool:
    source = _READ_AT.sub("", fact.source)
    return any(source.endswith(f" {tail}") for tail in tails)


def _tail(fact: Fact) -> str:
    source = _READ_AT.sub("", fact.source)
    return next((day for day in _DAYS if source.endswith(f" {day}")), "")


def places_in(text: str) -> list[str]:
    return PLACE.findall(text)
