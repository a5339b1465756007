"""Money that waits for a person: listed with what it might be and why, booked, left alone, taken back, each by somebody."""

from __future__ import annotations

import html
import re

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy.orm import Session

from o2c_core.actions.match_money import match_waiting
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.bank import BankTransaction
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.stores.bank_money import a_transaction, opens, seen
from tests.stores.drafts import drafts
from tests.web.asked import said
from tests.web.opened import open_pages, words


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", name="Bakkerij Jansen")


@pytest.fixture
def waits(store: Store, session: Session, seller: Seller, customer: Customer) -> BankTransaction:
    """240.00 that names an invoice of which 250.00 is open; another one is open for 60.00."""
    an_invoice(session, customer, "INV-2026-0042", total_minor=25_000)
    an_invoice(session, customer, "INV-2026-0043", total_minor=6_000)
    found = a_transaction(session, seller, 24_000, "betaling INV-2026-0042")
    match_waiting(store=store)
    return found


@pytest.fixture
def mira(store: Store) -> TestClient:
    return open_pages(store, role="finance", name="Mira")


def told(answer: Response) -> str:
    return html.unescape(words(answer.text))


def book(browser: TestClient, one: BankTransaction, *parts: tuple[str, str], customer: str = "C1") -> Response:
    data = {"customer": customer, "invoice": [name for name, _ in parts], "amount": [amount for _, amount in parts]}
    return browser.post(f"/finance/money/{one.id}/book", data=data)


def test_money_that_waits_is_listed_with_what_it_might_be_and_why(
    store: Store, session: Session, seller: Seller, waits: BankTransaction
) -> None:
    a_transaction(session, seller, 777, "zomaar", payer_name="Wie Weet", payer_account=None)
    assert "2 amounts on the bank account" in said(store, "/ledger")
    match_waiting(store=store)
    page = said(store, "/finance/money?seller=vandijk")
    assert "€ 240,00 16 mrt 2026 Bakkerij Jansen NL20…4567 betaling INV-2026-0042" in page
    assert "The amount is not what is open on INV-2026-0042, which is 250.00 EUR." in page
    assert re.search(r"Bakkerij Jansen , INV-2026-0042 € 240,00 It names INV-2026-0042", page)
    assert "Nothing speaks for any customer." in page
    assert page.index("€ 240,00") < page.index("€ 7,77")
    assert open_pages(store).get("/ledger/money", follow_redirects=False).headers["location"] == "/finance/money"


