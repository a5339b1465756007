"""A table of questions with known answers is read line by line, and a line that makes no sense is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.measuring import Question, QuestionsUnreadable, measure, read_questions
from knowledge.sync import sync
from o2c_core.store.store import Store
from tests.knowledge.conftest import a_document, in_folder


def test_a_line_is_a_language_the_sections_that_answer_and_a_question(tmp_path: Path) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text("# what is asked\nen\tterm cost\tWhen must I pay?\n\nnl\t-\tRegent het?\n")
    assert read_questions(file) == [
        Question("en", ("term", "cost"), "When must I pay?"),
        Question("nl", (), "Regent het?"),
    ]


@pytest.mark.parametrize("line", ["en\tterm", "es\tterm\tCuándo?", "en\t\tWhen?", "en\tterm\t ", "en term When?"])
def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.tsv"
    file.write_text(f"en\tterm\tWhen?\n{line}\n")
    with pytest.raises(QuestionsUnreadable, match="line 2"):
        read_questions(file)
    with pytest.raises(QuestionsUnreadable):
        read_questions(tmp_path / "none.tsv")


def test_right_is_the_wanted_section_first_or_no_answer_where_none_is_wanted(store: Store, tmp_path: Path) -> None:
    term = "## Term\nThirty days.\n\n> When do I have to pay?\n\n## Cost\nTen euros.\n\n> What does delivery cost?\n"
    in_folder(tmp_path, paying=a_document(term, title="Conditions"))
    sync(tmp_path, store=store, index=None)
    questions = [
        Question("en", ("term",), "When do I have to pay?"),
        Question("en", ("term",), "What does delivery cost?"),
        Question("en", ("term",), "Who won the cup?"),
        Question("en", (), "Who won the cup?"),
        Question("en", (), "When do we have to pay?"),
    ]
    told = measure(questions, store=store, index=None)
    english, whole = told.languages
    assert (english.questions, english.right_section, english.right_topic) == (3, 1, 2)
    assert (whole.off_topic, whole.answered_off_topic) == (2, 1)
    assert [(one.wanted, one.given) for one in told.wrong] == [("term", "cost"), ("term", "-"), ("-", "term")]
