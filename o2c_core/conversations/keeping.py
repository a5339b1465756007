"""Keeping what somebody wrote: the text tidied, card numbers hidden, stored once under the sender's id."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.cards import mask_across, mask_cards
from o2c_core.conversations.heard import HeardFile
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.errors import Refused
from o2c_core.keys import new_key

TEXT_CHARACTERS_MAX = 8000
HISTORY_MESSAGES = 12
# Over how many messages of theirs a card number may be spread and still be found.
CARD_MESSAGES = 4
FILES_MAX = 50


class NothingWritten(Refused):
    """There is no text in that message."""


class TooLong(Refused):
    """That message is too long; please keep it under 8,000 characters."""


# Every message runs this, so it is put together once.
_STORE_ONCE = (
    insert(Message)
    .on_conflict_do_nothing(index_elements=["channel", "sender_key"], index_where=Message.sender_key.is_not(None))
    .returning(Message.id)
)


def tidy_text(text: str) -> str:
    """The text as it can be kept: control characters and halves of surrogate pairs are taken out, line ends are one kind.

    Raises: NothingWritten; TooLong.
    """
    if len(text) > 4 * TEXT_CHARACTERS_MAX:
        raise TooLong
    kept = _tidied(text)
    if not kept:
        raise NothingWritten
    if len(kept) > TEXT_CHARACTERS_MAX:
        raise TooLong
    return kept


def cut_text(text: str) -> str:
    """The same of a message that is here already and cannot be sent back: its beginning, and empty when there is none."""
    return _tidied(text[: 4 * TEXT_CHARACTERS_MAX])[:TEXT_CHARACTERS_MAX]


def _tidied(text: str) -> str:
    return "".join(map(_tidy_sign, text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def _tidy_sign(sign: str) -> str:
    if sign in "\n\t\u200d":  # the last one joins emoji
        return sign
    kind = unicodedata.category(sign)
    if kind.startswith("Z"):
        return " "
    return "" if kind.startswith("C") else sign


@dataclass(frozen=True)
class Earlier:
    """A message of before in the conversation; `understanding` is what was understood of it, or said with it."""

    id: UUID
    direction: str
    author: str
    text: str
    purpose: str
    address: str | None
    understanding: Mapping[str, Any]
    is_answered: bool


_SAID_BEFORE = (
    select(
        Message.id,
        Message.direction,
        Message.author,
        Message.text,
        Message.purpose,
        Message.address,
        Message.understanding,
        Message.answered_at.is_not(None),
    )
    .where(Message.conversation_id == bindparam("conversation"))
    .order_by(Message.id.desc())
    .limit(HISTORY_MESSAGES)
)
_SAID_BEFORE_THAT = _SAID_BEFORE.where(Message.id < bindparam("until"))


def said_before(session: Session, conversation_id: UUID, until: UUID | None = None) -> list[Earlier]:
    """The latest messages so far, the newest first; only those before the message `until` where one is named."""
    if until is None:
        rows = session.execute(_SAID_BEFORE, {"conversation": conversation_id})
    else:
        rows = session.execute(_SAID_BEFORE_THAT, {"conversation": conversation_id, "until": until})
    return [Earlier(*row) for row in rows]


def without_cards(before: Sequence[Earlier], text: str) -> tuple[str, dict[UUID, str]]:
    """The text without card numbers, and the earlier messages that have to change because a number began in them."""
    theirs = [message for message in before if message.direction == "in"][: CARD_MESSAGES - 1][::-1]
    *masked, kept = mask_across([*(message.text for message in theirs), text])
    changed = zip(theirs, masked, strict=True)
    return kept, {message.id: shown for message, shown in changed if shown != message.text}


def hide_earlier(session: Session, hidden: Mapping[UUID, str]) -> None:
    for earlier_id, shown in hidden.items():
        session.execute(update(Message).where(Message.id == earlier_id).values(text=shown))


def store_once(session: Session, conversation_id: UUID, channel: str, text: str, **more: Any) -> UUID | None:
    """The id of the message as it was stored; None when one with the same channel and sender's id is there already."""
    kept = {
        "id": new_key(),
        "conversation_id": conversation_id,
        "direction": "in",
        "author": "customer",
        "purpose": "question",
        "channel": channel,
        "text": text,
        "delivery": "received",
        "receipts": [],
        "understanding": {},
    } | more
    return session.connection().execute(_STORE_ONCE, kept).scalar_one_or_none()


def keep_files(session: Session, files: Sequence[HeardFile], message_id: UUID, now: datetime) -> None:
    """The files that came with a message; of those that were refused, their names and why."""
    session.add_all(
        ReceivedFile(
            message_id=message_id,
            name=mask_cards(file.name),
            media_type=file.media_type,
            claimed_type=file.claimed_type,
            size=file.size,
            checksum=file.checksum,
            content=file.content,
            refused_why=file.refused_why,
            created_at=now,
        )
        for file in files[:FILES_MAX]
    )


def unanswered(before: Sequence[Earlier]) -> list[Earlier]:
    """What was never answered (whoever writes in pieces is answered once), oldest first.

    A reminder or a notice of ours in between answers nothing.
    """
    lying: list[Earlier] = []
    for message in before:
        if message.direction == "out" and message.purpose == "answer":
            break
        if message.direction == "in" and message.purpose == "question" and not message.is_answered:
            lying.append(message)
    return lying[::-1]
