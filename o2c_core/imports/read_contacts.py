"""Rows of people at customers that are already known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from o2c_core.imports.binding import Binding
from o2c_core.imports.cells import CellRefused
from o2c_core.imports.mapping import Record
from o2c_core.imports.read_customers import read_email, read_language, read_phone, read_role
from o2c_core.imports.rows import Cells, Reading
from o2c_core.imports.staging import copy_line
from o2c_core.keys import new_key


class ContactReader:
    """Reads contacts: one row per person, with an email address, a phone number or both."""

    def __init__(self, record: Record, columns: Sequence[str], reading: Reading) -> None:
        self._reading = reading
        self._cells = Cells(Binding(record.fields, columns), reading)

    def take(self, line: int, row: Mapping[str, Any]) -> None:
        cells, report = self._cells, self._reading.report
        try:
            customer = cells.needed_key("customer", row)
            name = cells.text("name", row)
            if name is None:
                report.column = cells.label("name")
                raise CellRefused("is empty")
            role, tongue = read_role(cells, row), read_language(cells, row, self._reading)
            email, phone = read_email(cells, row, self._reading), read_phone(cells, row, self._reading)
            said = (line, customer, new_key(), name, role, tongue, new_key(), email, new_key(), phone)
            self._reading.staging.add("import_person", copy_line(said))
        except CellRefused as bad:
            report.refuse(line, f"{report.column}: {bad}")
            report.count("contact", "refused")
