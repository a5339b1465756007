"""The reference a payer gives, so that money finds its invoice without anybody reading it."""

from __future__ import annotations

import re

from stdnum import iso11649
from stdnum.iso7064 import mod_97_10

BODY_CHARACTERS_MAX = 21
_OTHER = re.compile(r"[^0-9A-Za-z]+")
_SHAPE = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}")


def creditor_reference(number: str) -> str | None:
    """The structured reference for a document of that number: "INV2026001" is RF10INV2026001.

    None when the number has no letters or digits, or more than fit: then the number itself is the reference.
    Source: ISO 11649; its check digits are those of ISO/IEC 7064 MOD 97-10.
    """
    body = _letters_and_digits(number)
    if not body or len(body) > BODY_CHARACTERS_MAX:
        return None
    return f"RF{mod_97_10.calc_check_digits(body + 'RF')}{body}"


def is_creditor_reference(text: str) -> bool:
    """Whether it is a structured reference whose check digits are right, however it is spaced or cased."""
    bare = "".join(text.split()).upper()
    return _SHAPE.fullmatch(bare) is not None and iso11649.is_valid(bare)


def plain_reference(text: str) -> str:
    """The letters and digits that all writings of one reference have in common: those of a document's number.

    "RF10 INV2 0260 01", "inv-2026-001" and "INV 2026 001" are all INV2026001.
    """
    bare = _letters_and_digits(text)
    return bare[4:] if is_creditor_reference(text) else bare


def grouped(reference: str) -> str:
    """A structured reference or an IBAN in groups of four, as it is printed. Source: ISO 11649; ISO 13616-1."""
    bare = "".join(reference.split()).upper()
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


def _letters_and_digits(text: str) -> str:
    return _OTHER.sub("", text).upper()
