"""The approved sentences: the same ones in every language, and none with a figure of its own."""

import unicodedata

import pytest

from bot.wording import keys, say, slots
from o2c_core.customers.customer import LANGUAGES

every_language = pytest.mark.parametrize("language", LANGUAGES)


def _as_written(key: str, language: str) -> str:
    """The sentence as it stands in its file: each slot filled with its own name."""
    return say(key, language, **{slot: slot for slot in slots(key, language)})


@every_language
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert keys(language) ^ keys("en") == set()


@every_language
def test_a_sentence_needs_the_same_slots_in_every_language(language: str) -> None:
    assert [key for key in sorted(keys(language)) if slots(key, language) != slots(key, "en")] == []


@every_language
def test_no_sentence_is_empty(language: str) -> None:
    assert [key for key in sorted(keys(language)) if not _as_written(key, language).strip()] == []


@every_language
def test_no_sentence_holds_a_figure_of_its_own(language: str) -> None:
    figures = {
        key: sign
        for key in sorted(keys(language))
        for sign in _as_written(key, language)
        if unicodedata.category(sign) in ("Nd", "Nl", "No")
    }
    assert figures == {}


@every_language
def test_no_sentence_holds_a_currency_sign(language: str) -> None:
    currencies = {
        key: sign
        for key in sorted(keys(language))
        for sign in _as_written(key, language)
        if unicodedata.category(sign) == "Sc"
    }
    assert currencies == {}


@every_language
def test_no_sentence_raises_its_voice(language: str) -> None:
    assert [key for key in sorted(keys(language)) if "!" in _as_written(key, language)] == []


def test_a_slot_becomes_the_place_of_its_fact() -> None:
    assert say("order.shipped", "nl", number="f1") == "Bestelling {f1} is onderweg."


@every_language
def test_a_sentence_with_a_missing_fact_is_never_said(language: str) -> None:
    with pytest.raises(KeyError, match="ordered_on"):
        say("order.ordered", language, number="f1")


@every_language
def test_a_sentence_that_was_never_approved_is_never_said(language: str) -> None:
    with pytest.raises(KeyError, match="no_such_sentence"):
        say("no_such_sentence", language)


@pytest.mark.parametrize("language", ["pl", "pt-BR", ""])
def test_a_language_we_do_not_speak_gets_english(language: str) -> None:
    assert say("greeting", language) == say("greeting", "en")


@every_language
def test_who_writes_in_another_language_is_always_answered_in_english(language: str) -> None:
    assert say("other_language", language) == say("other_language", "en")
