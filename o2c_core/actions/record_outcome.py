"""Record how an attempt to send went, unless the provider's own word has been quicker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2c_core.actions.make_good import make_good
from o2c_core.conversations.attempt import Attempt
from o2c_core.conversations.backoff import PATIENCE, TRIES_MAX, outage_seconds, too_fast_seconds
from o2c_core.conversations.carrier import Accepted, Answer, Rejected, TooFast, Uncertain
from o2c_core.conversations.circuit import note_answer, note_failure
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import move
from o2c_core.conversations.pace import slow_down
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.errors import Outage
from o2c_core.notices.following import follow_message
from o2c_core.reminders.withdraw import free_rungs
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

# A send that took longer than this may have been given up for uncertain meanwhile.
SLOW = timedelta(seconds=5)


def record_outcome(
    attempt: Attempt,
    outcome: Answer | Outage,
    *,
    store: Store,
    doorplate: Doorplate | None,
    luck: Callable[[], float],
) -> str:
    """The delivery state the message is in afterwards.

    Accepted is sent; rejected has failed, and its remedy is carried out; uncertain is looked up later and never tried
    again from here; an outage puts it back for a longer while each time, until it has been tried too often.
    """
    state: str | None = None
    with store.session() as session:
        match outcome:
            case Accepted():
                state = _accepted(session, attempt, outcome, store)
            case Rejected():
                _rejected(session, attempt, outcome, store, doorplate)
            case Uncertain():
                _uncertain(session, attempt, outcome, store, luck())
            case Outage():
                _put_off(session, attempt, outcome, store, luck())
        if store.clock.now() - attempt.claimed_at > SLOW and not isinstance(outcome, Uncertain):
            # It was given up for uncertain meanwhile, and people may have been asked.
            close_tasks(
                session, "uncertain_send", f"message:{attempt.message.id}", at=store.clock.now(), by="system",
                how="Its worker came back and said how it went.",
            )  # fmt: skip
        if attempt.message.attachments:
            follow_message(session, attempt.message.id, store.clock.now())
        if state is None:
            state = session.scalar(select(Message.delivery).where(Message.id == attempt.message.id))
        session.commit()
    assert state is not None
    return state


def _accepted(session: Session, attempt: Attempt, answer: Accepted, store: Store) -> str | None:
    """The state it is in now, if it was moved; None where a word was quicker, of which only the key is still missing."""
    now, message_id = store.clock.now(), attempt.message.id
    carrier = attempt.carrier.name
    moved = move(
        session, message_id, "sent", carrier=carrier, carrier_key=func.coalesce(Message.carrier_key, answer.carrier_key),
        sent_at=now, not_before=None, waits_why=None,
    )  # fmt: skip
    if moved:
        _note(session, attempt, "message sent", "", store)
    else:
        session.execute(
            update(Message)
            .where(Message.id == message_id)
            .values(
                carrier_key=func.coalesce(Message.carrier_key, answer.carrier_key),
                sent_at=func.coalesce(Message.sent_at, now),
            )
            .execution_options(synchronize_session=False)
        )
        _was_withdrawn(session, attempt, now)
    _answered(session, attempt, store)
    return "sent" if moved else None


def _was_withdrawn(session: Session, attempt: Attempt, now: datetime) -> None:
    """Somebody gave it up while its worker was away, and it left all the same: its steps may be used a second time."""
    if session.scalar(select(Message.delivery).where(Message.id == attempt.message.id)) == "withdrawn":
        open_task(
            session, "review", f"withdrawn:{attempt.message.id}",
            f"It was withdrawn, and {attempt.carrier.name} took it all the same.", at=now, seller_id=attempt.seller_id,
            customer_id=attempt.customer_id, message_id=attempt.message.id,
        )  # fmt: skip


def _rejected(session: Session, attempt: Attempt, answer: Rejected, store: Store, doorplate: Doorplate | None) -> None:
    moved = move(
        session, attempt.message.id, "failed", of=("sending", "uncertain"), attempt=attempt.claimed_at,
        carrier=attempt.carrier.name, failed_code=answer.code, failed_why=answer.why[:500],
    )  # fmt: skip
    if moved:
        _note(
            session, attempt, "message failed", answer.why[:500], store, code=answer.code,
            setback=answer.setback.value,
        )  # fmt: skip
        message = session.get_one(Message, attempt.message.id)
        make_good(session, message, answer.setback, now=store.clock.now(), doorplate=doorplate)
    # A provider that says no is up, unless what it says is that it does not know us.
    if answer.setback is not Setback.SETTINGS:
        _answered(session, attempt, store)


def _uncertain(session: Session, attempt: Attempt, answer: Uncertain, store: Store, luck: float) -> None:
    now = store.clock.now()
    moved = move(
        session, attempt.message.id, "uncertain", of=("sending",), attempt=attempt.claimed_at,
        carrier=attempt.carrier.name, look_ups=0, not_before=PATIENCE.next_look_up(0, now), waits_why=answer.why[:300],
    )  # fmt: skip
    if moved:
        _note(session, attempt, "message uncertain", answer.why[:500], store)
    # A provider that is down shows in silences too.
    note_failure(session, attempt.carrier.name, answer.why, now, luck)


def _put_off(session: Session, attempt: Attempt, outage: Outage, store: Store, luck: float) -> None:
    now, message_id = store.clock.now(), attempt.message.id
    tries = attempt.message.tries + 1
    if isinstance(outage, TooFast):
        until = now + timedelta(seconds=too_fast_seconds(tries, luck, outage.wait_seconds))
        slow_down(session, attempt.carrier.name, attempt.lane, until)
        _answered(session, attempt, store)
    else:
        until = now + timedelta(seconds=outage_seconds(tries, luck))
        note_failure(session, attempt.carrier.name, str(outage), now, luck)
    here = {"of": ("sending", "uncertain"), "attempt": attempt.claimed_at}
    if tries >= TRIES_MAX:
        why = f"{attempt.carrier.name} took it at none of {tries} attempts: {outage}"
        if move(session, message_id, "failed", **here, failed_why=why[:500]):  # type: ignore[arg-type]
            free_rungs(session, message_id)
            _note(session, attempt, "message failed", why[:500], store)
            open_task(
                session, "provider", f"message:{message_id}", why[:500], at=now, seller_id=attempt.seller_id,
                customer_id=attempt.customer_id, message_id=message_id,
            )  # fmt: skip
        return
    if move(session, message_id, "queued", **here, not_before=until, waits_why=str(outage)[:300]):  # type: ignore[arg-type]
        ask_for(session, "deliver_message", at=until, message_id=str(message_id))


def _answered(session: Session, attempt: Attempt, store: Store) -> None:
    """The carrier answered; that is written down only where it had been failing."""
    if attempt.failures:
        note_answer(session, attempt.carrier.name, store.clock.now())


def _note(session: Session, attempt: Attempt, what: str, why: str, store: Store, **details: object) -> None:
    note(
        session, what, attempt.message, at=store.clock.now(), who="system", why=why, seller_id=attempt.seller_id,
        customer_id=attempt.customer_id, message_id=attempt.message.id, carrier=attempt.carrier.name, **details,
    )  # fmt: skip
