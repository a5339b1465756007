"""Invoices and credit notes from files, in the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.imports.profile import Profile
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice, an_order
from tests.o2c_core.imports.files import a_profile, imported, reasons

HEAD = "Invoice number,Customer number,Invoice date,Due date,Net,VAT,Total,Document type,Applies to\n"
LINES = "Factuurnummer;Klantnummer;Klantnaam;Land;Factuurdatum;Artikel;Omschrijving;Aantal;Stukprijs\n"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "1001")
    session.commit()
    return customer


def invoice(session: Session, number: str) -> Invoice:
    session.expire_all()
    return session.scalars(select(Invoice).where(Invoice.number == number)).one()


def credit_note(session: Session, number: str) -> CreditNote:
    session.expire_all()
    return session.scalars(select(CreditNote).where(CreditNote.number == number)).one()


def test_one_row_per_invoice_is_taken_over(store: Store, session: Session, customer: Customer, tmp_path: Path) -> None:
    report = imported(store, tmp_path, HEAD + "F1,1001,2026-01-05,2026-02-04,100.00,21.00,121.00,,\n", "invoices")
    taken = invoice(session, "F1")
    assert (taken.net_minor, taken.tax_minor, taken.total_minor) == (10_000, 2_100, 12_100)
    assert (taken.issued_on, taken.due_on, taken.terms_days) == (date(2026, 1, 5), date(2026, 2, 4), 30)
    assert taken.customer_id == customer.id
    assert report.counts == {"invoice": {"accepted": 1}}
    assert report.as_tables()["totals"] == {"invoice": {"EUR": "121.00"}}
    assert report.is_all_good


def test_rows_of_one_number_become_the_lines_of_one_invoice_also_when_they_lie_apart(
    store: Store, session: Session, tmp_path: Path
) -> None:
    a_seller(session)
    session.commit()
    report = imported(
        store,
        tmp_path,
        LINES
        + "F1;1001;Bakkerij Jansen;Nederland;05-01-2026;A-1;Meel;3;0,335\n"
        + "F2;1002;Café Zoë;België;31-01-2026;A-2;Gist;1;1.250,00\n"
        + "F1;1001;Bakkerij Jansen;Nederland;05-01-2026;A-3;Zout;2;12,50\n",
        "invoices",
    )
    first = invoice(session, "F1")
    assert [(line.position, line.sku, line.quantity, line.unit_price, line.amount_minor) for line in first.lines] == [
        (1, "A-1", 3, Decimal("0.335"), 101),  # 1.005 is rounded away from zero
        (2, "A-3", 2, Decimal("12.5"), 2500),
    ]
    assert first.total_minor == 2601
    assert invoice(session, "F2").total_minor == 125_000
    names = {customer.ref: (customer.name, customer.country) for customer in session.scalars(select(Customer))}
    assert names == {"1001": ("Bakkerij Jansen", "NL"), "1002": ("Café Zoë", "BE")}
    assert report.counts == {"customer": {"accepted": 2}, "invoice": {"accepted": 2}}
    assert report.lines["invoice"] == 3


def test_importing_the_same_file_again_changes_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    content = HEAD + "F1,1001,2026-01-05,,,,121.00,,\nC1,1001,2026-01-06,,,,-21.00,,F1\n"
    imported(store, tmp_path, content, "invoices")
    ids = list(session.scalars(select(Invoice.id)))
    report = imported(store, tmp_path, content, "invoices")
    assert report.counts == {"invoice": {"unchanged": 1}, "credit_note": {"unchanged": 1}}
    assert list(session.scalars(select(Invoice.id))) == ids
    assert len(list(session.scalars(select(Allocation)))) == 1
    assert not list(session.scalars(select(TrailLine).where(TrailLine.what == "invoice changed")))


def test_a_dry_run_reports_the_same_and_keeps_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    content = HEAD + "F1,1001,2026-01-05,,,,121.00,,\nF2,9,2026-01-05,,,,1.00,,\n"
    tried = imported(store, tmp_path, content, "invoices", dry_run=True)
    assert not list(session.scalars(select(Invoice)))
    done = imported(store, tmp_path, content, "invoices")
    assert tried.as_tables() | {"dry_run": False} == done.as_tables()


def test_a_changed_invoice_gets_its_new_lines_and_leaves_a_line_in_the_trail(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    row = "F1;1001;Bakkerij Jansen;Nederland;13-01-2026;{};Meel;{};10,00\n"
    imported(store, tmp_path, LINES + row.format("A-1", 1) + row.format("A-2", 2) + row.format("A-3", 3), "invoices")
    first_line = invoice(session, "F1").lines[0].id
    report = imported(store, tmp_path, LINES + row.format("A-1", 5) + row.format("A-2", 2), "invoices")
    changed = invoice(session, "F1")
    assert report.counts["invoice"] == {"changed": 1}
    assert [(line.sku, line.amount_minor) for line in changed.lines] == [("A-1", 5000), ("A-2", 2000)]
    assert changed.lines[0].id == first_line
    assert changed.total_minor == 7000
    trail = session.scalars(select(TrailLine).where(TrailLine.what == "invoice changed")).one()
    assert (trail.subject_id, trail.customer_id) == (changed.id, customer.id)
    assert (trail.details["total_minor_was"], trail.details["total_minor"]) == (6000, 7000)


@pytest.mark.parametrize(
    ("total", "outcome", "reason"),
    [
        ("121.00", "unchanged", None),
        ("50.00", "changed", None),
        ("49.99", "refused", "2: 50.00 EUR is already set against invoice F1, more than its new total, 49.99 EUR"),
        ("0.00", "refused", "2: 50.00 EUR is already set against invoice F1, more than its new total, 0.00 EUR"),
    ],
)
def test_an_invoice_never_falls_below_what_was_paid_on_it(
    store: Store, session: Session, customer: Customer, tmp_path: Path, total: str, outcome: str, reason: str | None
) -> None:
    imported(store, tmp_path, HEAD + "F1,1001,2026-01-05,,,,121.00,,\n", "invoices")
    a_payment(session, invoice(session, "F1"), 5_000)
    session.commit()
    report = imported(store, tmp_path, HEAD + f"F1,1001,2026-01-05,,,,{total},,\n", "invoices")
    assert report.counts["invoice"] == {outcome: 1}
    assert reasons(report) == ([reason] if reason else [])
    assert invoice(session, "F1").total_minor == (5_000 if outcome == "changed" else 12_100)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",1001,2026-01-05,,,,1.00,,", "Invoice number: is empty"),
        ("F9,,2026-01-05,,,,1.00,,", "Customer number: is empty, so nobody knows whose it is"),
        ("F9,1001,,,,,1.00,,", "Invoice date: is empty"),
        ("F9,4711,2026-01-05,,,,1.00,,", "the customer 4711 of invoice F9 is not known; import the customers first"),
        ("F9,1001,2026-01-05,,,,1e5,,", "Total: '1e5' is in scientific notation, so its last digits may be lost"),
        ("F9,1001,2026-01-05,,,,NaN,,", "Total: 'NaN' is not a number"),
        ("F9,1001,2026-01-05,,,,1.005,,", "Total: '1.005' has more decimals than EUR has"),
        ("F9,1001,2026-01-05,,,,\"1,23.4\",,", "Total: '1,23.4' is not a number"),
        ("F9,1001,03/04/2026,,,,1.00,,", "Invoice date: '03/04/2026' is ambiguous"),
        ("F9,1001,2026-01-05,2026-01-04,,,1.00,,", "Due date: 2026-01-04 is before the day of issue, 2026-01-05"),
        ("F9,1001,2026-01-05,,,,,,", "nobody can tell what the invoice F9 comes to: it has no total and no lines"),
        ("F9,1001,2026-01-05,,1.00,0.21,1.20,,", "the net and the tax of invoice F9 do not add up to its total, 1.20 EUR"),
        ("F\x019,1001,2026-01-05,,,,1.00,,", "Invoice number: 'F?9' has a control character in it"),
        ("F9,1.0E+3,2026-01-05,,,,1.00,,", "Customer number: '1.0E+3' is in scientific notation, so its last digits are lost"),
        ("C9,1001,2026-01-05,,,,-1.00,,F77", "the credit note C9 is for invoice F77, which this customer does not have"),
        ("F9,1001,2026-01-05", "the line has 3 columns where the first line has 9"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_refused_by_line_and_reason_and_the_others_are_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path, row: str, reason: str
) -> None:
    good = "F{},1001,2026-01-05,,,,100.00,,\n"
    report = imported(store, tmp_path, HEAD + good.format(1) + row + "\n" + good.format(2), "invoices")
    (refused,) = reasons(report)
    assert refused.startswith(f"3: {reason}")
    assert set(session.scalars(select(Invoice.number))) == {"F1", "F2"}
    kind = "credit_note" if row.startswith("C9") else "invoice"
    assert report.counts[kind]["refused"] == 1
    assert report.refused_rows == 1


def test_one_broken_line_refuses_its_whole_invoice_because_the_rest_would_be_a_wrong_amount(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    row = "{};1001;Bakkerij Jansen;Nederland;13-01-2026;A-1;Meel;{};10,00\n"
    content = LINES + row.format("F1", 1) + row.format("F2", 1) + row.format("F1", "veel") + row.format("F1", 2)
    report = imported(store, tmp_path, content, "invoices")
    assert set(session.scalars(select(Invoice.number))) == {"F2"}
    assert report.counts["invoice"] == {"accepted": 1, "refused": 1}
    assert report.refused_rows == 3
    assert reasons(report) == [
        "2: the invoice F1 is refused as a whole because of line 4",
        "4: Aantal: 'veel' is not a number (invoice F1)",
    ]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            "F1,1001,2026-01-05,,,,1.00,,\nF1,1001,2026-01-05,,,,2.00,,\n",
            "the invoice F1 is in the file twice with different contents, on lines 2 and 3",
        ),
        (
            "F1,1001,2026-01-05,,,,1.00,,\nF1,1002,2026-01-05,,,,1.00,,\n",
            "the rows of invoice F1 name different customers: 1001 and 1002",
        ),
        ("F1,1001,2026-01-05,,,,1.00,,\nF1,1001,2026-01-05,,,,1.00,,\n", None),
    ],
)
def test_a_number_that_comes_twice_is_one_invoice_only_when_both_rows_say_the_same(
    store: Store, session: Session, customer: Customer, tmp_path: Path, rows: str, reason: str | None
) -> None:
    report = imported(store, tmp_path, HEAD + rows, "invoices")
    assert [refused.reason for refused in report.refused] == ([reason] if reason else [])
    assert list(session.scalars(select(Invoice.total_minor))) == ([] if reason else [100])


def test_an_invoice_never_moves_to_another_customer(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    a_customer(session, session.get_one(Seller, customer.seller_id), "1002")
    session.commit()
    imported(store, tmp_path, HEAD + "F1,1001,2026-01-05,,,,1.00,,\n", "invoices")
    report = imported(store, tmp_path, HEAD + "F1,1002,2026-01-05,,,,1.00,,\n", "invoices")
    assert reasons(report) == ["2: the invoice F1 is already known for another customer than 1002"]
    assert invoice(session, "F1").customer_id == customer.id


@pytest.mark.parametrize(
    "row",
    [
        "C1,1001,2026-01-06,,-10.00,-2.10,-12.10,,F1",
        "C1,1001,2026-01-06,,10.00,2.10,12.10,Creditnota,F1",
        "C1,1001,2026-01-06,,-10.00,-2.10,-12.10,Credit note,F1",
        "C1,1001,2026-01-06,,,,(12.10),,F1",
    ],
)
def test_a_credit_note_has_a_positive_amount_and_is_set_against_the_invoice_it_names(
    store: Store, session: Session, customer: Customer, tmp_path: Path, row: str
) -> None:
    imported(store, tmp_path, HEAD + f"F1,1001,2026-01-05,,,,121.00,,\n{row}\n", "invoices")
    credit = credit_note(session, "C1")
    assert credit.total_minor == 1_210
    assert credit.invoice_id == invoice(session, "F1").id
    (balance,) = balances(session, customer.id, DAY)
    assert (balance.open.minor, balance.unapplied.minor) == (10_890, 0)


def test_credit_is_set_against_an_invoice_up_to_what_is_open_and_the_rest_stays_on_account(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    rows = "F1,1001,2026-01-05,,,,10.00,,\nC1,1001,2026-01-06,,,,-7.00,,F1\nC2,1001,2026-01-06,,,,-7.00,,F1\n"
    imported(store, tmp_path, HEAD + rows, "invoices")
    (balance,) = balances(session, customer.id, DAY)
    assert (balance.open.minor, balance.unapplied.minor) == (0, 400)


def test_below_zero_without_a_mark_is_a_credit_note_and_said_or_refused_as_the_profile_says(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    content = HEAD + "F1,1001,2026-01-05,,,,-5.00,,\n"
    strict = a_profile(tmp_path, "extends = 'invoices'\n" + _with_credit("negative_total = 'refuse'"))
    report = imported(store, tmp_path, content, strict)
    assert reasons(report) == [
        "2: the invoice F1 comes to less than zero, -5.00 EUR, and is not marked as a credit note"
    ]
    report = imported(store, tmp_path, content, "invoices")
    assert "1 documents that come to less than zero were taken over as credit notes" in report.remarks
    assert credit_note(session, "F1").total_minor == 500
    report = imported(store, tmp_path, HEAD + "F1,1001,2026-01-05,,,,5.00,,\n", "invoices")
    assert reasons(report) == ["2: F1 is already known as a credit note"]


def _with_credit(credit: str) -> str:
    return f"""
        [[records]]
        kind = "invoice"
        fields = {{ number = "Invoice number", customer = "Customer number", issued_on = "Invoice date", total = "Total" }}
        credit = {{ {credit} }}
    """


@pytest.mark.parametrize(
    ("mine", "row_terms", "customer_terms", "due"),
    [
        ("", "", None, date(2026, 2, 4)),
        ("[defaults]\nterms_days = 14", "", None, date(2026, 1, 19)),
        ("[defaults]\nterms_days = 14", "", 60, date(2026, 3, 6)),
        ("[defaults]\nterms_days = 14", "Net 7 days", 60, date(2026, 1, 12)),
    ],
)
def test_terms_are_the_rows_else_the_customers_else_the_profiles_else_the_sellers(
    store: Store, session: Session, customer: Customer, tmp_path: Path,
    mine: str, row_terms: str, customer_terms: int | None, due: date,
) -> None:  # fmt: skip
    customer.payment_terms_days = customer_terms
    session.commit()
    profile: Profile = a_profile(tmp_path, f"extends = 'invoices'\n{mine}")
    head = "Invoice number,Customer number,Invoice date,Terms,Total\n"
    imported(store, tmp_path, head + f"F1,1001,2026-01-05,{row_terms},10.00\n", profile)
    assert invoice(session, "F1").due_on == due


def test_currencies_have_their_own_decimals_and_totals_are_kept_apart(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    head = "Invoice number,Customer number,Invoice date,Currency,Total\n"
    amounts = ("EUR,10.00", "jpy,1200", "KWD,1.250", "JPY,12.50", "EURO,1")
    rows = [f"F{number},1001,2026-01-05,{amount}\n" for number, amount in enumerate(amounts, 1)]
    report = imported(store, tmp_path, head + "".join(rows), "invoices")
    assert report.as_tables()["totals"] == {"invoice": {"EUR": "10.00", "JPY": "1200", "KWD": "1.250"}}
    assert reasons(report) == [
        "5: Total: '12.50' has more decimals than JPY has (invoice F4)",
        "6: Currency: 'EURO' is not a currency code of ISO 4217 (invoice F5)",
    ]


def test_an_invoice_points_to_its_order_and_its_lines_to_the_orders_lines(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    order = an_order(session, customer, "SO-1", states=("shipped", "shipped"))
    session.commit()
    head = "Invoice number,Customer number,Invoice date,Order number,SKU,Quantity,Unit price\n"
    rows = (
        "F1,1001,2026-01-05,SO-1,ART-2,2,12.50\n"
        "F1,1001,2026-01-05,SO-1,FREIGHT,1,5.00\n"
        "F2,1001,2026-01-05,SO-9,ART-2,2,12.50\n"
    )
    report = imported(store, tmp_path, head + rows, "invoices")
    taken = invoice(session, "F1")
    assert taken.order_id == order.id
    assert [line.order_line_id for line in taken.lines] == [order.lines[1].id, None]
    assert "1 invoices name an order that is not known here; they stand on their own" in report.remarks


def test_invoices_of_another_seller_with_the_same_numbers_are_left_alone(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    other = an_invoice(session, a_customer(session, a_seller(session, "other"), "1001"), "F1", total_minor=7)
    session.commit()
    imported(store, tmp_path, HEAD + "F1,1001,2026-01-05,,,,121.00,,\n", "invoices")
    session.refresh(other)
    assert other.total_minor == 7
