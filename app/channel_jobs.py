"""The jobs of the channels: taking in what arrived, answering it, sending what is queued, and the sweeps behind them."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from o2c_core.actions.ask_again import ask_again
from o2c_core.actions.call_person import call_person
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.hide_codes import hide_codes
from o2c_core.actions.lapse_proposals import lapse_proposals
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.pick_up_queued import pick_up_queued
from o2c_core.actions.pick_up_unanswered import pick_up_unanswered, waiting_arrivals
from o2c_core.actions.take_in import Read, take_in
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.backoff import PATIENCE, Patience
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Noise, Sense
from o2c_core.errors import Outage
from o2c_core.store.jobs import PRIORITIES, SWEEP
from o2c_core.store.store import Store

log = logging.getLogger("parley.worker")


@runtime_checkable
class Waits(Protocol):
    """What `answer` gives back for a text that seems unfinished: until when the rest is waited for."""

    @property
    def at(self) -> datetime: ...


SWEEP_MESSAGES = 500
SWEEP_LOOK_UPS = 100
# A turn with the embedded model is nearly all computing: more at once only wait for Python's own lock.
COMPUTING_TURNS_MAX = 2


def add_channel_jobs(
    worker: procrastinate.App,
    store: Store,
    carriers: Mapping[str, Carrier],
    *,
    doorplate: Doorplate | None,
    readers: Mapping[str, Read],
    answer: Callable[[UUID], object] | None,
    patience: Patience = PATIENCE,
) -> None:
    """Adds them to the worker. Without a doorplate, readers or `answer` what needs them waits for a worker that has them."""
    again = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[Outage])
    few = threading.Semaphore(COMPUTING_TURNS_MAX)

    def read(arrival: Arrival) -> Sense:
        reader = readers.get(arrival.provider)
        return reader(arrival) if reader else Noise(f"nothing here reads what {arrival.provider} delivers")

    def take(arrival_id: UUID) -> str:
        if doorplate is None or not readers:
            return "waiting"
        return take_in(arrival_id, store=store, read=read, doorplate=doorplate)

    def answer_one(message_id: UUID) -> bool:
        """Whether it was answered. What fails is left to the sweep, which counts and in the end calls a person."""
        if answer is None:
            return False
        try:
            with few:
                came = answer(message_id)
            if isinstance(came, Waits):
                ask_again(message_id, came.at, store=store)
                return False
            return came is not None
        except Outage:
            raise
        except Exception:
            log.exception("not answered message=%s", message_id)
            return False

    def answer_lying(message_id: UUID) -> bool:
        """The same from the sweep, where one that cannot be answered now must not keep back those after it."""
        try:
            return answer_one(message_id)
        except Outage as outage:
            log.warning("not answered message=%s because=%s", message_id, type(outage).__name__)
            return False

    def take_lying(arrival_id: UUID) -> str:
        try:
            return take(arrival_id)
        except Exception:
            log.exception("not taken in arrival=%s", arrival_id)
            return "waiting"

    @worker.task(name="take_in", retry=again, priority=PRIORITIES["take_in"])
    def take_in_all(arrival_ids: str) -> dict[str, str]:
        return {key: take(UUID(key)) for key in arrival_ids.split(",")}

    @worker.task(name="answer", retry=again, priority=PRIORITIES["answer"])
    def answer_message(message_id: str) -> bool:
        return answer_one(UUID(message_id))

    @worker.task(name="deliver_message", retry=again)
    def deliver(message_id: str) -> str:
        state = deliver_message(UUID(message_id), store=store, carriers=carriers, doorplate=doorplate)
        hide_codes(UUID(message_id), store=store)
        return state

    @worker.task(name="deliver_messages", retry=again)
    def deliver_many(message_ids: str) -> dict[str, int]:
        """One that cannot be sent must not keep back those after it; the sweep finds it again."""
        states: Counter[str] = Counter()
        for message_id in message_ids.split(","):
            try:
                states[deliver_message(UUID(message_id), store=store, carriers=carriers, doorplate=doorplate)] += 1
            except Exception:
                log.exception("not sent message=%s", message_id)
                states["not sent"] += 1
        return dict(states)

    # Rows are the truth and jobs only a nudge: what a lost job left behind is found by these.
    @worker.periodic(cron="* * * * *")
    @worker.task(name="sweep_outbox", queueing_lock="sweep_outbox", lock="sweep_outbox", priority=SWEEP)
    def sweep_outbox(timestamp: int) -> int:  # noqa: ARG001 (Procrastinate hands it the planned moment)
        picked_up = pick_up_queued(set(carriers), store=store, limit=SWEEP_MESSAGES)
        hide_codes(store=store)
        return picked_up

    @worker.periodic(cron="* * * * *")
    @worker.task(name="look_up_uncertain", queueing_lock="look_up_uncertain", lock="look_up_uncertain", priority=SWEEP)
    def look_up(timestamp: int) -> str:  # noqa: ARG001
        return str(
            dict(
                look_up_uncertain(
                    store=store, carriers=carriers, doorplate=doorplate, limit=SWEEP_LOOK_UPS, patience=patience
                )
            )
        )

    @worker.periodic(cron="* * * * *")
    @worker.task(name="sweep_arrivals", queueing_lock="sweep_arrivals", lock="sweep_arrivals", priority=SWEEP)
    def sweep_arrivals(timestamp: int) -> int:  # noqa: ARG001
        waiting = waiting_arrivals(store=store) if readers and doorplate is not None else []
        return sum(take_lying(arrival_id) != "waiting" for arrival_id in waiting)

    @worker.periodic(cron="* * * * *")
    @worker.task(name="sweep_questions", queueing_lock="sweep_questions", lock="sweep_questions", priority=SWEEP)
    def sweep_questions(timestamp: int) -> int:  # noqa: ARG001
        if answer is None:
            return 0
        questions, given_up = pick_up_unanswered(store=store)
        for conversation_id, message_id in given_up:
            call_person(conversation_id, "trouble", store=store, message_id=message_id, instead_of_answering=True)
        return sum(answer_lying(message_id) for message_id in questions)

    @worker.periodic(cron="*/5 * * * *")
    @worker.task(name="lapse_proposals", queueing_lock="lapse_proposals", lock="lapse_proposals", priority=SWEEP)
    def lapse(timestamp: int) -> int:  # noqa: ARG001
        return lapse_proposals(store=store)
