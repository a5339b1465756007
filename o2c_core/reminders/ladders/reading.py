"""Reading a ladder from its file, strictly: every fault is one sentence that names the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from o2c_core.errors import Refused
from o2c_core.reminders.ladder import CHANNELS, MODES, TONES, Ladder, Rung
from o2c_core.reminders.ladders.sentences import Sentences, sentences_named, wordings
from o2c_core.reminders.ladders.written_down import ladder_of
from o2c_core.reminders.recipient import ORDER
from o2c_core.reminders.trial import TrialUnclear, arms_written, trial_of

RUNGS_MAX = 20
DAYS_FIRST, DAYS_LAST = -60, 365
SPACING_DAYS_MAX = 60
MINIMUM_MAJOR_MAX = Decimal(1_000_000_000)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class LadderUnclear(Refused):
    """What is said about the ladder cannot be used."""


def read_ladder(text: str) -> Ladder:
    """The ladder a TOML file describes.

    Raises: LadderUnclear with every fault in it, one sentence each; its field `faults` has them one by one.
    """
    try:
        said = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as odd:
        raise LadderUnclear(f"That is not proper TOML: {odd}.") from odd
    return checked_ladder(said)


def checked_ladder(said: Mapping[str, Any]) -> Ladder:
    """Raises: LadderUnclear."""
    found = list(faults(said))
    if found:
        raise LadderUnclear("\n".join(found), faults=found)
    return ladder_of(_with_trial(said))


def faults(said: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a ladder as it was written down, in the order in which it is read."""
    yield from _keys(said, "", _LADDER)
    rungs = said.get("rungs")
    if not isinstance(rungs, list):
        return
    if not 1 <= len(rungs) <= RUNGS_MAX:
        yield f"rungs: a ladder has from 1 to {RUNGS_MAX} steps; this one has {len(rungs)}."
        return
    for at, rung in enumerate(rungs, 1):
        if not isinstance(rung, dict):
            yield f"rungs[{at}]: a step is a table of its own: [[rungs]]."
            return
    for at, rung in enumerate(rungs, 1):
        where = _where(rung, at)
        yield from _keys(rung, where, _RUNG)
        yield from _fits_together(rung, where)
    yield from _in_order(rungs)
    if isinstance(said.get("trial"), dict):
        yield from _trial(said["trial"], rungs)


def _trial(trial: Mapping[str, Any], rungs: list[dict[str, Any]]) -> Iterator[str]:
    names = [rung["name"] for rung in rungs if isinstance(rung.get("name"), str)]
    tried_at = next((rung for rung in rungs if rung.get("name") == trial.get("rung")), None)
    if tried_at is None:
        yield f"trial.rung: it is the name of the step at which something is tried: {_listed(names or ['none'])}."
    elif tried_at.get("arms"):
        yield f"trial.rung: the step '{tried_at['name']}' says in its own arms already what is tried there."
    try:
        arms_written(trial)
    except TrialUnclear as unclear:
        yield f"trial: {unclear.sentence}"
    except (ArithmeticError, TypeError, ValueError):
        yield f"trial: {TrialUnclear().sentence}"


