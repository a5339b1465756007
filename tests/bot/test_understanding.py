"""What a message says, whatever it is made of."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.embedded.features import TEXT_MAX, legible, masked
from bot.embedded.plan import is_about_files
from bot.embedded.understanding import Reference, understand


def test_a_message_is_understood_with_its_language_its_wish_and_its_document() -> None:
    understood = understand("Wanneer vervalt factuur INV-2026-0042?")
    assert (understood.language, understood.language_is_sure, understood.is_sure) == ("nl", True, True)
    assert [intent.name for intent in understood.intents] == ["invoice_status"]
    assert understood.references.numbers == (Reference("INV-2026-0042", "invoice"),)
    assert not understood.is_angry
    assert not understood.is_legal_threat


@pytest.mark.parametrize("text", [
    "", " ", "\n\n", "\x00\x01\x02", "\ud800", "\udfff\ud800 where is my order", "?", "...", "👍", "🤬🤬🤬", "\u202e\u200b\ufeff",
    "a" * 10_000, "1" * 10_000, "where is my order? " * 600, "(" * 5000, "\u0301" * 3000, "𝔴𝔥𝔢𝔯𝔢", "SELECT * FROM orders; --",
    "{f1} {{f1}} %s {0}", "<script>alert(1)</script>", "\r\n\t", "ﷺ" * 500,
])  # fmt: skip
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    began = time.perf_counter()
    understood = understand(text, thread_language="nl")
    assert time.perf_counter() - began < 2
    assert understood.language in ("en", "nl", "de", "fr", "other")


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(), max_size=120))
def test_no_text_at_all_is_too_odd_to_be_read(text: str) -> None:
    understood = understand(text)
    assert all(0 <= intent.confidence <= 1 for intent in understood.intents)


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "???", "👍👍"])
def test_a_text_without_words_asks_for_nothing_and_is_not_sure(text: str) -> None:
    understood = understand(text, thread_language="fr")
    assert (understood.language, understood.intents, understood.is_sure) == ("fr", (), False)


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    assert len(legible("word " * 2000)) <= TEXT_MAX
    understood = understand("Where is my order SO-1003? " + "x" * 9_000 + " SO-2000")
    assert understood.references.numbers == (Reference("SO-1003", "order"),)


@pytest.mark.parametrize("text", ["zxcv bnmq wrtp", "hmm", "brrr"])
def test_what_is_not_clear_is_not_sure_or_not_ours(text: str) -> None:
    understood = understand(text)
    assert not understood.is_sure or understood.intents[0].name in ("out_of_scope", "greeting", "confirm", "deny")


@pytest.mark.parametrize("line", [
    "Where is SO-1003? | where is order number 1?",
    "Where is 1003? | where is number 1?",
    "I paid € 45,00 on 12/03/2026 | i paid amount on date",
    "mail anna@shop.example | mail email",
    "factuur 2026/0042 en 573744 | factuur number 1 en number 1",
])  # fmt: skip
def test_which_figure_it_is_does_not_sway_what_is_asked(line: str) -> None:
    text, wanted = line.split(" | ")
    assert masked(text) == wanted


@pytest.mark.parametrize("text", [
    "this is ridiculous", "Your service is UNACCEPTABLE", "I am fed up with you", "WHERE IS MY ORDER NOW", "where is it!!!",
    "dit is belachelijk", "ik ben woedend", "schandalige service", "das ist eine Frechheit", "ich bin stinksauer",
    "c'est inadmissible", "j'en ai marre", "is it coming or not?!?!",
])  # fmt: skip
def test_anger_is_heard(text: str) -> None:
    assert understand(text).is_angry


@pytest.mark.parametrize("text", [
    "where is my order?", "the invoice is wrong", "waar is mijn bestelling", "niet tevreden", "wo ist meine Bestellung",
    "où est ma commande", "SO-1003", "INV-2026-0042 PDF", "great!", "two boxes were broken", "Danke!",
])  # fmt: skip
def test_a_plain_question_is_not_anger(text: str) -> None:
    assert not understand(text).is_angry


@pytest.mark.parametrize("text", [
    "you will hear from my lawyer", "we'll take you to court", "I will start legal proceedings", "mijn advocaat neemt contact op",
    "dan stap ik naar de rechter", "ik stel u in gebreke", "ich schalte meinen Anwalt ein", "wir gehen vor Gericht",
    "mon avocat vous contactera", "je saisis le tribunal", "ceci est une mise en demeure",
])  # fmt: skip
def test_words_of_lawyers_and_courts_are_heard(text: str) -> None:
    assert understand(text).is_legal_threat


@pytest.mark.parametrize("text", [
    "my husband passed away, I cannot pay", "we are bankrupt", "mijn man is overleden, ik kan niet betalen",
    "wij hebben surseance aangevraagd", "mein Mann ist gestorben", "wir sind insolvent", "mon père est décédé",
    "nous sommes en redressement judiciaire",
])  # fmt: skip
def test_a_death_an_illness_or_an_insolvency_is_a_grave_matter(text: str) -> None:
    assert understand(text).is_grave


@pytest.mark.parametrize("text", [
    "the goods died in the cold", "de levering is ziek laat", "mein Konto", "I'm dying to know where it is", "ma facture",
])  # fmt: skip
def test_ordinary_words_are_no_grave_matter(text: str) -> None:
    assert not understand(text).is_grave


@pytest.mark.parametrize(("words", "is_about"), [
    ("Zie bijlage", True), ("See attached, thanks", True), ("Anbei die Unterlagen", True), ("Voir pièce jointe", True),
    ("", True), ("Goedemorgen", True), ("Hoeveel staat er nog open?", False), ("Attached: is INV-2026-0042 paid?", False),
    ("mijn advocaat stuurt u de bijlage", False),
])  # fmt: skip
def test_words_that_only_point_at_a_file_are_no_question(words: str, is_about: bool) -> None:
    assert is_about_files(words, understand(words)) is is_about


@pytest.mark.parametrize("text", [
    "please send the invoice", "of course", "the courtyard entrance", "graag de factuur", "klopt dat gerecht nog",
    "bitte die Rechnung", "merci de m'envoyer la facture", "I have an issue with 2044",
])  # fmt: skip
def test_ordinary_words_are_no_legal_threat(text: str) -> None:
    assert not understand(text).is_legal_threat
