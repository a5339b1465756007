"""One-time codes: made, recognised, hidden and counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.codes import HIDDEN, as_code, codes_in, digest_of, hide_code, may_send, without_codes
from o2c_core.keys import new_key


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("123456", ("123456",)),
        ("My code is 123 456.", ("123456",)),
        ("123-456", ("123456",)),
        ("de code: 004711, dank u", ("004711",)),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", ("123456",)),
        ("123456 of 654321?", ("123456", "654321")),
        ("1234567", ()),
        ("12345", ()),
        ("INV-123456", ()),
        ("€123456", ()),
        ("123456,50", ()),
        ("+31612345678", ()),
        ("2026/123456", ()),
        ("", ()),
    ],
)
def test_a_code_is_six_digits_that_are_no_part_of_anything_else(text: str, codes: tuple[str, ...]) -> None:
    assert codes_in(text) == codes


@pytest.mark.parametrize(
    ("text", "rest"), [("123456", ""), ("123456.", ""), ("123456 en wat staat er open?", "en wat staat er open?")]
)
def test_what_stands_beside_a_code_is_what_remains(text: str, rest: str) -> None:
    assert without_codes(text) == rest


@given(st.integers(0, 999_999), st.text(alphabet="abc .:", max_size=20))
def test_every_code_that_is_sent_is_recognised_and_can_be_hidden(number: int, before: str) -> None:
    text = f"{before} code is {as_code(number)}. It is good for ten minutes."
    assert codes_in(text) == (as_code(number),)
    assert hide_code(text) == text.replace(as_code(number), HIDDEN)
    assert hide_code(hide_code(text)) == hide_code(text)


def test_a_digest_says_nothing_without_the_key_and_differs_for_each_code() -> None:
    one, other = new_key(), new_key()
    assert digest_of("123456", one, "key") == digest_of("123456", one, "key")
    assert (
        len({digest_of("123456", one, "key"), digest_of("123456", other, "key"), digest_of("123456", one, "other")})
        == 3
    )
    assert "123456" not in digest_of("123456", one, "key")


@pytest.mark.parametrize(
    ("in_conversation", "to_address", "may"), [(0, 0, True), (2, 4, True), (3, 3, False), (0, 5, False), (9, 9, False)]
)
def test_three_codes_an_hour_and_five_a_day_and_no_more(in_conversation: int, to_address: int, may: bool) -> None:
    assert may_send(in_conversation, to_address) is may
