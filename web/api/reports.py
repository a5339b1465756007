"""The figures on a day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from o2c_core.documents.table import Table, write_csv, write_xlsx
from o2c_core.errors import NotFound
from o2c_core.figures.ageing import BUCKETS, Ageing, ageing
from o2c_core.figures.reports import REPORTS
from o2c_core.money import Money
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import day_here
from web.api.problems import described
from web.api.shapes import Amount, Day, Told, plain, shown

router = APIRouter(route_class=KeyedRoute, tags=["reports"])
OnDay = Annotated[Day | None, Query(description="The end of that day; today where it is left out.")]


FILES = ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
ReportName = Annotated[str, Path(min_length=1, max_length=60, pattern="^[a-z0-9-]+$", description=", ".join(REPORTS))]


class ReportTold(Told):
    """A report as its rows; amounts have their minor units, currency and decimal."""

    report: str
    title: str
    on: date
    columns: list[str]
    rows: list[dict[str, Any]]


class AgeingTold(Told):
    """What is open in one currency by days past the due date. The buckets and `unapplied` sum to `balance`."""

    currency: str
    buckets: dict[str, Amount] = Field(description=f"{', '.join(BUCKETS)}.")
    unapplied: Amount = Field(description="Money and credit held, below zero.")
    open: Amount
    overdue: Amount
    balance: Amount


class AgeingReport(Told):
    on: date
    rows: list[AgeingTold]


@router.get("/reports/ageing", responses=described())
@needs("reports:read")
def read_ageing(caller: CallerHere, store: StoreHere, on: OnDay = None) -> AgeingReport:
    with store.session() as session:
        day = on or day_here(session, caller.seller_id, store)
        return AgeingReport(on=day, rows=[_ageing(row) for row in ageing(session, caller.seller_id, day)])


@router.get("/reports/{name}", responses=described(404))
@needs("reports:read")
def read_report(name: ReportName, caller: CallerHere, store: StoreHere, on: OnDay = None) -> ReportTold:
    with store.session() as session:
        report, day = _named(name), on or day_here(session, caller.seller_id, store)
        rows = report.rows(session, caller.seller_id, day)
        keys = [column.lower().replace(" ", "_") for column in report.columns]
        listed = [dict(zip(keys, (_cell(cell) for cell in row), strict=True)) for row in rows]
    return ReportTold(report=name, title=report.title, on=day, columns=keys, rows=listed)


@router.get(
    "/reports/{name}/{kind}",
    response_class=Response,
    response_model=None,
    responses=described(404) | {200: {"description": "A file.", "content": {kind: {} for kind in FILES}}},
)
@needs("reports:read")
def read_report_file(
    name: ReportName, kind: Literal["csv", "xlsx"], caller: CallerHere, store: StoreHere, on: OnDay = None
) -> Response:
    """The same for a spreadsheet."""
    with store.session() as session:
        report, day = _named(name), on or day_here(session, caller.seller_id, store)
        table = Table(f"{report.title}, {day}", report.columns, list(report.rows(session, caller.seller_id, day)))
    made, media_type = (write_csv(table), FILES[0]) if kind == "csv" else (write_xlsx(table), FILES[1])
    return Response(made, media_type=media_type)


def _named(name: str) -> Any:
    """Raises: NotFound."""
    if name not in REPORTS:
        raise NotFound
    return REPORTS[name]


def _cell(cell: Any) -> Any:
    """Amounts as everywhere in the API; other numbers with decimals as text, so that nothing is rounded."""
    match cell:
        case Money():
            return shown(cell).model_dump()
        case Decimal():
            return plain(cell)
        case date() | datetime():
            return cell.isoformat()
        case _:
            return cell


def _ageing(row: Ageing) -> AgeingTold:
    return AgeingTold(
        currency=row.currency,
        buckets={name: shown(bucket) for name, bucket in zip(BUCKETS, row.buckets, strict=True)},
        unapplied=shown(row.unapplied),
        open=shown(row.open),
        overdue=shown(row.overdue),
        balance=shown(row.balance),
    )
