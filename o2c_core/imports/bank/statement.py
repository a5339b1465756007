"""A bank statement as any format tells it: its balances, its booked transactions, and the key each is known by."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from o2c_core.errors import Refused
from o2c_core.invoices.reference import is_creditor_reference
from o2c_core.money import Money

Direction = Literal["in", "out"]

# What banks write where there is no reference.
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NONE"}


class BankFileRefused(Refused):
    """That bank file cannot be taken over as a whole, so nothing of it was kept."""


class NotAStatement(BankFileRefused):
    """That file is not a bank statement of a kind that can be read: camt.053 or MT940."""


class StatementBroken(BankFileRefused):
    """Something a statement must say is missing or cannot be read."""


class WrongSum(BankFileRefused):
    """The opening balance and the booked entries do not come to the closing balance."""


class BatchDiffers(BankFileRefused):
    """The parts of a batch do not come to the amount that was booked for it."""


class ForeignEntry(BankFileRefused):
    """An entry is in another currency than the account."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One booked movement. `amount_minor` is always positive; `direction` says which way it went.

    A reversal has the direction it was booked in: a credit taken back goes out. `is_part` marks one of several
    transactions the bank booked as one amount. `key` is empty until the statement is complete.
    """

    amount_minor: int
    currency: str
    direction: Direction
    is_reversal: bool
    booked_on: date
    value_on: date
    payer_name: str | None = None
    payer_account: str | None = None
    reference: str | None = None
    text: str = ""
    end_to_end: str | None = None
    bank_reference: str | None = None
    is_part: bool = False
    key: str = ""

    @property
    def signed_minor(self) -> int:
        return self.amount_minor if self.direction == "in" else -self.amount_minor


@dataclass(frozen=True, slots=True)
class Statement:
    """What one statement says. Balances are signed; `pending` counts the entries that are not booked yet."""

    format: str
    account: str
    currency: str
    number: str
    from_on: date
    to_on: date
    opening_minor: int
    closing_minor: int
    transactions: tuple[Transaction, ...]
    pending: int = 0

    @property
    def opening(self) -> Money:
        return Money(self.opening_minor, self.currency)

    @property
    def closing(self) -> Money:
        return Money(self.closing_minor, self.currency)


def completed(statement: Statement, name: str) -> Statement:
    """The statement with a key on every transaction, once its sum is right.

    Raises: WrongSum; `name` is what it calls the file.
    """
    moved = sum(transaction.signed_minor for transaction in statement.transactions)
    reached = Money(statement.opening_minor + moved, statement.currency)
    if reached != statement.closing:
        raise WrongSum(
            f"{name}: statement {statement.number} opens at {statement.opening} and its booked entries lead to {reached}, "
            f"but it says it closes at {statement.closing}; nothing was kept.",
            name=name,
            statement=statement.number,
        )
    return replace(statement, transactions=tuple(_with_keys(statement.account, statement.transactions)))


def _with_keys(account: str, transactions: Iterable[Transaction]) -> Iterable[Transaction]:
    """Each with the key by which the same movement is found again in another statement.

    Statements overlap, so nothing of the statement itself is in a key. The bank's reference names an entry; where there
    is none, and inside a batch, what the payer sent tells transactions apart. Those that still look the same are counted.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    for transaction in transactions:
        same = _sameness(account, transaction)
        seen[same] += 1
        spelled = "\x1f".join([*same, str(seen[same])])
        yield replace(transaction, key=hashlib.sha256(spelled.encode()).hexdigest()[:40])


def _sameness(account: str, transaction: Transaction) -> tuple[str, ...]:
    told: tuple[str, ...] = ()
    if transaction.bank_reference is None or transaction.is_part:
        if transaction.end_to_end is not None and transaction.is_part:
            told = (transaction.end_to_end,)
        else:
            told = (
                transaction.end_to_end or "",
                transaction.payer_account or "",
                transaction.reference or "",
                # Banks break and space the same text differently from one format version to the next.
                re.sub(r"[\W_]+", "", transaction.text).upper(),
            )
    return (
        account,
        transaction.bank_reference or "",
        transaction.booked_on.isoformat(),
        str(transaction.amount_minor),
        transaction.currency,
        transaction.direction,
        *told,
    )


def given(text: str | None) -> str | None:
    """The reference, unless it is one of the words banks write where there is none."""
    bare = " ".join((text or "").split())
    return None if bare.upper() in _NO_REFERENCE else bare


def structured_reference(text: str | None) -> str | None:
    """The reference as it is compared: a creditor reference (RF) without its printed groups, others as they stand."""
    reference = given(text)
    if reference is not None and is_creditor_reference(reference):
        return "".join(reference.split()).upper()
    return reference
