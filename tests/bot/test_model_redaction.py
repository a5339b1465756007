"""What a provider's model has no need of never reaches it, and the tools still get the real words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.redaction import Redactor

NAMES = ["A. Jansen", "Sophie de Wit"]


@pytest.mark.parametrize(
    ("words", "hidden"),
    [
        ("Mail piet@bakkerij.example", "Mail [email 1]"),
        ("Mail a@x.nl of b@x.nl, liefst a@x.nl", "Mail [email 1] of [email 2], liefst [email 1]"),
        ("Bel +31 6 1234 5678", "Bel [phone 1]"),
        ("Bel 06-12345678", "Bel [phone 1]"),
        ("Rekening NL91 ABNA 0417 1643 00 graag", "Rekening [iban 1] graag"),
        ("Rekening NL91ABNA0417164300", "Rekening [iban 1]"),
        ("Rekening NL91ABNA0417164301, met een tikfout", "Rekening [iban 1], met een tikfout"),
        ("DE89 3704 0044 0532 0130 00", "[iban 1]"),
        ("Kaart 4111 1111 1111 1111", "Kaart [card 1]"),
        ("Btw-nummer NL004495445B01", "Btw-nummer [tax number 1]"),
        ("Groet, A. Jansen", "Groet, [name 1]"),
        ("groet, a. jansen", "groet, [name 1]"),
        ("Vraag Jansen", "Vraag [name 1]"),
        ("SOPHIE DE WIT hier", "[name 1] hier"),
        ("Dorpsstraat 12, 1234 AB Utrecht", "[address 1], [address 2]"),
        ("12 Baker Street, London NW1 6XE", "[address 1], London [address 2]"),
        ("Hauptstraße 5, 10115 Berlin", "[address 1], [address 2]"),
        ("12 rue de la Paix, 75002 Paris", "[address 1], [address 2]"),
    ],
)
def test_personal_data_is_hidden_and_comes_back(words: str, hidden: str) -> None:
    redactor = Redactor(NAMES, "NL")
    assert redactor.hide_in_words(words) == hidden
    if "Kaart" not in words:  # a card number does not come back even to us
        assert redactor.show(hidden) == words


@pytest.mark.parametrize(
    "words",
    [
        "Factuur INV-2026-0042 van € 1.240,50 op 2026-03-16",
        "Waar is order SO-1003? Onze PO is 4500123456",
        "Tracking 3SVD0001 en 1Z999AA10123456784 en JD014600003812345678",
        "Ik betaal 250 euro op 3 maart",
        "We kregen 9 van de 10 dozen, artikel 8711000300021",
        "invoice 1042, 10 days late, 14.30 h",
    ],
)
def test_numbers_of_documents_amounts_and_days_stay(words: str) -> None:
    assert Redactor(NAMES, "NL").hide_in_words(words) == words


def test_a_card_number_does_not_come_back() -> None:
    redactor = Redactor()
    assert "1111 1111" not in redactor.show(redactor.hide("4111 1111 1111 1111"))


def test_arguments_of_a_tool_get_the_real_words_however_deep_they_stand() -> None:
    redactor = Redactor()
    redactor.hide("piet@bakkerij.example")
    given = {"to": "[email 1]", "more": [{"and": "[EMAIL 1] [email 2]"}], "days": 3}
    shown = redactor.show(given)
    assert shown == {
        "to": "piet@bakkerij.example",
        "more": [{"and": "piet@bakkerij.example [email 2]"}],
        "days": 3,
    }


def test_two_turns_share_nothing() -> None:
    first, second = Redactor(), Redactor()
    first.hide("piet@bakkerij.example")
    assert second.show("[email 1]") == "[email 1]"


@given(st.text(max_size=200))
def test_any_text_can_be_hidden(words: str) -> None:
    Redactor(NAMES, "DE").hide_in_words(words)


@given(st.lists(st.emails(), min_size=1, max_size=3), st.text(alphabet="abc ,.", max_size=20))
def test_no_mail_address_is_left(addresses: list[str], between: str) -> None:
    ordinary = [one for one in addresses if one.replace("@", "a").replace(".", "a").replace("-", "a").isalnum()]
    hidden = Redactor().hide_in_words(f" {between} ".join(ordinary))
    assert not any(one in hidden for one in ordinary)
