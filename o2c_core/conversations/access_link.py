"""The access link: a customer's way into their own pages without a password, for a while and for so much of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row

SCOPES = ("invoice", "order", "account")


class AccessLink(Keyed, Row):
    """One link somebody was given. Its token is the row's key under our seal, so that a forged one finds nothing.

    `scope` says how far it opens: one invoice or order (`subject_id`), or the account as far as the contact's role sees.
    """

    __tablename__ = "access_link"
    __table_args__ = (
        CheckConstraint(f"scope IN {SCOPES}", "scope"),
        CheckConstraint("(scope = 'account') = (subject_id IS NULL)", "subject"),
        Index(None, "customer_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    scope: Mapped[str]
    subject_id: Mapped[UUID | None]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class Visit(Keyed, Row):
    """A browser in which a link was opened. Only the digest of its key is kept.

    It sees what its link's scope allows; once a one-time code was given (`proven_until`), the account as far as the
    contact's role sees. It ends with its link, or by itself. `conversation_id` is the chat on those pages.
    """

    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("digest"), Index(None, "link_id"), Index(None, "customer_id"))

    link_id: Mapped[UUID] = mapped_column(ForeignKey("access_link.id", ondelete="CASCADE"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"))
    digest: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    proven_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
