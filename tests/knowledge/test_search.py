"""A question finds the passage that answers it, and a question that is not the library's finds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.documents import read_folder
from knowledge.index import Index
from knowledge.search import find_passages
from knowledge.sync import LIBRARY, sync
from o2c_core.store.store import Store
from tests.knowledge.conftest import a_document, in_folder

QUESTIONS = [line.split("\t") for line in Path(__file__).with_name("questions.tsv").read_text().splitlines()]
DOWN = Index("http://127.0.0.1:9")


def _measured(store: Store, index: Index | None) -> tuple[dict[str, float], str]:
    """The shares of the question table, and the lines that went wrong."""
    topics = {(part.name): one.topic for one in read_folder(LIBRARY) if one.language == "en" for part in one.sections}
    right_section = right_topic = answerable = off_topic = answered_off_topic = 0
    wrong = []
    for language, wanted, question in QUESTIONS:
        found = find_passages(question, language, store=store, index=index)
        given = found[0].key.split("/")[2] if found else "-"
        if wanted == "-":
            off_topic += 1
            answered_off_topic += bool(found)
        else:
            answerable += 1
            right_section += given in wanted.split()
            right_topic += bool(found) and found[0].topic == topics[wanted.split()[0]]
        if given not in wanted.split():
            wrong.append(f"{question} -> {given}, not {wanted}")
    shares = {
        "section": right_section / answerable,
        "topic": right_topic / answerable,
        "off topic": answered_off_topic / off_topic,
    }
    return shares, "\n".join([str(shares), *wrong])


def test_none_of_the_measured_questions_is_copied_into_the_library() -> None:
    def plain(question: str) -> str:
        return question.casefold().strip(" ?.")

    known = {plain(asked) for one in read_folder(LIBRARY) for part in one.sections for asked in part.questions}
    assert [question for *_, question in QUESTIONS if plain(question) in known] == []
    assert sum(wanted != "-" for _, wanted, _ in QUESTIONS) >= 60
    assert sum(wanted == "-" for _, wanted, _ in QUESTIONS) >= 40


def test_nine_in_ten_questions_find_their_answer_and_one_in_ten_others_at_most_an_answer(
    store: Store, library: Index
) -> None:
    shares, told = _measured(store, library)
    assert shares["topic"] >= 0.90, told
    assert shares["section"] >= 0.87, told
    assert shares["off topic"] <= 0.10, told


def test_words_alone_find_half_of_the_answers_and_are_as_careful_with_other_questions(
    store: Store, library: Index
) -> None:
    shares, told = _measured(store, None)
    assert shares["section"] >= 0.50, told
    assert shares["off topic"] <= 0.10, told


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
    assert (best.key, best.language) == (f"{language}/payment-terms/payment-term", language)
    assert best.document == f"{language}/payment-terms.md"
    assert "30" in best.text
    assert best.by == "both"
    assert 0.44 <= best.score <= 1
    by_words = find_passages(question, language, store=store, index=DOWN, limit=1)[0]
    assert (by_words.language, by_words.by) == (language, "words alone")


def test_what_is_not_written_in_a_language_is_answered_in_english(store: Store, library: Index) -> None:
    found = find_passages("Wie lange ist ein Angebot gültig?", "de", store=store, index=library, limit=1)
    assert [one.key for one in found] == ["en/invoicing/how-long-a-quote-is-valid"]
    assert find_passages("¿Cuánto cuesta el envío?", "es", store=store, index=library)[0].language == "en"


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
    assert sections <= {one.key.split("/")[2] for one in found}
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
