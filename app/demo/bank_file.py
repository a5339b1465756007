"""A bank statement of the demo's day, to be imported: money that matches by itself, and money that has to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import cast
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import OpenInvoice, invoices_of
from o2c_core.invoices.reference import creditor_reference
from o2c_core.money import Money
from o2c_core.store.store import Store

NAME = "bank-statement.xml"
_SPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_OPENING_MINOR = 1_250_000
# Who pays with what to go by; each owes one invoice in euros.
BY_REFERENCE, BY_NUMBER, TOO_LITTLE, BY_AMOUNT_ALONE = (
    cast.RUNGS["de", 7], cast.RUNGS["fr", 7], cast.RUNGS["nl", 7], cast.RUNGS["nl", 30],
)  # fmt: skip


@dataclass(frozen=True)
class Transfer:
    """What one payer sent, with what they wrote about it."""

    payer: str
    amount: Money
    reference: str | None = None
    text: str | None = None


def write_bank_file(folder: Path, *, store: Store, today: date) -> Path | None:
    """The file, which says the same however often it is written; None when somebody has paid one of its invoices."""
    path = folder / NAME
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == cast.SELLER)).one()
        found = {
            ref: _owed(session, seller, ref, today) for ref in (BY_REFERENCE, BY_NUMBER, TOO_LITTLE, BY_AMOUNT_ALONE)
        }
        account = seller.account_for("EUR")
        names = dict(session.execute(select(Customer.ref, Customer.name).where(Customer.seller_id == seller.id)).all())
    if account is None or not all(found.values()):
        return path if path.exists() else None
    owed = {ref: one for ref, one in found.items() if one is not None}
    short = owed[TOO_LITTLE]
    transfers = [
        Transfer(names[BY_REFERENCE], owed[BY_REFERENCE].open, creditor_reference(owed[BY_REFERENCE].invoice.number)),
        Transfer(names[BY_NUMBER], owed[BY_NUMBER].open, text=f"Facture {owed[BY_NUMBER].invoice.number}, merci"),
        Transfer(
            names[TOO_LITTLE],
            Money(short.open.minor * 98 // 100, "EUR"),
            text=f"{short.invoice.number} min 2% korting",
        ),
        Transfer("Onbekende Rekeninghouder", owed[BY_AMOUNT_ALONE].open, text="betaling"),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_camt(account.iban, transfers, today - timedelta(days=1)))
    return path


def _owed(session: Session, seller: Seller, ref: str, today: date) -> OpenInvoice | None:
    query = select(Customer.id).where(Customer.seller_id == seller.id, Customer.ref == ref)
    owed = invoices_of(session, session.scalars(query).one(), today, only_open=True)
    return owed[0] if owed else None


def _camt(iban: str, transfers: list[Transfer], on: date) -> bytes:
    """The statement as camt.053.001.08. Source: ISO 20022 message definition report, Bank-to-Customer Cash Management."""
    root = etree.fromstring(f'<Document xmlns="{_SPACE}"/>')
    inside = _under(root, "BkToCstmrStmt")
    _put(inside, "GrpHdr/MsgId", f"DEMO-{on.isoformat()}")
    _put(inside, "GrpHdr/CreDtTm", f"{on.isoformat()}T23:00:00+01:00")
    statement = _under(inside, "Stmt")
    _put(statement, "Id", f"DEMO{on:%y%m%d}")
    _put(statement, "ElctrncSeqNb", str(on.timetuple().tm_yday))
    _put(statement, "CreDtTm", f"{on.isoformat()}T23:00:00+01:00")
    _put(statement, "Acct/Id/IBAN", iban)
    _put(statement, "Acct/Ccy", "EUR")
    closing = _OPENING_MINOR + sum(transfer.amount.minor for transfer in transfers)
    for code, minor in (("OPBD", _OPENING_MINOR), ("CLBD", closing)):
        balance = _under(statement, "Bal")
        _put(balance, "Tp/CdOrPrtry/Cd", code)
        _money(balance, minor)
        _put(balance, "CdtDbtInd", "CRDT")
        _put(balance, "Dt/Dt", on.isoformat())
    for number, transfer in enumerate(transfers, 1):
        _entry(statement, transfer, f"DEMO{on:%y%m%d}{number:04}", on)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _entry(statement: etree._Element, transfer: Transfer, bank_reference: str, on: date) -> None:
    entry = _under(statement, "Ntry")
    _money(entry, transfer.amount.minor)
    _put(entry, "CdtDbtInd", "CRDT")
    _put(entry, "Sts/Cd", "BOOK")
    _put(entry, "BookgDt/Dt", on.isoformat())
    _put(entry, "ValDt/Dt", on.isoformat())
    _put(entry, "AcctSvcrRef", bank_reference)
    _put(entry, "BkTxCd/Domn/Cd", "PMNT")
    details = _under(_under(entry, "NtryDtls"), "TxDtls")
    _put(details, "Refs/EndToEndId", "NOTPROVIDED")
    _put(details, "RltdPties/Dbtr/Pty/Nm", transfer.payer)
    if transfer.reference is not None:
        _put(details, "RmtInf/Strd/CdtrRefInf/Ref", transfer.reference)
    if transfer.text is not None:
        _put(details, "RmtInf/Ustrd", transfer.text)


def _money(parent: etree._Element, minor: int) -> None:
    amount = _under(parent, "Amt")
    amount.set("Ccy", "EUR")
    amount.text = str(Money(minor, "EUR").major)


def _put(parent: etree._Element, path: str, text: str) -> None:
    """Writes the text at the path below the element; what leads there is made where it is missing."""
    *way, last = path.split("/")
    for name in way:
        found = parent.find(f"{{{_SPACE}}}{name}")
        parent = _under(parent, name) if found is None else found
    _under(parent, last).text = text


def _under(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_SPACE}}}{name}")
