"""Who a visitor of the demo may be, each with one line about where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.days import days_late
from o2c_core.invoices.invoice import Invoice
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from web.owed import held, owed
from web.reader import Reader
from web.wording import words_in

PEOPLE_SHOWN = 8


@dataclass(frozen=True)
class Person:
    """A customer somebody may be, as the picker shows it."""

    customer: Customer
    standing: str
    is_late: bool

    @property
    def place(self) -> str:
        return self.customer.city or self.customer.country

    @property
    def language(self) -> str:
        return str(words_in(self.customer.language)["language"])

    @property
    def initials(self) -> str:
        words = [word for word in self.customer.name.split() if word[:1].isalnum()]
        return "".join(word[0] for word in words[:2]).upper() or "?"


def people(session: Session, seller_id: UUID, reader: Reader, also: str | None = None) -> list[Person]:
    """The seller's first few customers by reference and, after them, the one with the reference `also`."""
    everyone = (
        select(Customer)
        .where(Customer.seller_id == seller_id)
        .options(selectinload(Customer.contacts).selectinload(Contact.addresses))
    )
    shown = list(session.scalars(everyone.order_by(Customer.ref).limit(PEOPLE_SHOWN)))
    if also is not None and also not in {customer.ref for customer in shown}:
        shown += session.scalars(everyone.where(Customer.ref == also))
    standings = _standings(session, shown, reader)
    return [Person(customer, *standings(customer)) for customer in shown]


def _standings(session: Session, shown: Sequence[Customer], reader: Reader) -> Callable[[Customer], tuple[str, bool]]:
    ids = [customer.id for customer in shown]
    parts: dict[UUID, list[str]] = defaultdict(list)
    late: set[UUID] = set()
    open_ = owed(reader.today, Invoice.customer_id.in_(ids))
    for row in session.execute(select(open_).order_by(open_.c.currency)):
        parts[row.customer_id].append(_debt(int(row.open), int(row.overdue), row.currency, row.oldest_due_on, reader))
        if row.overdue > 0:
            late.add(row.customer_id)
    spare = held(reader.today, ids)
    for customer_id, currency, minor in session.execute(select(spare).order_by(spare.c.currency)):
        parts[customer_id].append(f"{reader.minor(int(minor), currency)} to use")
    cases: tuple[tuple[str, type[Dispute] | type[Complaint]], ...] = (("objection", Dispute), ("complaint", Complaint))
    for noun, one in cases:
        query = select(one.customer_id, func.count()).where(one.customer_id.in_(ids), one.state == "open")
        for customer_id, count in session.execute(query.group_by(one.customer_id)):
            parts[customer_id].append(f"{count} {noun}{'s' if count > 1 else ''}")
    for customer_id, expected_on in session.execute(_parcels(ids, reader.today)):
        parts[customer_id].append(f"parcel {_days(days_late(expected_on, reader.today))} late")

    def standing(customer: Customer) -> tuple[str, bool]:
        said = parts[customer.id] or ["owes nothing"]
        return " · ".join([*said, *_reach(customer)]), customer.id in late

    return standing


def _debt(open_: int, overdue: int, currency: str, oldest_due_on: date, reader: Reader) -> str:
    """The debt in a few words; minor units of the currency. The days are those of the oldest invoice."""
    if open_ < 0:
        return f"{reader.minor(-open_, currency)} in credit"
    if overdue <= 0:
        return f"{reader.minor(open_, currency)} open"
    late = f"{reader.minor(overdue, currency)} late ({_days(days_late(oldest_due_on, reader.today))})"
    return late if overdue == open_ else f"{reader.minor(open_, currency)} open, {late}"


def _days(days: int) -> str:
    return "1\N{NO-BREAK SPACE}day" if days == 1 else f"{days}\N{NO-BREAK SPACE}days"


def _parcels(ids: Sequence[UUID], today: date) -> Select[Any, Any]:
    """Per customer, since when the longest awaited parcel should have come."""
    since = func.min(Shipment.expected_on)
    return (
        select(Order.customer_id, since)
        .join(Shipment, Shipment.order_id == Order.id)
        .where(Order.customer_id.in_(ids), Shipment.delivered_on.is_(None), Shipment.expected_on < today)
        .group_by(Order.customer_id)
        .order_by(Order.customer_id)
    )


def _reach(customer: Customer) -> list[str]:
    emails = [address for contact in customer.contacts for address in contact.addresses if address.channel == "email"]
    if not emails:
        return ["no email address"]
    return [] if any(address.is_usable for address in emails) else ["email bounces"]
