"""A provider that is down is left alone for a while, and what a model took is counted and kept."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.model.breaker import ABANDONED_MAX, FAILURES_MAX, PAUSE, PAUSE_MAX, Breaker
from bot.model.provider import needs_key, package_missing, provider_of
from bot.model.terms import Terms
from o2c_core.actions.note_model_calls import note_model_calls
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.conversations.model_call import ModelCall, Spent, spent
from o2c_core.conversations.received import Received
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller

NOW = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)


def down(times: int) -> Breaker:
    breaker = Breaker()
    for _ in range(times):
        breaker.failed(NOW)
    return breaker


@pytest.mark.parametrize(
    ("failures", "later", "may_ask"),
    [
        (0, timedelta(0), True),
        (FAILURES_MAX - 1, timedelta(0), True),
        (FAILURES_MAX, timedelta(0), False),
        (FAILURES_MAX, PAUSE - timedelta(seconds=1), False),
        (FAILURES_MAX, PAUSE, True),
        (FAILURES_MAX + 1, PAUSE, False),
        (FAILURES_MAX + 1, 2 * PAUSE, True),
        (FAILURES_MAX + 50, PAUSE_MAX - timedelta(seconds=1), False),
        (FAILURES_MAX + 50, PAUSE_MAX, True),
    ],
)
def test_it_is_left_alone_for_a_growing_while(failures: int, later: timedelta, may_ask: bool) -> None:
    assert down(failures).may_ask(NOW + later) == may_ask


def test_only_one_turn_tries_after_the_pause() -> None:
    breaker = down(FAILURES_MAX)
    assert [breaker.may_ask(NOW + PAUSE) for _ in range(3)] == [True, False, False]
    breaker.answered()
    assert [breaker.may_ask(NOW + PAUSE) for _ in range(3)] == [True, True, True]


def test_an_answer_between_failures_starts_the_count_anew() -> None:
    breaker = down(FAILURES_MAX - 1)
    breaker.answered()
    breaker.failed(NOW)
    assert breaker.may_ask(NOW)


def test_too_many_calls_that_hang_somewhere_stop_the_asking() -> None:
    breaker, end = Breaker(), threading.Event()
    for _ in range(ABANDONED_MAX):
        thread = threading.Thread(target=end.wait, daemon=True)
        thread.start()
        breaker.abandoned(thread)
    assert not breaker.may_ask(NOW)
    end.set()
    thread.join()
    assert breaker.may_ask(NOW)


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "micro"), [(1_000_000, 0, 2_500_000), (100, 10, 350), (1, 0, 2), (None, 10, None)]
)
def test_a_price_per_million_tokens_is_what_one_costs_in_millionths(
    tokens_in: int | None, tokens_out: int | None, micro: int | None
) -> None:
    assert Terms(price_in=Decimal("2.50"), price_out=Decimal(10)).cost_micro(tokens_in, tokens_out) == micro


def test_without_a_price_no_cost_is_made_up() -> None:
    assert Terms().cost_micro(100, 10) is None


@pytest.mark.parametrize(
    ("name", "address", "provider", "key"),
    [
        ("openai:gpt-x", None, "openai", True),
        ("anthropic:claude-x", None, "anthropic", True),
        ("ollama:llama3.1:8b", None, "ollama", False),
        ("ollama:llama3.1", "http://gpu:11434", "ollama", False),
        ("llama3.1:8b", "http://gpu:8000/v1", "openai", False),
        ("qwen", "http://gpu:8000/v1", "openai", False),
        ("openai:qwen", "http://gpu:8000/v1", "openai", False),
    ],
)
def test_a_name_tells_whose_model_it_is_and_whether_a_key_is_needed(
    name: str, address: str | None, provider: str, key: bool
) -> None:
    assert provider_of(name, address) == provider
    assert needs_key(name, address) == key


def test_openai_is_there_from_the_start() -> None:
    assert package_missing("openai:gpt-x", None) is None


@pytest.fixture
def received(session: Session, store: Store) -> Received:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return receive_message(Incoming(customer.seller_id, "terminal", "Hallo", customer.id, "proven"), store=store)


def a_call(received: Received, outcome: str = "answered", **fields: object) -> ModelCall:
    return ModelCall(**{
        "id": new_key(), "conversation_id": received.conversation.id, "message_id": received.message_id, "model": "stub",
        "outcome": outcome, "tokens_in": 100, "tokens_out": 10, "cost_micro": 350, "milliseconds": 5, "at": NOW,
    } | fields)  # fmt: skip


def test_what_a_conversation_took_is_added_up(store: Store, session: Session, received: Received) -> None:
    limit = a_call(received, "over_limit", tokens_in=None, tokens_out=None, cost_micro=None)
    lost = a_call(received, "timed_out", tokens_in=None, tokens_out=None, cost_micro=None)
    note_model_calls([a_call(received), a_call(received), lost, limit], store=store)
    assert spent(session, received.conversation.id) == Spent(3, 200, 20, 700)
    assert spent(session, new_key()) == Spent()


def test_noting_the_same_calls_again_changes_nothing(store: Store, session: Session, received: Received) -> None:
    made = [a_call(received)]
    note_model_calls(made, store=store)
    note_model_calls(made, store=store)
    note_model_calls([], store=store)
    assert session.scalar(select(func.count()).select_from(ModelCall)) == 1
