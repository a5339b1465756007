"""One customer, or one seller, whose data cannot be read keeps nobody else's reminders back, and a person hears of it."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.run_due_reminders import run_due_reminders
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.reminders.runs import is_done
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

WEEK = timedelta(days=7)


@pytest.mark.parametrize("place", ["the first", "in the middle", "the last"])
def test_a_customer_the_run_breaks_on_keeps_nobody_else_from_being_written_to(
    store: Store, session: Session, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    seller = a_seller(session)
    at = {"the first": 0, "in the middle": 2, "the last": 4}[place]
    for n in range(5):
        odd = {"currency": "NLG", "name": "Bakkerij Gulden"} if n == at else {}
        customer = a_customer(session, seller, f"C{n}", email=f"c{n}@jansen.example", **odd)
        an_invoice(session, customer, f"INV-{n}", due_on=DAY - WEEK)
    session.commit()

    rehearsed = run_reminders(DAY, store=store, dry_run=True)
    assert (rehearsed.messages, len(rehearsed.unplanned)) == (4, 1)
    assert session.scalars(select(Task)).all() == []
    with caplog.at_level(logging.ERROR):
        run = run_reminders(DAY, store=store)
    assert run.messages == 4
    assert [one["broke"] for one in run.to_json()["unplanned"]] == ["UnknownCurrency"]
    written = session.scalars(select(Message.address).order_by(Message.address)).all()
    assert written == [f"c{n}@jansen.example" for n in range(5) if n != at]
    assert is_done(session, seller.id, DAY)
    (task,) = session.scalars(select(Task)).all()
    assert (task.kind, task.state, task.seller_id) == ("review", "open", seller.id)
    assert "Bakkerij Gulden" in task.why
    assert "UnknownCurrency" in task.why
    decision = session.scalars(select(ReminderDecision).where(ReminderDecision.reason == "unreadable")).one()
    assert (decision.customer_id, decision.on, decision.rung) == (task.customer_id, DAY, None)
    # The log names the customer by id and says nothing of theirs.
    assert "UnknownCurrency" in caplog.text
    assert "Gulden" not in caplog.text
    # The next run asks no second time.
    run_reminders(DAY, store=store)
    assert len(session.scalars(select(Task)).all()) == 1


def test_a_seller_whose_run_breaks_keeps_no_other_seller_from_reminding(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ref in ("aalbers", "bakker"):
        seller = a_seller(session, ref, email=f"info@{ref}.example")
        customer = a_customer(session, seller, email=f"ap@{ref}.example")
        an_invoice(session, customer, f"INV-{ref}", due_on=DAY - WEEK)
        if ref == "aalbers":
            seller.time_zone = "Mars/Base"
    session.commit()
    with pytest.raises(Exception, match="Mars/Base"):
        run_due_reminders(store=store)
    assert session.scalars(select(Message.address)).all() == ["ap@bakker.example"]
