"""Place a hold: for a while nobody reminds, sells on account or delivers, and somebody answers for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.hold import Hold, check_hold
from o2c_core.clock import today
from o2c_core.customers.authority import authority_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


@dataclass(frozen=True)
class Pause:
    """What is to be held, for the customer or one invoice of theirs; it holds up to and including `until_on`."""

    customer_id: UUID
    kind: str
    reason: str
    owner: str
    until_on: date
    from_on: date | None = None
    invoice_id: UUID | None = None
    message_id: UUID | None = None


def place_hold(pause: Pause, *, store: Store, role: str, by: str) -> Hold:
    """The hold; it ends by itself after its last day. The same one placed again is found and changes nothing.

    Raises: NotFound when the customer is not there or the invoice not theirs; HoldNeedsAnEnd; HeldTooLong;
    BeyondAuthority.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two of the same take turns.
        customer = session.scalars(
            select(Customer).where(Customer.id == pause.customer_id).with_for_update(key_share=True)
        ).one_or_none()
        invoice = session.get(Invoice, pause.invoice_id) if pause.invoice_id else None
        if customer is None or (pause.invoice_id and (invoice is None or invoice.customer_id != customer.id)):
            raise NotFound(customer=str(pause.customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        from_on = pause.from_on or day
        days_max = authority_of(role, seller).hold_days_max
        check_hold(pause.kind, pause.reason, pause.owner, from_on, pause.until_on, day, days_max)
        same = select(Hold).where(
            Hold.customer_id == customer.id,
            Hold.invoice_id == pause.invoice_id if pause.invoice_id else Hold.invoice_id.is_(None),
            Hold.kind == pause.kind,
            Hold.until_on == pause.until_on,
            Hold.from_on <= from_on,
            Hold.ended_on.is_(None),
        )
        before = session.scalars(same.limit(1)).one_or_none()
        if before is not None:
            return before
        hold = Hold(
            seller_id=seller.id,
            customer_id=customer.id,
            invoice_id=pause.invoice_id,
            kind=pause.kind,
            reason=pause.reason.strip(),
            owner=pause.owner.strip(),
            from_on=from_on,
            until_on=pause.until_on,
            created_at=now,
            message_id=pause.message_id,
        )
        session.add(hold)
        session.flush()
        note(
            session,
            "hold placed",
            hold,
            at=now,
            who=by,
            why=hold.reason,
            message_id=pause.message_id,
            kind=hold.kind,
            owner=hold.owner,
            until=hold.until_on.isoformat(),
            invoice=invoice.number if invoice else None,
        )
        withdraw_overtaken(session, customer.id, now)
        session.commit()
        return hold
