"""Of several versions of a section, the one that holds on the day, for the seller and in the language, is told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.index import Index
from knowledge.passages import PassageTwice
from knowledge.search import Found, find_passages
from knowledge.sync import sync
from o2c_core.store.store import Store
from tests.knowledge.conftest import a_document, in_folder

QUESTION = "When do I have to pay?"


def _term(days: str) -> str:
    return f"## Term\n{days}.\n\n> {QUESTION}\n> What is your payment term?\n"


def _told(store: Store, index: Index | None, *, language: str = "en", **more: object) -> Found | None:
    found = find_passages(QUESTION, language, store=store, index=index, **more)  # type: ignore[arg-type]
    return found[0] if found else None


@pytest.mark.parametrize("up", [True, False])
def test_a_newer_version_takes_over_on_its_day_and_a_temporary_one_gives_back(
    store: Store, index: Index, tmp_path: Path, up: bool
) -> None:
    in_folder(
        tmp_path,
        old=a_document(_term("Thirty days")),
        new=a_document(_term("Sixty days"), valid_from="2026-07-01"),
        summer=a_document(_term("Ninety days"), valid_from="2026-08-01", valid_until="2026-08-31"),
        later=a_document(_term("Ten days"), valid_from="2027-01-01", valid_until="2027-12-31"),
    )
    sync(tmp_path, store=store, index=index if up else None)
    told = {
        day: found.text if found else None
        for day in ("2025-12-31", "2026-06-30", "2026-07-01", "2026-08-01", "2026-08-31", "2026-09-01", "2027-01-01")
        for found in [_told(store, index if up else None, day=date.fromisoformat(day))]
    }
    assert told == {
        "2025-12-31": None,
        "2026-06-30": "Thirty days.",
        "2026-07-01": "Sixty days.",
        "2026-08-01": "Ninety days.",
        "2026-08-31": "Ninety days.",
        "2026-09-01": "Sixty days.",
        "2027-01-01": "Ten days.",
    }


def test_what_has_expired_is_told_to_nobody_and_named_by_sync(store: Store, index: Index, tmp_path: Path) -> None:
    in_folder(tmp_path, old=a_document(_term("Thirty days"), valid_until="2026-03-15"))
    assert sync(tmp_path, store=store, index=index).expired == ["old.md"]
    assert _told(store, index) is None
    assert _told(store, index, day=date(2026, 3, 15)) is not None


def test_an_old_translation_gives_way_to_the_new_version_in_english(store: Store, index: Index, tmp_path: Path) -> None:
    in_folder(
        tmp_path,
        old=a_document(_term("Thirty days")),
        nl=a_document("## Termijn {#term}\nDertig dagen.\n\n> Wanneer moet ik betalen?\n", language="nl"),
        new=a_document(_term("Sixty days"), valid_from="2026-03-01"),
    )
    report = sync(tmp_path, store=store, index=index)
    assert report.behind == ["nl/paying/term"]
    told = _told(store, index, language="nl")
    assert told is not None
    assert (told.language, told.text) == ("en", "Sixty days.")
    told = _told(store, index, language="nl", day=date(2026, 2, 1))
    assert told is not None
    assert (told.language, told.text) == ("nl", "Dertig dagen.")


def test_each_seller_is_answered_from_its_own_section_and_else_from_that_of_all(
    store: Store, index: Index, tmp_path: Path
) -> None:
    in_folder(
        tmp_path,
        all=a_document(_term("Thirty days")),
        mine=a_document(_term("Sixty days"), seller='"vandijk"'),
        theirs=a_document(_term("Ten days"), seller='"hart"', language="nl"),
    )
    assert len(sync(tmp_path, store=store, index=index).added) == 3
    told = {
        seller: found.text
        for seller in ("vandijk", "hart", "third")
        for found in [_told(store, index, seller=seller)]
        if found
    }
    assert told == {"vandijk": "Sixty days.", "hart": "Ten days.", "third": "Thirty days."}


def test_a_version_goes_before_another_only_for_the_same_seller(store: Store, index: Index, tmp_path: Path) -> None:
    in_folder(
        tmp_path,
        mine=a_document(_term("Sixty days"), seller='"vandijk"'),
        all=a_document(_term("Thirty days"), valid_from="2026-02-01"),
    )
    report = sync(tmp_path, store=store, index=index)
    assert report.behind == []
    told = _told(store, index, seller="vandijk")
    assert told is not None
    assert told.text == "Sixty days."


def test_two_versions_from_one_day_are_refused(store: Store, tmp_path: Path) -> None:
    in_folder(tmp_path, a=a_document(_term("Thirty days")), b=a_document(_term("Sixty days")))
    with pytest.raises(PassageTwice, match=r"^a\.md and b\.md both answer under en/paying/term\.$"):
        sync(tmp_path, store=store, index=None)


def test_a_pdf_of_many_staff_rules_does_not_crowd_out_what_is_for_customers(
    store: Store, index: Index, tmp_path: Path
) -> None:
    rules = "".join(f"## Rule {number}\n{QUESTION} Never before day {number}.\n" for number in range(30))
    in_folder(
        tmp_path,
        staff=a_document(rules, title="Rules", topic="rules", audience="staff"),
        shown=a_document(_term("Thirty days")),
    )
    sync(tmp_path, store=store, index=index)
    told = _told(store, index)
    assert told is not None
    assert told.text == "Thirty days."
    assert find_passages(QUESTION, "en", store=store, index=None)[0].text == "Thirty days."
