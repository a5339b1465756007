"""Rows of customers with their contacts, and the customers that other rows mention."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from o2c_core.customers.consent import CHANNELS
from o2c_core.customers.contact import ROLES, NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.terms import PaymentTerms, rows_of
from o2c_core.imports.binding import Binding
from o2c_core.imports.cells import CellRefused, country, language
from o2c_core.imports.mapping import Record
from o2c_core.imports.rows import Cells, Reading, check_currency
from o2c_core.imports.staging import copy_line
from o2c_core.keys import new_key


class CustomerReader:
    """Reads customers; a customer with several contacts has a row for each."""

    def __init__(self, record: Record, columns: Sequence[str], reading: Reading) -> None:
        self._reading = reading
        self._cells = Cells(Binding(record.fields, columns), reading)

    def take(self, line: int, row: Mapping[str, Any]) -> None:
        report = self._reading.report
        try:
            ref = self._cells.needed_key("ref", row)
            _stage(self._cells, self._reading, ref, row, line)
        except CellRefused as bad:
            report.refuse(line, f"{report.column}: {bad}")
            report.count("customer", "refused")


class NewCustomer:
    """What rows of documents say about a customer; it is used when that customer is not yet known, and only then."""

    def __init__(self, binding: Binding, reading: Reading) -> None:
        self._cells = Cells(binding, reading)
        self._reading = reading

    def add(self, ref: str, row: Mapping[str, Any], line: int) -> bool:
        """Whether the row says who it is. One that does not is about a known customer, or about nobody.

        Raises: CellRefused.
        """
        known = {**row, "ref": ref}
        if self._cells.text("name", known) is None:
            return False
        _stage(self._cells, self._reading, ref, known, line)
        return True


def add_walk_in(reading: Reading, line: int) -> None:
    """The named customer to whom documents without a customer go."""
    walk_in = reading.profile.walk_in
    content = (walk_in["ref"], walk_in["name"], *[None] * 19, True)
    keys = (new_key(), None, None, new_key(), None, new_key(), None)
    reading.staging.add("import_customer", copy_line((line, new_key(), "walk-in", *content, *keys)))


def _stage(cells: Cells, reading: Reading, ref: str, row: Mapping[str, Any], line: int) -> None:
    report = reading.report
    name = cells.text("name", row)
    if name is None:
        report.column = cells.label("name")
        raise CellRefused("is empty")
    kind = cells.text("kind", row)
    if kind not in (None, "company", "person"):
        raise CellRefused(f"'{kind}' is neither company nor person")
    named = cells.text("country", row)
    land = country(named, reading.profile.countries) if named is not None else None
    tongue = read_language(cells, row, reading)
    currency = cells.text("currency", row)
    if currency is not None:
        currency = currency.upper()
        check_currency(currency)
    zone = cells.text("time_zone", row)
    if zone is not None:
        _check_zone(zone)
    terms = cells.terms(row)
    channel = (cells.text("preferred_channel", row) or "").casefold() or None
    if channel not in (None, *CHANNELS):
        raise CellRefused(f"'{channel}' is not a channel: {', '.join(CHANNELS)}")
    home = currency or str(reading.profile.defaults.get("currency") or reading.seller.currency)
    limit = cells.minor("credit_limit", row, home)
    if limit is not None and limit < 0:
        raise CellRefused("a credit limit is not below zero")
    parent = cells.key("parent", row)
    if parent == ref:
        raise CellRefused("a customer is not its own parent")
    role = read_role(cells, row)
    content = copy_line((
        ref, name, kind, land, tongue, currency, zone, cells.text("street", row), cells.text("postcode", row),
        cells.text("city", row), *_agreed(terms), cells.text("vat_number", row), cells.text("company_number", row), parent,
        cells.text("segment", row), channel, limit, False,
    ))  # fmt: skip
    contact = (cells.text("contact", row), role)
    email = read_email(cells, row, reading)
    phone = read_phone(cells, row, reading, land)
    said = copy_line((*contact, email, phone))
    mark = blake2b(f"{content}\t{said}".encode(), digest_size=12).hexdigest()
    reached = copy_line((new_key(), *contact, new_key(), email, new_key(), phone))
    reading.staging.add("import_customer", f"{line}\t{new_key()}\t{mark}\t{content}\t{reached}")


def _agreed(terms: PaymentTerms | None) -> tuple[object, ...]:
    if terms is None:
        return (None,) * 5
    parts = rows_of(terms.parts)
    kept = json.dumps(parts) if parts else None
    return terms.days, terms.month_end, terms.discount_percent, terms.discount_days, kept


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise CellRefused(f"'{name}' is not a time zone") from unknown


def read_role(cells: Cells, row: Mapping[str, Any]) -> str | None:
    """Raises: CellRefused."""
    role = (cells.text("role", row) or "").casefold()
    if role and role not in ROLES:
        raise CellRefused(f"'{role}' is not a role: {', '.join(ROLES)}")
    return role or None


def read_language(cells: Cells, row: Mapping[str, Any], reading: Reading) -> str | None:
    spoken = cells.text("language", row)
    tongue = language(spoken) if spoken is not None else None
    if spoken is not None and tongue is None:
        reading.report.say("a language that Parley does not speak was replaced by the seller's", spoken)
    return tongue


def read_email(cells: Cells, row: Mapping[str, Any], reading: Reading) -> str | None:
    # A wrong address must not keep the customer out, or all their invoices would stay out with them.
    said = cells.text("email", row)
    if said is None:
        return None
    try:
        return tidy_email(said)
    except NotAnAddress:
        reading.report.say("an email address that cannot exist was left out", said)
        return None


def read_phone(cells: Cells, row: Mapping[str, Any], reading: Reading, land: str | None = None) -> str | None:
    said = cells.text("phone", row)
    if said is None:
        return None
    home = land or reading.profile.defaults.get("country") or reading.seller.country
    try:
        return tidy_phone(said, str(home))
    except NotAnAddress:
        reading.report.say("a phone number that cannot exist was left out", said)
        return None
