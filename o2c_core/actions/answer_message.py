"""Save the assistant's answer, unless somebody spoke or took over in the meantime."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from o2c_core.cards import mask_cards
from o2c_core.conversations.answer_form import answer_form
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import WAITS_FOR, Proposal
from o2c_core.conversations.received import AT_ONCE
from o2c_core.errors import Overtaken
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

_MOVE_ON = (
    update(Conversation)
    .where(
        Conversation.id == bindparam("conversation"),
        Conversation.version == bindparam("was"),
        Conversation.speaker == "assistant",
    )
    .values(
        version=Conversation.version + 1,
        updated_at=bindparam("now"),
        language=bindparam("language"),
        introduced=or_(Conversation.introduced, bindparam("introduces")),
    )
    .returning(Conversation.channel)
)
# Whoever writes in pieces is answered once: the answer covers everything of this writer up to the message it answers.
_COVER = (
    update(Message)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.id <= bindparam("message"),
        Message.direction == "in",
        Message.purpose == "question",
        Message.answered_at.is_(None),
        Message.address.is_not_distinct_from(bindparam("writer")),
    )
    .values(answered_at=bindparam("now"), answered_by_id=bindparam("answer"))
    .execution_options(synchronize_session=False)
)
_KEEP = insert(Message)


@dataclass(frozen=True)
class Way:
    """How an answer travels: back to the address the message came from, and nowhere else."""

    channel: str
    address: str | None = None
    contact_id: UUID | None = None
    subject: str | None = None
    seller_name: str = ""


@dataclass(frozen=True)
class Offer:
    """What the answer proposes to do; `arguments` are exactly that, in JSON, and `says` is what the customer reads."""

    kind: str
    arguments: dict[str, Any]
    says: str


@dataclass(frozen=True)
class Answer:
    """What the assistant says, in the customer's language, with the receipts of every figure in it.

    `offers` wait for the customer's word from the moment the answer is stored. Those of the same kind that this writer
    was offered before are replaced by them; the others go on waiting.
    """

    text: str
    language: str
    receipts: list[dict[str, Any]] = field(default_factory=list)
    understanding: dict[str, Any] = field(default_factory=dict)
    introduces: bool = False
    offers: tuple[Offer, ...] = ()
    customer_id: UUID | None = None


def answer_message(
    answer: Answer, *, conversation_id: UUID, message_id: UUID, was: int, store: Store, way: Way | None = None
) -> Message:
    """Stores the answer to that message if the conversation is still at version `was` and the assistant speaks in it.

    On chat and terminal the answer travels with the response, so it counts as sent when it is stored. On other channels
    it is queued, in the form its channel carries, and the job that sends it is asked for in the same transaction.

    Raises: Overtaken; nothing is stored then, and whoever overtook answers.
    """
    now = store.clock.now()
    with store.session() as session:
        connection = session.connection()
        moved = {
            "conversation": conversation_id,
            "was": was,
            "now": now,
            "language": answer.language,
            "introduces": answer.introduces,
        }
        channel = connection.execute(_MOVE_ON, moved).scalar_one_or_none()
        if channel is None:
            raise Overtaken(conversation=conversation_id)
        kept: dict[str, Any] = {
            "id": new_key(),
            "conversation_id": conversation_id,
            "direction": "out",
            "author": "assistant",
            "purpose": "answer",
            "language": answer.language,
            "answers_id": message_id,
            "receipts": answer.receipts,
            "understanding": answer.understanding,
            "created_at": now,
        } | _on_its_way(answer, way or Way(channel), now)
        connection.execute(_KEEP, kept)
        covered = {
            "conversation": conversation_id,
            "message": message_id,
            "writer": way.address if way else None,
            "now": now,
            "answer": kept["id"],
        }
        connection.execute(_COVER, covered)
        if answer.offers:
            _offer(session, answer, kept, now)
        _ask_to_deliver(session, kept)
        session.commit()
        return Message(**kept)


def _offer(session: Session, answer: Answer, kept: dict[str, Any], now: datetime) -> None:
    assert answer.customer_id is not None  # nothing is offered to a stranger
    replaced = update(Proposal).where(
        Proposal.conversation_id == kept["conversation_id"],
        Proposal.state == "open",
        Proposal.kind.in_([offer.kind for offer in answer.offers]),
    )
    if kept["channel"] not in AT_ONCE:
        # What was offered to another address of the same thread is for whoever reads that to answer.
        here = select(Message.id).where(Message.address.is_not_distinct_from(kept["address"]))
        replaced = replaced.where(Proposal.answer_id.in_(here.where(Message.id == Proposal.answer_id)))
    settled = {"state": "replaced", "settled_at": now, "settled_by_id": kept["answers_id"]}
    session.execute(replaced.values(**settled).execution_options(synchronize_session=False))
    session.add_all(
        Proposal(
            conversation_id=kept["conversation_id"],
            customer_id=answer.customer_id,
            message_id=kept["answers_id"],
            answer_id=kept["id"],
            kind=offer.kind,
            arguments=offer.arguments,
            says=offer.says,
            offered_at=now,
            lapses_at=now + WAITS_FOR[kept["channel"]],
        )
        for offer in answer.offers
    )


def _on_its_way(answer: Answer, way: Way, now: datetime) -> dict[str, Any]:
    text = mask_cards(answer.text)
    if way.channel in AT_ONCE:
        return {
            "channel": way.channel,
            "address": way.address,
            "text": text,
            "delivery": "sent",
            "carrier": way.channel,
            "sent_at": now,
        }
    form = answer_form(
        text, channel=way.channel, subject=way.subject, seller_name=way.seller_name, language=answer.language
    )
    return {
        "channel": way.channel,
        "address": way.address,
        "contact_id": way.contact_id,
        "text": form.text,
        "subject": form.subject,
        "html": form.html,
        "delivery": "queued",
    }


def _ask_to_deliver(session: Session, kept: dict[str, Any]) -> None:
    if kept["delivery"] == "queued":
        ask_for(session, "deliver_message", somebody_waits=True, message_id=str(kept["id"]))
