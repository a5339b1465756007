"""Reply as a person: on the customer's own channel, once, and only while the conversation is in one's hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from o2c_core.cards import mask_cards
from o2c_core.clock import today
from o2c_core.conversations.answer_form import ANSWER_SEGMENTS_MAX, answer_form
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import Agent, NotInHand, is_in_hand_of, language_of, locked, taken_sentence
from o2c_core.conversations.figures_said import FigureSaid, figures_in, without_receipt
from o2c_core.conversations.keeping import tidy_text
from o2c_core.conversations.known_figures import known_figures, receipts_for
from o2c_core.conversations.message import Message
from o2c_core.conversations.page_files import PageFile
from o2c_core.conversations.sent_files import keep_sent_files
from o2c_core.conversations.sms_text import CHARACTERS_MAX, plain, segments
from o2c_core.conversations.unsent import drop_unsent, keep_unsent
from o2c_core.conversations.way_back import WayBack, way_back_in
from o2c_core.customers.seller import Seller
from o2c_core.documents.asked_for import InvoiceCopy, StatementOfAccount
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note

_TEXTED = ("sms", "whatsapp")


class FiguresUnknown(Refused):
    """A figure in the reply has no receipt in this customer's ledger; check it, or say that you did."""

    def __init__(self, figures: Sequence[FigureSaid]) -> None:
        said = ", ".join(one.text for one in figures)
        super().__init__(f"No receipt in this customer's ledger: {said}. Check it, or tick that you did.", figures=said)
        self.figures = tuple(figures)


class TooLongForText(Refused):
    """That is more than four texts long; shorten it, or write it in two."""


class NoFilesByText(Refused):
    """A text cannot carry files or documents; they go by mail."""


class NotProven(Refused):
    """Nobody knows whether this writer is the customer, so no document of the account is sent to them."""


@dataclass(frozen=True)
class Reply:
    """What the agent writes. `key` is the form's own, made with the page, so that sending it twice is found.

    With `is_checked` they say that figures without a receipt are right. `documents` of the account are made when the
    mail is sent; `files` are their own.
    """

    text: str
    key: str
    is_checked: bool = False
    files: tuple[PageFile, ...] = ()
    documents: tuple[InvoiceCopy | StatementOfAccount, ...] = ()


def reply_as_agent(conversation_id: UUID, reply: Reply, *, agent: Agent, store: Store) -> Message:
    """The message, shown at once in a chat and queued everywhere else. The same form sent twice gives the first message.

    A reply that cannot be sent is kept for its writer: words are never lost because a colleague was quicker.

    Raises: NoSuchConversation; NothingWritten; TooLong; NotInHand, naming who has it; FiguresUnknown; TooLongForText;
    NoFilesByText; NotProven; NotFound for a document of somebody else; NoWayBack.
    """
    text = mask_cards(tidy_text(reply.text))
    now = store.clock.now()
    with store.session() as session:
        conversation = locked(session, conversation_id)
        sender_key = f"desk:{agent.id}:{reply.key}"
        before = _sent_before(session, conversation, sender_key)
        if before is not None:
            return before
        if not is_in_hand_of(conversation, agent):
            keep_unsent(session, conversation_id, agent.id, text, now)
            taken = taken_sentence(session, conversation)
            session.commit()
            raise NotInHand(f"{taken} Your reply was not sent; it is kept below.", conversation=str(conversation_id))
        try:
            message = _message(session, conversation, reply, text, sender_key, agent, store)
        except Refused:
            session.rollback()
            _keep(store, conversation_id, agent, text, now)
            raise
        _cover(session, conversation_id, message.id, now)
        drop_unsent(session, conversation_id, agent.id)
        conversation.version += 1
        conversation.updated_at = now
        conversation.snoozed_until = conversation.due_at = None
        conversation.state = "open"
        note(
            session, "agent replied", conversation, at=now, who=agent.name, why="an answer by a person",
            message_id=message.id, channel=message.channel,
            figures_unchecked=message.understanding.get("figures_without_receipt"),
        )  # fmt: skip
        if message.delivery == "queued":
            ask_for(session, "deliver_message", somebody_waits=True, message_id=str(message.id))
        session.commit()
        return message


def _keep(store: Store, conversation_id: UUID, agent: Agent, text: str, now: datetime) -> None:
    with store.session() as session:
        keep_unsent(session, conversation_id, agent.id, text, now)
        session.commit()


def _sent_before(session: Session, conversation: Conversation, sender_key: str) -> Message | None:
    query = select(Message).where(Message.channel == conversation.channel, Message.sender_key == sender_key)
    return session.scalars(query).one_or_none()


