"""Choose which ladder holds for a seller, a segment, a customer or one invoice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.ladders.choice import Place
from o2c_core.reminders.ladders.choosing import put_in_force
from o2c_core.reminders.reminder import LadderChoice
from o2c_core.store.store import Store


class OneThingAtATime(Refused):
    """A ladder is chosen for a segment, a customer or an invoice, one at a time."""


def choose_ladder(
    seller_ref: str,
    ladder: str | None,
    *,
    store: Store,
    segment: str | None = None,
    customer_ref: str | None = None,
    invoice_number: str | None = None,
    by: str = "command line",
    why: str | None = None,
) -> LadderChoice | None:
    """The choice that holds there from now on; without a `ladder` None, and what is wider holds again.

    It counts for what is written from now on: see `put_in_force`.

    Raises: NotFound; NoSuchLadder; OneThingAtATime.
    """
    if sum(one is not None for one in (segment, customer_ref, invoice_number)) > 1:
        raise OneThingAtATime
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == seller_ref)).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        place = _place(session, seller, segment, customer_ref, invoice_number)
        choice = put_in_force(session, seller, ladder, place, now=store.clock.now(), by=by, why=why)
        session.commit()
        return choice


def _place(
    session: Session, seller: Seller, segment: str | None, customer_ref: str | None, invoice_number: str | None
) -> Place:
    if customer_ref is not None:
        theirs = select(Customer.id).where(Customer.seller_id == seller.id, Customer.ref == customer_ref)
        customer_id = session.scalar(theirs)
        if customer_id is None:
            raise NotFound(f"There is no customer '{customer_ref}' at this seller.", customer=customer_ref)
        return Place(customer_id=customer_id)
    if invoice_number is not None:
        of_number = select(Invoice.id).where(Invoice.seller_id == seller.id, Invoice.number == invoice_number)
        invoice_id = session.scalar(of_number)
        if invoice_id is None:
            raise NotFound(f"There is no invoice '{invoice_number}' at this seller.", invoice=invoice_number)
        return Place(invoice_id=invoice_id)
    in_segment = select(Customer.id).where(Customer.seller_id == seller.id, Customer.segment == segment)
    if segment is not None and session.scalar(in_segment.limit(1)) is None:
        raise NotFound(f"No customer of this seller is in a segment '{segment}'.", segment=segment)
    return Place(segment=segment)
