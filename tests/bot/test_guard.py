"""A draft leaves only if every figure, date, name and commitment in it has a receipt."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import FactBook, NoSuchFact
from bot.guard import DraftRefused, check
from bot.guard.approved import harmless
from bot.wording import keys, plain, say, slots
from o2c_core.money import Money

READ_AT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
LANGUAGES = ("en", "nl", "de", "fr")


def a_book() -> FactBook:
    """f1 and f2 are of one invoice (number and due day), and f3 is what is open on it."""
    book = FactBook("en_GB", READ_AT)
    book.text("INV-1", "invoice INV-1")
    book.day(date(2026, 3, 3), "invoice INV-1 due")
    book.money(Money(124050, "EUR"), "invoice INV-1 open")
    return book


def table(name: str) -> list[tuple[str, str]]:
    lines = (Path(__file__).parent / "guard" / name).read_text("utf-8").split("\n")
    return [(language, draft) for language, _, draft in (line.partition("\t") for line in lines if line)]


def refusal(draft: str, language: str = "en", approved: tuple[str, ...] = ()) -> str | None:
    """What the guard found, or None when the draft may leave."""
    try:
        check(draft, a_book(), language, approved)
    except DraftRefused as refused:
        return str(refused.fields["kind"])
    return None


@pytest.mark.parametrize(("language", "draft"), table("refused.tsv"))
def test_what_was_not_read_is_refused(language: str, draft: str) -> None:
    assert refusal(draft, language) is not None


@pytest.mark.parametrize(("language", "draft"), table("allowed.tsv"))
def test_words_and_places_pass(language: str, draft: str) -> None:
    assert refusal(draft, language) is None


def test_the_tables_are_long_enough() -> None:
    assert len(set(table("refused.tsv"))) >= 300
    assert len(set(table("allowed.tsv"))) >= 120


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_approved_sentence_passes_as_approved(language: str) -> None:
    for sentence in plain(language):
        check(sentence, a_book(), language, approved=plain(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_approved_sentences_together_pass(language: str) -> None:
    said = [filled(key, language) for key in sorted(keys(language)) if len(filled(key, language).split()) > 2]
    for start in range(0, len(said), 7):
        check(" ".join(said[start : start + 1]), a_book(), language, approved=said)
        check("\n\n".join(said[start : start + 7]), a_book(), language, approved=said)


def filled(key: str, language: str) -> str:
    return say(key, language, **dict.fromkeys(slots(key, language), "f1"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_model_may_always_say_is_no_receipt_for_anything(language: str) -> None:
    always = tuple(harmless(language))
    for sentence in always:
        assert refusal(sentence, language, always) is None
    for other, draft in table("refused.tsv"):
        if other == language:
            assert refusal(draft, language, always) is not None, draft


def test_an_approved_sentence_does_not_open_the_door_for_the_rest() -> None:
    approved = say("complaint.logged", "en", number="f1", answer_by="f2")
    check(approved, a_book(), "en", approved=[approved])
    with pytest.raises(DraftRefused):
        check(f"{approved} We will refund you.", a_book(), "en", approved=[approved])


PAID = "Invoice {f1} for {f3} is paid in full."
OPEN = "In total {f3} is open on your account."
NOT_YET = "No, invoice {f1} is not paid yet: {f3} is open."


@pytest.mark.parametrize(
    ("draft", "approved", "passes"),
    [
        (PAID, PAID, True),
        (f"{PAID} Is there anything else?", PAID, True),
        (f"Thank you for asking. {PAID}", PAID, True),
        (f"Thank you for asking.\n\n{PAID}", PAID, True),
        ("Invoice {f1} is paid.", PAID, True),
        ("Yes, invoice {f1} was settled.", PAID, True),
        (f"It is not true that {PAID}", PAID, False),
        (f"It is not true that: {PAID}", PAID, False),
        (f"It is not true that:\n{PAID}", PAID, False),
        (f"In your dreams:\n{PAID}", PAID, False),
        (f"If you believe in fairies: {PAID}", PAID, False),
        (f"Nobody says “{PAID}”", PAID, False),
        (f"{PAID} is wrong", PAID, False),
        (f"{PAID} or so they say.", PAID, False),
        (f"{PAID} That is not so.", PAID, False),
        (f"{PAID} That is false.", PAID, False),
        (f"{PAID} Please ignore that.", PAID, False),
        (f"{PAID} Just kidding.", PAID, False),
        (f"{PAID} The opposite holds.", PAID, False),
        (f"{PAID}, or half of it.", PAID, False),
        (f"{PAID}?", PAID, False),
        (f"{OPEN} times two", OPEN, False),
        ("Invoice {f1} is paid.", OPEN, False),
        ("Invoice {f1} is not paid.", PAID, False),
        ("Invoice {f1} is paid.", NOT_YET, False),
        ("Invoice {f1} is not paid.", NOT_YET, True),
        ("Invoice {f1} was paid on {f2}.", PAID, False),
        ("Your order is cancelled.", PAID, False),
    ],
)
def test_what_a_tool_said_may_be_repeated_and_not_turned_around(draft: str, approved: str, passes: bool) -> None:
    assert (refusal(draft, "en", (approved,)) is None) == passes


def two_invoices() -> FactBook:
    """f1 to f3 as in a_book(); f4 and f5 are the number of another invoice and what is open on it, f6 the account's."""
    book = a_book()
    book.text("INV-2", "invoice INV-2")
    book.money(Money(777, "EUR"), "invoice INV-2 open")
    book.money(Money(124827, "EUR"), "account balance in EUR open")
    return book


