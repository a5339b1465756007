"""A ledger for electronic documents: the seller the built documents name, and what importing one did."""

from __future__ import annotations

from pathlib import Path

from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.import_einvoice import import_einvoice
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.imports.ubl.report import EInvoiceReport
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.o2c_core.imports.ubl.documents import IBAN, Document, a_document


def a_seller(session: Session, ref: str = "vandijk", **fields: object) -> Seller:
    """A seller with one account, and the numbers that the built documents have."""
    account = BankAccount(iban=IBAN, holder="Van Dijk Groothandel B.V.", currency="EUR", is_default=True)
    given: dict[str, object] = {
        "ref": ref, "name": "Van Dijk Groothandel", "country": "NL", "currency": "EUR", "language": "nl",
        "time_zone": "Europe/Amsterdam", "vat_number": "NL123456782B01", "bank_accounts": [account],
    }  # fmt: skip
    seller = Seller(**given | fields)
    session.add(seller)
    session.flush()
    return seller


def imported(
    store: Store, folder: Path, document: Document | bytes | etree._Element, **options: bool
) -> EInvoiceReport:
    return import_einvoice(a_document(folder, document), "vandijk", store=store, **options)


def invoice(session: Session, number: str = "INV-7") -> Invoice:
    session.expire_all()
    return session.scalars(select(Invoice).where(Invoice.number == number)).one()


def credit_note(session: Session, number: str) -> CreditNote:
    session.expire_all()
    return session.scalars(select(CreditNote).where(CreditNote.number == number)).one()


def nothing_kept(session: Session) -> bool:
    session.expire_all()
    return all(session.scalar(select(func.count()).select_from(noun)) == 0 for noun in (Invoice, CreditNote, TrailLine))
