"""Money arrived: it is booked once, set against invoices as wanted, and reminders it overtakes are withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.clock import Clock
from o2c_core.conversations.payments_said import money_came
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.allocation import check_above_zero, check_happened
from o2c_core.invoices.payment import Payment
from o2c_core.invoices.posting import Change, Wanted, apply, ledger_day, left_of
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note


class KnownDifferently(Refused):
    """A payment with that key is already booked, and it says something else."""


@dataclass(frozen=True)
class Recorded:
    """The payment as booked. `is_new` is false when it was there already; then nothing was changed."""

    payment: Payment
    is_new: bool
    changes: tuple[Change, ...]
    unapplied: Money


def record_payment(
    customer_id: UUID,
    amount: Money,
    received_on: date,
    *,
    source_key: str,
    store: Store,
    wanted: Wanted | None = None,
    reference: str | None = None,
    method: str | None = None,
    payer_name: str | None = None,
    payer_account: str | None = None,
    by: str = "system",
    message_id: UUID | None = None,
) -> Recorded:
    """Book what a customer paid and set it against invoices: those `wanted` names, the oldest due first, or none.

    What is over stays as unapplied money. Recording the same `source_key` again changes nothing. Either everything
    that is wanted is done or nothing is.

    Raises: NotFound; NotAboveZero; InTheFuture; KnownDifferently; OtherCurrency; NotTheirInvoice; MoreThanIsOpen;
    MoreThanIsLeft.
    """
    with store.session() as session:
        recorded = book_payment(
            session, customer_id, amount, received_on, clock=store.clock, source_key=source_key, wanted=wanted,
            reference=reference, method=method, payer_name=payer_name, payer_account=payer_account, by=by,
            message_id=message_id,
        )  # fmt: skip
        if recorded.is_new:
            session.commit()
        return recorded


def book_payment(
    session: Session,
    customer_id: UUID,
    amount: Money,
    received_on: date,
    *,
    clock: Clock,
    source_key: str,
    wanted: Wanted | None = None,
    reference: str | None = None,
    method: str | None = None,
    payer_name: str | None = None,
    payer_account: str | None = None,
    by: str = "system",
    message_id: UUID | None = None,
) -> Recorded:
    """The same in a transaction of the caller's, for who has more to write with it.

    Raises: as `record_payment` does.
    """
    now = clock.now()
    check_above_zero(amount)
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFound("There is no such customer.", customer=str(customer_id))
    check_happened(received_on, ledger_day(session, customer.seller_id, clock))
    # Whoever records the same key at the same time waits here until the first is through.
    added = session.scalar(
        insert(Payment)
        .values(
            id=new_key(),
            seller_id=customer.seller_id,
            customer_id=customer.id,
            received_on=received_on,
            amount_minor=amount.minor,
            currency=amount.currency,
            reference=reference,
            method=method,
            payer_name=payer_name,
            payer_account=payer_account,
            source_key=source_key,
        )
        .on_conflict_do_nothing(index_elements=[Payment.seller_id, Payment.source_key])
        .returning(Payment.id)
    )
    payment = session.scalars(
        select(Payment).where(Payment.seller_id == customer.seller_id, Payment.source_key == source_key)
    ).one()
    if added is None:
        check_same(payment, customer_id, amount)
        return Recorded(payment, False, (), left_of(session, payment))
    changes = apply(session, payment, wanted, amount, received_on, by) if wanted else []
    unapplied = left_of(session, payment)
    note(
        session, "payment recorded", payment, at=now, who=by, message_id=message_id, key=source_key,
        amount=str(amount), received_on=received_on.isoformat(), unapplied=str(unapplied),
        allocated=[change.to_json() for change in changes],
    )  # fmt: skip
    money_came(session, customer_id, now)
    withdraw_overtaken(session, customer_id, now)
    return Recorded(payment, True, tuple(changes), unapplied)


def check_same(payment: Payment, customer_id: UUID, amount: Money) -> None:
    """Raises: KnownDifferently."""
    booked = Money(payment.amount_minor, payment.currency)
    if payment.customer_id != customer_id:
        raise KnownDifferently(
            f"The payment {payment.source_key} is already booked for another customer.", key=payment.source_key
        )
    if booked != amount:
        raise KnownDifferently(
            f"The payment {payment.source_key} is already booked with {booked}, not {amount}.", key=payment.source_key
        )
