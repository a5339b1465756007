"""Today on one page: what waits for finance, how the books stand, and that each of it leads to where it is dealt with."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice
from tests.stores.bank_money import a_transaction
from tests.stores.drafts import drafts
from tests.web.opened import open_pages, words


@pytest.fixture
def seller(session: Session) -> Seller:
    """Two late customers whose reminders wait, one who objects, and one who promised."""
    seller = a_seller(session)
    for ref, name, minor in (("K1", "Jansen", 12_500), ("K2", "Hart & Sons", 912_000), ("K3", "Zwart", 5_000)):
        customer = a_customer(session, seller, ref, name=name, email=f"{ref}@x.example", language="en")
        made = an_invoice(session, customer, f"F-{ref}", total_minor=minor, due_on=DAY - timedelta(days=14))
        if ref == "K3":
            a_dispute(session, made)
    session.commit()
    return seller


def told(store: Store, **who: str) -> str:
    answer = open_pages(store, **({"role": "finance"} | who)).get("/finance")  # type: ignore[arg-type]
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    return html.unescape(words(answer.text))


def test_reminders_are_counted_with_what_they_ask_for_and_those_that_need_a_look(
    store: Store, session: Session, seller: Seller
) -> None:
    drafts(store, session)
    seller.settings = {"authority": {"finance": {"approve_max": 5_000}}}
    session.commit()
    page = told(store)
    assert "2 reminders to approve € 9.245,00" in page
    assert "1 needs a look." in page
    assert "Hart & Sons more than you may approve € 9.120,00" in page
    assert "Everything open on it is disputed." in page


def test_what_waits_for_somebody_is_counted_and_leads_to_its_page(
    store: Store, session: Session, seller: Seller
) -> None:
    customer = a_customer(session, seller, "K9", name="Blauw")
    an_invoice(session, customer, "F-K9", due_on=DAY)
    a_transaction(session, seller, 4_000, "wat dit is weet niemand", payer_account=None)
    for kind in ("data_fix", "uncertain_send", "call"):
        session.add(Task(kind=kind, about=kind, why="so", seller_id=seller.id, opened_at=MOMENT))
    session.commit()
    make_promise(Pledge(customer.id, DAY), store=store, role="finance", by="Eva")
    until = DAY + timedelta(days=3)
    place_hold(Pause(customer.id, "credit", "they move", "Eva", until), store=store, role="finance", by="Eva")
    page = open_pages(store, role="finance").get("/finance").text
    for said, address in (
        ("1 amount of money has no place € 40,00", "/finance/money"),
        ("1 message may or may not have left", "/outbox/tasks?kind=uncertain_send"),
        ("1 address does not work", "/outbox/tasks?kind=data_fix"),
        ("1 other thing for a person", "/outbox/tasks"),
        ("1 promise is due", "/finance/promises?show=due"),
        ("1 hold ends within a week", "/finance/holds"),
    ):
        assert said in words(page), said
        assert f'href="{address}"' in page, address
        assert open_pages(store, role="finance").get(address).status_code == 200, address


def test_the_books_stand_with_their_ages_and_each_age_opens_to_its_customers(
    store: Store, session: Session, seller: Seller
) -> None:
    client = open_pages(store, role="finance")
    page = client.get("/finance").text
    assert "1–30 days late" in page
    ages = re.findall(r'href="(/figures/ageing/[^"]+)"', page)
    assert len(ages) == 5
    found = words(client.get(ages[1].replace("&amp;", "&")).text)
    assert "1–30 days late € 9.295,00" in found
    assert found.index("Hart") < found.index("Jansen") < found.index("Zwart")
    assert "Nothing is of that age on that day." in client.get(ages[4].replace("&amp;", "&")).text
    assert client.get("/figures/ageing/old").status_code == 404


def test_a_figure_says_how_it_moved_in_a_month_and_whether_that_is_better(
    store: Store, session: Session, seller: Seller
) -> None:
    # A month ago the same was open, of half the sales: the days of sales outstanding have gone down since.
    customer = a_customer(session, seller, "K8", name="Groen")
    an_invoice(session, customer, "F-old", total_minor=100_000, issued_on=DAY - timedelta(days=200),
               due_on=DAY - timedelta(days=170), paid_minor=100_000)  # fmt: skip
    an_invoice(
        session,
        customer,
        "F-new",
        total_minor=500_000,
        issued_on=DAY - timedelta(days=5),
        due_on=DAY,
        paid_minor=500_000,
    )
    session.commit()
    page = open_pages(store, role="finance").get("/finance").text
    (dso,) = re.findall(r"<dt>DSO.*?</div>", page, re.DOTALL)
    assert "is-better" in dso
    assert "↓ down" in dso


def test_what_was_kept_is_not_told_as_sent(store: Store, session: Session, seller: Seller) -> None:
    run_reminders(DAY, store=store)
    for one in session.query(Message):
        one.delivery, one.carrier = "sent", "captured"
    session.commit()
    for address in ("/finance", "/reminders"):
        page = words(open_pages(store, role="finance").get(address).text)
        assert "2 kept here, not sent" in page, address
        assert "2 sent" not in page, address


def test_an_empty_ledger_and_an_idle_day_say_so(store: Store, session: Session) -> None:
    assert "Nothing here yet" in told(store)
    a_seller(session, settings={"reminders": {"hour": 7}})
    session.commit()
    page = told(store)
    assert "No reminder waits for you" in page
    assert "Reminders are written from 07:00 on the seller's working days." in page
    assert "Nothing else waits for anybody." in page


@pytest.mark.parametrize("address", [
    "/finance", "/finance/money", "/finance/promises", "/finance/holds", "/finance/expected", "/finance/notices", "/ladders",
    "/reminders", "/rules", "/figures",
])  # fmt: skip
def test_an_agent_does_not_see_what_is_finances(address: str, store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    assert open_pages(store, role="agent").get(address).status_code == 403
