"""Which document goes with a message, as the message keeps it until it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from o2c_core.money import Money

# What a message may keep that is made from the account on the day it is sent.
READ_BACK = ("invoice", "statement", "pay_code")


@dataclass(frozen=True)
class InvoiceCopy:
    """The copy of one invoice."""

    invoice_id: UUID

    @property
    def key(self) -> str:
        return f"invoice:{self.invoice_id}"

    def stored(self) -> dict[str, Any]:
        return {"document": "invoice", "id": str(self.invoice_id)}


@dataclass(frozen=True)
class StatementOfAccount:
    """A customer's account in one currency from a day until the day the document is made."""

    customer_id: UUID
    currency: str
    from_on: date

    @property
    def key(self) -> str:
        return f"statement:{self.customer_id}:{self.currency}"

    def stored(self) -> dict[str, Any]:
        return {
            "document": "statement",
            "id": str(self.customer_id),
            "currency": self.currency,
            "from_on": self.from_on.isoformat(),
        }


@dataclass(frozen=True)
class PayCode:
    """The code a banking app fills in a transfer of exactly that amount from; shown in the mail itself.

    `text` is what is written on the payment, and `holder` the account holder's name, which banks compare.
    """

    holder: str
    iban: str
    amount: Money
    text: str
    bic: str | None = None

    @property
    def key(self) -> str:
        return f"pay_code:{self.iban}:{self.amount}"

    def stored(self) -> dict[str, Any]:
        return {
            "document": "pay_code",
            "holder": self.holder,
            "iban": self.iban,
            "bic": self.bic,
            "minor": self.amount.minor,
            "currency": self.amount.currency,
            "text": self.text,
        }


def read_back(stored: Mapping[str, Any]) -> InvoiceCopy | StatementOfAccount | PayCode:
    """The document that was asked for, from what the message kept."""
    if stored["document"] == "pay_code":
        amount = Money(stored["minor"], stored["currency"])
        return PayCode(stored["holder"], stored["iban"], amount, stored["text"], stored["bic"])
    if stored["document"] == "invoice":
        return InvoiceCopy(UUID(stored["id"]))
    return StatementOfAccount(UUID(stored["id"]), stored["currency"], date.fromisoformat(stored["from_on"]))
