"""The approval: something that is only done once somebody with the authority for it has said yes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.cases.moves import Moves
from o2c_core.customers.authority import ROLES, BeyondAuthority
from o2c_core.errors import NotFound
from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row

KINDS = ("decision", "hold_orders", "collection", "write_off")
# Approved is not yet done: `carried_out_at` says when it was.
MOVES: Moves = {"waiting": ("approved", "refused", "lapsed"), "approved": (), "refused": (), "lapsed": ()}


class NoSuchApproval(NotFound):
    """There is no such approval."""


class Approval(Keyed, Row):
    """What is asked (`subject`, in words a person decides by), of which role, and what came of it.

    `asks` has what carrying it out needs. It lapses by itself when what it was asked for is over.
    """

    __tablename__ = "approval"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", "kind"),
        CheckConstraint(f"state IN {tuple(MOVES)}", "state"),
        CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", "amount"),
        Index(None, "seller_id", "state"),
        Index(None, "customer_id"),
        Index(None, "escalation_id"),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"))
    escalation_id: Mapped[UUID | None] = mapped_column(ForeignKey("escalation.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    role: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting", server_default=sql("'waiting'"))
    asks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_role: Mapped[str | None]
    why: Mapped[str | None]
    carried_out_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None or self.currency is None else Money(self.amount_minor, self.currency)


def check_role(role: str, needed: str) -> None:
    """Raises: BeyondAuthority unless the role has at least the authority of the one that is needed."""
    if role not in ROLES or ROLES.index(role) < ROLES.index(needed):
        raise BeyondAuthority(f"That is for the role {needed} to decide, not for {role}.", role=role, needed=needed)
