"""Import one electronic invoice or credit note into the ledger, after every rule it must keep."""

from __future__ import annotations

from pathlib import Path

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import SellerUnknown
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.imports.turns import wait_for_turn
from o2c_core.imports.ubl.check import check_einvoice
from o2c_core.imports.ubl.content import Content, content_of
from o2c_core.imports.ubl.einvoice import ZERO, EInvoice
from o2c_core.imports.ubl.finding import Finding
from o2c_core.imports.ubl.keep import check_change, existing, keep_credit_note, keep_invoice
from o2c_core.imports.ubl.new_customer import create_customer as new_customer
from o2c_core.imports.ubl.read_ubl import is_einvoice, read_ubl
from o2c_core.imports.ubl.recognise import check_accounts, check_supplier, find_customer
from o2c_core.imports.ubl.remarks import remarks_on
from o2c_core.imports.ubl.report import EInvoiceReport
from o2c_core.imports.xml import read_xml
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.store.store import Store
from o2c_core.trail import note

__all__ = ["EInvoiceRefused", "import_einvoice", "is_einvoice"]

_FINDINGS_SAID_MAX = 10


class EInvoiceRefused(Refused):
    """The electronic invoice breaks rules it must keep, so nothing of it was kept."""

    def __init__(self, sentence: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(sentence, rules=[finding.rule for finding in findings])
        self.findings = findings


class BelowZero(Refused):
    """A document that comes to less than zero is not taken over."""


def import_einvoice(
    path: Path,
    seller_ref: str,
    *,
    store: Store,
    dry_run: bool = False,
    create_customer: bool = False,
    by: str = "system",
) -> EInvoiceReport:
    """What the document did to the ledger: accepted, changed or unchanged. Importing it again changes nothing.

    It must keep the rules of EN 16931, and Peppol's where it says it is Peppol's; be this seller's, to be paid on one of
    its accounts; and be for a customer who is known, or with `create_customer` for one who says a number to be known by.
    A changed document replaces what was there, never below what is already set against it. A credit note is set against
    the invoices it names, up to what is open. With `dry_run` the report is the same and nothing is kept.
    Raises: FileMissing, FileUnreadable, XmlRefused, NotAnEInvoice; EInvoiceRefused; SellerUnknown, OtherSeller,
    AccountDiffers; CustomerUnknown, CustomerUnclear; NumberTaken, AlreadyUsed, CreditedUnknown, BelowZero. Then nothing
    was changed.
    """
    einvoice = _checked(read_xml(path), path.name)
    content = content_of(einvoice)
    now = store.clock.now()
    with store.session() as session:
        wait_for_turn(session)
        seller = session.scalars(select(Seller).where(Seller.ref == seller_ref)).one_or_none()
        if seller is None:
            raise SellerUnknown(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        check_supplier(seller, einvoice.supplier)
        if not einvoice.is_credit_note:
            check_accounts(seller, einvoice)
        customer = find_customer(session, seller, einvoice.buyer)
        is_new_customer = customer is None
        if customer is None:
            customer = new_customer(session, seller, einvoice, now, may=create_customer)
        report = EInvoiceReport(
            file=path.name,
            seller=seller_ref,
            kind=einvoice.kind,
            number=einvoice.number,
            outcome="unchanged",
            customer=customer.ref,
            customer_name=customer.name,
            total=content.total,
            lines=len(content.lines),
            dry_run=dry_run,
            follows="Peppol BIS Billing 3.0" if einvoice.is_peppol else "UBL 2.1 by EN 16931",
            customer_created=is_new_customer,
        )
        document = existing(session, seller, customer, content, einvoice.kind)
        if document is None or document.fingerprint != content.fingerprint:
            was = None if document is None else document.total_minor
            if document is not None:
                check_change(session, document, content)
            report.outcome = "accepted" if document is None else "changed"
            document = _keep(session, seller, customer, content, document, einvoice.kind, report)
            if was is not None:
                note(
                    session,
                    f"{einvoice.kind.replace('_', ' ')} changed",
                    document,
                    at=now,
                    who=by,
                    why=f"imported from {path.name}",
                    number=content.number,
                    total_minor=content.total_minor,
                    total_minor_was=was,
                )
        report.remarks = remarks_on(einvoice, seller, customer, document, report)
        counts = {einvoice.kind: {report.outcome: 1}}
        why = f"imported as {report.follows}"
        note(
            session,
            "file imported",
            seller,
            seller_id=seller.id,
            at=now,
            who=by,
            why=why,
            file=path.name,
            counts=counts,
        )
        if dry_run:
            session.rollback()
        else:
            session.commit()
    return report


def _checked(root: etree._Element, name: str) -> EInvoice:
    """Raises: NotAnEInvoice; EInvoiceRefused, naming every rule that is broken; BelowZero."""
    einvoice = read_ubl(root)
    findings = check_einvoice(einvoice)
    if findings:
        said = "; ".join(str(finding) for finding in findings[:_FINDINGS_SAID_MAX])
        more = findings[_FINDINGS_SAID_MAX:]
        if more:
            rules = ", ".join(dict.fromkeys(finding.rule for finding in more))
            said += f"; and {len(more)} more by {rules}"
        raise EInvoiceRefused(f"{name} is refused and nothing of it was kept. {said}.", tuple(findings))
    if (einvoice.totals.gross or ZERO) < 0:
        noun = "A credit note" if einvoice.is_credit_note else "An invoice"
        hint = "an invoice" if einvoice.is_credit_note else "a credit note"
        raise BelowZero(
            f"{noun} that comes to less than zero is not taken over: {einvoice.number} is {einvoice.totals.gross} "
            f"{einvoice.currency}. As {hint} with a positive amount it would be."
        )
    return einvoice


def _keep(
    session: Session,
    seller: Seller,
    customer: Customer,
    content: Content,
    document: Invoice | CreditNote | None,
    kind: str,
    report: EInvoiceReport,
) -> Invoice | CreditNote:
    if kind == "credit_note":
        assert not isinstance(document, Invoice)
        credit, report.allocated, report.left = keep_credit_note(session, seller, customer, content, document)
        return credit
    assert not isinstance(document, CreditNote)
    invoice, order = keep_invoice(session, seller, customer, content, document)
    report.order = order.number if order is not None else None
    return invoice
