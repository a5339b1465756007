"""How somebody is reached, as they change it themselves: a new address only with a code that was sent there."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.web.portal.visits import Stage, a_stage, codes, form_of, prove, said, visit

ADDRESS = "/my/details/address"


@pytest.fixture
def stage(session: Session) -> Stage:
    return a_stage(session)


def addresses(session: Session, stage: Stage, role: str = "owner") -> list[tuple[str, str, bool]]:
    session.expire_all()
    query = select(Address).where(Address.contact_id == stage.people[role].id).order_by(Address.id)
    return [(one.channel, one.value, one.verified_at is not None) for one in session.scalars(query)]


def test_a_language_and_a_channel_are_chosen(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "owner")
    answer = client.post("/my/details", data={"language": "de", "channel": "email"})
    assert answer.headers["location"] == "/my/details?recorded=saved"
    assert "Gespeichert" in said(client.get(answer.headers["location"]).text)
    person = session.scalars(select(Contact).where(Contact.id == stage.people["owner"].id)).one()
    session.refresh(person)
    assert (person.language, person.preferred_channel) == ("de", "email")
    assert session.scalars(select(TrailLine).where(TrailLine.what == "contact wish noted")).one().who == "Owner A"


@pytest.mark.parametrize(("fields", "field"), [({"language": "es"}, "language"), ({"channel": "sms"}, "channel")])
def test_a_language_we_do_not_speak_and_a_channel_without_an_address(
    store: Store, stage: Stage, fields: dict[str, str], field: str
) -> None:
    answer = visit(store, stage, "owner").post("/my/details", data=fields)
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text


def test_an_address_is_shown_whole_only_to_who_proved_who_they_are(
    store: Store, session: Session, stage: Stage
) -> None:
    client = visit(store, stage, "owner")
    assert "o•••@a.example" in said(client.get("/my/details").text)
    prove(client, session)
    assert "owner@a.example" in said(client.get("/my/details").text)


@pytest.mark.parametrize(
    ("instead", "value", "after"),
    [
        ("own", "New@A.Example", [("email", "new@a.example", True)]),
        ("email", "second@a.example", [("email", "owner@a.example", True), ("email", "second@a.example", True)]),
        ("sms", "06 12345678", [("email", "owner@a.example", True), ("sms", "+31612345678", True)]),
    ],
)
def test_a_new_address_counts_once_its_code_comes_back(
    store: Store, session: Session, stage: Stage, instead: str, value: str, after: list[tuple[str, str, bool]]
) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    before = addresses(session, stage)
    own = str(stage.people["owner"].addresses[0].id)
    page = client.post(ADDRESS, data={"instead": own if instead == "own" else instead, "value": value})
    assert page.status_code == 200
    assert addresses(session, stage) == before
    sent = session.scalars(select(Message).where(Message.purpose == "code").order_by(Message.id.desc()).limit(1)).one()
    assert sent.address == after[-1][1]
    pending = page.text.split('name="pending" value="')[1].split('"')[0]
    answer = client.post(ADDRESS, data={"pending": pending, "code": codes(session)[-1]})
    assert answer.headers["location"] == "/my/details?recorded=address"
    assert addresses(session, stage) == after
    # Sent twice, it is changed once.
    assert client.post(ADDRESS, data={"pending": pending, "code": ""}).status_code == 422
    assert addresses(session, stage) == after


def pending_of(page: str) -> str:
    return page.split('name="pending" value="')[1].split('"')[0]


def test_a_wrong_code_and_a_late_one_change_nothing(
    store: Store, session: Session, clock: MovableClock, stage: Stage
) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    before = addresses(session, stage)
    pending = pending_of(client.post(ADDRESS, data={"instead": "email", "value": "x@a.example"}).text)
    right = codes(session)[-1]
    wrong = "111111" if right != "111111" else "222222"
    answer = client.post(ADDRESS, data={"pending": pending, "code": wrong})
    assert (answer.status_code, 'id="error-code"' in answer.text) == (422, True)
    clock.move(timedelta(minutes=10))
    answer = client.post(ADDRESS, data={"pending": pending, "code": right})
    assert "Die code is verlopen." in said(answer.text)
    assert addresses(session, stage) == before


def test_the_code_for_a_new_address_proves_nobody(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    client.post(ADDRESS, data={"instead": "email", "value": "x@a.example"})
    other = visit(store, stage, "owner", invoice=stage.invoice)
    other.post("/my/prove", data={"do": "send"})
    for_address = codes(session)[-2]
    if for_address != codes(session)[-1]:
        assert other.post("/my/prove", data={"do": "check", "code": for_address}).status_code == 422


def test_what_waits_for_a_code_belongs_to_its_visit(store: Store, session: Session, stage: Stage) -> None:
    mine, other = visit(store, stage, "owner"), visit(store, stage, "operations")
    for client in (mine, other):
        prove(client, session)
    pending = pending_of(mine.post(ADDRESS, data={"instead": "email", "value": "x@a.example"}).text)
    for token in (pending, pending[:-1], "forged"):
        code = codes(session)[-1]
        answer = (other if token == pending else mine).post(ADDRESS, data={"pending": token, "code": code})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("instead", "value", "field"),
    [
        ("email", "no address", "value"),
        ("sms", "12", "value"),
        ("email", "owner@a.example", "value"),
        ("", "x@a.example", "instead"),
        ("0195a0a0-0000-7000-8000-000000000000", "x@a.example", "instead"),
    ],
)
def test_an_address_that_cannot_be_says_so_beside_the_field(
    store: Store, session: Session, stage: Stage, instead: str, value: str, field: str
) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    answer = client.post(ADDRESS, data={"instead": instead, "value": value})
    assert answer.status_code == 422
    assert f'id="error-{field}"' in answer.text


def test_a_colleagues_address_is_not_theirs_to_change(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage, "owner")
    prove(client, session)
    colleagues = str(stage.people["operations"].addresses[0].id)
    assert colleagues not in client.get(ADDRESS).text
    assert client.post(ADDRESS, data={"instead": colleagues, "value": "x@a.example"}).status_code == 422
    assert addresses(session, stage, "operations") == [("email", "operations@a.example", True)]


def test_the_page_leads_to_what_they_are_sent(store: Store, stage: Stage) -> None:
    assert 'href="/preferences/' in visit(store, stage, "owner").get("/my/details").text
    assert form_of(visit(store, stage, "owner"), "/my/details") == {}
