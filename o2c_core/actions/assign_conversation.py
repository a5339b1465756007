"""Say who answers for conversations from now on: a colleague, a team, or nobody in particular."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.conversation import Conversation
from o2c_core.errors import NotFound
from o2c_core.staff.user import User
from o2c_core.store.many import is_one_of
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchColleague(NotFound):
    """There is nobody of that name at this desk."""


@dataclass(frozen=True)
class Whose:
    """A colleague, or the team that is to see to it; neither leaves it to whoever comes first."""

    owner_id: UUID | None = None
    team: str | None = None


def assign_conversation(conversation_ids: Collection[UUID], to: Whose, *, by: str, store: Store) -> int:
    """How many of these conversations lie with somebody else now; those that did already stay as they are.

    A team gets them without an owner, and a colleague keeps the team they lay with. Who speaks in them does not change:
    the assistant goes on answering until somebody takes them over.

    Raises: NoSuchColleague.
    """
    now = store.clock.now()
    with store.session() as session:
        colleague = session.get(User, to.owner_id) if to.owner_id is not None else None
        if to.owner_id is not None and (colleague is None or colleague.disabled_at is not None):
            raise NoSuchColleague
        query = select(Conversation).where(is_one_of(Conversation.id, conversation_ids)).order_by(Conversation.id)
        moved = 0
        for conversation in session.scalars(query.with_for_update()):
            team = to.team if to.owner_id is None else conversation.team
            if (conversation.owner_id, conversation.team) == (to.owner_id, team):
                continue
            conversation.owner_id, conversation.team = to.owner_id, team
            note(
                session, "conversation assigned", conversation, at=now, who=by,
                owner=colleague.name if colleague else None, team=team,
            )  # fmt: skip
            moved += 1
        session.commit()
        return moved
