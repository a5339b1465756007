"""Look again at a claimed message, at the instant of sending: whether it may still leave, and as what."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.send_document import open_disputes
from o2c_core.clock import today
from o2c_core.conversations.attempt import Attempt
from o2c_core.conversations.carrier import Outgoing, OutgoingFile
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.delivering import outgoing
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.handoff import hand_over
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import move
from o2c_core.conversations.preference_links import unsubscribe_url
from o2c_core.conversations.sent_files import files_along
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.seller import Seller
from o2c_core.documents.attach import attachments_of
from o2c_core.informing.again import is_notice, issued_today, say_it_again
from o2c_core.notices.following import against_notice, follow_message, letters_of
from o2c_core.reminders.answer import No, Reason
from o2c_core.reminders.hours import window_end
from o2c_core.reminders.may_contact import NotNow
from o2c_core.reminders.message_facts import all_about
from o2c_core.reminders.still_right import against_sending
from o2c_core.reminders.withdraw import free_rungs, withdraw
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

log = logging.getLogger("parley.outbox")


def look_again(attempt: Attempt, *, store: Store, doorplate: Doorplate | None) -> Outgoing | str:
    """What the carrier is handed; else the state the message is in instead.

    What has been overtaken is withdrawn, what may not leave at this hour is queued until it may, and what cannot be
    put together has failed, with the reason and a task for people.
    """
    now = store.clock.now()
    with store.session() as session:
        about = all_about(session, attempt.message.id)
        message = about[0] if about else None
        if message is None or message.delivery != "sending" or message.claimed_at != attempt.claimed_at:
            # This worker has been away for so long that somebody else took it over.
            return message.delivery if message is not None else "withdrawn"
        because = against_sending(session, message, now) or against_notice(session, message, now)
        if because is None and message.purpose == "reminder" and (free := issued_today(session, message.id, now)):
            because = No(Reason.SPACING, free)
        if because is not None:
            until = because.until_at if isinstance(because, NotNow) else None
            if until is not None and until > now:
                move(
                    session, message.id, "queued", of=("sending",), attempt=attempt.claimed_at, not_before=until,
                    waits_why=because.sentence, tries=Message.tries - 1,
                )  # fmt: skip
                note(
                    session, "message put off", message, at=now, who="system", why=because.sentence,
                    customer_id=attempt.customer_id, seller_id=attempt.seller_id, message_id=message.id,
                    reason=because.reason.value, until=until.isoformat(),
                )  # fmt: skip
                ask_for(session, "deliver_message", at=until, message_id=str(message.id))
                session.commit()
                return "queued"
            withdraw(session, message, because, now, was="sending")
            if message.purpose == "answer":
                _leave_to_person(session, message, because.sentence, now)
            follow_message(session, message.id, now)
            session.commit()
            return "withdrawn"
        overtaken = say_it_again(session, message, now, doorplate)
        if overtaken is not None:
            move(session, message.id, "withdrawn", of=("sending",), attempt=attempt.claimed_at)
            note(
                session, "message withdrawn", message, at=now, who="system", why=overtaken.sentence,
                customer_id=attempt.customer_id, seller_id=attempt.seller_id, message_id=message.id,
                reason=overtaken.value,
            )  # fmt: skip
            session.commit()
            return "withdrawn"
        if is_notice(message):
            # What was put right is kept before anything leaves.
            session.commit()
        try:
            return outgoing(
                session,
                message,
                seller_id=attempt.seller_id,
                sender_name=attempt.sender_name,
                now=now,
                doorplate=doorplate,
                unsubscribe_url=_unsubscribe_url(message, doorplate),
                until=_until(session, message, now),
                files=_files(session, message, attempt.seller_id, store),
            )
        except Exception as broken:
            log.exception("message not put together message=%s", message.id)
            why = f"It could not be put together: {type(broken).__name__}."
    return _fail(attempt, why, store=store)


def _leave_to_person(session: Session, message: Message, why: str, now: datetime) -> None:
    """An answer that may not leave leaves a question open: whoever asked it is a person's to reach."""
    query = select(Conversation).where(Conversation.id == message.conversation_id).with_for_update()
    hand_over(session, session.scalars(query).one(), "not_sent", at=now, who="system",
              why=f"The answer was not sent. {why}", message_id=message.id)  # fmt: skip


def _until(session: Session, message: Message, now: datetime) -> datetime | None:
    """Until when a provider may hold it back. Mail leaves at once, and nobody who carries it can be told a moment."""
    return None if message.channel == "email" else window_end(session, message, now)


def _unsubscribe_url(message: Message, doorplate: Doorplate | None) -> str | None:
    """Only reminders can be unsubscribed from: invoices and answers keep coming."""
    if message.purpose != "reminder" or message.address is None or doorplate is None:
        return None
    return unsubscribe_url(doorplate, contact_id=message.contact_id, channel=message.channel, address=message.address)


def _files(session: Session, message: Message, seller_id: UUID, store: Store) -> list[OutgoingFile]:
    if not message.attachments:
        return []
    on = today(store.clock, session.get_one(Seller, seller_id).time_zone)
    made = [*attachments_of(session, message, on, disputes_of=open_disputes), *letters_of(session, message)]
    papers = [OutgoingFile(one.name, one.media_type, one.content, one.content_id) for one in made]
    return [*papers, *files_along(session, message)]


def _fail(attempt: Attempt, why: str, *, store: Store) -> str:
    """Nothing left the house: the message has failed, its rungs are free, and people are asked to look."""
    now = store.clock.now()
    message = attempt.message
    with store.session() as session:
        if move(session, message.id, "failed", of=("sending",), attempt=attempt.claimed_at, failed_why=why):
            free_rungs(session, message.id)
            follow_message(session, message.id, now)
            note(
                session, "message failed", message, at=now, who="system", why=why, customer_id=attempt.customer_id,
                seller_id=attempt.seller_id, message_id=message.id,
            )  # fmt: skip
            open_task(
                session, "review", f"message:{message.id}", why, at=now, seller_id=attempt.seller_id,
                customer_id=attempt.customer_id, message_id=message.id,
            )  # fmt: skip
            session.commit()
    return "failed"
