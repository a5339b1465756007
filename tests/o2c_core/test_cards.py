"""Card numbers are hidden however they are written; what only looks like one stays readable."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn

from o2c_core.cards import has_card, mask_across, mask_cards, may_have_card

# The schemes' own published test numbers; none of them is anybody's.
VISA, MASTER, AMEX, DINERS = "4111111111111111", "5555555555554444", "378282246310005", "30569309025904"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4111111111111111", "•••• 1111"),
        ("4111 1111 1111 1111", "•••• 1111"),
        ("4111-1111-1111-1111", "•••• 1111"),
        ("4111.1111.1111.1111", "•••• 1111"),
        ("4111/1111 / 1111_1111", "•••• 1111"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "•••• 1111"),
        ("4111\u00a01111\u20091111\u200b1111", "•••• 1111"),
        ("4111 1111\n1111 1111", "•••• 1111"),
        (
            "\uff14\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11\uff11",
            "•••• 1111",
        ),
        ("5555555555554444", "•••• 4444"),
        ("2223003122003222", "•••• 3222"),
        ("2200 0000 0000 0004", "•••• 0004"),
        ("3782 822463 10005", "•••• 0005"),
        ("30569309025904", "•••• 5904"),
        ("3530111333300000", "•••• 0000"),
        ("6011111111111117", "•••• 1117"),
        ("6205500000000000004", "•••• 0004"),
        ("4222222222222", "•••• 2222"),
        ("take it from visa4111111111111111, please", "take it from visa•••• 1111, please"),
        ("invoice 12 4111 1111 1111 1111", "invoice 12 •••• 1111"),
        ("order 1042: 4111 1111 1111 1111 or 5555 5555 5555 4444", "order 1042: •••• 1111 or •••• 4444"),
        ("(4111111111111111)", "(•••• 1111)"),
        ("4111 1111 1111 1111 cvv 737", "•••• 1111 cvv •••"),
        ("4111111111111111 exp 12/27 737", "•••• 1111 exp 12/27 •••"),
        ("4111111111111111 12/2027 7373 thanks", "•••• 1111 12/2027 ••• thanks"),
        ("4111111111111111, 737", "•••• 1111, •••"),
        ("CVC: 123, 378282246310005", "CVC: •••, •••• 0005"),
        ("de beveiligingscode is 123", "de beveiligingscode is •••"),
        ("Prüfnummer 4321", "Prüfnummer •••"),
        ("code de sécurité : 123", "code de sécurité : •••"),
    ],
)
def test_a_card_number_and_its_code_are_hidden(text: str, kept: str) -> None:
    assert mask_cards(text) == kept
    assert not has_card(kept)
    assert mask_cards(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "NL91ABNA0417164300",
        "NL91 ABNA 0417 1643 00",
        "BE68 5390 0754 7034",
        "DE89 3704 0044 0532 0130 00",
        "fr76 3000 6000 0112 3456 7890 189",
        "GB29 NWBK 6016 1331 9268 19",
        "account DE89370400440532013000, thank you",
        "ES91 2100 0418 4502 0005 1332",
        "RF18 5390 0754 7034",  # a structured reference
        "3SDEVC123456789",  # a Dutch parcel
        "3STESTA0123456789012",
        "JVGL0123456789012345",
        "00340434161094042557",  # twenty digits of a parcel
        "1Z999AA10123456784",
        "4006381333931",  # an article number
        "5701234567899",
        "8710398500908",
        "4111111111111112",  # sixteen digits, wrong check digit
        "7992739871300003",  # right check digit, no scheme
        "order 2026 0042 2026 0043",
        "INV-2026-0042, INV-2026-0043 and INV-2026-0044",
        "4111, 1111, 1111, 1111",  # a list
        "call +49 170 1234567 or +31 6 12345678",
        "paid 1.240,50 on 16-03-2026 at 12:30:45",
        "41111111111111111111111",
        "we got 123 of 250",
        "the code is 1234",
    ],
)
def test_other_numbers_stay_as_they_were_written(text: str) -> None:
    assert mask_cards(text) == text
    assert not has_card(text)


def test_an_article_number_stays_unless_it_could_be_an_old_visa_number() -> None:
    assert mask_cards("5000000000005") == "5000000000005" or not luhn.is_valid("5000000000005")
    both = next(
        f"50{number:010d}{digit}"
        for number in range(10_000)
        for digit in range(10)
        if luhn.is_valid(f"50{number:010d}{digit}") and _is_article(f"50{number:010d}{digit}")
    )
    assert mask_cards(both) == both
    assert mask_cards(f"{both[:4]} {both[4:]}") == f"•••• {both[-4:]}"


def _is_article(number: str) -> bool:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(number)) % 10 == 0


_SCHEMES = st.sampled_from(
    [("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15), ("37", 15),
     ("300", 14), ("36", 14), ("38", 14), ("6011", 16), ("65", 16), ("3528", 16), ("3589", 16), ("62", 16), ("62", 19),
     ("2204", 16), ("8171", 16), ("6759", 16), ("5018", 16)]
)  # fmt: skip


@st.composite
def cards(draw: st.DrawFn) -> str:
    start, length = draw(_SCHEMES)
    body = start + draw(st.text("0123456789", min_size=length - len(start) - 1, max_size=length - len(start) - 1))
    return body + luhn.calc_check_digit(body)


@given(
    cards(),
    st.lists(st.text(" -./·_\u00a0\u2009\n\t|*:", max_size=3), min_size=19, max_size=19),
    st.sampled_from(["", "my card: ", "kaart ", "pay 20 with: "]),
    st.sampled_from(["", ".", " thanks", ", please"]),
)
def test_any_valid_card_number_is_hidden_whatever_stands_between_its_digits(
    card: str, between: list[str], before: str, behind: str
) -> None:
    written = "".join(digit + gap for digit, gap in zip(card, between, strict=False)).rstrip(
        " -./·_\u00a0\u2009\n\t|*:"
    )
    kept = mask_cards(before + written + behind)
    left = re.sub(r"\D", "", kept.removeprefix(before))
    assert len(left) <= 4
    assert "••••" in kept
    assert card.endswith(left) or has_card(before + written)


@given(st.text())
def test_a_text_without_thirteen_digits_and_without_a_named_code_comes_back_unchanged(text: str) -> None:
    few = "".join(sign for sign in text if not sign.isdecimal()) + "123456789012"
    assert not may_have_card(few)
    assert mask_cards(few) == few


@given(st.text(alphabet="0123456789 -.,abN€+\n", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_cards(text)
    assert mask_cards(once) == once


@given(cards(), st.data())
def test_a_number_that_runs_on_into_the_next_messages_is_hidden_in_all_of_them(card: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(card) - 2))
    second = data.draw(st.integers(first + 1, len(card) - 1))
    texts = [f"my card is {card[:first]}", card[first:second], f"{card[second:]} thank you"]
    assume(not any(has_card(text) for text in [*texts, texts[0] + texts[1], texts[1] + texts[2]]))
    kept = mask_across(texts)
    assert len(kept) == 3
    assert not re.search(r"\d", "".join(kept))
    assert kept[0].startswith("my card is ")
    assert kept[2].endswith(" thank you")


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["4111 1111", "1111 1111"], ["••••", "••••"]),
        (["card: 4111 1111 1111", "1111 12/27"], ["card: ••••", "•••• 12/27"]),
        (["4111 1111 1111 1111", "hello"], ["•••• 1111", "hello"]),
        (["invoice 1042", "1043"], ["invoice 1042", "1043"]),
        (["4111 1111 are the goods", "1111 1111"], ["4111 1111 are the goods", "1111 1111"]),
        ([], []),
    ],
)
def test_messages_that_follow_each_other_are_read_as_one(texts: list[str], kept: list[str]) -> None:
    assert mask_across(texts) == kept
