"""Keeping what was heard at a door: in its conversation, with who wrote it as far as we know, its files and its headers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.cards import mask_cards
from o2c_core.conversations.business_hours import heard_again
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import Heard, HeardMail
from o2c_core.conversations.identity import Evidence, Identity, how_sure
from o2c_core.conversations.keeping import cut_text, hide_earlier, keep_files, said_before, store_once, without_cards
from o2c_core.conversations.received import is_proven_by_code
from o2c_core.conversations.routing import Writer, may_go_on, open_conversation
from o2c_core.keys import new_key

SUBJECT_CHARACTERS_MAX = 300
ORIGINAL_CHARACTERS_MAX = 200_000


@dataclass(frozen=True)
class Kept:
    """The message as it was stored. `customer_id` is the writer's, None of a stranger."""

    conversation: Conversation
    message_id: UUID
    text: str
    identity: Identity
    customer_id: UUID | None
    contact_id: UUID | None
    hid_card: bool


def keep_heard(
    session: Session,
    heard: Heard,
    seller_id: UUID,
    writers: Sequence[Writer],
    *,
    threads: Sequence[Conversation],
    arrival_id: UUID,
    now: datetime,
) -> Kept:
    """Stores the message in the first of the `threads` its writer belongs in, else in what they wrote in last, else in a
    new conversation. The caller holds the writer, and has made sure that the message was not stored before.
    """
    customers = sorted({writer.customer_id for writer in writers})
    conversation = _conversation(session, heard, seller_id, customers, threads, now)
    identity = _identity(conversation, heard, writers, now)
    before = said_before(session, conversation.id) if conversation.version else []
    text = cut_text(heard.text)
    kept, hidden = without_cards(before, text)
    contacts = {writer.contact_id for writer in writers}
    contact_id = contacts.pop() if len(contacts) == 1 else None
    is_automatic = heard.mail is not None and heard.mail.automatic is not None
    hid_card = kept != text or bool(hidden) or _has_hidden(heard.mail)
    message_id = store_once(
        session,
        conversation.id,
        heard.channel,
        kept,
        author="system" if is_automatic else "customer",
        purpose="automatic" if is_automatic else "question",
        address=heard.from_address,
        sender_key=heard.key,
        subject=_subject(heard.mail),
        html=_html(heard.mail, hid_card=hid_card),
        mail_id=heard.mail.mail_id if heard.mail else None,
        mail=_mail(heard.mail),
        contact_id=contact_id,
        arrival_id=arrival_id,
        understanding={"identity": identity},
        created_at=now,
        answered_at=now if is_automatic else None,
    )
    assert message_id is not None, "a message is stored once, and the writer is held"
    hide_earlier(session, hidden)
    keep_files(session, heard.files, message_id, now)
    if not is_automatic:
        _move_on(conversation, heard, identity, customers, contact_id)
        heard_again(session, conversation, now)
    conversation.version += 1
    conversation.updated_at = now
    customer_id = conversation.customer_id if identity != "stranger" else None
    return Kept(conversation, message_id, kept, identity, customer_id, contact_id, hid_card)


def _conversation(
    session: Session,
    heard: Heard,
    seller_id: UUID,
    customers: Sequence[UUID],
    threads: Sequence[Conversation],
    now: datetime,
) -> Conversation:
    address = heard.from_address
    is_automatic = heard.mail is not None and heard.mail.automatic is not None
    for thread in threads:
        # A stranger's mail may belong in a customer's thread: shown there, and told nothing of the customer's.
        if may_go_on(thread, seller_id, customers, address) or (thread.seller_id == seller_id and not customers):
            return _locked(session, thread)
    going_on = open_conversation(session, seller_id, heard.channel, address, customers, now)
    if going_on is not None:
        return _locked(session, going_on)
    begun = Conversation(
        id=new_key(),
        seller_id=seller_id,
        customer_id=customers[0] if len(customers) == 1 else None,
        channel=heard.channel,
        address=address,
        subject=_subject(heard.mail),
        identity="stranger",
        speaker="assistant",
        # An automatic mail that belongs to nothing of ours is nothing anybody has to look at.
        state="closed" if is_automatic else "open",
        version=0,
        introduced=False,
        opened_at=now,
        updated_at=now,
    )
    session.add(begun)
    session.flush()
    return begun


def _locked(session: Session, conversation: Conversation) -> Conversation:
    session.refresh(conversation, with_for_update=True)
    return conversation


def _identity(conversation: Conversation, heard: Heard, writers: Sequence[Writer], now: datetime) -> Identity:
    # Somebody of another customer who once proved this one here is not known by what they are there.
    if conversation.customer_id is not None:
        writers = [] if conversation.customer_id not in {one.customer_id for one in writers} else writers
    return how_sure(
        Evidence(
            heard.channel,
            customers=len({writer.customer_id for writer in writers}),
            is_verified=any(writer.is_verified for writer in writers),
            is_aligned=heard.mail is not None and heard.mail.is_aligned,
            has_code=is_proven_by_code(conversation, heard.from_address, now),
        )
    )


def _move_on(
    conversation: Conversation, heard: Heard, identity: Identity, customers: Sequence[UUID], contact_id: UUID | None
) -> None:
    """The conversation with this message in it: whose it is where that was open."""
    if conversation.address is None and conversation.customer_id in (None, *customers):
        conversation.address = heard.from_address
    if conversation.customer_id is None and len(customers) == 1 and conversation.address == heard.from_address:
        conversation.customer_id = customers[0]
    if conversation.address == heard.from_address:
        conversation.identity = identity
        conversation.contact_id = contact_id or conversation.contact_id
    if conversation.subject is None:
        conversation.subject = _subject(heard.mail)


def _subject(mail: HeardMail | None) -> str | None:
    subject = cut_text(mail.subject).replace("\n", " ")[:SUBJECT_CHARACTERS_MAX] if mail else ""
    return mask_cards(subject) or None


def _has_hidden(mail: HeardMail | None) -> bool:
    """Whether something was hidden where people do not look at once: in the subject, or below the quotes."""
    return mail is not None and any(mask_cards(part) != part for part in (mail.subject, mail.original))


def _html(mail: HeardMail | None, *, hid_card: bool) -> str | None:
    """The mail as it looked. Markup may stand between the digits of a card, so where there was one it is not kept."""
    if mail is None or mail.html is None or hid_card:
        return None
    return mail.html


def _mail(mail: HeardMail | None) -> dict[str, Any]:
    if mail is None:
        return {}
    said: dict[str, Any] = {
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "is_aligned": mail.is_aligned,
        "dkim": mail.dkim,
        "spf": mail.spf,
        "sender_name": mail.sender_name,
        "original": mask_cards(mail.original[:ORIGINAL_CHARACTERS_MAX]),
    }
    if mail.automatic is not None:
        back_on = mail.automatic.back_on
        said |= {
            "automatic": mail.automatic.kind,
            "back_on": back_on.isoformat() if back_on else None,
            "deputy": mail.automatic.deputy,
        }
    return {name: value for name, value in said.items() if value not in (None, [], "")}
