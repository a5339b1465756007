"""A question finds the passage that answers it, and a question that is not the library's finds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents import read_folder
from knowledge.index import Index
from knowledge.measuring import measure, read_questions
from knowledge.search import SCORE_MIN, find_passages
from knowledge.sync import LIBRARY, sync
from o2c_core.store.store import Store
from tests.knowledge.conftest import a_document, in_folder

QUESTIONS = Path(__file__).with_name("questions.tsv")
DOWN = Index("http://127.0.0.1:9")
QUOTES = "## Quotes\nA quote is valid for a month.\n\n> How long is a quote valid?\n> Until when is an offer valid?\n> When does your quotation expire?\n"


def test_none_of_the_measured_questions_is_copied_into_the_library() -> None:
    def plain(question: str) -> str:
        return question.casefold().strip(" ?.")

    known = {plain(asked) for one in read_folder(LIBRARY) for part in one.sections for asked in part.questions}
    questions = read_questions(QUESTIONS)
    assert [question.text for question in questions if plain(question.text) in known] == []
    for language in ("en", "nl", "de", "fr"):
        assert sum(bool(one.wanted) for one in questions if one.language == language) >= 30
    assert sum(not one.wanted for one in questions) >= 87


def test_nine_in_ten_questions_find_their_answer_and_one_in_twenty_five_others_at_most_an_answer(
    store: Store, library: Index
) -> None:
    told = measure(read_questions(QUESTIONS), store=store, index=library)
    whole = told.languages[-1]
    assert whole.language == "all"
    assert whole.right_topic / whole.questions >= 0.93, told.wrong
    assert whole.share_right >= 0.90, told.wrong
    assert whole.share_off_topic <= 0.04, told.wrong
    for one in told.languages:
        assert one.share_right >= 0.85, told.wrong
        assert one.share_off_topic <= 0.10, told.wrong


def test_words_alone_find_four_in_ten_answers_and_are_as_careful_with_other_questions(
    store: Store, library: Index
) -> None:
    whole = measure(read_questions(QUESTIONS), store=store, index=None).languages[-1]
    assert whole.share_right >= 0.43
    assert whole.share_off_topic <= 0.04


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "What are your payment terms?"),
        ("nl", "Wat is jullie betaaltermijn?"),
        ("de", "Wie sind Ihre Zahlungsbedingungen?"),
        ("fr", "Quelles sont vos conditions de paiement ?"),
    ],
)
def test_an_answer_comes_in_the_language_of_the_question_and_says_where_it_stands(
    store: Store, library: Index, language: str, question: str
) -> None:
    best = find_passages(question, language, store=store, index=library, limit=1)[0]
    assert (best.key, best.language) == (f"{language}/payment-terms/payment-term~vandijk", language)
    assert best.document == f"{language}/payment-terms.md"
    assert "30" in best.text
    assert best.by == "both"
    assert SCORE_MIN <= best.score <= 1
    by_words = find_passages(question, language, store=store, index=DOWN, limit=1)[0]
    assert (by_words.language, by_words.by) == (language, "words alone")


def test_what_is_not_written_in_a_language_is_answered_in_english(
    store: Store, index: Index, library: Index, tmp_path: Path
) -> None:
    assert find_passages("¿Cuánto cuesta el envío?", "es", store=store, index=library)[0].language == "en"
    in_folder(tmp_path, quotes=a_document(QUOTES))
    sync(tmp_path, store=store, index=index)
    found = find_passages("Wie lange ist ein Angebot gültig?", "de", store=store, index=index, limit=1)
    assert [one.language for one in found] == ["en"]


@pytest.mark.parametrize(
    ("message", "sections"),
    [
        (
            "Hello. What are your opening hours? And what does shipping cost?",
            {"opening-hours", "delivery-costs"},
        ),
        ("What is your return policy? Also, where is my order SO-1042?", {"returning-goods"}),
        ("Where is my order SO-1042? I paid yesterday.", set()),
    ],
)
def test_each_sentence_of_a_message_is_asked_by_itself(
    store: Store, library: Index, message: str, sections: set[str]
) -> None:
    found = find_passages(message, "en", store=store, index=library)
    assert sections <= {one.name for one in found}
    assert bool(found) == bool(sections)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "???",
        "'",
        "\\",
        "a & !b | (c:*",
        '"unclosed',
        "-term",
        "🙂🙂🙂",
        "\x00zero",
        "pay " * 5000,
        "é" * 2000,
    ],
)
@pytest.mark.parametrize("up", [True, False])
def test_no_text_upsets_the_search(store: Store, library: Index, text: str, up: bool) -> None:
    for found in find_passages(text, "en", store=store, index=library if up else None):
        assert found.text


PAY, LIMIT, FEE = "When do I have to pay?", "What is the approval limit?", "What is the late fee?"
WEATHER = "How is the weather today?"


def test_nobody_reads_what_is_for_others_or_does_not_hold_yet(store: Store, index: Index, tmp_path: Path) -> None:
    folder = in_folder(
        tmp_path / "documents",
        shown=a_document("## Term\nThirty days.\n\n> When do I have to pay?\n"),
        staff=a_document(
            "## Limit\nTen thousand.\n\n> What is the approval limit?\n",
            title="Limits",
            topic="limits",
            audience="staff",
        ),
        later=a_document(
            "## Fee\nFive euros.\n\n> What is the late fee?\n", title="Fees", topic="fees", valid_from="2026-03-17"
        ),
        other=a_document("## Weather\n> How is the weather today?\n", title="Other", topic="other", audience="nobody"),
    )
    sync(folder, store=store, index=index)
    for place in (index, None):
        asked = {
            question: [one.topic for one in find_passages(question, "en", store=store, index=place)]
            for question in (PAY, LIMIT, FEE, WEATHER)
        }
        assert asked[PAY][:1] == ["paying"]
        assert "limits" not in asked[LIMIT]
        assert "fees" not in asked[FEE]
        assert asked[WEATHER] == []
        staff = find_passages(LIMIT, "en", store=store, index=place, audience="staff")
        assert [one.topic for one in staff][:1] == ["limits"]


def test_a_passage_that_has_just_been_removed_is_not_found_by_its_old_vectors(
    store: Store, index: Index, tmp_path: Path
) -> None:
    question = "When do I have to pay?"
    folder = in_folder(tmp_path / "documents", paying=a_document(f"## Term\nThirty days.\n\n> {question}\n"))
    sync(folder, store=store, index=index)
    in_folder(folder, sending=a_document("## Cost\nTen euros.\n", title="Sending", topic="sending"))
    sync(folder, store=store, index=None)
    assert find_passages(question, "en", store=store, index=index) == []
