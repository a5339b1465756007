"""Rows of orders and of invoices: a document's head, its lines, and the shipments of an order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

from o2c_core.imports.binding import Binding, has_lines
from o2c_core.imports.cells import CellRefused
from o2c_core.imports.mapping import Part, Record
from o2c_core.imports.read_customers import NewCustomer, add_walk_in
from o2c_core.imports.read_json import keys_of, walk
from o2c_core.imports.read_shipments import stage_shipment
from o2c_core.imports.rows import Cells, Reading, exact_minor, exact_price, exact_quantity, line_minor, normal
from o2c_core.imports.staging import copy_line
from o2c_core.keys import new_key
from o2c_core.orders.order import LINE_STATES

# Customers that rows mention again and again are read once; forgetting them costs time, not truth.
_REMEMBERED_MAX = 200_000
_ZERO, _ONE, _CENT, _MICRO = Decimal(0), Decimal(1), Decimal("0.01"), Decimal("0.000001")
# Source: UNCL5305 as EN 16931 uses it: standard, zero, exempt, reverse charge, intra-community, export, outside scope.
TAX_CATEGORIES = ("S", "Z", "E", "AE", "K", "G", "O")
_NO_LINE = (False, *[None] * 8)


class Head(NamedTuple):
    """What a row says about its document, in the order of the staging table."""

    is_credit: bool
    customer: str
    day: date | None
    until: date | None
    terms_days: int | None
    currency: str
    net: int | None = None
    tax: int | None = None
    total: int | None = None
    order: str | None = None
    purchase_order: str | None = None
    credits: str | None = None
    reason: str | None = None
    terms: str | None = None


class DocumentReader:
    """Reads invoices or orders."""

    def __init__(
        self, record: Record, columns: Sequence[str], sample: Sequence[Mapping[str, Any]], reading: Reading
    ) -> None:
        self._record = record
        self._reading = reading
        self._head = Cells(Binding(record.fields, columns), reading)
        self._lines_path = record.lines.path if record.lines is not None else None
        self._lines: Cells | None = None
        if record.lines is not None:
            binding = Binding(record.lines.fields, part_columns(record.lines, columns, sample))
            if self._lines_path is not None or has_lines(record, binding):
                self._lines = Cells(binding, reading)
        self._shipments: Cells | None = None
        self._shipments_path = record.shipments.path if record.shipments is not None else None
        if record.shipments is not None:
            binding = Binding(record.shipments.fields, part_columns(record.shipments, columns, sample))
            if binding.has("tracking_number"):
                self._shipments = Cells(binding, reading)
        self._new_customer: NewCustomer | None = None
        if record.new_customer is not None:
            customer = Binding(record.new_customer, columns)
            # Without a name in the file or the profile, only customers that are already known can be invoiced.
            self._new_customer = NewCustomer(customer, reading) if customer.has("name") else None
        self._customers: set[str] = set()
        self._last_number: str | None = None
        self._document = ""
        self._place = 0
        self._default_terms = reading.profile.defaults.get("terms_days")
        self._prefix = record.credit.number_prefix

    def take(self, line: int, row: Mapping[str, Any]) -> None:
        report = self._reading.report
        number: str | None = None
        try:
            number = self._head.needed_key("number", row)
            if number != self._last_number:
                self._last_number, self._document = number, str(new_key())
            said = self._invoice(number, row) if self._record.kind == "invoice" else self._order(row)
            currency = said.currency
            if self._lines is None:
                self._add(line, number, said, _NO_LINE)
            else:
                count = 0
                for item in self._items(row, self._lines_path):
                    self._add(line, number, said, self._line(item, currency))
                    count += 1
                if not count:
                    self._add(line, number, said, _NO_LINE)
            if self._shipments is not None:
                for item in self._items(row, self._shipments_path):
                    self._ship(line, number, item)
        except CellRefused as bad:
            if number is None:
                report.refuse(line, f"{report.column}: {bad}")
                report.count(self._record.kind, "refused")
            else:
                report.refuse(line, f"{report.column}: {bad} ({self._record.kind} {number})")
                self._reading.staging.add("import_refused", copy_line((line, number)))

    def _items(self, row: Mapping[str, Any], path: str | None) -> Iterator[Mapping[str, Any]]:
        if path is None:
            yield row
            return
        outside = {f"/{name}": value for name, value in row.items()}
        for item in walk(row, path):
            yield outside | (item if isinstance(item, dict) else {".": item})

    def _add(self, line: int, number: str, said: Head, item: tuple[Any, ...]) -> None:
        content = copy_line((number, *said, *item))
        # The profile's terms decide the due day where the row says nothing, so other terms are another content.
        extra = f"\t{self._default_terms}" if said.until is None and said.terms_days is None else ""
        self._place += 1
        line_id = new_key() if item[0] else "\\N"
        mark = blake2b((content + extra).encode(), digest_size=12).hexdigest()
        self._reading.staging.add(
            "import_row", f"{line}\t{self._place}\t{line_id}\t{self._document}\t{mark}\t{content}"
        )

    def _customer(self, row: Mapping[str, Any]) -> str:
        ref = self._head.key("customer", row)
        if ref is None:
            if self._record.without_customer != "walk_in":
                raise CellRefused("is empty, so nobody knows whose it is")
            walk_in = self._reading.profile.walk_in
            self._reading.report.say(f"rows without a customer went to {walk_in['name']} ({walk_in['ref']})")
            if walk_in["ref"] not in self._customers:
                self._customers.add(walk_in["ref"])
                add_walk_in(self._reading, self._reading.report.line)
            return walk_in["ref"]
        if self._new_customer is not None and ref not in self._customers:
            if len(self._customers) > _REMEMBERED_MAX:
                self._customers.clear()
            # The first row that names the customer says who it is.
            if self._new_customer.add(ref, row, self._reading.report.line):
                self._customers.add(ref)
        return ref

    def _invoice(self, number: str, row: Mapping[str, Any]) -> Head:
        head = self._head
        currency = head.currency(row)
        customer = self._customer(row)
        issued_on = head.needed_day("issued_on", row)
        due_on = head.day("due_on", row)
        if due_on is not None and due_on < issued_on:
            raise CellRefused(f"{due_on} is before the day of issue, {issued_on}")
        terms = head.terms(row)
        kind = head.text("type", row)
        is_credit = bool(self._prefix) and number.startswith(self._prefix)
        is_credit = is_credit or (kind is not None and kind.casefold() in self._record.credit.types)
        return Head(
            is_credit, customer, issued_on, due_on, terms.days if terms else None, currency, head.minor("net", row, currency),
            head.minor("tax", row, currency), head.minor("total", row, currency), head.key("order", row),
            head.text("purchase_order", row), head.key("credits", row), head.text("reason", row),
            str(terms) if terms and not terms.is_plain else None,
        )  # fmt: skip

    def _order(self, row: Mapping[str, Any]) -> Head:
        head = self._head
        currency = head.currency(row)
        customer = self._customer(row)
        ordered_on, expected_on = head.day("ordered_on", row), head.day("expected_on", row)
        purchase_order = head.text("purchase_order", row)
        return Head(False, customer, ordered_on, expected_on, None, currency, purchase_order=purchase_order)

    def _line(self, item: Mapping[str, Any], currency: str) -> tuple[Any, ...]:
        cells = self._lines
        assert cells is not None
        sku = cells.key("sku", item) or ""
        description = cells.text("description", item) or ""
        quantity = cells.number("quantity", item)
        quantity = None if quantity is None else exact_quantity(quantity)
        price = cells.number("unit_price", item, currency)
        price = None if price is None else exact_price(price)
        worth = cells.number("amount", item, currency)
        amount = None if worth is None else exact_minor(worth, currency)
        if quantity is None:
            quantity = exact_quantity(_ONE)
        if amount is None:
            if price is None:
                if self._record.kind == "invoice":
                    self._reading.report.column = cells.label("unit_price")
                    raise CellRefused("is empty, so nobody knows what the line comes to")
                price = _ZERO
            amount = line_minor(quantity, price, currency)
        elif price is None:
            price = (worth or _ZERO) / quantity if quantity else _ZERO
            price = price.quantize(_MICRO)
        state = cells.text("state", item)
        if self._record.kind == "order" and (state or "ordered") not in LINE_STATES:
            raise CellRefused(
                f"'{state}' is not a state of an order known here; the profile's values can say which it is"
            )
        return True, sku, description, normal(quantity), normal(price), amount, state, *_tax(cells, item)

    def _ship(self, line: int, number: str, item: Mapping[str, Any]) -> None:
        cells = self._shipments
        assert cells is not None
        if cells.key("tracking_number", item) is None:
            return
        stage_shipment(self._reading, cells, line, number, item)


def _tax(cells: Cells, item: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The line's tax category and its rate in percent; a rate without a category is S, or Z when it is zero."""
    category = (cells.text("tax_category", item) or "").upper() or None
    if category is not None and category not in TAX_CATEGORIES:
        raise CellRefused(f"'{category}' is not a tax category: {', '.join(TAX_CATEGORIES)}")
    rate = cells.number("tax_rate", item)
    if rate is None:
        return category, None
    if not 0 <= rate < 100 or rate != rate.quantize(_CENT):
        raise CellRefused(f"'{rate}' is not a tax rate in percent")
    return category or ("S" if rate else "Z"), normal(rate)


def part_columns(part: Part, columns: Sequence[str], sample: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the part's own rows have: in a table the same columns, in JSON the keys of what lies at its path.

    A key of the document around it is written with a slash before it: "/status".
    """
    if part.path is None:
        return list(columns)
    seen: dict[str, None] = {}
    for row in sample:
        for item in walk(row, part.path):
            if isinstance(item, dict):
                keys_of(item, "", seen)
            else:
                seen.setdefault(".")
    return [*seen, *(f"/{column}" for column in columns)]
