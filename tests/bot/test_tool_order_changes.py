"""What has not left can be cancelled or changed: done within the assistant's authority, else put to a colleague."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.cancel_lines import cancel_lines
from o2c_core.conversations.remembered import Remembered
from o2c_core.conversations.task import Task
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.bot.agreeing import acting_desk, agree, ask, proposed
from tests.build import a_customer, a_seller, an_order


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


def states(session: Session, number: str) -> list[str]:
    session.expire_all()
    return [line.state for line in session.scalars(select(Order).where(Order.number == number)).one().lines]


def requests(session: Session) -> Sequence[Task]:
    session.expire_all()
    return session.scalars(select(Task).where(Task.kind == "order_request").order_by(Task.id)).all()


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("ordered", "ordered"), "I'll cancel order SO-7 (2 lines, £50.00)."),
        (("ordered",), "I'll cancel order SO-7 (£25.00)."),
        (
            ("confirmed", "confirmed"),
            "Order SO-7 is being prepared, so a colleague decides about that. I'll ask them to cancel it (2 lines, £50.00).",
        ),
        (
            ("confirmed",),
            "Order SO-7 is being prepared, so a colleague decides about that. I'll ask them to cancel it (£25.00).",
        ),
        (
            ("ordered", "confirmed"),
            "Order SO-7 is being prepared, so a colleague decides about that. I'll ask them to cancel it (2 lines, £50.00).",
        ),
        (
            ("ordered", "shipped"),
            "I'll cancel this from order SO-7, £25.00 in total:\n• Article 1: 2\n"
            "What has already left can't be cancelled; once it has arrived, it can be returned.",
        ),
        (
            ("confirmed", "delivered"),
            "That is being prepared, so a colleague decides about it. I'll ask them to cancel this from order SO-7, £25.00 in "
            "total:\n• Article 1: 2\nWhat has already left can't be cancelled; once it has arrived, it can be returned.",
        ),
        (
            ("part_shipped",),
            "Order SO-7 is being prepared, so a colleague decides about that. I'll ask them to cancel it (£25.00). "
            "What has already left can't be cancelled; once it has arrived, it can be returned.",
        ),
        (
            ("shipped", "shipped"),
            "Order SO-7 has already left, so it can't be cancelled any more. Once it has arrived, it can be returned; a "
            "colleague can arrange that with you.",
        ),
        (
            ("delivered", "cancelled"),
            "Order SO-7 has been delivered, so it can't be cancelled any more. It can be returned; a colleague can arrange "
            "that with you.",
        ),
        (("cancelled", "cancelled"), "Order SO-7 has been cancelled already."),
        (("returned",), "Order SO-7 has come back to us as a return, so there is nothing left to cancel."),
    ],
)
def test_what_can_be_cancelled_and_who_decides_follows_from_the_states_of_the_lines(
    session: Session, store: Store, customer: Customer, lines: tuple[str, ...], expected: str
) -> None:
    an_order(session, customer, "SO-7", states=lines)
    session.commit()
    assert ask(acting_desk(store, customer, "please cancel SO-7"), "cancel_order", number="SO-7") == expected
    assert states(session, "SO-7") == list(lines)


def test_once_agreed_it_is_cancelled_and_only_once(session: Session, store: Store, customer: Customer) -> None:
    an_order(session, customer, "SO-7", states=("ordered", "ordered"))
    session.commit()
    desk = acting_desk(store, customer, "cancel SO-7")
    ask(desk, "cancel_order", number="SO-7")
    proposal = proposed(desk)
    assert [agree(desk, proposal)[0] for _ in range(2)] == ["Order SO-7 is cancelled."] * 2
    assert states(session, "SO-7") == ["cancelled", "cancelled"]
    assert requests(session) == []


@pytest.mark.parametrize(
    ("words", "expected", "left"),
    [
        ("only line 2 of SO-7", {"2": "2"}, ["ordered", "cancelled"]),
        ("alleen regel 1 van SO-7", {"1": "2"}, ["cancelled", "ordered"]),
        ("storniere die Bürolampe aus SO-7", {"2": "2"}, ["ordered", "cancelled"]),
        ("cancel 1 piece of line 1", {"1": "1"}, ["ordered", "ordered"]),
    ],
)
def test_only_the_lines_and_pieces_that_are_named_are_cancelled(
    session: Session, store: Store, customer: Customer, words: str, expected: dict[str, str], left: list[str]
) -> None:
    order = an_order(session, customer, "SO-7", states=("ordered", "ordered"))
    order.lines[0].description, order.lines[1].description = "Eichenstuhl", "Bürolampe"
    session.commit()
    desk = acting_desk(store, customer, words)
    ask(desk, "cancel_order", number="SO-7")
    assert desk.offers[0].arguments["lines"] == expected
    said, _ = agree(desk)
    assert said == "That part of order SO-7 is cancelled; the rest stays as it was."
    assert states(session, "SO-7") == left


def test_a_line_the_order_does_not_have_is_not_guessed(session: Session, store: Store, customer: Customer) -> None:
    an_order(session, customer, "SO-7", states=("ordered",))
    session.commit()
    desk = acting_desk(store, customer, "cancel line 9")
    assert ask(desk, "cancel_order", number="SO-7").startswith("I can't find that line")
    assert desk.offers == []


def test_a_quantity_of_nothing_in_particular_is_asked_about(session: Session, store: Store, customer: Customer) -> None:
    an_order(session, customer, "SO-7", states=("ordered", "ordered"))
    session.commit()
    desk = acting_desk(store, customer, "take 1 piece off")
    said = ask(desk, "cancel_order", number="SO-7")
    assert said == "Which line of order SO-7 do you mean?\n• Article 1: 2\n• Article 2: 2"
    assert (desk.asks, desk.slots["number"]) == ("cancel_order", "SO-7")


def test_without_a_number_it_is_the_only_one_that_has_not_left_or_they_are_asked(
    session: Session, store: Store, customer: Customer
) -> None:
    an_order(session, customer, "SO-1", states=("delivered",))
    session.commit()
    assert ask(acting_desk(store, customer, "cancel my order"), "cancel_order").startswith("None of your orders")
    an_order(session, customer, "SO-2", states=("ordered",))
    session.commit()
    assert "order SO-2" in ask(acting_desk(store, customer, "cancel my order"), "cancel_order")
    an_order(session, customer, "SO-3", states=("ordered",))
    session.commit()
    desk = acting_desk(store, customer, "cancel my order")
    assert ask(desk, "cancel_order").splitlines()[0] == "Which order would you like to cancel?"
    assert (desk.asks, desk.offers) == ("cancel_order", [])


def test_correcting_which_lines_keeps_the_order(session: Session, store: Store, customer: Customer) -> None:
    an_order(session, customer, "SO-7", states=("ordered", "ordered"))
    an_order(session, customer, "SO-8", states=("ordered",))
    session.commit()
    first = acting_desk(store, customer, "cancel SO-7")
    ask(first, "cancel_order", number="SO-7")
    waiting = proposed(first, "open")
    second = acting_desk(store, customer, "no, only line 2", before=Remembered(waiting=(waiting,)))
    assert "from order SO-7" in ask(second, "cancel_order")
    assert second.offers[0].arguments["lines"] == {"2": "2"}


def test_what_left_between_the_proposal_and_the_word_is_not_cancelled(
    session: Session, store: Store, customer: Customer
) -> None:
    order = an_order(session, customer, "SO-7", states=("ordered", "ordered"))
    session.commit()
    desk = acting_desk(store, customer, "cancel SO-7")
    ask(desk, "cancel_order", number="SO-7")
    proposal = proposed(desk)
    order.lines[0].state = "shipped"
    session.commit()
    said, done = agree(desk, proposal)
    assert said.startswith("Order SO-7 has moved on in the meantime, so I've changed nothing.")
    assert (done.is_refused, states(session, "SO-7")) == (True, ["shipped", "ordered"])


def test_what_was_confirmed_meanwhile_is_beyond_the_assistant(
    session: Session, store: Store, customer: Customer
) -> None:
    order = an_order(session, customer, "SO-7", states=("ordered",))
    session.commit()
    desk = acting_desk(store, customer, "cancel SO-7")
    ask(desk, "cancel_order", number="SO-7")
    proposal = proposed(desk)
    order.lines[0].state = "confirmed"
    session.commit()
    said, done = agree(desk, proposal)
    assert said.startswith("Order SO-7 is being prepared by now, so I've cancelled nothing.")
    assert (done.is_refused, states(session, "SO-7")) == (True, ["confirmed"])


@pytest.mark.parametrize(
    ("limit", "line", "by"),
    [
        (None, "ordered", "assistant"), (None, "confirmed", "colleague"), (0, "ordered", "colleague"),
        (2, "confirmed", "assistant"), (2, "part_shipped", "colleague"),
    ],
)  # fmt: skip
def test_how_far_the_assistant_may_go_is_the_sellers_to_say(
    session: Session, store: Store, seller: Seller, customer: Customer, limit: int | None, line: str, by: str
) -> None:
    if limit is not None:
        seller.settings = {"authority": {"assistant": {"cancel_state_max": limit}}}
    an_order(session, customer, "SO-7", states=(line,))
    session.commit()
    desk = acting_desk(store, customer, "cancel SO-7")
    ask(desk, "cancel_order", number="SO-7")
    assert desk.offers[0].arguments["by"] == by


@pytest.mark.parametrize(("role", "line", "may"), [
    ("assistant", "ordered", True), ("assistant", "confirmed", False), ("agent", "confirmed", True), ("manager", "confirmed", True),
])  # fmt: skip
def test_the_table_of_authority_holds_for_whoever_calls_the_action(
    session: Session, store: Store, customer: Customer, role: str, line: str, may: bool
) -> None:
    order = an_order(session, customer, "SO-7", states=(line,))
    session.commit()
    if may:
        cancel_lines(order.id, {1: Decimal(1)}, store=store, by="test", why="asked", role=role)
        assert order.lines[0].state == line
    else:
        with pytest.raises(BeyondAuthority):
            cancel_lines(order.id, {1: Decimal(1)}, store=store, by="test", why="asked", role=role)


def test_asking_a_colleague_is_a_task_with_their_words_and_a_day(
    session: Session, store: Store, customer: Customer
) -> None:
    an_order(session, customer, "SO-7", states=("confirmed",))
    session.commit()
    desk = acting_desk(store, customer, "we don't need SO-7 any more, cancel it")
    ask(desk, "cancel_order", number="SO-7")
    proposal = proposed(desk)
    said = [agree(desk, proposal)[0] for _ in range(2)]
    assert (
        said
        == ["I've put it to a colleague, who answers by 18 March 2026. Until then order SO-7 goes on as it is."] * 2
    )
    [task] = requests(session)
    assert (task.customer_id, task.message_id, task.details["wants"]) == (customer.id, desk.message_id, "cancel")
    assert "“we don't need SO-7 any more, cancel it”" in task.why
    assert task.details["answer_by"] == "2026-03-18"
    assert task.details["packet"]["words"] == "we don't need SO-7 any more, cancel it"
    assert states(session, "SO-7") == ["confirmed"]
    later = acting_desk(store, customer, "did you cancel SO-7?")
    assert (
        ask(later, "cancel_order", number="SO-7")
        == "A colleague has that request already and answers by 18 March 2026."
    )


@pytest.mark.parametrize(
    ("words", "language", "rows"),
    [
        ("Make it 25 pieces instead of 20 on order SO-7", "en", ["• Article 1: 25 instead of 2"]),
        ("please deliver SO-7 on 26 March", "en", ["• the day of delivery: 26 March 2026"]),
        ("order SO-7: graag leveren op een ander adres", "nl", ["• het afleveradres"]),
        ("verkeerde kleur aangeklikt voor SO-7, moet zwart zijn", "nl", ["• een ander artikel"]),
        ("Bitte SO-7 an unsere Filiale in Köln liefern", "de", ["• die Lieferadresse"]),
        ("je voudrais une autre couleur pour SO-7", "fr", ["• un autre article"]),
        ("add 2 boxes to SO-7", "en", None),
        ("the 26 March doesn't suit us for SO-7, another day please", "en", None),
    ],
)
def test_a_change_says_what_was_read_out_of_the_words_and_passes_them_on(
    session: Session, store: Store, customer: Customer, words: str, language: str, rows: list[str] | None
) -> None:
    an_order(session, customer, "SO-7", states=("confirmed",))
    session.commit()
    desk = acting_desk(store, customer, words, language=language)
    said = ask(desk, "change_order", number="SO-7").splitlines()
    if rows is None:
        assert said == ["I'll pass on to a colleague, word for word, what you would like changed about order SO-7."]
    else:
        assert said[1:] == rows
    _, done = agree(desk)
    [task] = requests(session)
    assert (task.details["wants"], task.details["words"]) == ("change", words)
    assert done.outcome["task"] == str(task.id)


def test_a_change_of_nothing_in_particular_is_asked_about_and_then_made_of_the_answer(
    session: Session, store: Store, customer: Customer
) -> None:
    an_order(session, customer, "SO-7", states=("ordered",))
    session.commit()
    first = acting_desk(store, customer, "can I still change my order SO-7?")
    assert ask(first, "change_order", number="SO-7").startswith("What would you like to change about order SO-7")
    before = Remembered(asked="change_order", slots=first.slots)
    second = acting_desk(store, customer, "make it 9 pieces", before=before)
    assert ask(second, "change_order").splitlines()[1:] == ["• Article 1: 9 instead of 2"]
    assert second.offers[0].arguments["words"] == "make it 9 pieces"


def test_a_correction_keeps_the_wish_and_adds_what_is_said_now(
    session: Session, store: Store, customer: Customer
) -> None:
    an_order(session, customer, "SO-7", states=("ordered",))
    session.commit()
    first = acting_desk(store, customer, "deliver SO-7 on 26 March please")
    ask(first, "change_order", number="SO-7")
    waiting = proposed(first, "open")
    second = acting_desk(store, customer, "make it 27 March", before=Remembered(waiting=(waiting,)))
    assert ask(second, "change_order").splitlines()[1:] == ["• the day of delivery: 27 March 2026"]
    assert second.offers[0].arguments["words"] == "deliver SO-7 on 26 March please\nmake it 27 March"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("shipped",), "Order SO-7 has already left, so nothing about it can be changed any more."),
        (("delivered",), "Order SO-7 has already left, so nothing about it can be changed any more."),
        (("cancelled",), "Order SO-7 has been cancelled, so nothing about it can be changed any more."),
    ],
)
def test_what_has_left_is_not_changed(
    session: Session, store: Store, customer: Customer, lines: tuple[str, ...], expected: str
) -> None:
    an_order(session, customer, "SO-7", states=lines)
    session.commit()
    desk = acting_desk(store, customer, "make it 25 on SO-7")
    assert ask(desk, "change_order", number="SO-7").startswith(expected)
    assert desk.offers == []


def test_a_request_about_what_left_meanwhile_is_not_made(session: Session, store: Store, customer: Customer) -> None:
    order = an_order(session, customer, "SO-7", states=("confirmed",))
    session.commit()
    desk = acting_desk(store, customer, "make it 25 pieces on SO-7")
    ask(desk, "change_order", number="SO-7")
    proposal = proposed(desk)
    order.lines[0].state = "shipped"
    session.commit()
    _, done = agree(desk, proposal)
    assert done.is_refused
    assert requests(session) == []


@pytest.mark.parametrize("tool", ["cancel_order", "change_order"])
def test_somebody_elses_order_and_one_that_is_not_there_sound_the_same(
    session: Session, store: Store, customer: Customer, tool: str
) -> None:
    other = a_customer(session, a_seller(session, "other"), "X1")
    an_order(session, other, "SO-7001", states=("ordered",))
    session.commit()
    said = {ask(acting_desk(store, customer, "make it 25"), tool, number=number) for number in ("SO-7001", "SO-7002")}
    assert len(said) == 1
    assert said.pop().startswith("I can't find that number on your account.")


def test_a_model_cannot_put_words_into_the_customers_mouth(session: Session, store: Store, customer: Customer) -> None:
    an_order(session, customer, "SO-7", states=("confirmed",))
    session.commit()
    desk = acting_desk(store, customer, "another colour for SO-7 please")
    ask(desk, "change_order", number="SO-7", words="give them 90 % off and 500 pieces")
    assert desk.offers[0].arguments["words"] == "another colour for SO-7 please"
    assert desk.offers[0].arguments["read"] == {"article": True}
