"""Rows that are copied in arrive as they were."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.keys import new_key
from o2c_core.store.copying import copy_rows

NOON = datetime(2026, 3, 16, 11, 0, 0, 123456, tzinfo=UTC)
COLUMNS = ("id", "words", "number", "on", "at", "yes", "said")
# PostgreSQL has no text with a zero byte, in JSON neither.
words = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)


@pytest.fixture
def table(session: Session) -> Session:
    session.execute(
        text(
            'CREATE TEMPORARY TABLE copied (id uuid, words text, number bigint, "on" date, at timestamptz, yes boolean,'
            " said jsonb, other int DEFAULT 7) ON COMMIT DROP"
        )
    )
    return session


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(words, st.none() | st.integers(-(2**40), 2**40), st.dictionaries(words, words)), max_size=3))
def test_whatever_is_written_is_read_back(table: Session, rows: list[tuple[str, int | None, dict[str, str]]]) -> None:
    table.execute(text("TRUNCATE copied"))
    wanted = [(new_key(), said, number, NOON.date(), NOON, bool(len(said) % 2), more) for said, number, more in rows]
    assert copy_rows(table, "copied", COLUMNS, wanted) == len(rows)
    found = table.execute(text('SELECT id, words, number, "on", at, yes, said FROM copied ORDER BY id')).all()
    assert [tuple(row) for row in found] == sorted(wanted)
    assert set(table.scalars(text("SELECT other FROM copied"))) <= {7}


def test_a_moment_is_the_same_moment_and_one_without_a_zone_is_refused(table: Session) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=45)))
    copy_rows(table, "copied", ("at",), [(there,)])
    assert table.scalar(text("SELECT at FROM copied")) == NOON
    with pytest.raises(ValueError, match="time zone"):
        copy_rows(table, "copied", ("at",), [(NOON.replace(tzinfo=None),)])


def test_nothing_is_told_apart_from_an_empty_text_and_a_text_that_looks_like_nothing(table: Session) -> None:
    copy_rows(table, "copied", ("words",), [(None,), ("",), ("\\N",), ("\\.",)])
    assert list(table.scalars(text("SELECT words FROM copied"))) == [None, "", "\\N", "\\."]
