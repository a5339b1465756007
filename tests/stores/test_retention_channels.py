"""What the channels leave behind goes when it has been kept long enough, and nothing before that."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.apply_retention import apply_retention
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller

AT = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def message(session: Session) -> Message:
    customer = a_customer(session, a_seller(session))
    conversation = Conversation(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        channel="email",
        identity="proven",
        opened_at=AT,
        updated_at=AT,
    )
    session.add(conversation)
    session.flush()
    message = Message(
        conversation_id=conversation.id, direction="in", author="customer", purpose="question", channel="email",
        address="ap@jansen.example", text="Wat staat er open?", delivery="received", created_at=AT,
    )  # fmt: skip
    session.add(message)
    session.flush()
    for kind, message_id, state in (
        ("message", message.id, "done"), ("word", message.id, "done"), ("word", None, "set_aside"), ("word", None, "waiting"),
    ):  # fmt: skip
        key = f"{kind} {message_id} {state}"
        session.add(
            Arrival(provider="sendgrid", kind=kind, channel="email", sender_key=key, raw=b"mail", state=state,
                    message_id=message_id, received_at=AT)
        )  # fmt: skip
    session.add(
        ReceivedFile(message_id=message.id, name="bewijs.pdf", media_type="application/pdf", claimed_type="application/pdf",
                     size=4, checksum="c", content=b"file", created_at=AT)
    )  # fmt: skip
    session.add(
        OneTimeCode(conversation_id=conversation.id, customer_id=customer.id, address_id=customer.contacts[0].addresses[0].id,
                    digest="d", created_at=AT, expires_at=AT)
    )  # fmt: skip
    for state in ("open", "done"):
        session.add(
            Task(kind="review", about=f"arrival {state}", state=state, seller_id=customer.seller_id, why="look", opened_at=AT,
                 done_at=AT if state == "done" else None)
        )  # fmt: skip
    session.commit()
    return message


@pytest.mark.parametrize(
    ("on", "gone"),
    [
        (date(2026, 2, 9), set()),
        (date(2026, 2, 10), {"code"}),
        (date(2026, 4, 10), {"code"}),
        (date(2026, 4, 11), {"code", "word done", "word set_aside"}),
        (date(2028, 1, 11), {"code", "word done", "word set_aside", "message done", "file", "task done"}),
    ],
)
def test_each_goes_when_its_own_period_is_over(
    session: Session, store: Store, message: Message, on: date, gone: set[str]
) -> None:
    everything = {
        "code", "word done", "word set_aside", "word waiting", "message done", "file", "task done", "task open"
    }  # fmt: skip
    apply_retention(on, store=store)
    session.expire_all()
    left = {f"{one.kind} {one.state}" for one in session.scalars(select(Arrival))}
    left |= {f"task {one.state}" for one in session.scalars(select(Task))}
    left |= {"file"} if session.scalars(select(ReceivedFile)).all() else set()
    left |= {"code"} if session.scalars(select(OneTimeCode)).all() else set()
    assert everything - left == gone
    assert session.scalars(select(Customer)).one()
