"""What the assistant tells of the account's history: the customer's own, in their language, and nothing of the seller's."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from sqlalchemy.orm import Session

import bot.tools.history as history
from bot.assistant import Assistant
from bot.facts import PLACE
from bot.guard import check
from bot.tools import TOOLS
from bot.tools.history import EVENTS_TOLD, HEARD, NOT_HEARD
from bot.turn import House, take_turn
from bot.wording import keys, slots
from o2c_core.actions.receive_message import Incoming
from o2c_core.cases.hold import Hold
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.figures.happenings import KINDS
from o2c_core.figures.telling import tell
from o2c_core.figures.timeline import timeline
from o2c_core.invoices.payment import WriteOff
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_payment, a_seller, an_invoice, an_order
from tests.stores.test_timeline import a_full_history
from tests.web.letters import a_letter


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


def ask(store: Store, seller: Seller, customer: Customer | None, language: str = "en") -> str:
    desk = a_desk(store, seller, customer, language=language)
    text, _ = desk.facts.render(TOOLS["account_history"](desk))
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_every_kind_of_event_is_either_for_the_customer_or_kept_for_a_reason() -> None:
    assert set(HEARD) | set(NOT_HEARD) == set(KINDS)
    assert set(HEARD) & set(NOT_HEARD) == set()
    assert all(NOT_HEARD.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_that_is_heard_has_a_sentence_with_exactly_what_is_read_for_it(language: str) -> None:
    for kind, names in HEARD.items():
        assert slots(f"history.{kind}", language) == {"on", *names}, kind
    assert not [kind for kind in NOT_HEARD if f"history.{kind}" in keys(language)]


def test_the_last_things_are_told_newest_first(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    an_order(session, customer, "SO-1", ordered_on=DAY - timedelta(days=9))
    invoice = an_invoice(session, customer, "INV-1", total_minor=124_050, issued_on=DAY - timedelta(days=5))
    a_payment(session, invoice, 4_000, DAY - timedelta(days=1))
    session.commit()
    assert ask(store, seller, customer).splitlines() == [
        "This is what happened on your account, the latest first:",
        "• 15 March 2026: payment of £40.00 received",
        "• 11 March 2026: invoice INV-1 for £1,240.50, due on 16 March 2026",
        "• 7 March 2026: order SO-1 placed",
    ]


TOLD = {
    "en": "• 11 March 2026: invoice INV-1 for €1,240.50, due on 16 March 2026",
    "nl": "• 11 maart 2026: factuur INV-1 van € 1.240,50, te betalen uiterlijk 16 maart 2026",
    "de": "• 11. März 2026: Rechnung INV-1 über 1.240,50 €, fällig am 16. März 2026",
    "fr": "• 11 mars 2026 : facture INV-1 de 1 240,50 €, à payer au plus tard le 16 mars 2026",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_the_language_of_the_conversation(
    session: Session, store: Store, seller: Seller, language: str
) -> None:
    customer = a_customer(session, seller, country={"en": "GB"}.get(language, language.upper()))
    an_invoice(session, customer, "INV-1", total_minor=124_050, issued_on=DAY - timedelta(days=5))
    session.commit()
    assert ask(store, seller, customer, language).splitlines()[1] == TOLD[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_receipt_and_the_guard_lets_the_answer_pass(
    session: Session,
    store: Store,
    seller: Seller,
    customer: Customer,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_full_history(session, customer)
    session.commit()
    monkeypatch.setattr(history, "EVENTS_TOLD", 100)  # all of them, so that every kind is looked at
    desk = a_desk(store, seller, customer, language=language)
    draft = TOOLS["account_history"](desk)
    check(draft, desk.facts, language, approved=desk.said)
    assert not re.search(r"\d", PLACE.sub("", draft))
    _, used = desk.facts.render(draft)
    assert all(fact.source.endswith(" at 2026-03-16T11:00:00Z") for fact in used)
    told = {event.kind for event in timeline(session, customer.id, kinds=HEARD, limit=100)}
    assert told == set(HEARD)
    assert len(draft.splitlines()) - 1 == len(timeline(session, customer.id, kinds=HEARD, limit=100))


def test_what_is_the_sellers_own_is_never_told(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    mine = {"seller_id": seller.id, "customer_id": customer.id}
    invoice = an_invoice(session, customer, "INV-1", issued_on=DAY - timedelta(days=40))
    session.add(
        WriteOff(**mine, invoice_id=invoice.id, amount_minor=777, currency="GBP", reason="bad_debt",
                 words="not worth the trouble", by="Anna", role="finance", written_off_on=DAY)
    )  # fmt: skip
    session.add(
        Hold(**mine, kind="credit", reason="looks insolvent", owner="Anna", from_on=DAY,
             until_on=DAY + timedelta(days=9), created_at=MOMENT)
    )  # fmt: skip
    a_letter(session, customer, subject="For the owner only", created_at=MOMENT)
    dispute = a_dispute(session, invoice, 1_000)
    dispute.state, dispute.outcome, dispute.resolution = "resolved", "valid_as_billed", "they always try this"
    dispute.resolved_at, dispute.owner = MOMENT + timedelta(days=1), "Anna"
    session.commit()
    said = ask(store, seller, customer)
    assert f"your objection {dispute.number} to invoice INV-1 closed" in said
    for secret in ("7.77", "Anna", "trouble", "insolvent", "hold", "owner", "try this", "billed", "bad"):
        assert secret not in said, secret


def test_a_long_history_is_cut_to_the_last_few(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    for number in range(EVENTS_TOLD + 3):
        an_order(session, customer, f"SO-{number}", ordered_on=DAY - timedelta(days=number))
    session.commit()
    lines = ask(store, seller, customer).splitlines()[1:]
    assert [line.split()[-2] for line in lines] == [f"SO-{number}" for number in range(EVENTS_TOLD)]


def test_what_is_dated_ahead_has_not_happened(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-2", issued_on=DAY + timedelta(days=1))
    session.commit()
    assert ask(store, seller, customer) == "I don't see anything on your account yet."


def test_nobody_hears_of_another_customer(session: Session, store: Store, seller: Seller, customer: Customer) -> None:
    a_full_history(session, a_customer(session, seller, "C2"))
    session.commit()
    assert ask(store, seller, customer) == "I don't see anything on your account yet."
    assert ask(store, seller, None).startswith("I can only look into an account once I know whose it is.")


class Scripted(BaseChatModel):
    """A model that asks for the history of somebody else in every way there is, and then repeats what it was told."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Scripted:
        return self

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        last = messages[-1]
        if isinstance(last, ToolMessage):
            said = AIMessage(json.loads(str(last.content))["say"])
        else:
            asked = {"argument": "C2", "customer": "C2", "customer_id": "C2", "limit": 100, "desk": None}
            said = AIMessage("", tool_calls=[ToolCall(name="account_history", args=asked, id="c1")])
        return ChatResult(generations=[ChatGeneration(message=said)])