def _message(
    session: Session, conversation: Conversation, reply: Reply, text: str, sender_key: str, agent: Agent, store: Store
) -> Message:
    now = store.clock.now()
    way = way_back_in(session, conversation)
    seller = session.get_one(Seller, conversation.seller_id)
    language = language_of(session, conversation)
    known = known_figures(session, conversation, today(store.clock, seller.time_zone))
    said = figures_in(text)
    unknown = without_receipt(said, known)
    if unknown and not reply.is_checked:
        raise FiguresUnknown(unknown)
    signed = _signed(session, conversation, text, agent, seller.name, way)
    _check_length(signed, way.channel)
    form = answer_form(signed, channel=way.channel, subject=way.subject, seller_name=seller.name, language=language)
    understanding: dict[str, Any] = {"agent": str(agent.id)}
    if unknown:
        # Who says that a figure is right although the ledger does not answers for it by name.
        understanding |= {"figures_without_receipt": [one.text for one in unknown], "checked_by": agent.name}
    message = Message(
        id=new_key(), conversation_id=conversation.id, direction="out", author=agent.name, purpose="answer",
        channel=way.channel, address=way.address, contact_id=way.contact_id, subject=form.subject, text=form.text,
        html=form.html, language=language, delivery="sent" if way.is_at_once else "queued",
        carrier=way.channel if way.is_at_once else None, sender_key=sender_key, answers_id=_answers(session, way),
        receipts=receipts_for(said, known, now), understanding=understanding, created_at=now,
        sent_at=now if way.is_at_once else None, attachments=_papers(session, conversation, reply, way),
    )  # fmt: skip
    session.add(message)
    session.flush()
    if reply.files:
        message.attachments = [*message.attachments, *keep_sent_files(session, message.id, reply.files, now)]
    return message


def _papers(session: Session, conversation: Conversation, reply: Reply, way: WayBack) -> list[dict[str, Any]]:
    if way.channel in _TEXTED and (reply.files or reply.documents):
        raise NoFilesByText(channel=way.channel)
    if not reply.documents:
        return []
    if way.channel != "email":
        raise NoFilesByText("Documents of the account go by mail.", channel=way.channel)
    if conversation.customer_id is None or conversation.identity == "stranger":
        raise NotProven(conversation=str(conversation.id))
    for document in reply.documents:
        whose = (
            session.scalar(select(Invoice.customer_id).where(Invoice.id == document.invoice_id))
            if isinstance(document, InvoiceCopy)
            else document.customer_id
        )
        if whose != conversation.customer_id:
            raise NotFound
    return [document.stored() for document in reply.documents]


def _signed(
    session: Session, conversation: Conversation, text: str, agent: Agent, seller_name: str, way: WayBack
) -> str:
    """A chat shows who speaks beside every message. A mail is signed; of texts only the first, which says who is there."""
    if way.is_at_once or (way.channel != "email" and _has_spoken(session, conversation, agent)):
        return text
    return f"{text}\n\n{agent.name}, {seller_name}"


def _has_spoken(session: Session, conversation: Conversation, agent: Agent) -> bool:
    taken = (
        select(TrailLine.at)
        .where(TrailLine.subject_id == conversation.id, TrailLine.what == "taken over")
        .order_by(TrailLine.at.desc())
        .limit(1)
        .scalar_subquery()
    )
    spoke = exists().where(
        Message.conversation_id == conversation.id, Message.direction == "out", Message.author == agent.name,
        Message.created_at >= taken,
    )  # fmt: skip
    return bool(session.scalar(select(spoke)))


def _check_length(text: str, channel: str) -> None:
    if channel == "sms" and segments(plain(text)).count > ANSWER_SEGMENTS_MAX:
        raise TooLongForText
    if channel == "whatsapp" and len(text) > CHARACTERS_MAX:
        raise TooLongForText(f"A WhatsApp message has at most {CHARACTERS_MAX:,} characters.")


def _answers(session: Session, way: WayBack) -> UUID | None:
    """What it answers, so that a mail stands in its thread; one message has one answer, whoever gave it."""
    if way.heard is None or session.scalar(select(exists().where(Message.answers_id == way.heard.id))):
        return None
    return way.heard.id


def _cover(session: Session, conversation_id: UUID, answer_id: UUID, now: datetime) -> None:
    open_ = update(Message).where(
        Message.conversation_id == conversation_id, Message.direction == "in", Message.purpose == "question",
        Message.answered_at.is_(None),
    )  # fmt: skip
    session.execute(
        open_.values(answered_at=now, answered_by_id=answer_id).execution_options(synchronize_session=False)
    )
