"""Everything a message mentions: numbers, amounts, days, quantities, addresses, and what it only points at."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

import phonenumbers

from bot.embedded.amounts_said import AmountSaid, amounts_found
from bot.embedded.days_said import DaySaid, days_found
from bot.embedded.entities import References, Span, figures, find_references
from bot.embedded.folded import folded
from bot.embedded.number_words import number_in_words
from bot.embedded.points import points_of
from bot.embedded.quantities_said import QuantitySaid, quantities_found

__all__ = ["AmountSaid", "DaySaid", "Mentions", "QuantitySaid", "find_mentions"]

TEXT_MAX = 2000  # characters that are read
_PARTS_MAX = 60
_LINE_MAX = 999

_SMALL = (
    r"\d{1,2}|two|three|four|five|six|eight|ten|twelve|twee|drie|vier|vijf|zes|acht|tien|twaalf|zwei|drei|funf"
    r"|sechs|zehn|zwolf|deux"
    r"|trois|quatre|cinq|six|huit|dix|douze"
)
_PARTS = re.compile(
    rf"(?<![\w.,/-])(?P<count>{_SMALL})(?: (?:equal|monthly|weekly|gelijke|maandelijkse|wekelijkse|gleichen?"
    rf"|monatlichen?|wochentlichen?"
    r"|egales?))?"
    r" ?(?:parts|instal?lments|payments|goes|terms|termijn(?:en)?|delen|keer|raten|monatsraten|teilen"
    r"|teilzahlungen|fois|mensualites"
    r"|versements|echeances|tranches|parties|maandtermijnen|x betalen|x zahlen)(?!\w)"
    rf"|(?<!\w)(?:spread|spreiden|verdelen|gespreid|verteilen|etaler|repartir)[^.?!]{{0,25}}? (?P<months>{_SMALL})"
    r" (?:months|weeks|maanden|weken|monate|wochen|mois|semaines)(?!\w)"
)
# "Three payments" may have been made as well as asked for; "in three payments" is how somebody wants to pay.
_PARTS_NEED_IN = ("payments", "keer", "fois", "delen", "parts", "teilen", "parties", "terms", "goes", "versements")
_PARTS_IN = re.compile(
    r"(?:\bin|\ben|\bover|\bop|\bauf|\bsur)(?: (?:about|ongeveer|etwa|environ|maximaal|max|de|les))? $"
)
_IN_PIECES = re.compile(
    r"(?<!\w)in (?P<pieces>tweeen|drieen|vieren|vijven|zessen|(?:zwei|drei|vier|funf|sechs) (?:stucke|teile)n?|halves|thirds"
    r"|quarters)(?!\w)"
)
_PIECES = {
    "twe": 2,
    "dri": 3,
    "vie": 4,
    "vij": 5,
    "zes": 6,
    "zwe": 2,
    "dre": 3,
    "fun": 5,
    "sec": 6,
    "hal": 2,
    "thi": 3,
    "qua": 4,
}
_HALVES = re.compile(
    r"(?<!\w)(?:half now|de helft nu|nu de helft|helft nu|die halfte jetzt|jetzt die halfte"
    r"|la moitie maintenant)(?!\w)"
)

_LINE = re.compile(
    r"(?<!\w)(?:order ?|invoice ?|factuur|order|rechnungs)?(?:lines?|rows?|items?|regels?|rijen|rij|zeilen?"
    r"|positionen|position|pos\.?"
    r"|lignes?)(?: (?:no|nr|nummer|number|numero))?[ .:#]{0,2}(?P<numbers>\d{1,3}(?:(?:, ?| ?(?:and|en|und|et|&"
    r"|\+|or|of|oder|ou) ?)\d{1,3})*)"
    r"(?![\w%]|[.,]\d)"
)
_NTH_LINE = re.compile(
    r"(?<!\w)(?:(?P<number>\d{1,2})(?:st|nd|rd|th|e|ste|de|eme|\.)|(?P<word>first|second|third|fourth|eerste"
    r"|tweede|derde|vierde|erste[nr]?"
    r"|zweite[nr]?|dritte[nr]?|vierte[nr]?|premiere|deuxieme|seconde|troisieme|quatrieme))"
    r" (?:line|row|item|regel|rij|zeile|position|ligne)(?!\w)"
)
_NTH = {
    word[:3]: number
    for number, words in enumerate(
        (
            "first eerste erste premiere",
            "second tweede zweite deuxieme",
            "third derde dritte troisieme",
            "fourth vierde quatrieme",
        ),
        1,
    )
    for word in words.split()
}

_DUTCH_POSTCODE = re.compile(r"\b[1-9]\d{3}\s?(?!SA|SD|SS)[A-Z]{2}\b", re.IGNORECASE)
# Two letters after four figures that are more often a word than the end of a Dutch postcode.
_NO_POSTCODE_AFTER = re.compile(
    r"(?:is|en|of|op|in|to|or|if|on|my|we|he|it|at|an|as|by|do|so|no|up|us|am|be|et|le|la|un|es|zu|im|st|kg|cm"
    r"|mm|km|de|te|me|ik)"
)
_POSTCODE_AFTER_WORD = re.compile(
    r"(?:post ?codes?|zip(?: ?code)?|plz|postleitzahl|code postal|cp)(?: (?:is|ist|est|van"
    r"|:))?[ :.]{0,3}(?P<code>[a-z]?\d[a-z\d]{2,5}(?: \d[a-z]{2}(?!\w))?)"
)
_FIVE_FIGURES = frozenset({"DE", "FR", "ES", "IT", "US", "FI", "SE"})
_FOUR_FIGURES = frozenset({"BE", "AT", "CH", "DK", "LU", "NO"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


_NONE = References()


@dataclass(frozen=True)
class Mentions:
    """What one message mentions; `points` is of "last", "first", "all", "both", "that", "it", "other" and "rest".

    `phones` are valid numbers as +31612345678; `ibans` are compact and only look like account numbers: their check
    figures may be wrong. `parts` is in how many instalments somebody wants to pay.
    """

    references: References = _NONE
    amounts: tuple[AmountSaid, ...] = ()
    days: tuple[DaySaid, ...] = ()
    quantities: tuple[QuantitySaid, ...] = ()
    parts: int | None = None
    line_numbers: tuple[int, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    points: frozenset[str] = frozenset()


def find_mentions(
    text: str, *, language: str, today: date, country: str = "NL", prefer: Literal["future", "past"] = "future"
) -> Mentions:
    """What the message mentions, read in its language by somebody in that country on that day; for any text at all."""
    text = text[:TEXT_MAX]
    small = folded(text)
    spans = figures(text)
    parts, parts_place = _parts(small)
    line_numbers, line_places = _line_numbers(small)
    others = (*parts_place, *line_places)
    days = days_found(text, language=language, today=today, country=country, prefer=prefer)
    amounts = amounts_found(text, language=language, taken=(*others, *(place for place, _ in days)))
    taken = (*others, *(place for place, _ in days), *(place for place, _ in amounts))
    return Mentions(
        references=find_references(text),
        amounts=tuple(said for _, said in amounts),
        days=tuple(said for _, said in days),
        quantities=tuple(said for _, said in quantities_found(text, taken=taken)),
        parts=parts,
        line_numbers=line_numbers,
        emails=_once(text[span.start : span.end].lower() for span in spans if span.what == "email"),
        phones=_phones(text, spans, country),
        postcodes=_postcodes(text, small, spans, country),
        ibans=_ibans(text, spans),
        points=points_of(small, language),
    )


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _parts(small: str) -> tuple[int | None, tuple[tuple[int, int], ...]]:
    """In how many parts to pay, and where that stands."""
    for found in _PARTS.finditer(small):
        unit = found[0].split()[-1]
        if found["count"] and unit in _PARTS_NEED_IN and not _PARTS_IN.search(small[: found.start()]):
            continue
        said = found["count"] or found["months"]
        count = int(said) if said.isdigit() else number_in_words(said)
        if count and 2 <= count <= _PARTS_MAX:
            return count, (found.span(),)
    pieces = _IN_PIECES.search(small)
    if pieces:
        return _PIECES[pieces["pieces"][:3]], (pieces.span(),)
    halves = _HALVES.search(small)
    return (2, (halves.span(),)) if halves else (None, ())


def _line_numbers(small: str) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    numbers: list[int] = []
    places: list[tuple[int, int]] = []
    for found in _LINE.finditer(small):
        numbers += [int(number) for number in re.findall(r"\d+", found["numbers"])]
        places.append(found.span())
    for found in _NTH_LINE.finditer(small):
        numbers.append(int(found["number"]) if found["number"] else _NTH[found["word"][:3]])
        places.append(found.span())
    return tuple(dict.fromkeys(number for number in numbers if 0 < number <= _LINE_MAX)), tuple(places)


def _phones(text: str, spans: tuple[Span, ...], country: str) -> tuple[str, ...]:
    """The telephone numbers that can exist, read as they are dialled in that country."""
    found: list[str] = []
    for span in spans:
        if span.what != "phone":
            continue
        try:
            number = phonenumbers.parse(text[span.start : span.end], country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            found.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return _once(found)


def _postcodes(text: str, small: str, spans: tuple[Span, ...], country: str) -> tuple[str, ...]:
    """Postcodes without their spaces, in capitals; bare figures only where the country's postcodes are such figures."""
    found = [text[span.start : span.end] for span in spans if span.what == "postcode"]
    for match in _DUTCH_POSTCODE.finditer(text):
        letters = match[0][-2:]
        if letters.isupper() or " " not in match[0] or not _NO_POSTCODE_AFTER.fullmatch(letters):
            found.append(match[0])
    found += [match["code"] for match in _POSTCODE_AFTER_WORD.finditer(small)]
    length = 5 if country in _FIVE_FIGURES else 4 if country in _FOUR_FIGURES else 0
    numbers = [span.reference for span in spans if span.reference]
    for place, number in enumerate(numbers):
        # "SO-1003 10115": what follows another number has its kind from there, not from words of its own.
        if length and (place or number.kind is None) and len(number.text) == length and number.text.isdigit():
            found.append(number.text)
    if length:
        found += [match[1] for match in re.finditer(rf"(?<![\w.,#/-])(\d{{{length}}})(?= [A-ZÀ-Ý][\w]{{2}})", text)]
    return _once(re.sub(r"\s", "", code).upper() for code in found)


def _ibans(text: str, spans: tuple[Span, ...]) -> tuple[str, ...]:
    compact = (re.sub(r"\s", "", text[span.start : span.end]).upper() for span in spans if span.what == "account")
    return _once(account for account in compact if _IBAN.fullmatch(account) and len(account) >= 15)
