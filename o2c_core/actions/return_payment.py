"""The bank or the payer took a payment back: invoices it paid are open again as far as the money is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from o2c_core.errors import Refused
from o2c_core.invoices.allocation import OtherCurrency, check_above_zero, check_happened
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.posting import Change, ledger_day, left_of, locked, standing, take_back
from o2c_core.invoices.returning import book_return, not_taken_back, same_return
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

KINDS = ("reversal", "chargeback")


class NotAReturn(Refused):
    """A payment that was taken back is a reversal by the bank or a chargeback by the payer."""


class BeforeItCame(Refused):
    """Money cannot have been taken back before it came."""


class AlreadyReturned(Refused):
    """That payment has already been taken back."""


@dataclass(frozen=True)
class Returned:
    """The return as booked, and what it took back from invoices. `is_new` is false when it was there already."""

    payment_return: PaymentReturn
    is_new: bool
    changes: tuple[Change, ...]


def return_payment(
    payment_id: UUID,
    kind: str,
    amount: Money,
    returned_on: date,
    *,
    reason: str,
    source_key: str,
    store: Store,
    by: str = "system",
) -> Returned:
    """Book that a payment, or part of it, was taken back: what is unapplied goes first, then the newest allocations.

    Where some of it was refunded before, what is unapplied falls below zero: the customer owes us the refund.
    Recording the same `source_key` again changes nothing.

    Raises: NotFound; NotAReturn; NotAboveZero; InTheFuture; BeforeItCame; OtherCurrency; AlreadyReturned;
    ReturnKnownDifferently.
    """
    now = store.clock.now()
    if kind not in KINDS:
        raise NotAReturn(kind=kind)
    check_above_zero(amount)
    with store.session() as session:
        payment = locked(session, Payment, payment_id)
        known = same_return(session, payment, kind, amount, source_key)
        if known is not None:
            return Returned(known, False, ())
        if amount.currency != payment.currency:
            raise OtherCurrency(f"The payment is in {payment.currency}, not in {amount.currency}.")
        check_happened(returned_on, ledger_day(session, payment.seller_id, store.clock))
        if returned_on < payment.received_on:
            raise BeforeItCame(returned_on=returned_on.isoformat(), received_on=payment.received_on.isoformat())
        still_here = not_taken_back(session, payment)
        if still_here.minor <= 0:
            raise AlreadyReturned(payment=str(payment_id))
        if amount > still_here:
            raise AlreadyReturned(
                f"{amount} cannot be taken back: of the payment {still_here} is still here.",
                payment=str(payment_id),
            )
        needed = amount - left_of(session, payment)
        changes = []
        if needed.minor > 0:
            changes = take_back(
                session, standing(session, Allocation.payment_id == payment.id), needed.minor, returned_on
            )
        booked = book_return(session, payment, kind, amount, returned_on, reason, source_key)
        note(
            session, "payment returned", payment, at=now, who=by, why=reason, kind_of_return=kind, key=source_key,
            amount=str(amount), returned_on=returned_on.isoformat(), payment_return=str(booked.id),
            released=[change.to_json() for change in changes],
        )  # fmt: skip
        withdraw_overtaken(session, payment.customer_id, now)
        session.commit()
        return Returned(booked, True, tuple(changes))
