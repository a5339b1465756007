"""Clock, days, ids and the trail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2c_core import days
from o2c_core.clock import MovableClock, today
from o2c_core.keys import new_key, seeded, unguessable
from o2c_core.trail import note
from tests.build import a_customer, a_seller

DUE = date(2026, 3, 16)


@pytest.mark.parametrize(("offset", "late"), [(-3, 0), (0, 0), (1, 1), (30, 30)])
def test_the_due_date_itself_is_not_late(offset: int, late: int) -> None:
    assert days.days_late(DUE, DUE + timedelta(days=offset)) == late


@pytest.mark.parametrize(
    ("locale", "long", "short"),
    [
        ("nl_NL", "16 maart 2026", "16 mrt 2026"),
        ("en_GB", "16 March 2026", "16 Mar 2026"),
        ("de_DE", "16. März 2026", "16.03.2026"),
        ("fr_FR", "16 mars 2026", "16 mars 2026"),
    ],
)
def test_a_day_is_written_the_way_its_reader_writes_it(locale: str, long: str, short: str) -> None:
    assert (days.show(DUE, locale), days.show_short(DUE, locale)) == (long, short)


def test_french_has_a_word_for_the_first() -> None:
    assert days.show(date(2026, 3, 1), "fr_FR") == "1er mars 2026"
    assert days.show(date(2026, 3, 11), "fr_FR") == "11 mars 2026"


def test_the_day_is_the_one_where_it_matters() -> None:
    clock = MovableClock(datetime(2026, 3, 16, 23, 30, tzinfo=UTC))
    assert today(clock, "Europe/Amsterdam") == date(2026, 3, 17)
    assert today(clock, "America/New_York") == date(2026, 3, 16)


def test_keys_made_later_sort_later() -> None:
    keys = [new_key() for _ in range(200)]
    assert keys == sorted(keys)
    assert all(key.version == 7 for key in keys)


def test_the_same_seed_and_clock_give_the_same_keys() -> None:
    def some() -> list[str]:
        clock = MovableClock(datetime(2026, 1, 1, tzinfo=UTC))
        with seeded(7, clock):
            first = [new_key() for _ in range(3)]
            clock.move(timedelta(seconds=1))
            return [str(key) for key in [*first, new_key()]]

    assert some() == some()
    assert some()[3][:13] > some()[0][:13]
    with seeded(8, MovableClock(datetime(2026, 1, 1, tzinfo=UTC))):
        assert str(new_key()) not in some()


@pytest.mark.parametrize("change", ["UPDATE trail SET why = 'else'", "DELETE FROM trail"])
def test_the_trail_cannot_be_changed(session: Session, change: str) -> None:
    customer = a_customer(session, a_seller(session))
    note(session, "looked at", customer, at=datetime(2026, 3, 16, tzinfo=UTC), who="system", why="test")
    session.flush()
    with pytest.raises(DBAPIError, match="never changed"):
        session.execute(text(change))


def test_numbers_follow_from_the_seed_inside_a_replay_and_from_nothing_outside() -> None:
    clock = MovableClock(datetime(2026, 1, 1, tzinfo=UTC))

    def drawn(seed: int) -> list[int]:
        with seeded(seed, clock):
            return [unguessable(10**6) for _ in range(8)]

    assert drawn(7) == drawn(7) != drawn(8)
    outside = [unguessable(10**6) for _ in range(8)]
    assert outside != [unguessable(10**6) for _ in range(8)]
    assert all(0 <= number < 10**6 for number in outside)
