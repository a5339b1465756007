"""Every page in every language, and nothing of anybody else on any of them."""

import re

import pytest
from sqlalchemy.orm import Session

from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.wording import read_wording
from o2c_core.store.store import Store
from tests.build import a_credit_note, a_dispute, a_payment, an_invoice
from tests.web.portal.visits import Stage, a_stage, open_portal, prove, said, visit
from web.portal.words import FOLDER


def pages_of(stage: Stage) -> list[str]:
    invoice, order = stage.invoice.number, stage.order.number
    return [
        "/my", "/my/invoices", "/my/invoices?show=paid", "/my/invoices?show=disputed", "/my/invoices?show=credit",
        f"/my/invoices/{invoice}", f"/my/invoices/{invoice}/objection", f"/my/invoices/{invoice}/promise", "/my/payments",
        "/my/statement", "/my/orders", f"/my/orders/{order}", f"/my/orders/{order}/change", f"/my/orders/{order}/repeat",
        "/my/complaints", "/my/complaints/new", "/my/details", "/my/details/address", "/my/chat",
    ]  # fmt: skip


def full(session: Session, stage: Stage) -> None:
    """Something on every page."""
    paid = an_invoice(session, stage.customer, f"PAID-{stage.customer.ref}")
    a_payment(session, paid, paid.total_minor)
    a_credit_note(session, stage.customer, 1_000, against=stage.invoice)
    a_dispute(session, stage.invoice, 500)
    session.commit()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_readers_language(store: Store, session: Session, language: str) -> None:
    stage = a_stage(session, language=language)
    full(session, stage)
    client = visit(store, stage, "owner")
    prove(client, session)
    for path in pages_of(stage):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text, path
        assert "None" not in said(answer.text), path
        assert len(answer.content) < 100_000, path
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["x-robots-tag"] == "noindex, nofollow", path


@pytest.mark.parametrize("path", ["/my", "/my/nothing"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_nobody_knows_reads_in_the_browsers_language(store: Store, language: str, path: str) -> None:
    answer = open_portal(store).get(path, headers={"Accept-Language": f"{language};q=0.9"})
    assert f'<html lang="{language}">' in answer.text


def test_every_language_has_the_same_sentences() -> None:
    sentences = {one: set(read_wording(FOLDER, one).sentences) for one in LANGUAGES}
    assert all(found == sentences["en"] for found in sentences.values())


def test_every_sentence_asks_for_the_same_values_in_every_language() -> None:
    def asked(language: str) -> dict[str, set[str]]:
        text = (FOLDER / f"{language}.toml").read_text(encoding="utf-8")
        return {
            line.split(" = ")[0]: set(re.findall(r"\{\{ (\w+) \}\}", line))
            for line in text.splitlines()
            if " = " in line
        }

    for language in LANGUAGES:
        assert asked(language) == asked("en"), language


@pytest.mark.parametrize("role", ["owner", "accounts_payable", "operations", "general"])
def test_no_page_shows_anything_of_another_customer(store: Store, session: Session, role: str) -> None:
    mine = a_stage(session, mark="MINE")
    theirs = a_stage(session, mine.seller, mark="THEIRS")
    for stage in (mine, theirs):
        full(session, stage)
    client = visit(store, mine, role)
    prove(client, session)
    for path in (*pages_of(mine), *pages_of(theirs)):
        shown = client.get(path).text
        assert "THEIRS" not in shown, path
        assert str(theirs.customer.id) not in shown, path
    assert "MINE" in client.get("/my").text
