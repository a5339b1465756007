"""Every figure has a receipt and every commitment is ours to make, or the draft does not leave."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from babel import Locale

from bot.facts import PLACE, FactBook
from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused


class DraftRefused(Refused):
    """The draft says something that was not read from the ledger."""


# Words per language, because the same letters mean other things next door: "onze" is eleven and "our", "hier" is
# yesterday and "here".
_WORDS = {
    "en": "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty "
    "ninety hundred thousand million dozen half tomorrow yesterday tonight",
    "nl": "twee drie vier vijf zes zeven acht negen tien elf twaalf vijftien twintig dertig veertig vijftig zestig zeventig "
    "tachtig negentig honderd duizend miljoen dozijn helft overmorgen gisteren vanavond",
    "de": "zwei drei fünf sechs sieben acht neun zehn elf zwölf fünfzehn zwanzig dreißig vierzig fünfzig sechzig siebzig "
    "achtzig neunzig hundert tausend million hälfte übermorgen gestern",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze quinze vingt trente quarante cinquante soixante cent "
    "mille moitié demain hier après-demain",
}
# The bot may not promise, concede, threaten or give legal views: that is for recorded proposals and people.
_COMMITMENTS = (
    r"\b(?:we|i|wij|ik|wir|ich|nous|je)\b[^.!?]{0,40}\b(?:refund|waive|discount|credit you|compensate|guarantee|promise|"
    r"terugbetal\w*|kwijtschelden|korting|vergoed\w*|garander\w*|belo(?:of|ven)\w*|erstatt\w*|erlass\w*|rabatt|garantier\w*|"
    r"verspr\w*|rembours\w*|remise|garantis\w*|promet\w*)\b",
    r"\b(?:our fault|we are liable|we're liable|onze schuld|aansprakelijk|unsere schuld|haftbar|notre faute|responsables?)\b",
    r"\b(?:court|lawsuit|bailiff|rechtbank|deurwaarder|dagvaard\w*|gericht\w*|inkasso|tribunal|huissier)\b",
)


_CURRENCIES = "EUR|GBP|USD|CHF|euros?|pounds?|dollars?|percent|procent|prozent|pour cent"


@lru_cache
def _forbidden(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    names: set[str] = set()
    for one in LANGUAGES:
        locale = Locale(one)
        for width in ("wide", "abbreviated"):
            # "May" and "mars" are words of their own, and two-letter abbreviations are everywhere; their figures are
            # caught as digits.
            names.update(name.rstrip(".") for name in locale.months["format"][width].values())
            names.update(name.rstrip(".") for name in locale.days["format"][width].values())
    day_names = sorted(name for name in names if len(name) > 3 and name.lower() not in ("mars", "march"))
    return (
        ("a figure", re.compile(r"[0-9\u00b2\u00b3\u00b9\u0660-\u0669\u06f0-\u06f9\u2070-\u2089\uff10-\uff19½¼¾]")),
        (
            "a currency",
            re.compile(
                r"[€£$¥%‰]|\b(?:EUR|GBP|USD|CHF|euros?|pounds?|dollars?|percent|procent|prozent|pour cent)\b", re.I
            ),
        ),
        ("a day", re.compile(rf"\b(?:{'|'.join(map(re.escape, day_names))})\b", re.I)),
        ("a number or day in words", re.compile(rf"\b(?:{'|'.join(_WORDS[language].split())})\b", re.I)),
        (
            "an address",
            re.compile(r"https?:|www\.|\b[\w.+-]+@[\w-]+\.\w+|\b\w+\.(?:com|net|org|nl|de|fr|uk|io|eu)\b", re.I),
        ),
        ("a commitment", re.compile("|".join(_COMMITMENTS), re.I)),
        ("a place without a fact", re.compile(r"[{}]")),
    )


def check(draft: str, book: FactBook, language: str, approved: Collection[str] = ()) -> None:
    """Passes a draft that refers to facts by id only.

    `approved` are the sentences (with their places) that the wording files and tools supplied in this turn; they were
    approved by people as they are, so they are taken out before the rest is looked at.

    Raises: DraftRefused, naming what was found.
    """
    for place in PLACE.findall(draft):
        if place not in book.facts:
            raise DraftRefused(found=f"the fact {place}, which was never read")
    rest = draft
    for sentence in sorted(approved, key=len, reverse=True):
        rest = rest.replace(sentence, " ")
    rest = PLACE.sub(" ", rest)
    for what, pattern in _forbidden(language if language in LANGUAGES else "en"):
        found = pattern.search(rest)
        if found:
            raise DraftRefused(found=f"{what} without a receipt: {found[0]!r}")