def test_a_model_may_choose_it_and_cannot_widen_it(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    an_invoice(session, a_customer(session, seller, "C2"), "INV-666")
    session.commit()
    asked = Incoming(seller.id, "terminal", "What happened on my account lately?", customer.id, "proven")
    turn = take_turn(asked, House(store, lambda: None, Assistant(Scripted())))
    assert "invoice INV-1 for £125.00" in str(turn.reply)
    assert "INV-666" not in str(turn.reply)
    assert turn.tools == [{"name": "account_history", "arguments": {}}]
    assert {fact["text"] for fact in turn.facts} >= {"INV-1", "£125.00", "14 February 2026", "16 March 2026"}


def test_the_sentence_names_what_the_timeline_names(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    a_full_history(session, customer)
    session.commit()
    said = ask(store, seller, customer)
    told = timeline(session, customer.id, kinds=HEARD, limit=EVENTS_TOLD)
    lines = said.splitlines()[1:]
    assert len(lines) == len(told) == EVENTS_TOLD
    for line, event in zip(lines, told, strict=True):
        staff = tell(event, "en", "en_GB").replace("\xa0", " ")
        figures = re.findall(r"[£€][\d,.]*\d|\b[A-Z]+-[\d-]+|\b\d+ \w+ 20\d\d", staff)
        assert all(figure in line for figure in figures), (line, staff)
