"""What customers have read of us already today, so that nobody gets two messages about one thing, or too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.informing.informed import Informed
from o2c_core.informing.part import InvoiceIssued, Told
from o2c_core.informing.why_not import WhyNot
from o2c_core.orders.shipment import Shipment
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.many import is_one_of

_NOT_SENT = ("failed", "withdrawn")


@dataclass(frozen=True)
class Already:
    """Invoices that a reminder of today asks for, orders of which goods were said to leave today, and notices of today."""

    reminded: Collection[UUID]
    left_today: Collection[UUID]
    notices: Counter[UUID]

    def against(self, one: Told) -> WhyNot | None:
        """Why it is told tomorrow: two mails about one invoice are too many, and so are two about an order's shipments."""
        if isinstance(one.part, InvoiceIssued) and one.part.invoice_id in self.reminded:
            return WhyNot.REMINDED
        if one.row.step == "shipped" and one.order_id in self.left_today:
            return WhyNot.TOLD_TODAY
        return None


def already_read(
    session: Session, customers: Sequence[UUID], told: Sequence[Told], today: date, since: datetime
) -> Already:
    """What those customers have read, or are about to, that bears on these; the seller's day is `today` and began at `since`."""
    invoices = [one.part.invoice_id for one in told if isinstance(one.part, InvoiceIssued)]
    orders = [one.order_id for one in told if one.row.step == "shipped" and one.order_id is not None]
    return Already(
        _reminded(session, invoices, today) if invoices else (),
        _left(session, orders, since) if orders else (),
        _notices(session, customers, since),
    )


def _reminded(session: Session, invoices: Sequence[UUID], today: date) -> set[UUID]:
    query = (
        select(Reminder.invoice_id)
        .join(Message, Message.id == Reminder.message_id)
        .where(is_one_of(Reminder.invoice_id, invoices), Reminder.on == today, Message.delivery.not_in(_NOT_SENT))
    )
    return set(session.scalars(query))


def _left(session: Session, orders: Sequence[UUID], since: datetime) -> set[UUID]:
    query = (
        select(Shipment.order_id)
        .join(Informed, Informed.subject_id == Shipment.id)
        .join(Message, Message.id == Informed.message_id)
        .where(
            is_one_of(Shipment.order_id, orders),
            Informed.step == "shipped",
            Informed.settled_at >= since,
            Message.delivery.not_in(_NOT_SENT),
        )
    )
    return set(session.scalars(query))


def _notices(session: Session, customers: Sequence[UUID], since: datetime) -> Counter[UUID]:
    """How many notices each was written; documents have to reach them and do not count."""
    query = (
        select(Informed.customer_id, func.count(Informed.message_id.distinct()))
        .join(Message, Message.id == Informed.message_id)
        .where(
            is_one_of(Informed.customer_id, customers),
            Informed.settled_at >= since,
            Message.purpose == "notice",
            Message.delivery.not_in(_NOT_SENT),
        )
        .group_by(Informed.customer_id)
    )
    return Counter({customer_id: int(count) for customer_id, count in session.execute(query)})
