"""What the bank says: statements, their transactions, and whose account is whose."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

TRANSACTION_STATES = ("waiting", "matched", "ignored", "reversed")


class BankStatement(Keyed, Row):
    """A statement as the bank sent it; the balances are signed, in minor units."""

    __tablename__ = "bank_statement"
    __table_args__ = (Index(None, "bank_account_id", "to_on"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    bank_account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    number: Mapped[str]
    format: Mapped[str]
    file: Mapped[str]
    checksum: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    opening_minor: Mapped[int | None]
    closing_minor: Mapped[int | None]
    currency: Mapped[str]
    imported_at: Mapped[datetime]


class BankTransaction(Keyed, Row):
    """One amount on an account. It waits until it is matched with a customer's payment, or somebody ignores it.

    `key` is the same wherever the bank repeats the transaction. `suggestions` are ranked, each with its reasons, for a
    person to accept. `payment_id` is the payment it became.
    """

    __tablename__ = "bank_transaction"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "key"),
        CheckConstraint("amount_minor > 0", "positive"),
        CheckConstraint("direction IN ('in', 'out')", "direction"),
        CheckConstraint(f"state IN {TRANSACTION_STATES}", "state"),
        Index("ix_bank_transaction_waiting", "seller_id", "id", postgresql_where=sql("state = 'waiting'")),
        Index(None, "payment_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    bank_account_id: Mapped[UUID] = mapped_column(ForeignKey("bank_account.id"))
    bank_statement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_statement.id"))
    key: Mapped[str]
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    direction: Mapped[str]
    is_reversal: Mapped[bool] = mapped_column(default=False)
    payer_name: Mapped[str | None]
    payer_account: Mapped[str | None]
    reference: Mapped[str | None]
    text: Mapped[str | None]
    end_to_end: Mapped[str | None]
    bank_reference: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="waiting")
    state_why: Mapped[str | None]
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment.id"))
    suggestions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)


class PayerAccount(Keyed, Row):
    """An account a customer has paid from before, learnt from money a person or a reference matched."""

    __tablename__ = "payer_account"
    __table_args__ = (UniqueConstraint("seller_id", "account", "customer_id"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    account: Mapped[str]
    learnt_at: Mapped[datetime]
