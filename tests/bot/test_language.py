"""Which language a message is written in."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.embedded.language import OURS, detect
from bot.embedded.lessons import EXAMPLES, Example, read_examples
from bot.embedded.measurement import read_heldout

HELDOUT = Path(__file__).parent / "heldout"


@pytest.mark.parametrize("line", [
    "en | Could you tell me when the goods will arrive?",
    "nl | Kunt u mij vertellen wanneer de spullen aankomen?",
    "de | Können Sie mir sagen, wann die Ware ankommt?",
    "fr | Pouvez-vous me dire quand la marchandise arrivera ?",
    "en | hello",
    "nl | hoi",
    "de | danke",
    "fr | bonjour",
    "nl | factuur 573744",
    "de | Rechnung 2026/0042",
    "fr | facture FA-10087",
    "en | where is SO-1003",
    "nl | SO-1003 INV-2026-0042 nog niet binnen, waar blijft het",
    "other | ¿Dónde está mi pedido SO-1003?",
    "other | Dov'è la mia fattura di marzo?",
    "other | Gdzie jest moja paczka?",
    "other | Siparişim ne zaman gelecek?",
    "other | Onde está a minha encomenda?",
    "other | Где мой заказ?",
    "other | 我的订单在哪里",
    "other | hola",
    "other | grazie",
])  # fmt: skip
def test_a_message_is_known_by_its_words(line: str) -> None:
    code, text = line.split(" | ")
    detected = detect(text)
    assert (detected.code, detected.is_sure) == (code, True)


@pytest.mark.parametrize("line", [
    "573744 | nl | nl",
    "SO-1003 | de | de",
    "ok | fr | fr",
    "status | nl | nl",
    "invoice 573744 | de | de",
    "👍 | nl | nl",
    "hoi | en | nl",
    "merci beaucoup | en | fr",
    "bestelling 1003 | en | nl",
    "merci | nl | nl",
    "thanks | de | de",
])  # fmt: skip
def test_under_three_words_the_thread_knows_best_unless_a_word_gives_it_away(line: str) -> None:
    text, thread, code = line.split(" | ")
    assert detect(text, thread).code == code


def test_a_thread_changes_language_when_its_customer_does() -> None:
    assert detect("Can we continue in English please, my colleague reads along?", thread="nl").code == "en"
    assert detect("Liever in het Nederlands, dat praat makkelijker", thread="en").code == "nl"


def test_a_text_without_words_is_in_the_language_of_the_thread_and_not_sure() -> None:
    for text in ("", "   ", "???", "12345", "\ud800", "\x00"):
        assert detect(text, "de").code == "de"
        assert not detect(text, "de").is_sure
        assert detect(text).code in OURS


def share_right(examples: list[Example], *, with_thread: bool) -> float:
    right = [detect(one.text, one.language if with_thread else None).code == one.language for one in examples]
    return sum(right) / len(right)


@pytest.mark.parametrize("language", OURS)
def test_nearly_all_messages_of_three_words_and_more_are_recognised_without_a_thread(language: str) -> None:
    examples = [one for one in read_examples(EXAMPLES) if one.language == language and one.intent != "out_of_scope"]
    long = [one for one in examples if len(one.text.split()) >= 4]
    assert share_right(long, with_thread=False) >= 0.985


@pytest.mark.parametrize("language", OURS)
def test_nearly_all_heldout_messages_are_recognised_within_their_thread(language: str) -> None:
    lines = read_heldout(HELDOUT / f"{language}.tsv")
    messages = [Example(language, "", line.text) for line in lines]
    assert share_right(messages, with_thread=True) >= 0.98
    assert sum(detect(line.text).code == "other" for line in lines) <= 0.01 * len(lines)
