"""`parley report`: the ledger's figures and cases on a day, to read, as JSON, or as a file for a spreadsheet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core import money
from o2c_core.customers.customer import locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.table import Cell, Table, write_csv, write_xlsx
from o2c_core.errors import NotFound, Refused
from o2c_core.figures.ageing import BUCKETS
from o2c_core.figures.reports import REPORTS, Report, report_named
from o2c_core.money import Money


class NotADay(Refused):
    """A day is written as year-month-day, for instance 2026-03-31."""


class CannotWrite(Refused):
    """That file cannot be written."""


def report(
    name: Annotated[str, typer.Argument(help=f"Which report: {', '.join(REPORTS)}.")],
    on: Annotated[str, typer.Option(help="The day, as 2026-03-31.")],
    seller: Annotated[str | None, typer.Option(help="Only this seller.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    csv: Annotated[Path | None, typer.Option(help="Write it to this CSV file.")] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write it to this Excel file.")] = None,
) -> None:
    """What is open, by how late it is, and every other figure and list, per seller."""
    wanted, day = report_named(name), _day(on)
    with opened_store() as store, store.session() as session:
        query = select(Seller).order_by(Seller.ref)
        sellers = list(session.scalars(query.where(Seller.ref == seller) if seller else query))
        if seller and not sellers:
            raise NotFound(f"There is no seller {seller!r} here.")
        found = [(one, list(wanted.rows(session, one.id, day))) for one in sellers]
    for path, write in ((csv, write_csv), (xlsx, write_xlsx)):
        if path is not None:
            _keep(path, write(Table(f"{wanted.title}, {day}", ("Seller", *wanted.columns), _with_seller(found))))
            if not as_json:
                sys.stdout.write(f"Written: {path}, {_count(sum(len(rows) for _, rows in found))}.\n")
    if as_json:
        listed = [_as_json(name, one, wanted, row) for one, rows in found for row in rows]
        sys.stdout.write(json.dumps({"report": name, "on": day.isoformat(), "rows": listed}, indent=2) + "\n")
    elif csv is None and xlsx is None:
        for one, rows in found:
            _print(one, wanted, rows, day)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as odd:
        raise NotADay from odd


def _with_seller(found: Sequence[tuple[Seller, Sequence[Sequence[Cell]]]]) -> Iterator[Sequence[Cell]]:
    for one, rows in found:
        for row in rows:
            yield [one.ref, *row]


def _keep(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as odd:
        raise CannotWrite(f"{path} cannot be written: {odd.strerror}.") from odd


def _as_json(name: str, seller: Seller, wanted: Report, row: Sequence[Cell]) -> dict[str, Any]:
    """Amounts in minor units of the row's currency; the buckets of an ageing stand together."""
    keys = [column.lower().replace(" ", "_") for column in wanted.columns]
    cells = {key: _plain(cell) for key, cell in zip(keys, row, strict=True)}
    if name.startswith("ageing"):
        buckets = {bucket: cells.pop(bucket.replace(" ", "_")) for bucket in BUCKETS}
        last = {key: cells.pop(key) for key in ("unapplied", "balance")}
        cells |= {"buckets": buckets} | last
    return {"seller": seller.ref, **cells}


def _plain(cell: Cell) -> Any:
    match cell:
        case Money():
            return cell.minor
        case Decimal():
            return float(cell)
        case date() | datetime():
            return cell.isoformat()
        case _:
            return cell


def _print(seller: Seller, wanted: Report, rows: Sequence[Sequence[Cell]], day: date) -> None:
    locale = locale_for("en", seller.country)
    sys.stdout.write(f"{seller.name}: {wanted.title[:1].lower()}{wanted.title[1:]}, {day}\n")
    if not rows:
        sys.stdout.write("  Nothing.\n")
        return
    shown = [list(wanted.columns), *([_shown(cell, locale) for cell in row] for row in rows)]
    widths = [max(len(line[at]) for line in shown) for at in range(len(wanted.columns))]
    to_right = [any(isinstance(row[at], Money | int | Decimal) for row in rows) for at in range(len(wanted.columns))]
    for line in shown:
        cells = zip(line, widths, to_right, strict=True)
        text = "  ".join(cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells)
        sys.stdout.write(f"  {text.rstrip()}\n")


def _shown(cell: Cell, locale: str) -> str:
    if cell is None:
        return ""
    return money.show(cell, locale) if isinstance(cell, Money) else " ".join(str(cell).split())


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"
