"""The dated tables of late payment say where everything comes from, and contradict themselves nowhere."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

import o2c_core.notices
from o2c_core.notices.tables import OddTables, late_payment_tables, read_tables

TEXT = (Path(o2c_core.notices.__file__).parent / "late_payment.toml").read_text(encoding="utf-8")


def test_every_entry_has_its_days_its_basis_and_its_source() -> None:
    tables = late_payment_tables()
    for one in (*tables.references, *tables.interest, *tables.fixed_sums, *tables.costs):
        assert one.basis in ("law", "well known", "second hand")
        assert len(one.source) > 10
    assert {one.basis for one in (*tables.interest, *tables.fixed_sums, *tables.costs)} == {"law"}


@pytest.mark.parametrize("name", ["ecb", "boe", "de_base", "nl_statutory"])
def test_a_reference_rate_has_no_gap_and_an_end(name: str) -> None:
    rates = [one for one in late_payment_tables().references if one.name == name]
    for earlier, later in pairwise(rates):
        assert earlier.valid_to + timedelta(days=1) == later.valid_from
    assert rates[0].valid_from == date(2016, 1, 1)
    assert rates[-1].valid_to <= date(2026, 12, 31)


@pytest.mark.parametrize(
    ("country", "law"),
    [("NL", "NL"), ("nl", "NL"), ("DE", "DE"), ("FR", "FR"), ("GB", "GB"), ("BE", "EU"), ("ES", "EU"), ("US", None), ("CH", None), ("XX", None)],
)  # fmt: skip
def test_a_country_goes_by_its_own_entry_else_by_the_directive_where_it_is_a_member(
    country: str, law: str | None
) -> None:
    assert late_payment_tables().country_of_law(country) == law


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('basis = "law"', 'basis = "hearsay"', "basis or source"),
        ('plus = "8"', "plus = 8.0", "written as text: 8.0"),
        ('moves = "never"', 'moves = "weekly"', "interest of GB"),
        ('reference = "boe"', 'reference = "libor"', "no reference rate: libor"),
        ("valid_to = 2016-06-30", "valid_to = 2016-07-31", "whole half-years"),
        ("valid_to = 2016-06-30", "valid_to = 2016-12-31", "two entries at once"),
        ('country = "NL"', 'country = "Nederland"', "country"),
        ('kind = "consumer"', 'kind = "anybody"', "kind: anybody"),
        ('{ percent = "0.5" }', '{ width = "1", percent = "0.5" }', "only the last band"),
        ('sum = "70"', 'sum = "30"', "fixed sum of GB"),
        ('    "AT",', '    "AT", "NL",', "entry of its own: NL"),
        ("year =", "years =", "of EU"),
        ('minimum = "40"', 'minimum = "forty"', "not a number"),
    ],
)
def test_tables_that_contradict_themselves_or_leave_something_open_are_not_read(
    was: str, becomes: str, said: str
) -> None:
    assert was in TEXT
    with pytest.raises(OddTables, match=said):
        read_tables(TEXT.replace(was, becomes, 1))


def test_an_unknown_table_is_not_passed_over() -> None:
    with pytest.raises(OddTables, match="unknown: fees"):
        read_tables(TEXT + "\n[[fees]]\nsum = 1\n")
