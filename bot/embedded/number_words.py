"""Numbers in words of four languages, up to a million: "vijfhonderdvijftig", "fünfhundert", "mille deux cents"."""

from __future__ import annotations

import re

_HUNDRED, _THOUSAND, _MILLION = 100, 1_000, 1_000_000

_WORDS = {
    0: "and en und et",
    1: "one een ein eine eins un une a",
    2: "two twee zwei zwo deux",
    3: "three drie drei trois",
    4: "four vier quatre",
    5: "five vijf funf fuenf cinq",
    6: "six zes sechs",
    7: "seven zeven sieben sept",
    8: "eight acht huit",
    9: "nine negen neun neuf",
    10: "ten tien zehn dix",
    11: "eleven elf onze",
    12: "twelve twaalf zwolf zwoelf douze",
    13: "thirteen dertien dreizehn treize",
    14: "fourteen veertien vierzehn quatorze",
    15: "fifteen vijftien funfzehn fuenfzehn quinze",
    16: "sixteen zestien sechzehn seize",
    17: "seventeen zeventien siebzehn",
    18: "eighteen achttien achtzehn",
    19: "nineteen negentien neunzehn",
    20: "twenty twintig zwanzig vingt",
    30: "thirty dertig dreißig dreissig trente",
    40: "forty fourty veertig vierzig quarante",
    50: "fifty vijftig funfzig fuenfzig cinquante",
    60: "sixty zestig sechzig soixante",
    70: "seventy zeventig siebzig septante",
    80: "eighty tachtig achtzig quatre-vingts quatre-vingt",
    90: "ninety negentig neunzig nonante",
    _HUNDRED: "hundred honderd hundert cents cent",
    _THOUSAND: "thousand duizend tausend mille",
    _MILLION: "million millions miljoen millionen",
}
_VALUES = {word.replace("-", ""): value for value, words in _WORDS.items() for word in words.split()}
_LONGEST_FIRST = sorted((word for words in _WORDS.values() for word in words.split()), key=len, reverse=True)
_WORD = re.compile("|".join(word.replace("-", "[- ]?") for word in _LONGEST_FIRST))

# A run of number words, written together, with spaces or with hyphens; never tried again in another way, so it is quick.
WORDED = rf"(?<!\w)(?:(?:{_WORD.pattern})[ -]?){{1,20}}+"


def number_in_words(words: str) -> int | None:
    """The number the folded words say; None where they say none, such as "and" or "a"."""
    if words.strip() in ("a", "and", "en", "und", "et", "onze"):
        return None  # "onze" is eleven in French and "our" in Dutch
    whole = part = 0
    for found in _WORD.finditer(words):
        value = _VALUES[re.sub("[- ]", "", found[0])]
        if value == _HUNDRED:
            part = max(part, 1) * value
        elif value >= _THOUSAND:
            whole, part = whole + max(part, 1) * value, 0
        else:
            part += value
    return whole + part or None
