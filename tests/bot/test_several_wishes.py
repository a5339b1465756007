"""Of several wishes: which is only a reason, and which number belongs to which."""

from datetime import date

import pytest

from bot.embedded.mentions import find_mentions
from bot.embedded.several_wishes import numbers_by_wish, without_reasons


@pytest.mark.parametrize("line", [
    "the gloves were all torn, not paying for those | complaint dispute_invoice | dispute_invoice",
    "I want to complain, and I object to 0142       | complaint dispute_invoice | complaint dispute_invoice",
    "a copy of 0142, as it has not reached us       | invoice_copy complaint    | invoice_copy",
    "een kopie, want hij is nooit aangekomen        | invoice_copy complaint    | invoice_copy",
    "a copy of 0142. And your driver was rude       | invoice_copy complaint    | invoice_copy complaint",
    "where is it, because your driver was rude      | order_status complaint    | order_status complaint",
])  # fmt: skip
def test_what_is_only_the_reason_for_a_wish_is_none_itself(line: str) -> None:
    text, wishes, wanted = (part.strip() for part in line.split("|"))
    assert without_reasons(wishes.split(), text) == wanted.split()


def numbers(text: str, *wishes: str) -> dict[str, list[str]]:
    mentions = find_mentions(text, language="en", today=date(2026, 3, 16))
    return {
        wish: [one.text for one in own.references.numbers]
        for wish, own in numbers_by_wish(wishes, mentions, text).items()
    }


def test_each_wish_gets_the_numbers_of_its_own_clause() -> None:
    text = "and can you send a copy of 0143 and tell me if 0130 is paid"
    assert numbers(text, "invoice_copy", "payment_status") == {"invoice_copy": ["0143"], "payment_status": ["0130"]}


def test_where_the_clauses_do_not_tell_every_wish_gets_every_number() -> None:
    assert numbers("copy and status of 0143 and 0130", "invoice_copy", "invoice_status") == {}
    assert numbers("a copy of 0143 please", "invoice_copy", "invoice_status") == {}
    assert numbers("copies of 0143 and also of 0130", "invoice_copy") == {}
