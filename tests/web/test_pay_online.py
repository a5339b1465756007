"""Choosing what to pay on the page behind a pay link, going to a provider's page, and what is said on coming back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.revoke_links import revoke_links
from o2c_core.actions.settle_online_payment import settle_online_payment
from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import GOOD_FOR, Payable, pay_url
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.invoices.pay_provider import ProviderDown, Word
from o2c_core.money import Money, parse
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice
from tests.channels.paying import Provider, eur
from tests.conftest import NOON
from web.pay import pay_pages, words_in
from web.pay_form import bare
from web.pay_state import pay_state_pages
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "https://parley.example")
WORDS = words_in("nl")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


@pytest.fixture
def bills(session: Session, customer: Customer) -> list[Invoice]:
    """A is 100.00 and oldest, B 50.00, C 1,250.50."""
    made = [
        an_invoice(session, customer, name, total_minor=minor, due_on=DAY + timedelta(days=days))
        for name, minor, days in (("A", 10_000, -5), ("B", 5_000, 0), ("C", 125_050, 5))
    ]
    session.commit()
    return made


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def client(store: Store, provider: Provider) -> Iterator[TestClient]:
    with browser(store, provider) as client:
        yield client


def browser(store: Store, provider: Provider | None) -> TestClient:
    app = FastAPI()
    app.include_router(pay_pages(store=store, doorplate=PLATE, provider=provider))
    app.include_router(pay_state_pages(store=store, doorplate=PLATE))
    app.mount("/static", static_files())
    return TestClient(app, follow_redirects=False)


def link(customer: Customer, *invoices: Invoice, part: int | None = None) -> str:
    money = eur(part) if part is not None else None
    url = pay_url(PLATE, Payable("EUR", customer.id, tuple(one.id for one in invoices), money), NOON)
    return str(url).removeprefix("https://parley.example")


def form(*numbers: str, amount: str = "") -> str:
    return urlencode([("chosen", "yes"), *(("invoice", number) for number in numbers), ("amount", amount)])


def read(answer: Any) -> str:
    return unescape(answer.text).replace("\u00a0", " ").replace("\u202f", " ")


# What is ticked and typed, what is then asked (as a bank's form takes it), and which sentence stands beside which field.
CHOICES: list[tuple[str, str | None, str | None]] = [
    ("", "1400,50", None),
    (form("A", "B", "C"), "1400,50", None),
    (form("A", "C"), "1350,50", None),
    (form("B"), "50,00", None),
    (form("A", "B", amount="120"), "120,00", None),
    (form("A", amount="0,01"), "0,01", None),
    (form("C", amount="1.250,50"), "1250,50", None),
    (form("C", amount="€ 1.250,50"), "1250,50", None),
    (form("A", amount="100,00"), "100,00", None),
    (form("A", "Z"), "100,00", None),
    (form(), None, "error_nothing"),
    (form("Z"), None, "error_nothing"),
    (form("A", amount="0"), None, "error_zero"),
    (form("A", amount="-5"), None, "error_zero"),
    (form("A", amount="100,01"), None, "error_too_much"),
    (form("A", amount="99999999999999999"), None, "error_too_much"),
    (form("A", amount="12.50"), None, "error_not_amount"),
    (form("A", amount="10,005"), None, "error_not_amount"),
    (form("A", amount="alles"), None, "error_not_amount"),
    (form("A", amount="<b>"), None, "error_not_amount"),
]


@pytest.mark.parametrize(("query", "asked", "error"), CHOICES)
def test_what_is_chosen_is_what_the_transfer_and_the_provider_are_asked_for(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice], provider: Provider,
    query: str, asked: str | None, error: str | None,
) -> None:  # fmt: skip
    path = link(customer, *bills)
    looked = client.get(f"{path}?{query}")
    assert looked.status_code == 200
    copied = re.findall(r'data-copy="([^"]+)"', read(looked))
    assert copied[:1] == ([asked] if asked else [])
    pressed = client.post(path, content=query, headers={"Content-Type": "application/x-www-form-urlencoded"})
    if error is None:
        assert pressed.status_code == 303
        assert [bare(one.amount, "nl_NL") for one in provider.asked] == [asked]
        (row,) = session.scalars(select(OnlinePayment)).all()
        assert sum(part["minor"] for part in row.parts) == row.amount_minor
        return
    assert pressed.status_code == 422
    assert provider.asked == []
    assert '<b>" inputmode' not in looked.text
    for page in (read(looked), read(pressed)):
        start = WORDS[error].partition("{")[0]
        assert start in page
        field = "amount" if error != "error_nothing" else "invoices"
        assert page.count('id="error"') == 1
        assert ('aria-invalid="true"' in page) == (field == "amount")
        assert "<svg" not in page


def test_a_part_goes_to_what_is_due_first_and_its_reference_names_that(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice]
) -> None:
    path = link(customer, *bills)
    client.post(path, content=form("A", "B", "C", amount="120,00"))
    (row,) = session.scalars(select(OnlinePayment)).all()
    assert row.parts == [
        {"invoice_id": str(bills[0].id), "minor": 10_000}, {"invoice_id": str(bills[1].id), "minor": 2_000}
    ]  # fmt: skip
    page = read(client.get(f"{path}?{form('A', 'B', 'C', amount='120,00')}"))
    assert 'data-copy="A B"' in page
    assert "Daarvan betaalt u nu € 120,00" in page
    assert re.findall(r'value="(\w)"( checked)?>', page) == [("A", " checked"), ("B", " checked"), ("C", " checked")]


def test_a_link_that_asks_for_a_part_says_so_and_more_may_be_paid(
    client: TestClient, customer: Customer, bills: list[Invoice]
) -> None:
    path = link(customer, bills[0], part=4_000)
    page = read(client.get(path))
    assert 'name="amount" value="40,00"' in page
    assert 'data-copy="40,00"' in page
    assert 'data-copy="100,00"' in read(client.get(f"{path}?{form('A')}"))


def test_without_a_provider_there_is_the_transfer_and_nothing_to_press(
    store: Store, session: Session, customer: Customer, bills: list[Invoice]
) -> None:
    with browser(store, None) as client:
        page = read(client.get(link(customer, *bills)))
        assert WORDS["pay_now"] not in page
        assert WORDS["safe"] in page
        assert "NL91 ABNA" in page
        assert client.post(link(customer, *bills), content=form("A")).status_code == 200
    assert session.scalars(select(OnlinePayment)).all() == []


def test_a_provider_that_is_down_leaves_the_transfer(
    client: TestClient, customer: Customer, bills: list[Invoice], provider: Provider
) -> None:
    provider.fails = ProviderDown()
    answer = client.post(link(customer, *bills), content=form("A", "B"))
    assert answer.status_code == 503
    page = read(answer)
    assert WORDS["trouble_down"] in page
    assert 'data-copy="150,00"' in page


def test_what_was_paid_between_looking_and_pressing_is_said(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice]
) -> None:
    path = link(customer, bills[0])
    a_payment(session, bills[0], 6_000)
    session.commit()
    answer = client.post(path, content=form("A", amount="100,00"))
    assert answer.status_code == 422
    assert "hoogstens € 40,00" in read(answer)


def test_the_way_there_leads_on_by_itself_and_by_a_link(
    client: TestClient, customer: Customer, bills: list[Invoice], provider: Provider
) -> None:
    to = client.post(link(customer, *bills), content=form("A")).headers["location"]
    page = client.get(to)
    assert page.status_code == 200
    assert page.headers["refresh"] == "0; url=https://pay.example/1"
    assert 'href="https://pay.example/1"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    (asking,) = provider.asked
    assert asking.back_url == "https://parley.example" + to.replace("/to/", "/back/")
    assert asking.word_url == "https://parley.example/webhooks/played"


@pytest.mark.parametrize(
    ("said", "state", "looks_again"),
    [
        (None, "checking", "3"),
        ("paid", "paid", None),
        ("failed", "unpaid", None),
        ("expired", "unpaid", None),
        ("cancelled", "unpaid", None),
    ],
)
def test_on_coming_back_the_ledger_speaks_and_not_the_address(
    client: TestClient, store: Store, customer: Customer, bills: list[Invoice], clock: MovableClock,
    said: Any, state: str, looks_again: str | None,
) -> None:  # fmt: skip
    to = client.post(link(customer, *bills), content=form("A")).headers["location"]
    back = to.replace("/to/", "/back/")
    if said:
        word = Word("key-1", None, said, eur(10_000))
        settle_online_payment(word, provider="played", store=store)
    pages = [client.get(back + query) for query in ("", "?redirect_status=succeeded&paid=1", "?status=failed")]
    assert len({one.text for one in pages}) == 1
    page = pages[0]
    assert f'data-state="{state}"' in page.text
    assert "€ 100,00" in read(page)
    assert page.headers.get("refresh") == looks_again
    assert ("https://pay.example/1" in page.text) == (state == "checking")
    assert client.get(to).status_code == (200 if said is None else 303)
    clock.move(timedelta(minutes=5))
    assert client.get(back).headers.get("refresh") == ("30" if looks_again else None)


def test_another_links_payment_is_as_good_as_none(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice]
) -> None:
    ours = client.post(link(customer, bills[0]), content=form("A")).headers["location"]
    payment_id = ours.rsplit("/", 1)[-1]
    other = a_customer(session, a_seller(session, "other"), "C9")
    theirs = an_invoice(session, other, "X")
    session.commit()
    everything = link(customer)
    assert client.get(f"{everything}/to/{payment_id}").status_code == 200
    odd = [
        f"{link(other, theirs)}/to/{payment_id}", f"{link(other)}/back/{payment_id}", f"{link(customer, bills[1])}/to/{payment_id}",
        f"{link(customer, bills[0])}/to/nonsense", f"{link(customer, bills[0])}/back/{bills[0].id}", f"/pay/x/to/{payment_id}",
    ]  # fmt: skip
    pages = {(client.get(path).status_code, client.get(path).text) for path in odd}
    assert len(pages) == 1
    assert pages.pop()[0] == 404


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "", None, "file:///etc/passwd"])
def test_a_page_address_that_is_none_leads_nowhere(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice], url: str | None
) -> None:
    to = client.post(link(customer, *bills), content=form("A")).headers["location"]
    session.scalars(select(OnlinePayment)).one().page_url = url
    session.commit()
    answer = client.get(to)
    assert answer.status_code == 303
    assert "refresh" not in answer.headers


def test_a_link_made_before_links_were_revoked_is_as_good_as_none(
    client: TestClient, store: Store, customer: Customer, bills: list[Invoice], clock: MovableClock
) -> None:
    path = link(customer, *bills)
    to = client.post(path, content=form("A")).headers["location"]
    clock.move(timedelta(minutes=5))
    revoke_links(customer.id, by="Eva", store=store)
    gone = client.get("/pay/nonsense").text
    assert [client.get(one).text for one in (path, to, to.replace("/to/", "/back/"))] == [gone] * 3
    assert client.post(path, content=form("A")).status_code == 404
    clock.move(timedelta(seconds=1))
    url = pay_url(PLATE, Payable("EUR", customer.id, (bills[0].id,)), clock.now())
    assert client.get(str(url).removeprefix("https://parley.example")).status_code == 200


def test_an_old_link_posts_nothing_and_too_much_is_not_read(
    client: TestClient, session: Session, customer: Customer, bills: list[Invoice], clock: MovableClock
) -> None:
    path = link(customer, *bills)
    assert client.post(path, content=b"x" * 30_000).status_code == 413
    clock.move(GOOD_FOR + timedelta(seconds=1))
    assert client.post(path, content=form("A")).status_code == 404
    assert session.scalars(select(OnlinePayment)).all() == []


@given(
    st.integers(0, 10**13),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from(["nl_NL", "de_DE", "fr_FR", "en_GB"]),
)
def test_an_amount_written_for_typing_is_read_back_as_it_is(minor: int, currency: str, locale: str) -> None:
    written = bare(Money(minor, currency), locale)
    assert parse(written, currency, locale) == Money(minor, currency)
    assert re.fullmatch(r"\d+([.,]\d+)?", written)


def test_a_payment_that_failed_is_begun_again_or_transferred_and_whoever_visits_is_led_back(
    client: TestClient, store: Store, customer: Customer, bills: list[Invoice]
) -> None:
    to = client.post(link(customer, *bills), content=form("A")).headers["location"]
    settle_online_payment(Word("key-1", None, "failed", eur(10_000)), provider="played", store=store)
    back = to.replace("/to/", "/back/")
    page = client.get(back).text
    again = f"{link(customer, *bills)}?chosen=yes&amp;invoice=A"
    assert f'href="{again}"' in page
    assert f'href="{again}#paying"' in page
    assert 'href="/my"' not in page
    visiting = {"Cookie": "parley_my=1"}
    assert all('href="/my"' in client.get(path, headers=visiting).text for path in (back, link(customer, *bills)))
