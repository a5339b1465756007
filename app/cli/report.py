"""`parley report`: the ledger's figures on a day."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app.container import opened_store
from o2c_core import money
from o2c_core.customers.customer import locale_for
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.figures.ageing import BUCKETS, Ageing, ageing


class UnknownReport(Refused):
    """There is no report of that name; there is: ageing."""


class NotADay(Refused):
    """A day is written as year-month-day, for instance 2026-03-31."""


def report(
    name: Annotated[str, typer.Argument(help="Which report: ageing.")],
    on: Annotated[str, typer.Option(help="The day, as 2026-03-31.")],
    seller: Annotated[str | None, typer.Option(help="Only this seller.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """What is open, by how late it is, per seller and currency."""
    if name != "ageing":
        raise UnknownReport
    day = _day(on)
    with opened_store() as store, store.session() as session:
        query = select(Seller).order_by(Seller.ref)
        sellers = list(session.scalars(query.where(Seller.ref == seller) if seller else query))
        if seller and not sellers:
            raise NotFound(f"There is no seller {seller!r} here.")
        found = [(one, ageing(session, one.id, day)) for one in sellers]
    if as_json:
        listed = [{"seller": one.ref, **_as_json(row)} for one, rows in found for row in rows]
        sys.stdout.write(json.dumps({"report": "ageing", "on": day.isoformat(), "rows": listed}, indent=2) + "\n")
        return
    for one, rows in found:
        _print(one, rows, day)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as odd:
        raise NotADay from odd


def _as_json(row: Ageing) -> dict[str, Any]:
    """Amounts in minor units of the currency."""
    return {
        "currency": row.currency,
        "buckets": {name: bucket.minor for name, bucket in zip(BUCKETS, row.buckets, strict=True)},
        "unapplied": row.unapplied.minor,
        "balance": row.balance.minor,
    }


def _print(seller: Seller, rows: list[Ageing], day: date) -> None:
    locale = locale_for("en", seller.country)
    sys.stdout.write(f"{seller.name}: open amounts on {day} by days past the due date\n")
    for row in rows:
        named = [*zip(BUCKETS, row.buckets, strict=True), ("unapplied", row.unapplied), ("balance", row.balance)]
        width = max(len(money.show(amount, locale)) for _, amount in named)
        for name, amount in named:
            sys.stdout.write(f"  {name:<10} {money.show(amount, locale):>{width}}\n")
