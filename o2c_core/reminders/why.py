"""Why a customer was, was not or would be reminded on a day: for finance in full, for the customer in their language."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.reminders import finance_words as words
from o2c_core.reminders.why_answer import Told, Why
from o2c_core.reminders.why_decided import what_was_decided
from o2c_core.reminders.why_planned import what_would_be
from o2c_core.reminders.why_written import what_was_written


def why(session: Session, customer: Customer, on: date, now: datetime, language: str | None = None) -> list[Why]:
    """Why that customer heard something, or nothing, on that day; one answer per message or currency.

    A day that has been is told from what was decided and written then; today where nothing was decided yet, and every
    day to come, from the ledger as it is now. `language` is the one the customer reads.
    """
    seller = session.get_one(Seller, customer.seller_id)
    told = Told.to(customer, language)
    today = now.astimezone(ZoneInfo(seller.time_zone)).date()
    found: list[Why] = []
    if on <= today:
        found += what_was_written(session, seller, customer, on, now, told)
        found += what_was_decided(session, seller, customer, on, told, _currencies(found))
    if on >= today:
        found += what_would_be(session, seller, customer, on, now, told, _currencies(found))
    if not found:
        sentence = f"Nothing was open for {customer.name} on {words.day(on)}, or no run was made that day."
        found = [Why(on, "none", customer.currency, (sentence,), told.nothing)]
    return found


def _currencies(found: list[Why]) -> set[str]:
    return {one.currency for one in found}
