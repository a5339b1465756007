"""Rows that are copied in arrive as they were."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.errors import DataError, UniqueViolation
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


ODD = [
    "tab\there", "two\nlines\r\nand\rmore", "back\\slash \\n \\t \\\\", "\\N", "\\.", "", " ", "\x01\x1f\x7f", "'\"{}[],:",
    "Zoë & Müller ß", "日本語 \u202eעברית", "\U0001f4b6 e\u0301", "a\u2028b\u2029c",
]  # fmt: skip


def test_odd_characters_in_texts_and_inside_json_are_read_back(table: Session) -> None:
    values = [(said, {said: [said, {"in": said}], "none": None, "half": 0.5}) for said in ODD]
    copy_rows(table, "copied", ("words", "said"), values)
    assert dict(map(tuple, table.execute(text("SELECT words, said FROM copied")))) == dict(values)
    lists: list[tuple[list[object]]] = [([],), ([1, None, True, "\t"],)]
    copy_rows(table, "copied", ("said",), lists)
    found = table.scalars(text("SELECT said FROM copied WHERE words IS NULL ORDER BY jsonb_array_length(said)"))
    assert list(found) == [said for (said,) in lists]


def test_nothing_copied_is_nothing_asked_of_the_database(table: Session) -> None:
    assert copy_rows(table, "no such table", ("words",), iter(())) == 0


def test_more_rows_than_one_statement_takes_parameters_for_are_one_copy(table: Session) -> None:
    # A statement has 65,535 parameters at most.
    assert copy_rows(table, "copied", ("number", "words"), ((at, "w") for at in range(40_000))) == 40_000
    assert table.execute(text("SELECT count(*), min(number), max(number) FROM copied")).one() == (40_000, 0, 39_999)


@pytest.mark.parametrize("value", ["zero \0 byte", {"zero": "\0"}])
def test_what_the_database_cannot_keep_is_refused_and_nothing_is_written(table: Session, value: object) -> None:
    column = "words" if isinstance(value, str) else "said"
    before = table.begin_nested()
    with pytest.raises(DataError):
        copy_rows(table, "copied", (column,), [(value,)])
    before.rollback()
    assert table.scalar(text("SELECT count(*) FROM copied")) == 0


def test_a_value_of_another_kind_is_refused_before_anything_is_sent(table: Session) -> None:
    with pytest.raises(KeyError, match="Decimal"):
        copy_rows(table, "copied", ("words", "number"), [("first", 1), ("second", Decimal(2))])
    assert table.scalar(text("SELECT count(*) FROM copied")) == 0


def test_a_row_that_is_there_already_is_said_so(table: Session) -> None:
    table.execute(text("CREATE UNIQUE INDEX ON copied (number)"))
    before = table.begin_nested()
    with pytest.raises(UniqueViolation):
        copy_rows(table, "copied", ("number",), [(1,), (2,), (1,)])
    before.rollback()
    assert table.scalar(text("SELECT count(*) FROM copied")) == 0
