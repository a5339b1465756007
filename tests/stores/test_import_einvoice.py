"""Electronic invoices and credit notes, in the ledger."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.import_einvoice import EInvoiceRefused, import_einvoice
from o2c_core.cases.dispute import Dispute, DisputeLine
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, Refused
from o2c_core.imports.ubl.keep import AlreadyUsed, NumberTaken
from o2c_core.imports.xml import XmlRefused
from o2c_core.invoices.invoice import TaxSubtotal
from o2c_core.orders.order import Order, OrderLine
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_customer, a_payment
from tests.o2c_core.imports.ubl.documents import Document, Item, Side, a_document, edited
from tests.o2c_core.imports.ubl.ledger import a_seller, imported, invoice, nothing_kept


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "1001")
    session.commit()
    return customer


def test_an_invoice_is_kept_with_its_lines_and_taxes(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    document = Document(
        lines=(Item("3", "33.335", off="-0.50"), Item("200", "5.25", base_quantity="100", rate="9", sku="ART-2")),
        sides=(Side("-10.00"), Side("4.95", rate="9")),
        purchase_order="PO-9",
    )
    report = imported(store, tmp_path, document)
    kept = invoice(session)
    assert (kept.customer_id, kept.issued_on, kept.due_on, kept.terms_days) == (
        customer.id, date(2026, 3, 2), date(2026, 4, 1), 30,
    )  # fmt: skip
    assert (kept.net_minor, kept.tax_minor, kept.total_minor) == (10_496, 2_019, 12_515)
    assert (kept.purchase_order, kept.buyer_reference, kept.payment_reference) == ("PO-9", "Inkoop", "RF18539007547034")
    assert [
        (line.sku, line.quantity, line.unit_price, line.amount_minor, line.tax_category, line.tax_rate)
        for line in kept.lines
    ] == [
        ("ART-1", 3, Decimal("33.335"), 9_951, "S", 21),
        ("ART-2", 200, Decimal("0.0525"), 1_050, "S", 9),
        ("", 1, -10, -1_000, "S", 21),
        ("", 1, Decimal("4.95"), 495, "S", 9),
    ]
    assert sum(line.amount_minor for line in kept.lines) == kept.net_minor
    taxes = [(row.category, row.rate, row.base_minor, row.tax_minor) for row in kept.taxes]
    assert taxes == [("S", 21, 8_951, 1_880), ("S", 9, 1_545, 139)]
    assert (report.outcome, str(report.total), report.customer) == ("accepted", "125.15 EUR", "1001")


def test_an_exemption_keeps_its_reason(store: Store, session: Session, customer: Customer, tmp_path: Path) -> None:
    imported(store, tmp_path, Document(lines=(Item(category="AE", rate="0"),)))
    (row,) = invoice(session).taxes
    assert (row.category, row.rate, row.base_minor, row.tax_minor, row.exemption_reason) == (
        "AE",
        0,
        10_000,
        0,
        "Reverse charge",
    )


def test_importing_the_same_document_again_changes_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, Document())
    ids = [line.id for line in invoice(session).lines] + [row.id for row in invoice(session).taxes]
    report = imported(store, tmp_path, Document())
    assert report.outcome == "unchanged"
    assert ids == [line.id for line in invoice(session).lines] + [row.id for row in invoice(session).taxes]


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        ("cac:LegalMonetaryTotal/cbc:PayableAmount=120.99", "BR-CO-16"),
        ("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount=99.99", "BR-S-08"),
        ("-cbc:BuyerReference", "PEPPOL-EN16931-R003"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused_by_its_id_and_nothing_is_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path, edit: str, rule: str
) -> None:
    with pytest.raises(
        EInvoiceRefused, match=f"einvoice.xml is refused and nothing of it was kept. {rule}: "
    ) as refused:
        imported(store, tmp_path, edited(Document().root(), edit))
    assert [finding.rule for finding in refused.value.findings] == [rule]
    assert nothing_kept(session)


def test_many_findings_are_named_by_rule_without_filling_the_screen(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    broken = Document(lines=tuple(Item(category="", rate=None) for _ in range(30)))
    with pytest.raises(EInvoiceRefused, match=r"; and \d+ more by BR-CO-04, BR-47") as refused:
        imported(store, tmp_path, broken)
    assert len(str(refused.value)) < 1_500


@pytest.mark.parametrize(
    "content",
    ['<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>', Document().xml()[:-40]],
)
def test_a_hostile_or_broken_file_leaves_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path, content: str
) -> None:
    with pytest.raises(XmlRefused):
        imported(store, tmp_path, content.encode())
    assert nothing_kept(session)


def test_a_dry_run_says_the_same_and_keeps_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    dry = imported(store, tmp_path, Document(), dry_run=True)
    assert nothing_kept(session)
    assert next(iter(dry.sentences())).endswith("(a dry run: nothing was kept)")
    real = imported(store, tmp_path, Document())
    assert dry.as_tables() | {"dry_run": False} == real.as_tables()


def test_a_changed_document_replaces_what_was_there_and_leaves_a_trail_line(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, Document(lines=(Item(), Item("5"))))
    first = invoice(session).lines[0].id
    report = imported(store, tmp_path, Document(lines=(Item("12", rate="9"),), due_on="2026-04-15"))
    changed = invoice(session)
    assert report.outcome == "changed"
    assert [(line.id, line.amount_minor) for line in changed.lines] == [(first, 12_000)]
    assert (changed.total_minor, changed.due_on, [row.rate for row in changed.taxes]) == (
        13_080,
        date(2026, 4, 15),
        [9],
    )
    assert session.scalar(select(func.count()).select_from(TaxSubtotal)) == 1
    trail = session.scalars(select(TrailLine).where(TrailLine.what == "invoice changed")).one()
    assert (trail.subject_id, trail.customer_id) == (changed.id, customer.id)
    assert (trail.details["total_minor_was"], trail.details["total_minor"]) == (18_150, 13_080)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (Document(lines=(Item("9"),)), None),
        (
            Document(lines=(Item("8.26"),)),
            "100.00 EUR is already set against invoice INV-7, more than its new total, 99.95 EUR",
        ),
        (Document(currency="USD"), "100.00 EUR is already set against invoice INV-7, so its currency cannot change"),
        (Document(buyer_id="1002"), "INV-7 is already known for another customer than 1002"),
        (Document(kind="CreditNote"), "INV-7 is already known as an invoice"),
    ],
)
def test_a_changed_document_never_falls_below_what_is_set_against_it(
    store: Store, session: Session, customer: Customer, tmp_path: Path, document: Document, sentence: str | None
) -> None:
    a_customer(session, session.get_one(Seller, customer.seller_id), "1002")
    imported(store, tmp_path, Document())
    a_payment(session, invoice(session), 10_000)
    session.commit()
    if sentence is None:
        assert imported(store, tmp_path, document).outcome == "changed"
        return
    with pytest.raises((AlreadyUsed, NumberTaken), match=sentence):
        imported(store, tmp_path, document)
    assert invoice(session).total_minor == 12_100


def test_a_line_under_dispute_does_not_disappear(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, Document(lines=(Item(), Item())))
    kept = invoice(session)
    dispute = Dispute(
        seller_id=kept.seller_id, customer_id=customer.id, invoice_id=kept.id, number="D-1", reason="QTY_SHORT",
        description="Nine of ten", amount_minor=1_000, currency="EUR", opened_at=MOMENT,
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    session.add(DisputeLine(dispute_id=dispute.id, invoice_line_id=kept.lines[1].id, amount_minor=1_000))
    session.commit()
    with pytest.raises(AlreadyUsed, match="A line of invoice INV-7 is disputed"):
        imported(store, tmp_path, Document())
    assert imported(store, tmp_path, Document(lines=(Item("11"), Item()))).outcome == "changed"


def an_order(session: Session, customer: Customer, number: str, purchase_order: str | None = None) -> Order:
    order = Order(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        number=number,
        currency="EUR",
        purchase_order=purchase_order,
    )
    order.lines.append(
        OrderLine(
            position=1,
            sku="ART-1",
            description="Flour",
            quantity=Decimal(10),
            unit_price=Decimal(10),
            amount_minor=10_000,
        )
    )
    session.add(order)
    session.flush()
    return order


@pytest.mark.parametrize(
    ("document", "order"),
    [
        (Document(sales_order="SO-1", purchase_order="NA"), "SO-1"),
        (Document(purchase_order="SO-1"), "SO-1"),
        (Document(purchase_order="PO-9"), "SO-1"),
        (Document(purchase_order="PO-8"), None),
        (Document(sales_order="SO-9"), None),
        (Document(sales_order="SO-7"), None),
    ],
)
def test_an_invoice_points_to_the_order_it_names_by_our_number_or_by_the_customers(
    store: Store, session: Session, customer: Customer, tmp_path: Path, document: Document, order: str | None
) -> None:
    named = an_order(session, customer, "SO-1", "PO-9")
    an_order(session, customer, "SO-2", "PO-8")
    an_order(session, customer, "SO-3", "PO-8")
    an_order(session, a_customer(session, session.get_one(Seller, customer.seller_id), "1002"), "SO-7")
    session.commit()
    report = imported(store, tmp_path, document)
    kept = invoice(session)
    assert report.order == order
    assert (kept.order_id, kept.lines[0].order_line_id) == ((named.id, named.lines[0].id) if order else (None, None))
    assert kept.purchase_order == (None if document.purchase_order == "NA" else document.purchase_order)
    assert any("not known here" in remark for remark in report.remarks) == (order is None)


def test_without_a_due_day_the_terms_agreed_with_the_customer_hold(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    customer.payment_terms_days, customer.discount_percent, customer.discount_days = 14, Decimal(2), 7
    session.commit()
    report = imported(store, tmp_path, Document(due_on=None, terms="2 % discount within a week"))
    kept = invoice(session)
    assert (kept.due_on, kept.terms_days, kept.discount_minor, kept.discount_until_on) == (
        date(2026, 3, 16), 14, 242, date(2026, 3, 9),
    )  # fmt: skip
    assert "it has no due day; by the terms agreed it is due on 2026-03-16" in report.remarks
    assert "its payment terms are words and were not interpreted: '2 % discount within a week'" in report.remarks


def test_what_was_paid_before_and_what_was_rounded_is_said(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    report = imported(store, tmp_path, Document(prepaid="21.00", rounding="0.02"))
    assert invoice(session).total_minor == 12_100
    assert (
        "21.00 EUR was paid before, it says; until that payment is recorded, all of 121.00 EUR is open"
        in report.remarks
    )
    assert "it asks for 100.02 EUR after rounding; 121.00 EUR is kept as its total" in report.remarks


def test_two_imports_of_one_document_at_once_keep_it_once(own_store: Store, tmp_path: Path) -> None:
    with own_store.session() as session:
        a_customer(session, a_seller(session), "1001")
        session.commit()
    path = a_document(tmp_path, Document())
    outcomes: list[str] = []

    def run() -> None:
        try:
            outcomes.append(import_einvoice(path, "vandijk", store=own_store).outcome)
        except Failure as failure:
            outcomes.append(str(failure))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "unchanged", "unchanged", "unchanged"]


def test_every_refusal_is_a_sentence(store: Store, session: Session, customer: Customer, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        imported(store, tmp_path, b"<Order/>")
    assert str(refused.value) == "That is not an invoice or a credit note in UBL 2.1: its outermost element is Order."


def test_the_report_reads_like_the_other_imports_reports(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    customer.name = "Jansen Zonen"
    session.commit()
    report = imported(store, tmp_path, Document())
    assert list(report.sentences()) == [
        "einvoice.xml: invoice INV-7, read as Peppol BIS Billing 3.0 for vandijk",
        "  accepted: 121.00 EUR, 1 line, customer 1001 (Jansen Zonen)",
        "  note: the buyer is called Bakkerij Jansen there and Jansen Zonen here",
    ]
    tables = report.as_tables()
    assert tables["counts"] == {"invoice": {"accepted": 1, "changed": 0, "unchanged": 0, "refused": 0}}
    assert (tables["totals"], tables["refused_rows"], tables["remarks"]) == (
        {"invoice": {"EUR": "121.00"}},
        0,
        report.remarks,
    )


def test_a_card_number_in_the_words_of_a_line_is_hidden_before_it_is_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(
        store, tmp_path, edited(Document().root(), "cac:InvoiceLine/cac:Item/cbc:Name=Paid with 4111 1111 1111 1111")
    )
    assert invoice(session).lines[0].description == "Paid with •••• 1111"
