"""The road out: a sender keeps its pace whoever sends, and a provider that is down is left alone until it answers."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.claim_message import claim_message
from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, TooFast, Uncertain
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.road import Circuit, Pace
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import SenderIdentity
from o2c_core.errors import Outage
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller
from tests.stores.outbox import Scripted, a_message, a_thread, fresh, tasks

SECOND = timedelta(seconds=1)


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


@pytest.fixture
def thread(session: Session, customer: Customer) -> Conversation:
    return a_thread(session, customer)


def send(store: Store, message: Message, carrier: Scripted, luck: float = 1.0) -> str:
    return deliver_message(message.id, store=store, carriers={message.channel: carrier}, luck=lambda: luck)


def drained(store: Store, carrier: Scripted, clock: MovableClock, seconds: float) -> list[int]:
    """How many left in each second."""
    left = []
    for _ in range(int(seconds)):
        before = len(carrier.taken)
        for _ in range(4):
            deliver_queued(store=store, carriers={"email": carrier}, luck=lambda: 0.5)
            clock.move(SECOND / 4)
        left.append(len(carrier.taken) - before)
    return left


def test_a_sender_keeps_its_pace_and_every_message_gets_its_own_slot(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    messages = [a_message(session, thread) for _ in range(12)]
    carrier = Scripted(per_second=2.0)
    assert deliver_queued(store=store, carriers={"email": carrier}) == 3  # one second ahead at most
    waits = [fresh(session, message).not_before for message in messages[3:]]
    assert waits == [clock.now() + SECOND * (number / 2) for number in range(3, 12)]
    assert all(message.waits_why and "turn" in message.waits_why for message in messages[3:])
    assert sum(drained(store, carrier, clock, 8)) == 9
    assert carrier.ids == [message.id for message in messages]
    asked = session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver_message'"))
    assert asked.scalar() == 9


def test_a_backlog_never_leaves_faster_than_the_pace(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    for _ in range(30):
        a_message(session, thread)
    carrier = Scripted(per_second=2.0)
    left = drained(store, carrier, clock, 20)
    assert sum(left) == 30
    assert max(left) <= 2 * 2 + 1
    assert all(sum(left[:second]) <= 2 * (second + 1) for second in range(1, 20))


def test_slots_missed_while_nobody_worked_are_given_anew_and_do_not_leave_in_a_burst(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    for _ in range(40):
        a_message(session, thread)
    carrier = Scripted(per_second=1.0)
    deliver_queued(store=store, carriers={"email": carrier})
    before = len(carrier.taken)
    clock.move(timedelta(minutes=10))
    deliver_queued(store=store, carriers={"email": carrier})
    assert len(carrier.taken) - before <= 2


def test_an_answer_does_not_wait_behind_a_morning_of_reminders(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    notices = [a_message(session, thread, purpose="notice") for _ in range(20)]
    carrier = Scripted(per_second=1.0)
    deliver_queued(store=store, carriers={"email": carrier})
    assert len(carrier.taken) == 2
    answer = a_message(session, thread)
    assert send(store, answer, carrier) == "sent"
    # The reminders make room for it: the next slot is one later than it would have been.
    last = session.scalars(select(Pace.next_at).where(Pace.sender.contains("later"))).one()
    assert last == clock.now() + SECOND * (len(notices) + 1)


def test_each_sender_and_each_carrier_has_a_pace_of_its_own(
    store: Store, session: Session, clock: MovableClock
) -> None:
    seller, other = a_seller(session), a_seller(session, "other")
    seller.senders.append(SenderIdentity(channel="email", value="a@a.example", is_default=True))
    other.senders.append(SenderIdentity(channel="email", value="b@b.example", is_default=True))
    carrier = Scripted(per_second=0.1)
    states = [
        send(store, a_message(session, a_thread(session, a_customer(session, one))), carrier)
        for one in (seller, seller, other, other)
    ]
    assert states == ["sent", "queued", "sent", "queued"]
    assert {row.sender for row in session.scalars(select(Pace))} == {"a@a.example", "b@b.example"}


def test_a_carrier_that_names_no_pace_is_not_held(store: Store, session: Session, thread: Conversation) -> None:
    for _ in range(50):
        a_message(session, thread)
    assert deliver_queued(store=store, carriers={"email": Scripted()}) == 50
    assert session.scalars(select(Pace)).all() == []


@pytest.mark.parametrize(("asked", "waits"), [(None, 0.1), (7.0, 7.0), (0.01, 0.1)])
def test_a_provider_that_asks_for_less_gets_less_from_that_sender(
    store: Store, session: Session, thread: Conversation, clock: MovableClock, asked: float | None, waits: float
) -> None:
    first, second = a_message(session, thread), a_message(session, thread)
    carrier = Scripted([TooFast(asked), Accepted("K")], per_second=10.0)
    assert send(store, first, carrier) == "queued"
    assert fresh(session, first).not_before == clock.now() + timedelta(seconds=waits)
    assert session.scalars(select(Circuit)).all() == []
    assert send(store, second, carrier) == ("queued" if waits > 1 else "sent")


def outages(store: Store, session: Session, message: Message, carrier: Scripted, clock: MovableClock) -> list[float]:
    waits = []
    while send(store, message, carrier) == "queued":
        until = fresh(session, message).not_before
        assert until is not None
        waits.append((until - clock.now()).total_seconds())
        clock.at = until
    return waits


def test_what_cannot_be_handed_over_is_tried_ever_less_often_and_at_last_is_a_persons(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread)
    # Every other message gets through, so that the circuit stays closed.
    carrier = Scripted([Outage()])
    waits = []
    for _ in range(19):
        assert send(store, message, carrier) == "queued"
        until = fresh(session, message).not_before
        assert until is not None
        waits.append((until - clock.now()).total_seconds())
        clock.at = until
        assert send(store, a_message(session, thread), Scripted()) == "sent"
    assert waits[:7] == [4, 8, 16, 32, 64, 128, 256]
    assert set(waits[7:]) == {300}
    assert send(store, message, carrier) == "failed"
    assert fresh(session, message).tries == 20
    (task,) = tasks(session)
    assert (task.kind, task.message_id) == ("provider", message.id)


def circuit(session: Session) -> Circuit | None:
    session.expire_all()
    return session.get(Circuit, "scripted")


def trip(store: Store, session: Session, thread: Conversation, carrier: Scripted, times: int = 5) -> list[Message]:
    messages = [a_message(session, thread) for _ in range(times)]
    for message in messages:
        send(store, message, carrier)
    return messages


@pytest.mark.parametrize("silence", [Outage(), Uncertain("timed out")], ids=["outage", "silence"])
def test_a_circuit_opens_after_five_failures_in_a_row_and_says_so(
    store: Store, session: Session, thread: Conversation, clock: MovableClock, silence: Outage | Uncertain
) -> None:
    carrier = Scripted([silence])
    trip(store, session, thread, carrier, 4)
    assert tasks(session) == []
    trip(store, session, thread, carrier, 1)
    row = circuit(session)
    assert row is not None
    assert (row.failures, row.since, row.open_until) == (5, clock.now(), clock.now() + 30 * SECOND)
    (task,) = tasks(session)
    assert (task.kind, task.about) == ("provider", "circuit:scripted")
    assert (
        session.scalars(select(TrailLine).where(TrailLine.what == "circuit opened")).one().details["carrier"]
        == "scripted"
    )
    waiting = a_message(session, thread)
    assert send(store, waiting, carrier) == "queued"
    assert len(carrier.taken) == 5
    assert "does not answer" in str(fresh(session, waiting).waits_why)
    assert waiting.tries == 0


def test_four_failures_and_an_answer_are_no_outage(store: Store, session: Session, thread: Conversation) -> None:
    carrier = Scripted([Outage()] * 4 + [Accepted("K")] + [Outage()] * 4)
    trip(store, session, thread, carrier, 9)
    row = circuit(session)
    assert row is not None
    assert (row.failures, row.open_until) == (4, None)


def test_one_message_tries_and_while_it_does_the_others_wait(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    carrier = Scripted([Outage()])
    trip(store, session, thread, carrier)
    clock.move(31 * SECOND)
    second = a_message(session, thread)
    seen: list[str] = []

    def meanwhile() -> Accepted:
        seen.append(send(store, second, carrier))
        return Accepted("K")

    carrier.answers = [meanwhile, Accepted("K")]
    trial = a_message(session, thread)
    assert send(store, trial, carrier) == "sent"
    assert seen == ["queued"]
    row = circuit(session)
    assert row is not None
    assert (row.failures, row.open_until, row.since, row.why) == (0, None, None, None)
    assert tasks(session) == []
    assert "circuit closed" in session.scalars(select(TrailLine.what)).all()
    # What waited for the provider waits no longer.
    assert fresh(session, second).not_before is None
    assert send(store, second, carrier) == "sent"


def test_a_provider_that_stays_down_is_tried_less_and_less_and_is_one_task(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    carrier = Scripted([Outage()])
    trip(store, session, thread, carrier)
    opened = []
    for _ in range(7):
        row = circuit(session)
        assert row is not None
        assert row.open_until is not None
        opened.append((row.open_until - clock.now()).total_seconds())
        clock.at = row.open_until
        send(store, a_message(session, thread), carrier)
    assert opened == [30, 60, 120, 240, 480, 600, 600]
    assert len(carrier.taken) == 5 + 7
    assert [task.about for task in tasks(session)] == ["circuit:scripted"]


def test_a_worker_killed_while_it_tried_leaves_the_next_try_to_another(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    carrier = Scripted([Outage()])
    trip(store, session, thread, carrier)
    row = circuit(session)
    assert row is not None
    assert row.open_until is not None
    row.open_until = clock.now()
    session.commit()
    killed, next_one = a_message(session, thread), a_message(session, thread)
    claim_message(killed.id, store=store, carriers={"email": carrier}, doorplate=None, luck=lambda: 0.0)
    assert fresh(session, killed).delivery == "sending"
    assert send(store, next_one, carrier) == "queued"
    waits: datetime | None = fresh(session, next_one).not_before
    assert waits is not None
    clock.at = waits
    carrier.answers = [Accepted("K")]
    assert send(store, next_one, carrier) == "sent"


def test_a_sweep_leaves_the_channel_of_a_carrier_that_is_down_and_sends_the_others(
    store: Store, session: Session, customer: Customer, thread: Conversation
) -> None:
    down, up = Scripted([Outage()]), Scripted(name="texts")
    mails = trip(store, session, thread, down, 5) + [a_message(session, thread) for _ in range(3)]
    sms = [a_message(session, a_thread(session, customer, "sms")) for _ in range(3)]
    assert deliver_queued(store=store, carriers={"email": down, "sms": up}) == 3
    assert up.ids == [one.id for one in sms]
    assert [fresh(session, mail).waits_why for mail in mails[5:]] == [None] * 3
