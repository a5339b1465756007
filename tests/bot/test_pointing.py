"""Which documents a message means that names none."""

from __future__ import annotations

from datetime import date
from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.mentions import Mentions, find_mentions
from bot.embedded.pointing import About, Kind, meant

WRITTEN = {"I": "invoice", "O": "order", "S": "shipment", "P": "promise"}


def about(written: str) -> list[About]:
    """ "I2 | I1 I2 O7" is two answers, the newest first."""
    return [
        About(kind, number, answer)  # type: ignore[arg-type]
        for answer, numbers in enumerate(written.split("/"))
        for kind, number in ((WRITTEN[one[0]], one) for one in numbers.split())
    ]


@pytest.mark.parametrize("line", [
    "en | invoice | that invoice | I1 I2 -> I1",
    "en | invoice | is it paid? | I1 -> I1",
    "en | order | where is it | I1 O1 -> O1",
    "nl | invoice | die factuur klopt niet | I1 -> I1",
    "nl | invoice | wanneer moet ik hem betalen | I1 -> I1",
    "nl | invoice | stuur deze factuur nog eens | I2 / I1 I2 -> I2",
    "de | invoice | diese Rechnung habe ich bezahlt | I1 -> I1",
    "de | order | wo ist sie denn | O1 -> O1",
    "fr | invoice | cette facture est fausse | I1 -> I1",
    "fr | order | celle-ci svp | O1 O2 -> O1",
    "en | invoice | both please | I1 I2 -> I1 I2",
    "en | invoice | both | I1 I2 I3 -> I1 I2",
    "en | invoice | both | I2 / I1 -> I2 I1",
    "nl | invoice | allebei | I1 I2 -> I1 I2",
    "de | invoice | beide | I1 I2 -> I1 I2",
    "fr | invoice | les deux | I1 I2 -> I1 I2",
    "en | invoice | both | I1 -> ",
    "en | invoice | send them all | I1 I2 I3 -> I1 I2 I3",
    "nl | invoice | alle facturen graag | I1 I2 I3 -> I1 I2 I3",
    "en | invoice | the first one | I1 I2 I3 -> I1",
    "nl | invoice | de eerste | I1 I2 I3 -> I1",
    "fr | invoice | la première | I1 I2 -> I1",
    "en | invoice | the last one | I1 I2 I3 -> I3",
    "nl | invoice | de laatste, graag | I1 I2 I3 -> I3",
    "de | invoice | die letzte | I1 I2 I3 -> I3",
    "fr | invoice | la dernière | I1 I2 I3 -> I3",
    "en | invoice | the last one | I2 / I1 I2 I3 -> I3",
    "en | invoice | the last one | I1 -> ",
    "en | invoice | and the other one? | I1 / I1 I2 -> I2",
    "en | invoice | the other one | I2 / I1 I2 -> I1",
    "nl | invoice | en de andere? | I2 / I1 I2 -> I1",
    "de | invoice | und die andere | I2 / I1 I2 -> I1",
    "fr | invoice | et l'autre | I2 / I1 I2 -> I1",
    "en | invoice | the other invoice | I1 I2 -> I2",
    "en | invoice | the other one | I1 / I1 I2 I3 -> ",
    "en | invoice | the other one | I1 -> ",
    "en | invoice | and the rest? | I1 / I1 I2 I3 -> I2 I3",
    "en | invoice | invoice 2044 please | I1 -> 2044",
    "en | invoice | invoice 2044 of order 1003 | I1 -> 2044",
    "en | order | invoice 2044 of order 1003 | I1 -> 1003",
    "en | invoice | the invoice of order 1003 | I1 -> 1003",
    "en | any | both 5044 and SO-1003 | I1 -> 5044 SO-1003",
    "en | any | what about it | O1 I1 -> O1",
    "en | any | when will you pay | O1 I1 -> ",
    "en | invoice | hello | I1 -> ",
    "en | invoice | that invoice |  -> ",
    "en | invoice | that invoice | O1 S1 -> ",
])  # fmt: skip
def test_pointing_words_mean_what_the_last_answers_were_about(line: str) -> None:
    said, _, wanted = line.partition(" -> ")
    language, kind, text, answers = (piece.strip() for piece in said.split("|"))
    mentions = find_mentions(text, language=language, today=date(2026, 3, 16))
    wanted_kind: Literal["order", "invoice"] | None = (
        None if kind == "any" else "order" if kind == "order" else "invoice"
    )
    assert " ".join(meant(mentions, about(answers), wanted_kind)) == wanted


def test_without_numbered_answers_a_number_that_comes_again_begins_an_older_answer() -> None:
    flat = [About("invoice", number) for number in ("I2", "I1", "I2", "I3")]
    mentions = find_mentions("the other one", language="en", today=date(2026, 3, 16))
    assert meant(mentions, flat[:2], "invoice") == ("I1",)
    last = find_mentions("the last one", language="en", today=date(2026, 3, 16))
    assert meant(last, [About("invoice", "I2"), *flat[1:]], "invoice") == ("I1",)


@given(
    st.frozensets(st.sampled_from(["last", "first", "all", "both", "that", "it", "other", "rest"])),
    st.lists(
        st.builds(About, st.sampled_from(get_args(Kind)), st.sampled_from(["1", "2", "3", "4"]), st.integers(0, 3))
    ),
    st.sampled_from(["order", "invoice", None]),
)
def test_only_numbers_of_the_wanted_kind_that_were_spoken_of_are_meant_and_each_once(
    points: frozenset[str], spoken: list[About], kind: Literal["order", "invoice"] | None
) -> None:
    found = meant(Mentions(points=points), spoken, kind)
    of_kind = kind or (spoken[0].kind if spoken else None)
    assert set(found) <= {one.number for one in spoken if one.kind == of_kind}
    assert len(set(found)) == len(found)
    assert points or not found
