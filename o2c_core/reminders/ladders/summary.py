"""A ladder in plain sentences, for the people who decide about it, and what is different between two of them."""

from __future__ import annotations

from decimal import Decimal
from functools import cache, reduce
from pathlib import Path

from babel.numbers import format_decimal

from o2c_core.documents.wording import Wording, read_wording
from o2c_core.reminders.ladder import AGAIN_DAYS_MIN, Ladder, Rung
from o2c_core.reminders.ladders.written_down import document_of

# The languages ladders are told in; it is finance that reads this, never a customer.
LANGUAGES = ("en", "nl")
_LOCALES = {"en": "en_GB", "nl": "nl_NL"}


def summary(ladder: Ladder, language: str = "en") -> list[str]:
    """The ladder's head, one sentence for each step, and what holds between and after them."""
    words = _words(language if language in LANGUAGES else "en")
    count = len(ladder.rungs)
    steps = words.say("ladder.steps_one" if count == 1 else "ladder.steps_many", count=_number(count, words))
    days = ladder.spacing_days
    spacing = (
        words.say("ladder.spacing", days=days, number=_number(days, words)) if days else words.say("ladder.no_spacing")
    )
    head = words.say("ladder.head", name=ladder.name, version=ladder.version, steps=steps)
    again = words.say("ladder.again", number=_number(AGAIN_DAYS_MIN, words))
    steps_told = [step_sentence(rung, words.language) for rung in ladder.rungs]
    return [head, *steps_told, spacing, again, words.say("ladder.after")]


def step_sentence(rung: Rung, language: str = "en") -> str:
    """ "Three days before the due date: a courtesy that asks for nothing, by email, or else by text message." """
    words = _words(language if language in LANGUAGES else "en")
    said = f"{when(rung.days, words.language)}: {_what(rung, words)}"
    notes = _notes(rung, words)
    said = f"{said}; {'; '.join(notes)}" if notes else said
    return f"{_capital(said)}."


def when(days: int, language: str = "en") -> str:
    """ "Seven days after the due date"."""
    words = _words(language if language in LANGUAGES else "en")
    if days == 0:
        return words.say("when.on")
    said = words.say("when.before" if days < 0 else "when.after", days=abs(days), number=_number(abs(days), words))
    return _capital(said)


def differences(before: Ladder | None, after: Ladder) -> list[str]:
    """What `after` says otherwise, one sentence each; for a new ladder its steps. The version is no difference."""
    if before is None:
        return [f"step '{rung.name}' on day {rung.days} added" for rung in after.rungs]
    was, now = document_of(before), document_of(after)
    told = [
        f"{key}: {was[key]} became {now[key]}" for key in now if key not in ("name", "rungs") and was[key] != now[key]
    ]
    then = {rung["name"]: rung for rung in was["rungs"]}
    today = {rung["name"]: rung for rung in now["rungs"]}
    told += [f"step '{name}' taken out" for name in then if name not in today]
    for name, rung in today.items():
        if name not in then:
            told.append(f"step '{name}' on day {rung['days']} added")
            continue
        told += [
            f"step '{name}', {key}: {_shown(then[name].get(key))} became {_shown(value)}"
            for key, value in rung.items()
            if then[name].get(key) != value
        ]
    return told


def _what(rung: Rung, words: Wording) -> str:
    if rung.channels == ("call",):
        return f"{words.say('tone.call')}, {words.say(f'role.{rung.role}')}" if _named(rung) else words.say("tone.call")
    channels = [words.say(f"channel.{channel}") for channel in rung.channels]
    way = reduce(lambda first, following: words.say("channel.else", first=first, next=following), channels)
    parts = [words.say(f"tone.{rung.tone}"), way]
    if _named(rung):
        parts.append(words.say(f"role.{rung.role}"))
    return ", ".join(parts)


def _named(rung: Rung) -> bool:
    """Accounts payable is who is written to anyway."""
    return rung.role != "accounts_payable"


def _notes(rung: Rung, words: Wording) -> list[str]:
    notes = []
    if rung.minimum_major > 1:
        notes.append(words.say("note.minimum", amount=_amount(rung.minimum_major, words)))
    if rung.mode != "automatic":
        below = rung.automatic_below_major
        above = "" if below is None else "_above"
        notes.append(words.say(f"note.{rung.mode}{above}", amount="" if below is None else _amount(below, words)))
    if rung.letter:
        notes.append(words.say("note.letter"))
    if rung.wording:
        notes.append(words.say("note.wording", wording=rung.wording))
    if rung.arms:
        notes.append(words.say("note.arms", arms=", ".join(rung.arms)))
    return notes


def _capital(said: str) -> str:
    """Dutch writes the accents of "één" only in small letters."""
    return "E" + said[1:] if said.startswith("é") else said[0].upper() + said[1:]


def _number(count: int, words: Wording) -> str:
    """Small numbers in words, as a person would write them."""
    return words.say(f"number.{count}") if words.has(f"number.{count}") else str(count)


def _amount(amount: Decimal, words: Wording) -> str:
    places = "#,##0" if amount == amount.to_integral_value() else "#,##0.00"
    return format_decimal(amount, format=places, locale=_LOCALES[words.language])


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


@cache
def _words(language: str) -> Wording:
    return read_wording(Path(__file__).parent / "wording", language)
