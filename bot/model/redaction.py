"""Personal data a provider's model has no need of, behind placeholders that only this process can read back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import phonenumbers
from stdnum import iban
from stdnum.eu import vat

from o2c_core.cards import mask_cards

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ .-]?[A-Za-z0-9]){10,30}(?![A-Za-z0-9])")
_IBAN_COUNTRIES = frozenset(
    "AD AE AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM TR".split()  # noqa: SIM905
)
_CARD = re.compile(r"•••• \d{4}|••••")
_VAT = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{2}[ .-]?[0-9A-Z](?:[ .]?[0-9A-Z]){6,11})(?![A-Za-z0-9])")
_STREETS = r"straat|laan|weg|plein|kade|gracht|singel|dijk|steeg|hof|dreef|pad|straße|strasse|str\.|gasse|allee|platz|ring|ufer"
_RUES = "rue|avenue|boulevard|chemin|impasse|quai|route|allée|place"
_ROADS = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Way|Court|Square|Terrace|Crescent"
_ADDRESSES = (
    re.compile(
        rf"\b[A-ZÄÖÜ][\w'äöüßéè-]*(?:[ -][A-ZÄÖÜ][\w'äöüßéè-]*){{0,3}}?(?: ?(?:{_STREETS}))\b\.? \d{{1,4}} ?[a-zA-Z]?\b",
        re.I,
    ),
    re.compile(rf"\b(?:{_RUES})\s+[^,.;\n\d]{{2,40}}\s\d{{1,4}}\b", re.I),
    re.compile(rf"\b\d{{1,4}}(?: ?(?:bis|ter))?,? (?:{_RUES}) [^,.;\n\d]{{2,40}}", re.I),
    re.compile(rf"\b\d{{1,4}}[a-z]? (?:[A-Z][\w']+ ){{1,3}}(?:{_ROADS})\b"),
    re.compile(r"\b[1-9]\d{3} ?[A-Z]{2}\b(?:,? [A-Z][\w'-]+)?"),  # Dutch postcodes
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),  # British ones
    re.compile(r"(?<=, )(?:[A-Z]-)?\d{4,5} [A-ZÄÖÜ][\wäöüßéèê-]+"),
)
_PLACEHOLDER = re.compile(r"\[(email|phone|iban|card|tax number|name|address) (\d{1,3})\]", re.I)
_NAME_LETTERS_MIN = 4


class Redactor:
    """One turn's placeholders: "[email 1]" for an address, the same one wherever it stands again."""

    def __init__(self, names: Iterable[str] = (), country: str = "NL") -> None:
        self._real: dict[str, str] = {}
        self._hidden: dict[str, str] = {}
        self._country = country
        self._names = _names_pattern(names)

    def hide(self, text: str) -> str:
        """What anybody wrote or was told, without addresses, numbers and names of people. Numbers of documents stay."""
        text = _EMAIL.sub(lambda found: self._put("email", found[0]), text)
        text = _VAT.sub(lambda found: self._put("tax number", found[0]) if _is_vat(found[0]) else found[0], text)
        text = _IBAN.sub(self._iban, text)
        text = _CARD.sub(lambda found: self._put("card", found[0]), mask_cards(text))
        text = self._phones(text)
        if self._names is not None:
            text = self._names.sub(lambda found: self._put("name", found[0]), text)
        return text

    def hide_in_words(self, text: str) -> str:
        """The same, and postal addresses, which only free words hold."""
        text = self.hide(text)
        for address in _ADDRESSES:
            text = address.sub(lambda found: self._put("address", found[0]), text)
        return text

    def show(self, value: Any) -> Any:
        """What a model wrote, with the real words in the places of their placeholders: for tools, never for a reader."""
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda found: self._real.get(found[0].lower(), found[0]), value)
        if isinstance(value, dict):
            return {name: self.show(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.show(one) for one in value]
        return value

    def _put(self, kind: str, real: str) -> str:
        known = self._hidden.get(real)
        if known is not None:
            return known
        number = sum(1 for placeholder in self._real if placeholder.startswith(f"[{kind} ")) + 1
        placeholder = f"[{kind} {number}]"
        self._real[placeholder], self._hidden[real] = real, placeholder
        return placeholder

    def _iban(self, found: re.Match[str]) -> str:
        """As much of it as makes an account number; one with a slip of the pen is one too."""
        text = found[0]
        for end in range(len(text), 14, -1):
            if text[end - 1] != " " and iban.is_valid(text[:end]):
                return self._put("iban", text[:end]) + text[end:]
        digits = sum(sign.isdigit() for sign in text)
        return self._put("iban", text) if text[:2].upper() in _IBAN_COUNTRIES and digits >= 10 else text

    def _phones(self, text: str) -> str:
        if sum(sign.isdigit() for sign in text) < 7:
            return text
        found = list(phonenumbers.PhoneNumberMatcher(text, self._country.upper()))
        for match in reversed(found):
            text = text[: match.start] + self._put("phone", match.raw_string) + text[match.end :]
        return text


def _is_vat(text: str) -> bool:
    return any(sign.isdigit() for sign in text) and bool(vat.is_valid(text))


def _names_pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Whole names in any case, and their longer parts where they are written with a capital."""
    whole = sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True)
    if not whole:
        return None
    words = {word for name in whole for word in re.findall(r"[^\W\d_]+", name)}
    parts = sorted(
        (word for word in words if len(word) >= _NAME_LETTERS_MIN and word[0].isupper()), key=len, reverse=True
    )
    written = [f"(?i:{re.escape(name)})" for name in whole] + [re.escape(part) for part in parts]
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)")
