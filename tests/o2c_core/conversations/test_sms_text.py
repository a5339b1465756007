"""What a text costs, how it is made cheaper, and how it is shortened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.sms_text import Segments, fit_sms, is_gsm, plain, segments

EMOJI = "\U0001f600"
LATIN = st.text(
    st.one_of(
        st.characters(min_codepoint=0x20, max_codepoint=0x17F),
        st.sampled_from("‘’“”„–—…€  \n"),
    ),
    max_size=400,
)
ANY = st.text(max_size=400)


@pytest.mark.parametrize(
    ("text", "count", "encoding", "units"),
    [
        ("", 0, "GSM-7", 0),
        ("a", 1, "GSM-7", 1),
        ("a" * 160, 1, "GSM-7", 160),
        ("a" * 161, 2, "GSM-7", 161),
        ("a" * 306, 2, "GSM-7", 306),
        ("a" * 307, 3, "GSM-7", 307),
        ("é" * 160, 1, "GSM-7", 160),
        ("Ç" * 160, 1, "GSM-7", 160),
        ("£$¥" * 53, 1, "GSM-7", 159),
        ("ç" * 70, 1, "UCS-2", 70),
        ("ç" * 71, 2, "UCS-2", 71),
        ("a" * 70 + "’", 2, "UCS-2", 71),
        ("\u00a0" + "a" * 69, 1, "UCS-2", 70),
        ("ж" * 134, 2, "UCS-2", 134),
        ("ж" * 135, 3, "UCS-2", 135),
        (EMOJI * 35, 1, "UCS-2", 70),
        (EMOJI * 36, 2, "UCS-2", 72),
        # 66 of 67 are used and the next needs two: it goes over whole, twice.
        (EMOJI * 66, 2, "UCS-2", 132),
        (EMOJI * 67, 3, "UCS-2", 134),
        # The same for an escape: 152 of 153.
        ("€" * 80, 1, "GSM-7", 160),
        ("€" * 81, 2, "GSM-7", 162),
        ("€" * 152, 2, "GSM-7", 304),
        ("€" * 153, 3, "GSM-7", 306),
        ("a" * 152 + "€" + "a" * 10, 2, "GSM-7", 164),
        ("a" * 152 + "€" + "a" * 151, 2, "GSM-7", 305),
        ("a" * 152 + "€" + "a" * 152, 3, "GSM-7", 306),
        *[(one, 1, "GSM-7", 2) for one in "^{}\\[~]|€\f"],
    ],
)
def test_a_text_costs_what_the_tables_say(text: str, count: int, encoding: str, units: int) -> None:
    assert segments(text) == Segments(count, encoding, units)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("It’s “fine” – really…", 'It\'s "fine" - really...'),
        ("€ 1.240,50", "EUR 1.240,50"),
        ("€\u00a01.240,50", "EUR 1.240,50"),
        ("€1,240.50 due", "EUR 1,240.50 due"),
        ("1\u202f240,50\u00a0€.", "1 240,50 EUR ."),
        ("1.240,50 € fällig", "1.240,50 EUR fällig"),
        ("1.240,50€", "1.240,50 EUR"),
        ("-€ 5,00", "- EUR 5,00"),
        ("£1,240.50", "£1,240.50"),
        ("₹500", "INR 500"),
        ("Ça va, garçon", "Ça va, garcon"),
        ("façade à régler", "facade à régler"),
        ("Łódź, cœur", "Lodz, coeur"),
        ("cafe\u0301", "café"),
        ("naïve Noël", "naive Noel"),
        ("grüße ÄÖÜß", "grüße ÄÖÜß"),
        ("привет – мир", "привет – мир"),
        (f"garçon {EMOJI}", f"garçon {EMOJI}"),
        ("a\u200bb\u00adc", "abc"),
    ],
)
def test_a_text_is_written_in_characters_that_cost_little(said: str, sent: str) -> None:
    assert plain(said) == sent


def test_a_euro_sign_stays_where_its_name_would_cost_another_segment() -> None:
    said = "a" * 158 + "€"
    assert segments(said).count == 1
    assert plain(said) == said


LINK = "https://pay.example.nl/i/AbC123-xyz"


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("Kort.", "Kort."),
        ("One sentence is here. " * 3 + "W" * 100, "One sentence is here. One sentence is here. One sentence is here."),
        ("w" * 20 + ". " + "word " * 60, "w" * 20 + ". " + ("word " * 27).rstrip() + "..."),
        ("a " * 70 + LINK, ("a " * 70).rstrip() + "..."),
        ("Pay it soon " + "x" * 135 + " EUR 1.240,50 today", "Pay it soon " + "x" * 135 + "..."),
        ("Pay " * 37 + "now 1 240 567,50 euro", "Pay " * 36 + "Pay..."),
        ("x" * 200, "x" * 157 + "..."),
        ("漢" * 200, "漢" * 67 + "..."),
        (LINK * 8, "..."),
        (
            "W" * 60 + ", fällig am " + "x" * 78 + " 3. März 2026 sehr pünktlich",
            "W" * 60 + ", fällig am...",
        ),
    ],
)
def test_a_long_text_ends_after_a_sentence_or_a_word(said: str, sent: str) -> None:
    assert fit_sms(said, 1) == sent


def test_a_body_is_never_longer_than_the_provider_takes() -> None:
    assert len(fit_sms("word " * 1000, segments_max=50)) <= 1600


@given(ANY, ANY)
def test_more_text_never_costs_less(first: str, more: str) -> None:
    assert segments(first).count <= segments(first + more).count


@given(LATIN)
def test_plain_never_costs_more_and_is_plain_already(text: str) -> None:
    once = plain(text)
    assert segments(once).count <= segments(text).count
    assert segments(plain(once)).count <= segments(once).count


@given(st.text(st.characters(max_codepoint=0x17F, categories=["L", "N", "P", "Zs"]), max_size=80))
def test_latin_words_are_cheap_once_plain(text: str) -> None:
    assert is_gsm(plain(text)) or segments(text).count <= 2


@given(st.one_of(ANY, LATIN, st.text("ab 1.,€–\n/:", max_size=900)), st.integers(1, 4))
def test_what_is_fitted_fits(text: str, segments_max: int) -> None:
    fitted = fit_sms(text, segments_max)
    assert segments(fitted).count <= segments_max
    assert len(fitted) <= 1600


WHOLES = [
    "EUR 1.240,50",
    "1 240,50 EUR",
    "£12.00",
    "NL91 ABNA 0417 1643 00",
    "3 pieces",
    LINK,
    "INV-2026-0042",
    "now.",
    "Pay",
    "on",
]


@given(st.lists(st.sampled_from(WHOLES), max_size=60), st.integers(1, 2))
def test_links_numbers_and_amounts_are_whole_or_not_there(parts: list[str], segments_max: int) -> None:
    fitted = fit_sms(" ".join(parts), segments_max)
    beginnings = [" ".join(parts[:count]) for count in range(len(parts) + 1)]
    assert fitted in beginnings or any(fitted == one.rstrip(".") + "..." for one in beginnings)


@given(st.text("a€", min_size=150, max_size=400))
def test_an_escape_pair_is_never_split(text: str) -> None:
    packed = segments(text)
    if packed.count > 1:
        # Each part holds 153 septets and may leave one empty: no less room, no more waste.
        assert (packed.count - 1) * 152 < packed.units <= packed.count * 153
