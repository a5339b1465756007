"""Everything else a message mentions: quantities, parts, lines, addresses, account numbers and words that point."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.mentions import Mentions, find_mentions
from bot.embedded.quantities_said import quantities_found

MONDAY = date(2026, 3, 16)


def mentions(text: str, language: str = "en", country: str = "NL") -> Mentions:
    return find_mentions(text, language=language, today=MONDAY, country=country)


@pytest.mark.parametrize("line", [
    "en | we only got 9 of the 12 boxes -> got 9 of 12",
    "en | 9 out of 12 arrived -> got 9 of 12",
    "en | we got nine -> got 9",
    "en | only 9 boxes -> got 9 boxes",
    "en | received 9 instead of 12 -> got 9 of 12",
    "en | 3 boxes missing -> missing 3 boxes",
    "en | there are 3 too few -> missing 3",
    "en | 3 of the 12 are missing -> missing 3 of 12",
    "en | we are missing 3 bags -> missing 3 bags",
    "en | two bottles were broken -> plain 2 bottles",
    "en | make it 20 -> wanted 20",
    "en | make it 20 instead of 12 -> wanted 20 of 12",
    "nl | kunnen we van SO-1005 15 bakblikken maken ipv 12 -> wanted 15 of 12",
    "en | can we have 15 baking tins instead of 12 -> wanted 15 of 12",
    "en | we received 9 baking tins instead of 12 -> got 9 of 12",
    "en | please change line 2 to 15 boxes -> wanted 15 boxes",
    "en | I want 5 boxes of flour -> wanted 5 boxes",
    "en | 12 pieces of the bread flour -> plain 12 pieces",
    "en | the 25 kg sacks -> plain 25 kg",
    "en | 500 euro within 10 days at 21% -> ",
    "en | 24/7 -> ",
    "en | order 1003 and invoice 2044 -> ",
    "nl | maar 9 dozen ontvangen -> got 9 dozen",
    "nl | 9 van de 12 -> got 9 of 12",
    "nl | negen van de twaalf geleverd -> got 9 of 12",
    "nl | 3 te weinig -> missing 3",
    "nl | er ontbreken 3 dozen -> missing 3 dozen",
    "nl | 3 dozen ontbreken -> missing 3 dozen",
    "nl | slechts 8 zakken -> got 8 zakken",
    "nl | 9 in plaats van 12 -> got 9 of 12",
    "nl | maak er 20 van -> wanted 20",
    "nl | ik wil graag 5 dozen extra -> wanted 5 dozen",
    "nl | 2 stuks kapot -> plain 2 stuks",
    "nl | over 2 weken betaal ik -> ",
    "de | nur 9 Kartons erhalten -> got 9 kartons",
    "de | 9 von 12 -> got 9 of 12",
    "de | es fehlen 3 Stück -> missing 3 stuck",
    "de | 3 zu wenig -> missing 3",
    "de | neun statt zwölf geliefert -> got 9 of 12",
    "de | ich brauche 20 Stück -> wanted 20 stuck",
    "de | 19 % MwSt -> ",
    "fr | seulement 9 cartons -> got 9 cartons",
    "fr | 9 sur 12 -> got 9 of 12",
    "fr | il manque 3 cartons -> missing 3 cartons",
    "fr | neuf au lieu de douze -> got 9 of 12",
    "fr | je voudrais 20 cartons -> wanted 20 cartons",
    "fr | 3 bouteilles cassées -> plain 3 bouteilles",
])  # fmt: skip
def test_quantities_are_read_with_what_is_said_of_them(line: str) -> None:
    said, _, wanted = line.partition(" -> ")
    language, _, text = said.partition(" | ")
    found = mentions(text, language).quantities
    shown = [
        f"{one.kind} {one.value}" + (f" of {one.of}" if one.of else f" {one.unit}" if one.unit else "") for one in found
    ]
    assert ", ".join(shown) == wanted


@pytest.mark.parametrize("line", [
    "in 3 termijnen -> 3", "in drie termijnen betalen -> 3", "in three instalments -> 3", "3 monthly installments -> 3",
    "can I pay in four parts -> 4", "three payments were made -> None", "in three payments -> 3", "doe maar in tweeën -> 2", "in halves -> 2", "spread it over 6 months -> 6",
    "in 3 Raten -> 3", "in drei Raten zahlen -> 3", "en 3 fois -> 3", "en trois mensualités -> 3", "en 4 fois sans frais -> 4",
    "in twee keer -> 2", "3 keer gebeld -> None", "je vous ai appelé 3 fois -> None", "half now, half later -> 2",
    "de helft nu en de rest later -> 2", "in 2 weken -> None", "in 1 termijn -> None", "in 99 termijnen -> None", "12 boxes -> None",
])  # fmt: skip
def test_in_how_many_parts_to_pay(line: str) -> None:
    text, _, wanted = line.partition(" -> ")
    assert str(mentions(text, "nl").parts) == wanted


@pytest.mark.parametrize("line", [
    "line 2 -> 2", "lines 2 and 3 -> 2 3", "regel 2 -> 2", "regels 1, 2 en 4 -> 1 2 4", "Position 3 -> 3", "Pos. 3 -> 3",
    "Zeile 2 -> 2", "ligne 2 -> 2", "lignes 1 et 2 -> 1 2", "the 2nd line -> 2", "the second line -> 2", "tweede regel -> 2",
    "zweite Position -> 2", "la deuxième ligne -> 2", "line no. 4 -> 4", "line 2 and line 2 -> 2", "online 24 hours -> ",
    "headline -> ", "line 0 -> ", "line 2.50 -> ", "invoice line 3 -> 3",
])  # fmt: skip
def test_numbers_of_lines(line: str) -> None:
    text, _, wanted = line.partition(" -> ")
    assert " ".join(map(str, mentions(text).line_numbers)) == wanted


@pytest.mark.parametrize("line", [
    "mail me at A.b@Shop.example please | NL | emails | a.b@shop.example",
    "call +31 6 12345678 | NL | phones | +31612345678",
    "bel 06-12345678 | NL | phones | +31612345678",
    "rufen Sie 030 901820 an | DE | phones | +4930901820",
    "appelez le 01 23 45 67 89 | FR | phones | +33123456789",
    "call 00 44 20 7946 0958 | NL | phones | +442079460958",
    "06 000 | NL | phones | ",
    "1012 AB Amsterdam | NL | postcodes | 1012AB",
    "SO-1003, 1012ab | NL | postcodes | 1012AB",
    "SO-1003 1012 ab | NL | postcodes | 1012AB",
    "order 1003 is late | NL | postcodes | ",
    "nach 10115 Berlin | DE | postcodes | 10115",
    "SO-1003 10115 | DE | postcodes | 10115",
    "PLZ 10115 | NL | postcodes | 10115",
    "code postal 75001 | FR | postcodes | 75001",
    "1000 Brussel | BE | postcodes | 1000",
    "postcode is SW1A 1AA | GB | postcodes | SW1A1AA",
    "NL91 ABNA 0417 1643 00 | NL | ibans | NL91ABNA0417164300",
    "iban de89370400440532013000 | DE | ibans | DE89370400440532013000",
    "NL123456789B01 | NL | ibans | ",
])  # fmt: skip
def test_addresses_and_accounts(line: str) -> None:
    text, country, what, wanted = (piece.strip() for piece in line.split("|"))
    assert " ".join(getattr(mentions(text, country=country), what)) == wanted


@pytest.mark.parametrize("line", [
    "en | that invoice -> that it", "en | it is late -> it", "en | this one please -> it that", "en | both -> both",
    "en | the last one -> last", "en | the first one -> first", "en | the other one -> other", "en | the rest -> rest",
    "en | send them all -> all it", "en | all invoices -> all", "en | last week I paid -> ", "en | my first order -> ",
    "en | this week -> ", "en | hello there -> ", "nl | die factuur -> it that", "nl | de laatste -> last", "nl | de andere -> other",
    "nl | de rest betaal ik vrijdag -> rest", "nl | allebei -> both", "nl | die vrijdag -> ", "nl | alle facturen -> all",
    "de | diese Rechnung -> it that", "de | die andere -> other", "de | den Rest -> rest", "de | beide -> both", "de | die letzte -> last",
    "de | diesen Freitag -> ", "fr | cette facture -> that", "fr | les deux -> both", "fr | l'autre -> other", "fr | le reste -> rest",
    "fr | la dernière -> last", "fr | toutes les factures -> all",
])  # fmt: skip
def test_words_that_point(line: str) -> None:
    said, _, wanted = line.partition(" -> ")
    language, _, text = said.partition(" | ")
    assert " ".join(sorted(mentions(text, language).points)) == " ".join(sorted(wanted.split()))


def test_one_message_with_everything() -> None:
    found = mentions(
        "I paid 500 euro yesterday for INV-2026-0042 and the rest comes on the 20th; we only got 9 of the 12 boxes on line 2. "
        "Call me on +31 6 12345678."
    )
    assert [one.text for one in found.references.numbers] == ["INV-2026-0042"]
    assert [(one.value, one.currency) for one in found.amounts] == [(Decimal(500), "EUR")]
    assert [one.on for one in found.days] == [date(2026, 3, 15), date(2026, 3, 20)]
    assert [(one.value, one.of, one.kind) for one in found.quantities] == [(Decimal(9), Decimal(12), "got")]
    assert (found.line_numbers, found.phones, found.parts) == ((2,), ("+31612345678",), None)
    assert "rest" in found.points


@pytest.mark.parametrize(
    "text", ["9 of 12.04.", "pay 12 in 12 parts on 12/12", "line 2 500 euro", "3 x 12,50 on 3-4", "am 12.04. 12,04"]
)
def test_no_figure_is_an_amount_and_a_day(text: str) -> None:
    found = mentions(text, "de")
    assert not {one.text for one in found.amounts} & {one.text for one in found.days}


_WORDS = [
    "SO-1003", "3", "12", "of", "van de", "line 2", "in 3 termijnen", "€", "5,00", "1.240", "06-12345678", "1012 AB", "a@b.example",
    "NL91ABNA0417164300", "only", "boxes", "missing", "morgen", "the 15th", "half now", "the last one", "\u0130", "\0", "\n", "x" * 50,
]  # fmt: skip


@given(
    st.lists(st.sampled_from(_WORDS) | st.text(max_size=10), max_size=10).map(" ".join) | st.text(),
    st.sampled_from(["en", "nl", "de", "fr", "other", ""]),
    st.dates(),
    st.sampled_from(["NL", "DE", "US", "XX", ""]),
)
def test_any_text_is_read_without_error(text: str, language: str, today: date, country: str) -> None:
    found = find_mentions(text, language=language, today=today, country=country)
    assert all(one.text in text for one in (*found.amounts, *found.days, *found.quantities))
    places = [place for place, _ in quantities_found(text)]
    assert all(first[1] <= second[0] for first, second in pairwise(places))


@pytest.mark.parametrize(
    "piece",
    ["een ", "vijf", "9 of ", "3 x", "line 2, ", "1 240 ", "the 15th ", "next ", "in 3 ", "seventeen", "in a week "],
)
def test_a_long_text_is_not_read_for_long(piece: str) -> None:
    """Two thousand characters are read; the rest of the text does not make it slower or find more."""
    assert mentions(piece * 3000) == mentions((piece * 3000)[:2000])
