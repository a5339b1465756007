"""Asking for a link: the same answer whoever asks, and a message to those who are known."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.conversations.access_link import AccessLink
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.store.store import Store
from tests.build import MOMENT
from tests.web.portal.visits import Stage, a_stage, open_portal, said


@pytest.fixture
def stage(session: Session) -> Stage:
    stage = a_stage(session)
    owner = stage.people["owner"]
    owner.addresses.append(Address(channel="sms", value="+31612345678", verified_at=MOMENT))
    session.add(owner)
    session.commit()
    return stage


def links(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.purpose == "link").order_by(Message.id)))


@pytest.mark.parametrize(
    ("written", "to", "channel"),
    [
        ("owner@a.example", "owner@a.example", "email"),
        ("  Owner@A.Example ", "owner@a.example", "email"),
        ("06 12345678", "+31612345678", "sms"),
        ("+31 6 1234 5678", "+31612345678", "sms"),
        ("nobody@a.example", None, None),
        ("not an address", None, None),
        ("06", None, None),
        ("a@b", None, None),
    ],
)
def test_who_is_known_gets_a_link_and_everybody_reads_the_same(
    store: Store, session: Session, stage: Stage, written: str, to: str | None, channel: str | None
) -> None:
    client = open_portal(store)
    answer = client.post("/my", data={"address": written})
    assert answer.status_code == 200
    assert answer.content == open_portal(store).post("/my", data={"address": "somebody@else.example"}).content
    assert "If we know that address or number, a link was sent to it." in said(answer.text)
    assert [(one.address, one.channel) for one in links(session)] == ([(to, channel)] if to else [])


def test_the_link_opens_the_pages_for_an_hour(
    store: Store, session: Session, clock: MovableClock, stage: Stage
) -> None:
    client = open_portal(store)
    client.post("/my", data={"address": "owner@a.example"})
    (mail,) = links(session)
    assert mail.subject == "Uw link naar Van Dijk Groothandel"
    assert mail.language == "nl"
    found = re.search(r"https://parley\.example(/my/in/\S+)", mail.text)
    assert found is not None
    assert client.get(found[1]).headers["location"] == "/my"
    assert "Bakkerij A" in client.get("/my").text
    clock.move(timedelta(hours=1))
    assert open_portal(store).get(found[1]).status_code == 404


def test_somebody_who_asks_again_and_again_is_told_the_same_and_sent_little(
    store: Store, session: Session, clock: MovableClock, stage: Stage
) -> None:
    client = open_portal(store)
    answers = {client.post("/my", data={"address": "owner@a.example"}).content for _ in range(6)}
    assert len(answers) == 1
    assert len(links(session)) == 3
    clock.move(timedelta(hours=1, seconds=1))
    client.post("/my", data={"address": "owner@a.example"})
    assert len(links(session)) == 4


def test_one_place_cannot_ask_for_everybody(store: Store, session: Session, stage: Stage) -> None:
    client = open_portal(store)
    for number in range(25):
        assert client.post("/my", data={"address": f"nobody{number}@a.example"}).status_code == 200
    client.post("/my", data={"address": "owner@a.example"})
    assert links(session) == []


def test_a_bookkeeper_of_two_customers_gets_a_link_for_each(store: Store, session: Session, stage: Stage) -> None:
    other = a_stage(session, stage.seller, "B")
    other.people["owner"].addresses.append(Address(channel="email", value="owner@a.example", verified_at=MOMENT))
    session.add(other.people["owner"])
    session.commit()
    open_portal(store).post("/my", data={"address": "owner@a.example"})
    whose = set(session.scalars(select(AccessLink.customer_id)))
    assert whose == {stage.customer.id, other.customer.id}


@pytest.mark.parametrize("written", ["", "x" * 300])
def test_nothing_and_too_much_are_asked_for_again(store: Store, session: Session, stage: Stage, written: str) -> None:
    answer = open_portal(store).post("/my", data={"address": written})
    assert answer.status_code == 422
    assert 'aria-describedby="error-address"' in answer.text
    assert links(session) == []


@pytest.mark.parametrize("how", ["failed", "erased", "walk-in"])
def test_who_is_not_reached_any_more_gets_none(store: Store, session: Session, stage: Stage, how: str) -> None:
    customer = session.merge(stage.customer)
    if how == "failed":
        stage.people["owner"].addresses[0].failed_at = MOMENT
        session.merge(stage.people["owner"])
    elif how == "erased":
        customer.erased_at = MOMENT
    else:
        customer.is_walk_in = True
    session.commit()
    open_portal(store).post("/my", data={"address": "owner@a.example"})
    assert links(session) == []
