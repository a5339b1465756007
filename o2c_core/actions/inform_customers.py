"""Keep customers informed: what happened to their orders and their account is told once, together, and while it is true."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.happened import take_over_events
from o2c_core.informing.informed import Informed
from o2c_core.informing.late import find_delays
from o2c_core.informing.queueing import queue_news
from o2c_core.informing.run import InformingRun
from o2c_core.informing.step import InformingUnclear, informing_of
from o2c_core.store.many import is_one_of
from o2c_core.store.store import Store

log = logging.getLogger("parley.informing")
CUSTOMERS_AT_ONCE = 500
# So many are looked up together: enough to ask little of the database, few enough that nobody waits for them for long.
CUSTOMERS_TOGETHER = 25
# Delays are looked for once the morning's arrivals have been noted.
SWEEP_HOUR = 10


def inform_customers(*, store: Store, doorplate: Doorplate | None = None) -> InformingRun:
    """Take over what happened since the last time, and queue a message for each customer with news that is ripe.

    Each event is told once, also by two runs at once: it has a row with a key of its own, and a customer is one run's at a
    time. What one customer breaks on is logged and does not keep back the others.
    """
    run = InformingRun(events=_take_over(store))
    after: UUID | None = None
    while True:
        with store.session() as session:
            ids = _ripe(session, store.clock.now(), after)
        if not ids:
            return run
        for start in range(0, len(ids), CUSTOMERS_TOGETHER):
            run += _inform_together(ids[start : start + CUSTOMERS_TOGETHER], store, doorplate)
        after = ids[-1]


def _inform_together(ids: Sequence[UUID], store: Store, doorplate: Doorplate | None) -> InformingRun:
    """Those customers in one transaction; each in one of their own when it breaks on one of them."""
    try:
        return _inform(ids, store, doorplate)
    except Exception:
        if len(ids) == 1:
            log.exception("not informed customer=%s", ids[0])
            return InformingRun()
    return sum((_inform_together([one], store, doorplate) for one in ids), InformingRun())


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


def _ripe(session: Session, now: datetime, after: UUID | None) -> list[UUID]:
    """The next customers with news that is ripe; one that breaks, or is another run's, is not come back to."""
    query = select(Informed.customer_id).where(Informed.state == "waiting", Informed.look_at <= now).distinct()
    if after is not None:
        query = query.where(Informed.customer_id > after)
    return list(session.scalars(query.order_by(Informed.customer_id).limit(CUSTOMERS_AT_ONCE)))


def _inform(ids: Sequence[UUID], store: Store, doorplate: Doorplate | None) -> InformingRun:
    now = store.clock.now()
    with store.session() as session:
        people = selectinload(Customer.contacts).selectinload(Contact.addresses)
        mine = select(Customer).where(is_one_of(Customer.id, ids)).order_by(Customer.id)
        customers = session.scalars(mine.with_for_update(key_share=True, skip_locked=True).options(people)).all()
        waiting = (
            select(Informed)
            .where(
                is_one_of(Informed.customer_id, [one.id for one in customers]),
                Informed.state == "waiting",
                # What is put off for a reason keeps nothing else back.
                or_(Informed.reason.is_(None), Informed.look_at <= now),
            )
            .order_by(Informed.happened_at, Informed.id)
            .execution_options(populate_existing=True)
        )
        rows = session.scalars(waiting).all() if customers else []
        run = InformingRun()
        for seller_id in sorted({one.seller_id for one in customers}):
            seller = session.get_one(Seller, seller_id)
            here = [one for one in customers if one.seller_id == seller_id]
            about_them = [row for row in rows if row.seller_id == seller_id]
            run += queue_news(session, seller, here, about_them, now, doorplate)
        session.commit()
        return run
