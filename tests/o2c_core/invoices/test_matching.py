"""Money is matched by what names it; the amount alone never decides, and what is unsure waits with reasons."""

from __future__ import annotations

import pytest

from o2c_core.invoices.matching import match
from o2c_core.invoices.matching_facts import SENTENCES, Candidates, Claim, Matched, Unsure, sentence_of
from o2c_core.invoices.suggestions import WEIGHTS
from tests.o2c_core.invoices.money_in import a_claim, a_receipt, matched, shown

ONE = a_claim("INV-2026-0001", 10_000)
TWO = a_claim("INV-2026-0002", 25_050, due=1)
THREE = a_claim("INV-2026-0003", 30_000, due=2)
THEIRS = a_claim("INV-2026-0009", 10_000, "de vries", due=3)
EARLY = a_claim("INV-2026-0020", 10_000, discount=200, until=0)
TOO_LATE = a_claim("INV-2026-0021", 10_000, discount=200, until=-1)
PAID = a_claim("INV-2026-0030", 0)
DOLLARS = a_claim("INV-2026-0040", 10_000, currency="USD")
DISPUTED = a_claim("INV-2026-0050", 10_000, disputed=2_500)
OWN_REFERENCE = a_claim("INV-2026-0060", 10_000, reference="+++090/9337/55493+++")
RF = ONE.references[0]


@pytest.mark.parametrize(
    ("minor", "outcome"),
    [
        (10_000, "reference: INV-2026-0001 10000"),
        (4_000, "reference: INV-2026-0001 4000"),
        (10_500, "reference: INV-2026-0001 10000, 500 over"),
    ],
)
@pytest.mark.parametrize("written", ["field", "text", "groups in the text"])
def test_a_structured_reference_decides_whatever_the_amount(minor: int, outcome: str, written: str) -> None:
    in_groups = " ".join(RF[at : at + 4] for at in range(0, len(RF), 4))
    text = {"field": "", "text": f"betaling {RF.lower()}", "groups in the text": f"ref {in_groups} dank"}[written]
    receipt = a_receipt(minor, text, reference=RF if written == "field" else None)
    assert shown(matched(receipt, ONE, TWO, THEIRS)) == outcome


@pytest.mark.parametrize(
    ("reference", "text", "minor", "outcome"),
    [
        ("+++090/9337/55493+++", "", 9_000, "reference: INV-2026-0060 9000"),
        (RF, "INV-2026-0002", 10_000, "reference: INV-2026-0001 10000"),
        (RF, "INV-2026-0002", 35_050, "reference: INV-2026-0001 10000 + INV-2026-0002 25050"),
        (RF, "INV-2026-0002", 35_000, "unsure, reference_and_numbers_differ"),
        (RF, "INV-2026-0002", 25_050, "unsure, reference_and_numbers_differ"),
        (None, f"{RF} {TWO.references[0]}", 35_050, "reference: INV-2026-0001 10000 + INV-2026-0002 25050"),
        (None, f"{RF} {TWO.references[0]}", 10_000, "unsure, reference_and_numbers_differ"),
        (PAID.references[0], "", 10_000, "unsure, nothing_open_on"),
        (DOLLARS.references[0], "", 10_000, "unsure, other_currency"),
        (RF[:-1] + "9", "", 10_000, "unsure, amount_alone"),
    ],
)
def test_a_reference_beside_something_else(reference: str | None, text: str, minor: int, outcome: str) -> None:
    claims = (ONE, TWO, PAID, DOLLARS, OWN_REFERENCE)
    assert shown(matched(a_receipt(minor, text, reference=reference), *claims)) == outcome


def test_a_reference_that_fits_two_invoices_decides_nothing() -> None:
    other = a_claim("INV-20260-001", 10_000, "de vries")
    assert other.references == ONE.references
    assert shown(matched(a_receipt(10_000, reference=RF), ONE, other)) == "unsure, reference_ambiguous"


@pytest.mark.parametrize(
    "text",
    [
        "INV-2026-0001",
        "Factuur inv 2026 0001",
        "INV20260001",
        "inv2026/0001, met dank",
        "factuurnr. INV-2026-0001 van 16-03-2026 EUR 100,00",
        "2026-0001",
        "20260001",
        "Rechnung 20260001 vom 1. Februar 2026",
        "NL20 INGB 0001 2345 67 INV-2026-0001",
        "order 20260002 factuur 20260001",
        "/REMI/USTD//INV-2026-0001/EREF/X",
    ],
)
def test_a_number_is_read_however_it_is_spaced_and_needs_the_amount(text: str) -> None:
    assert shown(matched(a_receipt(10_000, text), ONE, TWO, THREE)) == "number: INV-2026-0001 10000"
    assert shown(matched(a_receipt(9_999, text), ONE, TWO, THREE)) == "unsure, amount_differs"
    assert shown(matched(a_receipt(10_001, text), ONE, TWO, THREE)) == "unsure, amount_differs"


