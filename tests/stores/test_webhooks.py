"""Webhooks: every event is written down once, told signed and again until it is heard, and can be told anew."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from standardwebhooks import Webhook, WebhookVerificationError

from o2c_core.actions.add_webhook import EndpointThere, MadeEndpoint, add_webhook
from o2c_core.actions.deliver_webhook import deliver_due_webhooks, deliver_webhook
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.remove_webhook import EndpointUnknown, remove_webhook
from o2c_core.actions.replay_webhooks import SpanBackwards, replay_webhooks
from o2c_core.actions.write_webhook_deliveries import write_webhook_deliveries
from o2c_core.clock import MovableClock, SystemClock
from o2c_core.customers.customer import Customer
from o2c_core.integrations.events import UnknownEvent
from o2c_core.integrations.target import NotAnEndpoint, PrivateAddress, Target
from o2c_core.integrations.webhook import WAITS, WebhookDelivery, WebhookEndpoint
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note
from tests.build import a_customer, a_seller


@pytest.fixture
def customer(own_store: Store) -> Customer:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "C1001")
        session.commit()
    return customer


def endpoint_of(
    store: Store, customer: Customer, *events: str, url: str = "https://erp.example/parley"
) -> MadeEndpoint:
    return add_webhook(customer.seller_id, url, events, may_call_private=True, store=store)


def happens(store: Store, customer: Customer, about: str = "late again") -> None:
    log_complaint(Grievance(customer.id, about), store=store)


def deliveries(store: Store) -> list[WebhookDelivery]:
    with store.session() as session:
        return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))


def jobs(store: Store) -> list[str]:
    with store.session() as session:
        query = text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return list(session.scalars(query))


def test_what_happens_is_written_down_once_and_a_job_tells_it(own_store: Store, customer: Customer) -> None:
    endpoint_of(own_store, customer)
    happens(own_store, customer)
    assert [write_webhook_deliveries(store=own_store) for _ in range(3)] == [1, 0, 0]
    (delivery,) = deliveries(own_store)
    assert (delivery.event, delivery.state) == ("complaint.logged", "waiting")
    assert jobs(own_store) == ["deliver_webhooks"]


def test_an_endpoint_hears_only_of_its_seller_of_what_it_asked_for_and_of_what_comes_after_it(
    own_store: Store, customer: Customer
) -> None:
    happens(own_store, customer)
    with own_store.session() as session:
        elsewhere = a_customer(session, a_seller(session, "other"), "C1001")
        session.commit()
    endpoint_of(own_store, customer, "dispute.opened", url="https://erp.example/disputes")
    all_of_it = endpoint_of(own_store, customer)
    happens(own_store, customer)
    happens(own_store, elsewhere)
    write_webhook_deliveries(store=own_store)
    assert [delivery.endpoint_id for delivery in deliveries(own_store)] == [all_of_it.endpoint.id]


def test_a_line_of_an_import_that_names_only_the_customer_is_told_too(own_store: Store, customer: Customer) -> None:
    endpoint_of(own_store, customer)
    with own_store.session() as session:
        session.add(
            TrailLine(
                at=own_store.clock.now(), who="system", what="invoice changed", subject="invoice", subject_id=new_key(),
                customer_id=customer.id, why="imported", details={},
            )
        )  # fmt: skip
        session.commit()
    assert write_webhook_deliveries(store=own_store) == 1


def test_nothing_is_missed_when_transactions_commit_out_of_order(own_store: Store, customer: Customer) -> None:
    endpoint_of(own_store, customer)
    with own_store.session() as early:
        note(
            early,
            "invoice issued",
            early.get_one(Customer, customer.id),
            at=own_store.clock.now(),
            who="system",
            number="1",
        )
        early.flush()  # has its number, and does not commit yet
        happens(own_store, customer)
        assert write_webhook_deliveries(store=own_store) == 0, "what comes later waits for what is still running"
        early.commit()
    write_webhook_deliveries(store=own_store)
    assert sorted(delivery.event for delivery in deliveries(own_store)) == ["complaint.logged", "invoice.issued"]
    assert write_webhook_deliveries(store=own_store) == 0


def test_a_ledger_restored_into_another_server_is_told_of_again(own_store: Store, customer: Customer) -> None:
    made = endpoint_of(own_store, customer)
    with own_store.session() as session:
        session.get_one(WebhookEndpoint, made.endpoint.id).told_until = 10**12  # the other server had counted further
        session.commit()
    assert write_webhook_deliveries(store=own_store) == 0
    happens(own_store, customer)
    assert write_webhook_deliveries(store=own_store) == 1


def test_two_workers_write_each_event_once(own_store: Store, customer: Customer) -> None:
    endpoint_of(own_store, customer)
    for place in range(20):
        happens(own_store, customer, f"late again {place}")
    together = threading.Barrier(4)

    def work() -> None:
        together.wait(10)
        write_webhook_deliveries(store=own_store)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    write_webhook_deliveries(store=own_store)
    assert len(deliveries(own_store)) == len({delivery.trail_id for delivery in deliveries(own_store)}) == 20


class Listener:
    """Another system's server: keeps what it heard and answers as told."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.heard: list[tuple[dict[str, str], bytes]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                listener.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                status = listener.statuses.pop(0) if listener.statuses else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", listener.url + "/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/parley?from=erp"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def test_a_delivery_is_signed_so_that_the_receiver_can_check_it(
    own_store: Store, customer: Customer, listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(own_store.sessions, SystemClock())
    made = endpoint_of(store, customer, url=listener.url)
    happens(store, customer)
    write_webhook_deliveries(store=store)
    with caplog.at_level(logging.DEBUG):
        assert deliver_due_webhooks(made.endpoint.id, store=store, may_call_private=True) == 1
    ((headers, body),) = listener.heard
    said = Webhook(made.secret).verify(body, headers)
    (delivery,) = deliveries(store)
    assert said == {
        "id": str(delivery.trail_id), "type": "complaint.logged", "at": said["at"], "seller": "vandijk", "customer": "C1001",
        "subject": said["subject"], "data": {"number": "C-101", "category": "other", "severity": "normal"},
    }  # fmt: skip
    assert said["subject"]["kind"] == "complaint"
    assert "late again" not in body.decode(), "what a person wrote stays here"
    assert headers["webhook-id"] == said["id"]
    assert (delivery.state, delivery.last_status, delivery.attempts) == ("delivered", 200, 1)
    assert made.secret not in caplog.text
    assert made.secret not in repr(made)
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body + b" ", headers)


