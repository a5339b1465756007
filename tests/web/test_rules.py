"""The page of rules: what stands open, each rule in words, and a trial on past days."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from o2c_core.actions.run_escalations import run_escalations
from o2c_core.escalations.facts import facts
from o2c_core.escalations.shipped import NoSuchExample, shipped_rule, shipped_rules
from o2c_core.escalations.wording import summary
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force
from web.rules import rule_pages


@pytest.fixture
def page(store: Store, session: Session) -> TestClient:
    seller = a_seller(session)
    customer = a_customer(session, seller, "C1", name="Bakkerij <b>Jansen</b>")
    an_invoice(session, customer, due_on=DAY - timedelta(days=10), total_minor=20_050)
    session.commit()
    in_force(a_rule(deadline="2 days"), store, seller)
    run_escalations(store=store)
    app = FastAPI()
    app.include_router(rule_pages(store))
    return TestClient(app, follow_redirects=False)


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


def test_somebody_says_that_they_have_it_and_only_from_this_page(page: TestClient, store: Store) -> None:
    (one,) = escalations(store)
    said = {"escalation": str(one.id), "by": "Sanne", "seller": "vandijk"}
    assert page.post("/rules/acknowledge", data=said).status_code == 403
    from_here = {"sec-fetch-site": "same-origin"}
    assert page.post("/rules/acknowledge", data=said | {"escalation": "x"}, headers=from_here).status_code == 404
    assert page.post("/rules/acknowledge", data=said | {"by": ""}, headers=from_here).status_code == 400
    assert page.post("/rules/acknowledge", data=said, headers=from_here).status_code == 303
    assert "Acknowledged" in page.get("/rules").text


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