@pytest.mark.parametrize("number", ["MRT-77", "DEC2026-001", "SEP-0042", "EUR-0042", "A2026-03-16", "RF-2026-1"])
def test_letters_that_mean_something_else_may_begin_a_number(number: str) -> None:
    assert shown(matched(a_receipt(10_000, f"betaling {number}"), a_claim(number, 10_000))) == f"number: {number} 10000"


@pytest.mark.parametrize(
    ("number", "minor", "text"),
    [
        ("20260316", 10_000, "betaling 20260316"),
        ("2026-03-16", 10_000, "betaling van 2026-03-16"),
        ("16-03-2026", 10_000, "van 16.03.2026"),
        ("160326", 10_000, "dd 160326"),
        ("2026", 10_000, "maart 2026"),
        ("2026", 10_000, "huur 2026"),
        ("032026", 10_000, "03/2026"),
        ("16032026", 10_000, "16-mrt-2026"),
        ("162026", 10_000, "March 16, 2026"),
        ("161042", 10_000, "16 maart 1042 stuks"),
        ("124050", 124_050, "EUR 1.240,50"),
        ("124050", 124_050, "betaald 1240,50"),
        ("1042", 104_200, "1042 euro"),
        ("1042", 104_200, "betaling 1042"),
        ("1042", 104_200, "€ 1042"),
        ("0001", 10_000, "van NL20 INGB 0001 2345 67"),
        ("3704", 10_000, "DE89 3704 0044 0532 0130 00"),
        ("1301", 10_000, "DE89 3704 0044 0532 1301 00 onleesbaar"),
        ("0001234567", 10_000, "rekening 0001234567"),
        ("1234567", 10_000, "van 1234567"),
        ("4711", 10_000, "order 4711"),
        ("4711", 10_000, "klantnummer: 4711"),
        ("4711", 10_000, "XYZ-4711"),
        ("4711", 10_000, "4711-2"),
        ("12", 10_000, "12 dozen"),
        ("1430", 10_000, "om 14:30 uur"),
    ],
)
def test_a_date_an_amount_or_part_of_an_account_is_no_number(number: str, minor: int, text: str) -> None:
    claim = a_claim(number, minor)
    assert isinstance(matched(a_receipt(minor, text), claim), Unsure)
    # Written in full, with the letters it has, it is read even so.
    in_full = a_claim(f"A{number}", minor)
    assert shown(matched(a_receipt(minor, f"A{number}"), in_full)) == f"number: A{number} {minor}"


@pytest.mark.parametrize(
    ("text", "claims", "outcome"),
    [
        ("20260001", (ONE, a_claim("CR20260001", 10_000, "de vries")), "unsure, number_unclear"),
        ("20260001", (ONE, a_claim("20260001", 10_000, "de vries")), "number: 20260001 10000"),
        ("INV 2026 0001", (ONE, a_claim("INV-2026", 10_000, "de vries")), "unsure, number_unclear"),
        ("INV-2026-0001", (ONE, a_claim("INV-2026", 10_000, "de vries")), "number: INV-2026-0001 10000"),
        ("factuur 12", (a_claim("12", 10_000), ONE), "number: 12 10000"),
    ],
)  # fmt: skip
def test_a_number_that_could_mean_two_invoices_means_none(text: str, claims: tuple[Claim, ...], outcome: str) -> None:
    assert shown(matched(a_receipt(10_000, text), *claims)) == outcome


def test_digits_that_are_one_number_and_the_payers_own_without_its_letters_mean_neither() -> None:
    bare = a_claim("20260001", 10_000, "de vries")
    assert shown(matched(a_receipt(10_000, "20260001"), ONE, bare, payers=("jansen",))) == "unsure, number_unclear"
    assert shown(matched(a_receipt(10_000, "20260001"), ONE, bare, payers=("de vries",))) == "number: 20260001 10000"


