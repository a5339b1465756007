"""Send a one-time code to an address of record, for the writer of one conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.codes import CODE_DIGITS, GOOD_FOR, as_code, digest_of, may_send
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.notice import queue_notice
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.keys import new_key, unguessable
from o2c_core.store.store import Store
from o2c_core.trail import note


class TooManyCodes(Refused):
    """Too many codes were asked for; please try again later."""


class NoAddressForCode(Refused):
    """There is no address of record to send a code to."""


@dataclass(frozen=True)
class Change:
    """A proposal that is carried out when the code sent to that address comes back."""

    proposal_id: UUID
    address_id: UUID


def send_code(
    conversation_id: UUID,
    customer_id: UUID,
    *,
    store: Store,
    key: str,
    written: Callable[[str], str],
    subject: str,
    language: str,
    asked_by: UUID | None = None,
    for_change: Change | None = None,
    only_contact_id: UUID | None = None,
    draw: Callable[[int], int] = unguessable,
) -> UUID:
    """Queues a code to an address the customer is on record with, and returns the code's id.

    It goes to the address the conversation is with where that is the customer's, on the same channel; else to an
    address of the same contact or customer. `written` puts the code into the words that are sent; the words say the
    code until they have been sent, and stars after that (`hide_codes`). Only its digest is kept to compare with. The same
    message (`asked_by`) never gets a second code, also when two workers answer it at once, and neither does the same
    change: with `for_change` the code goes to the address of record that is named there, and is good for that alone.
    With `only_contact_id` it goes to an address of that person or nowhere.

    Raises: NoAddressForCode; TooManyCodes.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        ).one()
        if conversation.customer_id not in (None, customer_id):
            raise NoAddressForCode(conversation=str(conversation_id))
        sent = _sent_for_change(session, for_change) if for_change else _sent_for(session, conversation_id, asked_by)
        if sent is not None:
            return sent
        only = for_change.address_id if for_change else None
        address = _address(session, conversation, customer_id, only, only_contact_id)
        if address is None:
            raise NoAddressForCode(customer=str(customer_id))
        # Two conversations may ask for the same address at once: they are counted one after the other.
        session.execute(select(Address.id).where(Address.id == address.id).with_for_update())
        if not may_send(*_sent_before(session, conversation_id, address.id, now)):
            raise TooManyCodes(conversation=str(conversation_id))
        code = as_code(draw(10**CODE_DIGITS))
        code_id = new_key()
        session.add(
            OneTimeCode(
                id=code_id,
                conversation_id=conversation_id,
                customer_id=customer_id,
                address_id=address.id,
                proposal_id=for_change.proposal_id if for_change else None,
                digest=digest_of(code, code_id, key),
                created_at=now,
                expires_at=now + GOOD_FOR,
            )
        )
        channel = _channel(conversation, address)
        message_id = queue_notice(
            session, conversation, written(code), channel=channel, address=address.value, contact_id=address.contact_id,
            language=language, now=now, subject=subject if channel == "email" else None,
            purpose="code",
            understanding={"code": str(code_id)} | ({"asked_by": str(asked_by)} if asked_by else {}),
        )  # fmt: skip
        note(
            session, "code sent", conversation, at=now, who="assistant",
            why="asked for a change" if for_change else "asked about an account",
            customer_id=customer_id, message_id=message_id, channel=channel,
        )  # fmt: skip
        session.commit()
        return code_id


def _sent_for(session: Session, conversation_id: UUID, asked_by: UUID | None) -> UUID | None:
    """The code that was sent because of that message; the caller holds the conversation."""
    if asked_by is None:
        return None
    query = select(Message.understanding["code"].astext).where(
        Message.conversation_id == conversation_id,
        Message.purpose == "code",
        Message.understanding["asked_by"].astext == str(asked_by),
    )
    found = session.scalars(query.limit(1)).one_or_none()
    return UUID(found) if found else None


def _sent_for_change(session: Session, change: Change) -> UUID | None:
    query = select(OneTimeCode.id).where(OneTimeCode.proposal_id == change.proposal_id)
    return session.scalars(query.limit(1)).one_or_none()


def _channel(conversation: Conversation, address: Address) -> str:
    """WhatsApp where that is how they write from this number; else as the address is reached."""
    is_whatsapp = conversation.channel == "whatsapp" and conversation.address == address.value
    return "whatsapp" if is_whatsapp else address.channel


def _address(
    session: Session,
    conversation: Conversation,
    customer_id: UUID,
    only: UUID | None = None,
    only_contact_id: UUID | None = None,
) -> Address | None:
    """Where the code goes: the writer's own address, else of the same contact, else of another; a verified one first."""
    usable = (
        select(Address)
        .join(Contact, Contact.id == Address.contact_id)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.customer_id == customer_id, Customer.seller_id == conversation.seller_id)
        .where(Address.failed_at.is_(None), Customer.erased_at.is_(None))
    )
    if only is not None:
        usable = usable.where(Address.id == only)
    if only_contact_id is not None:
        usable = usable.where(Contact.id == only_contact_id)
    return session.scalars(
        usable.order_by(
            (Address.value == func.coalesce(conversation.address, "")).desc(),
            (Contact.id == (conversation.contact_id or UUID(int=0))).desc(),
            Address.verified_at.is_(None),
            (Contact.role == "accounts_payable").desc(),
            (Address.channel == "email").desc(),
            Address.id,
        ).limit(1)
    ).one_or_none()


def _sent_before(session: Session, conversation_id: UUID, address_id: UUID, now: datetime) -> tuple[int, int]:
    """How many codes in this conversation in the last hour, and to this address in the last day."""

    def count(of: object, since: timedelta) -> int:
        query = select(func.count()).select_from(OneTimeCode).where(OneTimeCode.created_at > now - since)
        return session.scalar(query.where(of)) or 0  # type: ignore[arg-type]

    return (
        count(OneTimeCode.conversation_id == conversation_id, timedelta(hours=1)),
        count(OneTimeCode.address_id == address_id, timedelta(days=1)),
    )
