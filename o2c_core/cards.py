"""Card numbers are hidden before anything is kept."""

from __future__ import annotations

import re

from stdnum import luhn

# Digits in one run or in groups, as people type them. A run that begins with letters, as an IBAN does, is no card.
_DIGITS = re.compile(r"(?<![\w.,-])(?:\d[ \-.·\u00a0]?){12,18}\d(?![\w])")
# The ranges that card schemes issue from, with the lengths they use. Source: ISO/IEC 7812-1; the schemes' own tables.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d{14})|(?:2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12})|3[47]\d{13}"
    r"|3(?:0[0-5]|[68]\d)\d{11,16}|35\d{14,17}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}|(?:50|5[6-9]|6[0-9])\d{10,17}"
)


def mask_cards(text: str) -> str:
    """The text with every payment card number in it replaced by dots and its last four digits.

    A card number has 13 to 19 digits (spaces, dashes and points between them do not matter), a range that a scheme
    issues from and a right check digit. Source: PCI DSS 4.0 requirement 3.4; ISO/IEC 7812-1 annex B (Luhn).
    """
    return _DIGITS.sub(_masked, text)


def has_card(text: str) -> bool:
    """Whether the text has a payment card number in it."""
    return any(_is_card(found[0]) for found in _DIGITS.finditer(text))


def _masked(found: re.Match[str]) -> str:
    return f"•••• {_bare(found[0])[-4:]}" if _is_card(found[0]) else found[0]


def _is_card(written: str) -> bool:
    digits = _bare(written)
    return bool(_ISSUED.fullmatch(digits)) and luhn.is_valid(digits)


def _bare(written: str) -> str:
    return re.sub(r"\D", "", written)
