"""MT940 as Dutch and German banks write it."""

from __future__ import annotations

from datetime import date

import pytest

from o2c_core.imports.bank.read_mt940 import parse_mt940
from tests.o2c_core.imports.bank.files import MONDAY, OURS, THEIRS, from_mt940, mt940

DUTCH = """{1:F01INGBNL2ABXXX0000000000}{2:I940INGBNL2AXN}{4:
:20:P260316000000001
:25:NL91ABNA0417164300EUR
:28C:00075
:60F:C260313EUR1000,00
:61:2603160316C1240,50NTRFEREF//26031605051234
/TRCD/00100/
:86:/EREF/NOTPROVIDED//CNTP/NL20INGB0001234567/INGBNL2A/BAKKERIJ JANSE
N BV///REMI/USTD//Factuur INV-2026-0042 en 43/
:61:2603160316D99,95NDDTEREF//26031605051235
:86:/EREF/E1//MARF/M1//CSID/NL00ZZZ//CNTP/NL20INGB0001234567/INGBNL2A/
TELECOM///REMI/USTD//abonnement maart/
:62F:C260316EUR2140,55
:64:C260316EUR2140,55
:86:/SUM/1/1/99,95/1240,50/
-}
"""

GERMAN = """:20:STARTUMSE
:25:37040044/0532013000
:28C:00012/001
:60F:C260313EUR5000,00
:61:2603160316CR238,00N166NONREF//0316A7
:86:166?00SEPA GUTSCHRIFT?109248?20EREF+RE-2026-0815?21SVWZ+RE 2026-081
?225 KdNr 10001 Danke?30COBADEFFXXX?31DE02120300000000202051?32Müll
er & Söhne GmbH?33 und Co KG
:61:2603160316D50,00N109NONREF
:86:109?00SEPA-BASIS RUECKLASTSCHR.?20EREF+X1?21SVWZ+RUECKLASTSCHRIFT M
ANGELS?32Erika Muster?34914
:62F:C260316EUR5188,00
-
"""


def test_a_dutch_file_is_read_without_its_envelope_and_without_the_remark_about_the_whole() -> None:
    statement = from_mt940(DUTCH)
    assert (statement.account, statement.number, statement.format) == (OURS, "00075", "mt940")
    assert (statement.opening_minor, statement.closing_minor) == (100_000, 214_055)
    paid, taken = statement.transactions
    assert (paid.amount_minor, paid.direction, paid.bank_reference) == (124_050, "in", "26031605051234")
    assert (paid.payer_name, paid.payer_account, paid.end_to_end) == ("BAKKERIJ JANSEN BV", THEIRS, None)
    assert paid.text == "Factuur INV-2026-0042 en 43"
    assert (taken.payer_name, taken.end_to_end, taken.text) == ("TELECOM", "E1", "abonnement maart")


def test_a_german_file_is_read_with_its_subfields_and_the_account_as_an_iban() -> None:
    statement = from_mt940(GERMAN)
    assert (statement.account, statement.number) == ("DE89370400440532013000", "00012/001")
    paid, returned = statement.transactions
    assert (paid.payer_name, paid.payer_account) == ("Müller & Söhne GmbH und Co KG", "DE02120300000000202051")
    assert (paid.text, paid.end_to_end) == ("RE 2026-0815 KdNr 10001 Danke", "RE-2026-0815")
    assert (returned.direction, returned.is_reversal, returned.bank_reference) == ("out", True, None)


