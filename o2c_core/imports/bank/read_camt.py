"""Reading camt.053, the ISO 20022 bank statement, in the versions 02 to 08."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from lxml import etree

from o2c_core.errors import Refused
from o2c_core.imports.bank.accounts import account_spelled
from o2c_core.imports.bank.camt_entry import EntryReader
from o2c_core.imports.bank.node import Node
from o2c_core.imports.bank.statement import (
    ForeignEntry,
    NotAStatement,
    Statement,
    StatementBroken,
    Transaction,
    completed,
)
from o2c_core.money import Money

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(?P<message>camt\.\d{3})\.001\.(?P<version>\d{2})")
_VERSIONS = {"02", "03", "04", "05", "06", "07", "08"}
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")
# Balances are kept in eight bytes, with room for a sum of them.
_MINOR_MAX = 10**18


def parse_camt(root: etree._Element, name: str) -> tuple[Statement, ...]:
    """The statements in the message, each with its sum checked; `name` is what a refusal calls the file.

    Raises: NotAStatement; StatementBroken; WrongSum; BatchDiffers; ForeignEntry.
    Source: ISO 20022 message definitions camt.053.001.02 and camt.053.001.08, BankToCustomerStatement.
    """
    document = Node(root)
    known = _NAMESPACE.fullmatch(document.namespace)
    if document.name != "Document" or known is None:
        raise NotAStatement(f"{name} is not a bank statement: its namespace is not that of camt.053.", name=name)
    if known["message"] != "camt.053":
        raise NotAStatement(
            f"{name} is a {known['message']} message; only camt.053, the statement of what was booked, is taken over.",
            name=name,
        )
    if known["version"] not in _VERSIONS:
        raise NotAStatement(f"{name} is version {known['version']} of camt.053; versions 02 to 08 are read.", name=name)
    statements = tuple(
        _StatementReader(node, document.namespace.rpartition("xsd:")[2], name).read()
        for node in document.all("BkToCstmrStmt/Stmt")
    )
    if not statements:
        raise NotAStatement(f"{name} has no statement in it.", name=name)
    return statements


class _StatementReader:
    """Reads one `Stmt`; it knows how to say where something is wrong."""

    def __init__(self, node: Node, format_: str, name: str) -> None:
        self.node = node
        self.format = format_
        self.name = name
        self.number = node.text("Id", "ElctrncSeqNb", "LglSeqNb") or "without a number"

    def read(self) -> Statement:
        account = self.node.text("Acct/Id/IBAN", "Acct/Id/Othr/Id")
        if account is None:
            raise self.broken("names no account")
        currency = self.node.text("Acct/Ccy") or self._balance_currency()
        opening = self._balance(currency, ("OPBD", "PRCD", "ITBD"), first=True)
        closing = self._balance(currency, ("CLBD", "ITBD"), first=False)
        reader = EntryReader(account_spelled(account), currency, self.amount, self.day, self.broken, self.where)
        transactions: list[Transaction] = []
        pending = 0
        for entry in self.node.all("Ntry"):
            # A code element with text up to version 07, a choice of code and own word since.
            if entry.text("Sts/Cd", "Sts") == "BOOK":
                transactions += reader.read(entry)
            else:
                pending += 1
        from_on, to_on = self._days(transactions)
        statement = Statement(
            self.format, account_spelled(account), currency, self.number, from_on, to_on, opening, closing,
            tuple(transactions), pending,
        )  # fmt: skip
        return completed(statement, self.name)

    @property
    def where(self) -> str:
        return f"{self.name}: statement {self.number}"

    def broken(self, why: str) -> StatementBroken:
        return StatementBroken(f"{self.where} {why}; nothing was kept.", name=self.name)

    def amount(self, node: Node | None, currency: str, of: str) -> int:
        """The minor units in an amount element, never negative. Raises: StatementBroken; ForeignEntry."""
        if node is None:
            raise self.broken(f"has no amount for {of}")
        stated = node.attribute("Ccy")
        if stated != currency:
            raise ForeignEntry(
                f"{self.where}: {of} is in {stated or 'no currency'}, and the account is in {currency}; nothing was kept.",
                name=self.name,
            )
        if _AMOUNT.fullmatch(node.own_text) is None:
            raise self.broken(f"has '{node.own_text[:40]}' where the amount of {of} should be")
        minor = self._or_broken(lambda: Money.of(node.own_text, currency).minor)
        if minor > _MINOR_MAX:
            raise self.broken(f"has an amount for {of} that no account holds")
        return minor

    def day(self, node: Node, *paths: str) -> date | None:
        """The day at the first of the paths, each a day or a moment; the bank's own day, whatever the time zone."""
        text = node.text(*(f"{path}/{kind}" for path in paths for kind in ("Dt", "DtTm")))
        return None if text is None else self._day_of(text)

    def _day_of(self, text: str) -> date:
        try:
            return date.fromisoformat(text[:10])
        except ValueError as odd:
            raise self.broken(f"has '{text[:40]}' where a day should be") from odd

    def _or_broken(self, read: Callable[[], int]) -> int:
        try:
            return read()
        except Refused as odd:
            raise self.broken(f"cannot be read: {odd.sentence}") from odd

    def _balance_currency(self) -> str:
        amount = self.node.first("Bal/Amt")
        stated = amount.attribute("Ccy") if amount is not None else None
        if stated is None:
            raise self.broken("does not say its currency")
        return stated

    def _balance(self, currency: str, kinds: tuple[str, ...], *, first: bool) -> int:
        """The signed balance of the first of those kinds that is there; of several pages the first or the last."""
        for kind in kinds:
            found = [node for node in self.node.all("Bal") if node.text("Tp/CdOrPrtry/Cd") == kind]
            if found:
                balance = found[0 if first else -1]
                minor = self.amount(balance.first("Amt"), currency, f"its balance {kind}")
                return minor if self.is_credit(balance, f"its balance {kind}") else -minor
        raise self.broken(f"has no {'opening' if first else 'closing'} balance, so its sum cannot be checked")

    def is_credit(self, node: Node, of: str) -> bool:
        stated = node.text("CdtDbtInd")
        if stated not in ("CRDT", "DBIT"):
            raise self.broken(f"does not say whether {of} is credit or debit")
        return stated == "CRDT"

    def _days(self, transactions: list[Transaction]) -> tuple[date, date]:
        stated = [self.node.text(f"FrToDt/{end}") for end in ("FrDtTm", "ToDtTm", "FrDt", "ToDt")]
        days = [self._day_of(text) for text in stated if text is not None]
        if len(days) < 2:
            days = [transaction.booked_on for transaction in transactions]
            days += [day for balance in self.node.all("Bal") if (day := self.day(balance, "Dt")) is not None]
        if not days:
            raise self.broken("does not say its days")
        return min(days), max(days)
