"""Look up with the provider what nobody knows the outcome of; what cannot be found out becomes a person's task."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from o2c_core.actions.note_word import heed
from o2c_core.conversations.backoff import LOOK_UP_WAITS, PATIENCE, Patience
from o2c_core.conversations.carrier import CanLookUp, CannotTell, Carrier, Found, LookUp, NotThere, Outgoing
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.delivering import outgoing
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Word
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import move
from o2c_core.conversations.tasks import open_task
from o2c_core.store.store import Store
from o2c_core.trail import note

log = logging.getLogger("parley.outbox")
# A person is asked only when the provider has not got it however often it was asked.
NOT_THERE_TIMES = 3
LOOK_UPS_MAX = len(LOOK_UP_WAITS)
_BATCH = 200


def look_up_uncertain(
    *,
    store: Store,
    carriers: Mapping[str, Carrier],
    doorplate: Doorplate | None,
    limit: int = 500,
    patience: Patience = PATIENCE,
) -> Counter[str]:
    """How many messages are where after this sweep: stuck, found and moved ("sent" …), not there, cannot tell; and asked,
    for those that became a task.

    What was claimed long ago by a worker that never said how it went is uncertain from now on. Nothing is ever sent
    from here: not being found is no proof that it did not leave, so a person decides with the evidence before them.
    """
    counts: Counter[str] = Counter()
    counts["stuck"] = _doubt_stuck(store, limit, patience)
    after: UUID | None = None
    while sum(counts.values()) - counts["stuck"] - counts["asked"] < limit:
        due = _due(store, set(carriers), after, _BATCH)
        if not due:
            break
        for message_id in due:
            after = message_id
            try:
                _look_up(message_id, store, carriers, doorplate, counts, patience)
            except Exception:
                # One that breaks must not keep back the others; its turn was counted, so it comes ever less often.
                log.exception("not looked up message=%s", message_id)
    return +counts


def _doubt_stuck(store: Store, limit: int, patience: Patience) -> int:
    """Messages whose worker was killed between claiming and recording: it may have sent them."""
    now = store.clock.now()
    since = now - timedelta(seconds=patience.stuck)
    with store.session() as session:
        query = (
            select(Message.id)
            .where(Message.delivery == "sending", Message.direction == "out", Message.claimed_at < since)
            .order_by(Message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        stuck = session.scalars(query).all()
        for message_id in stuck:
            why = "Whoever was sending it stopped before saying how it went."
            move(
                session, message_id, "uncertain", of=("sending",), look_ups=0,
                not_before=patience.next_look_up(0, now), waits_why=why,
            )  # fmt: skip
            message = session.get_one(Message, message_id)
            _note(session, message, "message uncertain", why, now, tries=message.tries)
        if stuck:
            session.commit()
    return len(stuck)


def _due(store: Store, channels: set[str], after: UUID | None, limit: int) -> list[UUID]:
    now = store.clock.now()
    query = (
        select(Message.id)
        .where(
            Message.delivery == "uncertain",
            Message.direction == "out",
            Message.channel.in_(channels),
            Message.look_ups < LOOK_UPS_MAX,
            or_(Message.not_before.is_(None), Message.not_before <= now),
        )
        .order_by(Message.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Message.id > after)
    with store.session() as session:
        return list(session.scalars(query))


def _look_up(
    message_id: UUID,
    store: Store,
    carriers: Mapping[str, Carrier],
    doorplate: Doorplate | None,
    counts: Counter[str],
    patience: Patience,
) -> None:
    asked = _take_turn(message_id, store, doorplate, patience)
    if asked is None:
        return
    message, out = asked
    found = _ours(_ask(carriers[message.channel], message, out), message, store)
    now = store.clock.now()
    with store.session() as session:
        if isinstance(found, Found):
            assert message.carrier is not None
            word = Word(
                message.carrier, f"look-up:{message.id}", found.carrier_key, message.id, found.state, setback=found.setback,
                code=found.code, why="It was looked up with the provider.",
            )  # fmt: skip
            current = session.get_one(Message, message.id, with_for_update=True)
            heed(session, current, word, now=now, doorplate=doorplate)
            counts[found.state] += 1
        else:
            counts["not there" if isinstance(found, NotThere) else "cannot tell"] += 1
            counts["asked"] += _ask_people(session, message, found, now, patience)
        session.commit()


def _take_turn(
    message_id: UUID, store: Store, doorplate: Doorplate | None, patience: Patience
) -> tuple[Message, Outgoing] | None:
    """The message as it was handed over, when it is this sweep's turn to look it up; counted and put off first."""
    now = store.clock.now()
    with store.session() as session:
        message = session.scalars(
            select(Message)
            .where(
                Message.id == message_id,
                Message.delivery == "uncertain",
                or_(Message.not_before.is_(None), Message.not_before <= now),
            )
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if message is None:
            return None
        message.look_ups += 1
        message.not_before = patience.next_look_up(message.look_ups, now)
        thread = session.get_one(Conversation, message.conversation_id)
        out = outgoing(session, message, seller_id=thread.seller_id, sender_name=None, now=now, doorplate=doorplate)
        session.commit()
        return message, out


def _ours(found: LookUp, message: Message, store: Store) -> LookUp:
    """What was found, unless it is another message of ours with the same words to the same number."""
    if not isinstance(found, Found):
        return found
    query = select(Message.id).where(
        Message.carrier == message.carrier, Message.carrier_key == found.carrier_key, Message.id != message.id
    )
    with store.session() as session:
        if session.scalars(query.limit(1)).one_or_none() is None:
            return found
    return CannotTell("What was found there is another message with the same words.")


def _ask(carrier: Carrier, message: Message, out: Outgoing) -> LookUp:
    if carrier.name != message.carrier:
        return CannotTell(f"It was handed to {message.carrier}, which is not set up any more.")
    if not isinstance(carrier, CanLookUp):
        return CannotTell(f"{carrier.name} cannot be asked.")
    try:
        return carrier.look_up(out)
    except Exception as broken:
        log.exception("look-up broke carrier=%s message=%s", carrier.name, message.id)
        return CannotTell(f"{carrier.name} did not answer: {type(broken).__name__}.")


def _ask_people(
    session: Session, message: Message, found: NotThere | CannotTell, now: datetime, patience: Patience
) -> bool:
    """Whether the message has become a task for people now; it stays uncertain, and is looked up for a while yet."""
    since = message.claimed_at or message.created_at
    waited = (now - since).total_seconds()
    # Nobody asks after it any more when this was the last time, so from now on it is only a person's.
    is_last = message.look_ups >= LOOK_UPS_MAX
    if isinstance(found, NotThere):
        is_time = is_last or (message.look_ups >= NOT_THERE_TIMES and waited >= patience.not_there)
        why = (
            f"{message.carrier} was asked {message.look_ups} times and does not have it; it may have left all the same."
        )
    else:
        is_time = is_last or waited >= patience.cannot_tell
        why = f"Nobody can tell whether it left. {found.why}"
    # Whoever spoke up meanwhile has settled it.
    current = session.scalar(select(Message.delivery).where(Message.id == message.id))
    if not is_time or current != "uncertain":
        return False
    thread = session.get_one(Conversation, message.conversation_id)
    task = open_task(
        session, "uncertain_send", f"message:{message.id}", why, at=now, seller_id=thread.seller_id,
        customer_id=thread.customer_id, message_id=message.id, carrier=message.carrier, claimed_at=since.isoformat(),
        look_ups=message.look_ups, silence=message.waits_why,
    )  # fmt: skip
    session.execute(
        update(Message).where(Message.id == message.id, Message.delivery == "uncertain").values(waits_why=why)
    )
    return task.opened_at == now


def _note(session: Session, message: Message, what: str, why: str, now: datetime, **details: object) -> None:
    thread = session.get_one(Conversation, message.conversation_id)
    note(
        session, what, message, at=now, who="system", why=why, customer_id=thread.customer_id,
        seller_id=thread.seller_id, message_id=message.id, carrier=message.carrier, **details,
    )  # fmt: skip
