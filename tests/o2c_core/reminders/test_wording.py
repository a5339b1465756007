"""The approved sentences: the same ones in every language and form, and none that asks for what it must not."""

import re
import tomllib
from pathlib import Path

import pytest

import o2c_core.reminders.wording as wording_package
from o2c_core.customers.customer import LANGUAGES
from o2c_core.reminders.links import links_of
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.salutation import Greeted
from o2c_core.reminders.text import write_text
from o2c_core.reminders.wording import SECTIONS, wording_in
from tests.o2c_core.reminders.personal import (
    PLACES,
    PLATE,
    TO,
    a_letter,
    a_line,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_approved_sentence_asks_for_a_word_a_provider_would_take_as_a_stop(language: str) -> None:
    words = tomllib.loads(Path(wording_package.__file__).with_name(f"{language}.toml").read_text())
    for group, sentences in words.items():
        for name, sentence in sentences.items():
            found = re.findall(r"\b(YES|CANCEL|END|QUIT|UNSUBSCRIBE|START|STOP|JA|OUI|ARRET)\b", sentence)
            assert found == (["STOP"] if (group, name) == ("sms", "stop") else [])
            assert "!" not in sentence
            assert not re.search(r"\bkindly\b|as per our records|immediately|urgent|\bdringend\b", sentence.lower())


def test_all_sections_have_a_subject_an_opening_an_ask_and_a_text() -> None:
    words = tomllib.loads(Path(wording_package.__file__).with_name("en.toml").read_text())
    for section in SECTIONS:
        assert set(words[section]) == {"subject_one", "subject_many", "opening_one", "opening_many", "ask"}
        assert {f"{section}_one", f"{section}_many"} <= set(words["sms"])


DISTANT = {
    "nl": r"\b[Uu]w?\b",
    "de": r"\b(Sie|Ihnen|Ihre?[mnrs]?)\b",
    "fr": r"\b([Vv]ous|[Vv]otre|[Vv]os)\b",
    "en": "$^",
}
CLOSE = {"nl": r"\bje\b", "de": r"\b(du|dir|dich|deine?[mnrs]?)\b", "fr": r"\b(tu|ton|ta|tes|te)\b", "en": "$^"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_informal_sentences_stand_for_formal_ones_with_the_same_values(language: str) -> None:
    formal, close = wording_in(language), wording_in(language, is_informal=True)
    assert close.sentences.keys() == formal.sentences.keys()
    for name, sentence in close.sentences.items():
        assert sorted(PLACES.findall(sentence)) == sorted(PLACES.findall(formal.sentences[name])), name
        if name not in ("greeting.ms", "greeting.mr"):
            assert not re.search(DISTANT[language], sentence), name
    for name, sentence in formal.sentences.items():
        assert not re.search(CLOSE[language], sentence, re.IGNORECASE if language != "fr" else 0), name


@pytest.mark.parametrize(("language", "greeting", "words"), [
    ("en", "Hi Anna,", "Is something in the way?"),
    ("nl", "Beste Anna,", "Je kunt op dit bericht antwoorden"),
    ("de", "Hallo Anna,", "Antworte gern auf diese Nachricht"),
    ("fr", "Bonjour Anna,", "Réponds à ce message"),
])  # fmt: skip
def test_whoever_is_written_to_by_first_name_is_written_to_so_throughout(
    language: str, greeting: str, words: str
) -> None:
    letter = a_letter(a_line(7), language=language, is_informal=True, greeted=Greeted("Anna"))
    mail = write_mail(letter, links_of(letter, TO, PLATE))
    text = write_text(letter, may_reply=True, links=links_of(letter, TO, PLATE))
    assert mail.text.startswith(greeting)
    assert words in mail.text
    for said_in in (mail.text, text.text):
        assert not re.search(DISTANT[language], re.sub(r"https://\S+", "", said_in))
