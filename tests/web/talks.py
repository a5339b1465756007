"""Conversations with what was made of them, for the pages that show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, Handoff, Packet, hand_over
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from tests.build import MOMENT


def a_talk(session: Session, whose: Customer | Seller, **fields: object) -> Conversation:
    """A conversation in the chat: of a customer who is proven, or of somebody this seller does not know."""
    is_known = isinstance(whose, Customer)
    talk = Conversation(
        **{
            "seller_id": whose.seller_id if isinstance(whose, Customer) else whose.id,
            "customer_id": whose.id if is_known else None,
            "channel": "chat",
            "identity": "proven" if is_known else "stranger",
            "language": "nl",
            "opened_at": MOMENT,
            "updated_at": MOMENT,
        }
        | fields
    )
    session.add(talk)
    session.flush()
    return talk


def said(session: Session, talk: Conversation, text: str, **fields: object) -> Message:
    """What the customer wrote."""
    return _message(session, talk, text, {"direction": "in", "author": "customer", "purpose": "question"} | fields)


def answered(session: Session, asked: Message, text: str, **fields: object) -> Message:
    """What the assistant answered to it."""
    talk = session.get_one(Conversation, asked.conversation_id)
    ours = {"direction": "out", "author": "assistant", "delivery": "sent", "answers_id": asked.id}
    return _message(session, talk, text, ours | {"created_at": asked.created_at} | fields)


def _message(session: Session, talk: Conversation, text: str, fields: Mapping[str, Any]) -> Message:
    message = Message(
        **{
            "conversation_id": talk.id,
            "channel": talk.channel,
            "address": talk.address,
            "text": text,
            "language": talk.language,
            "delivery": "received",
            "created_at": MOMENT,
        }
        | dict(fields)
    )
    session.add(message)
    session.flush()
    return message


def called(session: Session, talk: Conversation, reason: str, *, at: datetime = MOMENT, **packet: Any) -> Handoff:
    """A person is called, with that in the packet."""
    why, urgency = REASONS[reason]
    told = Packet(reason, why, urgency, talk.identity, talk.channel, talk.language or "en", **packet)
    found = hand_over(session, talk, reason, at=at, who="assistant", packet=told)
    session.flush()
    return found


def offered(session: Session, answer: Message, kind: str = "complaint", **fields: object) -> Proposal:
    talk = session.get_one(Conversation, answer.conversation_id)
    proposal = Proposal(
        **{
            "conversation_id": talk.id,
            "customer_id": talk.customer_id,
            "message_id": answer.answers_id,
            "answer_id": answer.id,
            "kind": kind,
            "arguments": {},
            "says": answer.text,
            "offered_at": MOMENT,
            "lapses_at": MOMENT,
        }
        | fields
    )
    session.add(proposal)
    session.flush()
    return proposal
