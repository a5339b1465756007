"""The sayings that name a day, as patterns over the signs of `day_words`, each with the day it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from bot.embedded.calendar_words import Calendar, Said


class Sign(NamedTuple):
    """One word or figure of a message, where it stands and what it is to the grammar of days."""

    sign: str
    value: int
    start: int
    end: int
    is_sure: bool
    word: str


@dataclass(frozen=True)
class Line:
    """A message as signs; `signs` has one letter for each of them."""

    signs: str
    tokens: list[Sign]
    calendar: Calendar

    def at(self, found: re.Match[str], name: str) -> Sign | None:
        return self.tokens[found.start(name)] if self.said(found, name) else None

    def said(self, found: re.Match[str], name: str) -> str:
        """The signs of that name, where the saying has them."""
        return found[name] or "" if name in found.re.groupindex else ""

    def value(self, found: re.Match[str], name: str) -> int:
        token = self.at(found, name)
        return token.value if token else 0


Meaning = Callable[[Line, "re.Match[str]"], Said | None]
_FRIDAY, _SUNDAY = 4, 6


def _rough(on: date | None) -> Said | None:
    return (on, False) if on else None


def _certain(on: date | None) -> Said | None:
    return (on, True) if on else None


def _with_weekday(line: Line, found: re.Match[str], said: Said | None) -> Said | None:
    """Sure only where a weekday that is named beside the date is the weekday of that date."""
    weekday = line.at(found, "W")
    return said and (said[0], said[1] and (weekday is None or said[0].weekday() == weekday.value))


def _written(line: Line, found: re.Match[str]) -> Said | None:
    """ "3 March 2026", "March 3rd", "vr 20 mrt"."""
    day, month, calendar = line.value(found, "N"), line.value(found, "M"), line.calendar
    year = line.value(found, "Y")
    short = line.said(found, "short")
    if short:
        year = 2000 + line.tokens[found.end("short") - 1].value
        if not short.startswith("'") and abs(year - calendar.today.year) > 1:
            return None
    said = _certain(calendar.day(year, month, day)) if year else calendar.day_and_month(day, month)
    return _with_weekday(line, found, said)


def _written_alone(line: Line, found: re.Match[str]) -> Said | None:
    """The same where the figure after it is no year: "3 March 20 chairs"."""
    return _with_weekday(line, found, line.calendar.day_and_month(line.value(found, "N"), line.value(found, "M")))


def _in_figures(line: Line, found: re.Match[str]) -> Said | None:
    token = line.tokens[found.start("X")]
    return _with_weekday(line, found, (date.fromordinal(token.value), token.is_sure))


_WEEKS = {"n": 1, "c": 1, "t": 0, "l": -1}


def _day_of_week(line: Line, found: re.Match[str]) -> Said | None:
    """ "next week Wednesday", "mercredi de la semaine prochaine"."""
    return _certain(line.calendar.of_week(_WEEKS[found["rel"]], line.value(found, "W")))


def _weeks_after(line: Line, found: re.Match[str]) -> Said | None:
    """ "Friday in two weeks", "a week from Friday", "vendredi en huit"."""
    weeks = 1 if found["N"] in ("u", "8", "k") else line.value(found, "N")
    token = line.tokens[found.start("W")]
    on = line.calendar.nearest(token.value, 1) if token.sign != "D" else line.calendar.after(token.value)
    return _certain(Calendar(on, "future").after(7 * weeks)) if on else None


def _span(line: Line, found: re.Match[str]) -> Said | None:
    """ "in two weeks", "binnen 10 dagen", "il y a 3 jours", "nog 10 dagen"."""
    number = line.tokens[found.start("N")]
    count = 1 if number.sign == "u" else number.value
    is_sure = number.sign != "q"
    ago = line.said(found, "a")
    direction = -1 if ago else 1
    unit, calendar = found["unit"], line.calendar
    if direction < 0 and ago == "v" and not line.value(found, "a"):
        return None  # "before 3 days" and "voor 3 dagen" are lengths
    if "K" in unit or "B" in unit:
        return _rough(calendar.working_days(count)) if direction > 0 and count < 1000 else None
    if unit in ("m", "y"):
        on = calendar.later(direction * count * (12 if unit == "y" else 1))
    else:
        on = calendar.after(direction * count * (7 if unit == "k" else 1))
    return (on, is_sure) if on else None


def _longer(line: Line, found: re.Match[str]) -> Said | None:
    said = _span(line, found)
    return said and (said[0], False)


def _part(line: Line, found: re.Match[str]) -> Said | None:
    """ "end of the month", "begin volgende week", "mi-avril", "Ende nächsten Monats", "the last day of March"."""
    part = {"l": "e", "Q": "s"}.get(found["part"][0], found["part"][0])
    if found["part"][0] == "Q" and line.tokens[found.start("part")].value != 1:
        return None
    rel, unit, calendar = line.said(found, "rel") or line.said(found, "after") or "t", found["unit"], line.calendar
    ahead = _WEEKS[rel]
    if unit == "k":
        return _rough(calendar.of_week(ahead, {"s": 0, "h": 2, "e": _FRIDAY}[part]))
    if unit == "y":
        on = calendar.day(
            calendar.today.year + ahead, {"s": 1, "h": 6, "e": 12}[part], {"s": 1, "h": 30, "e": 31}[part]
        )
        return (on, part == "e") if on else None
    if unit == "m":
        return calendar.part_of_month(calendar.month(ahead), part)
    month, year = line.value(found, "unit"), line.value(found, "Y")
    if year:
        return calendar.part_of_month(calendar.day(year, month, 1), part)
    step = 1 if calendar.prefer == "future" else -1
    for years in range(2):
        said = calendar.part_of_month(calendar.day(calendar.today.year + step * years, month, 1), part)
        if said and (said[0] - calendar.today).days * step >= 0:
            return said
    return None


def _month_end(line: Line, _: re.Match[str]) -> Said | None:
    return line.calendar.part_of_month(line.calendar.month(0), "e")


def _weekend(line: Line, found: re.Match[str]) -> Said | None:
    """After it is Monday, before it Friday, and the weekend itself lasts until Sunday."""
    sign, ahead = line.said(found, "sign"), {"n": 1, "l": -1}.get(found["rel"] or "", 0)
    if sign == "f":
        return _rough(line.calendar.of_week(ahead + 1, 0))
    return _rough(line.calendar.of_week(ahead, _FRIDAY if sign == "v" else _SUNDAY))


def _whole_week(line: Line, found: re.Match[str]) -> Said | None:
    return _rough(line.calendar.of_week(_WEEKS[found["rel"]], _FRIDAY))


def _whole_month(line: Line, found: re.Match[str]) -> Said | None:
    said = line.calendar.part_of_month(line.calendar.month(_WEEKS[found["rel"]]), "e")
    return said and (said[0], False)


def _numbered_week(line: Line, found: re.Match[str]) -> Said | None:
    if line.tokens[found.start()].word in ("weeks", "weken", "wochen", "semaines", "weekje"):
        return None
    return _rough(line.calendar.week_numbered(line.value(found, "N")))


def _from_today(line: Line, found: re.Match[str]) -> Said | None:
    return _certain(line.calendar.after(line.value(found, "D")))


def _day_beyond(line: Line, found: re.Match[str]) -> Said | None:
    """ "the day after tomorrow", "avant-hier"."""
    offset = line.value(found, "D")
    return _certain(line.calendar.after(offset + (1 if offset > 0 else -1))) if offset in (1, -1) else None


def _weekday(line: Line, found: re.Match[str]) -> Said | None:
    said = line.said(found, "rel")
    if said == "n" and line.tokens[found.start("rel")].word.startswith(("prochain", "nachst", "naechst")):
        coming = line.calendar.weekday(line.value(found, "W"), "c")
        of_next = line.calendar.weekday(line.value(found, "W"), "n")
        # "Nächsten Freitag" and "vendredi prochain" are the coming one for most people, though not for all.
        return coming and (coming[0], of_next is not None and of_next[1])
    return line.calendar.weekday(line.value(found, "W"), said)


def _short_weekday_last(line: Line, found: re.Match[str]) -> Said | None:
    """ "I'll pay fri": only of short weekdays that are no other word, as "zo" and "do" are."""
    is_one = line.tokens[found.start("W")].word in ("mon", "tue", "wed", "thu", "fri", "vr", "wo", "lun", "jeu", "ven")
    return _weekday(line, found) if is_one else None


def _weekday_the(line: Line, found: re.Match[str]) -> Said | None:
    return _with_weekday(line, found, line.calendar.day_of_month(line.value(found, "N")))


def _day_of_month(line: Line, found: re.Match[str]) -> Said | None:
    day = line.value(found, "N")
    return line.calendar.day_of_month(day) if 1 <= day <= 31 else None


def _ordinal_day(line: Line, found: re.Match[str]) -> Said | None:
    """ "the 15th", "de 15e": with nothing in front of it only where nothing but a break follows it."""
    is_alone = found.end() - found.start() == 1
    if is_alone and line.signs[found.end() : found.end() + 1] not in ("", ".", ",", "+", "p", "P", "i"):
        return None
    return line.calendar.day_of_month(line.value(found, "N"))


def _day_of_said_month(line: Line, found: re.Match[str]) -> Said | None:
    """ "the 15th of next month", "den 15. des nächsten Monats", "the 1st of the month"."""
    rel, day = line.said(found, "rel") or line.said(found, "after"), line.value(found, "N")
    if not rel:
        return line.calendar.day_of_month(day)
    first = line.calendar.month(_WEEKS[rel])
    # The 31st of a month that has thirty days is its last day, and nobody is sure.
    on = first and line.calendar.day(first.year, first.month, day)
    if on is None and (last := line.calendar.part_of_month(first, "e")):
        return last[0], False
    # "The 20th of this month", promised on the 21st, is perhaps a slip.
    return (on, rel != "t" or line.calendar.is_preferred(on)) if on else None


# A sign without which the saying is not there, the saying itself, and the day it means; the longer sayings come first.
_PATTERNS: tuple[tuple[str, str, Meaning], ...] = (
    # A sign without which the saying is not there, the saying, and what it means; longer sayings come first.
    (
        "M",
        r"(?:(?P<W>[WA])[,.]?F)?(?P<N>[NOQ])\.?[o'-]*(?P<M>M)(?:[,.]?-?o*(?P<Y>Y)|(?P<short>\.?'?N)(?![dkmyK]))?",
        _written,
    ),
    ("M", r"(?:(?P<W>[WA])[,.]?F)?(?P<N>[NOQ])\.?[o'-]*(?P<M>M)", _written_alone),
    ("M", r"(?:(?P<W>[WA])[,.]?F)?(?P<M>M)\.?o?(?P<N>[NO])(?![dkmKgB])(?:,?(?P<Y>Y))?", _written),
    ("X", r"(?:(?P<W>[WA])[,.]?F)?(?P<X>X)", _in_figures),
    ("k", r"(?P<rel>[nctl])k,?F(?P<W>[WA])", _day_of_week),
    ("k", r"(?P<W>[WA]),?F(?P<rel>[nctl])k", _day_of_week),
    ("k", r"(?P<W>W),?Fk(?P<rel>[nl])", _day_of_week),
    ("k", r"(?P<W>[WD])i[n~]?(?P<N>[uN])k", _weeks_after),
    ("8", r"(?P<W>W)(?P<N>8)", _weeks_after),
    ("k", r"(?P<N>[uN])kp?(?P<W>[WD])", _weeks_after),
    ("k", r"(?P<W>W)(?P<N>k)(?![NnFl])", _weeks_after),
    ("i", r"i[o~n]*(?P<N>[Nuq])n?(?P<unit>Bd|dB|[dkmyK])(?!a)", _span),
    ("", r"(?P<N>[Nuq])(?P<unit>[dkmy])p[jD]", _span),
    ("a", r"(?P<N>[Nuq])(?P<unit>[dkmy])(?P<a>a)", _span),
    ("v", r"(?P<a>v)~?(?P<N>[Nuq])(?P<unit>[dkmy])", _span),
    ("&", r"&(?P<N>[Nuq])(?P<unit>Bd|dB|[dkmyK])", _longer),
    ("&", r"(?P<N>[Nuq])&(?P<unit>[dkmyK])", _longer),
    (
        "",
        r"(?P<part>[esh]|ld|Qd)-?F(?:(?P<rel>[ntcl])F)?(?P<unit>[kmyM])(?:(?P<after>[nl])(?!k|m|F?W))?(?P<Y>Y)?",
        _part,
    ),
    ("", r"m-?e|Z", _month_end),
    ("w", r"(?P<sign>[fv])F(?P<rel>[nctl])?w", _weekend),
    ("w", r"(?P<rel>[nctl])?w", _weekend),
    ("k", r"(?P<rel>[nctl])k", _whole_week),
    ("k", r"k(?P<rel>[nl])", _whole_week),
    ("k", r"k(?P<N>N)", _numbered_week),
    ("D", r"(?:do*)?[fv]-?(?P<D>D)", _day_beyond),
    ("D", r"(?P<D>D)", _from_today),
    ("W", r"(?P<W>W),?F(?P<N>O)(?!g)", _weekday_the),
    ("", r"(?P<rel>[nctl])F(?P<W>[WA])", _weekday),
    ("W", r"(?P<W>W),?(?P<rel>[ncl])", _weekday),
    ("A", r"(?<=[pPv])(?P<W>A)(?![xN])", _weekday),
    ("A", r"^(?P<W>A)\.?$", _weekday),
    ("A", r"(?P<W>A)(?=[.,]?$)", _short_weekday_last),
    ("W", r"(?P<W>W)", _weekday),
    ("m", r"(?P<N>[ONQ])\.?(?:[oPpv]+|(?=[nt]))(?:(?P<rel>[ntcl])F)?m(?P<after>[nl])?", _day_of_said_month),
    ("m", r"(?P<rel>[nctl])m", _whole_month),
    ("m", r"m(?P<rel>[nl])", _whole_month),
    ("O", r"[Ppv]?o*(?P<N>O)(?!g)", _ordinal_day),
    ("N", r"P(?P<N>N)\.(?![Ng])", _day_of_month),
    ("N", r"(?:P|[pv]o)(?P<N>N)(?=$|[.,+pPio~])(?!\.N)", _day_of_month),
)
SAYINGS = tuple(
    (needed, re.compile(pattern.replace("F", "[oPpv']*")), meaning) for needed, pattern, meaning in _PATTERNS
)
