"""Links to customers' own pages: what opens, and that everything else looks the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.revoke_links import revoke_link, revoke_links
from o2c_core.clock import MovableClock
from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.access_links import GOOD_FOR, VISIT_IDLE_MAX, VISIT_MAX, digest_of
from o2c_core.conversations.conversation import Conversation
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.conftest import NOON
from tests.web.portal.visits import PLATE, Stage, a_stage, link_to, open_portal, prove, visit
from web.portal.door import COOKIE

LONG = timedelta(days=20)


@pytest.fixture
def stage(session: Session) -> Stage:
    return a_stage(session)


def told(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    """All that a browser is told."""
    return answer.status_code, answer.content, dict(answer.headers.items())


def nothing(client: TestClient) -> tuple[int, bytes, dict[str, str]]:
    """What an address that was never there answers."""
    answer = client.get("/my/was/never/here")
    assert answer.status_code == 404
    return told(answer)


def test_a_link_begins_a_visit_and_leads_to_its_document(store: Store, session: Session, stage: Stage) -> None:
    client = open_portal(store)
    answer = client.get(link_to(store, stage, invoice=stage.invoice))
    assert (answer.status_code, answer.headers["location"]) == (303, "/my/invoices/INV-A1")
    cookie = answer.headers["set-cookie"].lower()
    for word in ("httponly", "samesite=lax", "secure", "path=/my", "max-age=43200"):
        assert word in cookie
    assert client.get("/my/invoices/INV-A1").status_code == 200
    # Only what cannot be turned back into the key is kept of it.
    kept = session.scalars(select(Visit)).one()
    assert kept.digest == digest_of(client.cookies[COOKIE])
    assert client.cookies[COOKIE] not in kept.digest


def test_a_link_to_an_order_and_to_the_account(store: Store, stage: Stage) -> None:
    client = open_portal(store)
    assert client.get(link_to(store, stage, order=stage.order)).headers["location"] == "/my/orders/SO-A1"
    assert client.get(link_to(store, stage)).headers["location"] == "/my"


def changed(path: str) -> str:
    """Another letter in the middle of the token, which decodes to other bytes."""
    at = len(path) - 20
    return path[:at] + ("A" if path[at] != "A" else "B") + path[at + 1 :]


Spoil = Callable[[Store, Session, MovableClock, Stage, str], str]


def _over(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    clock.move(GOOD_FOR["invoice"])
    return path


def _revoked(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    revoke_link(session.scalars(select(AccessLink.id)).one(), "Eva", store)
    return path


def _all_revoked(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    revoke_links(stage.customer.id, "Eva", store)
    return path


def _erased(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    stage.customer.erased_at = clock.now()
    session.merge(stage.customer)
    session.commit()
    return path


def _not_there(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    return f"/my/in/{PLATE.seal('my', new_key().bytes)}"


def _of_another_kind(store: Store, session: Session, clock: MovableClock, stage: Stage, path: str) -> str:
    return f"/my/in/{PLATE.seal('pay', session.scalars(select(AccessLink.id)).one().bytes)}"


REFUSED: dict[str, Spoil] = {
    "changed by a letter": lambda _s, _se, _c, _st, path: changed(path),
    "cut short": lambda _s, _se, _c, _st, path: path[:-1],
    "forged": lambda _s, _se, _c, _st, _path: "/my/in/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "empty": lambda _s, _se, _c, _st, _path: "/my/in/",
    "very long": lambda _s, _se, _c, _st, path: path + "A" * 5_000,
    "over": _over,
    "revoked": _revoked,
    "all of the customer's revoked": _all_revoked,
    "its customer erased": _erased,
    "sealed for no link there is": _not_there,
    "sealed for something else": _of_another_kind,
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_link_that_opens_nothing_is_an_address_that_was_never_there(
    store: Store, session: Session, clock: MovableClock, stage: Stage, how: str
) -> None:
    path = REFUSED[how](store, session, clock, stage, link_to(store, stage, invoice=stage.invoice))
    client = open_portal(store)
    assert told(client.get(path)) == nothing(client)
    assert not client.cookies
    assert session.scalars(select(Visit)).all() == []


@pytest.mark.parametrize("path", ["/my/invoices/{0}", "/my/invoices/{0}/pdf", "/my/invoices/{0}/objection",
                                  "/my/invoices/{0}/promise", "/my/orders/{1}", "/my/orders/{1}/change",
                                  "/my/orders/{1}/repeat"])  # fmt: skip
@pytest.mark.parametrize("proven", [False, True])
def test_another_customers_document_is_an_address_that_was_never_there(
    store: Store, session: Session, stage: Stage, path: str, proven: bool
) -> None:
    theirs = a_stage(session, stage.seller, "B")
    client = visit(store, stage, "owner")
    if proven:
        prove(client, session)
    got = client.get(path.format(theirs.invoice.number, theirs.order.number))
    if not proven and "repeat" in path:
        # What takes a code asks for it, whether there is such an order or not.
        assert told(got)[:2] == told(client.get(path.format("", theirs.order.number)))[:2]
        return
    assert told(got) == nothing(client)


def test_a_link_to_one_document_tells_nothing_of_what_else_there_is(
    store: Store, session: Session, stage: Stage
) -> None:
    """Theirs, another customer's or nobody's: before the code it is the same answer, and after it only theirs is there."""
    a_stage(session, stage.seller, "B")
    client = visit(store, stage, invoice=stage.invoice)
    for number in ("INV-A2", "INV-B1", "INV-NOBODYS"):
        answer = client.get(f"/my/invoices/{number}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/my/prove?next=/my/invoices/{number}")
        assert answer.content == b""
    for path in ("/my", "/my/invoices", "/my/orders", "/my/payments", "/my/statement", "/my/complaints", "/my/details"):
        assert client.get(path).headers["location"].startswith("/my/prove?next="), path


@pytest.mark.parametrize(
    ("moved", "is_there"),
    [
        (VISIT_IDLE_MAX - timedelta(seconds=1), True),
        (VISIT_IDLE_MAX, False),
    ],
)
def test_a_visit_that_is_left_alone_ends(
    store: Store, clock: MovableClock, stage: Stage, moved: timedelta, is_there: bool
) -> None:
    client = visit(store, stage)
    clock.move(moved)
    answer = client.get("/my/invoices")
    assert (answer.status_code == 200) is is_there
    if not is_there:
        assert told(answer) == nothing(client)


def test_a_visit_goes_on_while_somebody_is_there_and_never_longer_than_half_a_day(
    store: Store, clock: MovableClock, stage: Stage
) -> None:
    client = visit(store, stage)
    while clock.now() < NOON + VISIT_MAX - timedelta(minutes=20):
        clock.move(timedelta(minutes=20))
        assert client.get("/my/invoices").status_code == 200
    clock.move(timedelta(minutes=20))
    assert client.get("/my/invoices").status_code == 404


@pytest.mark.parametrize("how", ["one", "all", "erased", "left"])
def test_a_visit_ends_with_its_link(
    store: Store, session: Session, stage: Stage, clock: MovableClock, how: str
) -> None:
    client = visit(store, stage)
    prove(client, session)
    assert client.get("/my/invoices").status_code == 200
    link_id = session.scalars(select(AccessLink.id)).one()
    if how == "one":
        revoke_link(link_id, "Eva", store)
    elif how == "all":
        assert revoke_links(stage.customer.id, "Eva", store) == 1
    elif how == "erased":
        _erased(store, session, clock, stage, "")
    else:
        assert client.post("/my/out").headers["location"] == "/my"
    assert client.get("/my/invoices").status_code == 404
    if how in ("one", "all"):
        # The chat knows no longer who writes, either.
        session.expire_all()
        chat = session.scalars(select(Conversation).where(Conversation.channel == "chat")).one()
        assert (chat.identity, chat.proven_until) == ("known", None)


def test_what_was_revoked_is_in_the_trail_and_a_new_link_opens_again(
    store: Store, session: Session, clock: MovableClock, stage: Stage
) -> None:
    visit(store, stage)
    visit(store, stage, "operations", order=stage.order)
    assert revoke_links(stage.customer.id, "Eva", store, why="asked by phone") == 2
    assert revoke_links(stage.customer.id, "Eva", store) == 0
    lines = session.scalars(select(TrailLine).where(TrailLine.customer_id == stage.customer.id)).all()
    assert [(one.who, one.why) for one in lines if one.what == "link revoked"] == [("Eva", "asked by phone")] * 2
    assert any(one.what == "links revoked" and one.who == "Eva" for one in lines)
    clock.move(timedelta(seconds=1))
    assert visit(store, stage).get("/my").status_code == 200


def test_a_mail_scanner_that_opens_the_link_changes_nothing_else(store: Store, session: Session, stage: Stage) -> None:
    path = link_to(store, stage, invoice=stage.invoice)
    before = {one.what for one in session.scalars(select(TrailLine))}
    for _ in range(3):
        client = open_portal(store)
        assert client.get(path, follow_redirects=True).status_code == 200
    after = {one.what for one in session.scalars(select(TrailLine))}
    assert after - before == {"visit begun"}
    assert session.scalars(select(Conversation)).all() == []
    # And the link still opens for the person it was meant for.
    assert open_portal(store).get(path).status_code == 303


def test_a_form_from_another_site_does_nothing(store: Store, session: Session, stage: Stage) -> None:
    client = visit(store, stage)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": ""}):
        answer = client.post("/my/out", headers=headers)
        assert answer.status_code == 403
    assert client.get("/my").status_code == 200
