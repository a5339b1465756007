"""What somebody waits for goes before what nobody does, and a killed worker's jobs are taken over."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from app.worker import make_worker
from channels.captured import Captured
from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store


def test_a_question_stands_before_ten_thousand_reminders(own_store: Store) -> None:
    with own_store.session() as session:
        ask_for(session, "deliver_message", message_id="a reminder")
        ask_for(session, "deliver_message", somebody_waits=True, message_id="an answer")
        ask_for(session, "answer", message_id="a question")
        session.commit()
    keep_arrivals([Arrived("twilio", "message", "sms", "SM1")], store=own_store)
    with own_store.session() as session:
        query = text("SELECT task_name FROM procrastinate_jobs ORDER BY priority DESC, id")
        order = list(session.scalars(query))
    assert order == ["take_in", "deliver_message", "answer", "deliver_message"]


def test_the_jobs_of_a_killed_worker_are_taken_over_and_one_copy_is_enough(own_store: Store, own_database: str) -> None:
    with own_store.session() as session:
        gone = session.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes') RETURNING id"
            )
        )
        ask_for(session, "deliver_webhooks", endpoint_id="00000000-0000-7000-8000-000000000000")
        ask_for(session, "sweep_outbox", once="sweep_outbox", timestamp="0")
        session.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :gone"), {"gone": gone})
        ask_for(session, "sweep_outbox", once="sweep_outbox", timestamp="0")
        ask_for(session, "take_over_stalled", somebody_waits=True, timestamp="0")
        session.commit()
    worker = make_worker(own_database, own_store, {"email": Captured()})

    async def until_done() -> None:
        async with worker.open_async():
            await worker.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(until_done())
    with own_store.session() as session:
        states = session.execute(
            text("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id LIMIT 4")
        ).all()
    assert [tuple(row) for row in states] == [
        ("deliver_webhooks", "succeeded"),
        ("sweep_outbox", "failed"),
        ("sweep_outbox", "succeeded"),
        ("take_over_stalled", "succeeded"),
    ]
