"""The site: a place of a customer that goods go to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class Site(Keyed, Row):
    """A branch, shop or warehouse of a customer. `ref` is the number the seller knows it by."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("customer_id", "ref"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    ref: Mapped[str]
    name: Mapped[str]
    street: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]
