"""What holds for every page: nothing of the ledger outside the demo, and nothing that runs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_seller, an_invoice
from tests.web.letters import a_letter
from tests.web.opened import Example, open_pages

HOSTILE = "<script>alert('Jansen')</script> & Söhne"


@pytest.mark.parametrize("address", ["/", "/?as=C1", "/?as=visitor", "/outbox", "/ledger", "/figures", "/beside"])
def test_every_page_of_the_demo_opens_with_a_policy_that_loads_nothing_from_elsewhere(
    store: Store, session: Session, address: str
) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    an_invoice(session, customer)
    a_letter(session, customer)
    session.commit()
    answer = open_pages(store).get(address)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert " style=" not in answer.text


def test_outside_the_demo_nobody_can_be_a_customer(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1", name="Bakkerij Jansen")
    an_invoice(session, customer, "INV-2026-0042", total_minor=99_900)
    session.commit()
    client = open_pages(store, is_demo=False, examples=[Example("", "About an account")])
    page = client.get("/?as=C1").text
    assert "token of a stranger" in page
    for secret in ("Jansen", "C1", "999", "INV-2026-0042", "About an account"):
        assert secret not in page.replace("as=visitor", ""), secret


def test_a_hostile_name_is_only_ever_text(store: Store, session: Session) -> None:
    seller = a_seller(session, name=HOSTILE)
    customer = a_customer(session, seller, "C1", name=HOSTILE, city=HOSTILE)
    invoice = an_invoice(session, customer, due_on=DAY - timedelta(days=3))
    a_dispute(session, invoice).description = HOSTILE
    letter = a_letter(session, customer, subject=HOSTILE, text=HOSTILE)
    session.commit()
    client = open_pages(store, examples=[Example("C1", HOSTILE)])
    for address in ("/", "/beside", "/outbox", f"/outbox/{letter.id}", "/ledger", f"/ledger?q={HOSTILE}"):
        page = client.get(address).text
        assert "<script>alert" not in page, address
        assert "&lt;script&gt;" in page, address


@pytest.mark.parametrize("address", ["/", "/ledger", "/outbox"])
def test_a_page_asks_the_database_equally_often_for_few_and_for_many(
    store: Store, session: Session, address: str
) -> None:
    seller = a_seller(session)
    client = open_pages(store)
    counts = []
    for so_many in (1, 7):
        for _ in range(so_many):
            customer = a_customer(session, seller)
            a_dispute(session, an_invoice(session, customer))
            a_letter(session, customer)
        session.commit()
        statements: list[str] = []
        engine = session.connection().engine
        heard = lambda *told, to=statements: to.append(told[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", heard)
        assert client.get(address).status_code == 200
        event.remove(engine, "before_cursor_execute", heard)
        counts.append(len(statements))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("address", ["/", "/outbox", "/ledger", "/figures"])
def test_an_empty_house_says_how_to_fill_it(store: Store, address: str) -> None:
    answer = open_pages(store).get(address)
    assert answer.status_code == 200
    assert "parley import" in answer.text


def test_styles_and_scripts_are_served_with_a_mark_that_changes_with_them(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    client = open_pages(store)
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(addresses) == 3
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{10}$", address)
        assert client.get(address).status_code == 200
