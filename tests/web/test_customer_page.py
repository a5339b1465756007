"""The page of one customer: who they are, where the account stood on a day, what is open, and everything that happened."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.note_consent import Said, note_consent
from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.site import Site
from o2c_core.customers.terms import parse_terms
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_payment, a_seller, an_invoice
from tests.o2c_core.documents.papers import text_of
from tests.stores.test_timeline import a_full_history
from tests.web.asked import HERE, page_of, said
from tests.web.letters import a_letter
from tests.web.opened import open_pages
from web.customer import in_words


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1")


@pytest.mark.parametrize(
    "address",
    [
        HERE,
        "/ledger/customers/C1/invoices/{invoice}.pdf",
        "/ledger/customers/C1/statement-EUR.pdf",
        "/ledger/messages/{letter}",
        "/ledger/money",
    ],
)
def test_who_is_not_signed_in_is_led_to_the_sign_in_and_sees_nothing(
    store: Store, session: Session, customer: Customer, address: str
) -> None:
    there = address.format(invoice=an_invoice(session, customer).id, letter=a_letter(session, customer).id)
    session.commit()
    asked = open_pages(store, role=None).get(there, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"], asked.text) == (303, f"/sign-in?next={quote(there)}", "")
    assert open_pages(store).get(there).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/ledger/customers/C9",
        "/ledger/customers/C1?seller=nobody",
        "/ledger/customers/%00",
        "/ledger/customers/C9/statement-EUR.pdf",
        "/ledger/customers/C1/statement-XXX.pdf",
        "/ledger/customers/C1/statement-nonsense.pdf",
        "/ledger/customers/C1/invoices/{others}.pdf",
        "/ledger/customers/C1/invoices/INV-1.pdf",
        "/ledger/messages/{others}",
        "/ledger/messages/x",
    ],
)
def test_what_is_not_there_is_a_page_that_says_where_to_look(
    store: Store, session: Session, seller: Seller, customer: Customer, address: str
) -> None:
    others = an_invoice(session, a_customer(session, seller, "C2")).id
    session.commit()
    answer = open_pages(store).get(address.format(others=others))
    assert answer.status_code == 404
    assert "is not here" in answer.text


def test_two_sellers_may_know_a_customer_by_the_same_reference(
    store: Store, session: Session, customer: Customer
) -> None:
    a_customer(session, a_seller(session, "other", name="Other BV"), "C1", name="Somebody Else")
    session.commit()
    assert "Bakkerij Jansen" in said(store, "/ledger/customers/C1?seller=vandijk")
    assert "Somebody Else" in said(store, "/ledger/customers/C1?seller=other")


def test_the_names_on_the_ledger_lead_here_also_of_who_owes_nothing(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer)
    a_customer(session, seller, "C/2 ü", name="Jansen Zoon")
    session.commit()
    client = open_pages(store)
    found = re.findall(r'href="(/ledger/customers/[^"]+)"', client.get("/ledger?q=jansen").text)
    titles = [re.findall(r"<title>(.*?) ·", client.get(html.unescape(one)).text)[0] for one in found]
    assert titles == ["Bakkerij Jansen", "Jansen Zoon"]


TERMS = [
    ("net 30", "30 days after the invoice"),
    ("net 1", "1 day after the invoice"),
    ("net 0", "At once"),
    ("net 30 eom", "30 days after the invoice, then to the end of that month"),
    ("eom+15", "15 days after the end of the month"),
    ("eom", "By the end of the month"),
    ("2/10 net 30", "30 days after the invoice; 2% off within 10 days"),
    ("1.5/8 net 30", "30 days after the invoice; 1.5% off within 8 days"),
    ("30%@0 + 70%@60", "30% at once, 70% within 60 days"),
    ("12.5%@10 + 87.5%@60", "12.5% within 10 days, 87.5% within 60 days"),
    ("100 days", "100 days after the invoice"),
]


@pytest.mark.parametrize(("written", "told"), TERMS)
def test_terms_are_told_in_words(written: str, told: str) -> None:
    assert in_words(parse_terms(written)) == told


def test_it_says_who_they_are(store: Store, session: Session, seller: Seller) -> None:
    parent = a_customer(session, seller, "C0", name="Jansen Holding")
    customer = a_customer(
        session, seller, "C1", parent_id=parent.id, segment="key_account", preferred_channel="sms",
        credit_limit_minor=100_000, payment_terms_days=14, discount_percent=Decimal("2.00"), discount_days=7,
        city="Utrecht", vat_number="NL123",
    )  # fmt: skip
    customer.sites.append(Site(ref="S1", name="Winkel Noord", city="Zwolle"))
    customer.contacts[0].addresses[0].failed_at = MOMENT
    customer.contacts[0].addresses[0].failed_why = "mailbox full"
    an_invoice(session, customer, total_minor=25_000)
    session.commit()
    note_consent(Said(customer.contacts[0].id, "email", "reminders", False, "phone", "Liever bellen"), store=store)
    told = said(store)
    for fact in (
        "14 days after the invoice; 2% off within 7 days",
        "€ 1.000,00 € 250,00 used (25%)",
        "Nederlands prefers SMS",
        "Segment Key account",
        "Part of Jansen Holding",
        "Site Winkel Noord , Zwolle",
        "A. Jansen pays the invoices",
        "email a•••@jansen.example does not work: mailbox full",
        "Wants no reminders by email, 16 mrt 2026, phone: “Liever bellen”",
    ):
        assert fact in told, fact
    assert "ap@jansen.example" not in page_of(store)
    assert "A. Jansen wants no reminders by email · said by phone · noted by assistant" in told
    assert "Parent of Bakkerij Jansen" in said(store, "/ledger/customers/C0")


def test_the_balance_is_that_of_the_end_of_the_day_asked_for(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=DAY - timedelta(days=3))
    a_payment(session, invoice, 10_000, DAY - timedelta(days=1))
    a_credit_note(session, customer, 2_500)
    session.commit()
    now = said(store)
    assert "Balance today" in now
    assert "Open € 0,00 Late € 0,00 Not yet applied € -25,00 In credit € -25,00" in now
    assert "INV-1 (PDF copy)" not in now
    then = said(store, f"{HERE}&on={DAY - timedelta(days=2)}")
    assert "Balance at the end of 14 mrt 2026" in then
    assert "Open € 100,00 Late € 100,00 Not yet applied € 0,00 Balance € 100,00" in then
    assert "INV-1 (PDF copy) of 11 feb 2026 13 mrt 2026 1 day late late € 100,00 € 100,00" in then
    assert "Payment of" not in then
    assert "Nothing is open at the end of that day" in said(store, f"{HERE}&on=2025-01-01")


@pytest.mark.parametrize("odd", ["tomorrow", "2026-13-01", "2999-01-01", "0001-01-01", "", "20260316"])
def test_a_day_that_is_none_is_today_and_one_before_all_books_is_empty(
    store: Store, session: Session, customer: Customer, odd: str
) -> None:
    an_invoice(session, customer)
    session.commit()
    assert ("Balance today" in said(store, f"{HERE}&on={odd}")) == (odd != "0001-01-01")
    client = open_pages(store)
    assert client.get(f"/ledger/customers/C1/statement-EUR.pdf?on={odd}").status_code == 200


def test_an_open_invoice_says_what_of_it_is_late_disputed_promised_and_held(
    store: Store, session: Session, customer: Customer
) -> None:
    late = an_invoice(session, customer, "INV-1", total_minor=10_000, due_on=DAY - timedelta(days=5))
    later = an_invoice(session, customer, "INV-2", total_minor=4_000, due_on=DAY + timedelta(days=5))
    a_letter(session, customer)
    session.commit()
    open_dispute(
        Claim(customer.id, late.id, "We got nine", reason="QTY_SHORT", amount=Money(1_500, "EUR"), owner="Anna"),
        store=store,
    )
    make_promise(Pledge(customer.id, DAY + timedelta(days=2), invoice_ids=(later.id,), words="Woensdag"), store=store)
    place_hold(
        Pause(customer.id, "reminders", "flooded", "Anna", DAY + timedelta(days=3), invoice_id=late.id),
        store=store, role="finance", by="Anna",
    )  # fmt: skip
    told = said(store)
    assert "5 days late late € 100,00 disputed € 15,00 no reminders until 19 mrt 2026 € 100,00" in told
    assert "promised € 40,00 by 18 mrt 2026 € 40,00" in told
    assert re.search(r"Objection \S+ INV-1: We got nine Anna answers for it Answer by 23 mrt 2026 € 15,00", told)
    assert "Promise INV-2: “Woensdag” Pays by 18 mrt 2026 € 40,00" in told
    assert "Hold No reminders for INV-1: flooded Anna answers for it Ends after 19 mrt 2026" in told


def test_the_copy_of_an_invoice_and_the_statement_are_made_now(
    store: Store, session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-2026-0042", total_minor=10_000)
    a_payment(session, invoice, 2_500, DAY)
    session.commit()
    client = open_pages(store)
    links = [html.unescape(one) for one in re.findall(r'href="([^"]+\.pdf[^"]*)"', page_of(store))]
    papers = {one.rsplit("/", 1)[1].split("?")[0]: client.get(one) for one in links}
    assert set(papers) == {f"{invoice.id}.pdf", "statement-EUR.pdf"}
    for paper in papers.values():
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.headers["cache-control"] == "no-store"
    copy = text_of(papers[f"{invoice.id}.pdf"].content)
    assert "INV-2026-0042" in copy
    assert "75,00" in copy
    before = client.get(f"/ledger/customers/C1/statement-EUR.pdf?on={DAY - timedelta(days=1)}")
    assert "75,00" in text_of(papers["statement-EUR.pdf"].content)
    assert "75,00" not in text_of(before.content)


def test_what_people_wrote_is_only_text(store: Store, session: Session, seller: Seller) -> None:
    evil = "<script>alert(1)</script>{{ 12345 * 54321 }}"
    customer = a_customer(session, seller, "C1", name=evil, segment=evil)
    a_full_history(session, customer)
    a_letter(session, customer, direction="in", subject=evil, text=evil)
    session.commit()
    page = page_of(store)
    assert "<script>alert" not in page
    assert "670592745" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3
