"""The worker: carries out the jobs that transactions asked for, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.conversations.carrier import Carrier
from o2c_core.errors import Outage
from o2c_core.store.store import Store

log = logging.getLogger("parley.worker")
SWEEP_MESSAGES = 500


def make_worker(url: str, store: Store, carriers: Mapping[str, Carrier]) -> procrastinate.App:
    """The job application over that database, with every job Parley knows."""
    worker = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=4))
    again = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[Outage])

    @worker.task(name="deliver_message", retry=again)
    def deliver(message_id: str) -> str:
        return deliver_message(UUID(message_id), store=store, carriers=carriers)

    # Rows are the truth and jobs only a nudge: what a lost job left behind is found here.
    @worker.periodic(cron="* * * * *")
    @worker.task(name="sweep_outbox", queueing_lock="sweep_outbox")
    def sweep(timestamp: int) -> int:  # noqa: ARG001 (Procrastinate hands it the planned moment)
        return deliver_queued(store=store, carriers=carriers, limit=SWEEP_MESSAGES)

    return worker


async def run_worker(worker: procrastinate.App, *, handle_signals: bool = True) -> None:
    async with worker.open_async():
        await worker.run_worker_async(
            concurrency=2, install_signal_handlers=handle_signals, fetch_job_polling_interval=5
        )


@contextmanager
def worker_inside(worker: procrastinate.App) -> Iterator[None]:
    """Runs the worker in a thread of this process for as long as the block lasts."""
    loop = asyncio.new_event_loop()
    running: asyncio.Task[None] | None = None

    def run() -> None:
        nonlocal running
        asyncio.set_event_loop(loop)
        running = loop.create_task(run_worker(worker, handle_signals=False))
        try:
            loop.run_until_complete(running)
        except asyncio.CancelledError:
            log.info("worker stopped")
        except Exception:
            log.exception("worker failed")
        finally:
            loop.close()

    thread = threading.Thread(target=run, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        if running is not None and not loop.is_closed():
            loop.call_soon_threadsafe(running.cancel)
        thread.join(timeout=10)
