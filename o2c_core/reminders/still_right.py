"""Whether a reminder that was written a while ago may still leave, by what the ledger says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.money import Money, total
from o2c_core.reminders.debts import Debt, debt_behind
from o2c_core.reminders.mail import TO_PAY, asked_key
from o2c_core.reminders.may_contact import Answer, No, NotNow, Reason, Yes, may_contact
from o2c_core.reminders.recipient import reach
from o2c_core.reminders.reminder import Reminder

# "Is due on", "is 14 days late": after two days such words no longer fit the day they are read on.
WRITTEN_AGO_MAX = timedelta(days=2)


def against_sending(session: Session, message: Message, now: datetime) -> No | NotNow | None:
    """What speaks against sending the reminder now; None when it may leave as it was written."""
    if now - message.created_at > WRITTEN_AGO_MAX:
        return No(Reason.OUT_OF_DATE)
    written = session.scalars(select(Reminder).where(Reminder.message_id == message.id)).all()
    if not written:
        return No(Reason.OUT_OF_DATE)
    # The step is that of the day it was written for; what was agreed counts on the day it leaves.
    debt = debt_behind(session, message.id, max(written[0].on, _day_there(session, written[0], now)))
    if debt is None:
        return No(Reason.OUT_OF_DATE)
    facts = replace(
        debt.facts,
        reach=reach(debt.customer.contacts, only=message.address),
        has_refused=message.address in debt.refused,
    )
    answers = may_contact(facts, written[0].on)
    refused = next((answer for answer in answers if isinstance(answer, No | NotNow)), None)
    if refused is not None:
        return refused
    return None if says_what_is_owed(message.receipts, debt, answers) else No(Reason.AMOUNT_CHANGED)


def _day_there(session: Session, reminder: Reminder, now: datetime) -> date:
    """The day it is where the seller is."""
    zone = session.execute(
        select(Seller.time_zone)
        .join(Customer, Customer.seller_id == Seller.id)
        .where(Customer.id == reminder.customer_id)
    ).scalar_one()
    return now.astimezone(ZoneInfo(zone)).date()


def says_what_is_owed(receipts: Sequence[dict[str, Any]], debt: Debt, answers: Sequence[Answer]) -> bool:
    """Whether every amount the message asks for is still exactly what may be asked for."""
    asked = {
        asked_key(claim.number): answer.asked
        for claim, answer in zip(debt.facts.claims, answers, strict=True)
        if isinstance(answer, Yes)
    }
    together = total(asked.values(), debt.facts.currency) - Money(debt.facts.unapplied_minor, debt.facts.currency)
    now = {key: amount.minor for key, amount in asked.items()} | {TO_PAY: together.minor}
    then = {receipt["id"]: receipt["minor"] for receipt in receipts if receipt["id"] in now}
    return then == now
