"""What taking over a bank file did: which statements, and how many transactions wait, are ignored or were known."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from o2c_core.imports.bank.statement import Statement
from o2c_core.money import Money

_WORDS = {
    "waiting": "to be matched",
    "ignored": "gone out and left alone",
    "known": "known already",
    "pending": "not booked yet and left out",
}


@dataclass
class BankFileReport:
    """The report of one file. A bank file is taken over whole or refused whole, so no row of it is ever refused."""

    file: str
    seller: str
    format: str
    dry_run: bool = False
    statements: list[Statement] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reversals: int = 0
    received: dict[str, Money] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_all_good(self) -> bool:
        return True

    @property
    def new(self) -> int:
        """How many transactions were stored."""
        return self.counts["waiting"] + self.counts["ignored"]

    def receive(self, amount: Money) -> None:
        """Adds to what came in with the new transactions, per currency."""
        before = self.received.get(amount.currency)
        self.received[amount.currency] = amount if before is None else before + amount

    def to_json(self) -> str:
        return json.dumps(self.as_tables(), ensure_ascii=False, indent=2)

    def as_tables(self) -> dict[str, Any]:
        """Everything in the report, in types JSON knows; amounts are in major units, as text."""
        return {
            "file": self.file,
            "format": self.format,
            "seller": self.seller,
            "dry_run": self.dry_run,
            "statements": [
                {
                    "account": statement.account,
                    "number": statement.number,
                    "from_on": statement.from_on.isoformat(),
                    "to_on": statement.to_on.isoformat(),
                    "currency": statement.currency,
                    "opening": str(statement.opening.major),
                    "closing": str(statement.closing.major),
                    "transactions": len(statement.transactions),
                }
                for statement in self.statements
            ],
            "counts": {"bank_transaction": {word: self.counts[word] for word in _WORDS}},
            "reversals": self.reversals,
            "totals": {"received": {currency: str(sum_.major) for currency, sum_ in sorted(self.received.items())}},
            "remarks": list(self.remarks),
        }

    def sentences(self) -> Iterable[str]:
        """The report for a person, line by line."""
        note = " (a dry run: nothing was kept)" if self.dry_run else ""
        yield f"{self.file}: {_counted(len(self.statements), 'statement')} read as {self.format} for {self.seller}{note}"
        for statement in self.statements:
            yield (
                f"  statement {statement.number} of {statement.account}, {statement.from_on} to {statement.to_on}: "
                f"{statement.opening} to {statement.closing}, {_counted(len(statement.transactions), 'transaction')}"
            )
        words = ", ".join(f"{self.counts[word]:,} {said}" for word, said in _WORDS.items() if self.counts[word])
        amounts = "; ".join(str(amount) for _, amount in sorted(self.received.items()))
        yield f"  transactions: {words or 'none'}{'; received ' + amounts if amounts else ''}"
        if self.reversals:
            yield f"  note: {_counted(self.reversals, 'reversal')} among them: money that was taken back"
        for remark in self.remarks:
            yield f"  note: {remark}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
