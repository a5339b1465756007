"""The one-time code: how a writer proves to be the person an address of record belongs to."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Keyed, Row


class OneTimeCode(Keyed, Row):
    """A code sent to an address of record for one conversation; only its digest is kept.

    With `proposal_id` it confirms that proposal and nothing else.
    """

    __tablename__ = "one_time_code"
    __table_args__ = (Index(None, "conversation_id", "created_at"), Index(None, "address_id", "created_at"))

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    address_id: Mapped[UUID] = mapped_column(ForeignKey("address.id", ondelete="CASCADE"))
    proposal_id: Mapped[UUID | None] = mapped_column(ForeignKey("proposal.id"))
    digest: Mapped[str]
    wrong_tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
