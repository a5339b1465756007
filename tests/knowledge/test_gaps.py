"""What was asked and not answered is counted, says nothing about who asked, and is closed by what answers it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from knowledge.gaps import gaps, normalised, note_gap
from knowledge.index import Index
from knowledge.sync import sync
from o2c_core.store.store import Store
from tests.build import MOMENT
from tests.knowledge.conftest import a_document, in_folder


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
    ("language", "alike", "other"),
    [
        ("en", ["Do you rent out ovens?", "do you rent an oven", "Are ovens rented out?"], "Do you sell ovens?"),
        (
            "nl",
            ["Verhuren jullie ovens?", "verhuur je een oven", "Verhuren jullie graag een oven?"],
            "Verkopen jullie ovens?",
        ),
        (
            "de",
            ["Vermieten Sie Maschinen?", "vermieten Sie auch eine Maschine", "Bitte, vermieten Sie Maschinen"],
            "Verkaufen Sie Maschinen?",
        ),
        ("fr", ["Louez-vous des fours ?", "louez vous un four"], "Vendez-vous des fours ?"),
    ],
)
def test_near_duplicates_of_one_language_are_counted_together(
    session: Session, language: str, alike: list[str], other: str
) -> None:
    for asked in [*alike, other]:
        note_gap(session, asked, language, at=MOMENT)
    counted = {gap.question: gap.times for gap in gaps(session)}
    assert sorted(counted.values()) == [1, len(alike)], counted


def test_each_seller_has_its_own_gaps(session: Session) -> None:
    for seller in ("vandijk", "hart", None):
        note_gap(session, "Do you lease ovens?", "en", at=MOMENT, seller=seller)
    assert sorted((gap.seller, gap.times) for gap in gaps(session)) == [("", 1), ("hart", 1), ("vandijk", 1)]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Is 30 days possible for INV-2026-0042?", "is 30 days possible for …"),
        ("Mail me at jan@jansen.example, or +31 20 123 4567", "mail me at … or …"),
        ("Pay to NL91ABNA0417164300 for SO-1042?", "pay to … for …"),
        ("Look at https://jansen.example/jan?id=3", "look at …"),
        ("l'été, c'est fermé ?", "l'été c'est fermé"),
        ("x" * 5000, "x" * 300),
        ("My name is Anna de Wit, do you rent ovens?", "my name is … do you rent ovens"),
        ("my name is anna, do you rent ovens?", "my name is … do you rent ovens"),
        ("Hello, this is Jan Jansen from Bakkerij Jansen B.V.", "hello this is … from …"),
        ("Can Mrs. de Vries or Mr Smith come by?", "can mrs. … or mr … come by"),
        ("Do you rent to Anna van den Berg?", "do you rent to …"),
        ("Do you rent ovens? Kind regards, Anna", "do you rent ovens kind regards …"),
        ("Do you work with Peppol or PayPal in Germany?", "do you work with peppol or paypal in germany"),
        ("DO YOU RENT OVENS", "do you rent ovens"),
    ],
)
def test_what_could_say_who_asked_is_left_out(question: str, kept: str) -> None:
    assert normalised(question).replace(".", "") == kept.replace(".", "")


@pytest.mark.parametrize(
    ("language", "question", "kept"),
    [
        ("nl", "Mijn naam is Anna de Wit, verhuren jullie ovens?", "mijn naam is … verhuren jullie ovens"),
        ("nl", "Is dhr. Jansen er?", "is dhr … er"),
        ("de", "Ich heiße Anna Weiß, vermieten Sie Öfen?", "ich heiße … vermieten sie öfen"),
        ("de", "Kann Frau Schmidt anrufen?", "kann frau … anrufen"),
        ("de", "Gibt es Kaffee Maschinen zur Miete?", "gibt es kaffee maschinen zur miete"),
        ("de", "Liefern Sie an Müller Backwaren GmbH?", "liefern sie an …"),
        ("fr", "Je m'appelle Anne Dupont, louez-vous des fours ?", "je m'appelle … louez-vous des fours"),
        ("fr", "Madame Dupont est-elle là ?", "madame … est-elle là"),
    ],
)
def test_names_are_left_out_in_every_language(language: str, question: str, kept: str) -> None:
    assert normalised(question, language).replace(".", "") == kept


def test_names_that_are_known_are_left_out_however_they_are_written() -> None:
    hide = ["Bakkerij Jansen", "A. Jansen", "Jansen"]
    assert normalised("do you rent to bakkerij jansen or jansen?", hide=hide) == "do you rent to … or …"
    assert normalised("jansens are many", hide=hide) == "jansens are many"


def test_a_gap_is_closed_by_the_sync_that_answers_it_and_opened_when_the_answer_goes(
    store: Store, index: Index, session: Session, tmp_path: Path
) -> None:
    for asked in ("Do you rent out ovens?", "do you rent an oven", "Who won the cup?"):
        note_gap(session, asked, "en", at=MOMENT)
    session.commit()
    in_folder(tmp_path, paying=a_document("## Term\nThirty days.\n\n> When do I have to pay?\n"))
    assert sync(tmp_path, store=store, index=index).gaps_closed == []
    in_folder(
        tmp_path,
        renting=a_document(
            "## Renting\nOvens can be rented per month.\n\n> Do you rent ovens?\n> Can I rent an oven from you?\n",
            title="Renting",
            topic="renting",
        ),
    )
    (closed,) = sync(tmp_path, store=store, index=index).gaps_closed
    assert (closed.question, closed.times, closed.answered_by) == ("do you rent out ovens", 2, "en/renting/renting")
    assert sync(tmp_path, store=store, index=index).gaps_closed == []
    session.expire_all()
    assert [gap.question for gap in gaps(session)] == ["who won the cup"]
    (answered,) = gaps(session, answered=True)
    assert (answered.answered_by, answered.answered_at) == ("en/renting/renting", store.clock.now())

    in_folder(tmp_path, paying=a_document("## Term\nThirty days.\n\n> When do I have to pay?\n"))
    sync(tmp_path, store=store, index=index)
    session.expire_all()
    assert [gap.question for gap in gaps(session)] == ["do you rent out ovens", "who won the cup"]


def test_a_question_asked_in_vain_again_is_open_again(session: Session) -> None:
    note_gap(session, "Do you rent ovens?", "en", at=MOMENT)
    (gap,) = gaps(session)
    gap.answered_by, gap.answered_at = "en/renting/renting", MOMENT
    session.flush()
    assert gaps(session) == []
    note_gap(session, "Do you rent an oven?", "en", at=MOMENT)
    session.expire_all()
    assert [(gap.times, gap.answered_by) for gap in gaps(session)] == [(2, None)]
