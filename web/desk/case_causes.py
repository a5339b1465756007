"""The report on causes: what lay behind the cases of a period, as a picture, a table and a file, down to the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from babel.numbers import format_decimal
from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from o2c_core.documents.table import Table, write_csv
from o2c_core.figures.causes import COLUMNS, DAYS, Caused, Period, causes, share, table_of
from o2c_core.store.store import Store
from web.charts import bars
from web.desk.case_page import is_day
from web.desk.case_words import CAUSE_NAMES
from web.desk.door import desk_router, needs, saw
from web.desk.place import Place, SellerRef, nobodys_books, place_of
from web.headers import HEADERS
from web.reader import Reader

DAYS_MAX = 3 * 366
BARS_MAX = 8
# Periods to choose from, by how many days they have.
CHOICES = {30: "30 days", 90: "90 days", 365: "A year"}
Day = Annotated[str, Query(max_length=10)]


@dataclass(frozen=True)
class CauseRow:
    """One row of the table, with the cases behind it."""

    one: Caused
    cause: str
    share: str
    trend: str
    tone: str
    days: str
    query: str


def cause_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    @router.get("/cases/causes")
    @needs("see_desk")
    def the_causes(
        request: Request, since: Day = "", until: Day = "", cause: Day = "", seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            period = period_of(since, until, place.reader.today)
            found = causes(session, place.seller.id, period)
            saw(request, seller_id=place.seller.id)
        chosen = cause if cause in CAUSE_NAMES else ""
        shown = [one for one in found if not chosen or one.cause == chosen]
        return place.page(
            "case_causes.html",
            here="cases",
            period=period,
            choices=[(title, Period.of(place.reader.today, days)) for days, title in CHOICES.items()],
            chart=_chart(found, period, place.reader),
            kinds=_by_kind(found),
            rows=[_row(one, found, period, place) for one in shown],
            resolved=sum(one.cases for one in found),
            chosen=chosen,
            causes=CAUSE_NAMES,
        )

    @router.get("/cases/causes.csv")
    @needs("see_desk")
    def the_causes_as_a_file(request: Request, since: Day = "", until: Day = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            period = period_of(since, until, place.reader.today)
            rows = table_of(causes(session, place.seller.id, period))
            saw(request, seller_id=place.seller.id)
        content = write_csv(Table("Causes", COLUMNS, rows))
        name = f"causes-{period.first}-{period.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=HEADERS | headers)

    return router


def period_of(since: str, until: str, today: date) -> Period:
    """The period that was asked for, up to today and not longer than three years; else the ninety days up to today."""
    last = min(is_day(until) or today, today)
    first = is_day(since)
    if first is None or first > last:
        return Period.of(last, DAYS)
    return Period(max(first, last - timedelta(days=DAYS_MAX)), last)


def _by_kind(found: Sequence[Caused]) -> list[tuple[str, str, int, int]]:
    """How many cases of the period and of the one before are of each cause, most first."""
    sums: dict[str, tuple[int, int]] = {}
    for one in found:
        now, before = sums.get(one.cause or "", (0, 0))
        sums[one.cause or ""] = (now + one.cases, before + one.before)
    named = [(code, CAUSE_NAMES.get(code, "Not said"), now, before) for code, (now, before) in sums.items()]
    return sorted(named, key=lambda one: (-one[2], -one[3], one[1]))


def _chart(found: Sequence[Caused], period: Period, reader: Reader) -> Markup | None:
    kinds = [one for one in _by_kind(found) if one[2]][:BARS_MAX]
    if not kinds:
        return None
    title = f"Cases by cause, {reader.day(period.first)} to {reader.day(period.last)}"
    return bars(title, [name for _, name, _, _ in kinds], [now for _, _, now, _ in kinds], write=_whole)


def _whole(value: float) -> str:
    """Cases are whole: what lies between them on the axis is left blank."""
    return f"{value:.0f}" if value == int(value) else ""


def _row(one: Caused, found: Sequence[Caused], period: Period, place: Place) -> CauseRow:
    part = share(one, found)
    asked = {
        "show": "resolved", "cause": one.cause or "", "about": one.about or "", "since": period.first.isoformat(),
        "until": period.last.isoformat(), "seller": place.seller.ref,
    }  # fmt: skip
    trend = f"{one.trend:+d}" if one.trend else "same"
    return CauseRow(
        one,
        CAUSE_NAMES.get(one.cause or "", "Not said"),
        f"{part:.0f} %" if part is not None else "–",
        trend.replace("-", "−"),
        "bad" if one.trend > 0 else "good" if one.trend < 0 else "calm",
        format_decimal(one.median_days, format="#,##0.#", locale=place.reader.locale)
        if one.median_days is not None
        else "",
        urlencode({name: value for name, value in asked.items() if value}),
    )
