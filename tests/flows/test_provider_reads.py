"""What a provider's model is handed, and what the customer reads of what it had us offer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.assistant import Assistant, Terms, provider_model
from bot.turn import House, answer_waiting, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.cases.hold import Hold
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.keeping import store_once
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.provider_server import Asked, Provider, Said, calls, had_tool

ANNE, NOBODY = "anne@jansen.example", "wie@elders.example"


def offers_a_copy_and_says_something_else(asked: Asked) -> dict[str, Any]:
    return {"content": "Dank u."} if had_tool(asked) else calls(("invoice_copy", {"numbers": ["INV-2026-0042"]}))


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001", email=ANNE)
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=5))
    session.commit()
    return jansen


class Willing(Provider):
    """A provider that says what stands in `says` at the moment it is asked."""

    def __init__(self) -> None:
        self.says: Said = offers_a_copy_and_says_something_else
        super().__init__(lambda asked: self.says(asked))


@pytest.fixture
def provider() -> Iterator[Willing]:
    provider = Willing()
    yield provider
    provider.close()


@pytest.fixture
def house(store: Store, provider: Provider) -> House:
    model = provider_model("openai:stub", key="k", address=provider.address, seconds=8)
    return House(store, lambda: None, Assistant(model, Terms("stub", 8)))


def test_what_is_offered_is_read_also_when_the_model_leaves_it_out(house: House, jansen: Customer) -> None:
    incoming = Incoming(jansen.seller_id, "chat", "Stuur INV-2026-0042 nog eens", jansen.id, "proven")
    turn = take_turn(incoming, house)
    assert turn.proposal is not None
    assert turn.proposal["says"] in str(turn.reply)
    assert str(turn.reply).endswith("Zal ik dat doen?")
    with house.store.session() as session:
        assert session.scalars(select(Proposal.says)).one() in str(turn.reply)


def mailed(house: House, customer: Customer, text: str, address: str, identity: str) -> None:
    with house.store.session() as session:
        now = house.store.clock.now()
        thread = session.scalars(select(Conversation)).one_or_none() or Conversation(
            seller_id=customer.seller_id, customer_id=customer.id, channel="email", address=ANNE, identity="proven",
            speaker="assistant", state="open", version=0, introduced=True, opened_at=now, updated_at=now,
        )  # fmt: skip
        session.add(thread)
        session.flush()
        thread.version += 1
        message_id = store_once(
            session, thread.id, "email", text, address=address, understanding={"identity": identity}, created_at=now
        )
        session.commit()
    assert message_id is not None
    answer_waiting(message_id, house)


@pytest.mark.parametrize(("address", "identity", "is_told"), [(ANNE, "proven", True), (NOBODY, "stranger", False)])
def test_nothing_of_a_thread_is_handed_over_for_somebody_it_was_not_written_to(
    house: House, jansen: Customer, provider: Provider, address: str, identity: str, is_told: bool
) -> None:
    mailed(house, jansen, "Stuur INV-2026-0042 nog eens, wij ruziën over de bakblikken", ANNE, "proven")
    provider.asked.clear()
    mailed(house, jansen, "En wat is er verder?", address, identity)
    handed_over = json.dumps([asked["messages"] for asked in provider.asked], ensure_ascii=False)
    assert provider.asked
    for told in ("INV-2026-0042 nog eens", "bakblikken", "Proposed: invoice_copy"):
        assert (told in handed_over) is is_told


@pytest.mark.parametrize("call", [
    ("opt_out", {}), ("wrong_contact", {"words": "I am not Anne"}), ("call_person", {"words": "bereavement"}),
    ("call_person", {"words": "insolvency"}), ("call_person", {"words": "vulnerable"}), ("call_person", {"words": "legal_threat"}),
])  # fmt: skip
def test_what_takes_effect_at_once_does_so_by_the_customers_words_and_not_by_a_models_call(
    store: Store, jansen: Customer, provider: Willing, house: House, call: tuple[str, dict[str, Any]]
) -> None:
    provider.says = lambda asked: {"content": "Dank u."} if had_tool(asked) else calls(call)
    mailed(house, jansen, "Wat staat er nog open op onze rekening?", ANNE, "proven")
    assert had_tool(provider.asked[-1])
    with store.session() as session:
        assert session.scalars(select(Consent)).all() == []
        assert session.scalars(select(Hold)).all() == []
        assert session.scalars(select(Address.failed_at)).all() == [None]


@pytest.mark.parametrize(("words", "is_held"), [
    ("Mijn man is vorige week overleden en ik weet niet wat ik met de facturen moet", True),
    ("Wij hebben gisteren faillissement aangevraagd", True),
    ("Onze printer is overleden, kunt u INV-2026-0042 nog eens mailen?", False),
    ("My printer died, please send me INV-2026-0042 again", False),
    ("The dishwasher you delivered is dead on arrival", False),
])  # fmt: skip
def test_reminders_pause_for_grave_words_and_not_for_a_dead_printer(
    store: Store, jansen: Customer, words: str, is_held: bool
) -> None:
    mailed(House(store, lambda: None, Assistant()), jansen, words, ANNE, "proven")
    with store.session() as session:
        holds = session.scalars(select(Hold)).all()
        assert [one.kind for one in holds] == (["reminders"] if is_held else [])
        assert all(one.until_on is not None for one in holds)
