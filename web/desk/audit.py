"""The audit: who of the seller's people saw and did what, by user, day and customer; on the page and as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Annotated, cast, get_args
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.documents.table import Table, write_csv
from o2c_core.staff.audited import Audited, Kind, Line, Place, audited
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from web.desk.door import desk_router, needs, saw
from web.headers import HEADERS
from web.reader import Reader, desk_reader
from web.rendering import page

LINES_SHOWN = 50
LINES_AT_ONCE = 2_000
LINES_IN_FILE = 200_000
COLUMNS = ("at", "who", "kind", "what", "about", "customer", "conversation")
_CONVERTER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Wanted:
    """What the form says, as it was typed."""

    who: str = ""
    customer: str = ""
    since: str = ""
    until: str = ""
    kind: str = ""

    def address(self, base: str, **more: str) -> str:
        typed = {"who": self.who, "customer": self.customer, "from": self.since, "to": self.until, "kind": self.kind}
        return f"{base}?{urlencode({name: said for name, said in (typed | more).items() if said})}"


def audit_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    @router.get("/audit")
    @needs("see_audit")
    def the_audit(request: Request, before: Annotated[str, Query(max_length=100)] = "") -> Response:
        wanted = _wanted(request)
        with store.session() as session:
            reader = desk_reader(session, store.clock.now())
            asked, whose, wrong = _asked(session, wanted, reader)
            found = audited(session, replace(asked, before=Place.of(before)), LINES_SHOWN + 1) if not wrong else []
            shown = found[:LINES_SHOWN]
            saw(request, customer_id=asked.customer_id, about=wanted.who)
            return page(
                "audit.html",
                400 if wrong else 200,
                here="audit",
                seller=None,
                reader=reader,
                wanted=wanted,
                whose=whose,
                users=list(session.scalars(select(User.name).order_by(func.lower(User.name)))),
                lines=shown,
                customers=_customers(session, shown),
                plain=plain,
                older=wanted.address("/audit", before=str(shown[-1].place)) if len(found) > LINES_SHOWN else None,
                file=wanted.address("/audit.csv"),
                is_first=not before,
                wrong=wrong,
            )

    @router.get("/audit.csv")
    @needs("see_audit")
    def the_audit_as_a_file(request: Request) -> Response:
        wanted = _wanted(request)
        with store.session() as session:
            reader = desk_reader(session, store.clock.now())
            asked, _, wrong = _asked(session, wanted, reader)
        if wrong:
            return Response(wrong, 400, media_type="text/plain")
        saw(request, customer_id=asked.customer_id, about=wanted.who)
        name = f"audit-{reader.today.isoformat()}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingResponse(_file(store, asked), media_type="text/csv; charset=utf-8", headers=HEADERS | headers)

    return router


def plain(path: str) -> str:
    """A page's path as people read it: what stands for a number is a dot."""
    return _CONVERTER.sub("…", path)


def _wanted(request: Request) -> Wanted:
    said = request.query_params
    typed = [said.get(name, "").replace("\x00", "").strip()[:100] for name in ("who", "customer", "from", "to", "kind")]
    return Wanted(*typed)


def _asked(session: Session, wanted: Wanted, reader: Reader) -> tuple[Audited, Customer | None, str]:
    """What is asked for; the customer it is about; and a sentence where it cannot be understood."""
    whose, wrong = None, ""
    if wanted.customer:
        named = or_(Customer.ref == wanted.customer, func.lower(Customer.name) == wanted.customer.lower())
        whose = session.scalars(select(Customer).where(named).order_by(Customer.ref).limit(1)).one_or_none()
        wrong = "" if whose else f"There is no customer {wanted.customer} here; give the whole reference or name."
    days = []
    for typed in (wanted.since, wanted.until):
        try:
            days.append(date.fromisoformat(typed) if typed else None)
        except ValueError:
            days.append(None)
            wrong = f"{typed} is not a day; write it as 2026-03-16."
    since, until = (_morning(day, reader, plus) if day else None for day, plus in zip(days, (0, 1), strict=True))
    kind = cast("Kind", wanted.kind) if wanted.kind in get_args(Kind) else None
    return Audited(wanted.who, whose.id if whose else None, since, until, kind), whose, wrong


def _morning(day: date, reader: Reader, plus: int) -> datetime | None:
    """The moment that day, or one so many days later, begins; None for one the calendar does not have."""
    try:
        return datetime.combine(day + timedelta(days=plus), time(), reader.zone)
    except OverflowError:
        return None


def _customers(session: Session, lines: list[Line]) -> dict[UUID, Customer]:
    ids = {line.customer_id for line in lines if line.customer_id}
    return {one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_(ids)))} if ids else {}


def _file(store: Store, asked: Audited) -> Iterator[bytes]:
    """The lines as CSV, read a part at a time, so that a year of them takes no more memory than a day."""
    many = 0
    while True:
        with store.session() as session:
            found = audited(session, asked, LINES_AT_ONCE)
            customers = _customers(session, found)
        rows = [_row(line, customers) for line in found]
        written = write_csv(Table("audit", COLUMNS, rows))
        yield written if many == 0 else written.partition(b"\r\n")[2]
        many += len(found)
        if len(found) < LINES_AT_ONCE or many >= LINES_IN_FILE:
            return
        asked = replace(asked, before=found[-1].place)


def _row(line: Line, customers: dict[UUID, Customer]) -> tuple[str | datetime, ...]:
    customer = customers.get(line.customer_id) if line.customer_id else None
    of = f"{line.what} {line.subject}" if line.kind == "did" else plain(line.what)
    return (
        line.at,
        line.who,
        line.kind,
        of,
        line.about,
        customer.ref if customer else "",
        str(line.conversation_id or ""),
    )
