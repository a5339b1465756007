"""Give out everything that is kept about a person, in a form that machines read."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.clock import today
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.figures.awaited import habits
from o2c_core.invoices.account import balances
from o2c_core.privacy.exporting import not_included, rows_about
from o2c_core.privacy.holdings import Person
from o2c_core.privacy.periods import periods
from o2c_core.store.store import Store
from o2c_core.trail import note

FORMAT = "parley-person-export"
VERSION = 1


def export_person(
    customer_id: UUID, contact_id: UUID | None = None, *, by: str, why: str = "", store: Store
) -> dict[str, Any]:
    """All there is of the customer, or of one contact of theirs and nothing else of that customer, ready for JSON.

    `data` has the rows, `inferred` what was concluded about them, `kept_for` how long each kind stays, `not_included`
    what is left out and why. The trail says that it was given out.

    Raises: NotFound.
    Source: GDPR art. 15(1), 15(3), 15(4) and 20; docs/privacy.md has the format.
    """
    now = store.clock.now()
    with store.session() as session:
        customer = session.get(Customer, customer_id)
        contact = session.get(Contact, contact_id) if contact_id else None
        if customer is None or (contact_id and (contact is None or contact.customer_id != customer.id)):
            raise NotFound(customer=str(customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        on = today(store.clock, seller.time_zone)
        whose = Contact.id == contact.id if contact else Contact.customer_id == customer.id
        addresses = session.scalars(select(Address.value).join(Contact, Contact.id == Address.contact_id).where(whose))
        person = Person(seller.id, customer.id, contact.id if contact else None, tuple(addresses))
        exported = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": now.isoformat(),
            "seller": {"ref": seller.ref, "name": seller.name, "country": seller.country, "email": seller.email},
            "person": {
                "kind": "contact" if contact else customer.kind,
                "customer": customer.ref,
                "name": contact.name if contact else customer.name,
                "is_erased": customer.erased_at is not None,
            },
            "data": rows_about(session, person),
            "inferred": {} if contact else _inferred(session, seller, customer, on),
            "kept_for": {
                kind: {"covers": one.covers, one.unit: one.length(seller.country), "from": one.counted_from, "then": one.then}
                for kind, one in periods().items()
            },
            "not_included": not_included(),
        }  # fmt: skip
        note(
            session, "person exported", contact or customer, at=now, who=by, why=why, customer_id=customer.id,
            seller_id=seller.id, version=VERSION,
        )  # fmt: skip
        session.commit()
        return exported


def _inferred(session: Session, seller: Seller, customer: Customer, on: date) -> dict[str, Any]:
    """What the ledger concludes about the customer: the balance, how late they usually pay, the segment they are in.

    Language and mood are with each message, in its `understanding`.
    """
    habit = habits(session, seller.id, on).of_customers.get(customer.id)
    return {
        "on": on.isoformat(),
        "segment": customer.segment,
        "balances": [
            {name: {"minor": money.minor, "currency": money.currency}
             for name, money in (("open", one.open), ("overdue", one.overdue), ("unapplied", one.unapplied), ("owed", one.owed))}
            for one in balances(session, customer.id, on)
        ],
        "days_late_when_paying": None if habit is None else {
            "invoices": habit.invoices, "quarter": habit.early, "half": habit.usual, "three_quarters": habit.slow
        },
    }  # fmt: skip
