"""What a customer thought of a person's help: asked once, heard where it is said, and never taken for a question."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.turn import House, answer_waiting, take_turn
from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.give_rating import NotAScore, NotAsked, RatedBefore, give_rating
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.resolve_conversation import resolve_conversation
from o2c_core.actions.take_over import take_over
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.rating import Rating
from o2c_core.conversations.rating_words import rating_in
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.test_cut_short import texted


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001")
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=5))
    session.commit()
    return jansen


def eva(store: Store) -> tuple[str, object]:
    user = add_user(NewUser("eva@vandijk.example", "Eva", "agent"), by="test", store=store)
    return "Eva", user.id


def helped_by_text(house: House, jansen: Customer, session: Session, *, ends: str = "resolve") -> Conversation:
    """Eva took a conversation by text over and ended her part of it."""
    texted(house, jansen, "Ik wil graag een medewerker spreken")
    talk = session.scalars(select(Conversation)).one()
    name, key = eva(house.store)
    take_over(talk.id, agent=name, agent_id=key, store=house.store)  # type: ignore[arg-type]
    end = resolve_conversation if ends == "resolve" else hand_back
    end(talk.id, agent=name, agent_id=key, store=house.store, asks_rating=True)  # type: ignore[arg-type, operator]
    session.expire_all()
    return talk


def ratings(session: Session) -> list[tuple[int | None, str | None]]:
    session.expire_all()
    return [(one.score, one.words) for one in session.scalars(select(Rating).order_by(Rating.id))]


@pytest.mark.parametrize(
    ("text", "score", "words"),
    [
        ("4", 4, None), (" 5! ", 5, None), ("5 top geholpen", 5, "top geholpen"), ("4/5, snel antwoord", 4, "snel antwoord"),
        ("5 van de 5", 5, None), ("vijf", 5, None), ("five stars", 5, None), ("1. slecht geholpen", 1, "slecht geholpen"),
        ("3 ⭐", 3, None), ("quatre", 4, None), ("5 out of 5", 5, None),
    ],
)  # fmt: skip
def test_one_figure_from_one_to_five_is_a_rating(text: str, score: int, words: str | None) -> None:
    said = rating_in(text)
    assert said is not None
    assert (said.score, said.words) == (score, words)


@pytest.mark.parametrize(
    "text",
    ["", "6", "0", "12", "-", "3 dozen kapot", "3 maart betaal ik", "2 facturen", "4, maar waarom zo laat?", "5 van 12 kapot",
     "een vraag", "4 Stück fehlen", "factuur 4", "4.50", "4,50", "1 240", "5 dagen", "vier is prima"],
)  # fmt: skip
def test_a_count_a_day_a_sum_or_a_question_is_no_rating(text: str) -> None:
    assert rating_in(text) is None


@given(st.text(max_size=60))
def test_whatever_is_written_a_rating_is_from_one_to_five(text: str) -> None:
    said = rating_in(text)
    assert said is None or 1 <= said.score <= 5


@pytest.mark.parametrize("ends", ["resolve", "hand_back"])
def test_a_figure_by_text_is_stored_as_the_rating_and_nothing_is_answered(
    house: House, jansen: Customer, session: Session, ends: str
) -> None:
    talk = helped_by_text(house, jansen, session, ends=ends)
    asked = session.scalars(select(Message).where(Message.purpose == "notice")).one()
    assert asked.text.endswith("Antwoord met een cijfer van 1 (niet goed) tot 5 (heel goed).")
    before = session.scalars(select(Message).where(Message.direction == "out")).all()
    answer_waiting(texted(house, jansen, "5 top geholpen"), house)
    assert ratings(session) == [(5, "top geholpen")]
    assert len(session.scalars(select(Message).where(Message.direction == "out")).all()) == len(before)
    # What only said the figure leaves nothing open behind.
    states = {one.id: one.state for one in session.scalars(select(Conversation))}
    assert states[talk.id] == ("closed" if ends == "resolve" else "open")
    assert all(state == "closed" for key, state in states.items() if key != talk.id)


def test_a_question_after_it_is_answered_and_is_no_rating(house: House, jansen: Customer, session: Session) -> None:
    helped_by_text(house, jansen, session)
    turn = answer_waiting(texted(house, jansen, "2 facturen staan er open toch?"), house)
    assert turn is not None
    assert turn.reply  # type: ignore[union-attr]
    assert ratings(session) == [(None, None)]


def test_nothing_is_heard_as_a_rating_that_nobody_asked_for(house: House, jansen: Customer, session: Session) -> None:
    answer_waiting(texted(house, jansen, "4"), house)
    assert ratings(session) == []


def test_after_three_days_a_figure_is_a_figure_again(
    house: House, jansen: Customer, session: Session, clock: MovableClock
) -> None:
    helped_by_text(house, jansen, session)
    clock.move(timedelta(days=3, minutes=1))
    answer_waiting(texted(house, jansen, "4"), house)
    assert ratings(session) == [(None, None)]


def test_while_something_else_is_asked_a_figure_answers_that(house: House, jansen: Customer, session: Session) -> None:
    helped_by_text(house, jansen, session, ends="hand_back")
    answer_waiting(texted(house, jansen, "Kunnen we in termijnen betalen?"), house)
    asks = session.scalars(select(Message).where(Message.purpose == "answer").order_by(Message.id.desc())).first()
    assert asks is not None
    assert asks.understanding.get("asks") or asks.understanding.get("offers")
    answer_waiting(texted(house, jansen, "3"), house)
    assert ratings(session) == [(None, None)]


def test_a_chat_is_thanked_for_its_figure(house: House, jansen: Customer, session: Session) -> None:
    def asked(text: str, talk: object = None) -> object:
        return take_turn(
            Incoming(jansen.seller_id, "chat", text, jansen.id, "proven", conversation_id=talk),
            house,  # type: ignore[arg-type]
        )

    talk = asked("Ik wil graag een medewerker spreken").conversation_id  # type: ignore[attr-defined]
    name, key = eva(house.store)
    take_over(talk, agent=name, agent_id=key, store=house.store)  # type: ignore[arg-type]
    hand_back(talk, agent=name, agent_id=key, store=house.store, asks_rating=True)  # type: ignore[arg-type]
    assert asked("4 snel", talk).reply == "Dank u, uw cijfer is genoteerd."  # type: ignore[attr-defined]
    assert ratings(session) == [(4, "snel")]
    assert "1.240,50" in asked("Wat staat er nog open?", talk).reply  # type: ignore[attr-defined]


def test_whoever_was_asked_lately_is_not_asked_again(house: House, jansen: Customer, session: Session) -> None:
    talk = helped_by_text(house, jansen, session, ends="hand_back")
    take_over(talk.id, agent="Eva", store=house.store)
    hand_back(talk.id, agent="Eva", store=house.store, asks_rating=True)
    assert len(ratings(session)) == 1


def test_a_rating_may_be_changed_for_an_hour(
    house: House, jansen: Customer, session: Session, clock: MovableClock
) -> None:
    talk = helped_by_text(house, jansen, session)
    give_rating(talk.id, 2, "traag", store=house.store)
    clock.move(timedelta(minutes=59))
    give_rating(talk.id, 4, store=house.store)
    assert ratings(session) == [(4, "traag")]
    clock.move(timedelta(minutes=2))
    give_rating(talk.id, 4, "traag", store=house.store)  # the same again changes nothing and is no error
    with pytest.raises(RatedBefore):
        give_rating(talk.id, 1, store=house.store)
    assert ratings(session) == [(4, "traag")]


@pytest.mark.parametrize("score", [0, 6, -1, True])
def test_a_score_outside_one_to_five_is_refused(house: House, jansen: Customer, session: Session, score: int) -> None:
    talk = helped_by_text(house, jansen, session)
    with pytest.raises(NotAScore):
        give_rating(talk.id, score, store=house.store)
    assert ratings(session) == [(None, None)]


def test_nobody_rates_what_was_not_asked(house: House, jansen: Customer, session: Session) -> None:
    texted(house, jansen, "Hallo")
    talk = session.scalars(select(Conversation)).one()
    with pytest.raises(NotAsked):
        give_rating(talk.id, 5, store=house.store)
