"""Several workers at one outbox: every message leaves once, the pace is kept, and two words are acted on once."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.note_word import note_word
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Answer, Found, LookUp, Outgoing
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import delivery_states
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.task import Task
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.stores.outbox import a_message, a_phone, a_thread, a_word

PLATE = Doorplate("key")


@dataclass
class Slow:
    """A carrier that takes a moment, so that others can come in between."""

    name: str = "scripted"
    per_second: float | None = None
    seconds: float = 0.02
    taken: list[UUID] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Answer:
        self.taken.append(outgoing.message_id)
        time.sleep(self.seconds)
        return Accepted(f"key-{outgoing.message_id}")

    def look_up(self, outgoing: Outgoing) -> LookUp:
        self.taken.append(outgoing.message_id)
        time.sleep(self.seconds)
        return Found(f"key-{outgoing.message_id}", "sent")


def queue(store: Store, number: int, channel: str = "email", **fields: object) -> list[UUID]:
    with store.session() as session:
        customer = a_customer(session, a_seller(session))
        a_phone(session, customer)
        thread = a_thread(session, customer, channel)
        return [a_message(session, thread, **fields).id for _ in range(number)]


def at_once(times: int, work: Callable[[], object]) -> list[object]:
    """The same work in so many threads that begin together."""
    gate = threading.Barrier(times)

    def begin() -> object:
        gate.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return [one.result() for one in [pool.submit(begin) for _ in range(times)]]


def test_of_many_workers_with_one_message_one_sends_it(own_store: Store) -> None:
    (message_id,) = queue(own_store, 1)
    carrier = Slow()
    states = at_once(6, lambda: deliver_message(message_id, store=own_store, carriers={"email": carrier}))
    assert carrier.taken == [message_id]
    assert set(states) <= {"sending", "sent"}
    with own_store.session() as session:
        assert session.get_one(Message, message_id).tries == 1


def test_sweeps_at_the_same_time_send_everything_once(own_store: Store) -> None:
    ids = queue(own_store, 40)
    carrier = Slow(seconds=0.001)
    sent = at_once(4, lambda: deliver_queued(store=own_store, carriers={"email": carrier}))
    assert sum(map(int, sent)) == 40  # type: ignore[call-overload]
    assert sorted(carrier.taken) == ids
    with own_store.session() as session:
        assert delivery_states(session, ids) == {"sent": 40}


def test_workers_share_one_pace_and_no_slot_is_given_twice(own_store: Store, clock: MovableClock) -> None:
    ids = queue(own_store, 24)
    carrier = Slow(per_second=2.0, seconds=0.0)
    at_once(4, lambda: deliver_queued(store=own_store, carriers={"email": carrier}))
    assert len(carrier.taken) == 3
    with own_store.session() as session:
        slots = session.scalars(
            select(Message.not_before).where(Message.id.in_(ids), Message.delivery == "queued")
        ).all()
    assert len(set(slots)) == len(slots) == 21
    assert max((slot - clock.now()).total_seconds() for slot in slots if slot) == 11.5


def test_the_same_word_at_the_same_time_is_acted_on_once(own_store: Store) -> None:
    (message_id,) = queue(own_store, 1, "sms", delivery="sent")
    word = a_word("failed", message_id=message_id, setback=Setback.BAD_ADDRESS)
    assert at_once(6, lambda: note_word(word, store=own_store, doorplate=PLATE)) == ["failed"] * 6
    with own_store.session() as session:
        assert session.scalar(select(func.count()).where(Message.instead_of_id == message_id)) == 1
        assert session.scalar(select(func.count()).select_from(Task)) == 1


def test_a_message_is_looked_up_by_one_sweep_at_a_time(own_store: Store) -> None:
    ids = queue(own_store, 5, delivery="uncertain", carrier="scripted")
    carrier = Slow()
    counts = at_once(
        3, lambda: look_up_uncertain(store=own_store, carriers={"email": carrier}, doorplate=PLATE).total()
    )
    assert sum(map(int, counts)) == 5  # type: ignore[call-overload]
    assert sorted(carrier.taken) == ids
