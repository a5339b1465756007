"""Numbers as spreadsheets and ERPs write them, read exactly or refused by name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from o2c_core.imports.cells import CellRefused
from o2c_core.imports.report import ImportReport

_POINTED = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,15})?")
_CORE = re.compile(r"[0-9](?:[0-9.,'’\u00a0\u202f ]*[0-9])?|[.,][0-9]+")
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:([.,'’\u00a0\u202f ])[0-9]{3})(?:\1[0-9]{3})*|[0-9]+")
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}

# Above this no price, quantity or amount is believed: it is 10^13, far beyond the 10^9 of a large invoice.
LIMIT = Decimal(10) ** 13


class Numbers:
    """Reads numbers in one file, whose decimal mark is known, or unknown (None) until a number shows it."""

    def __init__(self, decimal: str | None, report: ImportReport) -> None:
        self.decimal = decimal
        self._report = report

    def learn(self, samples: Iterable[object]) -> None:
        """Takes over the decimal mark that the samples show, when they all show the same one."""
        if self.decimal is None:
            shown = {mark for raw in samples if isinstance(raw, str) and (mark := _mark_shown(raw.strip())) is not None}
            if len(shown) == 1:
                self.decimal = shown.pop()
                if self.decimal == ",":
                    self._report.remarks.append("numbers are read with a decimal comma, as the file writes them")

    def read(self, raw: object, currency: str | None = None) -> Decimal:
        """The number; `currency` is the one whose code or symbol may stand beside it.

        Raises: CellRefused: not a number, scientific notation, another file's decimal mark, ambiguous, or too large.
        """
        if type(raw) is str:
            if (self.decimal == "." and _POINTED.fullmatch(raw)) or (
                raw.isdecimal() and raw.isascii() and len(raw) < 13
            ):
                return Decimal(raw)
            value = self._written(raw, currency)
        elif isinstance(raw, bool):
            raise CellRefused(f"'{raw}' is not a number")
        elif isinstance(raw, (int, Decimal)):
            value = Decimal(raw)
        elif isinstance(raw, float):
            # Excel computes in binary: 0.1 + 0.2 arrives as 0.30000000000000004.
            value = Decimal(repr(raw))
            if value.is_finite():
                value = value if abs(value) >= LIMIT else value.quantize(Decimal("1e-9")).normalize()
        else:
            raise CellRefused(f"'{raw}' is not a number")
        if not value.is_finite():
            raise CellRefused(f"'{raw}' is not a number")
        if abs(value) >= LIMIT:
            raise CellRefused(f"'{raw}' is too large to be believed")
        return value

    def _written(self, raw: str, currency: str | None) -> Decimal:
        text = raw.strip()
        sign = 1
        if text.startswith("(") and text.endswith(")"):
            text, sign = text[1:-1].strip(), -1
        if currency is not None:
            for mark in (currency, _SYMBOLS.get(currency, currency)):
                text = text.removeprefix(mark).removesuffix(mark).strip()
        if text.endswith("-"):
            text, sign = text[:-1].strip(), -sign
        elif text.startswith(("-", "−")):
            text, sign = text[1:].strip(), -sign
        elif text.startswith("+"):
            text = text[1:]
        if _SCIENTIFIC.fullmatch(text):
            raise CellRefused(f"'{raw}' is in scientific notation, so its last digits may be lost")
        if not _CORE.fullmatch(text):
            raise CellRefused(f"'{raw}' is not a number")
        mark = self.decimal or self._own_mark(raw, text)
        whole, _, fraction = text.rpartition(mark) if mark in text else (text, "", "")
        if (fraction and not fraction.isdecimal()) or not _GROUPED.fullmatch(whole or "0") or mark in whole:
            if self.decimal is not None and _mark_shown(text) not in (None, self.decimal):
                here, there = ("point", "comma") if self.decimal == "." else ("comma", "point")
                raise CellRefused(f"'{raw}' has a decimal {there} in a file with decimal {here}s")
            raise CellRefused(f"'{raw}' is not a number")
        digits = "".join(letter for letter in whole if letter.isdigit())
        return sign * Decimal(f"{digits or '0'}.{fraction or '0'}")

    def _own_mark(self, raw: str, text: str) -> str:
        """The decimal mark this one number shows by itself."""
        mark = _mark_shown(text)
        if mark is not None:
            return mark
        if ("." in text) != ("," in text):
            raise CellRefused(
                f'\'{raw}\' is ambiguous: thousands or decimals; say decimal = "." or decimal = "," in the profile'
            )
        return "."


def _mark_shown(text: str) -> str | None:
    """The decimal mark a number can only have: "1.234,50" and "12,5" show a comma; "1.234" and "12" show nothing."""
    point, comma = text.count("."), text.count(",")
    if not point and not comma:
        return None
    if point and comma:
        last = "." if text.rfind(".") > text.rfind(",") else ","
        return last if text.count(last) == 1 else None
    mark, other = (".", ",") if point else (",", ".")
    if point + comma > 1:
        return other
    before, _, after = text.rpartition(mark)
    digits = "".join(letter for letter in before if letter.isdigit())
    if sum(letter.isdigit() for letter in after) == 3 and 1 <= len(digits) <= 3 and digits != "0":
        return None
    return mark
