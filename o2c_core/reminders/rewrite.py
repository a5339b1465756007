"""The same message for somebody else or another channel, in words that fit there and with the ledger as it is now."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.conversations.sms_text import fit_sms
from o2c_core.customers.seller import Seller
from o2c_core.reminders.debts import Debt, debt_behind, debt_on
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.may_contact import may_contact
from o2c_core.reminders.message_facts import day_of
from o2c_core.reminders.receipts import asked_key
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.text import may_reply_to, write_text
from o2c_core.reminders.written import Written

__all__ = ["Written", "rewrite", "write_reminder"]


def rewrite(
    session: Session, message: Message, to: Recipient, now: datetime, doorplate: Doorplate | None
) -> Written | None:
    """What the message says to that recipient; None when there is nothing to say there any more.

    A reminder is written from the ledger anew. Other words stay what they are, and are made to fit a text.
    """
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    if message.purpose == "reminder":
        letter = _letter(session, message, thread.customer_id, seller, to, now)
        return write_reminder(letter, to, doorplate) if letter else None
    by_email = to.channel == "email"
    return Written(
        subject=(message.subject or seller.name) if by_email else None,
        text=message.text if by_email else fit_sms(message.text),
        html=message.html if by_email else None,
        language=message.language or to.language,
        receipts=message.receipts,
    )


def write_reminder(letter: Letter, to: Recipient, doorplate: Doorplate | None) -> Written:
    """The reminder in the form of the recipient's channel, with the link to their choices where there is one."""
    link = None
    if doorplate is not None:
        link = preferences_url(doorplate, contact_id=to.contact_id, channel=to.channel, address=to.address)
    if to.channel == "email":
        return write_mail(letter, link)
    return write_text(letter, may_reply=may_reply_to(letter.seller.senders, to.channel), link=link)


def _letter(
    session: Session, message: Message, customer_id: UUID | None, seller: Seller, to: Recipient, now: datetime
) -> Letter | None:
    written_on = session.scalar(select(Reminder.on).where(Reminder.message_id == message.id).limit(1))
    on = max(written_on or day_of(session, message, now), day_of(session, message, now))
    debt: Debt | None = None
    if written_on is not None:
        debt = debt_behind(session, message.id, on, now)
    elif customer_id is not None:
        debt = debt_on(session, customer_id, _numbers(message), on, now)
    if debt is None:
        return None
    # Whether and when it may go there is asked when it is sent; here it is only about what there is to ask for.
    about_money = replace(
        debt.facts, reach="usable", has_refused=False, channel="email", opening=None, cap=None, back_on=None,
        unanswered_at=None,
    )  # fmt: skip
    answers = may_contact(about_money, on, now, written_on=written_on)
    return letter_for(replace(debt, recipient=to), answers, seller, on, now)


def _numbers(message: Message) -> list[str]:
    """The invoices the message asked for, by its receipts: of one that failed the steps count as unused again."""
    before, after = asked_key("\n").split("\n")
    ids = [str(receipt.get("id", "")) for receipt in message.receipts]
    return [one[len(before) : -len(after)] for one in ids if one.startswith(before) and one.endswith(after)]
