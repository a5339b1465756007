"""The page of rules: what stands open, each rule in words, and a trial on past days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.run_escalations import run_escalations
from o2c_core.actions.save_rule import save_rule
from o2c_core.customers.seller import Seller
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.facts import facts
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.shipped import NoSuchExample, shipped_rule, shipped_rules
from o2c_core.escalations.wording import summary
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force, the
from tests.web.opened import open_pages


@pytest.fixture
def page(store: Store, session: Session) -> TestClient:
    seller = a_seller(session)
    customer = a_customer(session, seller, "C1", name="Bakkerij <b>Jansen</b>")
    an_invoice(session, customer, due_on=DAY - timedelta(days=10), total_minor=20_050)
    session.commit()
    in_force(a_rule(deadline="2 days"), store, seller)
    run_escalations(store=store)
    return finance(store)


def finance(store: Store, name: str = "Eva") -> TestClient:
    """A browser in which somebody of finance is signed in; it says of no form that it came from here."""
    browser = open_pages(store, role="finance", name=name)
    browser.follow_redirects = False
    del browser.headers["sec-fetch-site"]
    return browser


def test_it_shows_what_is_open_and_whose_it_is(page: TestClient) -> None:
    text = page.get("/rules").text
    for said in ("Sanne", "Not acknowledged", "the amount overdue: 200.50", "18 mrt 2026 12:00", "&lt;b&gt;"):
        assert said in text, said
    assert "<b>Jansen" not in text


def test_a_trial_is_a_table_with_a_sentence_above_it(page: TestClient) -> None:
    text = page.get("/rules", params={"try": "late"}).text
    assert "In 90 days, from 2025-12-16 to 2026-03-15, it would have fired once for one of 1." in text
    assert "still so" in text
    assert page.get("/rules", params={"try": "nothing"}).status_code == 404
    assert page.get("/rules", params={"try": "late", "from": "2026-03-15", "to": "2026-01-01"}).status_code == 400


FROM_HERE = {"sec-fetch-site": "same-origin"}


def asked_for(store: Store, session: Session, *deeds: dict[str, object], name: str = "asks") -> Approval:
    """The newest approval a rule with those deeds asks for."""
    seller = session.scalars(select(Seller)).one()
    in_force(a_rule(*deeds, name=name), store, seller)
    run_escalations(store=store)
    with store.session() as looking:
        return looking.scalars(select(Approval).order_by(Approval.id.desc()).limit(1)).one()


def test_somebody_says_that_they_have_it_and_only_from_this_page(page: TestClient, store: Store) -> None:
    (one,) = escalations(store)
    said = {"escalation": str(one.id), "seller": "vandijk"}
    assert page.post("/rules/acknowledge", data=said).status_code == 403
    assert page.post("/rules/acknowledge", data=said | {"escalation": "x"}, headers=FROM_HERE).status_code == 404
    done = page.post("/rules/acknowledge", data=said, headers=FROM_HERE)
    assert (done.status_code, done.headers["location"]) == (303, "/rules?done=acknowledged&seller=vandijk")
    text = page.get(done.headers["location"]).text
    assert "It is yours now" in text
    assert the(store, one.id).acknowledged_by == "Eva"
    assert "Acknowledged" in text


def test_it_is_closed_with_what_was_done_and_by_whom(page: TestClient, store: Store) -> None:
    (one,) = escalations(store)
    said = {"escalation": str(one.id), "how": "They pay on Friday", "seller": "vandijk"}
    assert page.post("/rules/close", data=said | {"how": " "}, headers=FROM_HERE).status_code == 400
    assert page.post("/rules/close", data=said).status_code == 403
    assert the(store, one.id).stands == "open"
    assert page.post("/rules/close", data=said, headers=FROM_HERE).status_code == 303
    closed = the(store, one.id)
    assert (closed.stands, closed.closed_by, closed.closed_how) == ("closed", "Eva", "They pay on Friday")
    again = page.post("/rules/close", data=said, headers=FROM_HERE)
    assert again.status_code == 409
    assert "Nothing stands open" in again.text


def test_what_finance_may_decide_is_decided_here_once(page: TestClient, store: Store, session: Session) -> None:
    asked = asked_for(store, session, {"do": "ask_approval", "what": "a lawyer's letter", "role": "finance"})
    assert "Late: a lawyer&#39;s letter" in page.get("/rules").text
    said = {"approval": str(asked.id), "do": "approve", "why": "it is time", "seller": "vandijk"}
    for odd, status in (({"why": " "}, 400), ({"approval": "x"}, 404), ({"do": "maybe"}, 422)):
        assert page.post("/rules/decide", data=said | odd, headers=FROM_HERE).status_code == status
    done = page.post("/rules/decide", data=said, headers=FROM_HERE)
    assert done.headers["location"] == "/rules?done=approved&seller=vandijk"
    with store.session() as looking:
        kept = looking.get_one(Approval, asked.id)
        assert (kept.state, kept.decided_by, kept.decided_role, kept.why) == (
            "approved",
            "Eva",
            "finance",
            "it is time",
        )
    second = finance(store, "Mo").post("/rules/decide", data=said | {"do": "refuse"}, headers=FROM_HERE)
    assert second.status_code == 409
    assert "Eva approved this on Monday 16 March 2026, 12:00: “it is time”." in second.text
    assert "lawyer" not in page.get("/rules").text.partition("For approval")[2]


def test_what_is_refused_here_is_not_done(page: TestClient, store: Store, session: Session) -> None:
    asked = asked_for(store, session, {"do": "ask_approval", "what": "a letter", "role": "finance"})
    said = {"approval": str(asked.id), "do": "refuse", "why": "too early"}
    assert page.post("/rules/decide", data=said, headers=FROM_HERE).headers["location"] == "/rules?done=refused"
    with store.session() as looking:
        assert looking.get_one(Approval, asked.id).state == "refused"


def test_what_a_manager_decides_is_not_decided_by_finance(page: TestClient, store: Store, session: Session) -> None:
    asked = asked_for(store, session, {"do": "collection"})
    text = page.get("/rules").text
    assert "You decide as finance. This is for somebody who decides as manager." in text
    said = {"approval": str(asked.id), "do": "approve", "why": "now"}
    refused = page.post("/rules/decide", data=said, headers=FROM_HERE)
    assert refused.status_code == 400
    assert "That is for the role manager to decide, not for finance." in refused.text


def test_what_was_approved_and_not_carried_out_is_shown_until_it_is(
    page: TestClient, store: Store, session: Session
) -> None:
    asked = asked_for(store, session, {"do": "ask_approval", "what": "a letter", "role": "finance"})
    kept = session.get_one(Approval, asked.id)
    kept.state, kept.decided_by, kept.decided_role, kept.why = "approved", "Eva", "finance", "yes"
    kept.decided_at = store.clock.now()
    session.commit()
    text = page.get("/rules").text
    assert "Approved, and not carried out yet" in text
    assert "Go on with it" in text
    said = {"approval": str(asked.id), "do": "approve", "why": "go on"}
    assert page.post("/rules/decide", data=said, headers=FROM_HERE).status_code == 303
    assert "Go on with it" not in page.get("/rules").text


# From which state to which, and where it may go from there.
SWITCHES = """
off   trial | on off
off   on    | trial off
trial on    | trial off
trial off   | trial on
on    trial | on off
on    off   | trial on
"""


@pytest.mark.parametrize("line", SWITCHES.strip().splitlines())
def test_a_rule_is_switched_from_where_it_is_to_where_it_may_go(
    page: TestClient, store: Store, session: Session, line: str
) -> None:
    said, _, onwards = line.partition("|")
    was, to = said.split()
    seller = session.scalars(select(Seller)).one()
    rule = in_force(a_rule(), store, seller, was)
    form = {"rule": "late", "version": str(rule.version), "to": to, "seller": "vandijk"}
    assert page.post("/rules/switch", data=form).status_code == 403
    assert page.post("/rules/switch", data=form | {"rule": "none"}, headers=FROM_HERE).status_code == 404
    assert page.post("/rules/switch", data=form, headers=FROM_HERE).status_code == 303
    with store.session() as looking:
        kept = looking.get_one(EscalationRule, rule.id)
        assert (kept.state, kept.switched_by) == (to, "Eva")
    text = page.get("/rules").text
    assert {state for state in ("on", "trial", "off") if f'name="to" value="{state}"' in text} == set(onwards.split())


def test_a_rule_that_acts_as_a_manager_is_not_switched_on_here(
    page: TestClient, store: Store, session: Session
) -> None:
    seller = session.scalars(select(Seller)).one()
    in_force(a_rule({"do": "hold_orders", "days": 60}, name="hard", authority="manager"), store, seller, "trial")
    text = page.get("/rules").text
    assert "the rule acts as manager: somebody who decides as that switches it on." in text
    said = {"rule": "hard", "version": "1", "to": "on", "seller": "vandijk"}
    refused = page.post("/rules/switch", data=said, headers=FROM_HERE)
    assert (refused.status_code, "role manager to decide" in refused.text) == (400, True)
    assert page.post("/rules/switch", data=said | {"to": "off"}, headers=FROM_HERE).status_code == 303


def test_a_newer_version_is_shown_beside_the_one_that_holds_and_can_take_its_place(
    page: TestClient, store: Store, session: Session
) -> None:
    save_rule(a_rule(when="overdue >= 777"), seller_ref="vandijk", store=store, by="Eva")
    text = page.get("/rules").text
    assert "Version 2 was saved by Eva" in text
    assert "777" in text
    said = {"rule": "late", "version": "2", "to": "on", "seller": "vandijk"}
    assert page.post("/rules/switch", data=said, headers=FROM_HERE).status_code == 303
    assert "was saved by Eva" not in page.get("/rules").text


def test_a_rule_that_cannot_be_read_any_more_does_not_take_the_page_with_it(
    page: TestClient, store: Store, session: Session
) -> None:
    kept = session.scalars(select(EscalationRule)).one()
    kept.document = kept.document | {"when": "overdue_once > 1"}
    session.commit()
    text = page.get("/rules").text
    assert "Cannot be judged" in text
    assert "There is no fact &#39;overdue_once&#39;" in text
    assert "overdue: 200.50" in text
    assert 'name="to" value="on"' not in text
    assert page.get("/rules", params={"try": "late"}).status_code == 400


@pytest.mark.parametrize("rule", shipped_rules(), ids=lambda rule: rule.name)
def test_every_rule_that_comes_with_parley_says_itself_in_sentences(rule: object) -> None:
    found = shipped_rule(rule.name)  # type: ignore[attr-defined]
    assert all(sentence.endswith(".") for sentence in summary(found))
    with pytest.raises(NoSuchExample):
        shipped_rule("no-such-rule")


def test_every_fact_is_in_the_documentation() -> None:
    text = Path(__file__).parents[2].joinpath("docs/escalations.md").read_text("utf-8")
    for fact in facts().values():
        assert f"| `{fact.name}` |" in text
        assert fact.meaning in text
