"""Rows of payments, each with the invoices it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from o2c_core.imports.binding import Binding
from o2c_core.imports.cells import CellRefused, key
from o2c_core.imports.mapping import Record
from o2c_core.imports.rows import Cells, Reading
from o2c_core.imports.staging import copy_line
from o2c_core.keys import new_key


class PaymentReader:
    """Reads payments. A payment spread over several rows has the same key on each, and an amount of its own."""

    def __init__(self, record: Record, columns: Sequence[str], reading: Reading) -> None:
        self._reading = reading
        self._cells = Cells(Binding(record.fields, columns), reading)

    def take(self, line: int, row: Mapping[str, Any]) -> None:
        cells, report = self._cells, self._reading.report
        bank_key: str | None = None
        try:
            bank_key = cells.key("key", row)
            currency = cells.currency(row)
            amount = cells.minor("amount", row, currency)
            if amount is None:
                report.column = cells.label("amount")
                raise CellRefused("is empty")
            if amount <= 0:
                raise CellRefused("money that arrived is more than zero; money given back is not a payment")
            customer = cells.key("customer", row)
            invoices = self._invoices(row)
            if customer is None and not invoices:
                report.column = cells.label("customer")
                raise CellRefused("is empty, and no invoice is named either")
            content = copy_line((
                customer, cells.needed_day("received_on", row), currency, amount, cells.text("reference", row),
                cells.text("method", row), "\v".join(invoices) or None,
            ))  # fmt: skip
            mark = blake2b(content.encode(), digest_size=12).hexdigest()
            self._reading.staging.add(
                "import_payment", f"{line}\t{new_key()}\t{mark}\t{copy_line((bank_key,))}\t{content}"
            )
        except CellRefused as bad:
            report.refuse(line, f"{report.column}: {bad}")
            if bank_key is None:
                report.count("payment", "refused")
            else:
                self._reading.staging.add("import_refused", copy_line((line, bank_key)))

    def _invoices(self, row: Mapping[str, Any]) -> list[str]:
        raw = self._cells.raw("invoices", row)
        if isinstance(raw, list):
            named = raw
        elif isinstance(raw, str):
            named = [word for word in re.split(r"[,;|+]|\s+(?:and|en|und|et)\s+|\s{2,}|\n", raw) if word.strip()]
        else:
            named = [] if raw is None else [raw]
        found = [key(word, self._reading.report) for word in named]
        return list(dict.fromkeys(number for number in found if number is not None))
