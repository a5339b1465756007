"""A run that is started twice, killed, resumed, or started by the clock; and what it keeps of what it decided."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

import o2c_core.actions.run_reminders as the_action
from app.worker import make_worker
from o2c_core.actions.run_due_reminders import run_due_reminders
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.candidates import ladders_in_force, next_candidates
from o2c_core.reminders.planning import Plan
from o2c_core.reminders.reminder import Reminder, ReminderDecision, ReminderRun
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice
from tests.flows.reminding import CARRIERS


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_action, "CUSTOMERS_PER_BATCH", 2)


def who_owe(session: Session, customers: int, ref: str = "vandijk", **seller: object) -> None:
    of = a_seller(session, ref, **seller)
    for n in range(customers):
        an_invoice(session, a_customer(session, of, f"{ref}-{n}"), f"{ref}-{n}", due_on=DAY - timedelta(days=7))
    session.commit()


def the_run(session: Session) -> ReminderRun:
    session.expire_all()
    return session.scalars(select(ReminderRun)).one()


def written(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Message)) or 0


@pytest.mark.parametrize("in_full", [False, True])
@pytest.mark.parametrize("dies", ["before it writes", "after it wrote and before it commits"])
def test_a_run_that_is_killed_between_any_two_lines_loses_and_repeats_nothing(
    store: Store, session: Session, few_at_once: None, monkeypatch: pytest.MonkeyPatch, dies: str, in_full: bool
) -> None:
    who_owe(session, 7)
    place = "write_down" if dies == "before it writes" else "keep_decisions"
    real: Callable[..., Any] = getattr(the_action, place)
    times = iter(range(10))

    def killed_in_the_third(*args: Any, **named: Any) -> Any:
        if next(times) == 2:
            raise Killed
        return real(*args, **named)

    monkeypatch.setattr(the_action, place, killed_in_the_third)
    with pytest.raises(Killed):
        run_reminders(DAY, store=store, in_full=in_full)
    assert written(session) == 4
    assert the_run(session).state == "running"
    monkeypatch.setattr(the_action, place, real)
    rest = run_reminders(DAY, store=store, in_full=in_full)
    assert rest.messages == 3
    run = the_run(session)
    assert (run.state, run.counts["messages"], "taken" in run.counts) == ("done", 7, False)
    assert written(session) == session.scalar(select(func.count()).select_from(Reminder)) == 7
    assert session.scalar(select(func.count()).select_from(ReminderDecision)) == 7


def test_a_batch_another_worker_is_at_is_left_to_it(own_store: Store, few_at_once: None) -> None:
    with own_store.session() as session:
        who_owe(session, 4)
    first = the_action._OfSeller
    with own_store.session() as other:
        seller = the_action._sellers(own_store, None)[0]
        empty = the_action.RemindersRun(DAY, False)
        one = first(own_store, seller, DAY, None, empty, in_full=False, progress=None)
        with own_store.session() as session:
            the_action.begin_run(session, seller.id, DAY, own_store.clock.now())
            session.commit()
        (taken,) = one._take()
        assert the_action.is_ours(other, seller.id, DAY, taken)
        # Another worker starts meanwhile: it does what is left and leaves what is being done.
        assert run_reminders(DAY, store=own_store, in_full=False).messages == 2
        with own_store.session() as session:
            assert the_run(session).state == "running"
            assert the_run(session).counts["taken"]
    # The first has died; whoever comes next finishes it.
    assert run_reminders(DAY, store=own_store, in_full=False).messages == 2
    with own_store.session() as session:
        assert the_run(session).state == "done"
        assert written(session) == 4


def test_a_batch_that_goes_on_losing_steps_is_done_customer_by_customer(
    store: Store, session: Session, few_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    who_owe(session, 5)
    real = the_action.write_down
    tried: list[int] = []

    def loses_together(session: Session, seller: Seller, plans: Sequence[Plan], *rest: Any) -> Any:
        tried.append(len(plans))
        ids = real(session, seller, plans, *rest)
        if len(plans) == 2:
            raise the_action.AnotherRun
        return ids

    monkeypatch.setattr(the_action, "write_down", loses_together)
    run = run_reminders(DAY, store=store)
    assert tried == [2, 2, 2, 1, 1] * 2 + [1]
    assert (run.messages, run.overtaken, the_run(session).state) == (5, 0, "done")
    assert written(session) == session.scalar(select(func.count()).select_from(Reminder)) == 5


def test_who_is_somebody_elses_keeps_nobody_back_and_is_counted(
    own_store: Store, few_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_store.session() as session:
        who_owe(session, 5)
        by_number = select(Invoice.id).where(Invoice.number == "vandijk-2")
        invoice_id = session.scalars(by_number).one()
    real = the_action.write_down
    was_tried = 0

    def somebody_is_quicker(session: Session, seller: Seller, plans: Sequence[Plan], *rest: Any) -> Any:
        """Takes the step just before it is written, as often as it is, and gives it back when it was refused."""
        nonlocal was_tried
        if not any(claim.invoice_id == invoice_id for plan in plans for claim in plan.debt.facts.claims):
            return real(session, seller, plans, *rest)
        was_tried += 1
        with own_store.session() as other:
            invoice = other.get_one(Invoice, invoice_id)
            said = other.scalars(select(Message.id).limit(1)).one()
            step = Reminder(
                invoice_id=invoice_id, customer_id=invoice.customer_id, message_id=said, rung="first", on=DAY,
                open_minor=1, created_at=own_store.clock.now(),
            )  # fmt: skip
            other.add(step)
            other.commit()
            try:
                return real(session, seller, plans, *rest)
            finally:
                other.delete(step)
                other.commit()

    monkeypatch.setattr(the_action, "write_down", somebody_is_quicker)
    run = run_reminders(DAY, store=own_store)
    assert was_tried == 4
    assert (run.messages, run.overtaken, run.to_json()["overtaken"]) == (4, 1, 1)
    with own_store.session() as session:
        assert (the_run(session).state, the_run(session).counts["overtaken"]) == ("done", 1)
        assert written(session) == session.scalar(select(func.count()).select_from(Reminder)) == 4
    monkeypatch.setattr(the_action, "write_down", real)
    again = run_reminders(DAY, store=own_store)
    assert (again.messages, again.overtaken) == (1, 0)


def test_what_was_decided_is_kept_for_everybody_with_a_step_or_a_reason(store: Store, session: Session) -> None:
    seller = a_seller(session)
    for ref, due in (("reminded", 7), ("early", -20), ("disputed", 7), ("no-address", 7)):
        email = None if ref == "no-address" else "ap@jansen.example"
        invoice = an_invoice(
            session, a_customer(session, seller, ref, email=email), f"INV-{ref}", due_on=DAY - timedelta(days=due)
        )
        if ref == "disputed":
            a_dispute(session, invoice)
    session.commit()
    run_reminders(DAY, store=store)
    kept = {
        row.invoices[0]["number"]: (row.rung, row.reason, row.asked_minor, row.message_id is not None)
        for row in session.scalars(select(ReminderDecision))
    }
    assert kept == {
        "INV-reminded": ("first", None, 12_500, True),
        "INV-disputed": (None, "disputed", 0, False),
        "INV-no-address": (None, "no_address", 0, False),
    }
    decision = session.scalars(select(ReminderDecision).where(ReminderDecision.rung == "first")).one()
    assert decision.invoices == [
        {"number": "INV-reminded", "part": 0, "open_minor": 12_500, "asked_minor": 12_500, "rung": "first"}
    ]
    # A second run of the day says less, and unsays nothing.
    run_reminders(DAY, store=store)
    session.expire_all()
    assert session.scalars(select(ReminderDecision.rung).where(ReminderDecision.rung.is_not(None))).one() == "first"
    assert session.scalar(select(func.count()).select_from(ReminderDecision)) == 3


def test_a_message_later_the_same_day_is_added_to_what_was_decided(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=7))
    session.commit()
    run_reminders(DAY, store=store)
    an_invoice(session, customer, "INV-2", due_on=DAY - timedelta(days=14), total_minor=5_000)
    session.commit()
    run_reminders(DAY, store=store)
    decision = session.scalars(select(ReminderDecision)).one()
    assert (decision.rung, decision.asked_minor) == ("second", 17_500)
    assert [line["number"] for line in decision.invoices if line.get("rung")] == ["INV-1", "INV-2"]


def test_only_those_who_have_come_to_a_new_step_are_looked_at(store: Store, session: Session) -> None:
    seller = a_seller(session)
    due = {"due now": 7, "early": -20, "reminded": 7, "paid": 7}
    ids = {}
    for ref, days in due.items():
        customer = a_customer(session, seller, ref)
        ids[customer.id] = ref
        an_invoice(session, customer, ref, due_on=DAY - timedelta(days=days), paid_minor=12_500 if ref == "paid" else 0)
    session.commit()

    def candidates(after: int = 0) -> list[str]:
        day = DAY + timedelta(days=after)
        ladders = ladders_in_force(session, seller.id)
        return [ids[one] for one in next_candidates(session, seller.id, day, ladders, None, 10)]

    assert set(candidates()) == {"due now", "reminded"}
    run_reminders(DAY, store=store, seller_ref="vandijk", in_full=False)
    assert candidates() == []
    assert set(candidates(7)) == {"due now", "reminded"}
    assert "early" in candidates(17)


MORNING = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)


def test_every_seller_is_run_once_in_its_own_morning(store: Store, session: Session, clock: MovableClock) -> None:
    who_owe(session, 1, "ams")
    who_owe(session, 1, "nyc", country="US", time_zone="America/New_York")
    who_owe(session, 1, "hand", settings={"reminders": {"by_itself": False}})

    def at(moment: datetime) -> dict[str, int]:
        clock.move(moment - clock.now())
        return {ref: run.messages for ref, run in run_due_reminders(store=store).items()}

    assert at(MORNING - timedelta(minutes=15)) == {}
    assert at(MORNING) == {"ams": 1}
    assert at(MORNING + timedelta(minutes=15)) == {}
    assert at(datetime(2026, 3, 16, 13, 0, tzinfo=UTC)) == {"nyc": 1}
    assert at(MORNING + timedelta(days=1)) == {"ams": 0}


def test_a_morning_run_that_was_killed_is_finished_by_the_next_quarter(
    store: Store, session: Session, few_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    who_owe(session, 5)
    real = the_action.write_down
    calls: list[Sequence[Plan]] = []

    def dies(*args: Any) -> list[UUID | None]:
        calls.append(args[2])
        if len(calls) == 2:
            raise Killed
        return real(*args)

    monkeypatch.setattr(the_action, "write_down", dies)
    with pytest.raises(Killed):
        run_due_reminders(store=store)
    assert run_due_reminders(store=store)["vandijk"].messages == 3
    assert run_due_reminders(store=store) == {}
    assert written(session) == 5
    jobs = "SELECT sum(cardinality(string_to_array(args->>'message_ids', ','))) FROM procrastinate_jobs"
    assert session.scalar(text(jobs + " WHERE task_name = 'deliver_messages'")) == 5


def test_one_job_delivers_many_and_one_that_is_gone_keeps_nothing_back(store: Store, session: Session) -> None:
    who_owe(session, 3)
    run_reminders(DAY, store=store)
    query = "SELECT args->>'message_ids' FROM procrastinate_jobs WHERE task_name = 'deliver_messages'"
    (ids,) = session.scalars(text(query)).all()
    worker = make_worker("postgresql://nobody@localhost/nowhere", store, CARRIERS)
    assert worker.tasks["deliver_messages"](message_ids=f"{new_key()},{ids}") == {"not sent": 1, "sent": 3}
    assert set(session.scalars(select(Message.delivery))) == {"sent"}
