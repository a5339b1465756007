"""What a bank transaction becomes in the ledger: a payment set against invoices, or one taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.customers.seller import BankAccount
from o2c_core.invoices.bank import BankTransaction, PayerAccount
from o2c_core.invoices.matching_facts import Reason, Receipt, because
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.posting import Change, apply, left_of, locked, standing, take_back
from o2c_core.invoices.returning import book_return, not_taken_back
from o2c_core.keys import new_key
from o2c_core.money import Money

# A direct debit may be taken back for thirteen months. Source: SEPA Core Direct Debit rulebook, section 4.3.
TAKEN_BACK_DAYS_MAX = 400


@dataclass(frozen=True)
class Posted:
    """The payment a transaction became, what it pays and what is left of it."""

    payment: Payment
    changes: tuple[Change, ...]
    unapplied: Money


def receipt_of(transaction: BankTransaction) -> Receipt:
    """The transaction as matching sees it. Payers write numbers into the end-to-end id too."""
    said = [words for words in (transaction.text, transaction.end_to_end) if words]
    return Receipt(
        amount=Money(transaction.amount_minor, transaction.currency),
        on=transaction.booked_on,
        reference=transaction.reference,
        text="\n,".join(said),
        payer_name=transaction.payer_name,
        payer_account=transaction.payer_account,
    )


def post_receipt(
    session: Session,
    transaction: BankTransaction,
    customer_id: UUID,
    wanted: Mapping[UUID, Money],
    *,
    why: str,
    by: str,
    now: datetime,
) -> Posted:
    """Books the money with the customer, sets it against the invoices wanted and remembers whose account it came from.

    The transaction is the caller's to lock. Raises: as `posting.apply` does.
    """
    key = source_key(session, transaction)
    amount = Money(transaction.amount_minor, transaction.currency)
    payment_id = session.scalar(
        insert(Payment)
        .values(
            id=new_key(),
            seller_id=transaction.seller_id,
            customer_id=customer_id,
            received_on=transaction.booked_on,
            amount_minor=amount.minor,
            currency=amount.currency,
            reference=transaction.reference,
            method="bank",
            payer_name=transaction.payer_name,
            payer_account=transaction.payer_account,
            source_key=key,
        )
        .returning(Payment.id)
    )
    payment = session.get_one(Payment, payment_id)
    changes = apply(session, payment, wanted, amount, transaction.booked_on, by) if wanted else []
    transaction.state, transaction.state_why = "matched", why
    transaction.payment_id, transaction.suggestions = payment.id, []
    _remember_payer(session, transaction, customer_id, now)
    session.flush()
    return Posted(payment, tuple(changes), left_of(session, payment))


def source_key(session: Session, transaction: BankTransaction) -> str:
    """The key under which the transaction is booked, so that it is booked once."""
    account = select(BankAccount.iban).where(BankAccount.id == transaction.bank_account_id)
    return f"bank:{session.scalars(account).one()}:{transaction.key}"


def _remember_payer(session: Session, transaction: BankTransaction, customer_id: UUID, now: datetime) -> None:
    account = transaction.payer_account
    ours = select(BankAccount.id).where(
        BankAccount.seller_id == transaction.seller_id, func.replace(BankAccount.iban, " ", "") == account
    )
    # Money moved between the seller's own accounts says nothing about who pays from them.
    if not account or session.scalars(ours).first() is not None:
        return
    session.execute(
        insert(PayerAccount)
        .values(id=new_key(), seller_id=transaction.seller_id, customer_id=customer_id, account=account, learnt_at=now)
        .on_conflict_do_nothing()
    )


def original_of(session: Session, reversal: BankTransaction) -> BankTransaction | Reason:
    """The money the bank took back, ours until the transaction ends, or why it is not known.

    It came in on the same account in the same amount; the end-to-end id, the bank's reference or, last, the payer's
    account says which it was.
    """
    if reversal.direction != "out":
        return because("came_back")
    told = [
        (column, value)
        for column, value in (
            (BankTransaction.end_to_end, reversal.end_to_end),
            (BankTransaction.bank_reference, reversal.bank_reference),
            (BankTransaction.payer_account, reversal.payer_account),
        )
        if value
    ]
    if not told:
        return because("original_unknown")
    found = list(
        session.scalars(
            select(BankTransaction)
            .where(
                BankTransaction.bank_account_id == reversal.bank_account_id,
                BankTransaction.direction == "in",
                BankTransaction.is_reversal.is_(False),
                BankTransaction.state.in_(("waiting", "matched")),
                BankTransaction.amount_minor == reversal.amount_minor,
                BankTransaction.currency == reversal.currency,
                BankTransaction.booked_on <= reversal.booked_on,
                BankTransaction.booked_on >= reversal.booked_on - timedelta(days=TAKEN_BACK_DAYS_MAX),
                or_(*(column == value for column, value in told)),
            )
            .order_by(BankTransaction.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    for column, value in told:
        same = [one for one in found if getattr(one, column.key) == value]
        if len(same) == 1:
            return same[0]
        found = same or found
    return because("original_unclear" if found else "original_unknown")


@dataclass(frozen=True)
class TakenBack:
    """A payment the bank took back, and what that opened again."""

    payment: Payment
    payment_return: PaymentReturn
    changes: tuple[Change, ...]


def take_payment_back(
    session: Session, original: BankTransaction, reversal: BankTransaction, reason: str
) -> TakenBack | None:
    """Books the reversal of the payment: what is unapplied goes first, then the newest allocations.

    None when so much of it was not left to be taken back.
    """
    assert original.payment_id is not None
    payment = locked(session, Payment, original.payment_id)
    amount = Money(reversal.amount_minor, reversal.currency)
    if amount > not_taken_back(session, payment):
        return None
    on: date = reversal.booked_on
    needed = amount - left_of(session, payment)
    changes = []
    if needed.minor > 0:
        changes = take_back(session, standing(session, Allocation.payment_id == payment.id), needed.minor, on)
    booked = book_return(session, payment, "reversal", amount, on, reason, source_key(session, reversal))
    return TakenBack(payment, booked, tuple(changes))
