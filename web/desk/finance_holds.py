"""What is held back for a while, by whom, why, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice

SHOWN = 200
SOON_DAYS = 7
# What each kind keeps back.
KEEPS_BACK = {"reminders": "No reminders", "credit": "No orders on account", "delivery": "No deliveries"}
DONE = {
    "placed": "It holds from today, and ends by itself after its last day.",
    "ended": "It is over; from today nothing is held back by it.",
    "prolonged": "It holds until the new day; the one before it is over.",
}


@dataclass(frozen=True)
class Held:
    """A hold that is not over, with whose it is."""

    hold: Hold
    customer: str
    customer_ref: str
    invoice: str | None

    @property
    def what(self) -> str:
        said = KEEPS_BACK.get(self.hold.kind, self.hold.kind)
        return f"{said} for {self.invoice}" if self.invoice else said

    def is_soon(self, today: date) -> bool:
        """Whether it ends within a week, so that somebody should say what follows."""
        return self.hold.until_on <= today + timedelta(days=SOON_DAYS)


def holds_shown(session: Session, seller_id: UUID, today: date, limit: int = SHOWN) -> list[Held]:
    """The holds that run or are to come, those that end first first; one more than `limit` when there are more."""
    query = (
        select(Hold, Customer.name, Customer.ref, Invoice.number)
        .join(Customer, Customer.id == Hold.customer_id)
        .outerjoin(Invoice, Invoice.id == Hold.invoice_id)
        .where(
            Hold.seller_id == seller_id,
            Hold.until_on >= today,
            or_(Hold.ended_on.is_(None), Hold.ended_on > today),
        )
        .order_by(Hold.until_on, Hold.id)
        .limit(limit + 1)
    )
    return [Held(hold, name, ref, number) for hold, name, ref, number in session.execute(query)]
