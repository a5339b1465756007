"""The page behind a pay link: what is open now and how to pay it, for a few days, and nothing else of the account."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import GOOD_FOR, INVOICES_MAX, Payable, pay_url, payable_of
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.reference import creditor_reference, grouped
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.conftest import NOON
from web.pay import pay_pages, words_in
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "https://parley.example")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(pay_pages(store=store, doorplate=PLATE))
    app.mount("/static", static_files())
    with TestClient(app, follow_redirects=False) as client:
        yield client


def seller_of(session: Session, customer: Customer) -> Seller:
    return session.get_one(Seller, customer.seller_id)


def link(
    customer: Customer, *invoices: Invoice, part: int | None = None, plate: Doorplate = PLATE, currency: str = "EUR"
) -> str:
    money = Money(part, currency) if part is not None else None
    url = pay_url(plate, Payable(currency, customer.id, tuple(one.id for one in invoices), money), NOON)
    assert url is not None
    return url.removeprefix("https://parley.example")


def look(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.text).replace("\u00a0", " ").replace("\u202f", " ")


def test_it_says_what_is_open_and_everything_a_bank_asks_for(
    client: TestClient, session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-2026-0042", total_minor=124_050, paid_minor=24_050)
    session.commit()
    page = look(client, link(customer, invoice))
    reference = creditor_reference("INV-2026-0042")
    assert reference is not None
    for said in (
        "Van Dijk Groothandel B.V.",
        "INV-2026-0042",
        "€ 1.000,00",
        "NL91 ABNA 0417 1643 00",
        grouped(reference),
    ):
        assert said in page
    assert page.count("<svg") == 1
    assert '<html lang="nl">' in page


def test_it_copies_what_a_banks_form_takes(client: TestClient, session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    page = look(client, link(customer, invoice))
    assert re.findall(r"hidden>([^<]+)</button>", page) == ["Kopieer"] * 5
    copied = re.findall(r'data-copy="([^"]+)"', page)
    assert copied == ["125,00", "Van Dijk Groothandel B.V.", "NL91ABNA0417164300", "ABNANL2A", "RF47INV1"]


def test_it_is_open_now_that_counts_and_not_when_the_link_was_made(
    client: TestClient, session: Session, customer: Customer
) -> None:
    first, second = (an_invoice(session, customer, number, total_minor=10_000) for number in ("INV-1", "INV-2"))
    session.commit()
    path = link(customer, first, second)
    assert "€ 200,00" in look(client, path)
    a_payment(session, first, 10_000)
    session.commit()
    page = look(client, path)
    assert "INV-1<" not in page
    assert "€ 100,00" in page
    a_payment(session, second, 10_000)
    session.commit()
    page = look(client, path)
    assert words_in("nl")["done"] in page
    assert "NL91" not in page
    assert "data-copy" not in page


@pytest.mark.parametrize(("part", "open_", "asked"), [(4_000, 10_000, "40,00"), (40_000, 10_000, "100,00")])
def test_a_part_is_never_more_than_is_open(
    client: TestClient, session: Session, customer: Customer, part: int, open_: int, asked: str
) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=open_)
    session.commit()
    assert f'data-copy="{asked}"' in look(client, link(customer, invoice, part=part))


def test_what_was_objected_to_is_not_asked_for(client: TestClient, session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000)
    a_dispute(session, invoice, 2_500)
    session.commit()
    assert 'data-copy="75,00"' in look(client, link(customer, invoice))
    a_dispute(session, invoice, 7_500)
    session.commit()
    assert "data-copy" not in look(client, link(customer, invoice))


def test_a_link_to_everything_has_one_currency_and_one_customer_in_it(
    client: TestClient, session: Session, customer: Customer
) -> None:
    for number in range(INVOICES_MAX + 2):
        an_invoice(session, customer, f"INV-{number}", total_minor=1_000)
    an_invoice(session, customer, "USD-1", currency="USD")
    an_invoice(session, a_customer(session, seller_of(session, customer), "C2"), "OTHER-1")
    session.commit()
    page = look(client, link(customer))
    assert "€ 60,00" in page
    assert "USD-1" not in page
    assert "OTHER-1" not in page


def test_nothing_else_of_the_account_is_on_it(client: TestClient, session: Session, customer: Customer) -> None:
    customer.street, customer.postcode = "Dorpsstraat 1", "1012 AB"
    invoice = an_invoice(session, customer, "INV-1")
    an_invoice(session, customer, "INV-2", total_minor=77_700)
    session.commit()
    answer = client.get(link(customer, invoice))
    for secret in ("Bakkerij Jansen", "ap@jansen.example", "Dorpsstraat", "1012", "INV-2", "777,00", "C1<"):
        assert secret not in answer.text, secret
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert '<meta name="robots" content="noindex">' in answer.text


def test_a_link_that_is_over_forged_or_somebody_elses_is_one_friendly_page(
    client: TestClient, session: Session, customer: Customer, clock: MovableClock
) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    erased = a_customer(session, seller_of(session, customer), "C2", erased_at=MOMENT)
    gone = an_invoice(session, erased, "INV-9")
    session.commit()
    good = link(customer, invoice)
    assert client.get(good).status_code == 200
    nobody = pay_url(PLATE, Payable("EUR", None, (new_key(),)), NOON)
    forged = [
        good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
        good[:-1], good + "A", "/pay/x", "/pay/%00", "/pay/" + "a" * 5_000, "/pay/é",
        link(customer, invoice, plate=Doorplate("another key", "https://parley.example")),
        "/pay/" + PLATE.seal("thread", b"x" * 40),
        "/pay/" + PLATE.seal("pay", b""),
        link(erased, gone), str(nobody).removeprefix("https://parley.example"),
    ]  # fmt: skip
    pages = {client.get(path, headers={"Accept-Language": "de"}).text for path in forged}
    clock.move(GOOD_FOR + timedelta(seconds=1))
    pages.add(client.get(good, headers={"Accept-Language": "de"}).text)
    (only,) = pages
    assert "Dieser Link ist nicht mehr gültig" in only
    assert client.get(good).status_code == 404


def test_a_link_works_to_its_last_second(
    client: TestClient, session: Session, customer: Customer, clock: MovableClock
) -> None:
    path = link(customer, an_invoice(session, customer, "INV-1"))
    session.commit()
    clock.move(GOOD_FOR)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_speaks_the_customers_language(
    client: TestClient, session: Session, customer: Customer, language: str
) -> None:
    customer.language = language
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    page = look(client, link(customer, invoice))
    assert f'<html lang="{language}">' in page
    assert words_in(language)["title"] in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_places(language: str) -> None:
    ours, english = words_in(language), words_in("en")
    assert list(ours) == list(english)
    for name, sentence in english.items():
        assert sorted(re.findall(r"{(\w+)}", ours[name])) == sorted(re.findall(r"{(\w+)}", sentence)), name


def test_without_an_account_in_euros_there_is_no_code_and_everything_else_is_there(
    client: TestClient, session: Session
) -> None:
    seller = a_seller(session, currency="GBP")
    customer = a_customer(session, seller, "C1", currency="GBP", language="en", country="GB")
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    page = look(client, link(customer, invoice, currency="GBP"))
    assert "<svg" not in page
    assert "£125.00" in page


def test_a_sellers_name_cannot_write_into_the_page(client: TestClient, session: Session, customer: Customer) -> None:
    seller = seller_of(session, customer)
    seller.name = "<script>alert(1)</script>"
    invoice = an_invoice(session, customer, '"><b>INV', due_on=DAY)
    session.commit()
    answer = client.get(link(customer, invoice))
    assert "<script>alert" not in answer.text
    assert '"><b>INV' not in answer.text


def test_a_part_that_was_paid_since_is_not_asked_for_again(
    client: TestClient, session: Session, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-2026-0042", total_minor=12_000)
    session.commit()
    payable = Payable("EUR", customer.id, (invoice.id,), Money(4_000, "EUR"), 8_000)
    path = str(pay_url(PLATE, payable, NOON)).removeprefix("https://parley.example")
    assert "€ 40,00" in look(client, path)
    a_payment(session, invoice, 1_500)
    session.commit()
    assert "€ 25,00" in look(client, path)
    a_payment(session, invoice, 2_500)
    session.commit()
    page = look(client, path)
    assert "€ 40,00" not in page
    assert "€ 25,00" not in page


@given(
    st.uuids(),
    st.lists(st.uuids(), max_size=INVOICES_MAX, unique=True),
    st.integers(0, 10**12),
    st.sampled_from(["EUR", "GBP", "USD"]),
)
def test_a_link_is_read_back_as_it_was_made(customer_id: UUID, ids: list[UUID], minor: int, currency: str) -> None:
    part = Money(minor, currency) if minor else None
    leaves = minor // 2 if minor and ids else None
    url = pay_url(PLATE, Payable(currency, customer_id, tuple(ids), part, leaves), NOON)
    assert url is not None
    found = payable_of(PLATE, url.rsplit("/", 1)[-1], NOON + GOOD_FOR)
    assert found == Payable(currency, None if ids else customer_id, tuple(ids), part, leaves)
    if len(ids) <= 1:
        assert len(url) <= 100


@given(st.text(max_size=80))
def test_no_text_is_a_link_of_ours(token: str) -> None:
    assert payable_of(PLATE, token, NOON) is None


def test_without_a_public_address_there_is_no_link(customer: Customer) -> None:
    assert pay_url(Doorplate("key"), Payable("EUR", customer.id), NOON) is None
