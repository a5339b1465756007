"""Two reminders runs at the same time, from two connections, remind once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import func, select, text

from channels.captured import Captured
from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.carrier import Answer, Outgoing
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.run import RemindersRun
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice


def some_customers(store: Store, count: int) -> None:
    with store.session() as session:
        seller = a_seller(session)
        for _ in range(count):
            customer = a_customer(session, seller)
            an_invoice(session, customer, due_on=DAY - timedelta(days=7))
            an_invoice(session, customer, due_on=DAY - timedelta(days=14))
        session.commit()


def test_two_runs_at_once_write_every_message_once(own_store: Store) -> None:
    some_customers(own_store, 30)
    start = Barrier(2)

    def run() -> RemindersRun:
        start.wait(timeout=10)
        return run_reminders(DAY, store=own_store)

    with ThreadPoolExecutor(2) as pool:
        both = [future.result(timeout=60) for future in [pool.submit(run), pool.submit(run)]]
    assert sum(len(run.reminded) for run in both) == 30
    assert all(entry.reason is Reason.ALREADY_REMINDED for run in both for entry in run.skipped)
    with own_store.session() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 30
        assert session.scalar(select(func.count()).select_from(Reminder)) == 60


def test_a_run_that_loses_one_rung_to_another_looks_again_and_drops_the_whole_message(own_store: Store) -> None:
    some_customers(own_store, 1)
    with own_store.session() as other, ThreadPoolExecutor(1) as pool:
        first = other.scalars(select(Invoice).order_by(Invoice.due_on.desc()).limit(1)).one()
        talk = Conversation(
            seller_id=first.seller_id,
            customer_id=first.customer_id,
            channel="chat",
            opened_at=MOMENT,
            updated_at=MOMENT,
        )
        other.add(talk)
        other.flush()
        message = Message(
            conversation_id=talk.id, direction="out", author="assistant", channel="email", text="-", delivery="sent",
            created_at=MOMENT,
        )  # fmt: skip
        other.add(message)
        other.flush()
        other.add(
            Reminder(
                invoice_id=first.id,
                customer_id=first.customer_id,
                message_id=message.id,
                rung="first",
                on=DAY,
                open_minor=1,
                created_at=MOMENT,
            )
        )
        other.flush()
        running = pool.submit(run_reminders, DAY, store=own_store)
        _until_somebody_waits(own_store)
        other.commit()
        (entry,) = running.result(timeout=30).entries
    assert {line.rung or (line.reason and line.reason.value) for line in entry.invoices} == {
        "second",
        "already_reminded",
    }
    with own_store.session() as session:
        written = session.scalars(select(Message).where(Message.purpose == "reminder")).one()
        assert first.number not in written.text


def _until_somebody_waits(store: Store) -> None:
    for _ in range(200):
        with store.session() as session:
            if session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.05)
    raise AssertionError("the run never came to the rung that is held")


def test_two_workers_and_the_sweep_send_a_message_once(own_store: Store) -> None:
    some_customers(own_store, 10)
    ids = [entry.message_id for entry in run_reminders(DAY, store=own_store).reminded if entry.message_id]
    taken: list[str] = []

    class Counting(Captured):
        def send(self, message: Outgoing) -> Answer:
            taken.append(str(message.message_id))
            return super().send(message)

    carriers = {"email": Counting()}
    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(deliver_queued, store=own_store, carriers=carriers)]
        work += [pool.submit(_deliver_all, own_store, carriers, ids) for _ in range(2)]
        for future in work:
            future.result(timeout=60)
    assert sorted(taken) == sorted(str(message_id) for message_id in ids)


def _deliver_all(store: Store, carriers: dict[str, Captured], ids: list[object]) -> int:
    return sum(deliver_message(message_id, store=store, carriers=carriers) == "sent" for message_id in ids)  # type: ignore[arg-type]
