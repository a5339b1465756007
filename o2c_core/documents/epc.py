"""The QR code a banking app fills a SEPA credit transfer in from."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache

import segno
from stdnum import bic as bics
from stdnum import iban as ibans

from o2c_core.errors import Refused
from o2c_core.invoices.reference import is_creditor_reference
from o2c_core.money import Money

HOLDER_CHARACTERS_MAX = 70
TEXT_CHARACTERS_MAX = 140
PAYLOAD_BYTES_MAX = 331
VERSION_MAX = 13
AMOUNT_MINOR_MAX = 99_999_999_999
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")


class NotPayableByCode(Refused):
    """These payment details cannot be put in a QR code for a euro transfer."""


@dataclass(frozen=True)
class Transfer:
    """A transfer to ask for. `holder` is the account holder's name: banks compare it before they pay.

    Source: Regulation (EU) 2024/886 (Verification of Payee, since 9 October 2025).
    """

    holder: str
    iban: str
    amount: Money
    reference: str | None = None
    text: str | None = None
    bic: str | None = None


def epc_payload(transfer: Transfer) -> bytes:
    """The lines of the code, in UTF-8.

    Raises: NotPayableByCode, naming what stands in the way.
    Source: EPC069-12 version 2.1: BCD, 002, charset 1, SCT, then BIC, name, IBAN, amount, purpose, reference, text.
    """
    amount = transfer.amount
    if amount.currency != "EUR":
        raise NotPayableByCode("A QR code for a transfer is for euros only.", currency=amount.currency)
    if not 1 <= amount.minor <= AMOUNT_MINOR_MAX:
        raise NotPayableByCode(
            "A QR code for a transfer holds between EUR 0.01 and EUR 999999999.99.", minor=amount.minor
        )
    if not ibans.is_valid(transfer.iban):
        raise NotPayableByCode("The account number is not a valid IBAN.")
    if transfer.bic and not bics.is_valid(transfer.bic):
        raise NotPayableByCode("The BIC is not valid.")
    if (transfer.reference is None) == (transfer.text is None):
        raise NotPayableByCode("A transfer has either a structured reference or a text, and not both.")
    holder = _line(transfer.holder, HOLDER_CHARACTERS_MAX, "name of the account holder")
    text = "" if transfer.text is None else _line(transfer.text, TEXT_CHARACTERS_MAX, "text of the transfer")
    if transfer.reference is not None and not is_creditor_reference(transfer.reference):
        raise NotPayableByCode("The structured reference is not a valid one of ISO 11649.")
    lines = [
        "BCD",
        "002",
        "1",
        "SCT",
        bics.compact(transfer.bic) if transfer.bic else "",
        holder,
        ibans.compact(transfer.iban),
        f"EUR{amount.major}",
        "",
        "".join((transfer.reference or "").split()).upper(),
        text,
    ]
    payload = "\n".join(lines).rstrip("\n").encode()
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise NotPayableByCode("The payment details are too long for a QR code.", bytes=len(payload))
    return payload


def epc_svg(transfer: Transfer) -> str:
    """The code as an SVG drawing without a margin, in black on whatever is behind it.

    Raises: NotPayableByCode.
    """
    return str(_code(epc_payload(transfer)).svg_inline(border=0, scale=4, omitsize=True, dark="#000", light=None))


def epc_png(transfer: Transfer) -> bytes:
    """The code as a PNG picture with its quiet zone, for mail and pages.

    Raises: NotPayableByCode.
    """
    return _png(epc_payload(transfer))


# Somebody reminded again owes the same by the same reference, and a code takes longer to draw than a mail to write.
@lru_cache(maxsize=1024)
def _png(payload: bytes) -> bytes:
    into = io.BytesIO()
    _code(payload).save(into, kind="png", scale=6, border=4)
    return into.getvalue()


def _code(payload: bytes) -> segno.QRCode:
    # The level is fixed at M by the standard; more correction would make the code larger than apps expect.
    code = segno.make_qr(payload, error="m", boost_error=False, mode="byte", encoding="utf-8")
    assert isinstance(code.version, int)
    assert code.version <= VERSION_MAX
    return code


def _line(text: str, characters_max: int, what: str) -> str:
    tidy = text.strip()
    if _CONTROL.search(tidy):
        # A line break would push everything after it into the next field.
        raise NotPayableByCode(f"The {what} has a line break or control character in it.")
    if not 1 <= len(tidy) <= characters_max:
        raise NotPayableByCode(f"The {what} must have between 1 and {characters_max} characters.")
    return tidy
