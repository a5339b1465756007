"""What becomes of payments people say they made: closed when the money is here, traced by a person when it is not."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.complaint import answer_day
from o2c_core.cases.payment_said import MOVES, PaymentSaid, came_for_said, open_for_said, said_state
from o2c_core.conversations.tasks import close_tasks, due_at, open_task, owner_of
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.trail import note

TRACE_WITHIN_WORKING_DAYS = 1


def money_came(session: Session, customer_id: UUID, now: datetime) -> None:
    """Closes, in the transaction that books the money, what that customer said they paid and now has arrived."""
    waiting = select(PaymentSaid.id).where(
        PaymentSaid.customer_id == customer_id, PaymentSaid.state.in_(("open", "not_arrived"))
    )
    keys = list(session.scalars(waiting))
    if keys:
        seller = session.scalars(
            select(Seller).join(Customer, Customer.seller_id == Seller.id).where(Customer.id == customer_id)
        ).one()
        look_for_payments(session, keys, now.astimezone(ZoneInfo(seller.time_zone)).date(), now)


def look_for_payments(session: Session, keys: Collection[UUID], on: date, now: datetime) -> dict[str, int]:
    """How many of those have arrived, and how many should have by that day and did not.

    Each is moved only from the state it was read in, so two that look at once do not both say so.
    """
    query = (
        select(PaymentSaid, came_for_said(), open_for_said())
        .where(PaymentSaid.id.in_(keys), PaymentSaid.state.in_(("open", "not_arrived")))
        .options(selectinload(PaymentSaid.invoices))
        .order_by(PaymentSaid.id)
    )
    counts = {"arrived": 0, "not_arrived": 0}
    for said, came, left in session.execute(query).all():
        state = said_state(said, int(came), int(left), on)
        if state != said.state and _move(session, said, state, on):
            counts[state] += 1
            _say(session, said, state, on, now)
    return counts


def trace(session: Session, said: PaymentSaid, why: str, on: date, now: datetime) -> None:
    """Asks the owner to look for the money; while they are asked already, once."""
    seller = session.get_one(Seller, said.seller_id)
    numbers = session.scalars(
        select(Invoice.number).where(Invoice.id.in_([one.invoice_id for one in said.invoices])).order_by(Invoice.number)
    ).all()
    open_task(
        session, "payment_trace", about(said), why, at=now, seller_id=said.seller_id, customer_id=said.customer_id,
        message_id=said.message_id, owner=owner_of(seller, "payment_trace"),
        due_at=due_at(seller, answer_day(on, TRACE_WITHIN_WORKING_DAYS)), amount=str(said.amount),
        paid_on=said.paid_on.isoformat() if said.paid_on else None, said_on=said.said_on.isoformat(), invoices=list(numbers),
        proof=str(said.proof_file_id) if said.proof_file_id else None,
    )  # fmt: skip
    said.traced_on = said.traced_on or on


def about(said: PaymentSaid) -> str:
    """What the task to look for it is about."""
    return f"payment said {said.id}"


def _move(session: Session, said: PaymentSaid, to: str, on: date) -> bool:
    assert to in MOVES[said.state]
    moved = session.scalars(
        update(PaymentSaid)
        .where(PaymentSaid.id == said.id, PaymentSaid.state == said.state)
        .values(state=to, settled_on=on)
        .returning(PaymentSaid.id)
        .execution_options(synchronize_session="fetch")
    )
    return moved.one_or_none() is not None


def _say(session: Session, said: PaymentSaid, state: str, on: date, now: datetime) -> None:
    if state == "arrived":
        close_tasks(session, "payment_trace", about(said), at=now, by="system", how="The money has arrived.")
        why = "the money is here"
    else:
        why = f"nothing came by {said.until_on.isoformat()}"
        trace(session, said, f"The customer says they paid {said.amount}; it has not arrived. Look for it.", on, now)
    note(
        session, "said payment arrived" if state == "arrived" else "said payment missing", said, at=now, who="system",
        why=why, message_id=said.message_id, amount=str(said.amount),
        paid_on=said.paid_on.isoformat() if said.paid_on else None,
    )  # fmt: skip
