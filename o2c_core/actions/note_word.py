"""Note a provider's word about a message of ours: it moves the message forwards, never back, and is acted on once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2c_core.actions.make_good import contacts_at, make_good
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Word
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import move
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.notices.following import follow_message
from o2c_core.reminders.consenting import hear
from o2c_core.store.store import Store
from o2c_core.trail import note

UNKNOWN = "unknown"


def note_word(word: Word, *, store: Store, doorplate: Doorplate | None) -> str:
    """The delivery state the message is in afterwards; "unknown" when there is no such message of ours.

    Words come more than once, late, and in any order: in whichever order they come, the message ends in the same state
    and the remedy of a failure is carried out once.
    """
    now = store.clock.now()
    with store.session() as session:
        message = _find(session, word)
        if message is None:
            return UNKNOWN
        heed(session, message, word, now=now, doorplate=doorplate)
        state = session.scalar(select(Message.delivery).where(Message.id == message.id))
        session.commit()
    assert state is not None
    return state


def heed(session: Session, message: Message, word: Word, *, now: datetime, doorplate: Doorplate | None) -> bool:
    """Whether the word moved the message; in the caller's transaction."""
    thread = session.get_one(Conversation, message.conversation_id)
    if word.carrier_key is not None and message.carrier_key is None:
        _learn_key(session, message.id, word)
    moved = word.state is not None and _move(session, message, word, now)
    if moved:
        session.refresh(message)
        note(
            session, f"message {word.state}", message, at=now, who="system", why=word.why[:500],
            customer_id=thread.customer_id, seller_id=thread.seller_id, message_id=message.id, carrier=word.carrier,
            code=word.code, setback=word.setback.value if word.setback else None,
        )  # fmt: skip
        close_tasks(
            session, "uncertain_send", f"message:{message.id}", at=now, by="system",
            how=f"{word.carrier} said it was {word.state}.",
        )  # fmt: skip
        if word.state == "failed":
            make_good(session, message, word.setback or Setback.UNKNOWN, now=now, doorplate=doorplate)
        if message.attachments:
            follow_message(session, message.id, now)
    elif word.state in ("sent", "delivered") and message.delivery == "withdrawn":
        open_task(
            session, "review", f"withdrawn:{message.id}", f"It was withdrawn, and {word.carrier} says it was sent.",
            at=now, seller_id=thread.seller_id, customer_id=thread.customer_id, message_id=message.id,
        )  # fmt: skip
    if word.refuses is not None:
        _hear(session, message, thread, word, now)
    return moved


def _find(session: Session, word: Word) -> Message | None:
    """The message the word is about: by our own id where the provider hands it back, else by the provider's."""
    # Locked, so that the words about one message take turns.
    ours = select(Message).where(Message.direction == "out").with_for_update()
    if word.message_id is not None:
        found = session.scalars(ours.where(Message.id == word.message_id)).one_or_none()
        if found is not None:
            return found
    if word.carrier_key is None:
        return None
    known = ours.where(Message.carrier == word.carrier, Message.carrier_key == word.carrier_key)
    return session.scalars(known.order_by(Message.id).limit(1)).one_or_none()


def _learn_key(session: Session, message_id: UUID, word: Word) -> None:
    session.execute(
        update(Message)
        .where(Message.id == message_id, Message.carrier_key.is_(None))
        .values(carrier_key=word.carrier_key, carrier=func.coalesce(Message.carrier, word.carrier))
        .execution_options(synchronize_session=False)
    )


def _move(session: Session, message: Message, word: Word, now: datetime) -> bool:
    at = min(word.at, now) if word.at is not None else now
    match word.state:
        case "sent":
            return move(
                session, message.id, "sent", sent_at=func.coalesce(Message.sent_at, at), not_before=None, waits_why=None
            )
        case "delivered":
            return move(
                session, message.id, "delivered", sent_at=func.coalesce(Message.sent_at, at), delivered_at=at,
                not_before=None, waits_why=None,
            )  # fmt: skip
        case "failed":
            return move(
                session, message.id, "failed", failed_code=word.code,
                failed_why=(word.why or (word.setback or Setback.UNKNOWN).value)[:500], not_before=None, waits_why=None,
            )  # fmt: skip
        case None:
            return False


def _hear(session: Session, message: Message, thread: Conversation, word: Word, now: datetime) -> None:
    """What the person told the provider, noted as their own word; it holds until they say something else.

    The note is about the address and not about the message: the same word again changes nothing, and whoever stops,
    starts and stops again from one mail has stopped.
    """
    address = word.address or message.address
    if address is None or word.refuses is None:
        return
    hear(
        session, "start" if word.refuses == "resubscribe" else "stop", channel=message.channel, address=address,
        contact_ids=contacts_at(session, thread.seller_id, message.channel, address),
        words=f"{word.refuses}: {word.carrier} {word.key}; message {message.id}", how="provider", message_id=None, now=now,
    )  # fmt: skip
