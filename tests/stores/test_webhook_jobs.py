"""The worker tells endpoints by itself: a write nudges it, and what a round finds is delivered."""

from __future__ import annotations

import asyncio

from sqlalchemy import select, text

from app.worker import make_worker
from o2c_core.actions.add_webhook import add_webhook
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.integrations.webhook import WebhookDelivery
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.stores.test_webhooks import Listener
from tests.web.api.called import Caller


def test_what_is_written_by_the_api_is_told_without_waiting_for_the_next_round(
    own_store: Store, own_database: str
) -> None:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        session.commit()
    listener = Listener()
    add_webhook(jansen.seller_id, listener.url, may_call_private=True, store=own_store)
    log_complaint(Grievance(jansen.id, "not by the API, so without a nudge"), store=own_store)
    api = Caller(own_store)
    api.post("/complaints", {"customer": "C1001", "about": "late again"})
    with own_store.session() as session:
        jobs = session.scalars(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'")).all()
    assert jobs == ["write_webhooks"]
    worker = make_worker(own_database, own_store, {}, may_call_private=True)

    async def work() -> None:
        async with worker.open_async():
            await worker.run_worker_async(wait=False, install_signal_handlers=False)

    asyncio.run(work())
    listener.close()
    with own_store.session() as session:
        states = session.scalars(select(WebhookDelivery.state)).all()
    assert states == ["delivered", "delivered"]
    assert len(listener.heard) == 2
