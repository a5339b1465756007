"""The audit: who saw and did what, by user, day, customer and kind, page by page and as a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.staff.audited import Place
from o2c_core.store.store import Store
from o2c_core.trail import note
from tests.build import a_customer, a_seller
from tests.web.opened import open_pages, words
from web.desk import audit


@pytest.fixture
def desks(store: Store, session: Session, clock: MovableClock) -> TestClient:
    """Eva looked at a customer on Monday and put them on hold on Tuesday; Anna looked at another, and read the ledger."""
    seller = a_seller(session)
    ours, other = (
        a_customer(session, seller, "C1", name="Bakkerij Jansen"),
        a_customer(session, seller, "C2", name="Hart & Sons"),
    )
    session.commit()
    eva, anna = open_pages(store, role="manager"), open_pages(store, role="agent", name="Anna")
    eva.get("/ledger/customers/C1")
    clock.move(timedelta(days=1))
    note(session, "customer put on hold", ours, at=clock.now(), who="Eva", why="asked by phone", customer_id=ours.id)
    note(session, "reminder queued", ours, at=clock.now(), who="system", customer_id=ours.id)
    note(session, "question answered", other, at=clock.now(), who="assistant", customer_id=other.id)
    session.commit()
    anna = open_pages(store, role="agent", name="Anna")
    anna.get("/ledger/customers/C2")
    anna.get("/ledger")
    return open_pages(store, role="manager")


def lines(client: TestClient, query: str = "") -> list[str]:
    """The lines of the file, as "who kind what (of whom)", newest first."""
    answer = client.get(f"/audit.csv?{query}")
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    return [
        f"{row['who']} {row['kind']} {row['what']}{' of ' + row['customer'] if row['customer'] else ''}" for row in rows
    ]


SAW_C1, SAW_C2 = (f"{who} saw /ledger/customers/… of {ref}" for who, ref in (("Eva", "C1"), ("Anna", "C2")))
HELD = "Eva did customer put on hold customer of C1"


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("", [SAW_C1, SAW_C2, HELD, "Anna saw /ledger"], []),
        ("who=Anna", [SAW_C2, "Anna saw /ledger"], [SAW_C1, HELD]),
        ("who=Eva&kind=did", [HELD], [SAW_C1, SAW_C2]),
        ("kind=saw", [SAW_C1, SAW_C2], [HELD]),
        ("customer=C1", [SAW_C1, HELD], [SAW_C2, "Anna saw /ledger"]),
        ("customer=hart+%26+SONS", [SAW_C2], [SAW_C1, HELD]),
        ("to=2026-03-16", [SAW_C1], [HELD, SAW_C2]),
        ("from=2026-03-17", [HELD, SAW_C2], [SAW_C1]),
        ("from=2026-03-17&to=2026-03-17&who=Eva", [HELD], [SAW_C1, SAW_C2]),
        ("from=2026-03-18", [], [HELD, SAW_C1, SAW_C2]),
        ("who=Nobody", [], [HELD, SAW_C1, SAW_C2]),
        ("to=9999-12-31&from=0001-01-01", [HELD, SAW_C1], []),
    ],
)
def test_lines_are_found_by_user_day_customer_and_kind(
    desks: TestClient, query: str, there: list[str], not_there: list[str]
) -> None:
    found = lines(desks, query)
    assert [line for line in there if line not in found] == []
    assert [line for line in not_there if line in found] == []
    assert not [line for line in found if line.startswith(("system", "assistant"))]
    page = desks.get(f"/audit?{query}")
    assert page.status_code == 200
    assert ("Nothing was seen or done that fits" in page.text) is (not found)


def test_the_page_shows_what_was_seen_of_whom_and_leads_there(desks: TestClient) -> None:
    said = words(desks.get("/audit?customer=C1").text)
    assert "about Bakkerij Jansen" in said
    assert "customer put on hold customer asked by phone" in said
    assert 'href="/ledger/customers/C1"' in desks.get("/audit?customer=C1").text


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("customer=C9", "There is no customer C9 here"),
        ("from=yesterday", "yesterday is not a day"),
        ("customer=%00x", ""),
    ],
)
def test_what_cannot_be_understood_is_said(desks: TestClient, query: str, says: str) -> None:
    answer = desks.get(f"/audit?{query}")
    assert (answer.status_code, says in words(answer.text)) == (400, True)
    assert desks.get(f"/audit.csv?{query}").status_code == 400


@pytest.mark.parametrize(
    "odd", ["nothing", "2026-03-16_x", "2026-03-16T11:00:00_019a0000-0000-7000-8000-000000000000", "_", "%00"]
)
def test_an_odd_place_in_the_list_is_its_beginning(desks: TestClient, odd: str) -> None:
    assert Place.of(odd) is None
    assert "Anna" in words(desks.get(f"/audit?before={odd}").text)


def test_page_by_page_every_line_comes_once_also_of_one_moment(
    desks: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "LINES_SHOWN", 3)
    monkeypatch.setattr(audit, "LINES_AT_ONCE", 2)
    for _ in range(4):
        desks.get("/account")
    whole = lines(desks, "to=2026-03-17&kind=saw")
    seen: list[str] = []
    address = "/audit?to=2026-03-17&kind=saw"
    for _ in range(20):
        page = desks.get(address).text
        seen += re.findall(r'<span class="path">([^<]*)<', page)
        older = re.search(r'<a href="(/audit\?[^"]*before=[^"]*)">Older', page)
        if older is None:
            break
        address = unescape(older[1])
    # Each page that was looked at is a line too, newer than where the first page began.
    shown = [line.split()[2] for line in whole]
    assert seen[-len(shown) + 1 :] == shown[1:]
    assert len(shown) > 4


def test_looking_at_the_audit_is_seen_there_too(desks: TestClient) -> None:
    desks.get("/audit?who=Anna")
    # The file is a look of its own.
    assert lines(desks)[:2] == ["Eva saw /audit.csv", "Eva saw /audit"]


def test_a_formula_in_the_file_is_only_text(
    desks: TestClient, store: Store, session: Session, clock: MovableClock
) -> None:
    seller = a_seller(session, "other")
    customer = a_customer(session, seller, "C7")
    note(session, "note", customer, at=clock.now(), who="Eva", why="=cmd|' /C calc'!A0", customer_id=customer.id)
    session.commit()
    assert "\"'=cmd" in desks.get("/audit.csv?customer=C7").text
