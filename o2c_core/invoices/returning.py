"""Writing down money that left again, each return once."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.errors import Refused
from o2c_core.invoices.payment import Payment, PaymentReturn
from o2c_core.invoices.posting import Source
from o2c_core.keys import new_key
from o2c_core.money import Money


class ReturnKnownDifferently(Refused):
    """A return with that key is already booked, and it says something else."""


def same_return(session: Session, source: Source, kind: str, amount: Money, source_key: str) -> PaymentReturn | None:
    """The return that is booked under that key; None when there is none.

    Raises: ReturnKnownDifferently when it is of something else, of another kind or amount.
    """
    known = session.scalars(
        select(PaymentReturn).where(PaymentReturn.seller_id == source.seller_id, PaymentReturn.source_key == source_key)
    ).one_or_none()
    if known is None:
        return None
    booked = Money(known.amount_minor, known.currency)
    if source.id not in (known.payment_id, known.credit_note_id) or (known.kind, booked) != (kind, amount):
        raise ReturnKnownDifferently(
            f"The return {source_key} is already booked: a {known.kind} of {booked}.", key=source_key
        )
    return known


def not_taken_back(session: Session, payment: Payment) -> Money:
    """What of the payment the bank or the payer has not taken back yet.

    What we refunded is no part of that: the bank takes back what was paid, whatever we did with it since, and then the
    customer owes us the refund.
    """
    gone = select(func.coalesce(func.sum(PaymentReturn.amount_minor), 0)).where(
        PaymentReturn.payment_id == payment.id, PaymentReturn.kind != "refund"
    )
    return Money(payment.amount_minor - int(session.scalars(gone).one()), payment.currency)


def book_return(
    session: Session, source: Source, kind: str, amount: Money, on: date, reason: str, source_key: str
) -> PaymentReturn:
    """The return as it is booked now. Raises: ReturnKnownDifferently when somebody else just used the key."""
    is_payment = isinstance(source, Payment)
    added = session.scalar(
        insert(PaymentReturn)
        .values(
            id=new_key(),
            seller_id=source.seller_id,
            customer_id=source.customer_id,
            payment_id=source.id if is_payment else None,
            credit_note_id=None if is_payment else source.id,
            kind=kind,
            returned_on=on,
            amount_minor=amount.minor,
            currency=amount.currency,
            reason=reason,
            source_key=source_key,
        )
        .on_conflict_do_nothing(index_elements=[PaymentReturn.seller_id, PaymentReturn.source_key])
        .returning(PaymentReturn.id)
    )
    if added is None:
        raise ReturnKnownDifferently(key=source_key)
    return session.get_one(PaymentReturn, added)
