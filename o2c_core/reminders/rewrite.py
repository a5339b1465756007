"""The same message for somebody else or another channel, in words that fit there and with the ledger as it is now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.sms_text import fit_sms
from o2c_core.customers.contact import Contact
from o2c_core.customers.seller import Seller
from o2c_core.reminders.debts import Debt, debt_behind, debt_on
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.links import links_of
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.may_contact import Claim, may_contact
from o2c_core.reminders.message_facts import day_of
from o2c_core.reminders.open_claims import asked_by
from o2c_core.reminders.receipts import asked_in, asked_key
from o2c_core.reminders.recipient import Recipient
from o2c_core.reminders.text import may_reply_to, write_text
from o2c_core.reminders.written import OUR_WORDS, Words, Written

__all__ = ["Words", "Written", "letter_behind", "rewrite", "write_reminder"]


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
        attachments=message.attachments if by_email else [],
    )


def write_reminder(
    letter: Letter, to: Recipient, doorplate: Doorplate | None, *, words: Words | None = None
) -> Written:
    """The reminder in the form of the recipient's channel, with its links where this house has a public address.

    `words` stand in it where an approved sentence would.
    """
    links, ours = links_of(letter, to, doorplate), words or OUR_WORDS
    if to.channel == "email":
        return write_mail(letter, links, ours)
    return write_text(letter, may_reply=may_reply_to(letter.seller.senders, to.channel), links=links, words=ours)


def letter_behind(session: Session, message: Message, now: datetime) -> Letter | None:
    """The letter a reminder says, with the ledger as it is now, to whom it is addressed; None when there is nothing to
    ask for any more."""
    thread = session.get_one(Conversation, message.conversation_id)
    seller = session.get_one(Seller, thread.seller_id)
    contact = session.get(Contact, message.contact_id) if message.contact_id else None
    name = contact.name if contact else None
    to = Recipient(message.address or "", message.language or "en", message.channel, message.contact_id, name)
    return _letter(session, message, thread.customer_id, seller, to, now)


def _letter(
    session: Session, message: Message, customer_id: UUID | None, seller: Seller, to: Recipient, now: datetime
) -> Letter | None:
    written = asked_by(session, message.id)
    today = day_of(session, message, now)
    on = max(written.written_on, today) if written is not None else today
    asked = asked_in(message.receipts)
    debt: Debt | None = None
    if written is not None:
        debt = debt_behind(session, written, on, now)
    elif customer_id is not None:
        # Of a message that failed the steps count as unused again; its receipts say what it asked for.
        debt = debt_on(session, customer_id, list(dict.fromkeys(number for number, _ in asked)), on, now)
    if debt is None:
        return None
    # Whether and when it may go there is asked when it is sent; here it is only about what there is to ask for.
    about_money = replace(
        debt.facts, reach="usable", has_refused=False, channel="email", opening=None, cap=None, back_on=None,
        unanswered_at=None, claims=_asked_for(debt, asked),
    )  # fmt: skip
    answers = may_contact(about_money, on, now, written_on=written.written_on if written is not None else None)
    return letter_for(replace(debt, recipient=to, facts=about_money), answers, seller, on, now)


def _asked_for(debt: Debt, asked: Collection[tuple[str, int]]) -> tuple[Claim, ...]:
    """Of the invoices the message asked for, the parts it asked for, and what it left out as disputed."""
    wanted = {asked_key(number, part) for number, part in asked}
    numbers = {number for number, _ in asked}
    return tuple(
        claim
        for claim in debt.facts.claims
        if asked_key(claim.number, claim.part) in wanted or claim.number not in numbers
    )
