"""Whether a message that was written a while ago may still leave, by what the ledger says now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.money import Money, total
from o2c_core.reminders.debts import Debt, debt_behind
from o2c_core.reminders.may_contact import Answer, No, NotNow, Reason, Yes, may_contact, may_write, waits
from o2c_core.reminders.message_facts import day_of, facts_about
from o2c_core.reminders.open_claims import asked_by
from o2c_core.reminders.receipts import TO_PAY, asked_key

# "Is due on", "is 14 days late": after two days such words no longer fit the day they are read on.
WRITTEN_AGO_MAX = timedelta(days=2)
# These pass by themselves; a message held by anything else is written anew by a later run.
_WORTH_WAITING = (Reason.QUIET_HOURS, Reason.TALKING, Reason.REST_DAY, Reason.UNANSWERED, Reason.AWAY)
# What is said where it is read reaches nobody who is not there.
_IN_THE_ROOM = ("chat", "terminal")


def against_sending(session: Session, message: Message, now: datetime) -> No | NotNow | None:
    """What speaks against sending the message now; None when it may leave as it was written.

    With a moment in `until_at` it may leave then and waits; without one it is not to be sent any more.
    """
    if message.channel in _IN_THE_ROOM:
        return None
    if message.purpose == "reminder":
        return _kept_in_time(_against_reminder(session, message, now), message)
    facts = facts_about(session, message, now)
    return may_write(facts, day_of(session, message, now), now) or waits(facts, now)


def _against_reminder(session: Session, message: Message, now: datetime) -> No | NotNow | None:
    if now - message.created_at > WRITTEN_AGO_MAX:
        return No(Reason.OUT_OF_DATE)
    asked = asked_by(session, message.id)
    if asked is None:
        return No(Reason.OUT_OF_DATE)
    # The step is that of the day it was written for; what was agreed counts on the day it leaves.
    on = max(asked.written_on, day_of(session, message, now))
    if message.delivery == "draft" and on > asked.written_on:
        return No(Reason.OUT_OF_DATE)
    debt = debt_behind(session, asked, on, now, with_history=False)
    if debt is None:
        return No(Reason.OUT_OF_DATE)
    # Another of theirs that waits for approval is no reason to keep this one back.
    facts = replace(debt.facts_for(message.channel, message.address, on), has_draft=False)
    answers = may_contact(facts, on, now, written_on=asked.written_on)
    refused = next((answer for answer in answers if isinstance(answer, No | NotNow)), None)
    if refused is not None:
        return refused
    if not says_what_is_owed(message.receipts, debt, answers):
        return No(Reason.AMOUNT_CHANGED)
    return waits(facts, now)


def _kept_in_time(against: No | NotNow | None, message: Message) -> No | NotNow | None:
    """A reminder that could only leave when its words no longer fit is not kept for later; the next run writes anew."""
    if not isinstance(against, NotNow) or against.until_at is None:
        return against
    if against.reason in _WORTH_WAITING and against.until_at <= message.created_at + WRITTEN_AGO_MAX:
        return against
    return replace(against, until_at=None)


def says_what_is_owed(receipts: Sequence[dict[str, Any]], debt: Debt, answers: Sequence[Answer]) -> bool:
    """Whether every amount the message asks for is still exactly what may be asked for."""
    asked = {
        asked_key(claim.number, claim.part): answer.asked
        for claim, answer in zip(debt.facts.claims, answers, strict=True)
        if isinstance(answer, Yes)
    }
    together = total(asked.values(), debt.facts.currency) - Money(debt.facts.unapplied_minor, debt.facts.currency)
    now = {key: amount.minor for key, amount in asked.items()} | {TO_PAY: together.minor}
    then = {receipt["id"]: receipt["minor"] for receipt in receipts if receipt["id"] in now}
    return then == now
