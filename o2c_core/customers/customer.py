"""The customer: a company or person that buys from a seller on account."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, literal_column
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.customers.contact import Contact
from o2c_core.customers.seller import Seller
from o2c_core.customers.site import Site
from o2c_core.customers.terms import PaymentTerms, rows_of, stored_parts
from o2c_core.store.rows import Keyed, Row

LANGUAGES = ("en", "nl", "de", "fr")
_HOME = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}


class Customer(Keyed, Row):
    """A company or person that buys from one seller. `ref` is the number the seller knows it by.

    Links to pages of theirs that were made before `links_revoked_at` open nothing any more.
    """

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("seller_id", "ref"),
        CheckConstraint("kind IN ('company', 'person')", "kind"),
        CheckConstraint("month_end IN ('after', 'before')", "month_end"),
        CheckConstraint("preferred_channel IN ('email', 'sms', 'whatsapp', 'chat')", "preferred_channel"),
        Index(None, "parent_id"),
        # People look for words of a name and for the beginning of a number, in whatever case.
        Index("ix_customer_name_found", sql("to_tsvector('simple', name)"), postgresql_using="gin"),
        Index(
            "ix_customer_ref_found",
            "seller_id",
            func.lower(literal_column("ref")).label("begins"),
            postgresql_ops={"begins": "text_pattern_ops"},
        ),
    )

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
    vat_number: Mapped[str | None]
    company_number: Mapped[str | None]
    endpoint: Mapped[str | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    segment: Mapped[str | None]
    preferred_channel: Mapped[str | None]
    credit_limit_minor: Mapped[int | None]
    payment_terms_days: Mapped[int | None]
    month_end: Mapped[str | None]
    discount_percent: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    discount_days: Mapped[int | None]
    instalments: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str | None]
    links_revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]

    contacts: Mapped[list[Contact]] = relationship(order_by=Contact.id, cascade="all, delete-orphan")
    sites: Mapped[list[Site]] = relationship(order_by=Site.id, cascade="all, delete-orphan")

    def terms(self, seller: Seller) -> PaymentTerms:
        """What was agreed with this customer, and the seller's own terms where nothing was."""
        if self.payment_terms_days is None:
            return seller.terms
        parts = stored_parts(self.instalments)
        return PaymentTerms(self.payment_terms_days, self.month_end, self.discount_percent, self.discount_days, parts)

    def as_buyer(self) -> dict[str, Any]:
        """Who it is, as an invoice issued now says it. Source: Directive 2006/112/EC art. 226 (4) and (5)."""
        said = {name: getattr(self, name) for name in ("street", "postcode", "city", "country", "vat_number")}
        return {"name": self.name} | {name: value for name, value in said.items() if value}

    def agree_on(self, terms: PaymentTerms) -> None:
        """From now on invoices to this customer are due on these terms; those already issued stay as they are."""
        self.payment_terms_days, self.month_end = terms.days, terms.month_end
        self.discount_percent, self.discount_days = terms.discount_percent, terms.discount_days
        self.instalments = rows_of(terms.parts)


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
