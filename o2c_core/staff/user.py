"""The user: one of the seller's own people, who signs in and answers under their own name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

ROLES = ("agent", "finance", "manager", "admin")
# What the trail calls those who are nobody's colleague.
NOBODYS_NAMES = ("assistant", "customer", "system", "command line", "organisation's sign-in")


class User(Keyed, Row):
    """Somebody who works here. `email` is in lower case and what they sign in with; `name` stands in the trail.

    `password` is an Argon2 hash; without one they only come in through the organisation's own sign-in (`subject`).
    `teams` are names of teams, as the inbox shows them. Who is `disabled_at` cannot sign in any more and stays, as the
    trail speaks of them.
    """

    __tablename__ = "staff_user"
    __table_args__ = (
        UniqueConstraint("email"),
        UniqueConstraint("subject"),
        CheckConstraint(f"role IN {ROLES}", "role"),
    )

    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    teams: Mapped[list[str]] = mapped_column(default=list)
    password: Mapped[str | None]
    subject: Mapped[str | None]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class SignIn(Keyed, Row):
    """A browser in which somebody is signed in. Only the digest of its key is kept; `by` is password or oidc."""

    __tablename__ = "sign_in"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("by IN ('password', 'oidc')", "by"),
        Index(None, "user_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    digest: Mapped[str]
    by: Mapped[str]
    browser: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Look(Keyed, Row):
    """That somebody saw something: which page, and whose data was on it. Never changed, kept as long as the trail's."""

    __tablename__ = "look"
    __table_args__ = (Index(None, "user_id", "at"), Index(None, "customer_id", "at"), Index(None, "at"))

    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime]
    page: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[UUID | None]


Index("ix_staff_user_name", func.lower(User.name))
