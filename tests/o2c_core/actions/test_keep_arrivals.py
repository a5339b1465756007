"""What arrives at a door is kept once, with one job, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.conversations.arrival import Arrival
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store


def an_arrival(key: str = "SM1", provider: str = "twilio", kind: str = "message", **payload: Any) -> Arrived:
    return Arrived(provider, kind, "sms", key, payload)


def jobs(session: Session) -> list[dict[str, Any]]:
    query = text(
        "SELECT queue_name, task_name, priority, lock, queueing_lock, args, status, scheduled_at, attempts"
        " FROM procrastinate_jobs ORDER BY id"
    )
    return [dict(row._mapping) for row in session.execute(query)]


def test_several_are_kept_with_one_job_that_names_them_all(store: Store, session: Session) -> None:
    kept = keep_arrivals([an_arrival("b"), an_arrival("a"), an_arrival("c")], store=store)
    assert kept == sorted(kept) == list(session.scalars(select(Arrival.id).order_by(Arrival.id)))
    [job] = jobs(session)
    assert job["args"] == {"arrival_ids": ",".join(str(key) for key in kept)}


def test_its_job_is_the_one_procrastinate_would_have_written(store: Store, session: Session) -> None:
    [key] = keep_arrivals([an_arrival()], store=store)
    ask_for(session, "take_in", arrival_ids=str(key))
    ours, theirs = jobs(session)
    assert ours == theirs


def test_what_came_before_is_left_as_it_is_and_asks_for_nothing(store: Store, session: Session) -> None:
    keep_arrivals([an_arrival(text="first")], store=store)
    assert keep_arrivals([an_arrival(text="again"), an_arrival(text="and again")], store=store) == []
    assert [one.payload for one in session.scalars(select(Arrival))] == [{"text": "first"}]
    assert len(jobs(session)) == 1


def test_the_same_twice_in_one_request_is_kept_once(store: Store) -> None:
    assert len(keep_arrivals([an_arrival("x"), an_arrival("x"), an_arrival("y")], store=store)) == 2


def test_the_same_id_is_another_thing_from_another_provider_or_of_another_kind(store: Store) -> None:
    arrived = [an_arrival(), an_arrival(kind="word"), an_arrival(provider="sendgrid")]
    assert len(keep_arrivals(arrived, store=store)) == 3


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"text": "a\0b"}, {"text": "a\ufffdb"}),
        ({"text": "\ud83d half"}, {"text": "? half"}),
        ({"a\0": [["x", "é€🙂", 1, None, {"y": "\0"}]]}, {"a\ufffd": [["x", "é€🙂", 1, None, {"y": "\ufffd"}]]}),
        ({"pairs": [("a", "b")]}, {"pairs": [["a", "b"]]}),
        ({"said": "\\u0000 as letters"}, {"said": "\\u0000 as letters"}),
    ],
)
def test_whatever_it_holds_can_be_stored(
    store: Store, session: Session, sent: dict[str, Any], kept: dict[str, Any]
) -> None:
    keep_arrivals([Arrived("sendgrid", "message", "email", "k\0", sent, raw=b"\0\xff raw")], store=store)
    [arrival] = session.scalars(select(Arrival))
    assert (arrival.payload, arrival.raw, arrival.sender_key) == (kept, b"\0\xff raw", "k\ufffd")
    assert arrival.received_at == store.clock.now()


def test_requests_that_hold_the_same_in_another_order_do_not_stop_each_other(own_store: Store) -> None:
    keys = [f"SM{number}" for number in range(60)]

    def deliver(turn: int) -> int:
        return len(keep_arrivals([an_arrival(key) for key in (keys if turn % 2 else keys[::-1])], store=own_store))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(deliver, range(24))) == len(keys)
    with own_store.session() as session:
        named = [key for job in jobs(session) for key in job["args"]["arrival_ids"].split(",")]
    assert len(named) == len(set(named)) == len(keys)