@pytest.mark.parametrize(
    ("draft", "passes"),
    [
        ("On invoice {f1} the amount is {f3}.", True),
        ("On invoice {f4} the amount is {f5}. On {f1} it is {f3}.", True),
        ("You have invoices {f1} and {f4}.", True),
        ("The account stands at {f6}.", True),
        ("On invoice {f1} the amount is {f5}.", False),
        ("On invoice {f4} the amount is {f3}.", False),
        ("On invoice {f1} the amount is {f6}.", False),
        ("Invoice {f4} is due on {f2}.", False),
    ],
)
def test_facts_of_different_things_do_not_make_one_sentence(draft: str, passes: bool) -> None:
    with nullcontext() if passes else pytest.raises(DraftRefused):
        check(draft, two_invoices(), "en")


@given(st.lists(st.sampled_from(sorted(keys("nl"))), min_size=1, max_size=5), st.sampled_from(LANGUAGES))
def test_a_draft_of_approved_sentences_always_passes(chosen: list[str], language: str) -> None:
    said = [filled(key, language) for key in chosen if key in keys(language)]
    said = [one for one in said if len(one.split()) > 2]
    check("\n\n".join(said), a_book(), language, approved=said)


@given(
    st.text(max_size=60),
    st.characters(categories=["Nd", "Nl", "No"]),
    st.text(max_size=60),
    st.sampled_from(LANGUAGES),
)
def test_a_draft_with_a_digit_outside_places_never_passes(before: str, digit: str, after: str, language: str) -> None:
    assert refusal(f"{before} {digit} {after}", language, tuple(harmless(language))) is not None


@given(st.text(max_size=300), st.sampled_from(LANGUAGES))
def test_whatever_is_drafted_the_guard_says_yes_or_no(draft: str, language: str) -> None:
    refusal(draft, language, tuple(plain(language)))


@given(st.sampled_from(["\u200b", "\u200c", "\u200d", "\u2060", "\u00ad", "\ufeff", "\u202e"]), st.integers(1, 11))
def test_signs_nobody_sees_hide_nothing(sign: str, at: int) -> None:
    word = "twelve hundred"
    assert refusal(f"You owe {word[:at]}{sign}{word[at:]}.") is not None


def test_a_huge_draft_is_refused_and_quickly() -> None:
    began = perf_counter()
    assert refusal("a" * 5_000_000) == "a text that is too long"
    assert refusal("Hello there. " * 400) is not None
    assert perf_counter() - began < 1


def test_looking_takes_less_than_a_thousandth_of_a_second() -> None:
    draft = " ".join(
        [PAID, "Would you like me to look into something else? You can ask for a colleague at any time."] * 3
    )
    approved = [PAID, *plain("en")]
    check(draft, a_book(), "en", approved)
    taken = []
    for _ in range(50):
        began = perf_counter()
        check(draft, a_book(), "en", approved)
        taken.append(perf_counter() - began)
    assert sorted(taken)[len(taken) // 4] < 0.001


def test_a_refusal_names_its_kind_without_words_of_the_draft() -> None:
    with pytest.raises(DraftRefused) as refused:
        check("Dear Mr Jansen of Dorpsstraat, you owe twelve.", a_book(), "en")
    assert "Jansen" not in str(refused.value.fields["kind"])
    assert "jansen" not in str(refused.value.fields["kind"])


def test_a_fact_is_rendered_in_the_locale_with_its_source_and_moment() -> None:
    book = FactBook("en_GB", READ_AT)
    book.money(Money(124050, "EUR"), "invoice INV-1 open")
    book.day(date(2026, 3, 3), "invoice INV-1 due")
    text, facts = book.render("It is {f1}, due {f2}; again {f1}.")
    assert text == "It is €1,240.50, due 3 March 2026; again €1,240.50."
    assert [fact.as_json() for fact in facts] == [
        {"id": "f1", "text": "€1,240.50", "source": "invoice INV-1 open at 2026-03-16T11:00:00Z"},
        {"id": "f2", "text": "3 March 2026", "source": "invoice INV-1 due at 2026-03-16T11:00:00Z"},
    ]


def test_what_a_fact_says_cannot_pull_in_another_fact() -> None:
    book = a_book()
    id_ = book.text("see {f1}", "order note")
    assert book.render(f"Note: {{{id_}}}")[0] == "Note: see {f1}"


def test_a_place_without_a_fact_cannot_be_rendered() -> None:
    with pytest.raises(NoSuchFact):
        a_book().render("{f7}")


@pytest.mark.parametrize(("language", "draft"), [
    ("en", "All of it is paid."),
    ("de", "Alles ist bezahlt."),
    ("de", "Die Rechnung ist beglichen."),
    ("nl", "Zoals u zegt is het betaald."),
    ("fr", "Tout est payé."),
])  # fmt: skip
def test_what_a_tool_said_of_one_invoice_is_no_receipt_for_a_sentence_that_names_none(
    language: str, draft: str
) -> None:
    approved = say("invoice.paid_on", language, number="f1", total="f3", paid_on="f2")
    assert refusal(draft, language, (approved,)) is not None
    assert refusal(approved, language, (approved,)) is None
