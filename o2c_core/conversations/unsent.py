"""What a user was typing in a conversation: kept until it is sent or thrown away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.cards import mask_cards
from o2c_core.conversations.desk import UnsentReply
from o2c_core.conversations.keeping import cut_text
from o2c_core.keys import new_key


def keep_unsent(session: Session, conversation_id: UUID, user_id: UUID, text: str, now: datetime) -> None:
    """The words in place of those before; nothing stays when nothing is left of them."""
    kept = mask_cards(cut_text(text))
    if not kept:
        drop_unsent(session, conversation_id, user_id)
        return
    row = insert(UnsentReply).values(
        id=new_key(), conversation_id=conversation_id, user_id=user_id, text=kept, updated_at=now
    )
    session.execute(
        row.on_conflict_do_update(index_elements=["conversation_id", "user_id"], set_={"text": kept, "updated_at": now})
    )


def drop_unsent(session: Session, conversation_id: UUID, user_id: UUID) -> None:
    session.execute(
        delete(UnsentReply).where(UnsentReply.conversation_id == conversation_id, UnsentReply.user_id == user_id)
    )


def unsent_of(session: Session, conversation_id: UUID, user_id: UUID) -> UnsentReply | None:
    query = select(UnsentReply).where(UnsentReply.conversation_id == conversation_id, UnsentReply.user_id == user_id)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()
