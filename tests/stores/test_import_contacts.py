"""Contacts from files, at customers that are already in the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller
from tests.o2c_core.imports.files import imported, reasons

HEAD = "Klantnummer,Contactpersoon,Rol,Taal,E-mailadres,Telefoon\n"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "1001")
    session.commit()
    return customer


def people(session: Session) -> dict[str, Contact]:
    session.expire_all()
    return {contact.name: contact for contact in session.scalars(select(Contact))}


def test_people_come_to_their_customer_and_a_second_time_changes_nothing(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    rows = HEAD + "1001,B. Smit,inkoop,Engels,B.Smit@jansen.example,0612345678\n1001,A. Jansen,,,,\n"
    report = imported(store, tmp_path, rows, "contacts")
    assert report.counts["contact"] == {"accepted": 1, "unchanged": 1}
    smit = people(session)["B. Smit"]
    assert (smit.customer_id, smit.role, smit.language) == (customer.id, "operations", "en")
    assert {(address.channel, address.value) for address in smit.addresses} == {
        ("email", "b.smit@jansen.example"),
        ("sms", "+31612345678"),
    }
    assert imported(store, tmp_path, rows, "contacts").counts["contact"] == {"unchanged": 2}


def test_a_new_address_replaces_the_one_nobody_proved(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "1001,B. Smit,,,old@jansen.example,\n", "contacts")
    report = imported(store, tmp_path, HEAD + "1001,b. smit,eigenaar,,new@jansen.example,\n", "contacts")
    assert report.counts["contact"] == {"changed": 1}
    smit = people(session)["B. Smit"]
    assert smit.role == "owner"
    assert {a.value for a in smit.addresses if a.is_usable} == {"new@jansen.example"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9999,B. Smit,,,,", "2: the customer 9999 is not known; import the customers first"),
        ("1001,,,,,", "2: Contactpersoon: is empty"),
        (",B. Smit,,,,", "2: Klantnummer: is empty"),
        ("1001,B. Smit,chef,,,", "2: Rol: 'chef' is not a role: accounts_payable, operations, owner, general"),
    ],
)
def test_a_row_that_cannot_be_taken_over_is_refused_and_the_rest_is_kept(
    store: Store, session: Session, customer: Customer, tmp_path: Path, row: str, reason: str
) -> None:
    report = imported(store, tmp_path, HEAD + row + "\n1001,C. Bos,,,,\n", "contacts")
    assert reasons(report) == [reason]
    assert report.counts["contact"] == {"accepted": 1, "refused": 1}
    assert set(people(session)) == {"A. Jansen", "C. Bos"}


@pytest.mark.parametrize("profile", ["customers", "contacts"])
def test_a_file_does_not_bring_back_who_was_forgotten(
    store: Store, session: Session, customer: Customer, tmp_path: Path, profile: str
) -> None:
    customer.name, customer.erased_at = "Erased person 7f3a", MOMENT
    session.commit()
    head = HEAD if profile == "contacts" else "Klantnummer,Naam,E-mailadres\n"
    row = "1001,B. Smit,,,b@jansen.example,\n" if profile == "contacts" else "1001,B. Smit,b@jansen.example\n"
    report = imported(store, tmp_path, head + row, profile)
    assert "was forgotten on request" in reasons(report)[0]
    assert report.counts == {profile.removesuffix("s"): {"refused": 1}}
    session.expire_all()
    assert customer.name == "Erased person 7f3a"
    assert set(people(session)) == {"A. Jansen"}
