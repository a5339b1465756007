"""What importing one electronic invoice or credit note did, in words and as data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from o2c_core.imports.report import OUTCOMES
from o2c_core.money import Money

PROFILE = "ubl"


@dataclass
class EInvoiceReport:
    """One document that was taken over, or was there already. What is refused is raised and has no report."""

    file: str
    seller: str
    kind: str
    number: str
    outcome: str
    customer: str
    customer_name: str
    total: Money
    lines: int
    dry_run: bool = False
    follows: str = ""
    customer_created: bool = False
    order: str | None = None
    allocated: Money | None = None
    left: Money | None = None
    remarks: list[str] = field(default_factory=list)

    @property
    def is_all_good(self) -> bool:
        return True

    def to_json(self) -> str:
        return json.dumps(self.as_tables(), ensure_ascii=False, indent=2)

    def as_tables(self) -> dict[str, Any]:
        """In the form of the other imports' reports, with the document beside it; amounts are in major units, as text."""
        counts = {self.kind: {outcome: int(outcome == self.outcome) for outcome in OUTCOMES}}
        if self.customer_created:
            counts["customer"] = {outcome: int(outcome == "accepted") for outcome in OUTCOMES}
        return {
            "file": self.file,
            "profile": PROFILE,
            "seller": self.seller,
            "seller_created": False,
            "dry_run": self.dry_run,
            "rows": 1,
            "counts": counts,
            "lines": {self.kind: self.lines},
            "totals": {self.kind: {self.total.currency: str(self.total.major)}},
            "refused_rows": 0,
            "refused": [],
            "remarks": list(self.remarks),
            "document": {
                "kind": self.kind,
                "number": self.number,
                "outcome": self.outcome,
                "follows": self.follows,
                "customer": self.customer,
                "customer_created": self.customer_created,
                "order": self.order,
                "allocated": None if self.allocated is None else str(self.allocated.major),
            },
        }

    def sentences(self) -> Iterable[str]:
        """The report for a person, line by line."""
        note = " (a dry run: nothing was kept)" if self.dry_run else ""
        yield f"{self.file}: {self.kind.replace('_', ' ')} {self.number}, read as {self.follows} for {self.seller}{note}"
        order = f", for order {self.order}" if self.order else ""
        lines = "1 line" if self.lines == 1 else f"{self.lines:,} lines"
        yield f"  {self.outcome}: {self.total}, {lines}, customer {self.customer} ({self.customer_name}){order}"
        if self.customer_created:
            yield f"  the customer {self.customer} was not there and {'would be' if self.dry_run else 'was'} created"
        if self.allocated is not None and not self.allocated.is_zero:
            yield f"  {self.allocated} of it {'would be' if self.dry_run else 'was'} set against the invoice it names"
        for remark in self.remarks:
            yield f"  note: {remark}"
