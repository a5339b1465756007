"""Electronic credit notes, set against the invoices they name."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.import_einvoice import BelowZero
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.imports.ubl.keep import AlreadyUsed, CreditedUnknown, NumberTaken
from o2c_core.invoices.invoice import CreditNote
from o2c_core.invoices.payment import Allocation
from o2c_core.store.store import Store
from tests.build import a_credit_note, a_customer, a_payment, an_invoice
from tests.o2c_core.imports.ubl.documents import Document, Item
from tests.o2c_core.imports.ubl.ledger import a_seller, credit_note, imported, invoice, nothing_kept


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "1001")
    session.commit()
    return customer


@pytest.mark.parametrize(
    ("paid", "allocated", "left"), [(0, "121.00", "0.00"), (10_000, "21.00", "100.00"), (12_100, "0.00", "121.00")]
)
def test_a_credit_note_is_set_against_the_invoice_it_names_up_to_what_is_open(
    store: Store, session: Session, customer: Customer, tmp_path: Path, paid: int, allocated: str, left: str
) -> None:
    imported(store, tmp_path, Document())
    if paid:
        a_payment(session, invoice(session), paid)
        session.commit()
    note = Document(kind="CreditNote", number="CN-1", credits=("INV-7",), note="Returned goods")
    report = imported(store, tmp_path, note)
    credit = credit_note(session, "CN-1")
    assert (credit.invoice_id, credit.net_minor, credit.tax_minor, credit.total_minor) == (
        invoice(session).id, 10_000, 2_100, 12_100,
    )  # fmt: skip
    assert (credit.reason, credit.lines[0].tax_rate, credit.taxes[0].base_minor) == ("Returned goods", 21, 10_000)
    assert (str(report.allocated), str(report.left)) == (f"{allocated} EUR", f"{left} EUR")
    given = session.scalars(select(Allocation.amount_minor).where(Allocation.credit_note_id == credit.id)).all()
    assert sum(given) == Decimal(allocated) * 100
    assert imported(store, tmp_path, note).outcome == "unchanged"
    assert session.scalars(select(Allocation.amount_minor).where(Allocation.credit_note_id == credit.id)).all() == given


def test_a_credit_note_grows_and_what_it_gained_is_set_against_its_invoice_too(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, Document())
    imported(store, tmp_path, Document(kind="CreditNote", number="CN-1", credits=("INV-7",), lines=(Item("1"),)))
    imported(store, tmp_path, Document(kind="CreditNote", number="CN-1", credits=("INV-7",), lines=(Item("3"),)))
    given = session.scalars(select(Allocation.amount_minor).order_by(Allocation.id)).all()
    assert given == [1_210, 2_420]
    with pytest.raises(AlreadyUsed, match=r"36\.30 EUR is already set against credit note CN-1"):
        imported(store, tmp_path, Document(kind="CreditNote", number="CN-1", credits=("INV-7",), lines=(Item("2"),)))


def test_a_credit_note_for_an_invoice_the_customer_does_not_have_is_refused(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    other = a_customer(session, session.get_one(Seller, customer.seller_id), "1002")
    an_invoice(session, other, "INV-7")
    session.commit()
    with pytest.raises(
        CreditedUnknown, match="Credit note CN-1 is for invoice INV-7, which customer 1001 does not have"
    ):
        imported(store, tmp_path, Document(kind="CreditNote", number="CN-1", credits=("INV-7",)))
    assert session.scalars(select(CreditNote)).all() == []
    assert imported(store, tmp_path, Document(kind="CreditNote", number="CN-1")).left is not None


@pytest.mark.parametrize("kind", ["Invoice", "CreditNote"])
def test_a_document_below_zero_is_refused_because_the_other_kind_says_it(
    store: Store, session: Session, customer: Customer, tmp_path: Path, kind: str
) -> None:
    with pytest.raises(BelowZero, match=r"INV-7 is -121\.00 EUR"):
        imported(store, tmp_path, Document(kind=kind, lines=(Item("-10"),)))
    assert nothing_kept(session)


def test_a_number_of_a_credit_note_is_not_taken_for_an_invoice(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    credit = a_credit_note(session, customer, 100)
    session.commit()
    with pytest.raises(NumberTaken, match="is already known as a credit note"):
        imported(store, tmp_path, Document(number=credit.number))
