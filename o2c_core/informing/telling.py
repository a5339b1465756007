"""Putting together what is told together, and writing it for its reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.mail import write_mail
from o2c_core.informing.notice import Notice
from o2c_core.informing.part import CreditIssued, PaymentReceived, Told
from o2c_core.informing.reading import accounts_of
from o2c_core.informing.step import STEPS
from o2c_core.informing.text import write_text
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.written import Written

_TOPICS = ("goods", "invoice", "account")


@dataclass(frozen=True)
class Bundle:
    """What one reader is told in one message."""

    topic: str
    recipient: Recipient
    told: tuple[Told, ...]


def bundles_of(told: Sequence[tuple[Told, Recipient]]) -> list[Bundle]:
    """What happened to goods together, what happened on the account together; an invoice joins the goods it is for where
    the same person reads both."""
    goods = {(one.order_id, to) for one, to in told if STEPS[one.row.step].topic == "goods"}
    found: dict[tuple[str, Recipient], list[Told]] = {}
    for one, to in told:
        joins = one.order_id is not None and (one.order_id, to) in goods
        found.setdefault(("goods" if joins else STEPS[one.row.step].topic, to), []).append(one)
    return [
        Bundle(topic, to, tuple(sorted(some, key=_in_order)))
        for (topic, to), some in sorted(found.items(), key=lambda one: (_TOPICS.index(one[0][0]), one[0][1].address))
    ]


def _in_order(one: Told) -> tuple[int, datetime, str]:
    """As things happen; what happened at one moment by its number."""
    number = getattr(one.part, "tracking", None) or getattr(one.part, "number", None) or ""
    return list(STEPS).index(one.row.step), one.row.happened_at, number


def notice_of(
    session: Session, seller: Seller, customer: Customer, to: Recipient, told: Sequence[Told], now: datetime
) -> Notice:
    """The message to that reader; thanks and credits say what is open besides."""
    parts = tuple(one.part for one in told)
    money = [one for one in parts if isinstance(one, PaymentReceived | CreditIssued)]
    named = [each.invoice_id for one in money for each in one.settled]
    accounts = tuple(accounts_of(session, customer.id, named)) if money else ()
    return Notice(seller, customer, to, parts, accounts, now)


def write(notice: Notice, doorplate: Doorplate | None) -> Written:
    """The notice in the form of its reader's channel."""
    if notice.recipient.channel == "email":
        return write_mail(notice, doorplate)
    return write_text(notice, doorplate)
