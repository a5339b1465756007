"""Whether anything of a conversation is new since a page was shown: one cheap question instead of the whole thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zlib import crc32

from sqlalchemy import ColumnElement, ScalarSelect, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import PrivateNote
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.store.many import is_one_of
from o2c_core.trail import TrailLine
from web.thread import MARKED, newest_of, others_of


def mark_of(session: Session, of: Conversation, others: Sequence[tuple[str, bool]], *, is_alone: bool = False) -> str:
    """Changes with everything the page shows of the conversation, and, behind the dot, with who else is here."""
    ids = [of.id] if is_alone else [of.id, *others_of(session, of)]
    newest = newest_of(of.id, ids).with_only_columns(Message.id, Message.delivery).subquery()
    asks = (
        _all_of(newest.c.id, newest.c.delivery),
        _all_of(Handoff.id, Handoff.ended_at, Handoff.conversation_id == of.id),
        _all_of(Proposal.id, Proposal.state, Proposal.conversation_id == of.id),
        _all_of(ModelCall.id, ModelCall.outcome, ModelCall.conversation_id == of.id),
        _all_of(PrivateNote.id, PrivateNote.created_at, is_one_of(PrivateNote.conversation_id, ids)),
        _all_of(TrailLine.id, TrailLine.at, is_one_of(TrailLine.subject_id, ids), TrailLine.what.in_(MARKED)),
    )
    # As it stands now, and not as this session may have read it before.
    now = (Conversation.version, Conversation.speaker, Conversation.state, Conversation.owner_id, Conversation.due_at)
    found = session.execute(select(*now, *asks).where(Conversation.id == of.id)).one_or_none()
    return f"{_short(found)}.{_short(others)}"


def is_of_same(one: str, other: str) -> bool:
    """Whether two marks are of the same conversation as it stands, whoever looks at it."""
    return one.partition(".")[0] == other.partition(".")[0]


def _all_of(key: Any, state: Any, *its: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Which there are, each with what of it may change."""
    each = cast(key, Text).concat(func.coalesce(cast(state, Text), ""))
    return select(func.string_agg(each, aggregate_order_by(literal(","), key))).where(*its).scalar_subquery()


def _short(said: object) -> str:
    return f"{crc32(repr(said).encode()):x}"
