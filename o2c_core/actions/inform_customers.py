"""Keep customers informed: what happened to their orders and their account is told once, together, and while it is true."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.again import MARK, day_begins, said_on, skip
from o2c_core.informing.happened import take_over_events
from o2c_core.informing.informed import Informed
from o2c_core.informing.late import find_delays
from o2c_core.informing.part import Told, Untold
from o2c_core.informing.reading import read_parts
from o2c_core.informing.step import Informing, InformingUnclear, informing_of
from o2c_core.informing.telling import (
    Bundle,
    bundles_of,
    is_reminded,
    notice_of,
    notices_since,
    was_told_of_order,
    write,
)
from o2c_core.informing.to_whom import people_of, to_whom
from o2c_core.informing.why_not import WhyNot
from o2c_core.keys import new_key
from o2c_core.orders.shipment import Shipment
from o2c_core.reminders.may_contact import NotNow
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.still_right import against_sending
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

log = logging.getLogger("parley.informing")
CUSTOMERS_AT_ONCE = 500
# Delays are looked for once the morning's arrivals have been noted.
SWEEP_HOUR = 10
# However much goes on happening, what happened is told after this long.
GATHER_TIMES_MAX = 8


@dataclass(frozen=True)
class InformingRun:
    """What a run did, in numbers: events taken over, messages written, events told and skipped."""

    events: int = 0
    messages: int = 0
    told: int = 0
    skipped: int = 0

    def __add__(self, other: InformingRun) -> InformingRun:
        return InformingRun(
            self.events + other.events,
            self.messages + other.messages,
            self.told + other.told,
            self.skipped + other.skipped,
        )


def inform_customers(*, store: Store, doorplate: Doorplate | None = None) -> InformingRun:
    """Take over what happened since the last time, and queue a message for each customer with news that is ripe.

    Each event is told once, also by two runs at once: it has a row with a key of its own, and a customer is one run's at a
    time. What one customer breaks on is logged and does not keep back the others.
    """
    run = InformingRun(events=_take_over(store))
    done: set[UUID] = set()
    while True:
        with store.session() as session:
            ids = _ripe(session, store.clock.now(), done)
        if not ids:
            return run
        for customer_id in ids:
            done.add(customer_id)
            try:
                run += _inform(customer_id, store, doorplate)
            except Exception:
                log.exception("not informed customer=%s", customer_id)


def _take_over(store: Store) -> int:
    with store.session() as session:
        sellers = session.execute(select(Seller.id, Seller.time_zone).order_by(Seller.ref)).all()
    events = 0
    for seller_id, zone in sellers:
        now = store.clock.now()
        try:
            with store.session() as session:
                found, until = take_over_events(session, seller_id, now)
                if until is not None:
                    local = now.astimezone(ZoneInfo(zone))
                    if until.swept_on != local.date() and local.hour >= SWEEP_HOUR:
                        settings = informing_of(session.get_one(Seller, seller_id))
                        found += find_delays(session, seller_id, settings, local.date(), now)
                        until.swept_on = local.date()
                session.commit()
                events += found
        except InformingUnclear:
            log.warning("informing settings unclear seller=%s", seller_id)
    return events


def _ripe(session: Session, now: datetime, done: set[UUID]) -> list[UUID]:
    query = select(Informed.customer_id).where(Informed.state == "waiting", Informed.look_at <= now).distinct()
    if done:
        query = query.where(Informed.customer_id.not_in(done))
    return list(session.scalars(query.order_by(Informed.customer_id).limit(CUSTOMERS_AT_ONCE)))


def _inform(customer_id: UUID, store: Store, doorplate: Doorplate | None) -> InformingRun:
    now = store.clock.now()
    with store.session() as session:
        people = selectinload(Customer.contacts).selectinload(Contact.addresses)
        mine = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True, skip_locked=True)
        customer = session.scalars(mine.options(people)).one_or_none()
        if customer is None:
            return InformingRun()
        rows = session.scalars(
            select(Informed)
            .where(
                Informed.customer_id == customer_id,
                Informed.state == "waiting",
                # What is put off for a reason keeps nothing else back.
                or_(Informed.reason.is_(None), Informed.look_at <= now),
            )
            .order_by(Informed.happened_at, Informed.id)
            .execution_options(populate_existing=True)
        ).all()
        run = _tell(session, customer, rows, now, store, doorplate)
        session.commit()
        return run


def _tell(
    session: Session,
    customer: Customer,
    rows: Sequence[Informed],
    now: datetime,
    store: Store,
    doorplate: Doorplate | None,
) -> InformingRun:
    seller = session.get_one(Seller, customer.seller_id)
    settings = informing_of(seller)
    people = people_of(session, customer, now)
    told: list[tuple[Told, Recipient]] = []
    skipped = 0
    for one in read_parts(session, rows, today(store.clock, seller.time_zone)):
        reader = to_whom(people, one.row.step, settings)
        # Why it is not true any more is said before why nobody would hear it.
        why = one.why if isinstance(one, Untold) else reader if isinstance(reader, WhyNot) else None
        if why is not None:
            skip(one.row, why, now)
            skipped += 1
        elif isinstance(one, Told) and isinstance(reader, Recipient):
            told.append((one, reader))
    run = InformingRun(skipped=skipped)
    for bundle in bundles_of(told):
        run += _send(session, seller, customer, bundle, settings, now, store, doorplate)
    session.flush()
    return run


def _send(
    session: Session,
    seller: Seller,
    customer: Customer,
    bundle: Bundle,
    settings: Informing,
    now: datetime,
    store: Store,
    doorplate: Doorplate | None,
) -> InformingRun:
    ripe_at = _ripe_at(bundle, settings)
    if ripe_at > now:
        return _wait(bundle.told, ripe_at, None)
    tomorrow = day_begins(seller, now) + timedelta(hours=24 + SWEEP_HOUR - 2)
    waiting = InformingRun()
    day = today(store.clock, seller.time_zone)
    going = []
    for one in bundle.told:
        why = None
        if is_reminded(session, one, day):
            why = WhyNot.REMINDED
        elif one.row.step == "shipped" and _heard_today(session, seller, one, now):
            why = WhyNot.TOLD_TODAY
        if why is None:
            going.append(one)
        else:
            waiting += _wait([one], tomorrow, why)
    if not going:
        return waiting
    notice = notice_of(session, seller, customer, bundle.recipient, going, now)
    if notice.purpose == "notice" and notices_since(session, customer.id, day_begins(seller, now)) >= (
        settings.messages_a_day
    ):
        return waiting + _wait(going, tomorrow, WhyNot.OFTEN_ENOUGH)
    written = write(notice, doorplate)
    thread = _thread(session, customer, bundle.recipient, written.subject, now)
    message = Message(
        id=new_key(),
        conversation_id=thread.id,
        direction="out",
        author="assistant",
        purpose=notice.purpose,
        channel=bundle.recipient.channel,
        address=bundle.recipient.address,
        contact_id=bundle.recipient.contact_id,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=written.language,
        delivery="queued",
        receipts=written.receipts,
        understanding={MARK: [one.row.step for one in going]},
        attachments=notice.attachments,
        created_at=now,
    )
    against = against_sending(session, message, now)
    if against is not None and not (isinstance(against, NotNow) and against.until_at is not None):
        for one in going:
            skip(one.row, WhyNot.OPTED_OUT, now)
            one.row.reason = against.reason.value
        return waiting + InformingRun(skipped=len(going))
    at = against.until_at if isinstance(against, NotNow) else None
    message.not_before, message.waits_why = at, against.sentence if against is not None else None
    thread.version += 1
    thread.updated_at = now
    thread.introduced = thread.introduced or bundle.recipient.channel == "email"
    session.add(message)
    session.flush()
    for one in going:
        one.row.said_on = said_on(one.part, one.row)
        one.row.state, one.row.reason, one.row.message_id, one.row.settled_at = "told", None, message.id, now
    note(
        session, "notice queued", message, at=now, who="assistant", why=bundle.topic, customer_id=customer.id,
        seller_id=seller.id, message_id=message.id, steps=[one.row.step for one in going],
        subjects=[str(one.row.subject_id) for one in going],
    )  # fmt: skip
    ask_for(session, "deliver_message", at=at, message_id=str(message.id))
    return waiting + InformingRun(messages=1, told=len(going))


def _ripe_at(bundle: Bundle, settings: Informing) -> datetime:
    """When nothing has been added for a while, or the first of it has waited long enough."""
    newest = max(one.row.look_at for one in bundle.told)
    return min(newest, min(one.row.happened_at for one in bundle.told) + GATHER_TIMES_MAX * settings.gather)


def _wait(told: Sequence[Told], until: datetime, why: WhyNot | None) -> InformingRun:
    for one in told:
        one.row.look_at = until
        one.row.reason = why.value if why is not None else None
    return InformingRun()


def _heard_today(session: Session, seller: Seller, one: Told, now: datetime) -> bool:
    if one.order_id is None:
        return False
    shipments = session.scalars(select(Shipment.id).where(Shipment.order_id == one.order_id)).all()
    return was_told_of_order(session, seller.id, shipments, day_begins(seller, now))


def _thread(session: Session, customer: Customer, to: Recipient, subject: str | None, now: datetime) -> Conversation:
    """The newest open conversation with that address that no person holds, locked because its version rises; else a new
    one."""
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id == customer.id,
            Conversation.channel == to.channel,
            Conversation.address == to.address,
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )
    thread = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if thread is None:
        thread = Conversation(
            id=new_key(),
            seller_id=customer.seller_id,
            customer_id=customer.id,
            contact_id=to.contact_id,
            channel=to.channel,
            address=to.address,
            subject=subject,
            identity="known",
            speaker="assistant",
            language=to.language,
            version=0,
            introduced=False,
            opened_at=now,
            updated_at=now,
        )
        session.add(thread)
        session.flush()
    return thread
