"""A draft leaves only if every figure, date, name and commitment in it has a receipt."""

from datetime import UTC, date, datetime

import pytest

from bot.facts import FactBook, NoSuchFact
from bot.guard import DraftRefused, check
from bot.wording import plain, say
from o2c_core.money import Money

READ_AT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)


def a_book() -> FactBook:
    book = FactBook("en_GB", READ_AT)
    book.money(Money(124050, "EUR"), "invoice INV-1 open")
    book.day(date(2026, 3, 3), "invoice INV-1 due")
    return book


@pytest.mark.parametrize(
    ("language", "draft"),
    [
        ("en", "Invoice {f1} is due on {f2}."),
        ("en", "You may march on; may I help with anything else?"),
        ("nl", "Dat staat hier op onze pakbon: {f1}."),
        ("de", "Hier steht es: {f1}, fällig am {f2}."),
        ("fr", "Voici le montant : {f1}."),
    ],
)
def test_words_and_places_pass(language: str, draft: str) -> None:
    check(draft, a_book(), language)


@pytest.mark.parametrize(
    ("language", "draft"),
    [
        ("en", "You owe 1240.50."),
        ("en", "You owe {f1} plus £5."),
        ("en", "You owe twelve hundred."),
        ("en", "It is due on Friday."),
        ("en", "It will come tomorrow."),
        ("en", "It is due in March 2026."),
        ("en", "A discount of ten percent applies."),
        ("en", "We will refund you."),
        ("en", "I guarantee it arrives."),
        ("en", "It was our fault."),
        ("en", "We will take you to court."),
        ("en", "Pay at https://evil.example/pay"),
        ("en", "Pay at evil.example.com today"),
        ("en", "Write to boss@evil.example"),
        ("en", "See {f9}."),
        ("en", "See {number}."),
        ("en", "You owe ٣٤٥."),
        ("en", "You owe １２."),
        ("nl", "U moet twaalf euro betalen."),
        ("nl", "Wij geven u korting."),
        ("nl", "Het komt overmorgen."),
        ("nl", "Anders komt de deurwaarder."),
        ("de", "Sie schulden zwanzig."),
        ("de", "Wir erstatten das."),
        ("de", "Am Donnerstag ist es da."),
        ("fr", "Il vous reste douze."),
        ("fr", "Nous vous remboursons."),
        ("fr", "C'est arrivé hier."),
    ],
)
def test_what_was_not_read_is_refused(language: str, draft: str) -> None:
    with pytest.raises(DraftRefused):
        check(draft, a_book(), language)


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_every_approved_sentence_passes_as_approved(language: str) -> None:
    for sentence in plain(language):
        check(sentence, a_book(), language, approved=plain(language))


def test_an_approved_sentence_does_not_open_the_door_for_the_rest() -> None:
    approved = say("complaint.logged", "en", number="f1", answer_by="f2")
    check(approved, a_book(), "en", approved=[approved])
    with pytest.raises(DraftRefused):
        check(f"{approved} We will refund you.", a_book(), "en", approved=[approved])


def test_a_fact_is_rendered_in_the_locale_with_its_source_and_moment() -> None:
    book = a_book()
    text, facts = book.render("It is {f1}, due {f2}; again {f1}.")
    assert text == "It is €1,240.50, due 3 March 2026; again €1,240.50."
    assert [fact.as_json() for fact in facts] == [
        {"id": "f1", "text": "€1,240.50", "source": "invoice INV-1 open at 2026-03-16T11:00:00Z"},
        {"id": "f2", "text": "3 March 2026", "source": "invoice INV-1 due at 2026-03-16T11:00:00Z"},
    ]


def test_what_a_fact_says_cannot_pull_in_another_fact() -> None:
    book = a_book()
    book.text("see {f1}", "order note")
    assert book.render("Note: {f3}")[0] == "Note: see {f1}"


def test_a_place_without_a_fact_cannot_be_rendered() -> None:
    with pytest.raises(NoSuchFact):
        a_book().render("{f7}")
