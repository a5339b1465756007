"""Who has a conversation open right now, and who is writing in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.desk import Presence
from o2c_core.staff.user import User
from o2c_core.store.many import is_one_of

# An open page says so every quarter of a minute; who was silent for three of them is gone.
THERE_FOR = timedelta(seconds=45)
# Whoever put down no letter for so long is thinking, and not writing.
TYPES_FOR = timedelta(seconds=8)


@dataclass(frozen=True)
class Present:
    """A colleague who has it open, and whether they write."""

    user_id: UUID
    name: str
    is_typing: bool
    until: datetime


def present(
    session: Session, conversation_ids: Collection[UUID], now: datetime, *, but: UUID | None = None
) -> dict[UUID, list[Present]]:
    """By conversation, everybody but that user who has it open, in the order of their names."""
    if not conversation_ids:
        return {}
    query = (
        select(Presence, User.name)
        .join(User, User.id == Presence.user_id)
        .where(is_one_of(Presence.conversation_id, conversation_ids), Presence.seen_at > now - THERE_FOR)
        .order_by(User.name, User.id)
    )
    if but is not None:
        query = query.where(Presence.user_id != but)
    found: dict[UUID, list[Present]] = defaultdict(list)
    for row in session.execute(query):
        one: Presence = row.Presence
        types = one.typed_at is not None and one.typed_at > now - TYPES_FOR
        found[one.conversation_id].append(Present(one.user_id, row.name, types, one.seen_at + THERE_FOR))
    return dict(found)
