"""Which document somebody asked for, as a message keeps it until it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


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


def read_back(stored: Mapping[str, Any]) -> InvoiceCopy | StatementOfAccount:
    """The document that was asked for, from what the message kept."""
    if stored["document"] == "invoice":
        return InvoiceCopy(UUID(stored["id"]))
    return StatementOfAccount(UUID(stored["id"]), stored["currency"], date.fromisoformat(stored["from_on"]))
