"""Reading MT940, the SWIFT bank statement, with the library mt-940 and what banks do that it leaves to us."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import mt940
from mt940.models import Transactions as Block

from o2c_core.errors import Refused
from o2c_core.imports.bank.accounts import account_spelled, is_iban
from o2c_core.imports.bank.narrative import Narrative, narrative, structured
from o2c_core.imports.bank.statement import (
    ForeignEntry,
    NotAStatement,
    Statement,
    StatementBroken,
    Transaction,
    completed,
    given,
    structured_reference,
)
from o2c_core.invoices.reference import is_creditor_reference
from o2c_core.money import Money

# It logs every line it cannot read, with the names and accounts in it.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_TAG = re.compile(r":([0-9]{2}[A-Z]?|NS):")
_OPENING = ("final_opening_balance", "intermediate_opening_balance", "opening_balance")
_CLOSING = ("final_closing_balance", "intermediate_closing_balance", "closing_balance")


def parse_mt940(text: str, name: str) -> tuple[Statement, ...]:
    """The statements in the text, each with its sum checked; `name` is what a refusal calls the file.

    Raises: NotAStatement; StatementBroken; WrongSum; ForeignEntry.
    """
    try:
        # A handle, because the library takes a text that happens to be the name of a file for that file.
        blocks = mt940.parse_statements(io.StringIO("\n".join(_own_lines(text))), options=mt940.Options.all())
    except (RuntimeError, ValueError, InvalidOperation, LookupError) as odd:
        raise StatementBroken(
            f"{name} is not MT940 that can be read: {_what(odd)}; nothing was kept.", name=name
        ) from odd
    statements = tuple(_statement(block, name) for block in blocks)
    if not statements:
        raise NotAStatement(f"{name} has no statement in it.", name=name)
    return statements


def _what(odd: Exception) -> str:
    """Where the library stopped, without what stood there: that names people."""
    tag = odd.args[1] if len(odd.args) > 1 else None
    return (
        f"a field :{tag.id}: is not as it should be"
        if isinstance(tag, mt940.tags.Tag)
        else "an amount or a day is impossible"
    )


def _own_lines(text: str) -> Iterator[str]:
    """The lines without SWIFT's envelope, and without remarks about the whole statement.

    A field :86: after the closing balance is about the statement; the library would add it to the last transaction.
    """
    is_closed = is_remark = False
    for raw in text.translate(_CONTROL).splitlines():
        line = re.sub(r"^\{1:.*\{4:", "", raw.lstrip("\ufeff"))
        if line.startswith("-}"):
            continue
        tag = _TAG.match(line)
        if tag is not None:
            is_closed = tag[1] not in ("20", "21", "25", "28", "28C") and (is_closed or tag[1].startswith("62"))
            is_remark = is_closed and tag[1] == "86"
        if not is_remark:
            yield line


_CONTROL = {code: " " for code in range(32) if code not in (10, 13)}


def _statement(block: Block, name: str) -> Statement:
    data = block.data
    number = "/".join(part for key in ("statement_number", "sequence_number") if (part := data.get(key)))
    number = number or data.get("transaction_reference") or "without a number"
    where = f"{name}: statement {number}"
    opening = next((data[key] for key in _OPENING if key in data), None)
    closing = next((data[key] for key in _CLOSING if key in data), None)
    if opening is None or closing is None or not data.get("account_identification"):
        raise StatementBroken(
            f"{where} does not have its account, opening balance and closing balance; nothing was kept.", name=name
        )
    currency = str(opening.amount.currency)
    if closing.amount.currency != currency:
        raise ForeignEntry(
            f"{where} opens in {currency} and closes in {closing.amount.currency}; nothing was kept.", name=name
        )
    try:
        lines = [_transaction(line.data, currency) for line in block if line.data["amount"].amount]
        opens, closes = (Money.of(balance.amount.amount, currency).minor for balance in (opening, closing))
    except (Refused, LookupError) as odd:
        raise StatementBroken(
            f"{where} has an amount that is not one of {currency}; nothing was kept.", name=name
        ) from odd
    days = [opening.date, closing.date, *(line.booked_on for line in lines)]
    account = account_spelled(data["account_identification"])
    statement = Statement(
        "mt940", account, currency, number, _plain(min(days)), _plain(max(days)), opens, closes, tuple(lines)
    )
    return completed(statement, name)


def _transaction(data: dict[str, Any], currency: str) -> Transaction:
    signed: Decimal = data["amount"].amount
    mark = str(data.get("status") or "").upper()
    told = _narrative(data)
    value_on = _plain(data["date"])
    # The code NRTI is a returned item, whatever its mark.
    is_reversal = mark.startswith("R") or str(data.get("id") or "")[1:] == "RTI" or told.is_return
    return Transaction(
        amount_minor=Money.of(abs(signed), currency).minor,
        currency=currency,
        direction="in" if signed > 0 else "out",
        is_reversal=is_reversal,
        booked_on=_nearest(data["entry_date"], value_on) if isinstance(data.get("entry_date"), date) else value_on,
        value_on=value_on,
        payer_name=told.name,
        payer_account=told.account or _account_below(data),
        reference=told.reference or (structured_reference(told.text) if is_creditor_reference(told.text) else None),
        text=told.text,
        end_to_end=told.end_to_end,
        bank_reference=given(data.get("bank_reference")),
    )


def _narrative(data: dict[str, Any]) -> Narrative:
    if "transaction_details" in data:
        return narrative(data["transaction_details"] or "")
    if "posting_text" in data:
        return structured(data)
    return Narrative(text=" ".join(str(data.get("extra_details") or "").split()))


def _account_below(data: dict[str, Any]) -> str | None:
    """The payer's account, which some Dutch banks write on the second line of field :61:."""
    spelled = account_spelled(str(data.get("extra_details") or ""))
    return spelled if is_iban(spelled) else None


def _nearest(entry: date, value_on: date) -> date:
    """The entry day has no year: it is the one nearest to the value day, also across New Year."""
    days = []
    for year in (value_on.year - 1, value_on.year, value_on.year + 1):
        try:
            days.append(date(year, entry.month, entry.day))
        except ValueError:  # 29 February
            continue
    return min(days, key=lambda day: abs(day - value_on))


def _plain(day: date) -> date:
    """The library's days are a class of their own, which the database does not know."""
    return date(day.year, day.month, day.day)
