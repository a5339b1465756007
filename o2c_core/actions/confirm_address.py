"""A new address of whoever makes a proven visit: a code goes to it, and once that comes back the address is changed."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.change_address import AddressThere, NewAddress, change_address
from o2c_core.actions.send_code import TooManyCodes
from o2c_core.conversations.access_link import Visit
from o2c_core.conversations.access_links import is_proven
from o2c_core.conversations.codes import (
    CODE_DIGITS,
    GOOD_FOR,
    WRONG_TRIES_MAX,
    as_code,
    codes_in,
    digest_of,
    hide_code,
    may_send,
)
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.notice import queue_notice
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.visit_chat import visit_to_change
from o2c_core.customers.contact import Address, Contact, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.keys import new_key, unguessable
from o2c_core.store.store import Store
from o2c_core.trail import note

Outcome = Literal["changed", "wrong", "over"]


class NotProven(Refused):
    """An address is changed only by who has just shown who they are."""


@dataclass(frozen=True)
class Wanted:
    """The address somebody wants to be reached at; it takes the place of `old_id`, or comes beside the others."""

    channel: str
    value: str
    old_id: UUID | None = None


@dataclass(frozen=True)
class Pending:
    """The change as the page keeps it, signed, until the code comes back."""

    wanted: Wanted
    code_id: UUID


def send_address_code(
    visit_id: UUID,
    wanted: Wanted,
    *,
    store: Store,
    key: str,
    written: Callable[[str], str],
    subject: str,
    language: str,
) -> Pending:
    """Sends a code to the new address, in a thread of its own: it proves that address and nothing else.

    Raises: NotProven; NotAnAddress; AddressThere; NotFound for somebody else's address; TooManyCodes.
    """
    now = store.clock.now()
    with store.session() as session:
        visit = visit_to_change(session, visit_id)
        contact, customer = _whose(session, visit, now)
        value = tidy_email(wanted.value) if wanted.channel == "email" else tidy_phone(wanted.value, customer.country)
        if any((one.channel, one.value) == (wanted.channel, value) for one in contact.addresses):
            raise AddressThere
        of_record = _of_record(contact, wanted)
        _check_count(session, visit, of_record, now)
        thread = Conversation(
            seller_id=customer.seller_id, customer_id=customer.id, contact_id=contact.id, channel=wanted.channel,
            address=value, subject=subject if wanted.channel == "email" else None, identity="stranger",
            speaker="assistant", state="closed", language=language, version=0, introduced=True, opened_at=now,
            updated_at=now,
        )  # fmt: skip
        session.add(thread)
        session.flush()
        code, code_id = as_code(unguessable(10**CODE_DIGITS)), new_key()
        session.add(
            OneTimeCode(
                id=code_id, conversation_id=thread.id, customer_id=customer.id, address_id=of_record.id,
                digest=digest_of(code, code_id, key), created_at=now, expires_at=now + GOOD_FOR,
            )
        )  # fmt: skip
        message_id = queue_notice(
            session, thread, written(code), channel=wanted.channel, address=value, contact_id=contact.id,
            language=language, now=now, subject=thread.subject, purpose="code", understanding={"code": str(code_id)},
        )  # fmt: skip
        note(
            session, "code sent", thread, at=now, who=contact.name, why="wants to be reached at a new address",
            message_id=message_id, channel=wanted.channel,
        )  # fmt: skip
        session.commit()
        return Pending(Wanted(wanted.channel, value, wanted.old_id), code_id)


def confirm_address(visit_id: UUID, pending: Pending, code: str, *, store: Store, key: str) -> Outcome:
    """Whether that is the code; the right one changes the address, and its reader has shown to read it. After five wrong
    ones, or too late, it is over.

    Raises: NotProven; NotFound; AddressGone; AddressThere.
    """
    now = store.clock.now()
    with store.session() as session:
        visit = visit_to_change(session, visit_id)
        contact, customer = _whose(session, visit, now)
        sent = session.get(OneTimeCode, pending.code_id, with_for_update=True)
        if sent is None or sent.customer_id != customer.id:
            raise NotFound
        if sent.used_at is None and (now >= sent.expires_at or sent.wrong_tries >= WRONG_TRIES_MAX):
            return "over"
        if not any(hmac.compare_digest(sent.digest, digest_of(one, sent.id, key)) for one in codes_in(code)):
            sent.wrong_tries += 1
            note(
                session, "wrong code written", visit, at=now, who=contact.name, seller_id=customer.seller_id,
                tries=sent.wrong_tries,
            )  # fmt: skip
            session.commit()
            return "over" if sent.wrong_tries >= WRONG_TRIES_MAX else "wrong"
        if sent.used_at is None:
            sent.used_at = now
            _hide(session, sent)
            session.commit()
    wanted = pending.wanted
    new = NewAddress(customer.id, contact.id, wanted.channel, wanted.value, wanted.old_id, is_read=True)
    change_address(new, store=store, by=contact.name)
    return "changed"


def _whose(session: Session, visit: Visit, now: datetime) -> tuple[Contact, Customer]:
    """Raises: NotProven."""
    contact = session.get(Contact, visit.contact_id) if visit.contact_id else None
    if contact is None or not is_proven(visit, now):
        raise NotProven
    return contact, session.get_one(Customer, visit.customer_id)


def _of_record(contact: Contact, wanted: Wanted) -> Address:
    """The address the change is counted with: the one that is replaced, else one they have shown to read.

    Raises: NotFound for another's; NotProven where there is none.
    """
    if wanted.old_id is not None:
        old = next((one for one in contact.addresses if one.id == wanted.old_id), None)
        if old is None or old.channel != wanted.channel:
            raise NotFound(address=str(wanted.old_id))
        return old
    if not contact.addresses:
        raise NotProven
    return min(contact.addresses, key=lambda one: one.verified_at is None)


def _check_count(session: Session, visit: Visit, of_record: Address, now: datetime) -> None:
    """Raises: TooManyCodes, counted as for the codes to an address of record."""
    session.execute(select(Address.id).where(Address.id == of_record.id).with_for_update())
    hour = func.count().filter(OneTimeCode.created_at > now - timedelta(hours=1))
    query = select(hour, func.count()).where(
        OneTimeCode.address_id == of_record.id, OneTimeCode.created_at > now - timedelta(days=1)
    )
    within_hour, within_day = session.execute(query).one()
    # The one with which they proved who they are is not held against them.
    if not may_send(max(0, within_hour - 1), within_day):
        raise TooManyCodes(visit=str(visit.id))


def _hide(session: Session, sent: OneTimeCode) -> None:
    query = select(Message).where(
        Message.conversation_id == sent.conversation_id, Message.understanding["code"].astext == str(sent.id)
    )
    for message in session.scalars(query):
        message.text = hide_code(message.text)
