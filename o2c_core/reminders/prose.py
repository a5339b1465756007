"""The sentences of a reminder around its table: an apology where one is owed, what it is about, and what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from o2c_core.cases.agreed import NotArrived
from o2c_core.money import Money
from o2c_core.reminders.history import Broken
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.receipts import Figures, Places, about, asked_key
from o2c_core.reminders.wording import Wording, wording_in


@dataclass(frozen=True, slots=True)
class Prose:
    """What is said, in its order. `sorry` comes before everything else where we were late ourselves."""

    subject: str
    sorry: str
    opening: str
    ask: str


@dataclass(frozen=True, slots=True)
class PlacedProse:
    """The opening and what is asked with places such as {f1} for facts, and each fact's text and source."""

    opening: str
    ask: str
    facts: dict[str, tuple[str, str]]

    def filled(self, words: str) -> str:
        """Those words with the facts in their places."""
        for place, (text, _) in self.facts.items():
            words = words.replace(f"{{{place}}}", text)
        return words


def prose_of(letter: Letter, wording: Wording, figures: Figures) -> Prose:
    """The approved sentences of the letter's section, after what this payer's past has to be said first."""
    section, how_many = letter.section, "one" if len(letter.numbers) == 1 else "many"
    values = _values(letter, wording, figures)
    asks = [*_before(letter, wording, figures), *_asked(letter, wording, values)]
    if letter.person_is_next:
        asks.append(_next(letter, wording, figures))
    return Prose(
        # A subject with a line break in it would be another header.
        subject=" ".join(wording.say(f"{section}.subject_{how_many}", **values).splitlines()),
        sorry=_sorry(letter, wording, figures),
        opening=wording.say(f"{section}.opening_{how_many}", **values),
        ask=" ".join(asks),
    )


def placed_prose_of(letter: Letter) -> PlacedProse:
    """The same with places, for who may put the words around the facts differently and must not touch a fact."""
    places = Places(letter)
    prose = prose_of(letter, wording_in(letter.language, is_informal=letter.is_informal), places)
    return PlacedProse(prose.opening, prose.ask, places.facts)


def _values(letter: Letter, wording: Wording, figures: Figures) -> dict[str, object]:
    oldest = letter.lines[0]
    of = about(oldest.claim.number, oldest.claim.part)
    values: dict[str, object] = {"seller": letter.seller.name}
    if len(letter.numbers) > 1:
        values["count"] = figures.count("message.count", len(letter.numbers))
        values["total"] = figures.money("message.asked", letter.asked)
    elif len(letter.lines) > 1:
        values["number"] = figures.word(f"{about(oldest.claim.number)}.number", oldest.claim.number)
        values["amount"] = figures.money("message.asked", letter.asked)
    else:
        values["number"] = _number(letter, wording, figures)
        values["amount"] = figures.money(asked_key(oldest.claim.number, oldest.claim.part), oldest.asked)
    values["date"] = figures.day(f"{of}.due_on", oldest.claim.due_on)
    if oldest.days_late > 0:
        days = figures.count(f"{of}.days_late", oldest.days_late)
        values["late"] = wording.counted("late.since", oldest.days_late, days=days)
    return values


def _number(letter: Letter, wording: Wording, figures: Figures) -> str:
    claim = letter.lines[0].claim
    of = about(claim.number, claim.part)
    number = figures.word(f"{of}.number", claim.number)
    if not claim.part:
        return number
    part = figures.count(f"{of}.part", claim.part)
    parts = figures.count(f"{of}.parts", claim.parts or claim.part)
    return wording.say("mail.part", number=number, part=part, parts=parts)


def _sorry(letter: Letter, wording: Wording, figures: Figures) -> str:
    if "our_delay" not in letter.tone.openings:
        return ""
    first, *others = letter.came_late
    if others:
        return wording.say("before.our_delay_many")
    days = wording.counted("late.days", first.days, days=figures.count(f"order {first.order}.days_late", first.days))
    return wording.say("before.our_delay", order=figures.word(f"order {first.order}", first.order), days=days)


def _before(letter: Letter, wording: Wording, figures: Figures) -> Iterator[str]:
    """What happened before between us, as facts, before anything is asked."""
    for name in letter.tone.openings:
        if name == "said" and letter.said is not None:
            yield from _said(letter, letter.said, wording, figures)
        elif name.startswith("broken") and (broken := letter.broken) is not None:
            if broken.plan is not None:
                yield _plan_broken(broken, broken.plan, wording, figures)
                continue
            of = f"promise {broken.promised_on.isoformat()}"
            amount = figures.money(f"{of}.amount", Money(broken.minor, broken.currency))
            day = figures.day(f"{of}.promised_on", broken.promised_on)
            yield wording.say(f"before.{name}", amount=amount, date=day)
            if broken.paid_minor > 0:
                missing = Money(broken.minor - broken.paid_minor, broken.currency)
                yield wording.say("before.part_missing", missing=figures.money(f"{of}.missing", missing))
            else:
                yield wording.say("before.not_arrived")
        elif name == "slip":
            yield wording.say("before.slip")
        elif name == "habit" and (day_of_habit := letter.history.habit_day) is not None:
            count = figures.count("customer.habit_days", day_of_habit)
            yield wording.say("before.habit", days=wording.counted("late.days", day_of_habit, days=count))


def _asked(letter: Letter, wording: Wording, values: dict[str, object]) -> Iterator[str]:
    """What is asked: to pay, unless all of it was paid by their own words, which is looked for first."""
    if "said" in letter.tone.openings and len(letter.said_of) == len(letter.lines):
        yield wording.say("before.said_back")
    else:
        yield wording.say(f"{letter.section}.ask", **values)


def _said(letter: Letter, said: NotArrived, wording: Wording, figures: Figures) -> Iterator[str]:
    """What they said they paid, that it has not come, and what would help to find it."""
    date = figures.day("payment said.said_on", said.said_on)
    numbers = tuple(dict.fromkeys(line.claim.number for line in letter.said_of))
    if len(numbers) == 1:
        number = figures.word(f"{about(numbers[0])}.number", numbers[0])
        yield wording.say("before.said_one", date=date, number=number)
    elif numbers == letter.numbers:
        yield wording.say("before.said_all", date=date)
    else:
        yield wording.say("before.said_some", date=date, count=figures.count("payment said.count", len(numbers)))
    if said.paid_on is None:
        yield wording.say("before.said_missing")
    else:
        yield wording.say("before.said_missing_on", paid=figures.day("payment said.paid_on", said.paid_on))
    if said.has_proof:
        yield wording.say("before.said_ask_bank")
    else:
        yield wording.say("before.said_ask" if said.paid_on is None else "before.said_ask_proof")


def _plan_broken(broken: Broken, number: str, wording: Wording, figures: Figures) -> str:
    of = f"plan {number}"
    missing = Money(broken.minor - broken.paid_minor, broken.currency)
    return wording.say(
        "before.plan_broken",
        number=figures.word(of, number),
        date=figures.day(f"{of}.missed_on", broken.promised_on),
        missing=figures.money(f"{of}.missing", missing),
    )


def _next(letter: Letter, wording: Wording, figures: Figures) -> str:
    by = figures.day("message.person_by", letter.person_by)
    if letter.owner is None:
        return wording.say("next.team", by=by)
    owner = figures.word("message.owner", letter.owner)
    return wording.say("next.call" if letter.may_call else "next.owner", by=by, owner=owner)
