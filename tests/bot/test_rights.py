"""The table of who may learn what covers every tool, and the tools keep to it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.rights import RIGHTS
from bot.tools import TOOLS
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, an_account, say
from tests.build import a_seller

PROOF = "I can only look into an account once I know whose it is."


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return an_account(session, seller)


def test_every_tool_has_its_rights_and_there_is_no_right_without_a_tool() -> None:
    assert set(TOOLS) == set(RIGHTS)


def test_each_right_says_why() -> None:
    assert [name for name, right in RIGHTS.items() if len(right.why.split()) < 5] == []


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_tool_asks_for_as_much_proof_as_its_right_says(name: str) -> None:
    assert TOOLS[name].needs == RIGHTS[name].needs


def test_nothing_that_acts_for_the_customer_is_done_for_anybody_else() -> None:
    open_ = {name for name, right in RIGHTS.items() if right.needs != "proven"}
    assert {name for name in open_ if name in TOOLS and TOOLS[name].acts} == set()


def test_a_known_address_never_has_less_than_a_stranger() -> None:
    rank = {"proof": 0, "some": 1, "may": 2}
    assert [name for name, right in RIGHTS.items() if rank[right.known] < rank[right.stranger]] == []


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("name", sorted(name for name, right in RIGHTS.items() if right.stranger == "proof"))
def test_who_is_not_proven_gets_one_sentence_and_no_fact(
    session: Session, store: Store, seller: Seller, customer: Customer, name: str, known: bool
) -> None:
    session.commit()
    for words in ("", "INV-1", "SO-1", "Bakkerij Jansen C1", "INV-9"):
        desk = a_desk(store, seller, None, known=customer if known else None, words=words)
        number = {"number": words} if words and "number" in TOOLS[name].args.model_fields else {}
        assert say(desk, name, **number).startswith(PROOF)
        assert desk.facts.facts == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(name for name, right in RIGHTS.items() if right.stranger != "proof"))
def test_what_a_stranger_has_from_a_tool_names_nothing_of_an_account(
    session: Session, store: Store, seller: Seller, customer: Customer, name: str, language: str
) -> None:
    session.commit()
    for words in ("INV-1", "SO-1", "Jansen, C1, INV-1?"):
        desk = a_desk(store, seller, None, words=words, language=language)
        fields = TOOLS[name].args.model_fields
        given = {"number": "SO-1"} if "number" in fields else {"words": words} if "words" in fields else {}
        said = say(desk, name, **given)
        for secret in ("Jansen", "125", "INV-1", "SO-1", "T-77", "Flour", "PostNL", "Visser"):
            assert secret not in said, (name, secret)