@pytest.mark.parametrize(
    ("said", "name", "account", "reference", "text", "end_to_end"),
    [
        (
            "/TRTP/SEPA OVERBOEKING/IBAN/NL20INGB0001234567/BIC/INGBNL2A/NAME/J. JANSEN/REMI/INV-42/EREF/NOTPROVIDED",
            "J. JANSEN", THEIRS, None, "INV-42", None,
        ),
        ("/EREF/E9/ORDP//NAME/Jansen/REMI/Factuur 42/ISDT/2026-03-16", "Jansen", None, None, "Factuur 42", "E9"),
        ("/EREF/E9//REMI/STRD/CUR/RF18539007547034/", None, None, "RF18539007547034", "", "E9"),
        ("/ORDP//NAME/Jansen/REMI/42 /NAME/Evil/", "Jansen", None, None, "42", None),
        (
            "SEPA OVERBOEKING IBAN: NL20INGB0001234567 BIC: INGBNL2A NAAM: J Jansen OMSCHRIJVING: factuur 42 KENMERK: K7",
            "J Jansen", THEIRS, None, "factuur 42", "K7",
        ),
        ("EREF+E1 SVWZ+RE 2026-0815 IBAN+NL20INGB0001234567", None, THEIRS, None, "RE 2026-0815", "E1"),
        ("RF18 5390 0754 7034", None, None, "RF18539007547034", "RF18 5390 0754 7034", None),
        ("Betaling factuur 42/43 met dank", None, None, None, "Betaling factuur 42/43 met dank", None),
    ],
)  # fmt: skip
def test_the_words_of_a_bank_are_taken_apart(
    said: str, name: str | None, account: str | None, reference: str | None, text: str, end_to_end: str | None
) -> None:
    lines = [said[at : at + 65] for at in range(0, len(said), 65)]
    statement = from_mt940(
        mt940(":61:2603160316C10,00NTRFNONREF//B1", ":86:" + lines[0], *lines[1:], closing="C260316EUR1010,00")
    )
    paid = statement.transactions[0]
    assert (paid.payer_name, paid.payer_account, paid.reference, paid.text, paid.end_to_end) == (
        name, account, reference, text, end_to_end,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "booked_on", "value_on"),
    [
        ("2601021231C", date(2025, 12, 31), date(2026, 1, 2)),
        ("2512310102C", date(2026, 1, 2), date(2025, 12, 31)),
        ("2601200228C", date(2026, 2, 28), date(2026, 1, 20)),
        ("2601301215C", date(2025, 12, 15), date(2026, 1, 30)),
        ("2402290229C", date(2024, 2, 29), date(2024, 2, 29)),
        ("260316C", MONDAY, MONDAY),
    ],
)
def test_the_year_of_the_entry_day_is_the_nearest_one(line: str, booked_on: date, value_on: date) -> None:
    statement = from_mt940(mt940(f":61:{line}10,00NTRFNONREF", closing="C260316EUR1010,00"))
    transaction = statement.transactions[0]
    assert (transaction.booked_on, transaction.value_on) == (booked_on, value_on)


@pytest.mark.parametrize(
    ("mark", "type_", "direction", "is_reversal", "closing"),
    [
        ("C", "NTRF", "in", False, "1010,00"),
        ("D", "NTRF", "out", False, "990,00"),
        ("RC", "NTRF", "out", True, "990,00"),
        ("RD", "NTRF", "in", True, "1010,00"),
        ("D", "NRTI", "out", True, "990,00"),
        ("CR", "NTRF", "in", False, "1010,00"),
    ],
)
def test_marks_say_the_way_and_a_reversal(
    mark: str, type_: str, direction: str, is_reversal: bool, closing: str
) -> None:
    statement = from_mt940(mt940(f":61:2603160316{mark}10,{type_}NONREF", closing=f"C260316EUR{closing}"))
    transaction = statement.transactions[0]
    assert (transaction.direction, transaction.is_reversal, transaction.amount_minor) == (direction, is_reversal, 1_000)


def test_several_statements_and_pages_in_one_file_are_each_checked() -> None:
    first = mt940(":61:260316C10,00NTRFNONREF//B1", closing="C260316EUR1010,00", number="75/1").replace(
        ":62F:", ":62M:"
    )
    second = mt940(
        ":61:260316D20,00NTRFNONREF//B2", opening="C260316EUR1010,00", closing="C260316EUR990,00", number="75/2"
    )
    statements = parse_mt940(first + second.replace(":60F:", ":60M:"), "two.sta")
    assert [(each.number, each.opening_minor, each.closing_minor) for each in statements] == [
        ("75/1", 100_000, 101_000),
        ("75/2", 101_000, 99_000),
    ]


def test_the_payers_account_on_the_second_line_is_found() -> None:
    statement = from_mt940(mt940(f":61:260316C10,00NTRFNONREF//B1\r\n{THEIRS}", closing="C260316EUR1010,00"))
    assert statement.transactions[0].payer_account == THEIRS


def test_an_entry_of_nothing_is_no_transaction() -> None:
    assert from_mt940(mt940(":61:260316C0,00NTRFNONREF", ":86:Jaaroverzicht")).transactions == ()
