"""Hide one-time codes in the messages that carried them, once they have left or are no longer good."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.codes import HIDDEN, hide_code
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.store.store import Store

LOOKED_BACK = timedelta(days=3)
_ON_ITS_WAY = ("queued", "sending")


def hide_codes(message_id: UUID | None = None, *, store: Store) -> int:
    """Puts stars in the place of the code in that message, or in every message there is; how many were changed.

    What the captured carrier keeps is read nowhere else, so there a code stays legible until it is used or over. A
    message that still waits to be sent with a code that is over, or with stars, is withdrawn: it would help nobody.
    """
    now = store.clock.now()
    with store.session() as session:
        found = _legible(session, message_id, now)
        for message in found:
            message.text = hide_code(message.text)
            message.html = None
            if message.delivery == "queued":
                message.delivery = "withdrawn"
        if found:
            session.commit()
        return len(found)


def _legible(session: Session, message_id: UUID | None, now: datetime) -> list[Message]:
    is_over = or_(OneTimeCode.used_at.is_not(None), OneTimeCode.expires_at <= now)
    has_left = Message.delivery.not_in(_ON_ITS_WAY) & Message.carrier.is_distinct_from("captured")
    is_hidden = Message.text.like(f"%{HIDDEN}%")
    query = (
        select(Message)
        # By way of the conversation, for which there is an index.
        .join(OneTimeCode, OneTimeCode.conversation_id == Message.conversation_id)
        .where(Message.understanding["code"].astext == cast(OneTimeCode.id, Text))
        .where(OneTimeCode.created_at > now - LOOKED_BACK)
        .where(or_(~is_hidden & or_(is_over, has_left), is_hidden & (Message.delivery == "queued")))
        .with_for_update(of=Message)
    )
    if message_id is not None:
        query = query.where(Message.id == message_id)
    return list(session.scalars(query.limit(500)))
