"""What speaks against collecting or writing off now, for whoever decides: what is disputed, promised or still unanswered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core import days
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.trail import TrailLine

# What a person was called for, for so long as it may still be so.
_SPOKEN_OF_DAYS = 180
_SPOKEN_OF = {
    "insolvency": "insolvency was spoken of",
    "bereavement": "a bereavement was spoken of",
    "vulnerable": "somebody in difficulty wrote",
    "legal_threat": "legal steps were spoken of",
}


def speaks_against(session: Session, seller: Seller, customer_ids: Collection[UUID], now: datetime) -> str:
    """A sentence that begins with "Mind:"; "" where nothing is on record."""
    theirs = tuple(customer_ids)
    said = [
        f"{one.amount} is disputed ({one.number})"
        for one in session.scalars(
            select(Dispute)
            .where(Dispute.customer_id.in_(theirs), Dispute.state == "open")
            .order_by(Dispute.opened_at, Dispute.id)
        )
    ]
    said += [
        f"{one.amount} is promised for {days.show(one.promised_on, locale_for('en', seller.country))}"
        for one in session.scalars(
            select(Promise)
            .where(Promise.customer_id.in_(theirs), Promise.state == "open")
            .order_by(Promise.promised_on, Promise.id)
        )
    ]
    said += [
        f"payment plan {number} is running"
        for number in session.scalars(
            select(PaymentPlan.number)
            .where(PaymentPlan.customer_id.in_(theirs), PaymentPlan.state == "active")
            .order_by(PaymentPlan.number)
        )
    ]
    said += [
        f"complaint {number} waits for our answer"
        for number in session.scalars(
            select(Complaint.number)
            .where(Complaint.customer_id.in_(theirs), Complaint.state == "open")
            .order_by(Complaint.opened_at, Complaint.id)
        )
    ]
    reason = TrailLine.details["reason"].astext
    spoken_of = set(
        session.scalars(
            select(reason).where(
                TrailLine.customer_id.in_(theirs), TrailLine.what == "person called", reason.in_(_SPOKEN_OF),
                TrailLine.at > now - timedelta(days=_SPOKEN_OF_DAYS),
            )
        )
    )  # fmt: skip
    said += [words for name, words in _SPOKEN_OF.items() if name in spoken_of]
    reached = select(FormalNotice.customer_id).where(FormalNotice.state == "delivered")
    said += [
        # Without it a consumer owes no costs of collecting (in the Netherlands: art. 6:96(6) BW).
        f"no formal notice has reached {ref}, a private person"
        for ref in session.scalars(
            select(Customer.ref)
            .where(Customer.id.in_(theirs), Customer.kind == "person", Customer.id.not_in(reached))
            .order_by(Customer.ref)
        )
    ]
    return f"Mind: {'; '.join(said)}." if said else ""
