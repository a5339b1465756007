"""`parley timeline`: everything that happened between a customer and the seller, newest first."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core import days
from o2c_core.clock import today
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.figures.telling import tell
from o2c_core.figures.timeline import Cursor, Event
from o2c_core.figures.timeline import timeline as read_timeline

EVENTS_SHOWN_MAX = 100


class NoSuchCustomer(NotFound):
    """There is no customer with that reference here."""


class CustomerOfSeveral(Refused):
    """Several sellers know a customer with that reference; say which seller with --seller."""


def timeline(
    customer: Annotated[str, typer.Argument(help="The customer, by its reference.")],
    seller: Annotated[
        str | None, typer.Option(help="The seller, by its reference; needed where several know the customer.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=EVENTS_SHOWN_MAX, help="How many events at most.")] = 20,
    before: Annotated[str | None, typer.Option(help="Go on after this place; `next` of the events before.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Orders, shipments, invoices, payments, reminders, promises, disputes and messages up to today, newest first."""
    place = Cursor.read(before) if before is not None else None
    with opened_store() as store, store.session() as session:
        query = select(Customer, Seller).join(Seller, Seller.id == Customer.seller_id).where(Customer.ref == customer)
        if seller is not None:
            query = query.where(Seller.ref == seller)
        found = session.execute(query.limit(2)).all()
        if not found:
            raise NoSuchCustomer(ref=customer, seller=seller)
        if len(found) > 1:
            raise CustomerOfSeveral(ref=customer)
        whom, whose = found[0]
        zone = ZoneInfo(whose.time_zone)
        tomorrow = datetime.combine(today(store.clock, whose.time_zone) + timedelta(days=1), time(), zone)
        # One more than is asked for says whether there are older ones.
        events = read_timeline(session, whom.id, before=place or Cursor(tomorrow, 0, UUID(int=0)), limit=limit + 1)
    shown, locale = events[:limit], locale_for("en", whose.country)
    next_ = str(shown[-1].cursor) if shown and len(events) > len(shown) else None
    if as_json:
        told = {
            "seller": whose.ref,
            "customer": whom.ref,
            "name": whom.name,
            "events": [_as_json(event, locale) for event in shown],
            "next": next_,
        }
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
        return
    sys.stdout.write(f"{whom.name} ({whom.ref}), customer of {whose.name}\n")
    sys.stdout.write("\n".join(_lines(shown, zone, locale)) + "\n")
    if next_ is not None:
        sys.stdout.write(f"Older: --before {next_}\n")


def _lines(shown: Sequence[Event], zone: ZoneInfo, locale: str) -> list[str]:
    """A line for each event: its day where the seller is, the time where one is known, and what happened."""
    if not shown:
        return ["  Nothing."]
    whens = [_when(event, zone, locale) for event in shown]
    width = max(len(when) for when in whens)
    told = [" ".join(tell(event, "en", locale).split()) for event in shown]
    return [f"  {when.ljust(width)}  {said}" for when, said in zip(whens, told, strict=True)]


def _when(event: Event, zone: ZoneInfo, locale: str) -> str:
    day = days.show_short(event.on, locale)
    return f"{day} {event.at.astimezone(zone):%H:%M}" if event.is_moment else day


def _as_json(event: Event, locale: str) -> dict[str, Any]:
    """The event with its amount in minor units, its English sentence, and its place as --before takes it."""
    amount = event.amount
    return {
        "kind": event.kind,
        "at": event.at.isoformat(),
        "on": event.on.isoformat(),
        "subject": event.subject,
        "id": str(event.id),
        "number": event.number,
        "amount": {"minor": amount.minor, "currency": amount.currency, "decimal": str(amount.major)}
        if amount
        else None,
        "values": dict(event.values),
        "message": str(event.message_id) if event.message_id else None,
        "told": tell(event, "en", locale),
        "cursor": str(event.cursor),
    }
