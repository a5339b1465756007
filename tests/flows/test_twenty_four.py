"""Twelve kinds of question, once in English and once in Dutch, through `parley chat --json`, on the demo's ledger."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from app.demo import cast
from app.demo.history import write_history
from app.settings import child_environment
from o2c_core import days, money
from o2c_core.clock import SystemClock, today
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.invoices.account import OpenInvoice, balances, invoices_of
from o2c_core.orders.order import Order
from o2c_core.store.store import Store, open_engine, open_store

EXAMPLES = Path(__file__).parents[2] / "bot" / "embedded" / "examples"
Said = dict[str, object]

# {order}, {paid}, {open} … are filled from the ledger. Kind, message, the intent, the tool, and what the reply must hold.
QUESTIONS = {
    "en": [
        ("order status by number", "Could you check on {order} for me? It hasn't turned up yet", "order_status", "order_status", ["{order}", "{tracking}"]),
        ("my last order", "what happened to the most recent thing I ordered from you", "order_status", "order_status", ["{order}", "{tracking}"]),
        ("list of orders", "Please show me everything I've ordered lately", "list_orders", "list_orders", ["{order}", "{earlier}"]),
        ("invoice due date", "By which day does {open} have to be settled?", "invoice_status", "invoice_status", ["{open}", "{due}"]),
        ("is it paid", "Can you see whether {paid} was paid by us already?", "payment_status", "payment_status", ["{paid}", "paid in full"]),
        ("open invoices", "Which bills of ours haven't been paid so far?", "list_open_invoices", "list_open_invoices", ["{open}", "{sum}"]),
        ("balance", "What's the total we currently owe?", "account_balance", "account_balance", ["{sum}"]),
        ("complaint", "I'm really disappointed: two of the boxes were crushed and your driver was rude", "complaint", "log_complaint", ["as your complaint"]),
        ("human", "I'd rather speak with an actual employee about this", "human", "call_person", ["colleague"]),
        ("payment terms", "How much time do customers normally get to pay?", "policy_question", "policy_question", ["30 days"]),
        ("thanks", "Brilliant, thanks so much for the quick help", "thanks", None, ["welcome"]),
        ("off-topic", "Who won the football last night?", "out_of_scope", None, ["outside what I can help with"]),
    ],
    "nl": [
        ("order status by number", "Kunt u even kijken hoe het staat met {order}? Wij zitten erop te wachten", "order_status", "order_status", ["{order}", "{tracking}"]),
        ("my last order", "Hoe ver zijn jullie met wat ik het laatst besteld heb", "order_status", "order_status", ["{order}", "{tracking}"]),
        ("list of orders", "Laat eens zien wat ik de afgelopen tijd allemaal bij jullie besteld heb", "list_orders", "list_orders", ["{order}", "{earlier}"]),
        ("invoice due date", "Tot welke datum hebben we om {open} te voldoen?", "invoice_status", "invoice_status", ["{open}", "{due}"]),
        ("is it paid", "Hebben wij {paid} eigenlijk al voldaan?", "payment_status", "payment_status", ["{paid}", "volledig betaald"]),
        ("open invoices", "Welke rekeningen van ons zijn nog niet betaald?", "list_open_invoices", "list_open_invoices", ["{open}", "{sum}"]),
        ("balance", "Hoe hoog is het totale bedrag dat wij jullie schuldig zijn?", "account_balance", "account_balance", ["{sum}"]),
        ("complaint", "Hier ben ik niet blij mee: twee dozen waren ingedeukt en de chauffeur was onbeleefd", "complaint", "log_complaint", ["als uw klacht"]),
        ("human", "Ik heb liever een echte medewerker aan de lijn", "human", "call_person", ["collega"]),
        ("payment terms", "Hoeveel tijd krijgen klanten bij jullie normaal om te betalen?", "policy_question", "policy_question", ["30 dagen"]),
        ("thanks", "Top, hartelijk dank voor de snelle hulp", "thanks", None, ["Graag gedaan"]),
        ("off-topic", "Wie heeft er gisteren de wedstrijd gewonnen?", "out_of_scope", None, ["Daar kan ik u niet mee helpen"]),
    ],
}  # fmt: skip
REF = {"en": "C1019", "nl": cast.BAKKERIJ_JANSEN}


@pytest.fixture(scope="module")
def demo_ledger(server_url: str, template: str) -> Iterator[tuple[str, Store]]:
    from tests.conftest import _as_admin, _at, _clone

    _clone(server_url, template, "twenty_four").dispose()
    url = _at(server_url, "twenty_four")
    engine = open_engine(url)
    store = open_store(engine, SystemClock())
    write_history(store=store, today=today(store.clock, "Europe/Amsterdam"))
    yield url, store
    engine.dispose()
    _as_admin(server_url, 'DROP DATABASE "twenty_four" WITH (FORCE)')


def facts(store: Store, language: str) -> dict[str, str]:
    """What the ledger holds for the customer, written as the reply should write it."""
    with store.session() as session:
        customer = session.scalars(select(Customer).where(Customer.ref == REF[language])).one()
        locale = locale_for(language, customer.country)
        day: date = today(store.clock, "Europe/Amsterdam")
        invoices: list[OpenInvoice] = invoices_of(session, customer.id, day)
        orders = list(
            session.scalars(
                select(Order)
                .where(Order.customer_id == customer.id)
                .order_by(Order.ordered_on.desc(), Order.number.desc())
            )
        )
        unpaid = next(one for one in invoices if one.open.minor > 0)
        (balance,) = balances(session, customer.id, day)
        return {
            "order": orders[0].number,
            "tracking": orders[0].shipments[0].tracking_number if orders[0].shipments else orders[0].number,
            "earlier": orders[1].number,
            "paid": next(one.invoice.number for one in invoices if one.open.minor == 0 and one.invoice.total_minor > 0),
            "open": unpaid.invoice.number,
            "due": days.show(unpaid.invoice.due_on, locale),
            "sum": money.show(balance.open, locale),
        }


@pytest.fixture(scope="module")
def answers(demo_ledger: tuple[str, Store], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Said]]:
    url, store = demo_ledger
    environment = child_environment(database_url=url, data=str(tmp_path_factory.mktemp("chat")))
    said: dict[str, list[Said]] = {}
    for language, questions in QUESTIONS.items():
        known = facts(store, language)
        written = "".join(text.format(**known) + "\n" for _, text, *_ in questions)
        command = [sys.executable, "-m", "app", "chat", "--customer", REF[language], "--json", "--fresh-each"]
        done = subprocess.run(command, input=written, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        said[language] = [json.loads(line) for line in done.stdout.splitlines()]
    return said


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("number", range(12), ids=[kind for kind, *_ in QUESTIONS["en"]])
def test_each_kind_is_understood_and_answered_from_the_ledger(
    answers: dict[str, list[Said]], demo_ledger: tuple[str, Store], language: str, number: int
) -> None:
    _, _, intent, tool, needed = QUESTIONS[language][number]
    said = answers[language][number]
    assert said["language"] == language
    assert said["intents"] == [intent]
    assert [call["name"] for call in said["tools"]] == ([tool] if tool else [])  # type: ignore[attr-defined, index]
    known = facts(demo_ledger[1], language)
    for words in needed:
        assert words.format(**known) in str(said["reply"])
    assert set(said) == {
        "message", "reply", "language", "intents", "tools", "facts", "proposal", "handoff", "identity", "milliseconds"
    }  # fmt: skip


def test_none_of_the_questions_is_an_example_the_model_learned_from() -> None:
    learned = {line.strip().lower() for file in EXAMPLES.rglob("*.txt") for line in file.read_text().splitlines()}
    assert [text for rows in QUESTIONS.values() for _, text, *_ in rows if text.lower() in learned] == []


def test_an_unknown_customer_is_one_sentence(demo_ledger: tuple[str, Store], tmp_path: Path) -> None:
    environment = child_environment(database_url=demo_ledger[0], data=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "app", "chat", "--customer", "nobody", "--json"],
        input="hello\n", env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "parley: There is no customer 'nobody' here.\n")


def test_odd_lines_are_answered_in_a_sentence_each_and_end_nothing(
    demo_ledger: tuple[str, Store], tmp_path: Path
) -> None:
    environment = child_environment(database_url=demo_ledger[0], data=str(tmp_path))
    lines = b"x" * 10_000 + b"\n\x00\x07\x1b\n\xed\xa0\x80\xff\nWhat do I owe?\n"
    done = subprocess.run(
        [sys.executable, "-m", "app", "chat", "--customer", "C1019", "--json"],
        input=lines, env=environment, capture_output=True, timeout=60,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert said[0]["error"] == "That message is too long; please keep it under 8,000 characters."
    assert said[1]["error"] == "There is no text in that message."
    assert said[-1]["intents"] == ["account_balance"]
    assert len(said) == 4
