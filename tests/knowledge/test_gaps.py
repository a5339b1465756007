"""What was asked and not answered is counted, and says nothing about who asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from knowledge.gaps import gaps, normalised, note_gap
from tests.build import MOMENT


def test_the_same_question_is_counted_and_the_most_asked_comes_first(session: Session) -> None:
    note_gap(session, "Do you lease ovens?", "en", at=MOMENT)
    for days, asked in enumerate(["Can I rent a bakery?", "can i  rent a bakery", "CAN I RENT A BAKERY!!"]):
        note_gap(session, asked, "en", at=MOMENT + timedelta(days=days))
    note_gap(session, "Can I rent a bakery?", "nl", at=MOMENT)
    note_gap(session, " ?! ", "en", at=MOMENT)
    assert [(gap.question, gap.language, gap.times) for gap in gaps(session, limit=1)] == [
        ("can i rent a bakery", "en", 3)
    ]
    first = gaps(session)[0]
    assert (first.first_asked_at, first.last_asked_at) == (MOMENT, MOMENT + timedelta(days=2))
    assert len(gaps(session)) == 3


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Is 30 days possible for INV-2026-0042?", "is 30 days possible for …"),
        ("Mail me at jan@jansen.example, or +31 20 123 4567", "mail me at … or …"),
        ("Pay to NL91ABNA0417164300 for SO-1042?", "pay to … for …"),
        ("l'été, c'est fermé ?", "l'été c'est fermé"),
        ("x" * 5000, "x" * 300),
    ],
)
def test_what_could_say_who_asked_is_left_out(question: str, kept: str) -> None:
    assert normalised(question) == kept
