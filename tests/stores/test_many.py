"""Rows of many ids are asked for with one parameter, however many there are."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.store.many import is_one_of
from tests.build import MOMENT, a_customer, a_seller


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ""),
        ("A", "A"),
        ("C A", "A C"),
        ("A A B", "A B"),
    ],
)
def test_exactly_those_rows_are_found(session: Session, asked: str, found: str) -> None:
    seller = a_seller(session)
    ids = {ref: a_customer(session, seller, ref).id for ref in "ABC"}
    query = (
        select(Customer.ref).where(is_one_of(Customer.id, (ids[ref] for ref in asked.split()))).order_by(Customer.ref)
    )
    assert " ".join(session.scalars(query)) == found


def test_more_ids_than_a_statement_takes_parameters_are_one_parameter(session: Session) -> None:
    there = a_customer(session, a_seller(session))
    query = select(Customer.id).where(is_one_of(Customer.id, [*(new_key() for _ in range(70_000)), there.id]))
    assert session.scalars(query).all() == [there.id]
    assert len(query.compile(dialect=postgresql.dialect()).params) == 1


def test_nobody_is_not_one_of_them(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    for whose in (customer.id, None):
        session.add(
            Conversation(
                seller_id=customer.seller_id, customer_id=whose, channel="chat", opened_at=MOMENT, updated_at=MOMENT
            )
        )
    session.flush()
    found = session.scalars(select(Conversation.customer_id).where(is_one_of(Conversation.customer_id, [customer.id])))
    assert found.all() == [customer.id]
