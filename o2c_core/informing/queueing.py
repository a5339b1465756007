"""Queueing the news of some customers of a seller: looked up for all of them at once, told to each by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import ask_to_deliver
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.again import MARK, day_begins, said_on, skip
from o2c_core.informing.already import Already, already_read
from o2c_core.informing.informed import Informed
from o2c_core.informing.notice import Notice
from o2c_core.informing.pages import with_pages
from o2c_core.informing.part import Told, Untold
from o2c_core.informing.reading import read_parts
from o2c_core.informing.run import InformingRun
from o2c_core.informing.step import Informing, informing_of
from o2c_core.informing.telling import Bundle, bundles_of, notice_of, write
from o2c_core.informing.threads import place_of, threads_for
from o2c_core.informing.to_whom import people_of_all, to_whom
from o2c_core.informing.why_not import WhyNot
from o2c_core.keys import new_key
from o2c_core.reminders.answer import NotNow
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.still_right import against_sending
from o2c_core.reminders.written import Written
from o2c_core.trail import note

# What waits for tomorrow is told from this hour of the seller's day on.
TOMORROW_HOUR = 8
# However much goes on happening, what happened is told after this long.
GATHER_TIMES_MAX = 8


@dataclass(frozen=True)
class _Going:
    """What one reader is told now, in words."""

    customer: Customer
    bundle: Bundle
    notice: Notice
    written: Written
    told: Sequence[Told]


def queue_news(
    session: Session,
    seller: Seller,
    customers: Sequence[Customer],
    rows: Sequence[Informed],
    now: datetime,
    doorplate: Doorplate | None,
) -> InformingRun:
    """Settles those rows of the customers, as far as they are ripe, in the session's transaction.

    Raises: InformingUnclear.
    """
    settings = informing_of(seller)
    today = now.astimezone(ZoneInfo(seller.time_zone)).date()
    told, skipped = _readers(session, customers, rows, settings, today, now)
    bundles = [(one, bundle) for one in customers for bundle in bundles_of(told.get(one.id, ()))]
    everything = [one for _, bundle in bundles for one in bundle.told]
    already = already_read(session, [one.id for one in customers], everything, today, day_begins(seller, now))
    tomorrow = day_begins(seller, now) + timedelta(hours=24 + TOMORROW_HOUR)
    ripe = []
    for customer, bundle in bundles:
        if ripe_told := _ripe(bundle, settings, already, now, tomorrow):
            notice = notice_of(session, seller, customer, bundle.recipient, ripe_told, now)
            ripe.append((bundle, notice, ripe_told))
    notices = with_pages(session, [notice for _, notice, _ in ripe], doorplate, now)
    going = [
        _Going(notice.customer, bundle, notice, write(notice, doorplate), ripe_told)
        for (bundle, _, ripe_told), notice in zip(ripe, notices, strict=True)
    ]
    threads = threads_for(session, ((one.customer, one.bundle.recipient, one.written.subject) for one in going), now)
    run, leaving = InformingRun(skipped=skipped), []
    # Nothing that is looked at from here on depends on what was just written, so all of it is written at once.
    with session.no_autoflush:
        for one in going:
            if one.notice.purpose == "notice" and already.notices[one.customer.id] >= settings.messages_a_day:
                _wait(one.told, tomorrow, WhyNot.OFTEN_ENOUGH)
                continue
            message = _queue(session, seller, one, threads.of[place_of(one.customer, one.bundle.recipient)], now)
            if message is None:
                run += InformingRun(skipped=len(one.told))
                continue
            already.notices[one.customer.id] += one.notice.purpose == "notice"
            leaving.append((message.id, message.not_before))
            run += InformingRun(messages=1, told=len(one.told))
    session.flush()
    for thread in threads.begun:
        # Begun for something that is not said after all.
        if thread.version == 0:
            session.delete(thread)
    ask_to_deliver(session, leaving)
    return run


def _readers(
    session: Session,
    customers: Sequence[Customer],
    rows: Sequence[Informed],
    settings: Informing,
    today: date,
    now: datetime,
) -> tuple[Mapping[UUID, Sequence[tuple[Told, Recipient]]], int]:
    """What there is to tell each customer, with who reads it; how many rows are skipped, which say why."""
    people = people_of_all(session, customers, now)
    told: dict[UUID, list[tuple[Told, Recipient]]] = {}
    skipped = 0
    for one in read_parts(session, rows, today):
        reader = to_whom(people[one.row.customer_id], one.row.step, settings)
        # Why it is not true any more is said before why nobody would hear it.
        why = one.why if isinstance(one, Untold) else reader if isinstance(reader, WhyNot) else None
        if why is not None:
            skip(one.row, why, now)
            skipped += 1
        elif isinstance(one, Told) and isinstance(reader, Recipient):
            told.setdefault(one.row.customer_id, []).append((one, reader))
    return told, skipped


def _ripe(bundle: Bundle, settings: Informing, already: Already, now: datetime, tomorrow: datetime) -> list[Told]:
    """What of the bundle is told now; the rest waits, and says why."""
    # When nothing has been added for a while, or the first of it has waited long enough.
    newest = max(one.row.look_at for one in bundle.told)
    ripe_at = min(newest, min(one.row.happened_at for one in bundle.told) + GATHER_TIMES_MAX * settings.gather)
    if ripe_at > now:
        _wait(bundle.told, ripe_at, None)
        return []
    going = []
    for one in bundle.told:
        why = already.against(one)
        if why is None:
            going.append(one)
        else:
            _wait([one], tomorrow, why)
    return going


def _wait(told: Sequence[Told], until: datetime, why: WhyNot | None) -> None:
    for one in told:
        one.row.look_at = until
        one.row.reason = why.value if why is not None else None


def _queue(session: Session, seller: Seller, one: _Going, thread: Conversation, now: datetime) -> Message | None:
    """The message in the outbox; None when it may not be sent, which its rows then say."""
    to, notice, written = one.bundle.recipient, one.notice, one.written
    message = Message(
        id=new_key(),
        conversation_id=thread.id,
        direction="out",
        author="assistant",
        purpose=notice.purpose,
        channel=to.channel,
        address=to.address,
        contact_id=to.contact_id,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=written.language,
        delivery="queued",
        receipts=written.receipts,
        understanding={MARK: [each.row.step for each in one.told]},
        attachments=notice.attachments,
        created_at=now,
    )
    against = against_sending(session, message, now)
    if against is not None and not (isinstance(against, NotNow) and against.until_at is not None):
        for each in one.told:
            skip(each.row, WhyNot.OPTED_OUT, now)
            each.row.reason = against.reason.value
        return None
    at = against.until_at if isinstance(against, NotNow) else None
    message.not_before, message.waits_why = at, against.sentence if against is not None else None
    thread.version += 1
    thread.updated_at = now
    thread.introduced = thread.introduced or to.channel == "email"
    session.add(message)
    for each in one.told:
        each.row.said_on = said_on(each.part, each.row)
        each.row.state, each.row.reason, each.row.message_id, each.row.settled_at = "told", None, message.id, now
    note(
        session, "notice queued", message, at=now, who="assistant", why=one.bundle.topic, customer_id=one.customer.id,
        seller_id=seller.id, message_id=message.id, steps=[each.row.step for each in one.told],
        subjects=[str(each.row.subject_id) for each in one.told],
    )  # fmt: skip
    return message
