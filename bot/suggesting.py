"""What the assistant would answer to a customer's last words, for an agent to read first: nothing is said or recorded by it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, or_, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from bot.turn import House, drafted_turn
from o2c_core.actions.note_model_calls import note_model_calls
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.received import look_at
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine


class NothingToSuggest(Refused):
    """The customer has not asked anything, so there is nothing to suggest."""


class WouldAct(Refused):
    """The assistant would do more than answer here; do that with the forms beside the conversation."""


@dataclass(frozen=True)
class Suggestion:
    """A draft that has passed the guard, with the receipt of every figure in it as (figure, where it was read)."""

    text: str
    facts: tuple[tuple[str, str], ...]
    language: str


def suggest(conversation_id: UUID, house: House) -> Suggestion:
    """The draft for what the customer wrote last, by the whole pipeline, on a ledger whose commits are taken back.

    Raises: NotFound; NothingToSuggest; WouldAct where answering would record something or call somebody: words that say
    it was done would be untrue.
    """
    with house.store.engine.connect() as connection:
        # Everything a turn writes is written inside this transaction, which is never committed.
        whole = connection.begin()
        try:
            sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
            aside = Store(sessions, house.store.clock)
            found, calls = _drafted(conversation_id, House(aside, house.knowledge, house.assistant, house.doorplate))
        finally:
            whole.rollback()
    # What a provider's model took was taken, whether its draft is used or not.
    note_model_calls(calls, store=house.store)
    if isinstance(found, Refused):
        raise found
    return found


def _drafted(conversation_id: UUID, house: House) -> tuple[Suggestion | Refused, list[ModelCall]]:
    with house.store.session() as session:
        message_id = _as_unanswered(session, conversation_id)
        session.flush()
        received = look_at(session, message_id, house.store.clock.now()) if message_id else None
        session.commit()
    if received is None:
        return NothingToSuggest(), []
    drafted = drafted_turn(received, house)
    turn, desk = drafted.turn, drafted.desk
    with house.store.session() as session:
        # Lines of this very transaction, which nobody else will ever see.
        this = text("(pg_current_xact_id()::text)::bigint")
        did = session.scalar(
            select(exists().where(TrailLine.seller_id == received.seller.id, TrailLine.transaction == this))
        )
    if did or turn.handoff is not None:
        return WouldAct(), desk.model_calls
    facts = tuple((fact["text"], fact["source"]) for fact in turn.facts)
    return Suggestion(str(turn.reply), facts, turn.language), desk.model_calls


def _as_unanswered(session: Session, conversation_id: UUID) -> UUID | None:
    """The customer's last question, as if nobody had read it yet and the assistant spoke; those since our last words with
    it. None when there is none."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFound("That conversation is not here.")
    asked = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.direction == "in", Message.purpose == "question"
    )
    last = session.scalar(asked.order_by(Message.id.desc()).limit(1))
    if last is None:
        return None
    answered = select(func.max(Message.created_at)).where(
        Message.conversation_id == conversation_id, Message.direction == "out", Message.purpose == "answer"
    )
    since = session.scalar(answered)
    conversation.speaker, conversation.introduced = "assistant", True
    open_again = update(Message).where(
        Message.conversation_id == conversation_id, Message.direction == "in", Message.purpose == "question"
    )
    newest = Message.id == last
    open_again = open_again.where(newest if since is None else or_(newest, Message.created_at > since))
    session.execute(open_again.values(answered_at=None).execution_options(synchronize_session=False))
    return last
