"""Who may use what: every route of the whole application, for nobody and for each role."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from fastapi import Request, Response
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key
from o2c_core.staff.rights import RIGHTS, may
from o2c_core.staff.user import ROLES, Look
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice
from tests.web.opened import key_of_somebody
from tests.web.routes import DESK, PUBLIC, STREAMS, table
from tests.web.walked import LET_IN, Walked, empty_rooms, the_application, walk
from web.api.door import KeyedRoute
from web.desk.door import SECURE_COOKIE, DeskRoute, RightMissing, desk_router, needs, right_of
from web.portal.door import PortalRoute

ADDRESS = "https://parley.example"
FROM_HERE = {"sec-fetch-site": "same-origin"}
DESK_ROUTES, PUBLIC_ROUTES = table(DESK), table(PUBLIC)
# What each role may do, written out once more: a right that changes hands is noticed here.
ROLE_RIGHTS = {
    "agent": "own_account see_desk speak record resolve_cases revoke_links see_outbox fix_data",
    "finance": "own_account see_desk speak record resolve_cases revoke_links see_outbox fix_data see_finance"
    " approve_reminders match_money decide edit_rules",
    "manager": "own_account see_desk speak record resolve_cases revoke_links see_outbox fix_data see_finance"
    " approve_reminders match_money decide edit_rules edit_answers see_audit",
    "admin": "own_account see_desk speak record resolve_cases revoke_links see_outbox fix_data see_finance"
    " approve_reminders match_money decide edit_rules edit_answers see_audit manage_users",
}  # fmt: skip


def browser(store: Store, role: str | None) -> TestClient:
    client = TestClient(the_application(store), base_url=ADDRESS, follow_redirects=False)
    if role is not None:
        client.cookies.set(SECURE_COOKIE, key_of_somebody(store, role))
    return client


def filled(path: str, **known: str) -> str:
    """The path with something in each of its places that is nobody's, where nothing is known to be there."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: known.get(place[1], str(UUID(int=7))), path)


def test_every_route_takes_a_right_a_key_or_a_reason_why_it_is_everybodys(store: Store) -> None:
    found = [one for one in walk(the_application(store).routes) if not is_of_another_door(one)]
    assert {one.name: right_of(one.route) for one in found if isinstance(one.route, DeskRoute)} == DESK_ROUTES
    assert {one.name for one in found if not isinstance(one.route, DeskRoute)} == set(PUBLIC_ROUTES)


def is_of_another_door(one: Walked) -> bool:
    """Routes of the API take a key, and those of customers' own pages a link; their doors have tests of their own."""
    return isinstance(one.route, KeyedRoute | PortalRoute)


def test_each_role_has_the_rights_that_are_written_here() -> None:
    assert {role: {right for right in RIGHTS if may(role, right)} for role in ROLES} == {
        role: set(rights.split()) for role, rights in ROLE_RIGHTS.items()
    }


@pytest.mark.parametrize("role", [None, *ROLES])
def test_every_door_of_the_desk_opens_for_those_who_may(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch, role: str | None
) -> None:
    a_seller(session)
    session.commit()
    empty_rooms(monkeypatch)
    client = browser(store, role)
    wrong = []
    for name, right in DESK_ROUTES.items():
        method, path = name.split()
        answer = client.request(method, filled(path), headers=FROM_HERE)
        if role is None:
            leads = answer.headers.get("location", "").startswith("/sign-in?next=/")
            is_right = (answer.status_code, leads) == ((303, True) if method == "GET" else (401, False))
        elif may(role, right):
            is_right = (answer.status_code, answer.text) == (200, LET_IN)
        else:
            is_right = answer.status_code == 403 and "Your role may not do this" in answer.text
        if not is_right or (LET_IN in answer.text and (role is None or not may(role, right))):
            wrong.append((name, right, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("header", ["cross-site", "same-site", "none", None, "another origin"])
def test_nothing_is_changed_by_a_form_that_another_site_sent(
    store: Store, monkeypatch: pytest.MonkeyPatch, header: str | None
) -> None:
    empty_rooms(monkeypatch)
    client = browser(store, "admin")
    said = (
        {"origin": "https://elsewhere.example"}
        if header == "another origin"
        else {"sec-fetch-site": header}
        if header
        else {}
    )
    for name in DESK_ROUTES:
        method, path = name.split()
        if method != "GET":
            answer = client.request(method, filled(path), headers=said)
            assert (answer.status_code, LET_IN in answer.text) == (403, False), name


@pytest.mark.parametrize("role", ROLES)
def test_behind_the_doors_is_a_page_for_whoever_was_let_in(store: Store, session: Session, role: str) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    client = browser(store, role)
    known = {"ref": "C1", "invoice_id": str(invoice.id), "currency": "EUR", "name": "ageing", "form": "csv"}
    for name, right in DESK_ROUTES.items():
        method, path = name.split()
        if method == "GET" and name not in STREAMS and may(role, right):
            answer = client.get(filled(path, **known))
            assert answer.status_code in (200, 303, 308, 400, 404), (name, answer.status_code)
            assert not answer.headers.get("location", "").startswith("/sign-in")
            assert answer.headers["cache-control"].startswith("no-store")


def test_who_saw_what_is_written_down(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    client = browser(store, "agent")
    for path in ("/ledger", "/ledger/customers/C1", "/ledger/customers/nobody", "/users"):
        client.get(path)
    looks = session.scalars(select(Look).order_by(Look.id)).all()
    # What was not there, or was not theirs to see, was not seen.
    assert [(one.page, one.customer_id) for one in looks] == [
        ("/ledger", None), ("/ledger/customers/{ref:path}", customer.id),
    ]  # fmt: skip


def test_a_route_of_the_desk_that_needs_no_right_is_an_error_at_the_start(store: Store) -> None:
    with pytest.raises(RightMissing):
        desk_router(store).get("/everything")(lambda: None)
    with pytest.raises(KeyError):
        needs("see_everything")


def test_what_a_page_of_the_desk_says_is_kept_by_no_cache(store: Store, session: Session) -> None:
    assert session.scalar(select(Seller)) is None
    router = desk_router(store)

    @router.get(f"/{new_key()}")
    @needs("see_desk")
    def plain(request: Request) -> Response:
        return Response("figures")

    client = browser(store, "agent")
    client.app.include_router(router)  # type: ignore[attr-defined]
    assert client.get(router.routes[0].path).headers["cache-control"] == "no-store"  # type: ignore[attr-defined]
