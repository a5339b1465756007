"""The handoff: a conversation waits for a person, with everything that person needs to go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2c_core.conversations.business_hours import must_answer
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.money import Money
from o2c_core.store.rows import Keyed, Row
from o2c_core.trail import note

# Why a person is called, as the desk shows it, and how much of a hurry it is in.
REASONS: dict[str, tuple[str, str]] = {
    "bereavement": ("speaks of a death or a grave illness", "now"),
    "vulnerable": ("seems to be in serious difficulty", "now"),
    "insolvency": ("speaks of insolvency", "now"),
    "legal_threat": ("speaks of legal steps", "now"),
    "payment_fraud": ("was told of another bank account, or asks about one", "now"),
    "asked_for_person": ("asked for a person", "today"),
    "angry": ("is angry", "today"),
    "repeated_failure": ("was not understood several times", "today"),
    "disagrees": ("disagrees with what the ledger says", "today"),
    "beyond_authority": ("asks for more than the assistant may decide", "normal"),
    "cannot": ("asks for something the assistant cannot do", "normal"),
    "other_language": ("writes in a language we do not speak", "normal"),
    "sent_files": ("sent files without words", "normal"),
    "contact_unclear": ("a contact or address has to be looked into", "normal"),
    "unconfirmed": ("told us something and did not confirm it", "normal"),
    "machine": ("many answers within an hour: it may be a machine", "normal"),
    "trouble": ("the assistant could not answer", "today"),
    "not_sent": ("an answer could not be sent", "today"),
    "no_automatic_answer": ("the mail asks for no automatic answer", "normal"),
}
URGENCIES = ("now", "today", "normal")


@dataclass(frozen=True)
class Packet:
    """What the agent reads first: who, what they want, what is at stake, what was said and tried, why it stopped.

    `wants` are intents with the words they were said in; `at_stake` one entry per currency with figures as the ledger
    writes them; `facts` are receipts; `tried` the tools that ran; `proposals` what was offered and what came of it.
    """

    reason: str
    why: str
    urgency: str
    identity: str
    channel: str
    language: str
    customer: str | None = None
    words: str = ""
    wants: list[str] = field(default_factory=list)
    mood: list[str] = field(default_factory=list)
    at_stake: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    tried: list[dict[str, Any]] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)
    summary: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Handoff(Keyed, Row):
    """One call for a person; it ends when somebody takes the conversation over or hands it back."""

    __tablename__ = "handoff"
    __table_args__ = (
        CheckConstraint(f"urgency IN {URGENCIES}", "urgency"),
        Index("uq_handoff_open", "conversation_id", unique=True, postgresql_where=sql("ended_at IS NULL")),
        Index(None, "conversation_id"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    reason: Mapped[str]
    why: Mapped[str]
    urgency: Mapped[str]
    packet: Mapped[dict[str, Any]] = mapped_column(default=dict)
    called_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


def hand_over(
    session: Session,
    conversation: Conversation,
    reason: str,
    *,
    at: datetime,
    who: str,
    why: str = "",
    packet: Packet | None = None,
    message_id: UUID | None = None,
    instead_of_answering: bool = False,
) -> Handoff:
    """The conversation waits for an agent from now on, in the session's transaction; the caller holds its row.

    `reason` is one of REASONS, `why` says more where there is more to say. The first moment is kept, the most urgent
    reason and the newest packet; by when they are to be answered follows from the urgency and the desk's hours. With
    `instead_of_answering` what was written up to the message is left to the person, and the assistant does not come back
    to it.
    """
    said, urgency = REASONS[reason]
    open_ = session.scalars(
        select(Handoff).where(Handoff.conversation_id == conversation.id, Handoff.ended_at.is_(None))
    ).one_or_none()
    if open_ is None:
        open_ = Handoff(conversation_id=conversation.id, called_at=at, urgency=urgency, reason=reason, why=why or said)
        session.add(open_)
    elif URGENCIES.index(urgency) <= URGENCIES.index(open_.urgency):
        open_.reason, open_.why, open_.urgency = reason, why or said, urgency
    open_.message_id = message_id or open_.message_id
    open_.packet = packet.as_json() if packet is not None else open_.packet or {}
    if conversation.speaker == "agent":
        # A person is there already, and reads it in the thread: nobody else has to come.
        open_.ended_at = at
    else:
        conversation.state = "waiting"
        conversation.handoff_reason = open_.reason
        conversation.handoff_at = conversation.handoff_at or at
        conversation.stake = stake_of(open_.packet)
        must_answer(session, conversation, open_.urgency, at)
    if instead_of_answering:
        left = update(Message).where(
            Message.conversation_id == conversation.id,
            Message.direction == "in",
            Message.purpose == "question",
            Message.answered_at.is_(None),
        )
        if message_id is not None:
            left = left.where(Message.id <= message_id)
        session.execute(left.values(answered_at=at).execution_options(synchronize_session=False))
    note(
        session, "person called", conversation, at=at, who=who, why=why or said, message_id=message_id, reason=reason
    )  # fmt: skip
    return open_


def stake_of(packet: Mapping[str, Any]) -> int | None:
    """By how much money is at stake conversations are put in order: the largest open sum, in hundredths of its currency.

    Sums in several currencies cannot be added up, and for an order the figure is enough.
    """
    sums = (Money(one["open_minor"], one["currency"]) for one in packet.get("at_stake", ()))
    return max((int(open_.major * 100) for open_ in sums), default=None)
