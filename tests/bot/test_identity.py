"""What counts as a customer number, and what of a message is the question beside it."""

import pytest

from bot.identity import CUSTOMER_NUMBER, _customer_number, _says_more


@pytest.mark.parametrize(
    ("words", "asked", "number"),
    [
        ("Mijn klantnummer is C1001", None, "C1001"),
        ("klantnr. 4711, wat staat er open?", None, "4711"),
        ("My customer number: AC-2201.", None, "AC-2201"),
        ("customer no 88", None, "88"),
        ("Kundennummer 10023", None, "10023"),
        ("Kd-Nr. 10023", None, "10023"),
        ("mon numéro de client est CL204", None, "CL204"),
        ("Waar blijft bestelling 483920?", None, None),
        ("C1001", None, None),
        ("C1001", CUSTOMER_NUMBER, "C1001"),
        ("dat is 4711 geloof ik", CUSTOMER_NUMBER, "4711"),
        ("die weet ik niet", CUSTOMER_NUMBER, None),
        ("", CUSTOMER_NUMBER, None),
    ],
)
def test_a_customer_number_is_taken_where_it_is_called_one_or_was_asked_for(
    words: str, asked: str | None, number: str | None
) -> None:
    assert _customer_number(words, asked) == number


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("Mijn klantnummer is C1001. Hoeveel staat er nog open?", True),
        ("klantnummer C1001", False),
        ("C1001", False),
    ],
)
def test_a_question_beside_the_number_waits_for_the_code(words: str, more: bool) -> None:
    assert _says_more(words) is more
