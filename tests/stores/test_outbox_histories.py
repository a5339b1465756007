"""Whatever providers say, workers do, people decide and clocks show, in any order: no state runs backwards, a failure is
made good once, and of a chain of messages at most one is on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.claim_message import claim_message
from o2c_core.actions.confirm_sent import confirm_sent
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.look_again import look_again
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.note_word import note_word
from o2c_core.actions.record_outcome import record_outcome
from o2c_core.actions.send_again import send_again
from o2c_core.actions.settle_uncertain import NotUncertain
from o2c_core.actions.withdraw_uncertain import withdraw_uncertain
from o2c_core.clock import MovableClock
from o2c_core.conversations.attempt import Attempt
from o2c_core.conversations.carrier import (
    Accepted,
    Answer,
    CannotTell,
    Found,
    LookUp,
    NotThere,
    Outgoing,
    Rejected,
    TooFast,
    Uncertain,
)
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message, may_move
from o2c_core.conversations.setback import REMEDIES, Setback
from o2c_core.conversations.task import Task
from o2c_core.errors import Outage
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller
from tests.conftest import NOON
from tests.stores.outbox import Asked, a_message, a_phone, a_thread, a_word

PLATE = Doorplate("key")
ON_ITS_WAY = ("queued", "sending", "uncertain", "sent", "delivered")
DECISIONS = {"again": send_again, "arrived": confirm_sent, "leave it": withdraw_uncertain}
# Where a person's decision or our own claim may lead on the way from one look at the ledger to the next.
_BY_DETOUR = {(was, to) for was in ("queued", "sending", "uncertain") for to in (*ON_ITS_WAY, "failed", "withdrawn")}

setbacks = st.sampled_from(list(Setback))
outcomes = st.one_of(
    st.just(Accepted("K")), st.just(Uncertain("timed out")), st.just(Outage()), st.builds(TooFast, st.just(None)),
    setbacks.map(lambda setback: Rejected("no", setback, "30000")),
)  # fmt: skip
found = st.one_of(
    st.just(NotThere()), st.just(CannotTell("nobody knows")),
    st.sampled_from(["sent", "delivered"]).map(lambda state: Found("K", state)),
    setbacks.map(lambda setback: Found("K", "failed", setback, "30000")),
)  # fmt: skip
which = st.sampled_from([0, 0, 0, 1, 2])
words = st.tuples(st.just("word"), which, st.sampled_from(["sent", "delivered", "failed", "failed", None]), setbacks)
sends = st.tuples(st.just("send"), outcomes)
# Words and sends come most often, so that histories go far enough for something to go wrong.
steps = st.one_of(
    words, words, words, words, sends, sends, sends,
    # One worker claims and is away; it may come back much later and say how it went, or never.
    st.tuples(st.just("claim"), which),
    st.tuples(st.just("come back"), outcomes),
    st.tuples(st.just("look up"), found),
    st.tuples(st.just("decide"), which, st.sampled_from(sorted(DECISIONS))),
    st.tuples(st.just("later"), st.sampled_from([1, 61, 400, 3_700, 15_000, 90_000])),
    st.tuples(st.just("clock back"), st.sampled_from([1, 30, 400])),
)  # fmt: skip


@contextmanager
def forgotten_after(store: Store) -> Iterator[None]:
    """What one example writes is taken back before the next begins."""
    connection = store.sessions.kw["bind"]
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


class House:
    """One message, whatever becomes of it and of those sent instead, and the workers that are away."""

    def __init__(self, store: Store, clock: MovableClock, channel: str) -> None:
        self.store, self.clock = store, clock
        with store.session() as session:
            customer = a_customer(session, a_seller(session))
            a_phone(session, customer)
            thread = a_thread(session, customer, channel)
            asked = a_message(
                session, thread, direction="in", author="customer", purpose="question", delivery="received",
                created_at=clock.now(),
            )  # fmt: skip
            a_message(session, thread, answers_id=asked.id, created_at=clock.now())
            self.thread = thread.id
        self.away: list[tuple[Attempt, Outgoing]] = []
        self.taken: Counter[UUID] = Counter()

    def messages(self, session: Session) -> list[Message]:
        query = select(Message).where(Message.conversation_id == self.thread, Message.direction == "out")
        return list(session.scalars(query.order_by(Message.id)))

    def carriers(self, answer: Any = None, looked_up: LookUp | None = None) -> dict[str, Asked]:
        carrier = Asked([answer or Accepted("K")], found=looked_up or NotThere())
        return dict.fromkeys(("email", "sms", "whatsapp"), carrier)

    def nth(self, place: int) -> UUID:
        with self.store.session() as session:
            ids = [message.id for message in self.messages(session)]
        return ids[place % len(ids)]

    def do(self, step: tuple[Any, ...]) -> None:
        store = self.store
        match step:
            case ("word", place, state, setback):
                with store.session() as session:
                    about = session.get_one(Message, self.nth(place))
                word = a_word(state, about, setback=setback if state == "failed" else None, code="30000")
                note_word(word, store=store, doorplate=PLATE)
            case ("send", outcome):
                carriers = self.carriers(outcome)
                deliver_queued(store=store, carriers=carriers, doorplate=PLATE, luck=lambda: 0.5, limit=4)
                self.taken.update(carriers["email"].ids)
            case ("claim", place):
                claimed = claim_message(
                    self.nth(place), store=store, carriers=self.carriers(), doorplate=PLATE, luck=lambda: 0.5
                )
                if isinstance(claimed, Attempt):
                    ready = look_again(claimed, store=store, doorplate=PLATE)
                    if isinstance(ready, Outgoing):
                        self.away.append((claimed, ready))
                        self.taken[ready.message_id] += 1
            case ("come back", outcome):
                if self.away:
                    attempt, _ = self.away.pop()
                    record_outcome(attempt, outcome, store=store, doorplate=PLATE, luck=lambda: 0.5)
            case ("look up", answer):
                look_up_uncertain(store=store, carriers=self.carriers(looked_up=answer), doorplate=PLATE)
            case ("decide", place, decision):
                message_id = self.nth(place)
                # Most of the time it is not uncertain, and there is nothing to decide.
                with suppress(NotUncertain):
                    DECISIONS[decision](message_id, store=store, by="an agent")
            case ("later", seconds):
                self.clock.move(timedelta(seconds=seconds))
            case ("clock back", seconds):
                self.clock.move(-timedelta(seconds=seconds))


def seen(session: Session, house: House) -> dict[UUID, str]:
    session.expire_all()
    return {message.id: message.delivery for message in house.messages(session)}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.sampled_from(["email", "sms", "whatsapp"]), st.lists(steps, min_size=8, max_size=20))
def test_whatever_happens_in_whatever_order(
    store: Store, clock: MovableClock, channel: str, history: list[tuple[Any, ...]]
) -> None:
    clock.at = NOON
    with forgotten_after(store):
        house = House(store, clock, channel)
        with store.session() as session:
            before = seen(session, house)
            for step in history:
                house.do(step)
                after = seen(session, house)
                for message_id, was in before.items():
                    now = after[message_id]
                    assert now == was or may_move(was, now) or (was, now) in _BY_DETOUR, (step, was, now)
                before = after
            messages = house.messages(session)
            # Of the chain, one at most is on its way or has arrived, and each was replaced once at most.
            assert sum(message.delivery in ON_ITS_WAY for message in messages) <= 1
            instead = Counter(message.instead_of_id for message in messages)
            assert all(times == 1 for key, times in instead.items() if key is not None)
            assert sum(message.instead_of_id is None for message in messages) == 1
            # What was replaced has failed, and it failed once.
            lines = Counter(
                (line.message_id, line.what)
                for line in session.scalars(select(TrailLine).where(TrailLine.what.in_(("message failed", "message replaced"))))
                if line.message_id in before
            )  # fmt: skip
            for message in messages:
                assert lines[message.id, "message failed"] == (message.delivery == "failed")
            # Unless a person said so, or it was certain that it had not left, nothing was handed over twice.
            open_tasks = Counter(
                (task.kind, task.about) for task in session.scalars(select(Task)) if task.state == "open"
            )
            assert all(times == 1 for times in open_tasks.values())


def accepted_or_silent(outcome: Answer | Outage) -> bool:
    return isinstance(outcome, Accepted | Uncertain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.lists(steps.filter(lambda step: step[0] != "decide"), min_size=8, max_size=20))
def test_without_a_persons_word_nothing_that_may_have_left_is_handed_over_again(
    store: Store, clock: MovableClock, history: list[tuple[Any, ...]]
) -> None:
    clock.at = NOON
    with forgotten_after(store):
        house = House(store, clock, "sms")
        may_have_left: set[UUID] = set()
        for step in history:
            taken = house.taken.copy()
            back = house.away[-1][0].message.id if step[0] == "come back" and house.away else None
            house.do(step)
            handed = house.taken - taken
            assert not may_have_left & set(handed), step
            if step[0] == "claim":
                # Whoever is away holds it; only their own word that nothing left lets it go again.
                may_have_left |= set(handed)
            elif step[0] == "send" and accepted_or_silent(step[1]):
                may_have_left |= set(handed)
            elif back is not None and not accepted_or_silent(step[1]):
                may_have_left.discard(back)


def test_every_remedy_ends() -> None:
    for setback, remedy in REMEDIES.items():
        assert remedy.next != "same_later" or 1 <= remedy.again_max <= 3, setback
        assert remedy.next != "same_later" or remedy.again_minutes >= 30, setback
