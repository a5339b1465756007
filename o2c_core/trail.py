"""The trail: who did what, when, why and from which message. Lines are added and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, literal_column, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2c_core.store.rows import Keyed, Row

# The many lines that no person wrote are left out of the lists of what people did.
_BY_PEOPLE = text("who NOT IN ('assistant', 'customer', 'system')")


class TrailLine(Keyed, Row):
    """One thing that happened. The database refuses to change or delete it."""

    __tablename__ = "trail"
    __table_args__ = (
        Index(None, "customer_id", "at"),
        Index(None, "subject_id"),
        Index(None, "seller_id", "transaction"),
        Index("ix_trail_people", "at", "id", postgresql_where=_BY_PEOPLE),
        Index("ix_trail_person", "who", "at", "id", postgresql_where=_BY_PEOPLE),
    )

    at: Mapped[datetime]
    who: Mapped[str]
    what: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[UUID | None]
    seller_id: Mapped[UUID | None] = mapped_column(ForeignKey("seller.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    # The number of the transaction that wrote the line: who reads only what is older than every running transaction
    # never misses a line that committed late.
    transaction: Mapped[int] = mapped_column(server_default=text("(pg_current_xact_id()::text)::bigint"))
    why: Mapped[str]
    message_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]


def is_of_people() -> ColumnElement[bool]:
    """For queries: a line of somebody with a name, written so that the indexes of those lines are used."""
    return literal_column(f"trail.{_BY_PEOPLE.text}", Boolean)


def note(
    session: Session,
    what: str,
    subject: Row,
    *,
    at: datetime,
    who: str,
    why: str = "",
    customer_id: UUID | None = None,
    seller_id: UUID | None = None,
    message_id: UUID | None = None,
    **details: Any,
) -> None:
    """Adds a line about `subject` in the session's transaction. `who` is assistant, customer, system or a person's name.

    Whose it is (customer, seller) is read off the subject where it says so.
    """
    session.add(
        TrailLine(
            at=at,
            who=who,
            what=what,
            subject=subject.__tablename__,
            subject_id=getattr(subject, "id", None),
            customer_id=customer_id or getattr(subject, "customer_id", None),
            seller_id=seller_id or getattr(subject, "seller_id", None),
            why=why,
            message_id=message_id,
            details=details,
        )
    )
