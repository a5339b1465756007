"""Reading the fields of a UBL document one by one, keeping count of what is not what its place asks for."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from lxml import etree

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
_SPACES = {
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
}
# The same file must not be able to fill a report: what is wrong beyond this is only more of it.
UNREADABLE_LISTED_MAX = 50
# Numbers and references are looked up by index and shown to people; no real one is anywhere near as long.
NAME_CHARACTERS_MAX = 200
_TEXT_CHARACTERS_MAX = 10_000
# Whole digits before the decimal mark that the ledger's columns hold with room to spare.
_WHOLE_DIGITS_MAX = {"amount": 13, "quantity": 10, "rate": 3}
_DECIMAL = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[-+]\d{2}:\d{2})?", re.ASCII)


class Fields:
    """The fields of one document. Asking for a field that is given twice notes so: nobody knows which of them counts."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.unreadable: list[str] = []
        self.foreign: list[str] = []
        self.currency = ""

    def all(self, parent: etree._Element | None, path: str) -> list[etree._Element]:
        return [] if parent is None else parent.findall(path, _SPACES)

    def first(self, parent: etree._Element | None, path: str) -> etree._Element | None:
        """The one element there, or None."""
        found = self.all(parent, path)
        if len(found) > 1:
            self.note(f"{_place(found[0])} is given {len(found)} times where it may be given once")
        return found[0] if found else None

    def text(self, parent: etree._Element | None, path: str, *, most: int = _TEXT_CHARACTERS_MAX) -> str:
        """The words there with single spaces; empty when there are none."""
        return self.words(self.first(parent, path), most)

    def name(self, parent: etree._Element | None, path: str) -> str:
        """A number, code or name: words that are looked up or shown on their own."""
        return self.text(parent, path, most=NAME_CHARACTERS_MAX)

    def words(self, element: etree._Element | None, most: int = _TEXT_CHARACTERS_MAX) -> str:
        if element is None:
            return ""
        if len(element):
            self.note(f"{_place(element)} has elements inside it where words belong")
            return ""
        words = " ".join((element.text or "").split())
        if len(words) > most:
            self.note(f"{_place(element)} is {len(words):,} characters long")
            return ""
        return words

    def amount(self, parent: etree._Element | None, path: str) -> Decimal | None:
        """An amount, which must say its currency; one in another currency than the document's is noted as foreign."""
        element = self.first(parent, path)
        value = self._number(element, "amount")
        if element is not None and value is not None:
            currency = element.get("currencyID", "").strip()
            if currency != self.currency:
                self.foreign.append(f"{_place(element)} is in {currency or 'no currency'}")
        return value

    def quantity(self, parent: etree._Element | None, path: str) -> Decimal | None:
        return self._number(self.first(parent, path), "quantity")

    def rate(self, parent: etree._Element | None, path: str) -> Decimal | None:
        return self._number(self.first(parent, path), "rate")

    def day(self, parent: etree._Element | None, path: str) -> date | None:
        element = self.first(parent, path)
        words = self.words(element)
        if element is None or not words:
            return None
        shape = _DAY.fullmatch(words)
        try:
            day = date.fromisoformat(shape[1]) if shape else None
        except ValueError:
            day = None
        if day is None or not 1990 <= day.year <= 2099:
            self.note(f"{_place(element)} is '{words[:40]}', which is not a day written as 2026-03-31")
            return None
        return day

    def note(self, what: str) -> None:
        if len(self.unreadable) < UNREADABLE_LISTED_MAX and what not in self.unreadable:
            self.unreadable.append(what)

    def _number(self, element: etree._Element | None, kind: str) -> Decimal | None:
        words = self.words(element)
        if element is None or not words:
            return None
        if not _DECIMAL.fullmatch(words):
            self.note(f"{_place(element)} is '{words[:40]}', which is not a decimal number")
            return None
        value = Decimal(words)
        if value.adjusted() >= _WHOLE_DIGITS_MAX[kind] or len(words) > 40:
            self.note(f"{_place(element)} is '{words[:40]}', which is more than any {kind} here")
            return None
        return value


def _place(element: etree._Element) -> str:
    """Where it stands, as people write it: LegalMonetaryTotal/PayableAmount; without the outermost element."""
    own, above = etree.QName(element).localname, element.getparent()
    return own if above is None or above.getparent() is None else f"{etree.QName(above).localname}/{own}"


def empty_elements(root: etree._Element) -> tuple[str, ...]:
    """The names of elements that hold neither words nor elements."""
    found = (
        etree.QName(element).localname
        for element in root.iter("*")
        if not len(element) and not (element.text or "").strip()
    )
    return tuple(dict.fromkeys(found))
