"""Money from the bank for tests, and how the ledger stands."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.bank import BankStatement, BankTransaction, PayerAccount
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn, WriteOff
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT

THEIRS, OTHERS = "NL20INGB0001234567", "DE89370400440532013000"
_key = count(1)


def a_transaction(session: Session, seller: Seller, minor: int, text: str = "", **fields: object) -> BankTransaction:
    """Money that came in today from a known-looking account and waits."""
    (account,) = seller.bank_accounts
    statement = session.scalars(select(BankStatement)).first() or BankStatement(
        seller_id=seller.id, bank_account_id=account.id, number="1", format="camt.053", file="f", checksum="c",
        currency="EUR", imported_at=MOMENT,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    transaction = BankTransaction(
        **{
            "seller_id": seller.id,
            "bank_account_id": account.id,
            "bank_statement_id": statement.id,
            "key": f"k{next(_key)}",
            "booked_on": DAY,
            "amount_minor": minor,
            "currency": "EUR",
            "direction": "in",
            "payer_name": "Bakkerij Jansen",
            "payer_account": THEIRS,
            "text": text,
        }
        | fields
    )
    session.add(transaction)
    session.commit()
    return transaction


def opens(session: Session) -> dict[str, int]:
    session.expire_all()
    rows = session.execute(select(Invoice.number, open_minor()).order_by(Invoice.number))
    return {number: int(left) for number, left in rows}


def everything(session: Session) -> list[Any]:
    """Every row a run could touch, as it stands."""
    session.expire_all()
    counts = [
        session.scalar(select(func.count()).select_from(noun))
        for noun in (Payment, Allocation, PaymentReturn, PayerAccount, TrailLine, WriteOff)
    ]
    rows = session.execute(
        select(
            BankTransaction.id,
            BankTransaction.state,
            BankTransaction.state_why,
            BankTransaction.payment_id,
            BankTransaction.suggestions,
        ).order_by(BankTransaction.id)
    )
    return [counts, [tuple(row) for row in rows]]


def seen(session: Session, transaction: BankTransaction) -> BankTransaction:
    session.expire_all()
    return session.get_one(BankTransaction, transaction.id)
