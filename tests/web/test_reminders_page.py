"""Where finance decides about reminders: what the page shows, what a form does, and what is not heard from elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.drafts import drafts
from tests.web.opened import open_pages, words

HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def client(store: Store, session: Session) -> TestClient:
    """A seller with three late customers, of which two are to be approved and one disputes what is asked."""
    seller = a_seller(session)
    for ref, name, minor in (
        ("K1", "Bakkerij <Jansen>", 12_500),
        ("K2", "Hart & Sons", 912_000),
        ("K3", "Zwart", 5_000),
    ):
        customer = a_customer(session, seller, ref, name=name, email=f"{ref}@x.example", language="en")
        made = an_invoice(session, customer, f"F-{ref}", total_minor=minor, due_on=DAY - timedelta(days=14))
        if ref == "K3":
            a_dispute(session, made)
    session.commit()
    drafts(store, session)
    return open_pages(store, role="finance", name="Mira")


def draft_of(store: Store, session: Session, subject: str) -> Message:
    session.expire_all()
    return next(one for one in session.query(Message) if subject in (one.subject or ""))


def test_the_page_names_what_waits_and_what_is_held(client: TestClient) -> None:
    answer = client.get("/reminders")
    said = words(answer.text)
    assert "2 reminders to approve € 9.245,00" in said
    assert "14 days after the due date 2" in said
    assert "Ladder standard, version 2: each message at this step is looked at first." in said
    assert "Hart &amp; Sons" in answer.text
    assert "Bakkerij &lt;Jansen&gt;" in answer.text
    assert said.index("Hart") < said.index("Jansen"), "the largest amount comes first"
    assert "1 Everything open on it is disputed." in said
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_ticked_is_approved_and_the_rest_waits_on(client: TestClient, store: Store, session: Session) -> None:
    one = draft_of(store, session, "F-K1")
    answer = client.post("/reminders", data={"ids": [str(one.id)], "do": "chosen"}, headers=HERE)
    assert "1 reminder approved." in words(answer.text)
    assert "1 reminder to approve" in words(answer.text)
    assert draft_of(store, session, "F-K1").approved_by == "Mira"
    assert draft_of(store, session, "F-K2").delivery == "draft"
    assert "By itself today" in words(answer.text)


def test_all_at_once_says_of_each_that_did_not_go_why(client: TestClient, store: Store, session: Session) -> None:
    a_payment(session, session.query(Invoice).filter_by(number="F-K1").one(), 12_500)
    session.commit()
    said = words(client.post("/reminders", data={"do": "all"}, headers=HERE).text)
    assert "1 reminder approved." in said
    assert "withdrawn: It has been paid." in said
    assert draft_of(store, session, "F-K1").delivery == "withdrawn"
    assert draft_of(store, session, "F-K2").approved_by == "Mira"
    assert draft_of(store, session, "F-K1").approved_by is None


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "none"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}, {"origin": "null"}, {}],
)  # fmt: skip
def test_a_form_of_another_site_changes_nothing(
    headers: dict[str, str], client: TestClient, store: Store, session: Session
) -> None:
    one = draft_of(store, session, "F-K1")
    del client.headers["sec-fetch-site"]
    for address, data in (
        ("/reminders", {"do": "all"}),
        (f"/reminders/{one.id}", {"do": "skip", "why": "x"}),
        (f"/reminders/{one.id}", {"do": "edit", "opening": "Hello."}),
    ):
        answer = client.post(address, data=data, headers=headers)
        assert answer.status_code == 403
        assert "Nothing was changed." in answer.text
    assert {draft_of(store, session, name).delivery for name in ("F-K1", "F-K2")} == {"draft"}


def test_an_older_browser_says_where_its_page_came_from(client: TestClient) -> None:
    del client.headers["sec-fetch-site"]
    answer = client.post("/reminders", data={"do": "all"}, headers={"origin": "http://testserver"})
    assert "2 reminders approved." in words(answer.text)


def test_nothing_ticked_is_said_and_nothing_is_done(client: TestClient, store: Store, session: Session) -> None:
    answer = client.post("/reminders", data={"do": "chosen", "ids": ["not-an-id"]}, headers=HERE)
    assert "Nothing was chosen." in answer.text
    assert draft_of(store, session, "F-K1").delivery == "draft"


def test_one_reminder_shows_its_words_to_put_otherwise(client: TestClient, store: Store, session: Session) -> None:
    one = draft_of(store, session, "F-K1")
    page = client.get(f"/reminders/{one.id}").text
    assert "Invoice F-K1 is 14 days late." in page
    assert 'sandbox="" src="/outbox/' in page
    answer = client.post(
        f"/reminders/{one.id}", data={"do": "edit", "opening": "Anna, F-K1 is still open."}, headers=HERE
    )
    assert answer.status_code == 200
    assert "Kept." in answer.text
    assert "These are the words of Mira." in words(answer.text)
    assert "Anna, F-K1 is still open." in draft_of(store, session, "F-K1").text
    back = client.post(f"/reminders/{one.id}", data={"do": "approved-words"}, headers=HERE)
    assert "in the approved words again" in back.text


def test_a_figure_of_ones_own_is_refused_and_the_words_are_still_there(
    client: TestClient, store: Store, session: Session
) -> None:
    one = draft_of(store, session, "F-K1")
    answer = client.post(f"/reminders/{one.id}", data={"do": "edit", "opening": "Pay €99.00 now."}, headers=HERE)
    assert answer.status_code == 400
    assert "&#39;€99.00&#39; is not a figure of this message" in answer.text
    assert "Pay €99.00 now.</textarea>" in answer.text
    assert "99.00" not in draft_of(store, session, "F-K1").text


def test_a_step_is_skipped_with_a_reason(client: TestClient, store: Store, session: Session) -> None:
    one = draft_of(store, session, "F-K1")
    answer = client.post(
        f"/reminders/{one.id}", data={"do": "skip", "why": "Talked on the phone"}, headers=HERE, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/reminders")
    assert draft_of(store, session, "F-K1").delivery == "withdrawn"
    gone = client.get(f"/reminders/{one.id}")
    assert gone.status_code == 404
    assert "Mira skipped it on 16 March 2026 at 12:00" in gone.text


def test_what_was_overtaken_says_so_before_anybody_decides(client: TestClient, store: Store, session: Session) -> None:
    one = draft_of(store, session, "F-K1")
    a_payment(session, session.query(Invoice).filter_by(number="F-K1").one(), 12_500)
    session.commit()
    assert "There is nothing to ask for any more: It has been paid." in client.get(f"/reminders/{one.id}").text


def test_a_draft_of_yesterday_is_marked_and_waits_once_more(
    client: TestClient, store: Store, session: Session, clock: MovableClock
) -> None:
    one = draft_of(store, session, "F-K1")
    clock.move(timedelta(days=1))
    client = open_pages(store, role="finance", name="Mira")  # who did not come back for a day signs in again
    assert "2 are of an earlier day" in words(client.get("/reminders").text)
    assert "It was written on 16 mrt 2026." in client.get(f"/reminders/{one.id}").text
    answer = client.post(f"/reminders/{one.id}", data={"do": "approve"}, headers=HERE)
    assert "It was of an earlier day, so it was written anew" in answer.text
    assert "1 is of an earlier day" in words(client.get("/reminders").text)


@pytest.mark.parametrize("name", ["nothing", "00000000-0000-0000-0000-000000000000"])
def test_what_is_no_reminder_is_said_to_be_none(name: str, client: TestClient) -> None:
    assert client.get(f"/reminders/{name}").status_code == 404
    assert client.post(f"/reminders/{name}", data={"do": "approve"}, headers=HERE).status_code == 404


def test_an_empty_queue_teaches_how_to_have_one(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    said = words(open_pages(store).get("/reminders").text)
    assert "Nothing waits for approval" in said
    assert "parley ladder use enterprise --seller vandijk" in said
    asked = open_pages(store, role=None).get("/reminders", headers={"accept": "text/html"}, follow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/reminders")


def test_the_customers_page_says_why_they_were_or_will_be_written_to(client: TestClient) -> None:
    said = words(client.get("/ledger/customers/K1").text)
    assert "A draft was written for 16 March 2026 about F-K1" in said
    later = words(client.get("/ledger/customers/K1?why=2026-04-01").text)
    assert "Reminders 1 apr 2026" in later
    assert "Nobody would be written to on 1 April 2026. It waits for somebody of finance to approve it." in later
    assert "As the customer may read it: We do not expect to write to you that day." in later
    assert client.get("/ledger/customers/K1?why=9999-12-31").status_code == 200


def test_two_hundred_are_approved_in_one_form_and_those_that_changed_are_named_with_why(
    store: Store, session: Session
) -> None:
    seller = a_seller(session)
    made = []
    for number in range(200):
        customer = a_customer(
            session, seller, f"K{number}", name=f"Klant {number}", email=f"k{number}@x.example", language="en"
        )
        made.append(an_invoice(session, customer, f"F-{number}", due_on=DAY - timedelta(days=14)))
    session.commit()
    waiting = drafts(store, session)
    assert len(waiting) == 200
    # While they are ticked, three are paid, one is objected to and one is let go by somebody else.
    for number in (7, 77, 177):
        a_payment(session, made[number], made[number].total_minor)
    a_dispute(session, made[99])
    session.commit()
    by_number = {one.subject.rpartition("F-")[2].partition(" ")[0]: one for one in waiting if one.subject}
    approve_reminders([by_number["42"].id], by="Tom", role="finance", store=store)
    client = open_pages(store, role="finance", name="Mira")
    answer = client.post("/reminders", data={"ids": [str(one.id) for one in waiting], "do": "chosen"}, headers=HERE)
    said = words(answer.text)
    assert "195 reminders approved. Not sent: 4 withdrawn, 1 decided by somebody else." in said
    for number in (7, 77, 177):
        assert f"Klant {number} withdrawn: It has been paid." in said
    assert "Klant 99 withdrawn: Everything open on it is disputed." in said
    assert "Klant 42 decided by somebody else: It does not wait for approval any more: Tom approved it on" in said
    assert "Nothing waits for approval" in said


def test_more_than_can_be_looked_at_together_is_said_and_waits(
    client: TestClient, store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.reminders.AT_ONCE_MAX", 1)
    said = words(client.post("/reminders", data={"do": "all"}, headers=HERE).text)
    assert "1 reminder approved. 1 more waits; 1 are looked at together." in said
    assert "1 reminder to approve" in said


def test_an_amount_beyond_ones_authority_is_written_as_the_page_writes_amounts(
    client: TestClient, store: Store, session: Session
) -> None:
    session.query(Seller).one().settings = {"authority": {"finance": {"approve_max": 5_000}}}
    session.commit()
    said = words(client.post("/reminders", data={"do": "all"}, headers=HERE).text)
    assert "A reminder of € 9.120,00 is more than the role finance may decide, which is € 5.000,00." in said
    assert "Hart &amp; Sons more than you may approve:" in said
    assert "EUR" not in said.partition("Keys:")[0]


def test_who_could_not_be_worked_out_is_held_without_an_amount(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "K1", name="Gulden", currency="NLG")
    an_invoice(session, customer, "F-1", due_on=DAY - timedelta(days=14))
    session.commit()
    run_reminders(DAY, store=store)
    client = open_pages(store)
    held = words(client.get("/reminders").text).partition("Held today")[2]
    assert "could not be worked out; somebody was asked to look at it." in held
    assert "Gulden" in held
    assert "Gulden" in words(client.get("/reminders/ahead").text)


def test_a_step_is_named_by_its_day_and_not_by_its_code(client: TestClient, store: Store, session: Session) -> None:
    one = draft_of(store, session, "F-K1")
    said = words(client.get(f"/reminders/{one.id}").text)
    assert "F-K1 · 14 days after the due date, ladder standard, version 2" in said
    assert "second" not in said
    assert "second" not in words(client.get("/ledger").text)
