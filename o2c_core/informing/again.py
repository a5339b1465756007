"""A notice looked at once more at the instant of sending: what is still true is said, in the words of that moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.informed import Informed
from o2c_core.informing.notice import Notice
from o2c_core.informing.pages import with_page
from o2c_core.informing.part import OrderConfirmed, Part, Shipped, Told, Untold
from o2c_core.informing.reading import read_parts
from o2c_core.informing.step import informing_of
from o2c_core.informing.telling import notice_of, write
from o2c_core.informing.to_whom import people_of, to_whom
from o2c_core.informing.why_not import WhyNot
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.written import Written

# What `understanding` says of a notice: the steps it tells of. Nobody asked for it, so it keeps the hours.
MARK = "informs"
_A_DAY = timedelta(days=1)


def is_notice(message: Message) -> bool:
    return MARK in message.understanding


def say_it_again(session: Session, message: Message, now: datetime, doorplate: Doorplate | None) -> WhyNot | None:
    """Why the message is not to be sent any more; None when it may leave, with its words put right where the ledger moved.

    What is overtaken is skipped with its reason; when all of it is, the message has nothing to say. The changes are the
    caller's to commit.
    """
    if not is_notice(message):
        return None
    told, untold = _looked_at(session, message, now)
    for each in untold:
        skip(each.row, each.why, now)
    if not told:
        return untold[0].why if untold else WhyNot.CORRECTED
    notice = with_page(session, _notice(session, message, told, now, None), doorplate, now)
    written = write(notice, doorplate)
    if _figures(written.receipts) != _figures(message.receipts):
        message.subject, message.text, message.html = written.subject, written.text, written.html
        message.receipts = written.receipts
    message.attachments = notice.attachments
    message.understanding = message.understanding | {MARK: [one.row.step for one in told]}
    for one in told:
        one.row.said_on = said_on(one.part, one.row)
    session.flush()
    return None


def rewrite_notice(
    session: Session, message: Message, to: Recipient, now: datetime, doorplate: Doorplate | None
) -> Written | None:
    """What the notice says to another address or on another channel; None when there is nothing to say any more."""
    told, _ = _looked_at(session, message, now)
    if not told:
        return None
    return write(with_page(session, _notice(session, message, told, now, to), doorplate, now), doorplate)


def hand_on(session: Session, failed_id: UUID, instead_id: UUID) -> None:
    """From now on the other message is the one that tells it."""
    statement = update(Informed).where(Informed.message_id == failed_id).values(message_id=instead_id)
    session.execute(statement.execution_options(synchronize_session="fetch"))


def issued_today(session: Session, message_id: UUID, now: datetime) -> date | None:
    """The day after this one, if that reminder asks for an invoice whose issue the customer is told of today; else None."""
    told = (
        select(Informed.seller_id, func.max(Informed.settled_at))
        .join(Reminder, Reminder.invoice_id == Informed.subject_id)
        .join(Message, Message.id == Informed.message_id)
        .where(
            Reminder.message_id == message_id,
            Informed.step == "invoice_issued",
            Message.delivery.not_in(("failed", "withdrawn")),
        )
        .group_by(Informed.seller_id)
    )
    found = session.execute(told).one_or_none()
    if found is None:
        return None
    seller_id, told_at = found
    assert told_at is not None, "what was told has its moment"
    seller = session.get_one(Seller, seller_id)
    return None if told_at < day_begins(seller, now) else now.astimezone(ZoneInfo(seller.time_zone)).date() + _A_DAY


def skip(row: Informed, why: WhyNot, now: datetime) -> None:
    """Nobody is told of it, for that reason."""
    row.state, row.reason, row.message_id, row.settled_at = "skipped", why.value, None, now
    if row.step == "delayed" and why not in (WhyNot.NOT_WANTED, WhyNot.OFF):
        # The day was never said, so a later one is not measured against it.
        row.said_on = None


def said_on(part: Part, row: Informed) -> date | None:
    """The day of arrival that the message says, by which a delay is told from what was said before."""
    match part:
        case OrderConfirmed() | Shipped():
            return part.expected_on
        case _:
            return row.said_on


def day_begins(seller: Seller, now: datetime) -> datetime:
    """The moment at which the seller's day began."""
    local = now.astimezone(ZoneInfo(seller.time_zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(now.tzinfo)


def _looked_at(session: Session, message: Message, now: datetime) -> tuple[list[Told], list[Untold]]:
    rows = session.scalars(
        select(Informed)
        .where(Informed.message_id == message.id, Informed.state == "told")
        .order_by(Informed.happened_at, Informed.id)
        .execution_options(populate_existing=True)
    ).all()
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    customer = session.get_one(Customer, thread.customer_id)
    settings, people = informing_of(seller), people_of(session, customer, now)
    told: list[Told] = []
    untold: list[Untold] = []
    for one in read_parts(session, rows, now.astimezone(ZoneInfo(seller.time_zone)).date()):
        if isinstance(one, Untold):
            untold.append(one)
            continue
        # Who hears of it may be somebody else by now; only that nobody wants it any more speaks against it.
        reader = to_whom(people, one.row.step, settings)
        if isinstance(reader, WhyNot) and reader in (WhyNot.NOT_WANTED, WhyNot.OFF, WhyNot.ERASED):
            untold.append(Untold(one.row, reader))
        else:
            told.append(one)
    return told, untold


def _notice(session: Session, message: Message, told: list[Told], now: datetime, to: Recipient | None) -> Notice:
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    customer = session.get_one(Customer, thread.customer_id)
    if to is None:
        to = Recipient(message.address or "", message.language or "en", message.channel, message.contact_id)
    return notice_of(session, seller, customer, replace(to, language=message.language or to.language), told, now)


def _figures(receipts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((str(one.get("id")), str(one.get("text"))) for one in receipts)
