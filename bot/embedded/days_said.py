"""The days a message names, in figures or in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.embedded.calendar_words import Calendar, Prefer
from bot.embedded.day_words import joined, sign_of
from bot.embedded.entities import figures
from bot.embedded.folded import folded
from bot.embedded.sayings import SAYINGS, Line, Sign

Place = tuple[int, int]

TEXT_MAX = 2000  # characters that are read
_DAY_FIRST_LANGUAGES = frozenset({"nl", "de", "fr"})
_DAY_FIRST_COUNTRIES = frozenset({"GB", "IE", "AU", "NZ", "ZA"})

_TOKEN = re.compile(
    r"""(?P<iso>(?:19|20)\d\d(?P<iso_mark>[-/.])\d{1,2}(?P=iso_mark)\d{1,2})(?!\d)
      | (?P<full>\d{1,2}\s?(?P<mark>[-/.])\s?\d{1,2}\s?(?P=mark)\s?'?(?:(?:19|20)\d\d|\d\d))(?![\d-])
      | (?P<short>\d{1,2}[-/.]\d{1,2})(?![\d%]|[-/.,]\d)
      | (?P<ordinal>\d{1,2}(?:st|nd|rd|th|er|ste|de|eme|ieme|e|ten|te)\b)
      | (?P<number>\d+(?:[.,]\d+)*)
      | (?P<word>(?:2(?=day|mor))?[^\W\d]+)
      | (?P<mark_only>[^\w\s])""",
    re.VERBOSE,
)
_HAS_TRIGGER = re.compile("[DWMNOQXAwZekmdK]")
_BETWEEN = "oPpv"


@dataclass(frozen=True)
class DaySaid:
    """A day as it was said; not sure where the words could mean another day as well."""

    on: date
    is_sure: bool
    text: str


def days_said(
    text: str,
    *,
    language: str,
    today: date,
    country: str = "NL",
    prefer: Literal["future", "past"] = "future",
) -> tuple[DaySaid, ...]:
    """The days named in the text, in order.

    A day without its year is the next such day, or the last one where `prefer` is "past". Vague sayings have a day as
    well, the latest they can mean ("next week" is its Friday), and are not sure; nor is "3/4" unless the language or
    the country says which comes first.
    """
    return tuple(said for _, said in days_found(text, language=language, today=today, country=country, prefer=prefer))


def days_found(
    text: str, *, language: str, today: date, country: str = "NL", prefer: Prefer = "future"
) -> tuple[tuple[Place, DaySaid], ...]:
    """The days named in the text with where they stand."""
    text = text[:TEXT_MAX]
    calendar = Calendar(today, prefer)
    tokens = _tokens(text, language, country, calendar)
    signs = "".join(token.sign for token in tokens)
    if not _HAS_TRIGGER.search(signs):
        return ()
    line = Line(signs, tokens, calendar)
    found: list[tuple[int, int, date, bool]] = []
    taken = bytearray(len(tokens))
    for needed, pattern, meaning in SAYINGS:
        if needed not in signs:
            continue
        for match in pattern.finditer(signs):
            start, end = match.span()
            if any(taken[start:end]) or (said := meaning(line, match)) is None:
                continue
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, said[0], said[1] and _is_plain(line, start)))
    return tuple(_said(text, tokens, *one) for one in sorted(found))


def _is_plain(line: Line, start: int) -> bool:
    """Whether nothing in front makes the day a rough one: "around the 15th", "after Friday"."""
    while start > 0 and (line.signs[start - 1] in _BETWEEN or line.signs[start] in _BETWEEN):
        if line.signs[start - 1] not in _BETWEEN:
            break
        start -= 1
    return start == 0 or line.signs[start - 1] not in "~f"


def _said(text: str, tokens: list[Sign], start: int, end: int, on: date, is_sure: bool) -> tuple[Place, DaySaid]:
    while start < end - 1 and tokens[start].sign in _BETWEEN + "'":
        start += 1
    while end > start + 1 and tokens[end - 1].sign in _BETWEEN + ".,'":
        end -= 1
    place = tokens[start].start, tokens[end - 1].end
    return place, DaySaid(on, is_sure, text[slice(*place)])


def _tokens(text: str, language: str, country: str, calendar: Calendar) -> list[Sign]:
    small = joined(folded(text))
    for span in figures(text):
        if span.what in ("date", "amount") and not re.search(r"[€$£]|[a-z]", small[span.start : span.end]):
            continue  # "12.04" may be a day; what has a currency or is no date at all is hidden
        if span.what != "date":
            small = small[: span.start] + "\0" * (span.end - span.start) + small[span.end :]
    tokens: list[Sign] = []
    for found in _TOKEN.finditer(small):
        sign, value, is_sure = _sign(found, language, country, calendar, tokens)
        tokens.append(Sign(sign, value, found.start(), found.end(), is_sure, found[0]))
    return tokens


def _sign(
    found: re.Match[str], language: str, country: str, calendar: Calendar, before: list[Sign]
) -> tuple[str, int, bool]:
    kind, word = found.lastgroup, found[0]
    if kind == "word":
        sign, value = sign_of(word, language)
        if word.startswith("morgen") and _is_greeting(word, before, found):
            return "x", 0, True
        return sign, value, True
    if kind == "number":
        value = int(word) if word.isdigit() and len(word) < 5 else -1
        return (
            ("x", 0, True)
            if value < 0
            else ("Y" if 1990 <= value < 2100 else "N" if value < 1000 else "x", value, True)
        )
    if kind == "ordinal":
        value = int(re.match(r"\d+", word)[0])  # type: ignore[index]
        return "O" if 0 < value <= 31 else "x", value, True
    if kind == "mark_only":
        return {",": ",", "'": "'", "-": "-"}.get(word, "." if word in ".!?;:()\n" else "_"), 0, True
    return _dated(found, language, country, calendar, before)


def _is_greeting(word: str, before: list[Sign], found: re.Match[str]) -> bool:
    """ "Goede morgen", "am Morgen", and "Morgen," in front of everything else."""
    if word != "morgen":
        return False
    previous = before[-1].word if before else ""
    if not before:
        return re.match(r"\s?(?:[,!]|zusammen|allemaal)", found.string[found.end() :]) is not None
    return previous in (
        "goede",
        "goeie",
        "goeden",
        "guten",
        "heute",
        "gestern",
        "diesen",
        "am",
        "jeden",
        "elke",
        "der",
        "n",
    )


def _dated(
    found: re.Match[str], language: str, country: str, calendar: Calendar, before: list[Sign]
) -> tuple[str, int, bool]:
    """A day in figures, as its ordinal number in the calendar."""
    numbers = [int(number) for number in re.findall(r"\d+", found[0])]
    if found["iso"]:
        on = calendar.day(*numbers)
        return ("X", on.toordinal(), True) if on else ("x", 0, True)
    day, month, *year = numbers
    mark = found["mark"] or (found["short"] or "").strip("0123456789")
    is_month_first = country == "US" and mark != "."
    if is_month_first:
        day, month = month, day
    is_sure = mark != "/" or day == month or max(day, month) > 12
    is_sure = is_sure or (
        country in _DAY_FIRST_COUNTRIES if language not in _DAY_FIRST_LANGUAGES else not is_month_first
    )
    is_sure = is_sure or (is_month_first and language not in _DAY_FIRST_LANGUAGES)
    if month > 12 >= day and mark != ".":
        day, month = month, day  # it can be read in one way only
    if year:
        on = calendar.day(year[0] if year[0] > 99 else 2000 + year[0], month, day)
        return ("X", on.toordinal(), is_sure) if on else ("x", 0, True)
    if not _may_be_short_date(found, mark, before):
        return "x", 0, True
    said = calendar.day_and_month(day, month)
    return ("X", said[0].toordinal(), is_sure and said[1]) if said else ("x", 0, True)


def _may_be_short_date(found: re.Match[str], mark: str, before: list[Sign]) -> bool:
    """ "3/4" is a day; not in "3/4 of the order", "2-3 weeks", "24/7", "at 10.30" or as an amount without words for days."""
    sign = before[-1].sign if before else ""
    after = found.string[found.end() : found.end() + 14]
    if found[0] == "24/7" or re.match(r"\s?(?:%|x\b|uur|uhr|h\b|van|of\b|von|sur\b)", after):
        return False
    if mark == "/":
        return re.match(r"\s?(?:[a-z]*(?:box|doz|stuk|stuck|piece|kart))", after) is None
    if sign in tuple("pPvWA~") and (before[-1].word not in ("pour", "for", "per")):
        return (
            sign in tuple("PWA") or re.match(r"\s?[a-z]*(?:dag|day|week|weken|woche|tage|jour|sem|eur)", after) is None
        )
    return mark == "." and after.startswith(".") and bool(before) and before[-1].sign in ("P", "p", "W")
