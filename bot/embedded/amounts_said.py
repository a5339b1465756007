"""The amounts of money a message names, in figures or in words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from bot.embedded.entities import figures
from bot.embedded.folded import folded
from bot.embedded.number_words import WORDED, number_in_words

Place = tuple[int, int]

TEXT_MAX = 2000  # characters that are read
_COMMA_LANGUAGES = frozenset({"nl", "de", "fr"})
_CURRENCIES = {
    "EUR": "€ euros euro euri eur", "USD": "us$ $us $ dollars dollar usd", "GBP": "£ £gb pounds pound pond quid gbp sterling",
    "CHF": "franken francs chf", "JPY": "jp¥ ¥ yen jpy", "SEK": "sek", "DKK": "dkk", "NOK": "nok", "PLN": "zloty pln",
    "CZK": "czk", "CAD": "ca$ $ca cad", "AUD": "a$ au$ $au aud",
}  # fmt: skip
_CURRENCY_OF = {word: code for code, words in _CURRENCIES.items() for word in words.split()}
_LONGEST_FIRST = sorted(_CURRENCY_OF, key=len, reverse=True)
_CURRENCY = (
    "(?:"
    + "|".join(rf"(?<![a-z]){re.escape(word)}" for word in _LONGEST_FIRST if not word.isalpha())
    + "|(?<![a-z])(?:"
    + "|".join(word for word in _LONGEST_FIRST if word.isalpha())
    + ")(?![a-z]))"
)
_FIGURE = (
    r"(?:\d{1,3}(?:[.,']\d{3})+(?:[.,]\d{1,3})?|\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?|\d{1,12}(?:[.,]\d{1,4})?)(?!\d)"
)
_ROUND = r"(?:[.,]-{1,2}|,=)?"
_TIMES = r"(?:\s?(?P<times>k|mio|mln|million|millions|miljoen|millionen)(?![a-z]))?"
_WITH_CURRENCY = re.compile(
    rf"(?<![\w.,])(?P<sign>-\s?)?(?:(?P<before>{_CURRENCY})[ ]?(?P<minus>-[ ]?)?(?P<figure>{_FIGURE}){_ROUND}{_TIMES}"
    rf"|(?P<figure2>{_FIGURE}){_ROUND}{_TIMES.replace('times', 'times2')}[ ]?(?P<after>{_CURRENCY}))"
)
_WORDED = re.compile(rf"(?P<words>{WORDED}) ?(?P<currency>{_CURRENCY})")
_BARE = re.compile(rf"(?<![\w.,:/#+-]){_FIGURE}(?P<round>{_ROUND})(?![\w/:%+]|[.,-]\d|-\w)")
_HINTS = tuple(word for word in _CURRENCY_OF if not any(other != word and other in word for other in _CURRENCY_OF))

_PAYS_BEFORE = re.compile(
    r"(?<!\w)(?:pay|pays|paid|paying|transfer|transferred|transfered|wire|wired|sent|owe|owes|owed|spend|only"
    r"|total|amount|bedrag"
    r"|sum|betaal|betaalde|betaald|betalen|overgemaakt|overmaken|maak|voldaan|stort|gestort|aflossen|zahle"
    r"|zahlen|zahlte"
    r"|bezahle|bezahlt|bezahlen|uberweise|uberwiesen|uberweisen|betrag|schulde|paie|paye|payer|payons|paierai"
    r"|vire|virer|verse"
    r"|verser|regle|regler|montant|dois)"
    r"(?: (?:you|u|jullie|ihnen|euch|vous|already|alvast|al|schon|bereits|deja|about|ongeveer|etwa|environ|just"
    r"|only|maar|nur"
    r"|de|of|up to|tot|bis zu|alleen|seulement|over|ik|ich|je|wij|wir|nous|vandaag|heute|today|nu|now|jetzt"
    r"|maintenant|eerst|first|van))* $"
)
_PAID_AFTER = re.compile(
    r" (?:already |al |schon |bereits |deja )?(?:paid|betaald|overgemaakt|betalen|overmaken|voldoen|voldaan"
    r"|bezahlt|bezahlen"
    r"|zahlen|uberwiesen|uberweisen|payes?|verses?|regles?"
    r"|(?:per|a|each|every|pro|im|par|elke|iedere|jeden) (?:month|week|maand|monat|woche|mois|semaine)|(?:now"
    r"|nu|jetzt|maintenant)"
    r" (?:and|en|und|et))(?!\w)"
)
_NO_AMOUNT_AFTER = re.compile(
    r" ?(?:%|percent|procent|prozent|pour ?cent|uur|uhr|h(?!\w)|hrs?|am(?!\w)|pm(?!\w)|kg|kilos?|gr?(?!\w)|cm"
    r"|mm|m2?(?!\w)|km|l(?!\w)"
    r"|lit(?:er|re)s?|tons?(?!\w)|st(?:uks?|uck)?(?!\w)|pcs|pieces?|x(?!\w)|box|doz|kart|cart|pal+et|times|keer"
    r"|mal(?!\w)|fois"
    r"|days?|weeks?|dagen|weken|maand|tage|wochen|jours|semaines|mois|month|invoices|facturen|rechnungen"
    r"|factures|orders"
    r"|bestel|commandes|chairs|line|regel|zeile|ligne|termijn|instal|raten|parts)"
)
_NO_AMOUNT_BEFORE = re.compile(
    r"(?<!\w)(?:at|om|um|versie|version|v|line|regel|zeile|ligne|pos(?:ition)?|number|nummer|no|nr|item|art"
    r"|artikel|page|seite"
    r"|pagina|par|chapter|section|clause|artikel|article|am|bis|vom|zum|den|op)[ .:]*$"
)


@dataclass(frozen=True)
class AmountSaid:
    """An amount as it was written; without a currency where none stands beside it."""

    value: Decimal
    currency: str | None
    text: str


def amounts_said(text: str, *, language: str) -> tuple[AmountSaid, ...]:
    """The amounts of money in the text, in order; not quantities, percentages, numbers of documents, days or phones.

    "1.240" is 1240 in Dutch, German and French. In English it is 1240 beside a currency, which nobody writes in three
    decimals, and 1.24 without one; "1,240" likewise the other way round. A figure without a currency is an amount when
    it has decimals, or where it is said to be paid.
    """
    return tuple(said for _, said in amounts_found(text, language=language))


def amounts_found(text: str, *, language: str, taken: tuple[Place, ...] = ()) -> tuple[tuple[Place, AmountSaid], ...]:
    """The amounts with where they stand; `taken` are places that mean something else, such as days."""
    text = text[:TEXT_MAX]
    small = folded(text)
    has_currency = any(hint in small for hint in _HINTS)
    if not has_currency and not any(letter.isdigit() for letter in small):
        return ()
    closed = [*taken, *((span.start, span.end) for span in figures(text) if span.what != "amount")]
    found: list[tuple[Place, AmountSaid]] = []
    if has_currency:
        for match in _WITH_CURRENCY.finditer(small):
            _take(found, closed, match.span(), _with_currency(match, language), text)
        for match in _WORDED.finditer(small):
            number = number_in_words(match["words"])
            said = (Decimal(number), _CURRENCY_OF[match["currency"]]) if number else None
            _take(found, closed, match.span(), said, text)
    for match in _BARE.finditer(small):
        _take(found, closed, match.span(), _bare(match, small, language), text)
    return tuple(sorted(found, key=lambda one: one[0]))


def _take(
    found: list[tuple[Place, AmountSaid]],
    closed: list[Place],
    place: Place,
    said: tuple[Decimal, str | None] | None,
    text: str,
) -> None:
    if said is not None and not any(place[0] < end and start < place[1] for start, end in closed):
        closed.append(place)
        found.append((place, AmountSaid(*said, text[slice(*place)].strip())))


def _with_currency(match: re.Match[str], language: str) -> tuple[Decimal, str | None] | None:
    value = _value(match["figure"] or match["figure2"], language, has_currency=True)
    times = match["times"] or match["times2"]
    if times:
        value *= 1_000 if times == "k" else 1_000_000
    if match["sign"] or match["minus"]:
        value = -value
    return value, _CURRENCY_OF[match["before"] or match["after"]]


def _bare(match: re.Match[str], small: str, language: str) -> tuple[Decimal, None] | None:
    figure, before, after = match[0], small[max(0, match.start() - 40) : match.start()], small[match.end() :]
    if _NO_AMOUNT_AFTER.match(after) or _NO_AMOUNT_BEFORE.search(before):
        return None
    whole = re.split("[.,]", figure)[0].replace(" ", "")
    is_paid = _PAYS_BEFORE.search(before) is not None or _PAID_AFTER.match(after) is not None
    has_cents = re.search(r"[.,](?:\d\d|-{1,2}|=)$", figure) is not None
    has_groups = re.fullmatch(r"\d{1,3}(?:[.,']\d{3})+(?:[.,]\d{1,2})?", figure) is not None
    has_decimal = re.search(r"[.,]\d$", figure) is not None and (len(whole) >= 3 or is_paid)
    is_whole = whole == figure.replace(" ", "") and is_paid and len(whole) <= 6 and not 1990 <= int(whole) < 2100
    if not (has_cents or has_groups or has_decimal or is_whole) or (" " in figure and not (has_cents or is_paid)):
        return None
    return _value(figure, language, has_currency=False), None


def _value(figure: str, language: str, *, has_currency: bool) -> Decimal:
    bare = re.sub(r"[ ']|[.,]-{1,2}$|,=$", "", figure)
    marks = re.findall("[.,]", bare)
    if not marks:
        return Decimal(bare)
    tail = len(bare) - max(bare.rfind("."), bare.rfind(",")) - 1
    if len(set(marks)) == 2:  # the last mark is the decimal one
        return Decimal(re.sub("[.,]", "", bare[: -tail - 1]) + "." + bare[len(bare) - tail :])
    if len(marks) > 1:
        return Decimal(re.sub("[.,]", "", bare))
    # One mark and three figures: a thousand, unless it is this language's decimal mark and no currency stands beside it.
    decimal_mark = "," if language in _COMMA_LANGUAGES else "."
    starts_with_zero = bare.startswith("0")
    if tail == 3 and not starts_with_zero and (has_currency or marks[0] != decimal_mark):
        return Decimal(re.sub("[.,]", "", bare))
    return Decimal(bare.replace(",", "."))
