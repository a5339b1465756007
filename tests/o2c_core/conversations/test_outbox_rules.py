"""The rules of the outbox that need no store: where a message may go, how long to wait, which slots are still good."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.backoff import (
    LOOK_UP_WAITS,
    PATIENCE,
    backed_off,
    circuit_seconds,
    outage_seconds,
    too_fast_seconds,
)
from o2c_core.conversations.message import DELIVERY, may_move, states_before
from o2c_core.conversations.pace import gap_of, is_due_slot, lane_of
from tests.conftest import NOON

RANK = {"sending": 1, "uncertain": 2, "sent": 3, "delivered": 4, "failed": 5}
SAID = st.sampled_from(["sent", "delivered", "failed"])
LUCK = st.floats(0, 1)


def heard(start: str, words: list[str]) -> list[str]:
    """The states a message goes through as the words come in."""
    states = [start]
    for word in words:
        states.append(word if states[-1] in states_before(word) else states[-1])
    return states


@given(st.sampled_from(["sending", "uncertain", "sent"]), st.lists(SAID, max_size=8), st.randoms())
def test_whatever_the_order_of_words_and_repeats_the_end_is_the_same(start: str, words: list[str], luck) -> None:  # type: ignore[no-untyped-def]
    shuffled = words + words[: luck.randrange(len(words) + 1)]
    luck.shuffle(shuffled)
    states = heard(start, shuffled)
    assert states[-1] == heard(start, words)[-1] == max([start, *words], key=RANK.__getitem__)
    assert [RANK[state] for state in states] == sorted(RANK[state] for state in states)


@given(st.sampled_from(sorted(DELIVERY)), st.sampled_from(sorted(DELIVERY)))
def test_where_a_message_came_from_is_where_it_may_go_read_backwards(now: str, to: str) -> None:
    assert may_move(now, to) == (now in states_before(to))


@given(st.integers(1, 200), LUCK)
def test_waits_grow_up_to_a_limit_and_are_spread_over_half(times: int, luck: float) -> None:
    wait = backed_off(1.0, 60.0, times, luck)
    assert 0.5 * min(60.0, 2.0 ** (times - 1)) <= wait <= min(60.0, 2.0 ** (times - 1))
    assert backed_off(1.0, 60.0, times + 1, luck) >= wait


@given(st.integers(1, 200), LUCK, st.one_of(st.none(), st.floats(0, 3600)))
def test_a_provider_that_names_its_wait_gets_at_least_that(tries: int, luck: float, asked: float | None) -> None:
    wait = too_fast_seconds(tries, luck, asked)
    assert wait >= (asked or 0)
    assert 0.05 <= wait <= max(30.0, asked or 0)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 4), (2, 8), (7, 256), (8, 300), (1000, 300)])
def test_an_outage_is_waited_out_for_minutes_at_most(tries: int, seconds: int) -> None:
    assert outage_seconds(tries, 1.0) == seconds
    assert outage_seconds(tries, 0.0) == seconds / 2


@pytest.mark.parametrize(("failures", "seconds"), [(5, 30), (6, 60), (9, 480), (10, 600), (99, 600)])
def test_a_circuit_stays_open_longer_each_time(failures: int, seconds: int) -> None:
    assert circuit_seconds(failures, 5, 1.0) == seconds


def test_look_ups_come_ever_less_often() -> None:
    moments = [PATIENCE.next_look_up(times, NOON) for times in range(len(LOOK_UP_WAITS) + 3)]
    assert moments[0] == NOON + timedelta(minutes=1)
    assert all(earlier <= later for earlier, later in pairwise(moments))
    assert PATIENCE.look_up * sum(LOOK_UP_WAITS[:3]) >= PATIENCE.not_there


@pytest.mark.parametrize(("late", "is_good"), [(-2, False), (-1, True), (0, True), (15, True), (16, False)])
def test_a_slot_is_good_when_it_has_come_and_for_a_little_while(late: int, is_good: bool) -> None:
    assert is_due_slot(NOON, NOON + timedelta(seconds=late)) == is_good


@pytest.mark.parametrize(("sender", "channel", "purpose", "lane"), [
    ("+31", "sms", "answer", "+31"),
    ("+31", "sms", "document", "+31"),
    ("+31", "sms", "reminder", "+31~later"),
    (None, "sms", "notice", "sms~later"),
    (None, "email", "code", "email"),
])  # fmt: skip
def test_what_can_wait_has_a_lane_of_its_own(sender: str | None, channel: str, purpose: str, lane: str) -> None:
    assert lane_of(sender, channel, purpose) == lane


def test_a_carrier_says_how_many_a_second() -> None:
    class Four:
        per_second = 4.0

    assert gap_of(Four()) == timedelta(seconds=0.25)
    assert gap_of(object()) is None
