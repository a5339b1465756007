"""What a carrier is handed: one message with its sender, its place in a thread, its files and its latest moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.carrier import MailHeaders, Outgoing, OutgoingFile
from o2c_core.conversations.doorplate import Doorplate, mail_id_of
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import chain
from o2c_core.customers.seller import SenderIdentity

# Source: twilio.com/docs/messaging/api/message-resource, `validity_period`: 1 to 36000 seconds.
VALID_SECONDS = 4 * 3600
VALID_SECONDS_MAX = 36_000
# A long thread names where it began and its last mails. Source: RFC 5322 section 3.6.4 leaves the trimming to us.
REFERENCES_MAX = 10


def sender_of(session: Session, seller_id: UUID, channel: str) -> tuple[str | None, str | None]:
    """The address and name that seller writes from on the channel; (None, None) leaves it to the carrier."""
    query = (
        select(SenderIdentity.value, SenderIdentity.name)
        .where(SenderIdentity.seller_id == seller_id, SenderIdentity.channel == channel)
        .order_by(SenderIdentity.is_default.desc(), SenderIdentity.id)
        .limit(1)
    )
    found = session.execute(query).one_or_none()
    return (found.value, found.name) if found else (None, None)


def mail_domain(sender: str | None, doorplate: Doorplate | None) -> str | None:
    """The domain of our Message-IDs: that of our reply addresses, else the sender's."""
    if doorplate is not None and doorplate.reply_domain is not None:
        return doorplate.reply_domain
    return sender.rpartition("@")[2] or None if sender else None


def outgoing(
    session: Session,
    message: Message,
    *,
    seller_id: UUID,
    sender_name: str | None,
    now: datetime,
    doorplate: Doorplate | None,
    unsubscribe_url: str | None = None,
    until: datetime | None = None,
    files: Sequence[OutgoingFile] = (),
) -> Outgoing:
    """The claimed message as a carrier takes it. `until` is the moment after which it must not leave any more."""
    return Outgoing(
        message_id=message.id,
        seller_id=seller_id,
        channel=message.channel,
        purpose=message.purpose,
        to=message.address or "",
        text=message.text,
        claimed_at=message.claimed_at or now,
        sender=message.sender,
        sender_name=sender_name,
        subject=message.subject,
        html=message.html,
        language=message.language,
        files=tuple(files),
        mail=_headers(session, message, doorplate, unsubscribe_url) if message.channel == "email" else None,
        valid_seconds=valid_seconds(now, until),
    )


def valid_seconds(now: datetime, until: datetime | None) -> int:
    """How long a provider may hold a message back: not beyond `until`, and four hours where nothing limits it."""
    if until is None:
        return VALID_SECONDS
    return max(1, min(VALID_SECONDS_MAX, int((until - now).total_seconds())))


def auto_submitted(message: Message) -> Literal["auto-replied", "auto-generated"] | None:
    """What the mail says of who made it. Source: RFC 3834 section 5; a person's words say nothing of the kind."""
    if message.author not in ("assistant", "system"):
        return None
    is_reply = message.answers_id is not None or message.purpose == "answer"
    return "auto-replied" if is_reply else "auto-generated"


def _headers(
    session: Session, message: Message, doorplate: Doorplate | None, unsubscribe_url: str | None
) -> MailHeaders:
    parent, references = _thread(session, message)
    return MailHeaders(
        mail_id=message.mail_id or mail_id_of(message.id, mail_domain(message.sender, doorplate)),
        in_reply_to=parent,
        references=references,
        reply_to=doorplate.reply_address(message.conversation_id) if doorplate else None,
        unsubscribe_url=unsubscribe_url,
        auto_submitted=auto_submitted(message),
    )


def _thread(session: Session, message: Message) -> tuple[str | None, tuple[str, ...]]:
    """The mail this one answers, and the mails before it in the thread, oldest first."""
    answered = next((one.answers_id for one in chain(session, message) if one.answers_id is not None), None)
    query = (
        select(Message.id, Message.mail_id, Message.mail)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.channel == "email",
            Message.mail_id.is_not(None),
            Message.delivery.in_(("received", "sent", "delivered")),
            Message.id != message.id,
        )
        .order_by(Message.id)
    )
    mails = session.execute(query).all()
    if not mails:
        return None, ()
    at = next((place for place, mail in enumerate(mails) if mail.id == answered), len(mails) - 1)
    before: list[str] = []
    for mail in mails[: at + 1]:
        theirs = mail.mail.get("references") or []
        before += [one for one in (*theirs, mail.mail_id) if isinstance(one, str)]
    # The mail that is answered comes last, each mail once.
    parent = str(mails[at].mail_id)
    thread = [one for one in dict.fromkeys(before) if one != parent] + [parent]
    if len(thread) > REFERENCES_MAX:
        thread = [thread[0], *thread[-(REFERENCES_MAX - 1) :]]
    return parent, tuple(thread)
