"""What finance reads of a month of conversations: how many, who answered, and how many reached a person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.turn import House, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.figures.reports import report_named
from tests.build import DAY, a_customer, a_seller


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), language="en")
    session.commit()
    return customer


def rows(session: Session, customer: Customer, days_later: int = 0) -> list[tuple[object, ...]]:
    found = report_named("conversations").rows(session, customer.seller_id, DAY + timedelta(days=days_later))
    return [tuple(row)[:7] for row in found]


def test_a_question_answered_and_one_for_a_person_are_counted_for_thirty_days(
    session: Session, house: House, customer: Customer, clock: MovableClock
) -> None:
    assert rows(session, customer) == []
    for words in ("What do I owe?", "I want to speak to a person"):
        take_turn(Incoming(customer.seller_id, "chat", words, customer.id, "proven"), house)
        clock.move(timedelta(minutes=5))
    assert rows(session, customer) == [("chat", "en", 2, 2, 2, 0, 1)]
    assert rows(session, customer, 29) == [("chat", "en", 2, 2, 2, 0, 1)]
    assert rows(session, customer, 30) == []
