"""The ledger's passages and the index follow the folder, however often it is read and whatever was down."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.index import Index
from knowledge.passages import Passage, PassageTwice
from knowledge.search import find_passages
from knowledge.sync import SyncReport, make_ready, sync
from o2c_core.store.store import Store
from tests.knowledge.conftest import a_document, in_folder

TERM = "## Term\nThirty days.\n\n> When do I have to pay?\n"
COST = "## Cost\nTen euros.\n\n> What does delivery cost?\n"


def _changes(report: SyncReport) -> str:
    return f"+{len(report.added)} ~{len(report.changed)} -{len(report.removed)} ={report.unchanged} i{report.indexed}"


def _kept(store: Store) -> dict[str, str]:
    with store.session() as session:
        return {passage.key: passage.checksum for passage in session.scalars(select(Passage))}


def test_a_folder_is_followed_and_reading_it_again_changes_nothing(store: Store, index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    in_folder(folder, paying=a_document(TERM + COST))
    assert _changes(sync(folder, store=store, index=index)) == "+2 ~0 -0 =0 i2"
    assert _changes(sync(folder, store=store, index=index)) == "+0 ~0 -0 =2 i0"
    in_folder(
        folder,
        paying=a_document(TERM.replace("Thirty", "Sixty")),
        sending=a_document(COST, title="Sending", topic="sending"),
    )
    report = sync(folder, store=store, index=index)
    assert _changes(report) == "+1 ~1 -1 =0 i2"
    assert (report.added, report.changed, report.removed) == (
        ["en/sending/cost"],
        ["en/paying/term"],
        ["en/paying/cost"],
    )
    assert index.held() == _kept(store)
    assert find_passages("When do I have to pay?", "en", store=store, index=index)[0].text == "Sixty days."


def test_what_was_missed_while_the_index_was_down_is_made_up_for(store: Store, index: Index, tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "documents", paying=a_document(TERM))
    down = Index("http://127.0.0.1:9")
    assert _changes(sync(folder, store=store, index=down)) == "+1 ~0 -0 =0 iNone"
    assert _changes(sync(folder, store=store, index=None)) == "+0 ~0 -0 =1 iNone"
    assert _changes(sync(folder, store=store, index=index)) == "+0 ~0 -0 =1 i1"
    index.remove(["en/paying/term"])
    make_ready(store=store, index=index)
    assert index.held() == _kept(store)


def test_an_empty_ledger_gets_the_library_that_comes_with_parley(store: Store) -> None:
    make_ready(store=store, index=None)
    assert len(_kept(store)) > 200


def test_two_answers_under_one_name_are_refused_and_nothing_changes(store: Store, tmp_path: Path) -> None:
    folder = in_folder(tmp_path / "documents", paying=a_document(TERM))
    sync(folder, store=store, index=None)
    before = _kept(store)
    in_folder(folder, a=a_document(TERM), b=a_document(TERM))
    with pytest.raises(PassageTwice, match=r"^a\.md and b\.md both answer under en/paying/term\.$"):
        sync(folder, store=store, index=None)
    assert _kept(store) == before


def test_a_document_whose_day_of_review_has_come_is_named(store: Store, tmp_path: Path) -> None:
    due = a_document(TERM).replace("valid_from", "review_on = 2026-03-16\nvalid_from")
    later = a_document(COST, title="Sending", topic="sending").replace(
        "valid_from", "review_on = 2026-03-17\nvalid_from"
    )
    folder = in_folder(tmp_path / "documents", due=due, later=later)
    assert sync(folder, store=store, index=None).to_review == ["due.md"]
