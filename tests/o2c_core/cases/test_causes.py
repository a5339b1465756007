"""What lay behind a case: a closed list, what it names, and what the documents suggest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.causes import (
    ABOUT_CHARACTERS_MAX,
    CAUSES,
    Cause,
    CauseNamesNothing,
    NoSuchCause,
    Seen,
    candidates,
    likely,
    tidy_cause,
)
from o2c_core.cases.complaint import CATEGORIES
from o2c_core.cases.dispute import REASONS

SEEN = Seen(("MEEL-25", "GIST-1"), ("PostNL",), ("SO-1003",))


@pytest.mark.parametrize(("reason", "first", "second"), [
    ("QTY_SHORT", Cause("picking", "MEEL-25"), Cause("picking", "GIST-1")),
    ("DAMAGED", Cause("carrier", "PostNL"), Cause("product", "MEEL-25")),
    ("PRICE", Cause("price_list", "MEEL-25"), Cause("price_list", "GIST-1")),
    ("QUALITY", Cause("product", "MEEL-25"), Cause("product", "GIST-1")),
    ("delivery", Cause("carrier", "PostNL"), Cause("picking", "MEEL-25")),
])  # fmt: skip
def test_what_the_documents_name_is_offered_the_likeliest_first(reason: str, first: Cause, second: Cause) -> None:
    assert candidates(reason, SEEN)[:2] == [first, second]


@pytest.mark.parametrize("reason", [*REASONS, *CATEGORIES])
def test_every_cause_can_be_chosen_whatever_the_reason(reason: str) -> None:
    assert sorted(likely(reason)) == sorted(CAUSES)


def test_nothing_is_offered_where_no_document_names_anything() -> None:
    assert candidates("DAMAGED", Seen()) == []


@pytest.mark.parametrize(("said", "odd"), [
    (Cause("weather", "rain"), NoSuchCause),
    (Cause("carrier", " \t "), CauseNamesNothing),
    (Cause("", "PostNL"), NoSuchCause),
])  # fmt: skip
def test_a_cause_is_of_the_list_and_names_something(said: Cause, odd: type[Exception]) -> None:
    with pytest.raises(odd):
        tidy_cause(said)


@given(st.sampled_from(sorted(CAUSES)), st.text(min_size=1).filter(str.strip))
def test_tidying_twice_changes_nothing_more(kind: str, about: str) -> None:
    once = tidy_cause(Cause(kind, about))
    assert once.about
    assert len(once.about) <= ABOUT_CHARACTERS_MAX
    again = tidy_cause(once)
    assert (again.kind, again.about) == (once.kind, once.about.strip())