def _with_trial(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with what the trial's own table says put where the ladder keeps it: in the arms of its step."""
    trial = said.get("trial")
    if trial is None:
        return said
    rungs = [rung | {"arms": arms_written(trial)} if rung["name"] == trial["rung"] else rung for rung in said["rungs"]]
    return {**said, "rungs": rungs}


def _in_order(rungs: list[dict[str, Any]]) -> Iterator[str]:
    names: set[str] = set()
    before: tuple[int, str] | None = None
    for at, rung in enumerate(rungs, 1):
        where, name, days = _where(rung, at), rung.get("name"), rung.get("days")
        if isinstance(name, str):
            if name in names:
                yield f"{where}.name: there are two steps of that name; each has a name of its own."
            names.add(name)
        if _is_count(days):
            if before is not None and days <= before[0]:
                same = "is the same as" if days == before[0] else "comes before"
                yield f"{where}.days: {days} {same} {before[0]} of the step above it; steps stand in the order of their days."
            before = (days, where)


def _fits_together(rung: Mapping[str, Any], where: str) -> Iterator[str]:
    """What each key alone allows and the keys together do not."""
    days = rung.get("days")
    if not _is_count(days):
        return
    says_late = rung.get("says_late", days > 0)
    if says_late is True and days <= 0:
        yield f"{where}.says_late: nothing is late on or before its due date, so a step of day {days} never says so."
    channels = rung.get("channels", ["email", "sms"])
    if isinstance(channels, list) and all(isinstance(one, str) for one in channels):
        if "call" in channels and channels[-1] != "call":
            yield f"{where}.channels: a call comes last, after what can be written."
        if rung.get("letter") is True and "email" not in channels:
            yield f"{where}.letter: a letter goes along with an email, and this step is not taken by email."
        if channels != ["call"]:
            yield from _words_fit(rung, where, days, says_late=says_late is True)
        yield from _lot(rung, where)
    if rung.get("automatic_below_major") is not None and rung.get("mode", "automatic") == "automatic":
        yield f"{where}.automatic_below_major: every message of this step goes by itself, as its mode is automatic."


def _words_fit(rung: Mapping[str, Any], where: str, days: int, *, says_late: bool) -> Iterator[str]:
    """A step that names sentences must be one they are true of; one that names none speaks by its tone."""
    wording, name = rung.get("wording"), rung.get("name")
    if isinstance(wording, str) and wording and sentences_named(wording) is None:
        known = _listed(wordings())
        yield f"{where}.wording: there are no approved sentences named '{wording}' in every language; there are {known}."
        return
    key, named = ("wording", wording) if wording else ("name", name)
    said = sentences_named(named) if isinstance(named, str) else None
    misfit = _misfit(said, days, says_late=says_late) if said else None
    if misfit:
        yield f"{where}.{key}: the sentences '{named}' {misfit}."


def _misfit(said: Sentences, days: int, *, says_late: bool) -> str | None:
    if said.is_before_due and days >= 0:
        return f"speak of a due date still to come, and day {days} is not before it"
    if said.is_after_due and days <= 0:
        return f"speak of a due date that has passed, and day {days} is not after it"
    if said.says_late and not says_late:
        return f"say how late it is, and this step of day {days} does not say so"
    return None


def _lot(rung: Mapping[str, Any], where: str) -> Iterator[str]:
    arms = rung.get("arms", [])
    if isinstance(arms, list) and all(isinstance(one, str) for one in arms):
        try:
            trial_of(Rung("", 0, arms=tuple(arms)))
        except TrialUnclear as unclear:
            yield f"{where}.arms: {unclear.sentence}"


# One check per key: what is wrong with the value, or None.
_Check = Callable[[Any], str | None]


def _keys(said: Mapping[str, Any], where: str, known: Mapping[str, tuple[bool, _Check]]) -> Iterator[str]:
    prefix = f"{where}." if where else ""
    for key in said:
        if key not in known:
            yield f"{prefix}{key}: there is no such key here; there are {_listed(known)}."
    for key, (is_needed, check) in known.items():
        if key not in said:
            if is_needed:
                yield f"{prefix}{key}: this is missing."
            continue
        wrong = check(said[key])
        if wrong:
            yield f"{prefix}{key}: {wrong}."


def _where(rung: Mapping[str, Any], at: int) -> str:
    """Which step it is: by its place, and by its name where it has one."""
    name = rung.get("name")
    return f"rungs[{at}] '{name}'" if isinstance(name, str) else f"rungs[{at}]"


def _name(value: Any) -> str | None:
    if isinstance(value, str) and _NAME.fullmatch(value):
        return None
    return "a name is up to 40 small letters, digits and underscores, and begins with a letter"


def _whole(first: int, last: int) -> _Check:
    def check(value: Any) -> str | None:
        if _is_count(value) and first <= value <= last:
            return None
        return f"it is a whole number of days from {first} to {last}, and not {_shown(value)}"

    return check


def _yes_or_no(value: Any) -> str | None:
    return None if isinstance(value, bool) else f"it is true or false, and not {_shown(value)}"


def _one_of(known: tuple[str, ...]) -> _Check:
    def check(value: Any) -> str | None:
        return None if value in known else f"{_shown(value)} is not known; it is one of {_listed(known)}"

    return check


def _channels(value: Any) -> str | None:
    if not isinstance(value, list) or not value:
        return f"it is a list of at least one of {_listed(CHANNELS)}"
    unknown = [one for one in value if one not in CHANNELS]
    if unknown:
        return f"{_shown(unknown[0])} is not a channel; there are {_listed(CHANNELS)}"
    if {"chat", "whatsapp"} <= set(value):
        return "'chat' is another word for 'whatsapp'; name one of them"
    return "each channel is named once" if len(set(value)) < len(value) else None


def _amount(value: Any) -> str | None:
    odd = f'it is an amount such as 25 or "25.00", and not {_shown(value)}'
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return odd
    if isinstance(value, str) and not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", value):
        return odd
    amount = Decimal(value)
    return None if amount.is_finite() and 0 <= amount <= MINIMUM_MAJOR_MAX else odd


def _amount_or_none(value: Any) -> str | None:
    return None if value is None else _amount(value)


def _arms(value: Any) -> str | None:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return None
    return 'it is a list of what is tried by lot, such as ["name=firmer", "held_out=10%"]'


def _words(value: Any) -> str | None:
    return None if isinstance(value, str) else f"it is the name of approved sentences, and not {_shown(value)}"


def _a_list(value: Any) -> str | None:
    return None if isinstance(value, list) else "the steps are tables: [[rungs]]"


def _a_table(value: Any) -> str | None:
    return None if isinstance(value, dict) else "what is tried is a table: [trial]"


_LADDER: dict[str, tuple[bool, _Check]] = {
    "name": (True, _name),
    "spacing_days": (False, _whole(0, SPACING_DAYS_MAX)),
    "rungs": (True, _a_list),
    "trial": (False, _a_table),
}
_RUNG: dict[str, tuple[bool, _Check]] = {
    "name": (True, _name),
    "days": (True, _whole(DAYS_FIRST, DAYS_LAST)),
    "says_late": (False, _yes_or_no),
    "channels": (False, _channels),
    "tone": (False, _one_of(TONES)),
    "role": (False, _one_of(ORDER)),
    "wording": (False, _words),
    "minimum_major": (False, _amount),
    "mode": (False, _one_of(MODES)),
    "automatic_below_major": (False, _amount_or_none),
    "letter": (False, _yes_or_no),
    "arms": (False, _arms),
}


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _listed(names: Any) -> str:
    *before, last = list(names)
    return f"{', '.join(before)} and {last}" if before else str(last)


def _shown(value: Any) -> str:
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
