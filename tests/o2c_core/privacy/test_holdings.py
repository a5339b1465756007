"""Every table and every text in the ledger has been decided about: whose it is, and what an erasure does with it."""

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, String, Table, Uuid

import knowledge.gaps
import knowledge.passages  # noqa: F401
import o2c_core.nouns  # noqa: F401
from o2c_core.privacy import holdings as published
from o2c_core.privacy.expired import STEPS
from o2c_core.privacy.holdings import TREATMENTS, holdings, texts_in, undecided
from o2c_core.privacy.periods import periods
from o2c_core.store.rows import Row

# Tables that point to a person's rows without being the person's: each says why in the file.
NOT_THEIRS = {"webhook_delivery", "look", "mention", "presence"}


def _paths_to_people() -> set[str]:
    """Tables from which foreign keys lead to a customer, in any number of steps."""
    found = {"customer"}
    while True:
        more = {
            name
            for name, table in Row.metadata.tables.items()
            if name not in found and any(key.column.table.name in found for key in table.foreign_keys)
        }
        if not more:
            return found
        found |= more


def test_nothing_in_the_mapping_is_undecided() -> None:
    assert undecided() == []


def test_a_new_table_or_column_without_a_decision_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = MetaData()
    for table in Row.metadata.tables.values():
        table.to_metadata(grown)
    grown.tables["customer"].append_column(Column("nickname", String))
    Table("birthday", grown, Column("id", Uuid, primary_key=True), Column("customer_id", ForeignKey("customer.id")))
    monkeypatch.setattr(published.Row, "metadata", grown)
    assert undecided() == ["customer.nickname", "birthday"]


def test_every_table_with_a_path_to_a_customer_is_exported_or_says_why_not() -> None:
    people = _paths_to_people()
    assert len(people) > 25
    shown = {name for name, one in holdings().items() if one.is_somebodys}
    assert people - shown == NOT_THEIRS
    assert shown - people == set()
    assert [name for name, one in holdings().items() if not one.is_somebodys and not one.not_shown] == []


def test_the_file_speaks_of_nothing_that_is_not_there() -> None:
    for name, one in holdings().items():
        assert set(one.treatment) <= set(texts_in(Row.metadata.tables[name])), name
        assert set(one.treatment.values()) <= set(TREATMENTS)
        for link in [*one.of, *(one.of_contact or ())]:
            column, _, parent = link.partition(" > ")
            if parent:
                assert column in one.table.c, link
                assert parent in holdings(), link
        for parent, column in one.under:
            assert column in one.table.c
            assert holdings()[parent].is_somebodys


def test_what_the_law_keeps_is_on_invoices_and_credit_notes_alone() -> None:
    kept = {name for name, one in holdings().items() if "law" in one.treatment.values()}
    assert kept == {"invoice", "invoice_line", "credit_note", "credit_note_line", "tax_subtotal"}


def test_names_of_sections_are_told_apart() -> None:
    outer = [one.shown for one in holdings().values() if one.is_somebodys and not one.under]
    assert len(outer) == len(set(outer))


def test_every_period_says_where_it_comes_from_and_steps_carry_all_of_them_out() -> None:
    assert set(periods()) == {*STEPS, "gaps"}
    for period in periods().values():
        assert period.sources, period.kind
        assert period.then in ("deleted", "emptied")
        assert period.unit in ("months", "days")
        assert period.default >= max(period.countries.values(), default=0)


def test_everything_about_a_person_has_an_end_or_says_why_it_stays() -> None:
    for name, one in holdings().items():
        assert bool(one.kept) != bool(one.stays) if one.is_somebodys else not one.kept, name
        assert set(one.kept) <= set(periods()), name
    named = {kind for one in holdings().values() for kind in one.kept}
    # What is nobody's own has periods too.
    assert set(periods()) - named == {"idempotent_calls", "webhook_deliveries", "api_keys", "gaps"}
