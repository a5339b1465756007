"""What an automatic mail tells us: which of our mails came back, and until when somebody is away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.heard import Automatic, Word
from o2c_core.conversations.hearing import Kept
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.tasks import open_task
from o2c_core.trail import note

ABOUT_MAX = 200


def bounced_words(session: Session, key: str, automatic: Automatic) -> list[Word]:
    """The word about each of our mails that a bounce speaks of; a soft one says only that it has not arrived yet.

    Source: RFC 3463 section 2 (class 5 is permanent, class 4 is for now).
    """
    words = []
    for bounced in automatic.bounced:
        message = _mail_of_ours(session, bounced.mail_id)
        words.append(
            Word(
                carrier=(message.carrier if message else None) or "mail",
                key=f"{key} {bounced.address}"[:500],
                carrier_key=None,
                message_id=message.id if message else None,
                state="failed" if bounced.is_hard else None,
                address=bounced.address,
                setback=Setback.BAD_ADDRESS if bounced.is_hard else Setback.UNREACHABLE,
                code=bounced.status,
                why="the mail came back",
            )
        )
    return words


def note_automatic(session: Session, kept: Kept, automatic: Automatic, now: datetime) -> None:
    """A line in the trail where the automatic mail says something about a person or an address."""
    details: dict[str, Any]
    back_on = automatic.back_on.isoformat() if automatic.back_on else None
    if automatic.kind == "out_of_office":
        _suggest_deputy(session, kept, automatic, now)
        what, details = "out of office", {"back_on": back_on, "has_deputy": automatic.deputy is not None}
    elif automatic.kind == "bounce":
        what, details = "mail came back", {"is_hard": any(one.is_hard for one in automatic.bounced)}
    else:
        what, details = "automatic mail kept", {"kind": automatic.kind}
    note(
        session, what, kept.conversation, at=now, who="system", why="never answered", message_id=kept.message_id,
        customer_id=kept.customer_id, **details,
    )  # fmt: skip


def _suggest_deputy(session: Session, kept: Kept, automatic: Automatic, now: datetime) -> None:
    """Whom an automatic mail names instead is for a person to look at: anybody can write such a mail, so nothing is ever
    sent there because of it."""
    if automatic.deputy is None or kept.customer_id is None:
        return
    open_task(
        session, "data_fix", f"deputy {kept.customer_id} {automatic.deputy}"[:ABOUT_MAX],
        "They are away and name somebody to turn to. Ask the customer, and add them as a contact where that is right.",
        at=now, seller_id=kept.conversation.seller_id, customer_id=kept.customer_id, message_id=kept.message_id,
        deputy=automatic.deputy, back_on=automatic.back_on.isoformat() if automatic.back_on else None,
    )  # fmt: skip


def _mail_of_ours(session: Session, mail_id: str | None) -> Message | None:
    if not mail_id:
        return None
    query = select(Message).where(Message.mail_id == mail_id, Message.direction == "out").order_by(Message.id.desc())
    return session.scalars(query.limit(1)).one_or_none()
