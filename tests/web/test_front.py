"""The front page: who somebody is there, and the chat with and without script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from o2c_core.errors import Outage, Refused
from o2c_core.store.store import Store
from tests.build import DAY, a_credit_note, a_customer, a_dispute, a_seller, a_shipment, an_invoice, an_order
from tests.web.opened import Example, open_pages


def test_a_customer_of_the_demo_gets_a_token_of_their_own(store: Store, session: Session) -> None:
    seller = a_seller(session)
    jansen, hart = (a_customer(session, seller, ref) for ref in ("C1", "C2"))
    session.commit()
    client = open_pages(store)
    assert f"token of {jansen.id}" in client.get("/").text  # who opens the demo is its first customer
    assert f"token of {hart.id}" in client.get("/?as=C2").text
    assert "token of a stranger" in client.get("/?as=visitor").text


def test_a_reference_that_does_not_exist_is_a_visitor_and_says_so(store: Store, session: Session) -> None:
    a_customer(session, a_seller(session), "C1")
    session.commit()
    answer = open_pages(store).get("/?as=<b>C9</b>")
    assert answer.status_code == 404
    assert "token of a stranger" in answer.text
    assert "There is no customer &lt;b&gt;C9&lt;/b&gt; here" in answer.text


STANDINGS = [
    "owes 0                         owes nothing",
    "owes 12500 due  0              € 125,00 open",
    "owes 12500 due -1              € 125,00 late (1 day)",
    "owes 12500 due -12             € 125,00 late (12 days)",
    "owes 12500 due -12 other 2500  € 150,00 open, € 125,00 late (12 days)",
    "owes 0     credit 1170         € 11,70 to use",
    "owes 12500 due -1 disputed     € 125,00 late (1 day) · 1 objection",
    "owes 0     parcel -3           parcel 3 days late",
    "owes 0     parcel 0            owes nothing",
    "owes 0     no email            owes nothing · no email address",
]


@pytest.mark.parametrize("line", STANDINGS)
def test_the_picker_says_where_a_customer_stands(store: Store, session: Session, line: str) -> None:
    situation, standing = re.split(r" {2,}(?=owes nothing|€|parcel \d+ days)", line, maxsplit=1)
    told = dict(re.findall(r"(owes|due|other|credit|parcel) +(-?\d+)", situation))
    customer = a_customer(
        session, a_seller(session), "C1", email=None if "no email" in situation else "ap@jansen.example"
    )
    if minor := int(told["owes"]):
        invoice = an_invoice(session, customer, total_minor=minor, due_on=DAY + timedelta(days=int(told["due"])))
        if "disputed" in situation:
            a_dispute(session, invoice)
    if "other" in told:
        an_invoice(session, customer, total_minor=int(told["other"]), due_on=DAY + timedelta(days=9))
    if "credit" in told:
        a_credit_note(session, customer, int(told["credit"]))
    if "parcel" in told:
        a_shipment(session, an_order(session, customer), expected_on=DAY + timedelta(days=int(told["parcel"])))
    session.commit()
    found = re.search(r'class="standing[^"]*">([^<]*)<', open_pages(store).get("/").text)
    assert found is not None
    assert found[1].replace("\N{NO-BREAK SPACE}", " ") == standing


GREETINGS = ["en  Hello Jansen.", "nl  Goedendag Jansen.", "de  Guten Tag, Jansen.", "fr  Bonjour Jansen."]


@pytest.mark.parametrize("line", GREETINGS)
def test_the_chat_speaks_the_language_of_the_customer(store: Store, session: Session, line: str) -> None:
    language, greeting = line.split("  ")
    a_customer(session, a_seller(session), "C1", name="Jansen", language=language)
    session.commit()
    page = open_pages(store).get("/").text
    assert greeting in page
    assert f'class="chat" lang="{language}"' in page


WISHES = [
    "de-CH,de;q=0.9,en;q=0.8  de",
    "it,fr;q=0.5  fr",
    "en;q=0.2,nl;q=0.7  nl",
    "ja  nl",
    "  nl",
    "en;q=x,de;q=0  nl",
]


@pytest.mark.parametrize("line", WISHES)
def test_a_visitor_is_greeted_in_a_language_the_browser_asks_for_or_else_the_sellers(
    store: Store, session: Session, line: str
) -> None:
    wish, language = line.rsplit("  ", 1)
    a_seller(session, language="nl")
    session.commit()
    page = open_pages(store, is_demo=False).get("/", headers={"accept-language": wish}).text
    assert f'class="chat" lang="{language}"' in page


def test_examples_about_the_customer_come_before_those_anybody_can_ask(store: Store, session: Session) -> None:
    seller = a_seller(session)
    a_customer(session, seller, "C1")
    a_customer(session, seller, "C2")
    session.commit()
    client = open_pages(store, examples=[Example("C1", "Is INV-7 betaald?"), Example("C3", "Not for them")])

    def choices(address: str) -> list[str]:
        return re.findall(r'name="choice" value="([^"]*)"', client.get(address).text)

    assert choices("/?as=C1") == ["Is INV-7 betaald?"]
    assert choices("/?as=C2")[0] == "Waar is mijn laatste bestelling?"
    assert choices("/?as=visitor")[0] == "Wat zijn jullie betalingsvoorwaarden?"


def test_without_script_a_form_asks_and_the_page_holds_the_conversation(store: Store, session: Session) -> None:
    a_customer(session, a_seller(session), "C1")
    session.commit()
    heard: list[tuple[str, str]] = []

    def ask(token: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        heard.append((token, text))
        facts = [{"text": "€ 125,00", "source": "invoice INV-1 open at 2026-03-16T11:00:00Z"}]
        return "token to go on with", [
            {"author": "customer", "text": text, "at": "2026-03-16T10:59:00+00:00"},
            {"author": "assistant", "text": "Nog <€ 125,00>\nopen.", "facts": facts},
        ]

    client = open_pages(store, ask=ask)
    form = {"session": "token so far", "as": "C1", "text": "Wat moet ik betalen?"}
    page = client.post("/chat", data=form).text
    assert heard == [("token so far", "Wat moet ik betalen?")]
    assert '<p class="said">Wat moet ik betalen?</p>' in page
    assert '<p class="said">Nog &lt;€ 125,00&gt;\nopen.</p>' in page
    assert "invoice INV-1 open, gelezen 12:00" in page
    assert 'name="session" value="token to go on with"' in page
    client.post("/chat", data=form | {"choice": "Een voorbeeld", "text": ""})
    assert heard[-1] == ("token so far", "Een voorbeeld")


@pytest.mark.parametrize(
    ("failure", "status"), [(Refused("There is no text in that."), 400), (Outage("Try later."), 503)]
)
def test_without_script_what_was_refused_is_said_and_the_text_is_kept(
    store: Store, session: Session, failure: Exception, status: int
) -> None:
    a_seller(session)
    session.commit()

    def ask(token: str, text: str) -> tuple[str, list[dict[str, Any]]]:
        raise failure

    answer = open_pages(store, is_demo=False, ask=ask).post("/chat", data={"session": "so far", "text": "my words"})
    assert answer.status_code == status
    assert str(failure) in answer.text
    assert ">my words</textarea>" in answer.text
    assert 'value="so far"' in answer.text
