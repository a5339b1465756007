"""Payment terms from files: what was agreed with a customer, and what that makes of an invoice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.terms import parse_terms
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.o2c_core.imports.files import imported, reasons

CUSTOMERS = "Klantnummer,Naam,Betalingstermijn,Kredietlimiet,Hoofdvestiging,Klantgroep,Voorkeurskanaal,Btw-nummer\n"
INVOICES = "Invoice number,Customer number,Invoice date,Due date,Terms,Total\n"


def the_customer(session: Session, ref: str) -> Customer:
    session.expire_all()
    return session.scalars(select(Customer).where(Customer.ref == ref)).one()


def the_invoice(session: Session, number: str = "F1") -> Invoice:
    session.expire_all()
    return session.scalars(select(Invoice).where(Invoice.number == number)).one()


@pytest.mark.parametrize(
    "terms", ["net 30", "net 30 eom", "eom+15", "2/10 net 30", "1.5/8 net 14", "30%@0 + 70%@60", "2/10 30%@15 + 70%@60"]
)
def test_what_was_agreed_with_a_customer_is_kept_in_full(
    store: Store, session: Session, tmp_path: Path, terms: str
) -> None:
    seller = a_seller(session)
    session.commit()
    imported(store, tmp_path, CUSTOMERS + f'1001,Jansen,{terms},"12500,00",,retail,email,NL001234567B01\n', "customers")
    taken = the_customer(session, "1001")
    assert taken.terms(seller) == parse_terms(terms)
    assert (taken.credit_limit_minor, taken.segment, taken.preferred_channel) == (1_250_000, "retail", "email")
    imported(store, tmp_path, CUSTOMERS + "1001,Jansen B.V.,,,,,,\n", "customers")
    assert the_customer(session, "1001").terms(seller) == parse_terms(terms)


def test_a_parent_may_come_after_its_branches_and_one_that_is_unknown_is_said(
    store: Store, session: Session, tmp_path: Path
) -> None:
    a_seller(session)
    session.commit()
    rows = "1001,Jansen Utrecht,,,1000,,,\n1000,Jansen,,,,,,\n1002,Jansen Ede,,,77,,,\n1003,Jansen,,,1003,,,\n"
    report = imported(store, tmp_path, CUSTOMERS + rows, "customers")
    assert the_customer(session, "1001").parent_id == the_customer(session, "1000").id
    assert "1 customers name a parent that is not known here, such as 77" in report.remarks
    assert reasons(report) == ["5: Hoofdvestiging: a customer is not its own parent"]


@pytest.mark.parametrize(
    ("agreed", "due", "said", "outcome"),
    [
        ("net 14", "", "", "2026-02-14 no discount 0 parts"),
        ("net 30 eom", "", "", "2026-03-31 no discount 0 parts"),
        ("eom+15", "", "", "2026-02-15 no discount 0 parts"),
        ("2/10 net 30", "", "", "2026-03-02 2.42 until 2026-02-10 0 parts"),
        ("30%@0 + 70%@60", "", "", "2026-04-01 no discount 2 parts"),
        ("30%@0 + 70%@60", "", "net 8", "2026-02-08 no discount 0 parts"),
        ("net 14", "", "2/10 net 30", "2026-03-02 2.42 until 2026-02-10 0 parts"),
        ("net 14", "", "50%@10 + 50%@20", "2026-02-20 no discount 2 parts"),
        ("2/10 net 30", "2026-02-20", "", "2026-02-20 2.42 until 2026-02-10 0 parts"),
        ("30%@0 + 70%@60", "2026-02-20", "", "2026-02-20 no discount 0 parts"),
    ],
)
def test_an_invoice_is_due_as_was_agreed(
    store: Store, session: Session, tmp_path: Path, agreed: str, due: str, said: str, outcome: str
) -> None:
    customer = a_customer(session, a_seller(session), "1001")
    customer.agree_on(parse_terms(agreed))
    session.commit()
    rows = INVOICES + f"F1,1001,2026-01-31,{due},{said},121.00\n"
    imported(store, tmp_path, rows, "invoices")
    taken = the_invoice(session)
    until = taken.discount_until_on
    discount = f"{taken.discount_minor / 100} until {until}" if until else "no discount"
    assert f"{taken.due_on} {discount} {len(taken.instalments)} parts" == outcome
    assert taken.is_in_instalments == bool(taken.instalments)
    assert sum(part.amount_minor for part in taken.instalments) in (0, 12_100)
    assert imported(store, tmp_path, rows, "invoices").counts["invoice"] == {"unchanged": 1}


def test_a_changed_invoice_has_only_its_new_instalments(store: Store, session: Session, tmp_path: Path) -> None:
    customer = a_customer(session, a_seller(session), "1001")
    customer.agree_on(parse_terms("30%@0 + 70%@60"))
    session.commit()
    imported(store, tmp_path, INVOICES + "F1,1001,2026-01-31,,,100.00\n", "invoices")
    imported(store, tmp_path, INVOICES + "F1,1001,2026-01-31,,,200.00\n", "invoices")
    assert [(part.due_on, part.amount_minor) for part in the_invoice(session).instalments] == [
        (date(2026, 1, 31), 6_000),
        (date(2026, 4, 1), 14_000),
    ]
    imported(store, tmp_path, INVOICES + "F1,1001,2026-01-31,2026-02-20,,200.00\n", "invoices")
    assert (the_invoice(session).instalments, the_invoice(session).is_in_instalments) == ([], False)