@pytest.mark.parametrize(
    ("minor", "text", "outcome"),
    [
        (35_050, "INV-2026-0001 INV-2026-0002", "numbers_sum: INV-2026-0001 10000 + INV-2026-0002 25050"),
        (35_050, "20260001/20260002", "numbers_sum: INV-2026-0001 10000 + INV-2026-0002 25050"),
        (40_000, "inv 2026-0001, 2026-0003", "numbers_sum: INV-2026-0001 10000 + INV-2026-0003 30000"),
        (35_000, "INV-2026-0001 en INV-2026-0002", "unsure, amount_differs"),
        (20_000, "INV-2026-0001 INV-2026-0009", "unsure, several_customers"),
        (10_000, "INV-2026-0001 INV-2026-0030", "unsure, nothing_open_on"),
        (10_000, "INV-2026-0040", "unsure, other_currency"),
        (9_800, "INV-2026-0020", "number: INV-2026-0020 9800"),
        (9_800, "INV-2026-0021", "unsure, amount_differs"),
        (19_800, "INV-2026-0020, INV-2026-0001", "numbers_sum: INV-2026-0001 10000 + INV-2026-0020 9800"),
        (7_500, "INV-2026-0050", "unsure, amount_differs"),
    ],
)
def test_numbers_decide_when_the_amount_is_what_is_open_on_them(minor: int, text: str, outcome: str) -> None:
    claims = (ONE, TWO, THREE, THEIRS, EARLY, TOO_LATE, PAID, DOLLARS, DISPUTED)
    assert shown(matched(a_receipt(minor, text), *claims)) == outcome


@pytest.mark.parametrize(
    ("minor", "text", "payers", "outcome"),
    [
        (3_000, "INV-7", (), "number: INV-7 3000"),
        (7_000, "INV-7", (), "number: INV-7 7000"),
        (10_000, "INV-7", (), "number: INV-7 10000"),
        (4_000, "INV-7", (), "unsure, amount_differs"),
        (3_000, "", ("jansen",), "account: INV-7 3000"),
        (3_000, "", (), "unsure, amount_alone"),
        (8_000, "", ("jansen",), "account_sum: INV-7 3000 + INV-8 5000"),
    ],
)  # fmt: skip
def test_the_next_instalments_are_an_amount_that_was_agreed(
    minor: int, text: str, payers: tuple[str, ...], outcome: str
) -> None:
    in_parts = a_claim("INV-7", 10_000, instalments=(0, 3_000, 4_000, 3_000))
    answer = matched(a_receipt(minor, text), in_parts, a_claim("INV-8", 5_000, due=1), payers=payers)
    assert shown(answer) == outcome


@pytest.mark.parametrize(
    ("minor", "text", "payers", "outcome"),
    [
        (4_000, "INV-2026-0001", ("jansen",), "number_part: INV-2026-0001 4000"),
        (4_000, "INV-2026-0001", ("de vries",), "unsure, amount_differs"),
        (4_000, "INV-2026-0001", ("jansen", "de vries"), "unsure, amount_differs"),
        (4_000, "INV-2026-0001 INV-2026-0002", ("jansen",), "unsure, amount_differs"),
        (4_000, "INV-2026-0001 en factuur 998877", ("jansen",), "unsure, amount_differs"),
        (11_000, "INV-2026-0001", ("jansen",), "unsure, amount_differs"),
        (10_000, "20260001", ("de vries",), "unsure, other_payer"),
        (10_000, "INV-2026-0001", ("de vries",), "number: INV-2026-0001 10000"),
    ],
)  # fmt: skip
def test_a_part_is_paid_only_by_a_payer_who_is_known(
    minor: int, text: str, payers: tuple[str, ...], outcome: str
) -> None:
    assert shown(matched(a_receipt(minor, text), ONE, TWO, THEIRS, payers=payers)) == outcome


@pytest.mark.parametrize(
    ("minor", "text", "payers", "named", "outcome"),
    [
        (10_000, "", ("jansen",), (), "account: INV-2026-0001 10000"),
        (35_050, "voor maart", ("jansen",), (), "account_sum: INV-2026-0001 10000 + INV-2026-0002 25050"),
        (65_050, "", ("jansen",), (), "account_sum: INV-2026-0001 10000 + INV-2026-0002 25050 + INV-2026-0003 30000"),
        (10_100, "", ("jansen",), (), "unsure, nothing_fits"),
        (99_999, "", ("jansen",), (), "unsure, nothing_fits"),
        (10_000, "", ("jansen", "de vries"), (), "unsure, account_shared"),
        (10_000, "", (), (), "unsure, amount_alone"),
        (10_000, "", (), ("jansen",), "unsure, amount_alone"),
        (12_345, "", (), (), "unsure, nothing_named"),
        (10_000, "", ("jansen",), ("de vries",), "unsure, other_customer_named"),
        (10_000, "factuur 778899", ("jansen",), (), "unsure, unknown_named"),
        (10_000, "RF18539007547034", ("jansen",), (), "unsure, unknown_named"),
        (10_000, "", ("smit",), (), "unsure, nothing_open"),
    ],
)  # fmt: skip
def test_the_account_of_one_customer_decides_with_an_amount_that_fits_once(
    minor: int, text: str, payers: tuple[str, ...], named: tuple[str, ...], outcome: str
) -> None:
    assert shown(matched(a_receipt(minor, text), ONE, TWO, THREE, THEIRS, payers=payers, named=named)) == outcome


