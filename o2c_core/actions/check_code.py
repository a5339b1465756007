"""Check a code somebody wrote: the right one proves who they are, once; a wrong one is counted."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.codes import GOOD_FOR, PROVEN_FOR, WRONG_TRIES_MAX, digest_of, hide_code
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.contact import Address
from o2c_core.store.store import Store
from o2c_core.trail import note

# So long after it was sent, six digits are still taken for the code, and it is said that it is over.
REMEMBERED_FOR = 3 * GOOD_FOR
# `none`: no code is waited for, so what looks like one is something else.
Outcome = Literal["proven", "wrong", "over", "none"]


def check_code(
    written: Sequence[str],
    *,
    conversation_id: UUID,
    message_id: UUID | None,
    address: str | None,
    store: Store,
    key: str,
    proposal: Proposal | None = None,
) -> Outcome:
    """Whether one of the codes that were written is one we sent for this conversation and that is still good.

    The right one is used up, ends every other, and proves the writer at this address for twelve hours; that they read
    the address it was sent to is noted there. After five wrong tries no code of the conversation is good any more, and
    it says so. Where a code is right it is hidden in the message, as nobody needs it again; one that was written on a page
    came in no message.

    With `proposal` it is one of the codes for that change, which confirm the change and say nothing about who writes: the
    caller has made sure that it is the customer of the proposal. Without, no such code is taken.
    """
    now = store.clock.now()
    with store.session() as session:
        conversation = session.scalars(
            select(Conversation).where(Conversation.id == conversation_id).with_for_update()
        ).one()
        recent = list(
            session.scalars(
                select(OneTimeCode)
                .where(OneTimeCode.conversation_id == conversation_id, OneTimeCode.created_at > now - REMEMBERED_FOR)
                .where(OneTimeCode.used_at.is_(None), _good_for(proposal))
                .order_by(OneTimeCode.id.desc())
            )
        )
        if not recent:
            return "none"
        live = [one for one in recent if now < one.expires_at and one.wrong_tries < WRONG_TRIES_MAX]
        if not live:
            return "over"
        right = _right(live, written, key)
        if right is None:
            for one in live:
                one.wrong_tries += 1
            note(
                session, "wrong code written", conversation, at=now, who="customer", message_id=message_id,
                customer_id=live[0].customer_id, tries=live[0].wrong_tries,
            )  # fmt: skip
            session.commit()
            return "over" if live[0].wrong_tries >= WRONG_TRIES_MAX else "wrong"
        for one in live:
            one.expires_at = min(one.expires_at, now)
        right.used_at = now
        if proposal is None:
            _prove(session, conversation, right, address, message_id, now)
        else:
            _confirm(session, conversation, right, message_id, now)
        _hide(session, message_id)
        session.commit()
        return "proven"


def _good_for(proposal: Proposal | None) -> ColumnElement[bool]:
    if proposal is None:
        return OneTimeCode.proposal_id.is_(None)
    return and_(OneTimeCode.proposal_id == proposal.id, OneTimeCode.customer_id == proposal.customer_id)


def _right(live: Sequence[OneTimeCode], written: Sequence[str], key: str) -> OneTimeCode | None:
    for one in live:
        for code in written:
            if hmac.compare_digest(one.digest, digest_of(code, one.id, key)):
                return one
    return None


def _prove(
    session: Session,
    conversation: Conversation,
    code: OneTimeCode,
    address: str | None,
    message_id: UUID | None,
    now: datetime,
) -> None:
    sent_to = session.get(Address, code.address_id)
    conversation.customer_id = code.customer_id
    conversation.identity = "proven"
    conversation.address = address
    conversation.proven_until = now + PROVEN_FOR
    if sent_to is not None:
        conversation.contact_id = sent_to.contact_id
        sent_to.verified_at = sent_to.verified_at or now
    note(
        session, "writer proven by code", conversation, at=now, who="customer", why="wrote the code that was sent",
        message_id=message_id,
    )  # fmt: skip


def _confirm(
    session: Session, conversation: Conversation, code: OneTimeCode, message_id: UUID | None, now: datetime
) -> None:
    sent_to = session.get(Address, code.address_id)
    if sent_to is not None:
        sent_to.verified_at = sent_to.verified_at or now
    note(
        session, "change confirmed by code", conversation, at=now, who="customer", why="wrote the code that was sent",
        message_id=message_id, customer_id=code.customer_id, proposal_id=str(code.proposal_id),
    )  # fmt: skip


def _hide(session: Session, message_id: UUID | None) -> None:
    if message_id is None:
        return
    text = session.scalar(select(Message.text).where(Message.id == message_id)) or ""
    session.execute(update(Message).where(Message.id == message_id).values(text=hide_code(text)))
