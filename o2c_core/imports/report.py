"""What an import did, row by row where it matters: accepted, changed, unchanged or refused."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from o2c_core.money import Money

# A file of a million broken rows must not fill the memory; all are counted and the first ones are listed.
REFUSED_LISTED_MAX = 1_000

OUTCOMES = ("accepted", "changed", "unchanged", "refused")


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken over, by its line in the file (in JSON: its place in its list), and why."""

    line: int
    reason: str


@dataclass
class Remark:
    """Something that was read in a way worth knowing: what, how often and where first."""

    what: str
    times: int = 0
    first_line: int = 0
    example: str = ""

    def __str__(self) -> str:
        shown = f": '{self.example}'" if self.example else ""
        if self.times == 1:
            return f"{self.what} (line {self.first_line}{shown})"
        return f"{self.what} ({self.times:,} times, first on line {self.first_line}{shown})"


@dataclass
class ImportReport:
    """The whole report of one file. While it is being read, `line` and `column` are where the reading is."""

    file: str
    profile: str
    seller: str
    dry_run: bool = False
    seller_created: bool = False
    rows: int = 0
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lines: Counter[str] = field(default_factory=Counter)
    totals: dict[str, dict[str, Money]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    refused_rows: int = 0
    remarks: list[str] = field(default_factory=list)
    line: int = 0
    column: str = ""
    _said: dict[str, Remark] = field(default_factory=dict)

    def refuse(self, line: int, reason: str) -> None:
        """Notes one refused row. The counts per kind are made where documents are known."""
        self.refused_rows += 1
        if len(self.refused) < REFUSED_LISTED_MAX:
            self.refused.append(Refusal(line, reason))

    def say(self, what: str, example: str = "") -> None:
        """Notes how a cell of the current `line` was read."""
        remark = self._said.get(what)
        if remark is None:
            remark = self._said[what] = Remark(what, first_line=self.line, example=example[:40])
        remark.times += 1

    def count(self, kind: str, outcome: str, number: int = 1) -> None:
        self.counts.setdefault(kind, Counter())[outcome] += number

    def add_total(self, kind: str, amount: Money) -> None:
        """Adds to what the file's documents of that kind come to, in the amount's currency."""
        per_currency = self.totals.setdefault(kind, {})
        before = per_currency.get(amount.currency)
        per_currency[amount.currency] = amount if before is None else before + amount

    @property
    def is_all_good(self) -> bool:
        return self.refused_rows == 0

    def finish(self) -> ImportReport:
        """Puts the refused rows in the order of the file and the remarks in words."""
        self.refused.sort(key=lambda refusal: refusal.line)
        self.remarks += [str(remark) for remark in self._said.values()]
        self._said.clear()
        return self

    def to_json(self) -> str:
        return json.dumps(self.as_tables(), ensure_ascii=False, indent=2)

    def as_tables(self) -> dict[str, Any]:
        """Everything in the report, in types JSON knows; amounts are in major units, as text."""
        return {
            "file": self.file,
            "profile": self.profile,
            "seller": self.seller,
            "seller_created": self.seller_created,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "counts": {
                kind: {outcome: counted[outcome] for outcome in OUTCOMES} for kind, counted in self.counts.items()
            },
            "lines": dict(self.lines),
            "totals": {
                kind: {currency: str(amount.major) for currency, amount in sorted(per_currency.items())}
                for kind, per_currency in self.totals.items()
            },
            "refused_rows": self.refused_rows,
            "refused": [{"line": refusal.line, "reason": refusal.reason} for refusal in self.refused],
            "remarks": list(self.remarks),
        }

    def sentences(self) -> Iterable[str]:
        """The report for a person, line by line."""
        note = " (a dry run: nothing was kept)" if self.dry_run else ""
        yield f"{self.file}: {self.rows:,} rows read with the profile {self.profile} for {self.seller}{note}"
        if self.seller_created:
            yield f"  the seller {self.seller} was not there and {'would be' if self.dry_run else 'was'} created from the profile"
        for kind, counted in self.counts.items():
            words = ", ".join(f"{counted[outcome]:,} {outcome}" for outcome in OUTCOMES if counted[outcome])
            lines = f"; {self.lines[kind]:,} lines" if self.lines[kind] else ""
            lines += f", {self.lines['shipment']:,} shipments" if kind == "order" and self.lines["shipment"] else ""
            amounts = "; ".join(str(amount) for _, amount in sorted(self.totals.get(kind, {}).items()))
            yield f"  {kind.replace('_', ' ')}s: {words or 'none'}{lines}{'; total ' + amounts if amounts else ''}"
        for remark in self.remarks:
            yield f"  note: {remark}"
        if self.refused_rows:
            yield f"  {self.refused_rows:,} rows refused{', the first of them' if self.refused_rows > 20 else ''}:"
            for refusal in self.refused[:20]:
                yield f"    line {refusal.line}: {refusal.reason}"
