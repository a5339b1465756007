"""Which amounts of money a message names."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.amounts_said import amounts_found, amounts_said
from bot.embedded.number_words import number_in_words
from o2c_core.money import Money, show, show_plain

TABLE = [
    "en | € 1.240,50 | 1240.5 EUR",
    "en | 1,240.50 euros | 1240.5 EUR",
    "en | £45 | 45 GBP",
    "en | 1.240.501,50 euro | 1240501.5 EUR",
    "en | $1,250.00 was taken | 1250 USD",
    "en | EUR 1 240,50 | 1240.5 EUR",
    "en | I paid 500 yesterday | 500",
    "en | I can pay 250 per month | 250",
    "en | five hundred euros | 500 EUR",
    "en | one thousand two hundred and fifty euros | 1250 EUR",
    "en | a hundred pounds | 100 GBP",
    "en | twelve hundred dollars | 1200 USD",
    "en | €12k | 12000 EUR",
    "en | 1.5k euro | 1500 EUR",
    "en | 1.240 | 1.24",
    "en | €1.240 | 1240 EUR",
    "en | 1,240 euro | 1240 EUR",
    "en | I paid 1,240 | 1240",
    "en | € 50,- | 50 EUR",
    "en | -€50.00 | -50 EUR",
    "en | 300 euro now and 200 euro on Friday | 300 EUR, 200 EUR",
    "en | you charged 99.95 instead of 89.95 | 99.95, 89.95",
    "en | 10% discount on 250 euro | 250 EUR",
    "en | 21.5 % | ",
    "en | order 1003 | ",
    "en | invoice 573744 paid | ",
    "en | in 2026 I paid | ",
    "en | 9 of 12 boxes | ",
    "en | 12k | ",
    "en | call 0612345678 | ",
    "en | at 10.30 | ",
    "en | 12.5 kg | ",
    "en | line 2.10 | ",
    "en | INV-2026-0042 for 500 euros | 500 EUR",
    "en | fifty cents | ",
    "en | EUR1240 | 1240 EUR",
    "en | 500eur | 500 EUR",
    "en | CHF 1'240.50 | 1240.5 CHF",
    "en | 2 million dollars | 2000000 USD",
    "nl | € 1.240,50 | 1240.5 EUR",
    "nl | €1240,5 | 1240.5 EUR",
    "nl | 1240,5 | 1240.5",
    "nl | 500 euro | 500 EUR",
    "nl | 1.240 euro | 1240 EUR",
    "nl | 1.240 | 1240",
    "nl | 1,240 euro | 1240 EUR",
    "nl | vijfhonderd euro | 500 EUR",
    "nl | twaalfhonderdvijftig euro | 1250 EUR",
    "nl | vijfentwintig euro | 25 EUR",
    "nl | tweeduizend driehonderd euro | 2300 EUR",
    "nl | ik heb 300 betaald | 300",
    "nl | ik betaal nu 150 en de rest later | 150",
    "nl | € 45,- | 45 EUR",
    "nl | 45 eur | 45 EUR",
    "nl | onze euro rekening | ",
    "nl | 9 van de 12 dozen | ",
    "nl | 21% btw | ",
    "nl | 1012 AB | ",
    "nl | om 10.30 uur | ",
    "nl | op 12.04.2026 | ",
    "nl | factuur 2044 van 2.310,00 | 2310",
    "nl | 3 stuks à 12,50 | 12.5",
    "nl | 250 per maand | 250",
    "de | 1.240,50 € | 1240.5 EUR",
    "de | 500 Euro | 500 EUR",
    "de | fünfhundert Euro | 500 EUR",
    "de | eintausendzweihundertfünfzig Euro | 1250 EUR",
    "de | einundzwanzig Euro | 21 EUR",
    "de | zweitausend Euro | 2000 EUR",
    "de | ich habe 300 überwiesen | 300",
    "de | 1.240 | 1240",
    "de | 100 Euro im Monat | 100 EUR",
    "de | 19 % MwSt | ",
    "de | bis 15 Uhr | ",
    "de | Rechnung 4711 über 99,90 | 99.9",
    "de | um 10.30 Uhr | ",
    "de | 200 Stück | ",
    "fr | 1 240,50 € | 1240.5 EUR",
    "fr | 1 240,50 € | 1240.5 EUR",
    "fr | cinq cents euros | 500 EUR",
    "fr | mille deux cents euros | 1200 EUR",
    "fr | quatre-vingt-dix-neuf euros | 99 EUR",
    "fr | soixante et onze euros | 71 EUR",
    "fr | deux mille euros | 2000 EUR",
    "fr | 500 euros | 500 EUR",
    "fr | je peux payer 200 par mois | 200",
    "fr | 45,90 | 45.9",
    "fr | 20 % | ",
    "fr | 01 23 45 67 89 | ",
    "fr | 75001 Paris | ",
    "fr | 3 500 € | 3500 EUR",
]  # fmt: skip
LOCALES = {
    "nl_NL": "nl",
    "nl_BE": "nl",
    "en_GB": "en",
    "en_US": "en",
    "en_IE": "en",
    "de_DE": "de",
    "de_AT": "de",
    "fr_FR": "fr",
    "fr_BE": "fr",
}


@pytest.mark.parametrize("line", TABLE)
def test_amounts_are_read_as_their_language_writes_them_and_other_figures_are_not(line: str) -> None:
    language, text, wanted = (piece.strip(" ") for piece in line.split("|"))
    found = [
        f"{said.value.normalize():f} {said.currency or ''}".strip() for said in amounts_said(text, language=language)
    ]
    assert ", ".join(found) == wanted


@pytest.mark.parametrize("line", [
    "en: ninety-nine = 99", "en: two thousand five hundred = 2500", "en: one hundred thousand = 100000",
    "en: seventy one = 71", "nl: eenennegentig = 91", "nl: drieëntwintig -> drieentwintig = 23",
    "nl: twintigduizendvijfhonderd = 20500", "nl: honderdduizend = 100000", "nl: zeventien = 17", "nl: achtentachtig = 88",
    "de: siebenundzwanzig = 27", "de: hunderttausend = 100000", "de: dreißig = 30", "de: neunhundertneunundneunzig = 999",
    "de: zweiundzwanzigtausenddreihundert = 22300", "fr: quatre-vingts = 80", "fr: quatre vingt dix sept = 97",
    "fr: soixante-quinze = 75", "fr: cent mille = 100000", "fr: trois cent quarante et un = 341", "en: and = None", "fr: onze = None",
])  # fmt: skip
def test_numbers_in_words_are_read_up_to_a_hundred_thousand(line: str) -> None:
    words, _, wanted = line.split(": ")[1].split(" -> ")[-1].partition(" = ")
    assert str(number_in_words(words)) == wanted


def test_the_words_of_an_amount_are_kept_as_they_were_written() -> None:
    found = amounts_said("I pay € 1.240,50 now, five hundred euros later.", language="nl")
    assert [said.text for said in found] == ["€ 1.240,50", "five hundred euros"]


@given(
    st.integers(-(10**10), 10**10),
    st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "SEK"]),
    st.sampled_from(sorted(LOCALES)),
)
def test_an_amount_we_wrote_is_read_back_as_that_amount(minor: int, currency: str, locale: str) -> None:
    amount = Money(minor, currency)
    for shown in (show(amount, locale), show_plain(amount, locale)):
        (said,) = amounts_said(f"({shown})", language=LOCALES[locale])
        assert (said.value, said.currency) == (amount.major, currency)


_PIECES = [line.split("|")[1].strip() for line in TABLE] + [
    "-",
    "€",
    " EUR",
    "1.",
    ",",
    "'",
    "1 240",
    "mille ",
    "\u0130",
    "\0",
    "\u00a0",
]


@given(
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=6), max_size=8).map("".join)
    | st.lists(st.sampled_from(_PIECES), max_size=8).map(" ".join),
    st.sampled_from(["en", "nl", "de", "fr", "other"]),
)
def test_any_text_is_read_without_error_and_no_figure_is_two_amounts(text: str, language: str) -> None:
    found = amounts_found(text, language=language)
    assert all(said.value.is_finite() and said.text in text for _, said in found)
    assert all(first[1] <= second[0] for (first, _), (second, _) in pairwise(found))
