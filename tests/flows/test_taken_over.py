"""What is said to a person is not heard by the assistant afterwards, and nobody is called twice for what a person has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.turn import House, answer_waiting
from o2c_core.actions.call_person import call_person
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.lapse_proposals import lapse_proposals
from o2c_core.actions.pick_up_unanswered import pick_up_unanswered
from o2c_core.actions.take_over import take_over
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.test_cut_short import PROMISE, texted

COMPLAINT = "Ik heb een klacht: de chauffeur was heel onbeschoft tegen mijn personeel."


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001")
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=5))
    session.commit()
    return jansen


def thread_of(session: Session) -> Conversation:
    session.expire_all()
    return session.scalars(select(Conversation)).one()


def deliveries(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    query = select(Message.purpose, Message.delivery).where(Message.direction == "out").order_by(Message.id)
    return [(purpose, delivery) for purpose, delivery in session.execute(query)]


@pytest.mark.parametrize("told", [PROMISE, COMPLAINT])
def test_a_yes_to_an_agent_is_never_carried_out_by_the_assistant(
    house: House, jansen: Customer, session: Session, clock: MovableClock, told: str
) -> None:
    answer_waiting(texted(house, jansen, told), house)
    thread = thread_of(session).id
    take_over(thread, agent="Eva", store=house.store)
    [lapsed] = session.scalars(select(Proposal))
    assert lapsed.state == "lapsed"
    to_agent = texted(house, jansen, "ja graag")
    assert answer_waiting(to_agent, house) is None
    hand_back(thread, agent="Eva", store=house.store)
    clock.move(timedelta(minutes=30))
    assert pick_up_unanswered(store=house.store) == ([], [])
    assert answer_waiting(to_agent, house) is None
    answer_waiting(texted(house, jansen, "ja graag"), house)
    assert session.scalar(select(func.count()).select_from(Promise)) == 0
    clock.move(timedelta(days=6))
    assert lapse_proposals(store=house.store) == 0
    assert session.scalars(select(Handoff)).all() == []


def test_what_the_assistant_had_queued_is_withdrawn_and_a_reminder_in_the_thread_is_not(
    house: House, jansen: Customer, session: Session
) -> None:
    answer_waiting(texted(house, jansen, PROMISE), house)
    thread = thread_of(session)
    session.add(
        Message(
            conversation_id=thread.id,
            direction="out",
            author="assistant",
            purpose="reminder",
            channel="sms",
            text="…",
            delivery="queued",
            created_at=house.store.clock.now(),
        )
    )
    session.commit()
    take_over(thread.id, agent="Eva", store=house.store)
    assert deliveries(session) == [("answer", "withdrawn"), ("reminder", "queued")]


def test_calling_a_person_who_is_there_already_calls_nobody_else(
    house: House, jansen: Customer, session: Session
) -> None:
    answer_waiting(texted(house, jansen, "Ik wil graag een medewerker spreken"), house)
    thread = thread_of(session)
    assert thread.state == "waiting"
    take_over(thread.id, agent="Eva", store=house.store)
    call_person(thread.id, "unconfirmed", store=house.store)
    after = thread_of(session)
    assert (after.state, after.speaker) == ("open", "agent")
    assert all(one.ended_at is not None for one in session.scalars(select(Handoff)))
    hand_back(thread.id, agent="Eva", store=house.store)
    back = thread_of(session)
    assert (back.state, back.handoff_reason, back.introduced) == ("open", None, False)
    answer_waiting(texted(house, jansen, "Ik wil toch weer een medewerker spreken"), house)
    assert thread_of(session).state == "waiting"
    assert [one.ended_by for one in session.scalars(select(Handoff).order_by(Handoff.id))][-1] is None
