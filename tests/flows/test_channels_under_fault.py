"""The promises of the channels, kept while providers falter and workers are killed: small runs of the benches."""

import pytest

from app.bench.channels_inbound import measure_inbound
from app.bench.channels_outbox import FAULTS, measure_outbox
from app.bench.channels_webhook import measure_webhook


@pytest.mark.long
def test_no_message_is_sent_twice_or_left_hanging_when_workers_are_killed_and_the_provider_falters() -> None:
    figures = measure_outbox(messages=300, kills=3, workers=2, seed=7)
    assert figures.is_kept, figures
    assert (figures.kills, figures.twice, figures.never_accepted, figures.without_end) == (3, 0, 0, 0)
    # The faults did come, or the run would have shown nothing.
    assert figures.were_uncertain > 0
    for fault in ("silent_after", "too_many"):
        assert any(fault in answer for answer in figures.requests), figures.requests
    assert all(figures.callbacks[oddity] > 0 for oddity in ("twice", "swapped"))
    assert sum(figures.states.values()) >= 300


def test_the_faults_are_those_the_promise_is_about() -> None:
    assert (FAULTS["silent_after"], FAULTS["too_many"]) == (0.05, 0.05)


def test_texts_that_come_in_more_than_once_and_in_any_order_are_stored_once_and_answered_once() -> None:
    figures = measure_inbound(messages=100, workers=1, seed=7)
    assert figures.is_kept, figures
    assert figures.deliveries > figures.messages == figures.stored == figures.answered_once == 100
    assert (figures.answered_twice, figures.unanswered, figures.refused) == (0, 0, 0)


def test_every_text_accepted_beside_the_bare_route_is_stored() -> None:
    figures = measure_webhook(requests=400, rounds=4)
    assert figures.stored == figures.requests == 400
    assert figures.door_to_bare > 0.2  # the bench holds it to a half; a busy machine may be unfair to a short run


@pytest.mark.parametrize(
    ("twice", "never", "open_ends", "doubted", "settled", "kept"),
    [
        (0, 0, 0, 0, 0, True),
        (0, 0, 0, 3, 3, True),
        (1, 0, 0, 0, 0, False),
        (0, 1, 0, 0, 0, False),
        (0, 0, 1, 0, 0, False),
        (0, 0, 0, 3, 2, False),
    ],
)
def test_the_bench_says_when_a_promise_was_broken(
    twice: int, never: int, open_ends: int, doubted: int, settled: int, kept: bool
) -> None:
    from app.bench.channels_outbox import OutboxFigures

    figures = OutboxFigures(
        messages=10, kills=1, seconds=1, twice=twice, never_accepted=never, without_end=open_ends,
        were_uncertain=doubted, settled_by_callback=settled,
    )  # fmt: skip
    assert figures.is_kept is kept
