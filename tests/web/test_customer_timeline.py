"""The timeline on a customer's page: all of it, page by page, with who, why and the message it came from."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.figures.happenings import KINDS
from o2c_core.figures.timeline import timeline
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice, an_order
from tests.stores.test_timeline import a_full_history
from tests.web.asked import HERE, events_in, page_of, said
from tests.web.letters import a_letter
from tests.web.opened import words
from web.happened import FAMILIES


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1")


def test_every_kind_of_event_is_in_one_family() -> None:
    in_families = [kind for _, kinds in FAMILIES.values() for kind in kinds]
    assert sorted(in_families) == sorted(KINDS)


def test_older_goes_on_until_everything_was_told_once(store: Store, session: Session, customer: Customer) -> None:
    a_full_history(session, customer)
    for number in range(40):
        an_order(session, customer, f"SO-{number:03}", ordered_on=DAY - timedelta(days=30 + number))
    session.commit()
    whole = timeline(session, customer.id, limit=200)
    address, told, pages_seen = HERE, [], 0
    while address:
        page = page_of(store, address)
        told += events_in(page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        address = html.unescape(older[1]) if older else ""
        pages_seen += 1
    assert (len(told), pages_seen) == (len(whole), -(-len(whole) // 30))
    orders = [line for line in told if re.search(r"SO-0\d\d", line)]
    assert orders == [f"Order SO-{number:03} placed" for number in range(40)]
    assert not [line for line in told if "{" in line]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_timeline_can_be_narrowed_to_one_family(
    store: Store, session: Session, customer: Customer, family: str
) -> None:
    a_full_history(session, customer)
    session.commit()
    page = page_of(store, f"{HERE}&show={family}")
    expected = timeline(session, customer.id, kinds=FAMILIES[family][1], limit=200)
    assert len(events_in(page)) == len(expected) > 0
    assert len(re.findall(rf'class="event of-{family}"', page)) == len(expected)
    assert re.search(rf'aria-current="true">{FAMILIES[family][0]}</a>', page)


@pytest.mark.parametrize("odd", ["before=nonsense", "before=2026-03-16T00:00:00~1~x", "show=nonsense"])
def test_a_place_or_family_that_is_none_is_the_whole_from_its_beginning(
    store: Store, session: Session, customer: Customer, odd: str
) -> None:
    an_order(session, customer, "SO-1")
    session.commit()
    assert events_in(page_of(store, f"{HERE}&{odd}")) == ["Order SO-1 placed"]


def test_what_is_dated_ahead_has_not_happened(store: Store, session: Session, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", issued_on=DAY + timedelta(days=1))
    session.commit()
    assert events_in(page_of(store)) == []
    assert "Nothing happened yet" in said(store)


def test_an_event_says_who_why_and_the_message_it_came_from(store: Store, session: Session, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=2))
    letter = a_letter(session, customer)
    complaint = a_letter(
        session, customer, direction="in", author="customer", text="We kregen er maar negen", html=None, subject=None,
        delivery="received", carrier=None, receipts=[],
    )  # fmt: skip
    session.commit()
    claim = Claim(customer.id, invoice.id, "We got nine", reason="QTY_SHORT", message_id=complaint.id)
    open_dispute(claim, store=store)
    page = page_of(store)
    told = html.unescape(words(page))
    assert "qty short · answer by 23 mrt 2026 · noted by assistant · the customer objected · the message" in told
    assert "Message received: We kregen er maar negen" in told
    assert f'<a href="/outbox/{letter.id}">read it' in page
    assert page.count(f'<a href="/ledger/messages/{complaint.id}">') == 3  # the case, its event, and the message itself
    assert '<li class="is-asked" aria-current="true"' in page_of(store, f"/ledger/messages/{complaint.id}")
    assert "We kregen er maar negen" in said(store, f"/ledger/messages/{complaint.id}")
