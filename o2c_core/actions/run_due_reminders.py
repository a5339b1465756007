"""The morning's reminders: each seller's run of the day, once, when its hour has come."""

from __future__ import annotations

import logging

from sqlalchemy import select

from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.seller import Seller
from o2c_core.reminders.morning import due_day
from o2c_core.reminders.run import RemindersRun
from o2c_core.reminders.runs import is_done
from o2c_core.store.store import Store

log = logging.getLogger("parley.reminders")


def run_due_reminders(*, store: Store, doorplate: Doorplate | None = None) -> dict[str, RemindersRun]:
    """Runs the day of every seller whose morning it is and whose run of the day is not done; the runs by seller.

    A run that was killed goes on where it stopped. Nothing is made up for a day on which nothing ran: the newest step
    that was reached is taken on the next. A seller whose run breaks keeps none of the others back; what it broke on is
    raised when they are done.
    """
    now = store.clock.now()
    query = select(Seller.id, Seller.ref, Seller.settings, Seller.country, Seller.time_zone).order_by(Seller.ref)
    with store.session() as session:
        sellers = session.execute(query).all()
    runs: dict[str, RemindersRun] = {}
    broken: list[Exception] = []
    for seller_id, ref, settings, country, zone in sellers:
        try:
            day = due_day(settings or {}, country, zone, now)
            with store.session() as session:
                is_due = day is not None and not is_done(session, seller_id, day)
            if day is not None and is_due:
                runs[ref] = run_reminders(day, store=store, seller_ref=ref, doorplate=doorplate, in_full=False)
        except Exception as one:
            log.error("reminders broke seller=%s broke=%s", seller_id, type(one).__name__)
            broken.append(one)
    if broken:
        raise broken[0]
    return runs
