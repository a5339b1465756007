"""Whether a reminder that was written a while ago may still leave, by what the ledger says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
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
    debt = debt_behind(session, message.id)
    written = session.scalars(select(Reminder).where(Reminder.message_id == message.id)).all()
    if debt is None or not written:
        return No(Reason.OUT_OF_DATE)
    facts = replace(debt.facts, reach=reach(debt.customer.contacts, only=message.address))
    answers = may_contact(facts, written[0].on)
    refused = next((answer for answer in answers if isinstance(answer, No | NotNow)), None)
    if refused is not None:
        return refused
    return None if says_what_is_owed(message.receipts, debt, answers) else No(Reason.AMOUNT_CHANGED)


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