def test_a_suggestion_is_booked_exactly_as_it_stands_there(
    mira: TestClient, session: Session, waits: BankTransaction
) -> None:
    page = mira.get("/finance/money").text
    form = re.search(rf'action="/finance/money/{waits.id}/book">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    assert sent == {"customer": "C1", "invoice": "INV-2026-0042", "amount": "240,00"}
    page = told(mira.post(f"/finance/money/{waits.id}/book", data=sent))
    assert "It is booked Mira, 12:00 ." in page
    assert opens(session) == {"INV-2026-0042": 1_000, "INV-2026-0043": 6_000}


def test_several_invoices_a_part_and_the_rest_as_credit(
    mira: TestClient, session: Session, waits: BankTransaction
) -> None:
    answer = book(mira, waits, ("INV-2026-0042", "150,00"), ("INV-2026-0043", "60"))
    assert "€ 30,00 of it is the customer's credit." in told(answer)
    assert opens(session) == {"INV-2026-0042": 10_000, "INV-2026-0043": 0}
    credit = mira.post(
        f"/finance/money/{waits.id}/set",
        data={"invoice": re.findall(r'name="invoice" value="([^"]+)"', answer.text), "amount": ["30,00"]},
    )
    assert "€ 0,00 of it is the customer's credit." in told(credit)
    assert opens(session) == {"INV-2026-0042": 7_000, "INV-2026-0043": 0}


@pytest.mark.parametrize("line", [
    "INV-2026-0042 | veel    | C1 | 400 | “veel” is no amount; write it as € 1.240,00.",
    "INV-2026-0042 | 250,00  | C1 | 400 | come to",
    "INV-2026-0043 | 60,01   | C1 | 400 | is open on it",
    "INV-9         | 1,00    | C1 | 404 | There is no invoice INV-9.",
    "INV-2026-0042 | 1,00    | C9 | 404 | There is no customer C9 at this seller.",
])  # fmt: skip
def test_what_cannot_be_booked_is_said_and_nothing_is(
    line: str, mira: TestClient, session: Session, waits: BankTransaction
) -> None:
    number, amount, customer, status, sentence = (part.strip() for part in line.split("|"))
    answer = book(mira, waits, (number, amount), customer=customer)
    assert answer.status_code == int(status)
    assert sentence in told(answer)
    assert seen(session, waits).state == "waiting"


def test_the_second_of_two_is_told_who_was_first(
    mira: TestClient, store: Store, session: Session, waits: BankTransaction
) -> None:
    tom = open_pages(store, role="finance", name="Tom")
    assert "Book it with Bakkerij Jansen" in told(tom.get(f"/finance/money/{waits.id}"))
    book(mira, waits, ("INV-2026-0042", "240,00"))
    late = book(tom, waits, ("INV-2026-0043", "60,00"))
    assert late.status_code == 409
    assert "That transaction does not wait any more: it is matched." in told(late)
    assert "It is booked Mira, 12:00 ." in told(late)
    assert opens(session) == {"INV-2026-0042": 1_000, "INV-2026-0043": 6_000}


def test_what_the_money_makes_pointless_is_withdrawn_and_said(
    mira: TestClient, store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-7", total_minor=10_000, due_on=DAY)
    money = a_transaction(session, seller, 10_000, "zonder nummer", payer_account=None, payer_name=None)
    (draft,) = drafts(store, session)
    answer = book(mira, money, ("INV-7", "100,00"))
    assert "A reminder that had not left was withdrawn: It has been paid." in told(answer)
    session.refresh(draft)
    assert draft.delivery == "withdrawn"


def test_another_customer_is_found_and_oldest_first_is_filled_in(
    mira: TestClient, session: Session, seller: Seller, waits: BankTransaction
) -> None:
    other = a_customer(session, seller, "H1", name="Hart & Sons")
    an_invoice(session, other, "H-1", total_minor=20_000)
    an_invoice(session, other, "H-2", total_minor=9_000)
    session.commit()
    found = mira.get(f"/finance/money/{waits.id}?q=hart").text
    assert "customer=H1" in found
    filled = mira.get(f"/finance/money/{waits.id}?customer=H1&fill=oldest").text
    assert re.findall(r'class="amount"[^>]* value="([^"]*)"', filled) == ["200,00", "40,00"]


def test_a_part_is_taken_back_with_a_reason_and_only_of_this_money(
    mira: TestClient, session: Session, seller: Seller, waits: BankTransaction
) -> None:
    page = book(mira, waits, ("INV-2026-0042", "240,00")).text
    (part,) = re.findall(r'name="allocation" value="([^"]+)"', page)
    address = f"/finance/money/{waits.id}/release"
    assert mira.post(address, data={"allocation": part}).status_code == 400
    other = a_transaction(session, seller, 100)
    assert mira.post(f"/finance/money/{other.id}/release", data={"allocation": part, "why": "x"}).status_code == 404
    said_ = told(mira.post(address, data={"allocation": part, "why": "it was for another invoice"}))
    assert "the invoice is open again" in said_
    assert opens(session)["INV-2026-0042"] == 25_000


def test_money_is_left_alone_with_a_reason_and_what_was_taken_back_cannot_be_booked(
    mira: TestClient, store: Store, session: Session, seller: Seller
) -> None:
    one = a_transaction(session, seller, 4_000, "storno", is_reversal=True, direction="out")
    page = said(store, "/finance/money")
    assert "€ -40,00 16 mrt 2026 · taken back" in page
    assert "Book so" not in page
    assert mira.post(f"/finance/money/{one.id}/ignore", data={"why": " "}).status_code == 400
    done = told(mira.post(f"/finance/money/{one.id}/ignore", data={"why": "our own refund"}))
    assert "It is left alone Mira, 12:00 . our own refund" in done
    assert seen(session, one).state == "ignored"
    assert "our own refund" in told(mira.get("/finance/money?show=booked"))


def test_who_may_not_match_money_sees_no_way_to(store: Store, waits: BankTransaction) -> None:
    agent = open_pages(store, role="agent", name="Ann")
    assert agent.get("/finance/money").status_code == 403
    assert book(agent, waits, ("INV-2026-0042", "240,00")).status_code == 403


def test_where_no_money_waits_the_page_says_how_money_comes_in(store: Store, session: Session, seller: Seller) -> None:
    session.commit()
    assert "nothing waits for a person" in said(store, "/ledger")
    assert "No money is waiting" in said(store, "/finance/money")
    assert open_pages(store).get("/finance/money/nothing").status_code == 404
