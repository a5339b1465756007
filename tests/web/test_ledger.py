"""The ledger's figures are those of the books on that day."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_dispute, a_seller, an_invoice
from tests.web.letters import a_letter
from tests.web.opened import open_pages, words


@pytest.mark.parametrize("address", ["/outbox", "/ledger", "/outbox/{letter}", "/outbox/{letter}/mail"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_and_sees_nothing(
    store: Store, session: Session, address: str
) -> None:
    customer = a_customer(session, a_seller(session))
    letter = a_letter(session, customer)
    session.commit()
    there = address.format(letter=letter.id)
    for is_demo in (True, False):
        asked = open_pages(store, is_demo=is_demo, role=None).get(there, follow_redirects=False)
        assert (asked.status_code, asked.headers["location"], asked.text) == (303, f"/sign-in?next={there}", "")
        assert open_pages(store, is_demo=is_demo).get(there).status_code == 200


def test_what_stands_beside_the_chat_is_the_demos_alone(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    found = {is_demo: open_pages(store, is_demo=is_demo).get("/beside").status_code for is_demo in (True, False)}
    assert found == {True: 200, False: 404}


def test_the_ledger_shows_each_currency_by_age_and_never_adds_two(store: Store, session: Session) -> None:
    seller = a_seller(session)
    jansen = a_customer(session, seller, "C1")
    hart = a_customer(session, seller, "C2", name="Hart & Sons Ltd", currency="GBP")
    an_invoice(session, jansen, total_minor=10_000, due_on=DAY)
    an_invoice(session, jansen, total_minor=20_000, due_on=DAY - timedelta(days=1), paid_minor=5_000)
    an_invoice(session, jansen, total_minor=40_000, due_on=DAY - timedelta(days=91))
    a_credit_note(session, jansen, 1_000)
    an_invoice(session, hart, total_minor=7_000, due_on=DAY - timedelta(days=31))
    session.commit()
    said = words(open_pages(store).get("/ledger").text)
    assert "EUR Open € 650,00 Late € 550,00 Not yet applied € -10,00 Balance € 640,00" in said
    assert "Not yet due € 100,00 1–30 days late € 150,00 31–60 days late € 0,00" in said
    assert "Over 90 days late € 400,00" in said
    assert "GBP Open £ 70,00 Late £ 70,00 Not yet applied £ 0,00 Balance £ 70,00" in said
    assert "Bakkerij Jansen C1 · NL 3 € 650,00 € 550,00 91" in said
    assert "Hart &amp; Sons Ltd C2 · NL 1 £ 70,00 £ 70,00 31" in said


def test_what_was_paid_or_issued_later_is_not_counted_yet(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    an_invoice(session, customer, total_minor=10_000, due_on=DAY)
    an_invoice(session, customer, total_minor=70_000, due_on=DAY + timedelta(days=31))  # issued tomorrow
    session.commit()
    said = words(open_pages(store).get("/ledger").text)
    assert "Open € 100,00" in said
    assert "C1 · NL 1 € 100,00" in said


SORTED = [
    "owed   B C A",
    "late   C A B",
    "days   A C B",
    "name   A B C",
    "bogus  B C A",
]


@pytest.mark.parametrize("line", SORTED)
def test_who_owes_what_is_sorted_as_asked(store: Store, session: Session, line: str) -> None:
    sort, *order = line.split()
    seller = a_seller(session)
    for name, minor, late in (("A", 2_000, 40), ("B", 9_000, 0), ("C", 8_000, 5)):
        customer = a_customer(session, seller, f"C-{name}", name=name)
        an_invoice(session, customer, total_minor=minor, due_on=DAY - timedelta(days=late))
    session.commit()
    page = open_pages(store).get(f"/ledger?sort={sort}").text
    assert re.findall(r'class="row" href="/ledger/customers/C-(\w)\?', page) == order


def test_the_filter_finds_by_name_number_and_place_and_a_percent_sign_is_only_that(
    store: Store, session: Session
) -> None:
    seller = a_seller(session)
    for ref, name, city in (("C1", "Bakkerij Jansen", "Utrecht"), ("C2", "Café 100%", "Lyon")):
        an_invoice(session, a_customer(session, seller, ref, name=name, city=city))
    session.commit()
    client = open_pages(store)
    for asked, refs in (("jansen", ["C1"]), ("C2", ["C2"]), ("lyon", ["C2"]), ("%", ["C2"]), ("nobody", [])):
        page = client.get("/ledger", params={"q": asked}).text
        assert re.findall(r'class="row" href="/ledger/customers/(\w+)\?', page) == refs, asked


def test_at_most_twenty_customers_are_listed_and_the_count_says_how_many_there_are(
    store: Store, session: Session
) -> None:
    seller = a_seller(session)
    for number in range(23):
        an_invoice(session, a_customer(session, seller, f"C{number:02}"), total_minor=1_000 + number)
    session.commit()
    page = open_pages(store).get("/ledger").text
    assert len(re.findall(r'class="row"', page)) == 20
    assert "20 of 23 customers" in words(page)


def test_complaints_say_by_when_somebody_answers_and_disputes_how_much(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    dispute = a_dispute(session, an_invoice(session, customer, "INV-2026-0042"), 4_500)
    session.add(
        Complaint(
            seller_id=customer.seller_id,
            customer_id=customer.id,
            number="C-27",
            about="De doos was nat",
            opened_at=MOMENT,
            answer_by=DAY + timedelta(days=1),
        )
    )
    session.commit()
    said = words(open_pages(store).get("/ledger").text)
    assert f"{dispute.number} Objection Bakkerij Jansen INV-2026-0042: We got nine of twelve" in said
    assert "€ 45,00" in said
    assert "C-27 Complaint Bakkerij Jansen De doos was nat Open since 1 mrt 2026 Answer by 17 mrt 2026" in said
