"""`parley why`: why a customer was, was not or would be reminded on a day."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core import days
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.reminders.why import why as answers


class NotADay(Refused):
    """Give --on as a day of the calendar, year first: 2026-03-16."""


class SeveralCustomers(Refused):
    """Several sellers have a customer of that reference; say which with --seller."""


def why(
    customer: Annotated[str, typer.Option(help="The customer, by its reference.")],
    on: Annotated[str | None, typer.Option(help="The day; today, where the seller is, if left out.")] = None,
    seller: Annotated[
        str | None, typer.Option(help="The seller, by its reference, where several have that customer.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="What the customer reads: en, nl, de or fr; theirs if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """What was sent, what was not, what would be, and why: for finance, and as the customer may read it."""
    with opened_store() as store, store.session() as session:
        query = select(Customer).join(Seller, Seller.id == Customer.seller_id).where(Customer.ref == customer)
        found = list(session.scalars(query.where(Seller.ref == seller) if seller else query))
        if not found:
            raise NotFound(f"There is no customer '{customer}'.", customer=customer)
        if len(found) > 1:
            raise SeveralCustomers
        of = session.get_one(Seller, found[0].seller_id)
        day = _day(on) if on else today(store.clock, of.time_zone)
        told = answers(session, found[0], day, store.clock.now(), language)
        name = found[0].name
    if as_json:
        document = {"customer": customer, "on": day.isoformat(), "answers": [one.to_json() for one in told]}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    sys.stdout.write(f"{name} on {days.show(day, 'en_GB')}\n")
    for one in told:
        sys.stdout.write("".join(f"  {sentence}\n" for sentence in one.sentences))
        sys.stdout.write(f"  As the customer may read it: {one.told}\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as odd:
        raise NotADay(text=text) from odd
