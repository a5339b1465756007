"""An invoice is issued once, with its tax, its terms and a number of its own."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.issue_invoice import (
    Billing,
    InvoiceNumberTaken,
    WhoseInvoice,
    issue_invoice,
)
from o2c_core.cases.numbers import NumberingUnclear
from o2c_core.customers.seller import Seller
from o2c_core.customers.terms import PaymentTerms, parse_terms
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.draft import BelowZero, BilledLine, NothingInvoiced, NotInvoiceable
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.tax import TaxMixed, TaxUnknown
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import DAY
from tests.stores.ordering import buying, trail


def a_line(
    quantity: str = "10", price: str = "12.50", category: str | None = "S", rate: str | None = "21"
) -> BilledLine:
    return BilledLine(
        "FLOUR-1", "Flour, 25 kg", Decimal(quantity), Decimal(price), category, None if rate is None else Decimal(rate)
    )


def count(session: Session) -> int:
    return session.execute(select(func.count()).select_from(Invoice)).scalar_one()


def test_an_invoice_has_its_lines_its_tax_per_category_its_terms_and_a_number(store: Store, session: Session) -> None:
    customer = buying(session)
    lines = (a_line("3", "0.04"), a_line("3", "0.04"), a_line("1", "10.00", rate="9"), a_line("2", "5.00", "AE", None))
    invoice = issue_invoice(
        Billing(customer.id, lines=lines, purchase_order="PO 7", buyer_reference="Dept. 4"), store=store, by="Eva"
    )
    assert (invoice.number, invoice.issued_on, invoice.due_on) == ("INV-2026-0001", DAY, DAY + timedelta(days=30))
    assert (invoice.net_minor, invoice.tax_minor, invoice.total_minor) == (20_24, 95, 21_19)
    assert [(tax.category, tax.rate, tax.base_minor, tax.tax_minor, tax.exemption_reason) for tax in invoice.taxes] == [
        ("S", 21, 24, 5, None),
        ("S", 9, 10_00, 90, None),
        ("AE", 0, 10_00, 0, "Reverse charge"),
    ]
    assert (invoice.purchase_order, invoice.buyer_reference, invoice.order_id) == ("PO 7", "Dept. 4", None)
    assert (invoice.is_in_instalments, invoice.discount_minor, invoice.discount_until_on) == (False, 0, None)
    line = trail(session, "invoice issued")[0]
    assert (line.subject_id, line.who, line.details["amount"]) == (invoice.id, "Eva", "21.19 EUR")


@pytest.mark.parametrize(
    ("terms", "due", "discount", "until", "parts"),
    [
        ("net 14", "2026-03-30", 0, None, []),
        ("net 30 eom", "2026-04-30", 0, None, []),
        ("eom+15", "2026-04-15", 0, None, []),
        ("2/10 net 30", "2026-04-15", 2_42, "2026-03-26", []),
        ("30%@0 + 70%@60", "2026-05-15", 0, None, ["2026-03-16 3630", "2026-05-15 8470"]),
        (
            "33.33%@0 + 33.33%@30 + 33.34%@60",
            "2026-05-15",
            0,
            None,
            ["2026-03-16 4032", "2026-04-15 4032", "2026-05-15 4036"],
        ),
    ],
)
def test_the_terms_agreed_say_when_what_is_due(
    store: Store, session: Session, terms: str, due: str, discount: int, until: str | None, parts: list[str]
) -> None:
    customer = buying(session)
    agreed = parse_terms(terms)
    customer.agree_on(agreed)
    session.commit()
    billing = Billing(customer.id, lines=(a_line("8"),))
    for invoice in (
        issue_invoice(billing, store=store, by="Eva"),
        issue_invoice(Billing(customer.id, lines=(a_line("8"),), terms=agreed), store=store, by="Eva"),
    ):
        assert invoice.total_minor == 121_00
        assert (str(invoice.due_on), invoice.discount_minor) == (due, discount)
        assert invoice.discount_until_on == (None if until is None else date.fromisoformat(until))
        assert [f"{part.due_on} {part.amount_minor}" for part in invoice.instalments] == parts
        assert invoice.is_in_instalments == bool(parts)


def test_other_terms_can_be_given_for_one_invoice(store: Store, session: Session) -> None:
    billing = Billing(buying(session).id, lines=(a_line(),), terms=PaymentTerms(7), issued_on=date(2026, 2, 1))
    assert issue_invoice(billing, store=store, by="Eva").due_on == date(2026, 2, 8)


def test_a_part_that_rounds_to_nothing_is_no_instalment(store: Store, session: Session) -> None:
    billing = Billing(buying(session).id, lines=(a_line("1", "0.01", "Z", None),), terms=parse_terms("30%@0 + 70%@60"))
    invoice = issue_invoice(billing, store=store, by="Eva")
    assert [part.amount_minor for part in invoice.instalments] == [1]


def test_the_sellers_own_reason_for_no_tax_is_given(store: Store, session: Session) -> None:
    customer = buying(session, {"tax_exemptions": {"E": "Art. 11 Wet OB"}})
    invoice = issue_invoice(Billing(customer.id, lines=(a_line("1", "5", "E", None),)), store=store, by="Eva")
    assert [tax.exemption_reason for tax in invoice.taxes] == ["Art. 11 Wet OB"]


def test_the_same_number_with_the_same_content_is_the_same_invoice(store: Store, session: Session) -> None:
    customer = buying(session)
    billing = Billing(customer.id, lines=(a_line(),), number="F-9", issued_on=DAY)
    first = issue_invoice(billing, store=store, by="Eva")
    customer.agree_on(PaymentTerms(60))
    session.commit()
    again = (billing, Billing(customer.id, lines=(a_line("10.000", "12.500"),), number=" F-9 "))
    assert {issue_invoice(each, store=store, by="Eva").id for each in again} == {first.id}
    assert count(session) == len(trail(session, "invoice issued")) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"lines": (a_line("11"),)},
        {"lines": (a_line(rate="9"),)},
        {"lines": (a_line(), a_line())},
        {"issued_on": DAY - timedelta(days=1)},
        {"purchase_order": "PO 7"},
        {"terms": PaymentTerms(60)},
        {"currency": "USD"},
    ],
)
def test_the_same_number_with_other_content_is_refused(store: Store, session: Session, other: dict[str, Any]) -> None:
    customer = buying(session)
    said: dict[str, Any] = {"customer_id": customer.id, "lines": (a_line(),), "number": "F-9"}
    issue_invoice(Billing(**said), store=store, by="Eva")
    with pytest.raises(InvoiceNumberTaken, match="another invoice with the number F-9"):
        issue_invoice(Billing(**(said | other)), store=store, by="Eva")
    assert count(session) == 1


def test_one_message_issues_one_invoice_for_one_thing(store: Store, session: Session) -> None:
    customer = buying(session)
    message_id = new_key()
    one, same, other = (
        issue_invoice(Billing(customer.id, lines=(a_line(much),)), store=store, by="Eva", message_id=message_id)
        for much in ("1", "1", "2")
    )
    assert one.id == same.id != other.id


@pytest.mark.parametrize(
    ("billing", "failure"),
    [
        ({"lines": ()}, NothingInvoiced),
        ({"lines": None}, WhoseInvoice),
        ({"customer_id": None}, WhoseInvoice),
        ({"customer_id": new_key()}, NotFound),
        ({"order_id": new_key()}, NotFound),
        ({"shipment_id": new_key()}, NotFound),
        ({"lines": (a_line("0"),)}, NotInvoiceable),
        ({"lines": (a_line("1.0001"),)}, NotInvoiceable),
        ({"lines": (a_line(price="-1"),)}, NotInvoiceable),
        ({"lines": (a_line(price="NaN"),)}, NotInvoiceable),
        ({"lines": (a_line("-1"),)}, BelowZero),
        ({"lines": (a_line(category=None),)}, TaxUnknown),
        ({"lines": (a_line(), a_line(category="O", rate=None))}, TaxMixed),
        ({"currency": "GOLD"}, Refused),
    ],
)
def test_what_cannot_be_invoiced_is_refused_and_takes_no_number(
    store: Store, session: Session, billing: dict[str, Any], failure: type[Refused]
) -> None:
    customer = buying(session)
    said: dict[str, Any] = {"customer_id": customer.id, "lines": (a_line(),)}
    with pytest.raises(failure):
        issue_invoice(Billing(**(said | billing)), store=store, by="Eva")
    assert count(session) == 0
    assert issue_invoice(Billing(**said), store=store, by="Eva").number == "INV-2026-0001"


def test_a_numbering_nobody_understands_issues_nothing(store: Store, session: Session) -> None:
    customer = buying(session)
    session.get_one(Seller, customer.seller_id).numbering = {"invoice": "INV"}
    session.commit()
    with pytest.raises(NumberingUnclear):
        issue_invoice(Billing(customer.id, lines=(a_line(),)), store=store, by="Eva")
    assert count(session) == 0
