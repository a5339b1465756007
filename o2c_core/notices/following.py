"""A formal notice follows the message it went out with: withdrawn where it is overtaken, sent, delivered or come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.moves import move
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.attach import Attachment
from o2c_core.notices.formal_notice import LAPSES_AFTER_DAYS, MOVES, FormalNotice, deadline_day
from o2c_core.notices.still_owed import why_overtaken
from o2c_core.reminders.answer import No, NotNow, Reason
from o2c_core.reminders.message_facts import day_of
from o2c_core.reminders.opening import opening_for
from o2c_core.trail import note

DOCUMENT = "notice"


def stored_as(notice: FormalNotice) -> dict[str, str]:
    """The letter as a message keeps it among what goes with it."""
    return {"document": DOCUMENT, "id": str(notice.id)}


def about(notice: FormalNotice) -> str:
    """What a task for people says it is about."""
    return f"notice:{notice.id}"


def notice_of(session: Session, message: Message, *, lock: bool = False) -> FormalNotice | None:
    """The formal notice the message carries; None for every other message."""
    found = [one["id"] for one in message.attachments or () if one.get("document") == DOCUMENT]
    if not found:
        return None
    query = select(FormalNotice).where(FormalNotice.id == UUID(found[0]))
    return session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()


def letters_of(session: Session, message: Message) -> list[Attachment]:
    """The letter the message carries, byte for byte as it was approved."""
    notice = notice_of(session, message)
    if notice is None:
        return []
    assert notice.file is not None, "a letter is made before its message is queued"
    return [Attachment(notice.file_name or f"{notice.number}.pdf", "application/pdf", notice.file)]


def against_notice(session: Session, message: Message, now: datetime) -> No | NotNow | None:
    """What speaks against a formal notice at the instant of sending; None for what may leave, and for other messages.

    It leaves only as it was approved: with nothing of it paid, disputed or agreed upon since. Its day and hour are those
    for words nobody asked for.
    """
    notice = notice_of(session, message, lock=True)
    if notice is None:
        return None
    if notice.state not in ("approved", "undelivered") or notice.file is None:
        return No(Reason.OUT_OF_DATE)
    if now - message.created_at > timedelta(days=LAPSES_AFTER_DAYS):
        return No(Reason.OUT_OF_DATE)
    on = day_of(session, message, now)
    if why_overtaken(session, notice, on) is not None:
        return No(Reason.AMOUNT_CHANGED)
    customer = session.get_one(Customer, notice.customer_id)
    opening = opening_for(customer.country, customer.time_zone, message.channel, message.address, on)
    opens_at = opening.opens_at(now)
    if opens_at is None or opens_at <= now:
        return None
    return NotNow(opens_at.date(), Reason.QUIET_HOURS, None, opens_at)


def follow_message(session: Session, message_id: UUID, now: datetime) -> None:
    """Moves the notice a message carries to where the message is, with what its carrier says as evidence.

    For every other message nothing happens. A message sent in place of one that did not arrive carries the same notice.
    """
    session.flush()
    message = session.get(Message, message_id, populate_existing=True)
    notice = notice_of(session, message, lock=True) if message is not None else None
    if message is None or notice is None:
        return
    match message.delivery:
        case "withdrawn" if notice.state == "approved":
            withdraw_notice(session, notice, "The invoices were paid, disputed or agreed upon before it was sent.", now)
        case "sent" if notice.state in ("approved", "undelivered"):
            move(notice, "sent", MOVES)
            notice.message_id, notice.way, notice.sent_at = message.id, "email", message.sent_at or now
            _note(session, notice, "formal notice sent", now, message_id=message.id, carrier=message.carrier)
            close_tasks(session, "review", about(notice), at=now, by="system", how="It was sent to another address.")
        case "delivered" if notice.state in ("approved", "sent", "undelivered"):
            _delivered(session, notice, message, now)
        case "failed" if notice.state in ("approved", "sent", "delivered"):
            _undelivered(session, notice, message, now)


def withdraw_notice(session: Session, notice: FormalNotice, why: str, now: datetime, *, by: str = "system") -> None:
    """Nothing was claimed by it: it is over, and what is still owed can be put into another."""
    move(notice, "withdrawn", MOVES)
    notice.closed_by, notice.closed_at, notice.closed_why = by, now, why
    _note(session, notice, "formal notice withdrawn", now, who=by, why=why)


def _delivered(session: Session, notice: FormalNotice, message: Message, now: datetime) -> None:
    customer, seller = session.get_one(Customer, notice.customer_id), session.get_one(Seller, notice.seller_id)
    at = message.delivered_at or now
    move(notice, "delivered", MOVES)
    notice.message_id, notice.way, notice.sent_at = message.id, "email", message.sent_at or at
    notice.received_on = at.astimezone(ZoneInfo(customer.time_zone or seller.time_zone)).date()
    notice.deadline_on = deadline_day(notice.received_on)
    notice.proof = "provider"
    notice.evidence = (
        f"{message.carrier or 'The carrier'} reported at {at.isoformat(timespec='seconds')} that message "
        f"{message.carrier_key or message.id} was taken by the mailbox of {message.address}."
    )
    _note(
        session, notice, "formal notice delivered", now, message_id=message.id, proof="provider",
        received_on=notice.received_on.isoformat(), deadline_on=notice.deadline_on.isoformat(),
    )  # fmt: skip


def _undelivered(session: Session, notice: FormalNotice, message: Message, now: datetime) -> None:
    """What came back was never received: no time runs, and a person sends it another way."""
    thread = session.get_one(Conversation, message.conversation_id)
    move(notice, "undelivered", MOVES)
    notice.received_on = notice.deadline_on = notice.proof = None
    notice.evidence = f"It did not arrive: {message.failed_why or 'no reason was given'}"
    _note(session, notice, "formal notice did not arrive", now, why=notice.evidence, message_id=message.id)
    if session.scalar(select(Message.id).where(Message.instead_of_id == message.id)) is not None:
        return
    open_task(
        session, "review", about(notice),
        f"Formal notice {notice.number} did not arrive. Send it by registered post, then say so with parley notice posted.",
        at=now, seller_id=thread.seller_id, customer_id=notice.customer_id, message_id=message.id,
    )  # fmt: skip


def _note(
    session: Session,
    notice: FormalNotice,
    what: str,
    now: datetime,
    *,
    who: str = "system",
    why: str = "",
    message_id: UUID | None = None,
    **details: Any,
) -> None:
    note(
        session, what, notice, at=now, who=who, why=why, message_id=message_id, number=notice.number, kind=notice.kind,
        **details,
    )  # fmt: skip
