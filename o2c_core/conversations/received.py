"""What a turn starts from: a stored message, who wrote it as far as we know, and what nobody has answered yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session, joinedload

from o2c_core.cards import without_hidden
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.identity import Identity, least_sure
from o2c_core.conversations.keeping import HISTORY_MESSAGES, said_before
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.remembered import Remembered, remembered, with_proposals
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller

# The answer to these travels with the response; on all other channels it goes through the outbox.
AT_ONCE = ("chat", "terminal")
# A photograph of goods is larger than the logo in a signature.
LOGO_BYTES_MAX = 40_000
# Every message runs this, so it is put together once.
_PARTIES = (
    select(Seller, Customer)
    .outerjoin(Customer, Customer.id == bindparam("customer_id"))
    .where(Seller.id == bindparam("seller_id"))
    .options(joinedload(Seller.bank_accounts))
)


@dataclass(frozen=True)
class Received:
    """The stored message and everything a turn starts from; `pending` are the texts nobody has answered yet, oldest first.

    `before` is what is remembered of the conversation. `identity` is how sure we are of who wrote these texts, and
    `customer` who that is; a stranger is nobody's customer. `files` says how many files came along.

    `reply` is set when this very message was received before and has been answered. Of a text that `hid_card` a payment
    card's number was hidden before it was kept; nobody further on has seen it. With `has_stopped` they also said to write
    no more, which was noted and confirmed already.
    """

    conversation: Conversation
    message_id: UUID
    seller: Seller
    customer: Customer | None
    pending: tuple[str, ...]
    identity: Identity = "stranger"
    channel: str = "chat"
    address: str | None = None
    contact_id: UUID | None = None
    subject: str | None = None
    before: Remembered = field(default_factory=Remembered)
    files: int = 0
    is_repeat: bool = False
    reply: Message | None = None
    hid_card: bool = False
    has_stopped: bool = False

    @property
    def version(self) -> int:
        return self.conversation.version

    @property
    def asked(self) -> str | None:
        return self.before.asked

    @property
    def question_id(self) -> UUID | None:
        return self.before.question_id


def is_proven_by_code(conversation: Conversation, address: str | None, now: datetime) -> bool:
    """Whether a code was written in the conversation from that address, not too long ago."""
    return conversation.proven_until is not None and now < conversation.proven_until and address == conversation.address


def parties(session: Session, conversation: Conversation) -> tuple[Seller, Customer | None]:
    asked = {"seller_id": conversation.seller_id, "customer_id": conversation.customer_id}
    seller, customer = session.execute(_PARTIES, asked).unique().one()
    return seller, customer


def look_at(session: Session, message_id: UUID, now: datetime) -> Received | None:
    """Where things stand for a stored question; None when it needs no answer, or not from here.

    That is so when it was answered, when a person speaks in the conversation, and when somebody has written more since:
    then the later message answers both.
    """
    message = session.get(Message, message_id)
    if message is None or message.direction != "in" or message.purpose != "question" or message.answered_at is not None:
        return None
    conversation = session.get_one(Conversation, message.conversation_id)
    if conversation.speaker != "assistant":
        return None
    alike = (
        Message.conversation_id == conversation.id,
        Message.direction == "in",
        Message.purpose == "question",
        Message.answered_at.is_(None),
        Message.channel == message.channel,
        Message.address.is_not_distinct_from(message.address),
    )
    if session.scalar(select(exists().where(*alike, Message.id > message_id))):
        return None
    waiting = select(Message).where(*alike, Message.id <= message_id).order_by(Message.id.desc())
    waiting_ones = session.scalars(waiting.limit(HISTORY_MESSAGES)).all()[::-1]
    seller, customer = parties(session, conversation)
    identity = who_wrote(conversation, waiting_ones, now)
    before = remembered(
        said_before(session, conversation.id, until=message_id), message.address, page=conversation.about
    )
    before = with_proposals(
        session, before, conversation, unanswered=[one.id for one in waiting_ones], address=message.address
    )
    texts = tuple(one.text for one in waiting_ones)
    return Received(
        conversation,
        message_id,
        seller,
        customer if identity != "stranger" else None,
        texts,
        identity,
        message.channel,
        message.address,
        message.contact_id or (conversation.contact_id if message.address == conversation.address else None),
        message.subject or conversation.subject,
        before,
        files=_files(session, waiting_ones),
        hid_card=any(without_hidden(text) != text for text in texts),
        has_stopped=bool(
            session.scalar(
                select(exists().where(Consent.message_id.in_([one.id for one in waiting_ones]), ~Consent.is_given))
            )
        ),
    )


def answers_since(session: Session, received: Received, moment: datetime) -> int:
    """How many answers the assistant gave this writer in this conversation since then."""
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.conversation_id == received.conversation.id,
            Message.direction == "out",
            Message.author == "assistant",
            Message.purpose == "answer",
            Message.address.is_not_distinct_from(received.address),
            Message.created_at > moment,
        )
    )
    return session.scalar(query) or 0


def who_wrote(conversation: Conversation, messages: Sequence[Message], now: datetime) -> Identity:
    """How sure we are of the writer of these messages, taken together."""
    if all(is_proven_by_code(conversation, one.address, now) for one in messages):
        return "proven"
    return least_sure(str(one.understanding.get("identity", "stranger")) for one in messages)


def _files(session: Session, messages: Sequence[Message]) -> int:
    """How many files came along, without the small pictures that stand under so many mails."""
    query = select(ReceivedFile.media_type, ReceivedFile.size).where(
        ReceivedFile.message_id.in_([one.id for one in messages])
    )
    is_mail = messages[-1].channel == "email"
    return sum(
        not (is_mail and kind.startswith("image/") and size < LOGO_BYTES_MAX) for kind, size in session.execute(query)
    )
