"""Cells of text: names, numbers of documents and countries as other systems write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from o2c_core.cards import mask_cards, may_have_card
from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused
from o2c_core.imports.report import ImportReport

TEXT_LETTERS_MAX = 1_000
KEY_LETTERS_MAX = 100
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
# Direction marks are among them: they can make a number or a name read differently from what it is.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_WHOLE = re.compile(r"[0-9]{1,15}\.0+")
_SCIENTIFIC = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+[0-9]+")


class CellRefused(Refused):
    """A cell holds something that cannot be read."""


def tidy(raw: object, report: ImportReport) -> str | None:
    """The text without spaces around it, control characters and card numbers; None when nothing is left.

    Raises: CellRefused when a byte could not be read or the text is too long.
    """
    if raw is None:
        return None
    text = raw if type(raw) is str else _as_text(raw)
    if not text.isprintable():
        text = _cleaned(text, report)
    text = text.strip()
    if len(text) > TEXT_LETTERS_MAX:
        raise CellRefused(f"'{text[:20]}…' is longer than {TEXT_LETTERS_MAX} letters")
    if "\ufffd" in text:
        raise CellRefused(f"'{text[:40]}' has a letter that was lost in an earlier conversion")
    return (_without_cards(text, report) if may_have_card(text) else text) or None


def _without_cards(text: str, report: ImportReport) -> str:
    masked = mask_cards(text)
    if masked != text:
        report.say("a payment card number was hidden; only its last four digits are kept", masked)
    return masked


def _as_text(raw: object) -> str:
    if isinstance(raw, (dict, list)):
        raise CellRefused("holds several values where one is expected")
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw)


def _cleaned(text: str, report: ImportReport) -> str:
    spaced = _SPACES.sub(" ", text)
    cleaned = _UNSEEN.sub("", spaced)
    if cleaned != spaced:
        report.say("control characters were taken out of a text", cleaned)
    return cleaned


def key(raw: object, report: ImportReport) -> str | None:
    """A number by which people know something (of a customer, an invoice, an order); None when the cell is empty.

    Excel writes 17733 as 17733.0 once it has taken it for an amount; that is put right and said.
    Raises: CellRefused for control characters, scientific notation, more digits than Excel keeps, or too many letters.
    """
    if raw is None:
        return None
    if isinstance(raw, float) and (not raw.is_integer() or abs(raw) >= 1e15):
        raise CellRefused(f"'{raw}' is not a number as people know it: Excel keeps fifteen digits and no more")
    text = raw.strip() if type(raw) is str else _as_text(raw)
    if not text:
        return None
    if not text.isprintable():
        text = _SPACES.sub(" ", text).strip()
        if _UNSEEN.search(text):
            raise CellRefused(f"'{_UNSEEN.sub('?', text)[:40]}' has a control character in it")
    if "." in text and _WHOLE.fullmatch(text):
        whole = text.partition(".")[0]
        report.say("a number that Excel had made a decimal was read as a whole number", f"{text}' as '{whole}")
        return whole
    if _SCIENTIFIC.fullmatch(text):
        raise CellRefused(f"'{text}' is in scientific notation, so its last digits are lost")
    if len(text) > KEY_LETTERS_MAX:
        raise CellRefused(f"'{text[:20]}…' is longer than {KEY_LETTERS_MAX} letters")
    if "\ufffd" in text:
        raise CellRefused(f"'{text}' has a letter that was lost in an earlier conversion")
    return text


@lru_cache
def _territories() -> Mapping[str, str]:
    """What a country is called in our languages, in small letters, and its code."""
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(str(code)) == 2 and str(code).isalpha():
                names.setdefault(str(name).casefold(), str(code))
    for alias, codes in get_global("territory_aliases").items():
        if len(alias) == 3 and alias.isalpha() and len(codes) == 1:
            names.setdefault(alias.casefold(), codes[0])
    codes_now = {str(code) for code in Locale("en").territories} - {"ZZ", "EU", "EZ", "UN", "XA", "XB"}
    short = {code.casefold(): code for code in codes_now if len(code) == 2 and code.isalpha()}
    return names | short | {"uk": "GB"}


def country(name: str, own: Mapping[str, str]) -> str | None:
    """The ISO 3166 code of a country named in English, Dutch, German or French, or by code; `own` names come first.

    None when an own name says that it is no country at all.
    Raises: CellRefused.
    """
    said = name.casefold()
    if said in own:
        return own[said] or None
    code = _territories().get(said)
    if code is None:
        raise CellRefused(f"'{name}' is not a country known here; the profile's [countries] can say which one it is")
    return code


_LANGUAGE_WORDS = {
    "en": ("en", "eng", "english", "engels", "englisch", "anglais"),
    "nl": ("nl", "nld", "dut", "dutch", "nederlands", "niederländisch", "néerlandais"),
    "de": ("de", "deu", "ger", "german", "duits", "deutsch", "allemand"),
    "fr": ("fr", "fra", "fre", "french", "frans", "französisch", "français"),
}


def language(name: str) -> str | None:
    """One of our languages by its code ("nl", "nl-BE") or name; None for a language Parley does not speak."""
    said = name.casefold()
    for code, words in _LANGUAGE_WORDS.items():
        if said in words or re.split(r"[-_]", said)[0] == code:
            return code
    return None
