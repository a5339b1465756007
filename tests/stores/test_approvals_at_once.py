"""Several people who decide about the same reminders at the same instant: one wins, and the others are told who."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

from sqlalchemy import func, select, text

from o2c_core.actions.approve_reminders import Approved, approve_reminders
from o2c_core.actions.skip_reminder import skip_reminder
from o2c_core.conversations.message import Message
from o2c_core.reminders.drafts import NotADraft
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.drafts import drafts

LATE = DAY - timedelta(days=14)
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "SEK", "DKK")


def test_of_two_who_decide_at_the_same_instant_one_wins_and_the_other_is_told_who(own_store: Store) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "K1", language="en", country="GB")
        for number in range(6):
            an_invoice(session, customer, f"F-{number}", due_on=LATE, currency=CURRENCIES[number])
        session.commit()
        ids = [one.id for one in drafts(own_store, session)]
    start = Barrier(3)

    def approve(by: str) -> list[Approved]:
        start.wait(timeout=10)
        return approve_reminders(ids, by=by, role="finance", store=own_store)

    def skip() -> list[str]:
        start.wait(timeout=10)
        return [skipped_or_told(own_store, one) for one in reversed(ids)]

    with ThreadPoolExecutor(3) as pool:
        first, second, third = pool.submit(approve, "Mira"), pool.submit(approve, "Tom"), pool.submit(skip)
        approvals, skips = (
            [first.result(60), second.result(60)],
            dict(zip(reversed(ids), third.result(60), strict=True)),
        )
    with own_store.session() as session:
        for mira, tom in zip(*approvals, strict=True):
            message = session.get_one(Message, mira.message_id)
            told = {"Mira": mira, "Tom": tom}
            won = [by for by, one in told.items() if one.outcome == "approved"]
            if skips[message.id] == "skipped":
                assert (won, message.delivery) == ([], "withdrawn")
                assert {one.outcome for one in told.values()} == {"gone"}
                assert all("Ann skipped it" in one.sentence for one in told.values())
                continue
            assert (won, message.delivery) == ([message.approved_by], "queued")
            (lost,) = [one for by, one in told.items() if by not in won]
            assert (lost.outcome, f"{won[0]} approved it on" in lost.sentence) == ("gone", True)
            assert f"{won[0]} approved it on" in skips[message.id]
            noted = select(func.count()).where(
                TrailLine.message_id == message.id, TrailLine.what == "reminder approved"
            )
            assert session.scalar(noted) == 1
            asked_for = text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'message_id' = :id")
            assert session.scalar(asked_for, {"id": str(message.id)}) == 1


def skipped_or_told(store: Store, message_id: UUID) -> str:
    try:
        skip_reminder(message_id, why="spoke to them", by="Ann", role="finance", store=store)
    except NotADraft as faster:
        return faster.sentence
    return "skipped"
