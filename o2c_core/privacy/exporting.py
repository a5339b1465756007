"""Everything that is kept about a person, as plain data: rows by their names, amounts with their currency."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.invoices.invoice import Invoice
from o2c_core.privacy.holdings import Holding, Person, holdings

# Workings of the database that say nothing about anybody.
_LEFT_OUT = {"fingerprint", "plain_number", "transaction", "seller_id"}
_MINOR = "_minor"
_Found = dict[str, list[dict[str, Any]]]


def rows_about(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """The person's own rows, under the names of `holdings.toml`, lines inside what they are lines of.

    Units: an amount is {"minor": whole minor units, "currency": ISO 4217}; moments are UTC; quantities are text;
    a file is base64 (RFC 4648 section 4).
    """
    found: _Found = {name: _rows(session, one, person) for name, one in holdings().items() if one.is_somebodys}
    currencies = _currencies(session, found)
    loose = _nest(found)
    return {
        str(one.shown): [_plain(row, currencies) for row in loose[name]]
        for name, one in holdings().items()
        if one.is_somebodys and (loose[name] or not one.under)
    }


def not_included() -> dict[str, str]:
    """The tables an export leaves out, each with why."""
    return {name: str(one.not_shown) for name, one in holdings().items() if not one.is_somebodys}


def _rows(session: Session, holding: Holding, person: Person) -> list[dict[str, Any]]:
    table = holding.table
    columns = [column for column in table.columns if column.name not in _LEFT_OUT]
    query = select(*columns).where(holding.whose(person)).order_by(*table.primary_key.columns)
    return [dict(row) for row in session.execute(query).mappings()]


def _currencies(session: Session, found: _Found) -> dict[UUID, str]:
    """The currency of every invoice any of the rows points to."""
    ids = {row["invoice_id"] for rows in found.values() for row in rows if row.get("invoice_id")}
    rows = session.execute(select(Invoice.id, Invoice.currency).where(Invoice.id.in_(ids)))
    return {row.id: row.currency for row in rows}


class _Lines(list[dict[str, Any]]):
    """Rows inside the row they belong to; a plain list is something a column holds."""


def _nest(found: _Found) -> _Found:
    """Puts rows into the rows they belong under; what has none there is given back."""
    loose = dict(found)
    for name, holding in holdings().items():
        for parent, column in holding.under:
            by_id = {row["id"]: row for row in found[parent]}
            for row in by_id.values():
                row.setdefault(str(holding.shown), _Lines())
            for row in loose[name]:
                if row[column] in by_id:
                    by_id[row[column]][str(holding.shown)].append(row)
            loose[name] = [row for row in loose[name] if row[column] not in by_id]
    return loose


def _plain(row: Mapping[str, Any], currencies: Mapping[UUID, str], inherited: str | None = None) -> dict[str, Any]:
    invoice_id = row.get("invoice_id")
    currency = row.get("currency") or (currencies.get(invoice_id) if invoice_id else None) or inherited
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, _Lines):
            shown[name] = [_plain(one, currencies, currency) for one in value]
        elif name.endswith(_MINOR):
            shown[name.removesuffix(_MINOR)] = None if value is None else {"minor": value, "currency": currency}
        else:
            shown[name] = _said(value)
    return shown


def _said(value: Any) -> Any:
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value
