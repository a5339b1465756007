"""The customer: a company or person that buys from a seller on account."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
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


@lru_cache(maxsize=1024)
def locale_for(language: str, country: str) -> str:
    """The locale figures are written in for a reader of that language in that country: ("nl", "BE") is nl_BE.

    Where the language is not one of the country's own, figures are written as in the language's home: somebody in
    Germany who writes English reads en_GB. Source: Unicode CLDR's territory data.
    """
    country = country.upper()
    if language in get_official_languages(country, regional=True, de_facto=True):
        try:
            return str(Locale(language, country))
        except UnknownLocaleError:
            pass
    return f"{language}_{_HOME.get(language, 'GB')}"
