"""Rows of shipments of orders that are already known: a shipment per row, or a row for each article in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

from o2c_core.imports.binding import Binding
from o2c_core.imports.cells import CellRefused
from o2c_core.imports.mapping import Record
from o2c_core.imports.rows import Cells, Reading, exact_quantity
from o2c_core.imports.staging import copy_line
from o2c_core.keys import new_key
from o2c_core.orders.shipment import PROOFS


class ShipmentReader:
    """Reads shipments. Rows with the same order and tracking number are one shipment."""

    def __init__(self, record: Record, columns: Sequence[str], reading: Reading) -> None:
        self._reading = reading
        self._cells = Cells(Binding(record.fields, columns), reading)

    def take(self, line: int, row: Mapping[str, Any]) -> None:
        cells, report = self._cells, self._reading.report
        number: str | None = None
        try:
            number = cells.needed_key("order", row)
            cells.needed_key("tracking_number", row)
            stage_shipment(self._reading, cells, line, number, row)
        except CellRefused as bad:
            where = "" if number is None else f" (order {number})"
            report.refuse(line, f"{report.column}: {bad}{where}")
            report.count("shipment", "refused")


def stage_shipment(reading: Reading, cells: Cells, line: int, order: str, row: Mapping[str, Any]) -> None:
    """Takes one row's shipment of that order to its staging table. Raises: CellRefused."""
    tracking = cells.key("tracking_number", row)
    shipped, expected, delivered = (cells.day(name, row) for name in ("shipped_on", "expected_on", "delivered_on"))
    _check_days(shipped, delivered)
    proof = (cells.text("proof_kind", row) or "").casefold() or None
    if proof not in (None, *PROOFS):
        raise CellRefused(f"'{proof}' is not a proof of delivery: {', '.join(PROOFS)}")
    sku, quantity = cells.key("sku", row), cells.number("quantity", row)
    if quantity is not None:
        quantity = exact_quantity(quantity)
        if quantity <= 0:
            raise CellRefused("a shipment holds more than nothing of an article")
    content = copy_line((
        order, tracking, cells.text("carrier", row), shipped, expected, delivered, cells.text("received_by", row), proof,
        cells.text("proof_reference", row), sku, quantity,
    ))  # fmt: skip
    mark = blake2b(content.encode(), digest_size=12).hexdigest()
    reading.staging.add("import_shipment", f"{line}\t{new_key()}\t{mark}\t{content}")


def _check_days(shipped: date | None, delivered: date | None) -> None:
    if shipped is not None and delivered is not None and delivered < shipped:
        raise CellRefused(f"{delivered} is before the day it left, {shipped}")
