"""A seller is opened and changed as its profile says, all of it or nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.save_seller import AccountInUse, CurrencyInUse, save_seller
from o2c_core.customers.authority import authority_of
from o2c_core.customers.seller import Seller
from o2c_core.customers.seller_profile import SellerUnclear, read_profile
from o2c_core.errors import Refused
from o2c_core.invoices.bank import BankStatement
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_customer, an_invoice

PROFILE: dict[str, Any] = {
    "name": "Van Dijk België",
    "country": "BE",
    "currency": "EUR",
    "language": "nl",
    "languages": ["nl", "fr"],
    "time_zone": "Europe/Brussels",
    "payment_terms_days": 14,
    "vat_number": "BE0123456749",
    "bank_accounts": [
        {"iban": "BE71 0961 2345 6769", "holder": "Van Dijk België NV", "currency": "EUR", "is_default": True},
        {"iban": "GB29NWBK60161331926819", "holder": "Van Dijk België NV", "currency": "GBP"},
    ],
    "senders": [
        {"channel": "email", "value": " AP@VanDijk.example", "name": "Van Dijk"},
        {"channel": "sms", "value": "0475 12 34 56"},
    ],
    "numbering": {"invoice": "BE{year}-{number:05}"},
    "order_flow": {"confirm": "automatic", "invoice_on": "delivery"},
    "authority": {"agent": {"write_off_max": 5}},
}


def test_the_file_that_the_documentation_shows_can_be_saved(store: Store) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sellers.md").read_text(encoding="utf-8")
    shown = page.split("```toml\n")[1].split("```")[0]
    assert "numbering" in save_seller("shown", read_profile(tomllib.loads(shown)), store=store)[1]


def saved(store: Store, **changes: Any) -> list[str]:
    return save_seller("be", read_profile(PROFILE | changes), store=store)[1]


def test_a_seller_is_opened_with_all_its_profile_says(store: Store, session: Session) -> None:
    assert "bank_accounts" in saved(store)
    seller = session.scalars(select(Seller).where(Seller.ref == "be")).one()
    assert [(account.iban, account.is_default) for account in seller.bank_accounts] == [
        ("BE71096123456769", True),
        ("GB29NWBK60161331926819", False),
    ]
    paid_in = {
        currency: account.iban for currency in ("EUR", "GBP", "USD") if (account := seller.account_for(currency))
    }
    assert paid_in == {"EUR": "BE71096123456769", "GBP": "GB29NWBK60161331926819", "USD": "BE71096123456769"}
    assert {(sender.channel, sender.value) for sender in seller.senders} == {
        ("email", "ap@vandijk.example"),
        ("sms", "+32475123456"),
    }
    assert (authority_of("agent", seller).write_off_max, authority_of("manager", seller).write_off_max) == (5, 5_000)


def test_the_same_profile_again_changes_nothing_and_another_only_what_differs(store: Store, session: Session) -> None:
    saved(store)
    assert saved(store) == []
    assert saved(store, name="Van Dijk BE", senders=[]) == ["name", "senders"]
    lines = session.scalars(select(TrailLine).where(TrailLine.subject == "seller").order_by(TrailLine.id))
    assert [line.what for line in lines] == ["seller opened", "seller changed"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"currency": "EURO"}, "currency: 'EURO' is not a currency of ISO 4217"),
        ({"time_zone": "Europe/Antwerp"}, "time_zone: 'Europe/Antwerp' is not a time zone"),
        ({"language": "es"}, "language: 'es' is not one of en, nl, de, fr"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"name": "  "}, "name: String should have at least 1 character"),
        ({"bank_accounts": [{"iban": "BE71096123456760", "holder": "X", "currency": "EUR"}]}, "its check digits do not fit"),
        ({"senders": [{"channel": "sms", "value": "12"}]}, "'12' is neither an email address nor a phone number"),
        ({"numbering": {"invoice": "INV"}}, "A numbering pattern has {number} once"),
        ({"numbering": {"quote": "Q{number}"}}, "There is no numbering for 'quote'"),
        ({"authority": {"intern": {}}}, "'intern' is not a role"),
        ({"authority": {"agent": {"fun": 1}}}, "'fun' is not a limit"),
        ({"order_flow": {"confirm": "maybe"}}, "order_flow.confirm: Input should be 'automatic' or 'by hand'"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_kept(
    store: Store, session: Session, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        saved(store, **changes)
    assert sentence in refused.value.sentence
    assert session.scalars(select(Seller)).all() == []


def test_what_the_ledger_already_stands_on_stays(store: Store, session: Session) -> None:
    saved(store)
    seller = session.scalars(select(Seller)).one()
    an_invoice(session, a_customer(session, seller))
    account = seller.bank_accounts[0]
    session.add(
        BankStatement(
            seller_id=seller.id, bank_account_id=account.id, number="1", format="camt.053", file="x", checksum="x",
            currency="EUR", imported_at=MOMENT,
        )
    )  # fmt: skip
    session.commit()
    with pytest.raises(CurrencyInUse):
        saved(store, currency="USD")
    with pytest.raises(AccountInUse, match="The account BE71096123456769 has statements in the ledger"):
        saved(store, bank_accounts=[])
    assert issubclass(AccountInUse, SellerUnclear)
