"""What the machines cannot put right is listed for people, with what to do; files of strangers are only handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.ask_order_change import OrderWish, ask_order_change
from o2c_core.actions.close_task import close_task
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.road import Circuit
from o2c_core.conversations.task import KINDS as TASK_KINDS
from o2c_core.conversations.task import Task
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller, an_order
from tests.web.asked import said
from tests.web.letters import a_letter
from tests.web.opened import open_pages
from web.tasks import KINDS


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session), "C1", name="Bakkerij Jansen")


def a_task(session: Session, customer: Customer | None, about: str, **fields: object) -> Task:
    task = Task(
        **{
            "kind": "data_fix",
            "about": about,
            "why": f"{about} does not work",
            "seller_id": customer.seller_id if customer else None,
            "customer_id": customer.id if customer else None,
            "opened_at": MOMENT,
        }
        | fields
    )
    session.add(task)
    session.flush()
    return task


def a_message_in(session: Session, customer: Customer, **fields: object) -> Message:
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=MOMENT, updated_at=MOMENT
    )
    session.add(thread)
    session.flush()
    message = Message(
        **{
            "conversation_id": thread.id,
            "direction": "in",
            "author": "customer",
            "purpose": "question",
            "channel": "email",
            "text": "Bijgaand de pakbon.",
            "delivery": "received",
            "created_at": MOMENT,
        }
        | fields
    )
    session.add(message)
    session.flush()
    return message


def test_every_kind_of_task_has_a_name_and_something_to_do() -> None:
    assert set(KINDS) == set(TASK_KINDS)
    assert all(title and advice for title, advice in KINDS.values())


def test_open_tasks_are_listed_oldest_first_and_done_ones_are_not(
    store: Store, session: Session, customer: Customer
) -> None:
    letter = a_letter(session, customer, delivery="uncertain")
    a_task(session, customer, "second", opened_at=MOMENT + timedelta(hours=1))
    a_task(session, customer, "first", kind="uncertain_send", message_id=letter.id)
    a_task(session, None, "the account at the provider", kind="provider", opened_at=MOMENT + timedelta(hours=2))
    a_task(session, customer, "dealt with", state="done")
    session.commit()
    told = said(store, "/outbox/tasks")
    places = [told.index(f"{about} does not work") for about in ("first", "second", "the account at the provider")]
    assert places == sorted(places)
    assert "dealt with" not in told
    assert "It arrived It did not; send it again Leave it unsent" in told
    assert "Bakkerij Jansen" in told
    assert "3 things wait for a person" in said(store, "/outbox")


def test_what_a_customer_wants_of_an_order_stands_there_in_their_words_with_the_day(
    store: Store, session: Session, customer: Customer
) -> None:
    order = an_order(session, customer, "SO-1003", states=("confirmed",))
    session.commit()
    wish = OrderWish(customer.id, order.id, "change", "lever <b>maar</b> op donderdag", "k1")
    task = ask_order_change(wish, store=store)
    told = said(store, "/outbox/tasks")
    assert "A customer wants an order changed" in told
    assert "Order SO-1003: the customer asks to change it, and was told they hear by 2026-03-18." in told
    assert "“lever <b>maar</b> op donderdag”" in told
    assert "What was done Close it" in told
    assert "<b>maar</b>" not in open_pages(store).get("/outbox/tasks").text
    close_task(task.id, store=store, by="Anna", how="moved to Thursday, told the customer")
    assert "Nothing waits for a person" in said(store, "/outbox/tasks")


def test_another_sellers_tasks_are_not_shown(store: Store, session: Session, customer: Customer) -> None:
    other = a_customer(session, a_seller(session, "other"), "X1")
    a_task(session, other, "somewhere else")
    session.commit()
    assert "Nothing waits for a person" in said(store, f"/outbox/tasks?seller={'vandijk'}")
    assert "somewhere else" in said(store, "/outbox/tasks?seller=other")


def test_a_carrier_that_does_not_answer_is_named_while_it_is_left_alone(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    now = clock.now()
    session.add(
        Circuit(
            carrier="twilio", failures=5, since=now, open_until=now + timedelta(minutes=2), why="connection refused"
        )
    )
    session.commit()
    assert "Twilio does not answer since 12:00 : connection refused" in said(store, "/outbox/tasks")
    clock.move(timedelta(minutes=3))
    assert "does not answer" not in said(store, "/outbox/tasks")


def test_a_waiting_and_a_failed_message_say_why(store: Store, session: Session, customer: Customer) -> None:
    waits = a_letter(
        session, customer, delivery="queued", carrier=None, waits_why="It is Sunday where the customer is.",
        not_before=MOMENT + timedelta(days=1),
    )  # fmt: skip
    failed = a_letter(session, customer, delivery="failed", failed_why="The mailbox does not exist.", failed_code="550")
    again = a_letter(session, customer, channel="sms", instead_of_id=failed.id)
    session.commit()
    assert "It is Sunday where the customer is." in said(store, f"/outbox/{waits.id}")
    assert "The mailbox does not exist. (550)" in said(store, f"/outbox/{failed.id}")
    page = open_pages(store).get(f"/outbox/{again.id}").text
    assert f'href="/outbox/{failed.id}"' in page


def test_files_are_handed_over_to_be_saved_and_refused_ones_say_why(
    store: Store, session: Session, customer: Customer
) -> None:
    message = a_message_in(session, customer, mail={"is_aligned": False})
    about = {"message_id": message.id, "checksum": "x", "created_at": MOMENT}
    kept = ReceivedFile(
        name='pakbon "1".html', media_type="text/html", claimed_type="text/html", size=22,
        content=b"<script>alert(1)</script>", **about,
    )  # fmt: skip
    refused = ReceivedFile(
        name="factuur.exe", media_type="application/x-dosexec", claimed_type="application/pdf", size=2_000_000,
        refused_why="programs are not kept", **about,
    )  # fmt: skip
    session.add_all([kept, refused])
    session.commit()
    told = said(store, f"/ledger/messages/{message.id}")
    assert "factuur.exe 2.0 MB, not kept: programs are not kept" in told
    assert "Nobody vouches for this address" in told
    answer = open_pages(store).get(f"/ledger/files/{kept.id}")
    assert answer.content == b"<script>alert(1)</script>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert open_pages(store).get(f"/ledger/files/{refused.id}").status_code == 404
    assert open_pages(store).get("/ledger/files/nothing").status_code == 404


@pytest.mark.parametrize(
    ("aligned", "says"),
    [(True, "The sender's own mail server vouches"), (False, "anybody could have written it")],
)
def test_a_mail_says_how_sure_we_are_of_its_writer(
    store: Store, session: Session, customer: Customer, aligned: bool, says: str
) -> None:
    message = a_message_in(session, customer, mail={"is_aligned": aligned})
    session.commit()
    assert says in said(store, f"/ledger/messages/{message.id}").replace("&#39;", "'")


@pytest.mark.parametrize("line", [
    "An   | 17 | For An, until 18 mrt 2026 10:00",
    "An   | 14 | For An, until 15 mrt 2026 10:00 (passed)",
    "none | 17 | To be done until 18 mrt 2026 10:00",
    "An   |    | For An",
])  # fmt: skip
def test_a_task_says_whose_it_is_and_until_when(line: str, store: Store, session: Session, customer: Customer) -> None:
    owner, days, told = (part.strip() for part in line.split("|"))
    a_task(
        session, customer, "a call", kind="call", owner=None if owner == "none" else owner,
        due_at=MOMENT + timedelta(days=int(days)) if days else None,
    )  # fmt: skip
    session.commit()
    page = said(store, "/outbox/tasks")
    assert f"{told} Bakkerij Jansen : a call does not work" in page
