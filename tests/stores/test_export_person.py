"""A person gets everything that is kept about them, and nothing of anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.erase_person import Erasure, erase_person
from o2c_core.actions.export_person import FORMAT, VERSION, export_person
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.privacy.holdings import holdings
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller, an_invoice
from tests.stores.persons import ACCOUNT, EMAIL, NAME, PHONE, WORDS, a_person, said


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


def _every_row(exported: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    def inside(name: str, rows: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for row in rows:
            if isinstance(row, dict):
                yield name, row
                for inner, value in row.items():
                    if isinstance(value, list):
                        yield from inside(inner, value)

    for name, rows in exported["data"].items():
        yield from inside(name, rows)


def test_everything_that_is_kept_about_a_person_is_given_out(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    exported = export_person(person.id, by="Kim", store=store)
    assert (exported["format"], exported["version"]) == (FORMAT, VERSION)
    assert exported["person"] == {"kind": "person", "customer": person.ref, "name": NAME, "is_erased": False}
    filled = {name for name, rows in exported["data"].items() if rows}
    assert filled >= {
        "customer", "contacts", "orders", "invoices", "payments", "write_offs", "allocations", "disputes", "complaints",
        "promises", "plans", "holds", "conversations", "reminders", "payer_accounts", "bank_transactions", "trail",
        "payments_said", "document_problems", "escalations", "approvals", "reminders_skipped", "reminder_decisions",
        "ladder_choices", "informed", "informing_wishes", "tasks",
    }  # fmt: skip
    [contact] = exported["data"]["contacts"]
    assert {address["value"] for address in contact["addresses"]} == {EMAIL, PHONE}
    assert contact["consent"][0]["words"] == f"no offers, {WORDS}"
    [told] = exported["data"]["informed"]
    assert (told["step"], told["state"]) == ("invoice_issued", "told")
    [said_paid] = exported["data"]["payments_said"]
    assert (said_paid["words"], len(said_paid["invoices"])) == (WORDS, 1)
    [invoice] = exported["data"]["invoices"]
    assert (invoice["number"], invoice["total"]) == ("INV-777", {"minor": 12_500, "currency": "EUR"})
    assert invoice["lines"][0]["amount"] == {"minor": 12_500, "currency": "EUR"}
    assert invoice["taxes"][0]["base"] == {"minor": 12_500, "currency": "EUR"}
    assert exported["data"]["orders"][0]["shipments"][0]["received_by"] == NAME
    messages = [message for one in exported["data"]["conversations"] for message in one["messages"]]
    assert any(message["understanding"] == {"mood": "angry", "words": f"Hello, {WORDS}. Call me on 06-1234 5678."} for message in messages)  # fmt: skip
    assert any(message["receipts"] for message in messages)
    assert {one["payer_account"] for one in exported["data"]["bank_transactions"]} == {ACCOUNT}
    assert exported["inferred"]["segment"] == "late payers"


def test_every_amount_has_its_currency_and_all_of_it_is_json(session: Session, store: Store, seller: Seller) -> None:
    exported = export_person(a_person(session, seller).id, by="Kim", store=store)
    assert json.loads(json.dumps(exported)) == exported
    amounts = [
        value
        for _, row in _every_row(exported)
        for value in row.values()
        if isinstance(value, dict) and "minor" in value
    ]
    assert len(amounts) > 15
    assert {amount["currency"] for amount in amounts} == {"EUR"}
    assert not any(name.endswith("_minor") for _, row in _every_row(exported) for name in row)


def test_nothing_of_another_customer_or_seller_is_in_it(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    other = a_customer(session, seller, name=NAME, kind="person", email="other@wael.example")
    said(session, other, f"{WORDS}, said the other", address="other@wael.example", sender_key="5")
    an_invoice(session, other, "INV-OTHER")
    far = a_customer(session, a_seller(session, "far"), name=NAME, kind="person", email=EMAIL)
    said(session, far, f"{WORDS}, far away", sender_key="6")
    an_invoice(session, far, "INV-FAR")
    session.commit()
    text = json.dumps(export_person(person.id, by="Kim", store=store))
    for foreign in (
        "INV-OTHER",
        "INV-FAR",
        "other@wael.example",
        "said the other",
        "far away",
        str(other.id),
        str(far.id),
    ):
        assert foreign not in text
    assert WORDS in text


def test_what_a_stranger_wrote_from_the_persons_address_is_theirs(
    session: Session, store: Store, seller: Seller
) -> None:
    person = a_person(session, seller)
    said(session, person, "before you knew me", sender_key="7")
    newest = session.scalars(select(Conversation).order_by(Conversation.id.desc()).limit(1)).one()
    newest.customer_id = None
    session.commit()
    assert "before you knew me" in json.dumps(export_person(person.id, by="Kim", store=store))


def test_a_contact_gets_what_is_theirs_and_not_the_companys_ledger(
    session: Session, store: Store, seller: Seller
) -> None:
    company = a_customer(session, seller, name="Wael Bakeries", email="office@bakeries.example")
    sophie = Contact(customer_id=company.id, name=NAME, addresses=[Address(channel="email", value=EMAIL)])
    session.add(sophie)
    an_invoice(session, company, "INV-1")
    said(session, company, WORDS)
    said(session, company, "of a colleague", address="office@bakeries.example", sender_key="8")
    session.commit()
    exported = export_person(company.id, sophie.id, by="Kim", store=store)
    text = json.dumps(exported)
    assert exported["person"]["kind"] == "contact"
    assert WORDS in text
    for foreign in ("INV-1", "of a colleague", "office@bakeries.example", "A. Jansen"):
        assert foreign not in text
    assert exported["data"]["invoices"] == []


def test_who_was_erased_gets_what_is_still_there_and_no_words(session: Session, store: Store, seller: Seller) -> None:
    person = a_person(session, seller)
    erase_person(Erasure(person.id), by="Kim", why="asked", store=store)
    exported = export_person(person.id, by="Kim", store=store)
    assert exported["person"]["is_erased"]
    assert NAME not in json.dumps(exported)
    assert exported["data"]["invoices"][0]["number"] == "INV-777"


def test_it_says_what_is_left_out_and_why_and_how_long_things_stay(
    session: Session, store: Store, seller: Seller
) -> None:
    exported = export_person(a_person(session, seller).id, by="Kim", store=store)
    assert set(exported["not_included"]) == {name for name, one in holdings().items() if not one.is_somebodys}
    assert all(exported["not_included"].values())
    assert exported["kept_for"]["bookkeeping"]["months"] == 84  # the seller is in the Netherlands


def test_the_trail_says_that_it_was_given_out(session: Session, store: Store, seller: Seller) -> None:
    export_person(a_person(session, seller).id, by="Kim", why="asked by letter", store=store)
    line = session.scalars(select(TrailLine).where(TrailLine.what == "person exported")).one()
    assert (line.who, line.why) == ("Kim", "asked by letter")


def test_nobody_and_another_customers_contact_are_not_found(session: Session, store: Store, seller: Seller) -> None:
    person, company = a_person(session, seller), a_customer(session, seller)
    session.commit()
    with pytest.raises(NotFound):
        export_person(seller.id, by="Kim", store=store)
    with pytest.raises(NotFound):
        export_person(company.id, person.contacts[0].id, by="Kim", store=store)
