"""The seller: a legal entity that sells on account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.customers.terms import PaymentTerms
from o2c_core.store.rows import Keyed, Row


class BankAccount(Keyed, Row):
    """An account the seller is paid on; `holder` is the name the bank knows, which may not be the trading name."""

    __tablename__ = "bank_account"
    __table_args__ = (UniqueConstraint("seller_id", "iban"),)

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    iban: Mapped[str]
    bic: Mapped[str | None]
    holder: Mapped[str]
    currency: Mapped[str]
    is_default: Mapped[bool] = mapped_column(default=False)


class SenderIdentity(Keyed, Row):
    """An address the seller writes from, per channel: an email address with a name, a phone number."""

    __tablename__ = "sender_identity"
    __table_args__ = (
        UniqueConstraint("seller_id", "channel", "value"),
        CheckConstraint("channel IN ('email', 'sms', 'whatsapp')", "channel"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    channel: Mapped[str]
    value: Mapped[str]
    name: Mapped[str | None]
    is_default: Mapped[bool] = mapped_column(default=False)


class Seller(Keyed, Row):
    """A legal entity with its own currency, time zone, languages, numbering, bank accounts and sender identities.

    `numbering` has a pattern per kind of document, for instance {"invoice": "INV-{year}-{number:04}"}.
    """

    __tablename__ = "seller"

    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    language: Mapped[str]
    languages: Mapped[list[str]] = mapped_column(default=list)
    time_zone: Mapped[str]
    payment_terms_days: Mapped[int] = mapped_column(default=30)
    email: Mapped[str | None]
    phone: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    vat_number: Mapped[str | None]
    company_number: Mapped[str | None]
    endpoint: Mapped[str | None]
    numbering: Mapped[dict[str, Any]] = mapped_column(default=dict)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)

    bank_accounts: Mapped[list[BankAccount]] = relationship(
        order_by=(BankAccount.is_default.desc(), BankAccount.id), cascade="all, delete-orphan", lazy="selectin"
    )
    senders: Mapped[list[SenderIdentity]] = relationship(
        order_by=(SenderIdentity.is_default.desc(), SenderIdentity.id), cascade="all, delete-orphan"
    )

    @property
    def terms(self) -> PaymentTerms:
        return PaymentTerms(self.payment_terms_days)

    def account_for(self, currency: str) -> BankAccount | None:
        """The account that currency is paid on: the default one in it, else the default one; None without accounts."""
        in_currency = [account for account in self.bank_accounts if account.currency == currency]
        return next(iter(in_currency or self.bank_accounts), None)
