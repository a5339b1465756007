"""Replace a message that did not arrive: the same words later, or the same purpose to the next address or channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import CHAIN_MAX, chain, times_before, tried
from o2c_core.conversations.setback import Remedy
from o2c_core.informing.again import hand_on, is_notice, rewrite_notice
from o2c_core.keys import new_key
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.drafts import OWN_WORDS
from o2c_core.reminders.recipient import next_recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.rewrite import rewrite
from o2c_core.store.jobs import ask_for
from o2c_core.trail import note

# What is of use later or elsewhere too. A code has run out by then, and a confirmation belongs where it was asked for.
LASTING = ("reminder", "notice", "document", "answer")


def replace_message(
    session: Session, message: Message, remedy: Remedy, *, now: datetime, doorplate: Doorplate | None
) -> UUID | None:
    """The id of the message that is sent instead of the failed one, in the caller's transaction; None without one."""
    past = chain(session, message)
    if remedy.next == "none" or message.purpose not in LASTING or len(past) > CHAIN_MAX:
        return None
    if remedy.next == "same_later" and times_before(past) < remedy.again_max:
        at = now + timedelta(minutes=remedy.again_minutes)
        return _queue(session, message, _same_words(message, at), at, now, "the same words later")
    to = next_recipient(session, message, tried(past))
    if to is None:
        return None
    again = rewrite_notice if is_notice(message) else rewrite
    written = again(session, message, to, now, doorplate)
    if written is None:
        return None
    other = Message(
        channel=to.channel,
        address=to.address,
        contact_id=to.contact_id,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=written.language,
        receipts=list(written.receipts),
        attachments=list(written.attachments),
        created_at=now,
    )
    # Words that somebody approved are theirs only as long as they are the same: their own sentences are not in these.
    needs_eyes = message.approved_by is not None and OWN_WORDS in (message.understanding or {})
    # New words were written in the thread, so whoever is drafting an answer to it looks again.
    session.execute(
        update(Conversation)
        .where(Conversation.id == message.conversation_id)
        .values(version=Conversation.version + 1, updated_at=now)
        .execution_options(synchronize_session="fetch")
    )
    return _queue(session, message, other, None, now, "the next address or channel", is_draft=needs_eyes)


def _same_words(message: Message, at: datetime) -> Message:
    """A copy that says when its words were written, so that they are not sent once they no longer fit."""
    return Message(
        channel=message.channel,
        address=message.address,
        contact_id=message.contact_id,
        subject=message.subject,
        text=message.text,
        html=message.html,
        language=message.language,
        receipts=message.receipts,
        attachments=message.attachments,
        sender=message.sender,
        not_before=at,
        waits_why="It did not arrive the first time; it is tried again later.",
        created_at=message.created_at,
    )


def _queue(
    session: Session,
    failed: Message,
    instead: Message,
    at: datetime | None,
    now: datetime,
    why: str,
    *,
    is_draft: bool = False,
) -> UUID:
    instead.id = new_key()
    instead.conversation_id = failed.conversation_id
    instead.instead_of_id = failed.id
    instead.direction, instead.author, instead.purpose = "out", failed.author, failed.purpose
    if is_draft:
        instead.understanding = {key: said for key, said in failed.understanding.items() if key != OWN_WORDS}
        instead.waits_why = Reason.WAITS_FOR_APPROVAL.sentence
    else:
        instead.understanding = failed.understanding
        instead.approved_by, instead.approved_at = failed.approved_by, failed.approved_at
    instead.delivery = "draft" if is_draft else "queued"
    session.add(instead)
    session.flush()
    session.execute(
        update(Reminder)
        .where(Reminder.message_id == failed.id)
        .values(message_id=instead.id)
        .execution_options(synchronize_session="fetch")
    )
    hand_on(session, failed.id, instead.id)
    thread = session.get_one(Conversation, failed.conversation_id)
    note(
        session, "message replaced", instead, at=now, who="system", why=why, customer_id=thread.customer_id,
        seller_id=thread.seller_id, message_id=instead.id, instead_of=str(failed.id), channel=instead.channel,
    )  # fmt: skip
    if not is_draft:
        ask_for(session, "deliver_message", at=at, message_id=str(instead.id))
    return instead.id
