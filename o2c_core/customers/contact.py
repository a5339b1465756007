"""The people at a customer and the addresses they are reached at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import phonenumbers
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2c_core.errors import Refused
from o2c_core.store.rows import Keyed, Row

ROLES = ("accounts_payable", "operations", "owner", "general")


class NotAnAddress(Refused):
    """That is neither an email address nor a phone number that can exist."""


class Address(Keyed, Row):
    """An email address or phone number of a contact; `failed_at` says since when it does not work, and why."""

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("contact_id", "channel", "value"),
        CheckConstraint("channel IN ('email', 'sms')", "channel"),
        Index(None, "channel", "value"),
    )

    contact_id: Mapped[UUID] = mapped_column(ForeignKey("contact.id"))
    channel: Mapped[str]
    value: Mapped[str]
    verified_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed_why: Mapped[str | None]

    @property
    def is_usable(self) -> bool:
        return self.failed_at is None


class Contact(Keyed, Row):
    """A person (or a shared mailbox) at the customer, with the role that decides what they are told.

    `language` and `preferred_channel` are what they were seen to write in and by, or asked for.
    """

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("role IN ('accounts_payable', 'operations', 'owner', 'general')", "role"),
        CheckConstraint("preferred_channel IN ('email', 'sms', 'whatsapp')", "preferred_channel"),
        Index(None, "customer_id"),
        Index("ix_contact_name_found", sql("to_tsvector('simple', name)"), postgresql_using="gin"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="general")
    language: Mapped[str | None]
    preferred_channel: Mapped[str | None]

    addresses: Mapped[list[Address]] = relationship(order_by=Address.id, cascade="all, delete-orphan")


def tidy_email(text: str) -> str:
    """The address in lower case without spaces around it.

    Raises: NotAnAddress when it has no local part, no domain, or a space or control character inside.
    """
    value = text.strip().lower()
    name, at, domain = value.rpartition("@")
    if not at or not name or "." not in domain.strip(".") or not value.isprintable() or " " in value:
        raise NotAnAddress(text=text)
    return value


def tidy_phone(text: str, country: str) -> str:
    """The number in E.164 ("+31612345678"), read as somebody in that country would dial it.

    Raises: NotAnAddress when no such number can exist (by Google's numbering-plan data).
    """
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException as odd:
        raise NotAnAddress(text=text) from odd
    if not phonenumbers.is_valid_number(number):
        raise NotAnAddress(text=text)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
