"""One entry of a camt.053 statement: a transaction, or a batch opened into its parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from o2c_core.imports.bank.accounts import account_spelled
from o2c_core.imports.bank.node import Node
from o2c_core.imports.bank.statement import (
    BatchDiffers,
    Direction,
    StatementBroken,
    Transaction,
    given,
    structured_reference,
)
from o2c_core.money import Money

# Where the amount of one part stands: the first in version 08, the others in 02.
_PART_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt")


class ReadAmount(Protocol):
    def __call__(self, node: Node | None, currency: str, of: str) -> int: ...


class ReadDay(Protocol):
    def __call__(self, node: Node, *paths: str) -> date | None: ...


@dataclass(frozen=True, slots=True)
class EntryReader:
    """Reads the entries of one account; what it calls for amounts and days can say which statement is wrong."""

    account: str
    currency: str
    amount: ReadAmount
    day: ReadDay
    broken: Callable[[str], StatementBroken]
    where: str

    def read(self, entry: Node) -> Iterator[Transaction]:
        """The transactions of a booked entry; none for one of nothing.

        Raises: StatementBroken; ForeignEntry; BatchDiffers.
        """
        total = self.amount(entry.first("Amt"), self.currency, "an entry")
        direction = self._direction(entry)
        details = list(entry.all("NtryDtls/TxDtls"))
        parts = self._parts(details, direction)
        if parts is None:
            if total:
                yield self._transaction(entry, _only(entry, details), total, direction)
            return
        reached = sum(amount if way == direction else -amount for amount, way in parts)
        if reached != total:
            raise BatchDiffers(
                f"{self.where}: the {len(parts)} parts of a batch come to {Money(reached, self.currency)}, and "
                f"{Money(total, self.currency)} was booked for it; nothing was kept."
            )
        for detail, (amount, way) in zip(details, parts, strict=True):
            if amount:
                yield self._transaction(entry, detail, amount, way, is_part=True)

    def _parts(self, details: list[Node], direction: Direction) -> list[tuple[int, Direction]] | None:
        """What each detail came to and which way; None for an entry that is one transaction.

        A single detail has the amount that was booked: what it states may be before the bank's charges. Details without
        any amount cannot be opened, and the entry stays one transaction.
        """
        amounts = [self._part_amount(detail) for detail in details]
        if len(details) < 2 or all(amount is None for amount in amounts):
            return None
        parts: list[tuple[int, Direction]] = []
        for detail, amount in zip(details, amounts, strict=True):
            if amount is None:
                raise self.broken("has a batch of which some parts have no amount in the account's currency")
            parts.append((amount, self._direction(detail) if detail.text("CdtDbtInd") else direction))
        return parts

    def _part_amount(self, detail: Node) -> int | None:
        for path in _PART_AMOUNTS:
            node = detail.first(path)
            if node is not None and node.attribute("Ccy") == self.currency:
                return self.amount(node, self.currency, "a part of a batch")
        return None

    def _direction(self, node: Node) -> Direction:
        stated = node.text("CdtDbtInd")
        if stated not in ("CRDT", "DBIT"):
            raise self.broken("has an entry that is neither credit nor debit")
        return "in" if stated == "CRDT" else "out"

    def _transaction(
        self, entry: Node, detail: Node | None, amount: int, direction: Direction, *, is_part: bool = False
    ) -> Transaction:
        booked_on = self.day(entry, "BookgDt", "ValDt")
        if booked_on is None:
            raise self.broken("has an entry without a day")
        # A direct debit that was sent back often has its return reason only, and no indicator.
        is_reversal = entry.text("RvslInd") in ("true", "1") or (detail is not None and bool(detail.first("RtrInf")))
        part = detail if detail is not None else entry
        name, account = self._other_party(part, pays=(direction == "in") != is_reversal)
        return Transaction(
            amount_minor=amount,
            currency=self.currency,
            direction=direction,
            is_reversal=is_reversal,
            booked_on=booked_on,
            value_on=self.day(entry, "ValDt") or booked_on,
            payer_name=name,
            payer_account=account,
            reference=structured_reference(part.text("RmtInf/Strd/CdtrRefInf/Ref")),
            text=_text(entry, detail),
            end_to_end=given(part.text("Refs/EndToEndId")),
            bank_reference=_bank_reference(entry, detail, is_part),
            is_part=is_part,
        )

    def _other_party(self, part: Node, *, pays: bool) -> tuple[str | None, str | None]:
        """Name and account of whoever is at the other end: the debtor of money received, the creditor of money paid.

        Banks do not agree whether the parties change places in a reversal, so our own account is never the other end.
        """
        expected, other = ("Dbtr", "Cdtr") if pays else ("Cdtr", "Dbtr")
        name, account = self._party(part, expected)
        if (name or account) and account != self.account:
            return name, account
        name, account = self._party(part, other)
        # A name without an account on the other side may well be our own.
        return (name, account) if account not in (None, self.account) else (None, None)

    def _party(self, part: Node, side: str) -> tuple[str | None, str | None]:
        parties = part.first("RltdPties")
        if parties is None:
            return None, None
        # Since version 08 a party is a choice of person or bank, one level deeper.
        name = parties.text(
            f"{side}/Nm", f"{side}/Pty/Nm", f"{side}/Agt/FinInstnId/Nm", f"Ultmt{side}/Nm", f"Ultmt{side}/Pty/Nm"
        )
        account = parties.text(f"{side}Acct/Id/IBAN", f"{side}Acct/Id/Othr/Id")
        return (" ".join(name.split()) if name else None), (account_spelled(account) if account else None)


def _only(entry: Node, details: list[Node]) -> Node | None:
    """The detail that tells of the whole entry; not one of several of which the bank left the others out."""
    counts = [node.own_text for node in entry.all("NtryDtls/Btch/NbOfTxs")]
    return details[0] if len(details) == 1 and all(count.lstrip("0") == "1" for count in counts) else None


def _bank_reference(entry: Node, detail: Node | None, is_part: bool) -> str | None:
    own = given(detail.text("Refs/AcctSvcrRef")) if detail is not None else None
    booked = given(entry.text("AcctSvcrRef"))
    stated = (own or booked) if is_part else (booked or own)
    if stated is not None:
        return stated
    numbered = given(entry.text("NtryRef"))
    # Some banks count the entries of a statement here; in the next statement the same entry has another number.
    return None if numbered is None or re.fullmatch(r"[0-9]{1,6}", numbered) else numbered


def _text(entry: Node, detail: Node | None) -> str:
    """What the payer wrote, with the documents it names; else what the bank says about it."""
    if detail is not None:
        written = [
            node.own_text
            for path in ("Ustrd", "Strd/RfrdDocInf/Nb", "Strd/AddtlRmtInf")
            for node in detail.all(f"RmtInf/{path}")
        ]
        said = " ".join(" ".join(written).split())
        if said:
            return said
    told = (detail.text("AddtlTxInf") if detail is not None else None) or entry.text("AddtlNtryInf") or ""
    return " ".join(told.split())
