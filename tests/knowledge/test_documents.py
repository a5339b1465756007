"""Documents say what they are, and one that does not is refused in one sentence."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from knowledge.documents import (
    DocumentUnreadable,
    FolderMissing,
    NoSection,
    NoTitle,
    UnknownAudience,
    UnknownLanguage,
    read_document,
    read_folder,
)
from knowledge.sync import LIBRARY
from o2c_core.errors import Refused
from tests.knowledge.conftest import a_document

ANSWER = "## Term\nThirty days.\n"


def test_a_section_is_an_answer_and_the_questions_that_ask_for_it() -> None:
    document = read_document(
        a_document(
            "## Betaal*termijn* {#term}\nDertig dagen, zie\n[de voorwaarden](https://vandijk.example/v).\n\n"
            "- per bank\n- per link\n\n> Hoe lang heb ik?\n> wat is de termijn\n\n> En in Duitsland?\n\n## Rente\nGeen.\n",
            language="nl",
        ),
        "nl/paying.md",
    )
    assert (document.title, document.topic, document.valid_from) == ("Paying", "paying", date(2026, 1, 1))
    term, interest = document.sections
    assert (term.name, term.title) == ("term", "Betaaltermijn")
    assert term.text == "Dertig dagen, zie\nde voorwaarden (https://vandijk.example/v).\nper bank\nper link"
    assert term.questions == ("Hoe lang heb ik?", "wat is de termijn", "En in Duitsland?")
    assert (interest.name, interest.questions) == ("rente", ())


@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("## Term\nThirty days.\n", DocumentUnreadable),
        ("+++\ntitle = \n+++\n## Term\nThirty days.\n", DocumentUnreadable),
        ("", DocumentUnreadable),
        (a_document(ANSWER, title=" "), NoTitle),
        (a_document(ANSWER).replace('owner = "Finance"\n', ""), NoTitle),
        (a_document(ANSWER, valid_from='"tomorrow"'), NoTitle),
        (a_document(ANSWER, valid_from="2026-01-01T10:00:00"), NoTitle),
        (a_document(ANSWER, language="es"), UnknownLanguage),
        (a_document(ANSWER, audience="friends"), UnknownAudience),
        (a_document("No heading above this.\n"), NoSection),
        (a_document("Some words first.\n\n" + ANSWER), NoSection),
        (a_document("## Term\n\n> How long?\n"), NoSection),
        (a_document(ANSWER + ANSWER), NoSection),
        (a_document("##\nThirty days.\n"), NoSection),
    ],
)
def test_a_document_that_does_not_say_what_it_is_is_refused_by_name(text: str, failure: type[Refused]) -> None:
    with pytest.raises(failure, match=r"^en/odd\.md: the document.*\.$") as refused:
        read_document(text, "en/odd.md")
    assert "\n" not in refused.value.sentence


def test_a_file_that_is_not_text_is_refused_and_a_readme_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("How this folder works.")
    with pytest.raises(FolderMissing):
        read_folder(tmp_path)
    (tmp_path / "a.md").write_text("\ufeff" + a_document(ANSWER).replace("\n", "\r\n"), newline="")
    assert [document.name for document in read_folder(tmp_path)] == ["a.md"]
    (tmp_path / "b.md").write_bytes(b"+++\n\xff\xfe\n")
    with pytest.raises(DocumentUnreadable, match=r"^b\.md: "):
        read_folder(tmp_path)


def test_the_library_says_the_same_things_in_every_language() -> None:
    documents = read_folder(LIBRARY)
    places = {
        language: {(one.topic, part.name) for one in documents if one.language == language for part in one.sections}
        for language in ("en", "nl", "de", "fr")
    }
    assert len(places["en"]) > 60
    assert places["nl"] == places["en"]
    assert places["de"] == places["en"]
    assert places["fr"] == places["en"]


def test_every_answer_of_the_library_can_be_given_as_it_stands() -> None:
    for document in read_folder(LIBRARY):
        for section in document.sections:
            where = f"{document.name} {section.name}"
            assert "!" not in section.text, where
            assert len(re.findall(r"(?<!\d)[.?](?=\s|$)", section.text)) <= 3, where
            assert len(section.text) <= 320, where
            assert document.audience == "nobody" or section.questions, where


def test_amounts_and_days_are_the_same_in_every_language() -> None:
    figures: dict[tuple[str, str], dict[str, set[str]]] = {}
    for document in read_folder(LIBRARY):
        for section in document.sections:
            written = re.findall(r"\d+(?:[.,:]\d+)?", re.sub(r"\b(\d+) h(?: (\d\d))?\b", _clock, section.text))
            numbers = {re.sub(r"[.,]00$", "", number).replace(",", ".") for number in written}
            figures.setdefault((document.topic, section.name), {})[document.language] = numbers
    for place, by_language in figures.items():
        assert by_language["nl"] == by_language["en"], place
        for other in by_language.values():
            assert other <= by_language["en"] | {"1"}, place


def _clock(hour: re.Match[str]) -> str:
    """The French way of writing the time, in the way of the others."""
    return f"{hour[1]}:{hour[2] or '00'}"
