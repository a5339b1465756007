"""What messages ask for, measured on messages the model never saw."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from bot.embedded.clauses import asked_about, clauses, cut, settled
from bot.embedded.head import ModelOutdated, trained_head
from bot.embedded.intents import find_intents
from bot.embedded.lessons import EXAMPLES, NoExamples, examples_checksum, read_examples, read_reasons, read_two_wishes
from bot.embedded.measurement import Measured, measure, read_heldout
from bot.embedded.training import train
from bot.embedded.understanding import understand

HELDOUT = Path(__file__).parent / "heldout"

# A little under what `parley train --check` measured; docs/understanding.md has the figures themselves.
ACCURACY = {"en": 0.95, "nl": 0.92, "de": 0.91, "fr": 0.95}
BOTH_FOUND = {"en": 0.89, "nl": 0.87, "de": 0.93, "fr": 0.93}
# The same for the messages written by somebody who never saw an example.
FRESH_ACCURACY = {"en": 0.92, "nl": 0.93, "de": 0.925, "fr": 0.905}
FRESH_BOTH_FOUND = {"en": 0.80, "nl": 0.75, "de": 0.75, "fr": 0.77}


@cache
def measured(language: str) -> Measured:
    return measure(HELDOUT / f"{language}.tsv")


@cache
def measured_fresh(language: str) -> Measured:
    return measure(HELDOUT / "fresh" / f"{language}.tsv")


@pytest.mark.parametrize("language", ACCURACY)
def test_intents_are_understood_on_messages_never_seen(language: str) -> None:
    found = measured(language)
    assert found.accuracy >= ACCURACY[language], found.confused
    assert min(found.each.values()) >= 0.5, found.confused


@pytest.mark.parametrize("language", ACCURACY)
def test_messages_of_somebody_who_never_saw_an_example_are_understood(language: str) -> None:
    found = measured_fresh(language)
    assert found.accuracy >= FRESH_ACCURACY[language], found.confused
    assert found.accuracy_when_sure >= 0.94
    assert found.both_found >= FRESH_BOTH_FOUND[language]
    assert found.false_seconds <= 0.03
    assert found.leak_acted <= 0.03
    assert found.leak_to_write <= 0.02


@pytest.mark.parametrize("language", ACCURACY)
def test_sure_means_sure(language: str) -> None:
    found = measured(language)
    assert found.accuracy_when_sure >= ACCURACY[language]
    assert found.accuracy_when_sure > found.accuracy
    assert found.sure >= 0.8


def test_off_topic_messages_are_not_acted_on() -> None:
    files = [measured(language) for language in ACCURACY]
    lines = {"en": 60, "nl": 60, "de": 30, "fr": 30}
    leaks = sum(found.leak_when_sure * lines[found.language] for found in files)
    assert leaks / sum(lines.values()) <= 0.03, [found.confused for found in files]


@pytest.mark.parametrize("language", ACCURACY)
def test_two_wishes_are_both_found_and_one_wish_stays_one(language: str) -> None:
    found = measured(language)
    assert found.both_found >= BOTH_FOUND[language]
    assert found.one_found >= 0.85
    assert found.false_seconds <= 0.03


@pytest.mark.parametrize("line", [
    "order_status | any idea where SO-1003 has got to?",
    "order_status | SO-1003 was meant to land on Tuesday, what's keeping it",
    "order_status | heeft iemand enig idee waar SO-1003 uithangt",
    "order_status | SO-1003 had er dinsdag moeten zijn, waar blijft die",
    "order_status | tell me how my last order is getting on",
    "order_status | has the latest thing I ordered been shipped yet",
    "order_status | hoe ver is mijn laatste bestelling",
    "order_status | is wat ik het laatst besteld heb al verzonden",
    "list_orders | run me through all the orders I've got with you",
    "list_orders | which orders did we place these past weeks",
    "list_orders | zet al mijn bestellingen eens op een rijtje",
    "list_orders | welke orders hebben we de afgelopen weken geplaatst",
    "invoice_status | what's the deadline for paying INV-2026-0042",
    "invoice_status | on which date does invoice 2044 fall due",
    "invoice_status | voor welke datum moet INV-2026-0042 betaald zijn",
    "invoice_status | wanneer verloopt de termijn van factuur 2044",
    "payment_status | have you had our money for INV-2026-0042 yet",
    "payment_status | does invoice 2044 show as paid at your end",
    "payment_status | hebben jullie ons geld voor INV-2026-0042 al binnen",
    "payment_status | staat factuur 2044 bij jullie op betaald",
    "list_open_invoices | which of our invoices are still sitting unpaid",
    "list_open_invoices | run me through the bills we've yet to settle",
    "list_open_invoices | welke van onze facturen liggen er nog onbetaald",
    "list_open_invoices | som de rekeningen op die wij nog moeten voldoen",
    "account_balance | add it all up, what do I owe",
    "account_balance | what's the grand total outstanding on our account",
    "account_balance | tel alles eens op, wat ben ik jullie schuldig",
    "account_balance | wat is het totaalbedrag dat bij ons openstaat",
    "complaint | your driver dumped the boxes in the rain and half of it is ruined",
    "complaint | shoddy work, two of the lamps were cracked on arrival",
    "complaint | jullie chauffeur zette de dozen in de regen en de helft is verpest",
    "complaint | slordig werk, twee lampen waren gebarsten bij aankomst",
    "human | enough of this bot, get me one of your colleagues",
    "human | could somebody from your office give me a ring",
    "human | genoeg met die bot, geef me een collega",
    "human | kan iemand van kantoor mij even bellen",
    "policy_question | how many days do customers get to pay an invoice",
    "policy_question | what payment terms apply to new customers",
    "policy_question | hoeveel dagen krijgen klanten om een factuur te betalen",
    "policy_question | welke betaaltermijn geldt voor nieuwe klanten",
    "thanks | wonderful, you've helped me a lot",
    "thanks | thanks ever so much",
    "thanks | geweldig, daar ben ik mee geholpen, dank u",
    "thanks | ontzettend bedankt hoor",
    "out_of_scope | which wine goes with oysters",
    "out_of_scope | write a limerick about a frog",
    "out_of_scope | welke wijn past er bij oesters",
    "out_of_scope | schrijf een limerick over een kikker",
])  # fmt: skip
def test_what_people_ask_most_is_understood_in_unusual_words(line: str) -> None:
    wanted, text = line.split(" | ")
    assert [intent.name for intent in find_intents(text).intents] == [wanted]


@pytest.mark.parametrize("line", [
    "Good morning, where is my order SO-1003? | order_status",
    "Where is order 1003? Thanks in advance, kind regards | order_status",
    "Hoi, welke facturen staan nog open? Alvast bedankt | list_open_invoices",
    "Guten Tag, wann kommt meine Bestellung 1003? Vielen Dank | order_status",
    "Bonjour, où en est ma commande 1003 ? Merci d'avance | order_status",
])  # fmt: skip
def test_politeness_around_a_wish_is_no_wish(line: str) -> None:
    text, wanted = line.split(" | ")
    assert [intent.name for intent in find_intents(text).intents] == [wanted]


@pytest.mark.parametrize("line", [
    "Where is order 1003? And please send me a copy of invoice 2044. | order_status, invoice_copy",
    "Waar is bestelling 1003? En stuur een kopie van factuur 2044. | order_status, invoice_copy",
    "Wo ist Bestellung 1003? Und schicken Sie bitte eine Kopie von Rechnung 2044. | order_status, invoice_copy",
    "Où est la commande 1003 ? Et envoyez une copie de la facture 2044. | order_status, invoice_copy",
])  # fmt: skip
def test_two_wishes_come_in_the_order_in_which_they_were_said(line: str) -> None:
    text, wanted = line.split(" | ")
    assert ", ".join(intent.name for intent in find_intents(text).intents) == wanted


@pytest.mark.parametrize("line", [
    "Where is it? I need it today. | Where is it? / I need it today.",
    "inv. 2044 is wrong | inv. 2044 is wrong",
    "pay 2044 and send 2045 | pay 2044 / send 2045",
    "nuts and bolts | nuts and bolts",
    "waar is 1003, en wat moet ik betalen | waar is 1003 / wat moet ik betalen",
    "eerste regel\n\ntweede regel | eerste regel / tweede regel",
    "1. copy of 2044 2. when is 1003 here | copy of 2044 / when is 1003 here",
    "on the 2. of May we paid 2044 | on the 2. of May we paid 2044",
    "is 2044 betaald en anders een betaallink | is 2044 betaald / anders een betaallink",
])  # fmt: skip
def test_a_message_is_cut_where_two_wishes_could_meet(line: str) -> None:
    text, wanted = line.split(" | ")
    assert " / ".join(clauses(text)) == wanted


@pytest.mark.parametrize("line", [
    "is 1003 shipped\ncan I pay 2044 by card | order_status, payment_methods",
    "waar is 1003\nen stuur de factuur | order_status, invoice_copy",
])  # fmt: skip
def test_a_wish_may_end_where_a_line_ends(line: str) -> None:
    text, wanted = line.split(" | ")
    assert ", ".join(intent.name for intent in understand(text).intents) == wanted


@pytest.mark.parametrize("line", [
    "We are moving house at the moment. Where is order 1003? | order_status",
    "I am new in this job, so please send invoice 2044 again | invoice_copy",
    "Ik doe dit voor het eerst. Waar is bestelling 1003? | order_status",
    "Ich mache das zum ersten Mal. Wo ist Bestellung 1003? | order_status",
    "Je fais ça pour la première fois. Où est la commande 1003 ? | order_status",
])  # fmt: skip
def test_a_reason_in_front_of_a_wish_is_no_wish(line: str) -> None:
    text, wanted = line.split(" | ")
    assert [intent.name for intent in find_intents(text).intents] == [wanted]


def test_a_changed_reason_asks_for_training(tmp_path: Path) -> None:
    examples = a_few_examples(tmp_path)
    before = examples_checksum(examples)
    (examples / "en" / "reasons.tsv").write_text("I am new here", encoding="utf-8")
    assert examples_checksum(examples) != before
    assert read_reasons(examples) == [("en", "I am new here")]


def test_a_sentence_plain_as_a_whole_is_not_taken_apart() -> None:
    parts = cut("Any news? The chairs of 1200, when do they come")
    assert parts.clauses == ["Any news?", "The chairs of 1200", "when do they come"]
    assert asked_about(parts)[3:] == ["The chairs of 1200, when do they come"]
    taken = [text for _, text in settled(parts, [False, False, False, False])]
    assert taken == parts.clauses
    whole = settled(parts, [False, False, False, True])
    assert whole == [(0, "Any news?"), (3, "The chairs of 1200, when do they come")]


def test_the_model_was_trained_on_the_examples_as_they_are_now() -> None:
    assert trained_head().checksum == examples_checksum(), "the examples have changed: run `parley train`"
    assert set(trained_head().intents) == {one.intent for one in read_examples()}


def test_every_message_of_two_wishes_names_two_intents_there_are() -> None:
    known = {one.intent for one in read_examples()}
    assert {language.name for language in EXAMPLES.iterdir() if (language / "two_wishes.tsv").exists()} == set(ACCURACY)
    for text, wanted in read_two_wishes():
        assert text
        assert len(set(wanted)) == 2, text
        assert set(wanted) <= known, text


def test_a_changed_message_of_two_wishes_asks_for_training(tmp_path: Path) -> None:
    examples = a_few_examples(tmp_path)
    before = examples_checksum(examples)
    (examples / "en" / "two_wishes.tsv").write_text("human+refund\tcall me and pay me back", encoding="utf-8")
    assert examples_checksum(examples) != before
    assert read_two_wishes(examples) == [("call me and pay me back", ("human", "refund"))]


def test_every_line_of_the_heldout_files_is_measured() -> None:
    for file in HELDOUT.rglob("*.tsv"):
        assert len(read_heldout(file)) == len(file.read_text(encoding="utf-8").splitlines())


def test_no_example_is_a_heldout_message() -> None:
    heldout = {
        line.rpartition("\t")[0].casefold()
        for file in HELDOUT.rglob("*.tsv")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    learned = [one.text for one in read_examples()] + [text for text, _ in read_two_wishes()]
    long = [text for text in learned if len(text.split()) > 3]
    assert [text for text in long if text.casefold() in heldout] == []


def a_few_examples(folder: Path) -> Path:
    """Enough to learn from in a few seconds: some English lines of every intent."""
    for file in sorted((EXAMPLES / "en").glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        (folder / "en").mkdir(exist_ok=True)
        (folder / "en" / file.name).write_text("\n".join(lines[: len(lines) : 12][:7]), encoding="utf-8")
    return folder


@pytest.mark.long
def test_training_twice_on_the_same_examples_gives_the_same_bytes(tmp_path: Path) -> None:
    examples = a_few_examples(tmp_path)
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    report = train(examples, first)
    train(examples, second)
    assert first.read_bytes() == second.read_bytes()
    assert report.accuracy["en"] > 0.4
    assert trained_head(first).checksum == examples_checksum(examples)


def test_a_folder_without_examples_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoExamples, match="no examples"):
        train(tmp_path, tmp_path / "model.npz")


def test_a_model_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.embedded.head.VERSION", 0)
    old = tmp_path / "old.npz"
    trained_head().save(old)
    monkeypatch.undo()
    with pytest.raises(ModelOutdated, match="parley train"):
        trained_head(old)


def test_understanding_a_message_needs_no_scikit_learn() -> None:
    program = (
        "import sys; from bot.embedded.understanding import understand; understand('where is my order 1003');"
        " sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False).returncode == 0
