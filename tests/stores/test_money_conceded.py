"""Write-offs and credit notes: within the authority of who decides, and never more than there is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.issue_credit_note import Credited, issue_credit_note
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.actions.write_off import NoSuchReason, write_off
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.allocation import MoreThanIsOpen, NotAboveZero, NotTheirInvoice, OtherCurrency
from o2c_core.invoices.crediting import CreditLine, MoreThanInvoiced, NothingToCredit
from o2c_core.invoices.invoice import CreditNote, Invoice, TaxSubtotal
from o2c_core.invoices.payment import WriteOff
from o2c_core.invoices.tax import TaxUnknown
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.money import Books, books_of, eur


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


@pytest.fixture
def invoice(session: Session, customer: Customer) -> Invoice:
    """An invoice of 121.00, of which 21.00 is tax, with nothing paid on it."""
    invoice = an_invoice(session, customer, "F1", total_minor=12_100, net_minor=10_000, tax_minor=2_100)
    session.add(TaxSubtotal(invoice_id=invoice.id, category="S", rate=Decimal(21), base_minor=10_000, tax_minor=2_100))
    return invoice


@pytest.fixture
def books(store: Store, session: Session, customer: Customer, invoice: Invoice) -> Books:
    return books_of(store, session, customer)


def write(books: Books, invoice: Invoice, minor: int, role: str = "finance", reason: str = "small_balance") -> WriteOff:
    return write_off(
        invoice.id, eur(minor), reason=reason, words="not worth a call", by="Sam", role=role, store=books.store
    )


def credit(
    books: Books, invoice: Invoice | None, amount: Money | None, role: str = "manager", *lines: CreditLine
) -> Credited:
    of = invoice.id if invoice else None
    return issue_credit_note(
        books.customer_id, invoice_id=of, amount=amount, lines=lines, reason="nine of twelve came", by="Sam",
        role=role, store=books.store,
    )  # fmt: skip


def test_what_is_written_off_is_no_longer_open_until_it_is_taken_back(
    store: Store, session: Session, books: Books, invoice: Invoice
) -> None:
    written = write(books, invoice, 100)
    assert books.open() == {"F1": 12_000}
    assert (written.by, written.role, written.words) == ("Sam", "finance", "not worth a call")
    assert (books.said().what, books.said().details["open"]) == ("written off", "120.00 EUR")
    (allocation,) = books.allocations()
    release_allocation(allocation.id, "they paid after all", store=store)
    assert books.open() == {"F1": 12_100}


@pytest.mark.parametrize(
    ("role", "minor", "may"),
    [
        ("assistant", 1, False),
        ("agent", 2_500, True),
        ("agent", 2_501, False),
        ("finance", 12_100, True),
        ("nobody", 1, False),
    ],
)
def test_a_write_off_stays_within_the_authority_of_who_decides(
    books: Books, invoice: Invoice, role: str, minor: int, may: bool
) -> None:
    if may:
        write(books, invoice, minor, role)
    else:
        with pytest.raises(BeyondAuthority):
            write(books, invoice, minor, role)
    assert books.open() == {"F1": 12_100 - minor if may else 12_100}


def test_many_small_write_offs_are_not_a_way_around_the_limit(store: Store, books: Books, invoice: Invoice) -> None:
    write(books, invoice, 2_000, "agent")
    with pytest.raises(BeyondAuthority) as refused:
        write(books, invoice, 501, "agent")
    assert str(refused.value) == "A write-off of €25.01 is more than the role agent may decide, which is €25.00."
    write(books, invoice, 500, "agent")
    release_allocation(books.allocations()[0].id, "a mistake", store=store)
    write(books, invoice, 2_000, "agent")
    assert books.open() == {"F1": 9_600}


@pytest.mark.parametrize(
    ("amount", "reason", "refusal"),
    [
        (eur(12_101), "small_balance", MoreThanIsOpen),
        (eur(0), "small_balance", NotAboveZero),
        (eur(1), "because", NoSuchReason),
        (eur(1), "early_payment_discount", NoSuchReason),
        (Money(1, "JPY"), "small_balance", OtherCurrency),
    ],
)
def test_a_write_off_that_cannot_be_is_refused(
    store: Store, session: Session, books: Books, invoice: Invoice, amount: Money, reason: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        write_off(invoice.id, amount, reason=reason, words="", by="Sam", role="manager", store=store)
    with pytest.raises(NotFound):
        write_off(new_key(), eur(1), reason="small_balance", words="", by="Sam", role="manager", store=store)
    assert session.scalar(select(func.count()).select_from(WriteOff)) == 0


@pytest.mark.parametrize(
    ("paid", "credited", "open_", "unapplied"),
    [(0, 3_025, 9_075, 0), (0, 12_100, 0, 0), (10_000, 3_025, 0, 925), (12_100, 3_025, 0, 3_025)],
)
def test_a_credit_note_is_set_against_its_invoice_up_to_what_is_open(
    books: Books, invoice: Invoice, paid: int, credited: int, open_: int, unapplied: int
) -> None:
    if paid:
        books.pay(paid, "oldest first")
    issued = credit(books, invoice, eur(credited))
    assert (books.open(), books.unapplied(), issued.unapplied) == ({"F1": open_}, unapplied, eur(unapplied))
    line = books.said()
    assert (line.what, line.why, line.details["number"]) == (
        "credit note issued", "nine of twelve came", issued.credit_note.number,
    )  # fmt: skip


def test_a_credit_note_divides_its_tax_as_the_invoice_did(session: Session, books: Books, invoice: Invoice) -> None:
    note = credit(books, invoice, eur(3_025)).credit_note
    assert (note.net_minor, note.tax_minor, note.total_minor) == (2_500, 525, 3_025)
    (tax,) = note.taxes
    assert (tax.category, tax.rate, tax.base_minor, tax.tax_minor) == ("S", Decimal(21), 2_500, 525)
    (line,) = note.lines
    assert (line.description, line.amount_minor, line.tax_category) == ("nine of twelve came", 2_500, "S")


def test_a_credit_note_for_lines_is_taxed_by_category(books: Books, invoice: Invoice) -> None:
    lines = (
        CreditLine("Flour", Decimal(3), Decimal("8.335"), "A-1", "S", Decimal(21)),
        CreditLine("Books", Decimal(1), Decimal("10.00"), "A-2", "S", Decimal(9)),
    )
    note = credit(books, invoice, None, "manager", *lines).credit_note
    assert [line.amount_minor for line in note.lines] == [2_501, 1_000]
    assert (note.net_minor, note.tax_minor, note.total_minor) == (3_501, 525 + 90, 4_116)
    with pytest.raises(TaxUnknown):
        credit(books, invoice, None, "manager", CreditLine("Flour", Decimal(1), Decimal(1)))
    with pytest.raises(NotAboveZero):
        credit(books, invoice, None, "manager", *lines, CreditLine("Flour", Decimal(-1), Decimal(1)))


def test_no_more_is_credited_on_an_invoice_than_it_was_for(session: Session, books: Books, invoice: Invoice) -> None:
    credit(books, invoice, eur(12_000))
    with pytest.raises(MoreThanInvoiced) as refused:
        credit(books, invoice, eur(101))
    assert str(refused.value) == "1.01 EUR is more than can still be credited on invoice F1, which is 1.00 EUR."
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 1


def test_credit_without_an_invoice_stays_on_account(books: Books) -> None:
    issued = credit(books, None, eur(500))
    assert (books.open(), books.unapplied()) == ({"F1": 12_100}, 500)
    assert issued.changes == ()


@pytest.mark.parametrize(
    ("amount", "role", "refusal"),
    [
        (eur(10_001), "agent", BeyondAuthority),
        (eur(1), "assistant", BeyondAuthority),
        (eur(0), "manager", NotAboveZero),
        (None, "manager", NothingToCredit),
        (Money(1, "JPY"), "manager", OtherCurrency),
    ],
)
def test_a_credit_that_cannot_be_is_refused(
    session: Session, books: Books, invoice: Invoice, amount: Money | None, role: str, refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        credit(books, invoice, amount, role)
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 0


def test_an_invoice_of_somebody_else_is_never_credited(session: Session, books: Books, customer: Customer) -> None:
    other = a_customer(session, a_seller(session, "other"))
    theirs = an_invoice(session, other, "G1", due_on=DAY - timedelta(days=1))
    session.commit()
    with pytest.raises(NotTheirInvoice):
        credit(books, theirs, eur(100))
