"""Log a complaint in the customer's words, with a number they can quote and a day by which a person answers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.complaint import Complaint, answer_by, check_kind
from o2c_core.cases.numbers import next_number
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

ABOUT_CHARACTERS_MAX = 2000


@dataclass(frozen=True)
class Grievance:
    """What the customer is unhappy about, in their words, with the order or invoice they named.

    How bad it is decides by when a person answers.
    """

    customer_id: UUID
    about: str
    message_id: UUID | None = None
    order_id: UUID | None = None
    invoice_id: UUID | None = None
    category: str = "other"
    severity: str = "normal"
    owner: str | None = None


def log_complaint(grievance: Grievance, *, store: Store, by: str = "assistant") -> Complaint:
    """The recorded complaint. The same message logged twice gives the complaint it gave the first time.

    Raises: NoSuchCategory.
    """
    check_kind(grievance.category, grievance.severity)
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two workers that answer one message take turns.
        customer = session.get_one(Customer, grievance.customer_id, with_for_update={"key_share": True})
        if grievance.message_id is not None:
            before = session.scalars(
                select(Complaint).where(Complaint.message_id == grievance.message_id)
            ).one_or_none()
            if before is not None:
                return before
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        complaint = Complaint(
            seller_id=seller.id,
            customer_id=customer.id,
            order_id=grievance.order_id,
            invoice_id=grievance.invoice_id,
            number=next_number(session, seller, "complaint", day),
            about=grievance.about[:ABOUT_CHARACTERS_MAX],
            category=grievance.category,
            severity=grievance.severity,
            owner=grievance.owner,
            state="open",
            opened_at=now,
            answer_by=answer_by(grievance.severity, day),
            message_id=grievance.message_id,
        )
        session.add(complaint)
        session.flush()
        note(
            session,
            "complaint logged",
            complaint,
            at=now,
            who=by,
            why="the customer complained",
            message_id=grievance.message_id,
            number=complaint.number,
            category=complaint.category,
            severity=complaint.severity,
            owner=complaint.owner,
        )
        withdraw_overtaken(session, customer.id, now)
        session.commit()
        return complaint