def test_what_is_not_heard_is_told_again_under_the_same_id(
    own_store: Store, customer: Customer, listener: Listener, clock: MovableClock
) -> None:
    made = endpoint_of(own_store, customer, url=listener.url)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    (delivery,) = deliveries(own_store)
    listener.statuses = [500, 302, 200]
    states = []
    for wait in (timedelta(0), *WAITS[:2]):
        assert deliver_webhook(delivery.id, store=own_store, may_call_private=True) in ("waiting", "delivered")
        clock.move(wait)
        states.append(deliver_webhook(delivery.id, store=own_store, may_call_private=True))
    assert states == ["waiting", "waiting", "delivered"]
    assert [headers["webhook-id"] for headers, _ in listener.heard] == [str(delivery.trail_id)] * 3
    assert "/elsewhere" not in str(listener.heard), "a redirect is not followed"
    with own_store.session() as session:
        assert session.get_one(WebhookEndpoint, made.endpoint.id).failing_since is None


class Scripted:
    """A connection that answers as told."""

    def __init__(self, *answers: int | BaseException) -> None:
        self.answers = list(answers)
        self.targets: list[Target] = []

    def __call__(self, target: Target, body: bytes, headers: Any) -> int:
        self.targets.append(target)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


def at_home(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def told(store: Store, delivery_id: UUID, post: Scripted) -> str:
    return deliver_webhook(delivery_id, store=store, post=post, resolver=at_home)


def test_after_three_days_it_is_failed_and_the_endpoint_is_known_to_fail(
    own_store: Store, customer: Customer, clock: MovableClock
) -> None:
    made = endpoint_of(own_store, customer)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    (delivery,) = deliveries(own_store)
    began = clock.now()
    post = Scripted(httpx.ConnectTimeout("slow"), 500, httpx.ConnectError("refused"), 404)
    for wait in (*WAITS, None):
        state = told(own_store, delivery.id, post)
        assert state == ("failed" if wait is None else "waiting")
        clock.move(wait or timedelta(0))
    assert timedelta(days=3) < clock.now() - began < timedelta(days=4)
    assert len(post.targets) == len(WAITS) + 1
    with own_store.session() as session:
        assert session.get_one(WebhookEndpoint, made.endpoint.id).failing_since == began
        line = session.scalars(select(TrailLine).where(TrailLine.what == "webhook failed")).one()
    assert (line.why, line.details["attempts"]) == ("It answered 404.", len(WAITS) + 1)
    assert told(own_store, delivery.id, post) == "failed"


def test_an_endpoint_that_is_gone_is_switched_off(own_store: Store, customer: Customer) -> None:
    made = endpoint_of(own_store, customer)
    for about in ("one", "two"):
        happens(own_store, customer, about)
    write_webhook_deliveries(store=own_store)
    deliver_due_webhooks(made.endpoint.id, store=own_store, post=Scripted(410), resolver=at_home)
    assert [delivery.state for delivery in deliveries(own_store)] == ["failed", "failed"]
    happens(own_store, customer)
    assert write_webhook_deliveries(store=own_store) == 0


def test_an_endpoint_that_does_not_answer_does_not_hold_up_the_round(own_store: Store, customer: Customer) -> None:
    made = endpoint_of(own_store, customer)
    for place in range(6):
        happens(own_store, customer, f"late {place}")
    write_webhook_deliveries(store=own_store)
    post = Scripted(httpx.ReadTimeout("slow"))
    assert deliver_due_webhooks(made.endpoint.id, store=own_store, post=post, resolver=at_home) == 0
    assert len(post.targets) == 3


def test_an_attempt_is_made_by_one_of_two_workers(own_store: Store, customer: Customer) -> None:
    endpoint_of(own_store, customer)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    (delivery,) = deliveries(own_store)
    inside = threading.Event()
    go_on = threading.Event()

    def slow(target: Target, body: bytes, headers: Any) -> int:
        inside.set()
        go_on.wait(10)
        return 200

    first = threading.Thread(
        target=deliver_webhook, args=(delivery.id,), kwargs={"store": own_store, "post": slow, "resolver": at_home}
    )
    first.start()
    inside.wait(10)
    other = Scripted(200)
    assert told(own_store, delivery.id, other) == "waiting"
    go_on.set()
    first.join(10)
    assert other.targets == []
    assert deliveries(own_store)[0].state == "delivered"


def test_what_a_killed_process_left_is_found_by_the_next_round(
    own_store: Store, customer: Customer, clock: MovableClock
) -> None:
    made = endpoint_of(own_store, customer)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    (delivery,) = deliveries(own_store)
    with pytest.raises(KeyboardInterrupt):
        deliver_webhook(delivery.id, store=own_store, post=Scripted(KeyboardInterrupt()), resolver=at_home)
    with own_store.session() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
        session.commit()
    write_webhook_deliveries(store=own_store)
    assert jobs(own_store) == []
    clock.move(timedelta(minutes=3))
    write_webhook_deliveries(store=own_store)
    assert jobs(own_store) == ["deliver_webhooks"]
    assert deliver_due_webhooks(made.endpoint.id, store=own_store, post=Scripted(200), resolver=at_home) == 1


def test_a_name_that_leads_inside_is_not_called_and_the_checked_address_is(
    own_store: Store, customer: Customer
) -> None:
    endpoint_of(own_store, customer)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    (delivery,) = deliveries(own_store)
    post = Scripted(200)
    inside = deliver_webhook(delivery.id, store=own_store, post=post, resolver=lambda *_: ["10.0.0.7"])
    assert (inside, post.targets) == ("waiting", [])
    assert deliveries(own_store)[0].last_error == PrivateAddress().sentence


def test_a_replay_tells_again_under_the_same_ids(own_store: Store, customer: Customer, clock: MovableClock) -> None:
    happens(own_store, customer, "before the endpoint")
    since = clock.now()
    clock.move(timedelta(minutes=5))
    made = endpoint_of(own_store, customer)
    happens(own_store, customer, "after")
    write_webhook_deliveries(store=own_store)
    post = Scripted(200)
    deliver_due_webhooks(made.endpoint.id, store=own_store, post=post, resolver=at_home)
    clock.move(timedelta(minutes=5))
    args = (made.endpoint.id, customer.seller_id)
    assert replay_webhooks(*args, since, clock.now(), store=own_store) == 2
    assert replay_webhooks(*args, since, since + timedelta(minutes=1), store=own_store) == 1
    events = [delivery.trail_id for delivery in deliveries(own_store)]
    assert len(events) == 4
    assert len(set(events)) == 2
    assert deliver_due_webhooks(made.endpoint.id, store=own_store, post=post, resolver=at_home) == 3
    with pytest.raises(SpanBackwards):
        replay_webhooks(*args, clock.now(), since, store=own_store)


def test_another_sellers_endpoint_is_not_there(own_store: Store, customer: Customer, clock: MovableClock) -> None:
    with own_store.session() as session:
        other = a_seller(session, "other").id
        session.commit()
    made = endpoint_of(own_store, customer)
    with pytest.raises(EndpointUnknown):
        remove_webhook(made.endpoint.id, other, store=own_store)
    with pytest.raises(EndpointUnknown):
        replay_webhooks(made.endpoint.id, other, clock.now() - timedelta(1), clock.now(), store=own_store)


def test_a_removed_endpoint_is_told_nothing_more_and_can_be_added_anew(own_store: Store, customer: Customer) -> None:
    made = endpoint_of(own_store, customer)
    with pytest.raises(EndpointThere):
        endpoint_of(own_store, customer)
    happens(own_store, customer)
    write_webhook_deliveries(store=own_store)
    remove_webhook(made.endpoint.id, customer.seller_id, store=own_store)
    assert deliveries(own_store) == []
    assert deliver_due_webhooks(made.endpoint.id, store=own_store, post=Scripted(200), resolver=at_home) == 0
    assert endpoint_of(own_store, customer).secret != made.secret


@pytest.mark.parametrize(("url", "events", "failure"), [
    ("http://erp.example/", [], NotAnEndpoint),
    ("https://127.0.0.1/", [], PrivateAddress),
    ("https://erp.example/", ["everything"], UnknownEvent),
])  # fmt: skip
def test_an_endpoint_that_makes_no_sense_is_not_added(
    store: Store, session: Session, url: str, events: list[str], failure: type[Exception]
) -> None:
    seller = a_seller(session)
    session.commit()
    with pytest.raises(failure):
        add_webhook(seller.id, url, events, store=store)
    assert session.scalars(select(WebhookEndpoint)).all() == []


def test_a_body_is_json_as_it_is_sent(own_store: Store, customer: Customer, listener: Listener) -> None:
    made = endpoint_of(own_store, customer, url=listener.url)
    with own_store.session() as session:
        who = session.get_one(Customer, customer.id)
        note(
            session,
            "invoice issued",
            who,
            at=own_store.clock.now(),
            who="system",
            number="INV-é-€",
            invoices=["A", "B"],
            words="x",
        )
        session.commit()
    write_webhook_deliveries(store=own_store)
    deliver_due_webhooks(made.endpoint.id, store=own_store, may_call_private=True)
    assert json.loads(listener.heard[0][1])["data"] == {"number": "INV-é-€", "invoices": ["A", "B"]}
