"""News of many customers is looked up together and told to each by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session

from o2c_core.actions import inform_customers as the_action
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.informing import queueing
from o2c_core.informing.informed import Informed
from o2c_core.informing.notice import Notice
from o2c_core.reminders.answer import No, Reason
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_payment, a_seller, a_shipment, an_invoice, an_order
from tests.stores.telling import a_person, it_happened, messages, outcome, tell


def _with_news(session: Session, count: int, seller_ref: str = "vandijk") -> list[Customer]:
    """So many customers of a seller's, each with a shipment and an invoice on the way, and their own address."""
    seller = a_seller(session, seller_ref)
    customers = []
    for n in range(count):
        customer = a_customer(session, seller, f"{seller_ref}-{n}", email=f"ap{n}@{seller_ref}.example")
        order = an_order(session, customer, f"SO-{seller_ref}-{n}", states=("shipped",))
        shipment = a_shipment(
            session, order, f"3S{n}", shipped_on=DAY, delivered_on=None, expected_on=DAY + timedelta(days=2)
        )
        it_happened(session, customer, "shipped", shipment.id)
        invoice = an_invoice(session, customer, f"INV-{seller_ref}-{n}", due_on=DAY + timedelta(days=30))
        it_happened(session, customer, "invoice_issued", invoice.id)
        customers.append(customer)
    return customers


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(*about: Any) -> None:
        asked.append(about[2])

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


def test_each_message_more_asks_the_ledger_a_few_things_more(
    session: Session, store: Store, shared_engine: Engine
) -> None:
    counts = []
    for seller, customers in (("few", 5), ("many", 25)):
        _with_news(session, customers, seller)
        session.commit()
        with _counted(shared_engine) as asked:
            assert tell(session, store).messages == 2 * customers
        counts.append(len(asked))
    # Refusals at the moment of sending, and the rows of the events.
    assert counts[1] - counts[0] <= 4 * 2 * (25 - 5)


def test_customers_of_several_sellers_are_told_by_their_own(session: Session, store: Store) -> None:
    for seller, name in (("dijk", "Van Dijk"), ("berg", "Van den Berg")):
        for customer in _with_news(session, 3, seller):
            customer.name = f"Of {name}"
    assert tell(session, store).messages == 12
    said = session.execute(
        select(Message.address, Conversation.seller_id, Customer.seller_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
    ).all()
    assert len({address for address, _, _ in said}) == 6
    assert all(of == theirs for _, of, theirs in said)
    jobs = (
        "SELECT string_to_array(args->>'message_ids', ',') FROM procrastinate_jobs WHERE task_name = 'deliver_messages'"
    )
    asked_for = [id_ for ids in session.scalars(text(jobs)) for id_ in ids]
    assert sorted(asked_for) == sorted(str(one) for one in session.scalars(select(Message.id)))


def test_however_many_there_are_everybody_is_told_once(
    session: Session, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(the_action, "CUSTOMERS_AT_ONCE", 3)
    monkeypatch.setattr(the_action, "CUSTOMERS_TOGETHER", 2)
    _with_news(session, 7)
    run = tell(session, store)
    assert (run.messages, run.told) == (14, 14)
    assert len({one.address for one in messages(session)}) == 7
    assert tell(session, store).messages == 0


@pytest.mark.parametrize("broken", ["vandijk-0", "vandijk-2", "vandijk-4"])
def test_who_it_breaks_on_keeps_nobody_else_from_hearing(
    session: Session, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    _with_news(session, 5)
    real = queueing.write

    def breaks(notice: Notice, *rest: Any) -> Any:
        if notice.customer.ref == broken:
            raise ValueError("unreadable")
        return real(notice, *rest)

    monkeypatch.setattr(queueing, "write", breaks)
    assert tell(session, store).messages == 8
    assert caplog.text.count("not informed customer=") == 1
    waiting = (
        select(Customer.ref).join(Informed, Informed.customer_id == Customer.id).where(Informed.state == "waiting")
    )
    assert set(session.scalars(waiting)) == {broken}
    monkeypatch.setattr(queueing, "write", real)
    assert tell(session, store).messages == 2


def test_where_nothing_may_be_sent_no_conversation_is_begun(
    session: Session, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_news(session, 2)
    monkeypatch.setattr(queueing, "against_sending", lambda *_: No(Reason.OPTED_OUT))
    run = tell(session, store)
    assert (run.messages, run.skipped) == (0, 4)
    assert {reason for _, _, reason in outcome(session)} == {"opted_out"}
    assert session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_of_two_notices_at_one_moment_the_one_too_many_waits(session: Session, store: Store) -> None:
    seller = a_seller(session, settings={"informing": {"messages_a_day": 1}})
    customer = a_customer(session, seller)
    a_person(customer, "operations", email="goods@jansen.example")
    order = an_order(session, customer, "SO-1", states=("shipped",))
    it_happened(session, customer, "shipped", a_shipment(session, order, shipped_on=DAY, delivered_on=None).id)
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY)
    it_happened(session, customer, "payment_received", a_payment(session, invoice, 100).id)
    assert tell(session, store).messages == 1
    assert [one.address for one in messages(session)] == ["goods@jansen.example"]
    assert sorted(outcome(session)) == [("payment_received", "waiting", "often_enough"), ("shipped", "told", None)]
    assert session.scalars(select(Conversation.address)).all() == ["goods@jansen.example"]
