"""Bank files that are hostile, broken or do not add up: refused in one sentence."""

from __future__ import annotations

import gzip
import logging
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.errors import Failure
from o2c_core.imports.bank.read_bank_file import bank_format, read_bank_file
from o2c_core.imports.bank.read_camt import parse_camt
from o2c_core.imports.bank.read_mt940 import parse_mt940
from o2c_core.imports.xml import parse_xml
from tests.o2c_core.imports.bank.files import Booked, Part, camt, document, mt940

GOOD = camt(Booked(12_345, parts=(Part(text="Factuur 42"),)))
BATCH = camt(Booked(1_000, parts=(Part(400), Part(600))))
GOOD_SWIFT = mt940(":61:2603160316C10,00NTRFNONREF//B1", ":86:Factuur 42", closing="C260316EUR1010,00")

ENTITY = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE Document [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1 if n else str()};' * 10}'>" for n in range(12)
) + "]>"  # fmt: skip


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


def with_doctype(doctype: str, named: str) -> str:
    return changed(changed(GOOD, "<Document ", f"{doctype}<Document "), "Factuur 42", f"&{named};")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        (" \r\n\t ", "is empty"),
        ("date;amount\n2026-03-16;10,00\n", "is not a bank statement: it is neither camt.053 nor MT940"),
        ("<html><body>Log in</body></html>", "its namespace is not that of camt.053"),
        (changed(GOOD, "camt.053.001.08", "pain.001.001.09"), "its namespace is not that of camt.053"),
        (changed(GOOD, "urn:iso:std", "urn:evil:std"), "its namespace is not that of camt.053"),
        (changed(GOOD, ' xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"', ""), "its namespace is not that"),
        (changed(GOOD, "camt.053.001.08", "camt.052.001.08"), "is a camt.052 message; only camt.053"),
        (changed(GOOD, "camt.053.001.08", "camt.053.001.13"), "is version 13 of camt.053; versions 02 to 08 are read"),
        (document(), "has no statement in it"),
        (GOOD[:-200], "is not XML that can be read"),
        (with_doctype(ENTITY, "x"), "document type declaration"),
        (with_doctype(LAUGHS, "a11"), ""),
        (camt(Booked(12_345), closing=112_344), "lead to 1123.45 EUR, but it says it closes at 1123.44 EUR; nothing"),
        (camt(Booked(12_345, status="PDNG"), closing=112_345), "lead to 1000.00 EUR, but it says it closes at 1123.45"),
        (
            camt(Booked(1_000, parts=(Part(400), Part(500)))),
            "statement 2026-075: the 2 parts of a batch come to 9.00 EUR, and 10.00 EUR was booked for it",
        ),
        (
            camt(Booked(1_000, parts=(Part(400), Part()))),
            "has a batch of which some parts have no amount in the account's currency",
        ),
        (
            camt(Booked(1_000, parts=(Part(400), Part(600, in_currency="USD")))),
            "has a batch of which some parts have no amount in the account's currency",
        ),
        (camt(Booked(12_345, in_currency="USD")), "an entry is in USD, and the account is in EUR"),
        (changed(GOOD, ">123.45<", ">123.455<"), "cannot be read"),
        (changed(GOOD, ">123.45<", ">-123.45<"), "has '-123.45' where the amount of an entry should be"),
        (changed(GOOD, ">123.45<", ">1e9<"), "has '1e9' where the amount"),
        (changed(GOOD, ">123.45<", ">NaN<"), "has 'NaN' where the amount"),
        (changed(GOOD, ">123.45<", f">{'9' * 18}<"), "that no account holds"),
        (changed(GOOD, "<Dt>2026-03-16</Dt></BookgDt>", "<Dt>2026-02-30</Dt></BookgDt>"), "'2026-02-30' where a day"),
        (changed(GOOD, "OPBD", "INFO"), "has no opening balance, so its sum cannot be checked"),
        (changed(GOOD, "CLBD", "INFO"), "has no closing balance, so its sum cannot be checked"),
        (changed(GOOD, "<IBAN>NL91ABNA0417164300</IBAN>", ""), "names no account"),
        (changed(GOOD, "<Ccy>EUR</Ccy>", "<Ccy>XXX</Ccy>"), "is in EUR, and the account is in XXX"),
        (changed(GOOD, "EUR", "QQQ"), "cannot be read: That is not a currency code"),
        (
            changed(GOOD, "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>", "</Amt><Sts>"),
            "has an entry that is neither credit nor debit",
        ),
        (GOOD_SWIFT[: GOOD_SWIFT.index(":62F:")], "does not have its account, opening balance and closing balance"),
        (changed(GOOD_SWIFT, "1010,00", "1010,01"), "lead to 1010.00 EUR, but it says it closes at 1010.01 EUR"),
        (changed(GOOD_SWIFT, "C260316EUR", "C260316USD"), "opens in EUR and closes in USD"),
        (changed(GOOD_SWIFT, "EUR1", "QQQ1"), "has an amount that is not one of QQQ"),
        (changed(GOOD_SWIFT, "C10,00N", "C10,001N"), "has an amount that is not one of EUR"),
        (changed(GOOD_SWIFT, "C10,00N", "C10,0,0N"), "is not MT940 that can be read"),
        (changed(GOOD_SWIFT, ":61:2603160316", ":61:2613160316"), "is not MT940 that can be read"),
        (changed(GOOD_SWIFT, ":61:2603160316C", ":61:Jansen"), "a field :61: is not as it should be"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "statement.txt"
    path.write_bytes(content.encode())
    with pytest.raises(Failure) as refused:
        read_bank_file(path)
    said = str(refused.value)
    assert sentence in said
    assert said.startswith("statement.txt")
    assert said.endswith(".")
    assert "\n" not in said
    assert "Jansen" not in said
    assert "root:" not in said


def test_what_is_refused_is_not_written_in_a_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "statement.sta"
    path.write_text(changed(GOOD_SWIFT, ":61:2603160316C", ":61:Jansen"))
    with caplog.at_level(logging.DEBUG), pytest.raises(Failure):
        read_bank_file(path)
    assert "Jansen" not in caplog.text


@pytest.mark.parametrize("start", [b"<?xml version='1.0'?><a>", b":20:X\r\n:25:Y\r\n"])
def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_before_it_fills_the_memory(
    tmp_path: Path, start: bytes
) -> None:
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(start)
        for _ in range(300):
            file.write(b" " * (1 << 20))
    tracemalloc.start()
    with pytest.raises(Failure, match="larger than 64 MB"):
        read_bank_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 1024 * 1024


@pytest.mark.parametrize(
    ("start", "format_"),
    [
        (GOOD.encode(), "camt.053"),
        (b"\xef\xbb\xbf" + GOOD.encode(), "camt.053"),
        (GOOD.replace("UTF-8", "UTF-16").encode("utf-16"), "camt.053"),
        (GOOD.replace("camt.053", "camt.054").encode(), "camt.053"),
        (GOOD_SWIFT.encode(), "mt940"),
        (b"\xef\xbb\xbf" + GOOD_SWIFT.encode(), "mt940"),
        (b"{1:F01INGBNL2ABXXX0000000000}{2:I940INGBNL2AXN}{4:\r\n" + GOOD_SWIFT.encode(), "mt940"),
        (b"ABNANL2A\r\n940\r\nABNANL2A\r\n" + GOOD_SWIFT.encode(), "mt940"),
        (b"", None),
        (b"date,amount\n2026-03-16,:20:\n", None),
        (b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", None),
        (b'{"text": ":20:"}', None),
        (b"PK\x03\x04", None),
    ],
)
def test_a_bank_file_is_known_by_how_it_begins(start: bytes, format_: str | None) -> None:
    assert bank_format(start[:4096]) == format_


@pytest.mark.parametrize("content", [
    GOOD.encode(),
    gzip.compress(GOOD.encode(), mtime=0),
    GOOD.replace("UTF-8", "UTF-16").encode("utf-16"),
    b"\xef\xbb\xbf" + GOOD_SWIFT.encode(),
    GOOD_SWIFT.replace("Factuur", "Rückzahlung").encode("cp1252"),
    gzip.compress(GOOD_SWIFT.encode(), mtime=0),
    b"ABNANL2A\r\n940\r\nABNANL2A\r\n" + GOOD_SWIFT.encode(),
])  # fmt: skip
def test_a_good_file_is_read_however_it_is_packed_and_lettered(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "statement"
    path.write_bytes(content)
    (statement,) = read_bank_file(path)
    assert len(statement.transactions) == 1
    assert statement.transactions[0].text in ("Factuur 42", "Rückzahlung 42")


@given(
    st.sampled_from([GOOD, BATCH, GOOD_SWIFT]),
    st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 40), st.text(max_size=12)), min_size=1, max_size=3),
)
def test_a_damaged_file_is_refused_or_still_adds_up(content: str, damages: list[tuple[int, int, str]]) -> None:
    for at, length, put in damages:
        place = at % len(content)
        content = content[:place] + put + content[place + length :]
    try:
        if content.startswith(":"):
            statements = parse_mt940(content, "damaged")
        else:
            statements = parse_camt(parse_xml(content.encode(errors="replace"), "damaged"), "damaged")
    except Failure:
        return
    for statement in statements:
        moved = sum(transaction.signed_minor for transaction in statement.transactions)
        assert statement.opening_minor + moved == statement.closing_minor
        assert all(transaction.amount_minor > 0 for transaction in statement.transactions)
