"""What becomes of outgoing messages when the provider falters, its words come in disorder, and workers are killed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.bench.channels_house import HouseUnderMeasurement, free_port, get_json, house_under_measurement
from app.bench.channels_people import write_outgoing
from app.bench.channels_workers import Workers
from app.bench.turn import BenchFailed
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine

# What the promise names, and besides a little of everything else that providers do.
FAULTS = {
    "silent_after": 0.05, "too_many": 0.05, "callback_twice": 0.2, "callback_swapped": 0.2,
    "silent_before": 0.005, "hang_up_before": 0.005, "hang_up_after": 0.005, "error_before": 0.005, "error_after": 0.005,
    "callback_late": 0.05, "callback_lost": 0.02, "looking_up_fails": 0.05,
    "retry_after_seconds": 1, "silent_seconds": 20, "callback_seconds": 0.5, "late_seconds": 10, "unlisted_seconds": 2,
}  # fmt: skip
# Minutes shortened to seconds; what is decided after them stays the same.
PATIENCE = {
    "provider_seconds": "1", "stuck_seconds": "15", "look_up_seconds": "4", "ask_person_seconds": "30",
    "sms_per_second": "1000", "mails_per_second": "1000",
}  # fmt: skip
SWEEPS = ("look_up_uncertain", "sweep_arrivals")
SWEEP_EVERY_SECONDS = 5.0
LOOKED_UP = "It was looked up with the provider."
_ENDED = ("sent", "delivered", "failed", "withdrawn")


@dataclass(frozen=True)
class OutboxFigures:
    """How it went. `twice` are messages the provider accepted more than once, `never_accepted` those the ledger calls
    sent or delivered and the provider never had; `without_end` are neither in a final state nor put before a person."""

    messages: int
    kills: int
    seconds: int
    states: dict[str, int] = field(default_factory=dict)
    accepted_once: int = 0
    twice: int = 0
    never_accepted: int = 0
    without_end: int = 0
    were_uncertain: int = 0
    settled_by_look_up: int = 0
    settled_by_callback: int = 0
    listed_for_a_person: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    callbacks: dict[str, int] = field(default_factory=dict)

    @property
    def is_kept(self) -> bool:
        """Whether what Parley promises held: nothing twice, nothing claimed that is not so, nothing left hanging."""
        settled = self.settled_by_look_up + self.settled_by_callback + self.listed_for_a_person
        return not (self.twice or self.never_accepted or self.without_end) and settled == self.were_uncertain


def measure_outbox(
    *, messages: int = 10_000, kills: int = 30, workers: int = 3, seed: int = 1, seconds_max: int = 5400
) -> OutboxFigures:
    """Queues the messages and lets real workers send them to the stand-in, whose callbacks go to the real doors.

    Workers are killed with SIGKILL at moments drawn beforehand, spread over the sending. Raises: BenchFailed.
    """
    web_port, standin_port = free_port(), free_port()
    with house_under_measurement(web_port, standin_port, **PATIENCE) as house:
        house.stand_in(standin_port, web_port, seed=seed, faults=FAULTS)
        house.serve(web_port)
        ids = write_outgoing(house.store, messages)
        dice = random.Random(seed)  # noqa: S311 (repeatable on purpose)
        crew = Workers(house, workers, dice)
        began = time.monotonic()
        crew.start()
        moments = sorted(dice.randrange(messages * 9 // 10) for _ in range(kills))
        _run(house, crew, ids, moments, standin_port, began + seconds_max)
        seconds = round(time.monotonic() - began)
        return _figures(house.store, ids, crew.kills, seconds, get_json(standin_port, "/standin/record"))


def _run(
    house: HouseUnderMeasurement, crew: Workers, ids: Sequence[UUID], moments: Sequence[int], standin_port: int,
    give_up_at: float,
) -> None:  # fmt: skip
    """Kills at its moments, keeps the sweeps coming, and returns when nothing is left to happen.

    Raises: BenchFailed when that takes too long.
    """
    swept_at = 0.0
    while time.monotonic() < give_up_at:
        with house.store.session() as session:
            states = _states(session, ids)
            listed = _listed(session)
            waiting = session.scalar(select(func.count()).select_from(Arrival).where(Arrival.state == "waiting"))
        under_way = states["queued"] + states["sending"]
        if crew.kills < len(moments) and len(ids) - under_way >= moments[crew.kills]:
            crew.kill_one()
        crew.replace_the_dead()
        is_over = under_way == 0 and states["uncertain"] == len(listed & _uncertain(house.store, ids))
        is_quiet = is_over and not waiting and crew.kills >= len(moments)
        if is_quiet and not get_json(standin_port, "/standin/record")["callbacks_to_come"]:
            return
        if time.monotonic() - swept_at > SWEEP_EVERY_SECONDS:
            _sweep(house.store)
            swept_at = time.monotonic()
        time.sleep(0.5)
    raise BenchFailed(f"It did not come to an end: {dict(states)}. {house.last_words('workers')}")


def _sweep(store: Store) -> None:
    """Asks for what the clock asks for every minute, unless it is still being done."""
    under_way = text("SELECT task_name FROM procrastinate_jobs WHERE status = 'doing' AND task_name = ANY(:names)")
    with store.session() as session:
        for job in set(SWEEPS) - set(session.scalars(under_way, {"names": list(SWEEPS)})):
            ask_for(session, job, once=job, timestamp="0")
        session.commit()


def _states(session: Session, ids: Sequence[UUID]) -> Counter[str]:
    query = select(Message.delivery, func.count()).where(Message.id >= ids[0], Message.direction == "out")
    return Counter({state: int(number) for state, number in session.execute(query.group_by(Message.delivery))})


def _listed(session: Session) -> set[UUID]:
    """The messages a person has been asked about."""
    query = select(Task.message_id).where(Task.kind == "uncertain_send", Task.state == "open")
    return {key for key in session.scalars(query) if key is not None}


def _uncertain(store: Store, ids: Sequence[UUID]) -> set[UUID]:
    with store.session() as session:
        query = select(Message.id).where(Message.id >= ids[0], Message.delivery == "uncertain")
        return set(session.scalars(query))


def _figures(
    store: Store, ids: Sequence[UUID], kills: int, seconds: int, record: dict[str, dict[str, int]]
) -> OutboxFigures:
    accepted = {UUID(ours): times for ours, times in record["accepted"].items()}
    with store.session() as session:
        rows = session.execute(select(Message.id, Message.delivery).where(Message.direction == "out"))
        states = {row.id: row.delivery for row in rows}
        listed = _listed(session)
        doubted = {
            key
            for key in session.scalars(select(TrailLine.message_id).where(TrailLine.what == "message uncertain"))
            if key is not None
        }
        looked_up = {
            key for key in session.scalars(select(TrailLine.message_id).where(TrailLine.why == LOOKED_UP)) if key
        }
    open_ends = {key for key, state in states.items() if state not in _ENDED and key not in listed}
    settled = doubted - listed - open_ends
    return OutboxFigures(
        messages=len(ids),
        kills=kills,
        seconds=seconds,
        states=dict(Counter(states.values())),
        accepted_once=sum(times == 1 for times in accepted.values()),
        twice=sum(times > 1 for times in accepted.values()),
        never_accepted=sum(state in ("sent", "delivered") and key not in accepted for key, state in states.items()),
        without_end=len(open_ends),
        were_uncertain=len(doubted),
        settled_by_look_up=len(settled & looked_up),
        settled_by_callback=len(settled - looked_up),
        listed_for_a_person=len(doubted & listed),
        requests=record["requests"],
        callbacks=record["callbacks"],
    )
