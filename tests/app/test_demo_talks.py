"""The demo begins with conversations in which everything that can come of one can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app.demo import cast
from app.demo.history import write_history
from app.demo.stage import TIME_ZONE
from app.demo.talks import COLLEAGUE, TALKS, hold_talks
from o2c_core.cases.complaint import Complaint
from o2c_core.clock import MovableClock, today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine

# A Monday at noon; a Sunday night just after New Year; a moment after midnight.
MOMENTS = [
    datetime(2026, 3, 16, 11, tzinfo=UTC),
    datetime(2027, 1, 3, 22, 30, tzinfo=UTC),
    datetime(2026, 6, 29, 22, 5, tzinfo=UTC),
]


@pytest.fixture(scope="module", params=MOMENTS, ids=str)
def demo(request: pytest.FixtureRequest, shared_engine: Engine) -> Iterator[tuple[Session, datetime]]:
    now = request.param
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        store = Store(sessions, MovableClock(now))
        write_history(store=store, today=today(store.clock, TIME_ZONE))
        hold_talks(store=store)
        with sessions() as session:
            yield session, now
        outer.rollback()


def talk_of(session: Session, ref: str | None) -> Conversation:
    query = select(Conversation).outerjoin(Customer).where(Conversation.channel == "chat", Customer.ref == ref)
    return session.scalars(query).one()


def test_people_wait_in_every_urgency_and_their_packets_say_why(demo: tuple[Session, datetime]) -> None:
    session, now = demo
    waiting = list(session.scalars(select(Handoff).where(Handoff.ended_at.is_(None))))
    assert Counter(one.urgency for one in waiting) == {"now": 1, "today": 2, "normal": 2}
    for one in waiting:
        packet = one.packet
        assert packet["words"], one.reason
        assert packet["customer"], one.reason
        assert packet["at_stake"], one.reason
        assert one.called_at <= now


def test_one_thing_was_done_one_declined_and_one_waits_for_the_customer(demo: tuple[Session, datetime]) -> None:
    session, _ = demo
    for ref, kind, state in (
        (cast.TWO_CONTACTS, "complaint", "done"),
        (cast.OVERPAYS, "statement", "declined"),
        (cast.PAYS_IN_PARTS, "invoice_copy", "open"),
    ):
        talk = talk_of(session, ref)
        (proposal,) = session.scalars(select(Proposal).where(Proposal.conversation_id == talk.id))
        assert (proposal.kind, proposal.state) == (kind, state)
    done = talk_of(session, cast.TWO_CONTACTS)
    complaint = session.scalars(select(Complaint).where(Complaint.customer_id == done.customer_id)).one()
    said = [one.text for one in session.scalars(select(Message).where(Message.conversation_id == done.id))]
    assert any(complaint.number in text for text in said)


def test_a_colleague_stepped_in_and_the_assistant_went_on(demo: tuple[Session, datetime]) -> None:
    session, _ = demo
    talk = talk_of(session, cast.TWO_CONTACTS)
    assert (talk.speaker, talk.introduced) == ("assistant", False)
    lines = session.scalars(select(TrailLine).where(TrailLine.subject_id == talk.id).order_by(TrailLine.id))
    assert [(line.what, line.who) for line in lines] == [("taken over", COLLEAGUE), ("handed back", COLLEAGUE)]


def test_every_talk_is_in_order_in_the_past_and_answered(demo: tuple[Session, datetime]) -> None:
    session, now = demo
    for talk in TALKS:
        thread = talk_of(session, talk.ref)
        query = select(Message).where(Message.conversation_id == thread.id).order_by(Message.id)
        messages = [one for one in session.scalars(query) if one.author in ("customer", "assistant")]
        assert [one.author for one in messages] == ["customer", "assistant"] * len(talk.says)
        assert [one.text for one in messages[::2]] == list(talk.says)
        moments = [one.created_at for one in messages]
        assert moments == sorted(moments)
        assert moments[-1] < now


def test_nobody_unknown_is_told_anything_about_a_customer(demo: tuple[Session, datetime]) -> None:
    session, _ = demo
    query = select(Message).where(Message.conversation_id == talk_of(session, None).id, Message.direction == "out")
    for answer in session.scalars(query):
        assert not any(sign in answer.text for sign in ("£", "€", "INV-", "Hart"))