@pytest.mark.parametrize(
    ("minor", "amounts", "outcome"),
    [
        (10_000, (10_000, 10_000), "unsure, several_fit"),
        (10_000, (4_000, 6_000, 3_000, 7_000), "unsure, several_fit"),
        (10_000, (4_000, 6_000, 3_000, 8_000), "account_sum: A-0 4000 + A-1 6000"),
        (10_000, (4_000, 6_000, 10_000), "account: A-2 10000"),
        (13_001, tuple(1_000 + n for n in range(13)), "unsure, too_many_open"),
        (1_012, tuple(1_000 + n for n in range(13)), "account: A-12 1012"),
    ],
)
def test_a_tie_is_left_to_a_person(minor: int, amounts: tuple[int, ...], outcome: str) -> None:
    claims = [a_claim(f"A-{n}", each, due=n) for n, each in enumerate(amounts)]
    assert shown(matched(a_receipt(minor), *claims, payers=("jansen",))) == outcome


def test_what_was_not_looked_at_to_the_end_is_left_to_a_person() -> None:
    even = [a_claim(f"A-{n}", 2_000 + 2 * n, due=n, discount=100) for n in range(12)]
    assert shown(matched(a_receipt(10_001), *even, payers=("jansen",))) == "unsure, too_many_open"
    of_jansen = Candidates((ONE,), frozenset({ONE.customer_id}), cut=frozenset({ONE.customer_id}))
    assert shown(match(a_receipt(10_000), of_jansen)) == "unsure, too_many_open"


def suggested(answer: Matched | Unsure) -> list[str]:
    assert isinstance(answer, Unsure)
    return [
        " + ".join(f"{part.number} {part.minor}" for part in one.parts) + f" ({', '.join(r.key for r in one.reasons)})"
        for one in answer.suggestions
    ]


def test_suggestions_are_ranked_with_their_reasons() -> None:
    assert suggested(matched(a_receipt(7_500, "INV-2026-0050"), DISPUTED, ONE)) == [
        "INV-2026-0050 7500 (number, amount_less_disputed)"
    ]
    assert suggested(matched(a_receipt(10_000), ONE, THEIRS, TWO)) == [
        "INV-2026-0001 10000 (amount)",
        "INV-2026-0009 10000 (amount)",
    ]
    assert suggested(matched(a_receipt(30_000, "INV-2026-0001, INV-2026-0002"), ONE, TWO)) == [
        "INV-2026-0001 10000 + INV-2026-0002 20000 (number, part_payment)",
        "INV-2026-0001 10000 (number, over_payment)",
        "INV-2026-0002 25050 (number, over_payment)",
    ]
    assert suggested(matched(a_receipt(10_000, PAID.number), PAID, ONE)) == [
        " (number, already_paid)",
        "INV-2026-0001 10000 (amount)",
    ]


def test_a_suggestion_reads_as_a_sentence_and_as_keys() -> None:
    answer = matched(a_receipt(30_000, "INV-2026-0001, INV-2026-0002"), ONE, TWO)
    assert isinstance(answer, Unsure)
    assert (
        sentence_of((answer.why,))
        == "The amount is not what is open on INV-2026-0001, INV-2026-0002, which is 350.50 EUR."
    )
    first = answer.suggestions[0].to_json()
    assert first["sentence"] == "It names INV-2026-0001, INV-2026-0002; it pays a part, and 50.50 EUR stays open."
    assert first["reasons"][1] == {"key": "part_payment", "values": {"left": "50.50 EUR"}}
    assert first["parts"][1] == {"invoice_id": str(TWO.invoice_id), "invoice": "INV-2026-0002", "minor": 20_000}
    assert WEIGHTS.keys() <= SENTENCES.keys()


def test_many_that_fit_are_cut_to_five_the_oldest_first() -> None:
    claims = [a_claim(f"INV-{n:04}", 10_000, f"customer {n}", due=-n) for n in range(9)]
    found = suggested(matched(a_receipt(10_000), *claims))
    assert [line.split()[0] for line in found] == ["INV-0008", "INV-0007", "INV-0006", "INV-0005", "INV-0004"]
