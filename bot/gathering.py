"""Whether a text seems to go on: people who write in pieces are answered once, when they are done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.conversations.received import Received

# Channels where people send several short texts where a letter would have several lines.
IN_PIECES = ("sms", "whatsapp")
_WORDS_FEW = 3
_GOES_ON = re.compile(
    r"(?:[,:;(–-]|\.\.\.|…|\b(?:and|but|en|maar|und|aber|et|mais|because|want|weil|car))\s*$", re.IGNORECASE
)
_IS_DONE = re.compile(r"[?!.]\s*$")


@dataclass(frozen=True)
class Later:
    """Not to be answered before that moment."""

    at: datetime


def seems_unfinished(text: str) -> bool:
    """A greeting or a few words without an end, or words that plainly lead on to more.

    Digits end a text: whoever sends a code or a number waits for the answer.
    """
    text = text.strip()
    if _GOES_ON.search(text):
        return True
    return len(text.split()) <= _WORDS_FEW and not _IS_DONE.search(text) and not any(map(str.isdigit, text))


def waits_for_more(session: Session, received: Received, now: datetime, seconds: float) -> Later | None:
    """Until when the answer waits; None when it does not."""
    if seconds <= 0 or received.channel not in IN_PIECES or not seems_unfinished(received.pending[-1]):
        return None
    if received.asked is not None or received.before.waiting:
        return None  # a short answer to what we asked is a whole one
    came_at = session.scalars(select(Message.created_at).where(Message.id == received.message_id)).one()
    until = came_at + timedelta(seconds=seconds)
    return Later(until) if now < until else None
