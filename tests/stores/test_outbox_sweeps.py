"""The sweeps go on past what breaks, nothing waits for ever unseen, and a worker without keys leaves others' messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.worker import make_worker
from channels.captured import Captured
from o2c_core.actions import deliver_message as delivering
from o2c_core.actions import look_up_uncertain as looking_up
from o2c_core.actions.claim_message import claim_message
from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.actions.look_again import look_again
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.record_outcome import record_outcome
from o2c_core.actions.withdraw_uncertain import withdraw_uncertain
from o2c_core.clock import MovableClock
from o2c_core.conversations.attempt import Attempt
from o2c_core.conversations.backoff import Patience
from o2c_core.conversations.carrier import Accepted, CannotTell, Found, LookUp, NotThere, Outgoing, Rejected, Uncertain
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.road import Circuit
from o2c_core.conversations.setback import Setback
from o2c_core.customers.customer import Customer
from o2c_core.errors import Outage
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.stores.outbox import MAIL, Asked, Scripted, a_message, a_thread, fresh, tasks

MINUTE = timedelta(minutes=1)
# In a queue nobody works, so that none of them is carried out.
AN_OLD_JOB = text(
    "WITH job AS (INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES"
    " ('elsewhere', :name, CAST(:status AS procrastinate_job_status)) RETURNING id)"
    " INSERT INTO procrastinate_events (job_id, type, at) SELECT id,"
    " CAST(:event AS procrastinate_job_event_type), now() - make_interval(days => :days) FROM job"
)


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


@pytest.fixture
def thread(session: Session, customer: Customer) -> Conversation:
    return a_thread(session, customer)


@pytest.mark.parametrize("breaks", ["claim_message", "look_again", "record_outcome"])
def test_one_message_that_breaks_does_not_keep_back_those_after_it(
    store: Store, session: Session, thread: Conversation, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    broken, *others = [a_message(session, thread) for _ in range(4)]
    honest = getattr(delivering, breaks)

    def odd(what: UUID | Attempt, *args: object, **kwargs: object) -> object:
        if broken.id in (what, getattr(getattr(what, "message", None), "id", None)):
            raise ZeroDivisionError
        return honest(what, *args, **kwargs)

    monkeypatch.setattr(delivering, breaks, odd)
    assert deliver_queued(store=store, carriers={"email": Scripted()}) == 3
    assert {fresh(session, one).delivery for one in others} == {"sent"}


def test_one_look_up_that_breaks_does_not_keep_back_the_others(
    store: Store, session: Session, thread: Conversation, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = a_message(session, thread), a_message(session, thread)
    carrier = Asked([Uncertain("timed out")], found=Found("K", "sent"))
    for message in (broken, other):
        deliver_message(message.id, store=store, carriers={"email": carrier})
    honest = looking_up.heed

    def odd(session: Session, message: Message, *args: object, **kwargs: object) -> bool:
        if message.id == broken.id:
            raise ZeroDivisionError
        return honest(session, message, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(looking_up, "heed", odd)
    clock.move(2 * MINUTE)
    look_up_uncertain(store=store, carriers={"email": carrier}, doorplate=None)
    assert (fresh(session, broken).delivery, fresh(session, other).delivery) == ("uncertain", "sent")
    # It had its turn, so it comes ever less often.
    assert broken.look_ups == 1


@pytest.mark.parametrize("found", [NotThere(), CannotTell("nobody knows")])
def test_whoever_is_asked_for_the_last_time_hands_it_to_a_person(
    store: Store, session: Session, thread: Conversation, clock: MovableClock, found: LookUp
) -> None:
    message = a_message(session, thread)
    carrier = Asked([Uncertain("timed out")], found=found)
    deliver_message(message.id, store=store, carriers={"email": carrier})
    # Asked often and early, and people called late: all look-ups are over before it is their time.
    hasty = Patience(stuck=300, look_up=1, not_there=86_400, cannot_tell=86_400)
    for _ in range(30):
        clock.move(8 * MINUTE)
        look_up_uncertain(store=store, carriers={"email": carrier}, doorplate=None, patience=hasty)
    assert [(task.kind, task.message_id) for task in tasks(session)] == [("uncertain_send", message.id)]


def test_what_somebody_withdrew_and_left_all_the_same_is_shown_to_people_once(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread)
    carriers = {"email": Scripted()}
    attempt = claim_message(message.id, store=store, carriers=carriers, doorplate=None, luck=lambda: 0.0)
    assert isinstance(attempt, Attempt)
    assert isinstance(look_again(attempt, store=store, doorplate=None), Outgoing)
    clock.move(6 * MINUTE)
    look_up_uncertain(store=store, carriers=carriers, doorplate=None)
    withdraw_uncertain(message.id, store=store, by="an agent")
    for _ in range(2):
        state = record_outcome(attempt, Accepted("K"), store=store, doorplate=None, luck=lambda: 0.0)
        assert state == "withdrawn"
    assert [(task.kind, task.message_id) for task in tasks(session)] == [("review", message.id)]
    assert "took it all the same" in tasks(session)[0].why


def test_a_message_that_waits_its_turn_does_not_use_up_the_trial_of_a_provider_that_was_down(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    carrier = Scripted(per_second=0.1)
    first, paced, third = [a_message(session, thread) for _ in range(3)]
    assert send(store, first, carrier) == "sent"
    session.add(Circuit(carrier="scripted", failures=5, since=clock.now(), open_until=clock.now() - MINUTE))
    session.commit()
    assert send(store, paced, carrier) == "queued"
    assert "turn" in str(fresh(session, paced).waits_why)
    circuit = session.get_one(Circuit, "scripted", populate_existing=True)
    assert circuit.open_until is not None
    assert circuit.open_until < clock.now()
    clock.move(timedelta(seconds=10))
    assert send(store, paced, carrier) == "sent"
    assert session.get_one(Circuit, "scripted", populate_existing=True).failures == 0
    assert send(store, third, carrier) == "queued"


@pytest.mark.parametrize(
    ("said", "is_up"),
    [
        (Setback.BAD_ADDRESS, True),
        (Setback.OPTED_OUT, True),
        (Setback.CONTENT, True),
        (Setback.FILTERED, True),
        (Setback.SETTINGS, False),
    ],
)
def test_a_provider_that_reads_a_message_and_refuses_it_is_up_and_one_that_does_not_know_us_is_not(
    store: Store, session: Session, thread: Conversation, clock: MovableClock, said: Setback, is_up: bool
) -> None:
    session.add(Circuit(carrier="scripted", failures=5, since=clock.now(), open_until=clock.now() - MINUTE))
    message = a_message(session, thread)
    assert send(store, message, Scripted([Rejected("no", said)])) == "failed"
    circuit = session.get_one(Circuit, "scripted", populate_existing=True)
    assert (circuit.open_until is None) is is_up


def test_a_question_that_cannot_be_answered_now_does_not_keep_back_the_others(
    own_database: str, own_store: Store, clock: MovableClock
) -> None:
    asked = [a_question(own_store) for _ in range(3)]
    clock.move(3 * MINUTE)
    answered: list[UUID] = []

    def answer(message_id: UUID) -> object:
        answered.append(message_id)
        if message_id == asked[0]:
            raise Outage
        return message_id

    run_job(own_database, own_store, "sweep_questions", answer)
    # The worker's own sweep may have come as well.
    assert answered[:3] == asked


def test_jobs_that_were_done_are_forgotten_after_days_and_failed_ones_after_a_month(
    own_database: str, own_store: Store
) -> None:
    old = [
        ("succeeded", "succeeded", 2),
        ("succeeded", "succeeded", 4),
        ("failed", "failed", 20),
        ("failed", "failed", 31),
        ("aborted", "aborted", 31),
        ("todo", "deferred", 90),
        ("doing", "started", 90),
    ]
    with own_store.session() as session:
        for status, event, days in old:
            session.execute(AN_OLD_JOB, {"name": f"{status} {days}", "status": status, "event": event, "days": days})
        session.commit()
    run_job(own_database, own_store, "forget_old_jobs")
    with own_store.session() as session:
        left = session.scalars(
            text("SELECT task_name FROM procrastinate_jobs WHERE queue_name = 'elsewhere' ORDER BY id")
        )
        assert left.all() == ["succeeded 2", "failed 20", "todo 90", "doing 90"]


@pytest.mark.parametrize(
    ("before", "channel", "days_ago", "kept"),
    [
        (None, "sms", 0, True),
        ("captured", "sms", 0, True),
        ("twilio", "sms", 0, False),
        ("twilio", "sms", 6, False),
        ("twilio", "sms", 8, True),
        ("sendgrid", "email", 0, True),
        ("aws", "sms", 0, False),
    ],
)
def test_a_worker_without_keys_keeps_nothing_of_a_channel_that_a_provider_carried_lately(
    store: Store, session: Session, customer: Customer, clock: MovableClock, before: str | None, channel: str,
    days_ago: int, kept: bool,
) -> None:  # fmt: skip
    if before is not None:
        earlier = a_message(session, a_thread(session, customer, channel))
        assert send(store, earlier, Scripted(name=before)) == "sent"
        moved = update(Message).where(Message.id == earlier.id)
        session.execute(moved.values(claimed_at=clock.now() - timedelta(days=days_ago)))
        session.commit()
    message = a_message(session, a_thread(session, customer, "sms"))
    carriers = {"sms": Captured(steps_back=True)}
    assert deliver_queued(store=store, carriers=carriers) == kept
    assert deliver_message(message.id, store=store, carriers=carriers) == ("sent" if kept else "queued")
    if kept:
        assert fresh(session, message).carrier == "captured"
        return
    assert f"the keys of {before}" in str(fresh(session, message).waits_why)
    assert message.tries == 0
    # The worker that has the keys finds it with its next sweep.
    assert deliver_queued(store=store, carriers={"sms": Scripted(name=str(before))}) == 1
    assert (fresh(session, message).carrier, message.waits_why) == (before, None)


def test_what_a_provider_could_not_take_just_now_is_not_kept_instead(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread)
    assert send(store, message, Scripted([Outage()], name="twilio")) == "queued"
    clock.move(10 * MINUTE)
    assert deliver_queued(store=store, carriers={"email": Captured(steps_back=True)}) == 0
    assert fresh(session, message).delivery == "queued"


def send(store: Store, message: Message, carrier: Scripted) -> str:
    return deliver_message(message.id, store=store, carriers={message.channel: carrier}, luck=lambda: 0.5)


def a_question(store: Store) -> UUID:
    with store.session() as session:
        customer = session.scalars(select(Customer)).first() or a_customer(session, a_seller(session))
        return a_message(
            session, a_thread(session, customer), direction="in", author="customer", purpose="question",
            delivery="received", address=MAIL, id=new_key(),
        ).id  # fmt: skip


def run_job(url: str, store: Store, job: str, answer: Callable[[UUID], object] | None = None) -> None:
    worker = make_worker(url, store, {}, answer=answer)

    async def once() -> None:
        async with worker.open_async():
            await worker.configure_task(job).defer_async(timestamp=0)
            await worker.run_worker_async(wait=False, install_signal_handlers=False, queues=["default"])

    asyncio.run(once())
