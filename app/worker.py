"""The worker: carries out the jobs that transactions asked for, on any number of machines."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate import RetryStrategy

from app.channel_jobs import add_channel_jobs
from o2c_core.actions.apply_retention import apply_retention
from o2c_core.actions.deliver_webhook import deliver_due_webhooks
from o2c_core.actions.inform_customers import inform_customers
from o2c_core.actions.issue_invoice import Billing, issue_invoice
from o2c_core.actions.lapse_notices import lapse_notices
from o2c_core.actions.look_up_payments import look_up_payments
from o2c_core.actions.match_money import match_money, match_waiting
from o2c_core.actions.run_due_reminders import run_due_reminders
from o2c_core.actions.run_escalations import run_escalations
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.actions.take_in import Read
from o2c_core.actions.wake_snoozed import wake_snoozed
from o2c_core.actions.write_webhook_deliveries import write_webhook_deliveries
from o2c_core.conversations.backoff import PATIENCE, Patience
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.errors import Outage, Refused
from o2c_core.invoices.pay_provider import PayProvider
from o2c_core.store.jobs import SWEEP
from o2c_core.store.store import Store

log = logging.getLogger("parley.worker")
# Sending waits for providers, so there are more hands than processors; answering is computing, and has few of its own.
HANDS = 4
# A worker gives a sign every ten seconds; who gave none for so long is gone.
STALLED_SECONDS = 60
JOBS_KEPT_DAYS = 3
FAILED_JOBS_KEPT_DAYS = 30


def make_worker(
    url: str,
    store: Store,
    carriers: Mapping[str, Carrier],
    *,
    doorplate: Doorplate | None = None,
    readers: Mapping[str, Read] | None = None,
    answer: Callable[[UUID], object] | None = None,
    patience: Patience = PATIENCE,
    may_call_private: bool = False,
    pay_providers: Mapping[str, PayProvider] | None = None,
) -> procrastinate.App:
    """The job application over that database, with every job Parley knows.

    `readers` make sense of what each provider delivers, and `answer` takes the turn of a message a door stored; without
    them what arrives waits for a worker that has them. Webhooks go to private addresses only with `may_call_private`.
    """
    worker = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=6))
    again = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[Outage])
    add_channel_jobs(
        worker, store, carriers, doorplate=doorplate, readers=readers or {}, answer=answer, patience=patience
    )  # fmt: skip

    # A worker that was killed leaves its jobs behind as if they were being done. Every job can be done again: what it
    # finds done already, it leaves.
    @worker.periodic(cron="* * * * *")
    @worker.task(name="take_over_stalled", queueing_lock="take_over_stalled", priority=SWEEP, pass_context=True)
    async def take_over_stalled(context: procrastinate.JobContext, timestamp: int) -> int:  # noqa: ARG001
        manager = context.app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
        periodic = {name for name, _ in context.app.periodic_registry.periodic_tasks}
        for job in stalled:
            try:
                if job.task_name not in periodic:
                    await manager.retry_job(job)
                    continue
            except procrastinate.exceptions.UniqueViolation:
                pass
            # The next copy of it waits already or comes with the clock, and one is enough.
            await manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=False)
        return len(stalled)

    @worker.task(name="issue_invoice", retry=again)
    def issue(order_id: str, shipment_id: str) -> str:
        try:
            billing = Billing(order_id=UUID(order_id), shipment_id=UUID(shipment_id))
            return issue_invoice(billing, store=store, by="system", why="the goods went out").number
        except Refused as no:
            # The trail of the shipment says so, where somebody sees it; trying again would be refused again.
            log.warning("invoice not issued shipment=%s because=%s", shipment_id, type(no).__name__)
            return str(no)

    @worker.task(name="match_money", retry=again)
    def match(seller_id: str) -> dict[str, Any]:
        return match_money(UUID(seller_id), store=store).to_json()

    # Money may have come before the invoice it pays was known.
    @worker.periodic(cron="41 * * * *")
    @worker.task(name="match_waiting", queueing_lock="match_waiting")
    def match_again(timestamp: int) -> int:  # noqa: ARG001
        return sum(sum(run.matched.values()) for run in match_waiting(store=store))

    @worker.task(name="deliver_webhooks", retry=again)
    def tell(endpoint_id: str) -> int:
        return deliver_due_webhooks(UUID(endpoint_id), store=store, may_call_private=may_call_private)

    @worker.periodic(cron="* * * * *")
    @worker.task(name="write_webhooks", queueing_lock="write_webhooks")
    def write_webhooks(timestamp: int | None = None) -> int:  # noqa: ARG001 (None when a write asks for it)
        return write_webhook_deliveries(store=store)

    # Every minute: what happened is gathered for a quarter of an hour before it is told.
    @worker.periodic(cron="* * * * *")
    @worker.task(name="inform_customers", queueing_lock="inform_customers", lock="inform_customers", priority=SWEEP)
    def inform(timestamp: int) -> str:  # noqa: ARG001
        return str(inform_customers(store=store, doorplate=doorplate))

    # Lists bring back by themselves what was put off; this tells the desks that are open.
    @worker.periodic(cron="* * * * *")
    @worker.task(name="wake_snoozed", queueing_lock="wake_snoozed", priority=SWEEP)
    def wake(timestamp: int) -> int:  # noqa: ARG001
        return wake_snoozed(store=store)

    # Once a day, at night: where the sellers' days differ, that is nothing to periods of months and years.
    @worker.periodic(cron="41 2 * * *")
    @worker.task(name="apply_retention", queueing_lock="apply_retention")
    def retain(timestamp: int) -> str:  # noqa: ARG001
        return str(apply_retention(store=store))

    # What was done is in the trail and in the rows; the jobs themselves are only looked at when something went wrong.
    @worker.periodic(cron="23 2 * * *")
    @worker.task(name="forget_old_jobs", queueing_lock="forget_old_jobs", pass_context=True)
    async def forget_old_jobs(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
        manager = context.app.job_manager
        await manager.delete_old_jobs(nb_hours=24 * JOBS_KEPT_DAYS)
        await manager.delete_old_jobs(
            nb_hours=24 * FAILED_JOBS_KEPT_DAYS, include_failed=True, include_cancelled=True, include_aborted=True
        )

    @worker.periodic(cron="*/5 * * * *")
    @worker.task(name="look_up_payments", queueing_lock="look_up_payments", lock="look_up_payments", priority=SWEEP)
    def look_up_open_payments(timestamp: int) -> str:  # noqa: ARG001
        return str(dict(look_up_payments(pay_providers or {}, store=store)))

    # Every quarter of an hour, since the sellers' mornings come at different moments; each day's run is made once.
    @worker.periodic(cron="*/15 * * * *")
    @worker.task(name="run_reminders", queueing_lock="run_reminders", lock="run_reminders")
    def remind(timestamp: int) -> dict[str, Any]:  # noqa: ARG001
        return {ref: run.counts for ref, run in run_due_reminders(store=store, doorplate=doorplate).items()}

    @worker.periodic(cron="29 * * * *")
    @worker.task(name="lapse_notices", queueing_lock="lapse_notices")
    def lapse_old_notices(timestamp: int) -> int:  # noqa: ARG001
        return lapse_notices(store=store)

    # Every hour, since the sellers' days begin at different hours; what was settled is not settled again.
    @worker.periodic(cron="7 * * * *")
    @worker.task(name="settle_promises", queueing_lock="settle_promises")
    def settle(timestamp: int) -> str:  # noqa: ARG001 (Procrastinate hands it the planned moment)
        return str(settle_promises(store=store))

    # Every hour after what was promised is settled, and from the morning's reminders on: in each rule's working hours.
    @worker.periodic(cron="37 * * * *")
    @worker.task(name="run_escalations", queueing_lock="run_escalations")
    def escalate(timestamp: int) -> str:  # noqa: ARG001
        run = run_escalations(store=store, only_working=True)
        counts = ("fired", "over", "raised", "failed", "unclear")
        return " ".join(f"{what}={run.count(what)}" for what in counts)

    return worker


async def run_worker(worker: procrastinate.App, *, handle_signals: bool = True) -> None:
    async with worker.open_async():
        await worker.run_worker_async(
            concurrency=HANDS, install_signal_handlers=handle_signals, fetch_job_polling_interval=2
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
