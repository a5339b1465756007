"""`parley ahead`: what would go out on the coming days, as a page a finance manager can read."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core import days, money
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.reminders.ahead import DAYS_MAX, ahead
from web.days_ahead import as_file, in_short
from web.reader import Reader

_LOCALE = "en_GB"


class NotADay(Refused):
    """Give --from as a day of the calendar, year first: 2026-03-16."""


class TooFarAhead(Refused):
    """From one day to 92 days can be looked ahead."""


def look_ahead(
    starts: Annotated[
        str | None, typer.Option("--from", help="The first day; today, where the seller is, if left out.")
    ] = None,
    count: Annotated[int, typer.Option("--days", help="How many days.")] = 30,
    seller: Annotated[str | None, typer.Option(help="Which seller, by its reference; the first if left out.")] = None,
    file: Annotated[
        Path | None, typer.Option("--page", help="Write it as a page into this file: it needs no other.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """What would go out on each of the coming days, on the ledger as it is; nothing is written.

    Nobody is taken to pay or answer meanwhile, so in truth it will be less.
    """
    if not 1 <= count <= DAYS_MAX:
        raise TooFarAhead(days=count)
    with opened_store() as store, store.session() as session:
        sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
        of = next((one for one in sellers if seller in (None, one.ref)), None)
        if of is None:
            raise NotFound(f"There is no seller '{seller}'." if seller else "There is no seller yet.", seller=seller)
        reader = Reader.of(of, store.clock.now())
        found = ahead(session, of, _day(starts) if starts else reader.today, count, store.clock.now())
        if file is not None:
            file.write_text(as_file(found, reader), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=False, indent=2) + "\n")
        return
    for day in found.days:
        if not day.has_run:
            continue
        asked = ", ".join(money.show_plain(amount, _LOCALE) for amount in day.totals)
        calls = f", {len(day.calls)} calls" if day.calls else ""
        held = (
            f"; held {len(day.held)}: " + ", ".join(f"{in_short(reason)} {many}" for reason, many in day.reasons())
            if day.held
            else ""
        )
        sys.stdout.write(
            f"{days.show_short(day.on, _LOCALE):>12}  {len(day.messages):>4} messages{calls}{asked and f', {asked}'}{held}\n"
        )
    sys.stdout.write(
        f"On the ledger as it is; nobody is taken to pay meanwhile.{f' Written: {file}' if file else ''}\n"
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as odd:
        raise NotADay(text=text) from odd
