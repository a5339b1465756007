"""Ladders on their pages: shown in words, tried on past days before they are kept, saved with a reason, chosen."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key
from o2c_core.reminders.ladder import LADDER, STANDARD, Ladder, Rung
from o2c_core.reminders.ladders.choice import ladders_for
from o2c_core.reminders.ladders.reading import checked_ladder, read_ladder
from o2c_core.reminders.ladders.shipped import SHIPPED, shipped
from o2c_core.reminders.ladders.versions import newest_ladder, versions_of
from o2c_core.reminders.past_books import NoSuchPastDays, try_ladder
from o2c_core.reminders.past_days import PastClaim, walk
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice
from tests.web.opened import open_pages, words
from web.desk.finance_ladders import document_from, fields_of, toml_of

MONDAY = date(2026, 3, 2)
DAYS = [MONDAY + timedelta(days=at) for at in range(12) if (MONDAY + timedelta(days=at)).weekday() < 5]


def a_claim(due_on: date, minor: int = 10_000, **fields: object) -> PastClaim:
    return PastClaim(**{"invoice_id": new_key(), "part": 0, "customer_id": new_key(), "currency": "EUR", "due_on": due_on,
                        "minor": minor} | fields)  # type: ignore[arg-type] # fmt: skip


def walked(
    *claims: PastClaim, ladder: Ladder = STANDARD, held: set[tuple[object, str, date]] | None = None
) -> list[str]:
    found = walk(claims, {one.invoice_id: ladder for one in claims}, DAYS, held or set())  # type: ignore[arg-type]
    return [f"{one.on:%d} {one.rung.name} {one.amount.minor}" for one in found.asked]


# The day an invoice is due, what was paid of its 100.00 on which day, and what would have gone out from 2 to 13 March.
PAST = """
02 | -          | 02 due 10000, 09 first 10000
28 | -          | 09 first 10000
28 | 06 all     |
28 | 06 half    | 09 first 5000
03 | -          | 03 due 10000, 10 first 10000
16 | -          | 13 courtesy 10000
23 | -          |
"""


@pytest.mark.parametrize("line", PAST.strip().splitlines())
def test_the_days_are_walked_by_the_ladders_own_rules(line: str) -> None:
    due, paid, outcome = (part.strip() for part in line.split("|"))
    month = 2 if due == "28" else 3
    came = {"-": (), "all": ((10_000,),), "half": ((5_000,),)}[paid.split()[-1]]
    changes = tuple((date(2026, 3, int(paid.split()[0])), one[0]) for one in came)
    claim = a_claim(date(2026, month, int(due)), paid=changes)
    assert ", ".join(walked(claim)) == outcome


def test_two_invoices_of_a_customer_are_one_message_at_the_highest_step() -> None:
    whose = new_key()
    late, due = a_claim(MONDAY - timedelta(days=14), customer_id=whose), a_claim(MONDAY, customer_id=whose)
    assert walked(late, due)[0] == "02 second 20000"


def test_who_was_held_on_a_day_keeps_the_step_for_the_next() -> None:
    claim = a_claim(MONDAY)
    held = {(claim.customer_id, "EUR", MONDAY)}
    assert walked(claim, held=held)[0] == "03 due 10000"


def test_spacing_between_two_reminders_to_a_customer_is_kept() -> None:
    whose = new_key()
    first, other = a_claim(MONDAY, customer_id=whose), a_claim(MONDAY + timedelta(days=1), customer_id=whose)
    assert walked(first, other)[:2] == ["02 due 10000", "03 due 10000"]
    assert walked(first, other, ladder=replace(STANDARD, spacing_days=4))[:2] == ["02 due 10000", "06 due 10000"]


def test_what_is_approved_and_what_is_a_call_is_counted() -> None:
    rungs = (
        Rung("due", 0, says_late=False, mode="approve", automatic_below_major=Decimal(100)),
        Rung("call", 7, channels=("call",)),
    )
    ladder = Ladder("own", rungs)
    small, large = a_claim(MONDAY, 9_999), a_claim(MONDAY, 10_000)
    found = walk((small, large), {one.invoice_id: ladder for one in (small, large)}, DAYS)
    assert (found.messages, found.to_approve, found.calls, found.customers) == (2, 1, 2, 2)


@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(1, 5_000)), max_size=4), st.integers(1, 3), st.integers(1, 9_000)
)
def test_parts_of_an_invoice_never_ask_for_more_than_is_open_of_it(
    paid: list[tuple[int, int]], parts: int, each: int
) -> None:
    changes = tuple((MONDAY + timedelta(days=day), minor) for day, minor in paid)
    claims = [
        a_claim(MONDAY, each, part=at, before=at * each, is_last=at == parts - 1, paid=changes) for at in range(parts)
    ]
    for day in DAYS:
        came = sum(minor for on, minor in changes if on < day)
        assert sum(one.open_on(day) for one in claims) == max(0, parts * each - came)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_form_and_the_file_say_exactly_the_ladder_they_were_made_of(name: str) -> None:
    ladder = shipped(name)
    said = document_from(ladder.name, str(ladder.spacing_days), [fields_of(rung) for rung in ladder.rungs])
    assert checked_ladder(said) == ladder
    assert read_ladder(toml_of(ladder)) == ladder


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    for at in range(3):
        customer = a_customer(session, seller, f"K{at}", segment="horeca" if at else None, email=f"k{at}@x.example")
        an_invoice(session, customer, f"F-{at}", due_on=DAY - timedelta(days=9 + at))
    session.commit()
    return seller


@pytest.fixture
def client(store: Store, seller: Seller) -> TestClient:
    return open_pages(store, role="finance", name="Mira")


def form_of(page: str) -> dict[str, list[str]]:
    """The form as a browser would send it back."""
    said: dict[str, list[str]] = {}
    part = page[page.index('class="ladder-form"') : page.index("</form>", page.index('class="ladder-form"'))]
    pattern = r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"|<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>'
    for name, value, select, options in re.findall(pattern, part, re.DOTALL):
        if select:
            chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)<', options)
            first = re.search(r'<option value="([^"]*)"', options)
            value = (chosen[1] or chosen[2]) if chosen else first[1] if first else ""
        said.setdefault(select or name, []).append(html.unescape(value))
    return said


def test_the_books_of_past_days_are_read_as_they_were(store: Store, session: Session, seller: Seller) -> None:
    paid = an_invoice(
        session, a_customer(session, seller, "K8", email="k8@x.example"), "F-8", due_on=DAY - timedelta(days=9)
    )
    a_payment(session, paid, paid.total_minor, DAY - timedelta(days=5))
    gone = an_invoice(
        session, a_customer(session, seller, "K9", email="k9@x.example"), "F-9", due_on=DAY - timedelta(days=9)
    )
    session.add(
        ReminderDecision(
            seller_id=seller.id,
            customer_id=gone.customer_id,
            on=DAY - timedelta(days=7),
            currency="EUR",
            reason="promised",
            invoices=[],
            asked_minor=0,
            decided_at=store.clock.now(),
        )
    )
    session.commit()
    first, last = DAY - timedelta(days=30), DAY - timedelta(days=1)
    only_due = Ladder("standard", (LADDER[1],))
    tried = try_ladder(session, seller, only_due, first, last)
    # The due days of 5, 6 and 7 March; that of Saturday 7 March is asked about on the Monday after.
    assert (tried.of, tried.then.messages, tried.then.held) == (5, 5, 1)
    assert tried.now.messages > tried.then.messages
    assert "it would have written 5 messages instead of" in tried.sentence
    with pytest.raises(NoSuchPastDays):
        try_ladder(session, seller, only_due, last, first)
    in_segment = try_ladder(session, seller, only_due, first, last, segment="horeca")
    assert in_segment.of == 2


def test_ladders_are_shown_in_words_and_for_whom_they_hold(client: TestClient) -> None:
    said = words(client.get("/ladders").text)
    assert "standard version 1 holds for everybody else" in said
    assert "14 days after the due date" in said
    assert "The statement" not in said
    one = words(client.get("/ladders/standard").text)
    assert "It comes with Parley; nobody has changed it here." in one
    assert client.get("/ladders/nothing").status_code == 404
    assert client.get("/ladders/nothing/edit").status_code == 404


def test_a_change_is_tried_before_it_is_kept_and_nothing_is_kept_by_trying(
    client: TestClient, session: Session, seller: Seller
) -> None:
    form = form_of(client.get("/ladders/standard/edit").text)
    assert form["days"] == ["-3", "0", "7", "14", "30"]
    form["days"][2] = "5"
    answer = client.post("/ladders/standard/edit", data=form | {"do": ["try"]})
    said = html.unescape(words(answer.text))
    assert answer.status_code == 200
    assert "On the last 30 days From 2026-02-14 to 2026-03-15 it would have written" in said
    assert "3 customers owed something then and would be on it" in said
    assert "step 'first', days: 7 became 5" in said
    assert versions_of(session, seller.id, "standard") == []


def test_it_is_saved_as_a_new_version_with_who_and_why(client: TestClient, session: Session, seller: Seller) -> None:
    form = form_of(client.get("/ladders/standard/edit").text)
    form["days"][2], form["mode"][4], form["below"][4] = "5", "approve", "5 000,00"
    without = client.post("/ladders/standard/edit", data=form | {"do": ["save"]})
    assert without.status_code == 400
    assert "Say in a few words why it changes" in without.text
    answer = client.post(
        "/ladders/standard/edit", data=form | {"do": ["save"], "why": ["quicker"]}, follow_redirects=False
    )
    assert answer.headers["location"] == "/ladders/standard?done=saved&seller=vandijk"
    (kept,) = versions_of(session, seller.id, "standard")
    assert (kept.version, kept.by, kept.why) == (2, "Mira", "quicker")
    ladder = newest_ladder(session, seller.id, "standard")
    assert ladder.rungs[2].days == 5
    assert ladder.rungs[4].automatic_below_major == 5_000
    again = client.post(
        "/ladders/standard/edit", data=form | {"do": ["save"], "why": ["quicker"]}, follow_redirects=False
    )
    assert "done=same" in again.headers["location"]


def test_every_fault_is_named_and_what_was_written_is_still_there(
    client: TestClient, session: Session, seller: Seller
) -> None:
    form = form_of(client.get("/ladders/standard/edit").text)
    form["days"][1], form["minimum"][2] = "soon", "much"
    answer = client.post("/ladders/standard/edit", data=form | {"do": ["save"], "why": ["x"]})
    assert answer.status_code == 400
    said = html.unescape(answer.text)
    assert "'soon'" in said
    assert "'much'" in said
    assert 'value="soon"' in answer.text
    assert versions_of(session, seller.id, "standard") == []


def test_a_step_is_added_and_taken_out_without_anything_else_being_lost(client: TestClient) -> None:
    form = form_of(client.get("/ladders/standard/edit").text)
    form["minimum"][2] = "75"
    more = form_of(client.post("/ladders/standard/edit", data=form | {"do": ["add"]}).text)
    assert (more["days"], more["minimum"][2]) == (["-3", "0", "7", "14", "30", "37"], "75")
    less = form_of(client.post("/ladders/standard/edit", data=more | {"do": ["remove-0"]}).text)
    assert (less["days"], less["minimum"][1]) == (["0", "7", "14", "30", "37"], "75")


def test_who_would_rather_write_a_file_does(client: TestClient, session: Session, seller: Seller) -> None:
    text = toml_of(replace(shipped("gentle"), name="ours"))
    bad = client.post("/ladders/ours/edit", data={"toml": text + "\nodd = 1\n", "do": "save-toml", "why": "x"})
    assert bad.status_code == 400
    done = client.post(
        "/ladders/ours/edit", data={"toml": text, "do": "save-toml", "why": "calmer"}, follow_redirects=False
    )
    assert done.headers["location"] == "/ladders/ours?done=saved&seller=vandijk"
    assert newest_ladder(session, seller.id, "ours").rungs == shipped("gentle").rungs


def test_a_ladder_is_chosen_for_a_segment_with_a_reason_and_taken_back(
    client: TestClient, session: Session, seller: Seller
) -> None:
    text = toml_of(replace(shipped("gentle"), name="ours"))
    client.post("/ladders/ours/edit", data={"toml": text, "do": "save-toml", "why": "calmer"})
    said = {"ladder": "ours", "where": "segment", "target": "horeca", "seller": "vandijk"}
    assert client.post("/ladders/choose", data=said).status_code == 400
    assert client.post("/ladders/choose", data=said | {"target": "nobody", "why": "x"}).status_code == 404
    page = client.post("/ladders/choose", data=said | {"why": "they asked for it"})
    assert "Holds for the segment horeca" in words(page.text)
    customers = {one.ref: one for one in session.query(Customer)}
    chosen = ladders_for(session, customers.values())
    assert {ref: chosen.of(one).name for ref, one in customers.items()} == {
        "K0": "standard",
        "K1": "ours",
        "K2": "ours",
    }
    back = client.post("/ladders/choose", data=said | {"ladder": "", "why": "enough"})
    assert "Holds for the segment" not in words(back.text)


@pytest.mark.parametrize("role", ["agent"])
def test_who_may_not_change_rules_does_not(role: str, store: Store, seller: Seller) -> None:
    browser = open_pages(store, role=role, name="Ann")
    assert browser.get("/ladders/standard/edit").status_code == 403
    assert browser.post("/ladders/standard/edit", data={"do": "save"}).status_code == 403
    assert browser.post("/ladders/choose", data={"ladder": "standard"}).status_code == 403
