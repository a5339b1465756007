"""Which ladder holds for a customer and an invoice: the narrowest choice that was made for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.ladder import STANDARD, Ladder
from o2c_core.reminders.ladders.versions import newest_ladders
from o2c_core.reminders.reminder import LadderChoice
from o2c_core.store.many import is_one_of


@dataclass(frozen=True)
class Place:
    """What a ladder is chosen for: one invoice, one customer, one segment, or with none of them the whole seller."""

    segment: str | None = None
    customer_id: UUID | None = None
    invoice_id: UUID | None = None

    def __post_init__(self) -> None:
        said = [one for one in (self.segment, self.customer_id, self.invoice_id) if one is not None]
        assert len(said) <= 1, "a ladder is chosen for one thing at a time"

    @property
    def scope(self) -> str:
        if self.invoice_id is not None:
            return "invoice"
        if self.customer_id is not None:
            return "customer"
        return "segment" if self.segment is not None else "seller"


@dataclass(frozen=True)
class Ladders:
    """The choices that hold for a batch of customers, and the ladders they are about."""

    chosen: dict[tuple[UUID, Place], str] = field(default_factory=dict)
    newest: dict[tuple[UUID, str], Ladder] = field(default_factory=dict)

    def of(self, customer: Customer, invoice_id: UUID | None = None) -> Ladder:
        """The ladder for that invoice of the customer's; without one, for what the customer owes in general.

        The narrowest choice counts: invoice, customer, segment, seller; without any the standard ladder, in the seller's
        own newest version where it keeps one.
        """
        return self.held_by(customer, invoice_id)[0]

    def held_by(self, customer: Customer, invoice_id: UUID | None = None) -> tuple[Ladder, str]:
        """The ladder, and the scope of the choice it comes from: "standard" where nothing was chosen."""
        for place in _places(customer, invoice_id) if self.chosen else ():
            name = self.chosen.get((customer.seller_id, place))
            if name is not None:
                return self._newest(customer.seller_id, name), place.scope
        return self._newest(customer.seller_id, STANDARD.name), "standard"

    def _newest(self, seller_id: UUID, name: str) -> Ladder:
        return self.newest.get((seller_id, name), STANDARD)


def ladders_for(session: Session, customers: Iterable[Customer]) -> Ladders:
    """What holds for those customers and all their invoices, of whichever sellers they are: two queries for all."""
    ids, sellers = set(), set()
    for customer in customers:
        ids.add(customer.id)
        sellers.add(customer.seller_id)
    if not ids:
        return Ladders()
    theirs = (
        select(Invoice.id).where(Invoice.id == LadderChoice.invoice_id, is_one_of(Invoice.customer_id, ids)).exists()
    )
    query = select(LadderChoice).where(
        LadderChoice.seller_id.in_(sellers),
        LadderChoice.ended_at.is_(None),
        or_(
            LadderChoice.scope.in_(("seller", "segment")),
            and_(LadderChoice.scope == "customer", is_one_of(LadderChoice.customer_id, ids)),
            and_(LadderChoice.scope == "invoice", theirs),
        ),
    )
    chosen = {(one.seller_id, place_of(one)): one.ladder for one in session.scalars(query)}
    names = {(seller_id, name) for (seller_id, _), name in chosen.items()}
    return Ladders(chosen, newest_ladders(session, names | {(seller_id, STANDARD.name) for seller_id in sellers}))


def place_of(choice: LadderChoice) -> Place:
    return Place(choice.segment, choice.customer_id, choice.invoice_id)


def _places(customer: Customer, invoice_id: UUID | None) -> list[Place]:
    """Where a choice for them may have been made, narrowest first."""
    narrow = [Place(invoice_id=invoice_id)] if invoice_id is not None else []
    segment = [Place(segment=customer.segment)] if customer.segment else []
    return [*narrow, Place(customer_id=customer.id), *segment, Place()]
