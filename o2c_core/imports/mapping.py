"""The mapping: which column of a file is which field of one kind of thing in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from o2c_core.customers.customer import LANGUAGES
from o2c_core.errors import Refused
from o2c_core.money import UnknownCurrency, exponent

KINDS = ("customer", "contact", "order", "shipment", "invoice", "payment")

# The fields each kind can have, and which of them a file or its profile has to give.
FIELDS: dict[str, tuple[str, ...]] = {
    "customer": (
        "ref", "name", "kind", "country", "language", "currency", "time_zone", "street", "postcode", "city", "terms_days",
        "vat_number", "company_number", "parent", "segment", "preferred_channel", "credit_limit", "contact", "role", "email",
        "phone",
    ),
    "contact": ("customer", "name", "role", "language", "email", "phone"),
    "order": ("number", "customer", "ordered_on", "expected_on", "currency", "purchase_order"),
    "invoice": (
        "number", "customer", "issued_on", "due_on", "terms_days", "currency", "net", "tax", "total", "order",
        "purchase_order", "type", "credits", "reason",
    ),
    "payment": ("key", "customer", "received_on", "amount", "currency", "reference", "method", "invoices"),
    "lines": ("sku", "description", "quantity", "unit_price", "amount", "state", "tax_rate", "tax_category"),
    "shipments": (
        "tracking_number", "carrier", "shipped_on", "expected_on", "delivered_on", "received_by", "proof_kind",
        "proof_reference",
    ),
    "shipment": (
        "order", "tracking_number", "carrier", "shipped_on", "expected_on", "delivered_on", "received_by", "proof_kind",
        "proof_reference", "sku", "quantity",
    ),
}  # fmt: skip
REQUIRED: dict[str, tuple[str, ...]] = {
    "customer": ("ref", "name"),
    "contact": ("customer", "name"),
    "order": ("number", "customer"),
    "shipment": ("order", "tracking_number"),
    "invoice": ("number", "customer", "issued_on"),
    "payment": ("received_on", "amount"),
}


class ProfileBroken(Refused):
    """That profile cannot be read."""


@dataclass(frozen=True)
class Field:
    """Where a value comes from: the first of `columns` that the file has, else `text` with {names} filled in, else `default`."""

    columns: tuple[str, ...] = ()
    text: str | None = None
    default: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_given(self) -> bool:
        """Whether there is a value even when the file has none of the columns."""
        return self.text is not None or self.default is not None


@dataclass(frozen=True)
class Part:
    """What a document has several of. In a table each row is one; in JSON they lie at `path` inside the document."""

    fields: Mapping[str, Field]
    path: str | None = None


@dataclass(frozen=True)
class Credit:
    """How a credit note is recognised among invoices.

    `amounts`: "negative" when the file writes them below zero (a positive one is then refused), "either" when it varies.
    `negative_total`: what an unmarked document below zero is: "credit_note", or "refuse".
    """

    number_prefix: str = ""
    types: tuple[str, ...] = ()
    amounts: str = "either"
    negative_total: str = "credit_note"


@dataclass(frozen=True)
class Record:
    """One kind of thing to read from the file, and where each of its fields is found."""

    kind: str
    fields: Mapping[str, Field]
    path: str | None = None
    lines: Part | None = None
    shipments: Part | None = None
    new_customer: Mapping[str, Field] | None = None
    without_customer: str = "refuse"
    credit: Credit = Credit()


def read_record(check: Check, tables: Any) -> Record:
    if not isinstance(tables, dict) or tables.get("kind") not in KINDS:
        raise check.broken(f"each of its [[records]] needs a kind: {', '.join(KINDS)}")
    kind = tables["kind"]
    others = ("kind", "path", "lines", "shipments", "new_customer", "without_customer", "credit")
    check.names(f"[[records]] of kind {kind}", tables, (*others, "fields"))
    fields = _fields(check, kind, check.table(tables, "fields"))
    for name in REQUIRED[kind]:
        if name not in fields:
            raise check.broken(f"its records of kind {kind} need the field {name}")
    if kind == "payment" and "customer" not in fields and "invoices" not in fields:
        raise check.broken("its payments need the field customer or the field invoices")
    lines = _part(check, "lines", tables) if kind in ("order", "invoice") else None
    shipments = _part(check, "shipments", tables) if kind == "order" else None
    if kind == "invoice" and lines is None and not fields.keys() & {"net", "total"}:
        raise check.broken("its invoices need the field total, the field net, or lines")
    new_customer = _fields(check, "customer", tables["new_customer"]) if "new_customer" in tables else None
    if new_customer is not None and "name" not in new_customer:
        raise check.broken("its new_customer needs the field name")
    check.one_of("without_customer", tables.get("without_customer", "refuse"), ("refuse", "walk_in"))
    credit = check.table(tables, "credit")
    check.names("credit", credit, ("number_prefix", "types", "amounts", "negative_total"))
    check.one_of("amounts", credit.get("amounts", "either"), ("negative", "either"))
    check.one_of("negative_total", credit.get("negative_total", "credit_note"), ("credit_note", "refuse"))
    return Record(
        kind=kind,
        fields=fields,
        path=tables.get("path"),
        lines=lines,
        shipments=shipments,
        new_customer=new_customer,
        without_customer=tables.get("without_customer", "refuse"),
        credit=Credit(
            number_prefix=credit.get("number_prefix", ""),
            types=tuple(str(word).casefold() for word in credit.get("types", ())),
            amounts=credit.get("amounts", "either"),
            negative_total=credit.get("negative_total", "credit_note"),
        ),
    )


def _part(check: Check, name: str, tables: Mapping[str, Any]) -> Part | None:
    if name not in tables:
        return None
    part = dict(check.table(tables, name))
    path = part.pop("path", None)
    return Part(_fields(check, name, part), path)


def _fields(check: Check, kind: str, tables: Mapping[str, Any]) -> dict[str, Field]:
    check.names(f"the fields of {kind}", tables, FIELDS[kind])
    return {name: _field(check, name, said) for name, said in tables.items()}


def _field(check: Check, name: str, said: Any) -> Field:
    if isinstance(said, str):
        return Field(columns=(said,))
    if isinstance(said, list) and all(isinstance(column, str) for column in said):
        return Field(columns=tuple(said))
    if not isinstance(said, dict):
        raise check.broken(f"the field {name} must be a column, a list of columns or a table")
    check.names(f"the field {name}", said, ("columns", "text", "default", "values"))
    columns = said.get("columns", ())
    default = said.get("default")
    return Field(
        columns=(columns,) if isinstance(columns, str) else tuple(columns),
        text=said.get("text"),
        default=None if default is None else str(default),
        values={str(theirs).strip().casefold(): str(ours) for theirs, ours in said.get("values", {}).items()},
    )


class Check:
    """What a profile says, compared with what can be said."""

    def __init__(self, name: str) -> None:
        self._name = name

    def broken(self, why: str) -> ProfileBroken:
        return ProfileBroken(f"The profile '{self._name}' cannot be used: {why}.", profile=self._name)

    def table(self, tables: Mapping[str, Any], name: str) -> dict[str, Any]:
        table = tables.get(name, {})
        if not isinstance(table, dict):
            raise self.broken(f"{name} must be a table")
        return table

    def names(self, where: str, tables: Any, known: tuple[str, ...]) -> None:
        if not isinstance(tables, dict):
            raise self.broken(f"{where} must be a table")
        for name in tables:
            if name not in known:
                raise self.broken(f"{where} has '{name}', which is none of {', '.join(known)}")

    def one_of(self, name: str, said: object, known: tuple[object, ...]) -> None:
        if said not in known:
            raise self.broken(f"{name} is '{said}', and must be {' or '.join(repr(word) for word in known if word)}")

    def values(self, where: str, table: Mapping[str, Any]) -> None:
        """Currency, language, country, time zone and terms are checked here once instead of at every row."""
        try:
            if "currency" in table:
                exponent(str(table["currency"]))
            if "time_zone" in table:
                ZoneInfo(str(table["time_zone"]))
        except UnknownCurrency as unknown:
            raise self.broken(f"{where} has the currency '{table['currency']}', which ISO 4217 does not") from unknown
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise self.broken(f"{where} has the time zone '{table['time_zone']}', which does not exist") from unknown
        if table.get("language", "en") not in LANGUAGES:
            raise self.broken(f"{where} has the language '{table['language']}'; there are {', '.join(LANGUAGES)}")
        country = table.get("country", "GB")
        if not isinstance(country, str) or len(country) != 2 or not country.isupper():
            raise self.broken(f"{where} needs a country of two capital letters")
        for name in ("terms_days", "payment_terms_days"):
            days = table.get(name, 0)
            if type(days) is not int or not 0 <= days <= 365:
                raise self.broken(f"{where} needs {name} between 0 and 365")
