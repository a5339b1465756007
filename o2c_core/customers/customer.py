"""The customer: a company or person that buys from a seller on account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from babel import Locale, UnknownLocaleError
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.customers.contact import Contact
from o2c_core.store.rows import Keyed, Row

LANGUAGES = ("en", "nl", "de", "fr")
_HOME = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}


class Customer(Keyed, Row):
    """A company or person that buys from one seller. `ref` is the number the seller knows it by."""

    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("seller_id", "ref"), CheckConstraint("kind IN ('company', 'person')", "kind"))

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    ref: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default="company")
    country: Mapped[str]
    language: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str | None]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    payment_terms_days: Mapped[int | None]
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str | None]
    created_at: Mapped[datetime]

    contacts: Mapped[list[Contact]] = relationship(order_by=Contact.id, cascade="all, delete-orphan")


def locale_for(language: str, country: str) -> str:
    """The locale figures are written in for a reader of that language in that country.

    A pair that Unicode CLDR does not know (Dutch in Denmark) falls back to the language's home: nl_NL.
    """
    try:
        return str(Locale(language, country.upper()))
    except (UnknownLocaleError, ValueError):
        return f"{language}_{_HOME.get(language, 'GB')}"
