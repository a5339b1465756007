"""What an out-of-office says: until when, and who is there meanwhile."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

import dateparser

AWAY_DAYS_MAX = 400
_NEARLY = r"\b(?:tomorrow|morgen|demain|mañana|next week|volgende week|nächste woche|semaine prochaine)\b"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januari januar jänner janvier janv enero ene",
            "february feb februari februar février fevrier févr fevr febrero",
            "march mar maart mrt märz maerz mrz mars marzo",
            "april apr avril avr abril abr",
            "may mei mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet juil julio",
            "august aug augustus août aout agosto ago",
            "september sep sept septembre septiembre",
            "october oct oktober okt octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember dez décembre déc diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday maandag montag lundi lunes",
            "tuesday dinsdag dienstag mardi martes",
            "wednesday woensdag mittwoch mercredi miércoles miercoles",
            "thursday donderdag donnerstag jeudi jueves",
            "friday vrijdag freitag vendredi viernes",
            "saturday zaterdag samstag samedi sábado sabado",
            "sunday zondag sonntag dimanche domingo",
        )
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_DATE = re.compile(
    rf"""(?:
      (?P<iso>20\d\d-\d\d-\d\d)
    | (?P<day>\d{{1,2}})(?:st|nd|rd|th|er|e|º|\.)?\s*(?:of\s+|de\s+)?(?P<month>{_MONTH})\b\.?
        (?:,?\s*(?:de\s+|del\s+)?(?P<year>20\d\d))?
    | (?P<us_month>{_MONTH})\b\.?\s+(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(?P<us_year>20\d\d))?
    | (?P<one>\d{{1,2}})[./-](?P<two>\d{{1,2}})(?:[./-](?P<short>(?:20)?\d\d)\b|\.|\b)
    | (?P<weekday>{_WEEKDAY})\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# First the words that name the day of return itself, then those that name the end of the absence.
_RETURN = re.compile(
    r"\b(?:i(?:'ll| will| am|'m)? (?:be )?(?:back|return(?:ing)?)|(?:be )?back (?:in the office )?(?:on|from)|return(?:ing)?"
    r"(?: to (?:the office|work))? on|again (?:on|from)|ben ik (?:er )?weer|weer (?:aanwezig|bereikbaar|op kantoor|terug)|"
    r"terug (?:op|vanaf)|vanaf|bin ich wieder|wieder (?:ab|am|für|im|erreichbar)|zurück (?:am|ab)|ab (?:dem|montag|dienstag|"
    r"mittwoch|donnerstag|freitag|\d)|de retour|serai de retour|retour (?:le|au bureau)|à partir du|dès le|regres(?:o|aré)|"
    r"vuelv[oa]|volveré|estaré de vuelta|de vuelta|a partir del)\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"\b(?:wieder|weer)\b", re.IGNORECASE)
_UNTIL = re.compile(
    r"\b(?:until|till|til|through|thru|to and including|tot en met|t/m|tot|bis(?: zum| einschließlich| inkl\.?)?|"
    r"jusqu['’]?\s?(?:au|à)|hasta(?: el)?|(?:from|van|vom|von|du|del|desde)\b.{3,60}?\b(?:to|tot|bis(?: zum)?|au|al|hasta))\b",
    re.IGNORECASE,
)
_INCLUSIVE = re.compile(
    r"\bthrough\b|\bthru\b|including|inclusive|tot en met|t/m|einschließlich|inkl|inclus|inclusive", re.I
)

_INSTEAD = re.compile(
    r"contact|reach out|urgent|meantime|absence|in plaats|spoed|dringend|collega|colleague|wenden|vertret|kolleg|"
    r"adress|en mon absence|remplac|póngase|dirij|mi ausencia|compañer|neem|stuur",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PERSON = r"(?:[A-ZÀ-Þ][\w'’-]+(?:\s+(?:van|de|der|den|von|du|del|la|le)\b){0,2}\s+){1,2}[A-ZÀ-Þ][\w'’-]+"
_DEPUTY = re.compile(
    r"(?i:contact(?:er|eer|eren)?(?:\s+(?:my|mijn|met|mon|ma|meinen?|mit|con|opnemen))*|collega|colleague|kollegen?|kollegin|"
    r"collègue|compañer[oa]|(?:bitte )?an|à|met|mit|con|wenden sie sich an|dirigirse a)\s*,?\s+"
    r"(?i:frau |herrn? |dhr\. |mevr\. |mme |m\. |mr\.? |mrs\.? |ms\.? )?"
    rf"(?P<name>{_PERSON})"
)


def back_on(text: str, language: str | None, received_at: datetime) -> date | None:
    """The day the writer is back, read from what the mail says."""
    text = " ".join(text[:4_000].split())
    today = received_at.date()
    for found in _AGAIN.finditer(text):
        # "Ab Montag bin ich wieder …" has the day before the word: the nearest one counts.
        days = [_read(day, language, today) for day in _DATE.finditer(text[max(0, found.start() - 40) : found.start()])]
        near = [day for day in days if day and 0 <= (day - today).days <= AWAY_DAYS_MAX]
        if near and not _UNTIL.search(text[max(0, found.start() - 40) : found.start()]):
            return near[-1]
    for cue in (_RETURN, _UNTIL):
        for found in cue.finditer(text):
            behind = text[found.end() : found.end() + 60]
            day = _first_day(behind, language, today)
            if day is None:
                continue
            is_over = cue is _UNTIL and _INCLUSIVE.search(text[found.start() : found.end() + 60])
            return day + timedelta(days=1) if is_over else day
    return None


def deputy(text: str, not_these: Collection[str]) -> str | None:
    """Who to write to meanwhile: "Anna Smit <anna@example.com>", or whichever of the two is given."""
    before = ""
    for sentence in _sentences(text[:4_000]):
        # "Met spoed? Mail naar …" says in one sentence when, and in the next whom.
        is_about = _INSTEAD.search(f"{before} {sentence}" if before.endswith("?") else sentence)
        before = sentence
        if not is_about:
            continue
        address = next((one for one in _ADDRESS.findall(sentence) if one.lower() not in not_these), None)
        named = _DEPUTY.search(sentence)
        name = named["name"] if named else ""
        if address:
            return f"{name} <{address}>" if name else address
        if name:
            return name
    return None


def _sentences(text: str) -> Iterator[str]:
    yield from (
        " ".join(part.split()) for part in re.split(r"(?<=[!?])\s|(?<=[^.\s]{3}\.)\s+(?=[A-ZÀ-Þ])|\n\s*\n", text)
    )


def _first_day(text: str, language: str | None, today: date) -> date | None:
    for found in _DATE.finditer(text):
        day = _read(found, language, today)
        if day is not None and -2 <= (day - today).days <= AWAY_DAYS_MAX:
            return day
    if re.search(
        r"\b(?:tomorrow|morgen|demain|mañana|next week|volgende week|nächste woche|semaine prochaine)\b", text, re.I
    ):
        return _parsed(text, language, today)
    return None


def _read(found: re.Match[str], language: str | None, today: date) -> date | None:
    if found["iso"]:
        return _day(*(int(part) for part in found["iso"].split("-")))
    if found["weekday"]:
        ahead = (_WEEKDAYS[found["weekday"].lower()] - today.weekday()) % 7
        # "Back on Monday 23 March": the date behind the weekday says it better, and is tried next.
        return (
            None
            if re.match(r",?\s*(?:den |dem |le |el )?\d", found.string[found.end() :])
            else today + timedelta(ahead or 7)
        )
    if found["month"] or found["us_month"]:
        month = _MONTHS[(found["month"] or found["us_month"]).lower()]
        day = int(found["day"] or found["us_day"])
        year = found["year"] or found["us_year"]
        return _day(int(year), month, day) if year else _next(month, day, today)
    one, two = int(found["one"]), int(found["two"])
    orders = [(two, one)] if language != "en" else [(two, one), (one, two)]
    short = found["short"]
    year_known = (int(short) if len(short) == 4 else 2000 + int(short)) if short else None
    days = [_day(year_known, m, d) if year_known else _next(m, d, today) for m, d in orders]
    # 04/05 is two days in English: the nearer one that is still to come.
    return min((day for day in days if day and day >= today - timedelta(days=2)), default=None)


def _next(month: int, day: int, today: date) -> date | None:
    this_year = _day(today.year, month, day)
    if this_year is None or this_year < today - timedelta(days=30):
        return _day(today.year + 1, month, day)
    return this_year


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parsed(text: str, language: str | None, today: date) -> date | None:
    found = re.search(
        r"\b(?:tomorrow|morgen|demain|mañana|next week|volgende week|nächste woche|semaine prochaine)\b", text, re.I
    )
    parsed = dateparser.parse(
        found[0] if found else text,
        languages=[language] if language else ["en", "nl", "de", "fr", "es"],
        settings={"RELATIVE_BASE": datetime.combine(today, datetime.min.time()), "PREFER_DATES_FROM": "future"},
    )
    return parsed.date() if parsed else None
