"""The seller: a legal entity that sells on account."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class Seller(Keyed, Row):
    """A legal entity with its own currency, time zone, numbering, bank account and sender identities."""

    __tablename__ = "seller"

    ref: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    language: Mapped[str]
    time_zone: Mapped[str]
    payment_terms_days: Mapped[int] = mapped_column(default=30)
    email: Mapped[str | None]
    phone: Mapped[str | None]
    street: Mapped[str | None]
    city: Mapped[str | None]
    account_holder: Mapped[str | None]
    iban: Mapped[str | None]
    bic: Mapped[str | None]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
