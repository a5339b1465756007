"""The days ahead as a page: what it says, from when it is, and how it stays quick where many customers owe something."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.drafts import drafts
from tests.web.opened import key_of_somebody, open_pages, words
from web.desk.door import COOKIE


@pytest.fixture
def client(store: Store, session: Session) -> TestClient:
    """Two customers of whom a reminder waits for approval today, and one who objects to what is asked."""
    seller = a_seller(session)
    for ref in ("K1", "K2", "K3"):
        customer = a_customer(session, seller, ref, name=f"Klant {ref}", email=f"{ref}@x.example", language="en")
        made = an_invoice(session, customer, f"F-{ref}", total_minor=12_500, due_on=DAY - timedelta(days=14))
        if ref == "K3":
            a_dispute(session, made)
    session.commit()
    drafts(store, session)
    return open_pages(store)


def test_the_days_ahead_are_a_page_of_their_own(client: TestClient) -> None:
    said = words(client.get("/reminders/ahead?days=40").text)
    assert "Reminders ahead, 16 mrt 2026 to 24 apr 2026" in said
    assert "Nobody is taken to pay, answer or object meanwhile" in said
    assert "Wed 1 apr 2026 2 messages" in said
    assert "3 held" not in said
    assert client.get("/reminders/ahead?days=400").status_code == 422


def test_a_long_answer_about_the_days_ahead_is_kept_for_a_while_and_says_from_when_it_is(
    client: TestClient, store: Store, session: Session, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.kept_ahead.LOOKS_KEPT_MIN", 1)
    ahead = "/reminders/ahead?days=20"
    assert "as it was read on 16 mrt 2026 at 12:00" in words(client.get(ahead).text)
    a_payment(session, session.query(Invoice).filter_by(number="F-K1").one(), 12_500)
    session.commit()
    clock.move(timedelta(minutes=4))
    kept = words(client.get(ahead).text)
    assert "at 12:00" in kept
    assert "F-K1" in kept
    anew = words(client.get(f"{ahead}&read=again").text)
    assert "at 12:04" in anew
    assert "F-K1" not in anew
    clock.move(timedelta(minutes=6))
    assert "at 12:10" in words(client.get(ahead).text)
    clock.move(timedelta(days=1))
    client.cookies.set(COOKIE, key_of_somebody(store, "admin"))  # nobody stays signed in over night
    assert "Reminders ahead, 17 mrt 2026" in words(client.get(ahead).text)


def test_a_short_answer_is_always_that_of_the_ledger_as_it_is(
    client: TestClient, session: Session, clock: MovableClock
) -> None:
    assert "F-K1" in client.get("/reminders/ahead").text
    a_payment(session, session.query(Invoice).filter_by(number="F-K1").one(), 12_500)
    session.commit()
    assert "F-K1" not in client.get("/reminders/ahead").text


def test_more_than_a_page_may_take_is_said_with_the_command_that_works_it_out(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.days_ahead.ROWS_MAX", 1)
    assert "1 more: parley ahead --seller vandijk --page ahead.html" in words(
        client.get("/reminders/ahead?days=20").text
    )
    monkeypatch.setattr("web.kept_ahead.LOOKS_MAX", 3)
    said = words(client.get("/reminders/ahead?days=20").text)
    assert "Only up to 16 mrt 2026." in said
    assert "parley ahead --seller vandijk --days 20 --page ahead.html" in said
    monkeypatch.setattr("web.kept_ahead.LOOKS_MAX", 1)
    said = words(client.get("/reminders/ahead?days=20").text)
    assert "Not worked out here. So many customers owe something that even one day would take longer" in said
    assert "By day" not in said
