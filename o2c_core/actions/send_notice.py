"""Send an approved formal notice by email, as one message with the letter as it was approved."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.actions.approve_notice import NoticeLapsed, NoticeOvertaken, NotWaiting, lapse, notice_to_change
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.keys import new_key
from o2c_core.notices.following import stored_as, withdraw_notice
from o2c_core.notices.formal_notice import FormalNotice, has_lapsed
from o2c_core.notices.mail import notice_mail
from o2c_core.notices.page import letter_facts
from o2c_core.notices.setting import notice_setting
from o2c_core.notices.still_owed import why_overtaken
from o2c_core.reminders.heard import refusals
from o2c_core.reminders.recipient import Recipient, recipient_of
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

# Until one of these the message may still leave, and another one would be a second letter.
_ON_ITS_WAY = ("queued", "sending", "uncertain", "sent", "delivered")


class NoMailForNotice(Refused):
    """There is no email address this customer may be sent a formal notice at; print it and send it by registered post."""


def send_notice(notice_id: UUID, *, by: str, store: Store) -> UUID:
    """The id of the queued message. Asking again while that one is on its way changes nothing.

    It is looked at again now, and once more when the message leaves. One that did not arrive may be sent again.

    Raises: NoSuchNotice; NotWaiting; NoticesAreOff; NoMailForNotice; NoticeOvertaken; NoticeLapsed.
    """
    now = store.clock.now()
    with store.session() as session:
        notice = notice_to_change(session, notice_id)
        before = session.get(Message, notice.message_id) if notice.message_id else None
        if before is not None and before.delivery in _ON_ITS_WAY:
            return before.id
        if notice.state not in ("approved", "undelivered") or notice.file is None:
            raise NotWaiting(
                f"Formal notice {notice.number} is {notice.state}; only an approved one is sent.", state=notice.state
            )
        seller = session.get_one(Seller, notice.seller_id)
        notice_setting(seller).check_on(notice.kind)
        if notice.state == "approved":
            _look_again(session, notice, seller, store, now)
        customer = session.get_one(Customer, notice.customer_id)
        to = recipient_of(customer)
        if to is None or ("email", to.address) in refusals(
            session, customer.contacts, "service", ("email", to.address)
        ):
            raise NoMailForNotice(customer=customer.ref)
        message = _queue(session, notice, to, now)
        notice.message_id = message.id
        note(
            session, "formal notice queued", notice, at=now, who=by, message_id=message.id, number=notice.number,
            kind=notice.kind, checksum=notice.checksum,
        )  # fmt: skip
        ask_for(session, "deliver_message", message_id=str(message.id))
        session.commit()
        return message.id


def _look_again(session: Session, notice: FormalNotice, seller: Seller, store: Store, now: datetime) -> None:
    """Raises: NoticeLapsed; NoticeOvertaken; either way the notice is over."""
    if has_lapsed(notice, now):
        lapse(session, notice, now)
        session.commit()
        raise NoticeLapsed(notice=notice.number)
    overtaken = why_overtaken(session, notice, today(store.clock, seller.time_zone))
    if overtaken is not None:
        withdraw_notice(session, notice, overtaken, now)
        session.commit()
        raise NoticeOvertaken(
            f"Formal notice {notice.number} was withdrawn: {overtaken} Propose another for what is left."
        )


def _queue(session: Session, notice: FormalNotice, to: Recipient, now: datetime) -> Message:
    """The message in a thread of its own: a formal letter stands by itself. Its author is the person who approved it."""
    mail = notice_mail(letter_facts(session, notice), now)
    thread = Conversation(
        id=new_key(),
        seller_id=notice.seller_id,
        customer_id=notice.customer_id,
        channel="email",
        identity="known",
        speaker="assistant",
        language=notice.language,
        version=1,
        introduced=True,
        opened_at=now,
        updated_at=now,
    )
    session.add(thread)
    session.flush()
    message = Message(
        id=new_key(),
        conversation_id=thread.id,
        direction="out",
        author=notice.approved_by,
        purpose="document",
        channel="email",
        address=to.address,
        contact_id=to.contact_id,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        language=notice.language,
        delivery="queued",
        receipts=mail.receipts,
        understanding={},
        attachments=[stored_as(notice)],
        created_at=now,
    )
    session.add(message)
    session.flush()
    return message
