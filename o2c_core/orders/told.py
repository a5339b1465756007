"""Whether a message has already led to something, so that hearing it twice does it once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.trail import TrailLine


def told_before(session: Session, what: str, subject_id: UUID, message_id: UUID | None, asked: object) -> bool:
    """Whether the trail has that line about the subject from the same message, asking for the same."""
    if message_id is None:
        return False
    query = select(TrailLine.details).where(
        TrailLine.subject_id == subject_id, TrailLine.what == what, TrailLine.message_id == message_id
    )
    return any(details.get("asked") == asked for details in session.scalars(query))


def written(wanted: Mapping[int, Decimal] | None) -> dict[str, str] | None:
    """Quantities by position as the trail's details keep them."""
    return None if wanted is None else {str(position): plain(amount) for position, amount in sorted(wanted.items())}


def plain(quantity: Decimal) -> str:
    """2.000 is 2, 0.500 is 0.5."""
    return f"{quantity.normalize():f}"
