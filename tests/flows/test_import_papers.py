"""`parley import` with e-invoices and bank files as it is typed, and `parley match` after it."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import func, select

from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer
from tests.flows.test_import_command import parley_import, run_parley
from tests.o2c_core.imports.bank.files import Booked, Part, camt
from tests.o2c_core.imports.files import a_file
from tests.o2c_core.imports.ubl.documents import Document, a_document
from tests.o2c_core.imports.ubl.ledger import a_seller

ENTITY = '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = "<!DOCTYPE l [" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10)) + "]>"


@pytest.fixture
def ledger(own_store: Store, own_database: str) -> str:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "1001", vat_number="NL001234567B01")
        session.commit()
    return own_database


def count(store: Store, noun: type) -> int:
    with store.session() as session:
        return session.scalar(select(func.count()).select_from(noun)) or 0


def test_an_invoice_comes_by_peppol_and_its_money_by_the_bank(ledger: str, own_store: Store, tmp_path: Path) -> None:
    einvoice = a_document(tmp_path, Document())
    taken = parley_import(ledger, tmp_path, einvoice.name, "--seller", "vandijk")
    assert (taken.returncode, taken.stderr) == (0, ""), taken.stderr
    with own_store.session() as session:
        invoice = session.scalars(select(Invoice)).one()
    part = Part(text=f"invoice {invoice.number}")
    a_file(tmp_path, camt(Booked(invoice.total_minor, parts=(part,))), "bank.xml")
    heard = parley_import(ledger, tmp_path, "bank.xml", "--seller", "vandijk", "--json")
    assert json.loads(heard.stdout)["files"][0]["format"] == "camt.053.001.08"
    matched = run_parley(ledger, tmp_path, "match", "--seller", "vandijk", "--json")
    assert matched.returncode == 0, matched.stderr
    with own_store.session() as session:
        assert session.scalars(select(Payment.amount_minor)).all() == [invoice.total_minor]
        assert session.scalars(select(BankTransaction.state)).all() == ["matched"]
    again = parley_import(ledger, tmp_path, einvoice.name, "bank.xml", "--seller", "vandijk")
    assert again.returncode == 0
    assert (count(own_store, Invoice), count(own_store, Payment), count(own_store, BankTransaction)) == (1, 1, 1)


def two_gigabytes() -> bytes:
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    content = bytearray(plain.getvalue())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", 2_000_000_000)
        at = content.find(b"PK\x01\x02", at + 4)
    assert zipfile.is_zipfile(io.BytesIO(bytes(content)))
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("entity.xml", ENTITY + "<Invoice>&x;</Invoice>", "document type declaration, which is refused"),
        ("laughs.xml", LAUGHS + "<Invoice>&l9;</Invoice>", "document type declaration, which is refused"),
        ("sum.xml", camt(Booked(10_000), closing=100_000), "sum.xml"),
        ("huge.xlsx", two_gigabytes(), "unpacks to more than 1,024 MB, which is refused"),
        ("other.xml", "<catalogue/>", "other.xml is XML, and neither a UBL invoice nor a camt.053 statement."),
    ],
)
def test_what_is_made_to_harm_or_does_not_add_up_is_refused_in_a_sentence_and_nothing_is_kept(
    ledger: str, own_store: Store, tmp_path: Path, name: str, content: str | bytes, sentence: str
) -> None:
    before = count(own_store, TrailLine)
    a_file(tmp_path, content, name)
    refused = parley_import(ledger, tmp_path, name, "--seller", "vandijk")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert sentence in refused.stderr
    assert refused.stderr.startswith("parley: ")
    assert refused.stderr.count("\n") == 1
    assert "passwd" not in refused.stderr
    assert [count(own_store, noun) for noun in (Invoice, Payment, BankTransaction)] == [0, 0, 0]
    assert count(own_store, TrailLine) == before
