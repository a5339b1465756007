"""Customers, contacts and addresses from files, in the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import SellerUnknown
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_seller
from tests.o2c_core.imports.files import a_profile, imported, reasons

HEAD = "Klantnummer,Naam,Soort,Land,Taal,Betalingstermijn,Contactpersoon,Rol,E-mailadres,Telefoon\n"


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def customer(session: Session, ref: str = "1001") -> Customer:
    session.expire_all()
    return session.scalars(select(Customer).where(Customer.ref == ref)).one()


def usable(contact: Contact) -> set[str]:
    return {address.value for address in contact.addresses if address.is_usable}


def test_a_customer_comes_with_contact_and_addresses_that_are_not_proven(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    row = "1001,Bakkerij Jansen,bedrijf,België,Frans,30 dagen netto,A. Jansen,boekhouding, AP@Jansen.Example ,0475 12 34 56\n"
    report = imported(store, tmp_path, HEAD + row, "customers")
    taken = customer(session)
    assert (taken.name, taken.kind, taken.country, taken.language) == ("Bakkerij Jansen", "company", "BE", "fr")
    assert (taken.currency, taken.payment_terms_days, taken.is_walk_in) == ("EUR", 30, False)
    (contact,) = taken.contacts
    assert (contact.name, contact.role) == ("A. Jansen", "accounts_payable")
    assert {(a.channel, a.value, a.verified_at) for a in contact.addresses} == {
        ("email", "ap@jansen.example", None),
        ("sms", "+32475123456", None),
    }
    assert report.counts == {"customer": {"accepted": 1}}


def test_several_rows_of_one_customer_are_its_contacts(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    rows = (
        "1001,Bakkerij Jansen,,NL,,,A. Jansen,,a@jansen.example,\n"
        "1001,Bakkerij Jansen,,NL,,,B. Jansen,eigenaar,b@jansen.example,\n"
    )
    report = imported(store, tmp_path, HEAD + rows, "customers")
    assert [(contact.name, contact.role) for contact in customer(session).contacts] == [
        ("A. Jansen", "general"),
        ("B. Jansen", "owner"),
    ]
    assert report.counts["customer"] == {"accepted": 1}
    assert imported(store, tmp_path, HEAD + rows, "customers").counts["customer"] == {"unchanged": 1}


def test_what_a_new_file_says_replaces_the_old_and_what_it_leaves_empty_stays(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "1001,Jansen,particulier,BE,fr,14,A. Jansen,,old@jansen.example,\n", "customers")
    report = imported(
        store, tmp_path, HEAD + "1001,Bakkerij Jansen,,,,,a. jansen,ap,new@jansen.example,\n", "customers"
    )
    taken = customer(session)
    assert report.counts["customer"] == {"changed": 1}
    assert (taken.name, taken.kind, taken.country, taken.language) == ("Bakkerij Jansen", "person", "BE", "fr")
    assert taken.payment_terms_days == 14
    (contact,) = taken.contacts
    assert contact.role == "accounts_payable"
    assert usable(contact) == {"new@jansen.example"}
    assert session.scalars(select(TrailLine.what).where(TrailLine.customer_id == taken.id)).all() == [
        "customer changed"
    ]


def test_an_address_comes_back_into_use_when_the_file_names_it_again(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    for mail in ("one@jansen.example", "two@jansen.example", "one@jansen.example"):
        imported(store, tmp_path, HEAD + f"1001,Jansen,,NL,,,A. Jansen,,{mail},\n", "customers")
    assert usable(customer(session).contacts[0]) == {"one@jansen.example"}


def test_an_address_the_customer_proved_outlives_what_a_file_says(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "1001,Jansen,,NL,,,A. Jansen,,proven@jansen.example,\n", "customers")
    session.scalars(select(Address)).one().verified_at = MOMENT
    session.commit()
    imported(store, tmp_path, HEAD + "1001,Jansen,,NL,,,A. Jansen,,typed@jansen.example,\n", "customers")
    assert usable(customer(session).contacts[0]) == {"proven@jansen.example", "typed@jansen.example"}


def test_an_address_that_bounced_is_not_revived_by_a_file(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, HEAD + "1001,Jansen,,NL,,,A. Jansen,,gone@jansen.example,\n", "customers")
    address = session.scalars(select(Address)).one()
    address.failed_at, address.failed_why = MOMENT, "hard bounce"
    session.commit()
    imported(store, tmp_path, HEAD + "1001,Janssen,,NL,,,A. Jansen,,gone@jansen.example,\n", "customers")
    assert usable(customer(session).contacts[0]) == set()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",Jansen,,NL,,,,,,", "Klantnummer: is empty"),
        ("1002,,,NL,,,,,,", "Naam: is empty"),
        ("1002,Jansen,zzp,NL,,,,,,", "Soort: 'zzp' is neither company nor person"),
        ("1002,Jansen,,Atlantis,,,,,,", "Land: 'Atlantis' is not a country known here"),
        ("1002,Jansen,,NL,,soon,,,,", "Betalingstermijn: 'soon' is not a number of days to pay"),
        ("1002,Jansen,,NL,,999,,,,", "Betalingstermijn: '999' is more than a year to pay"),
        ("1002,Jansen,,NL,,,Jan,chef,,", "Rol: 'chef' is not a role"),
    ],
)
def test_a_customer_that_cannot_be_read_is_refused_and_the_others_are_kept(
    store: Store, session: Session, seller: Seller, tmp_path: Path, row: str, reason: str
) -> None:
    report = imported(store, tmp_path, f"{HEAD}{row}\n1001,Jansen,,NL,,,,,,\n", "customers")
    assert reasons(report)[0].startswith(f"2: {reason}")
    assert session.scalars(select(Customer.ref)).all() == ["1001"]
    assert report.counts["customer"] == {"refused": 1, "accepted": 1}


def test_a_wrong_address_or_a_foreign_language_does_not_keep_a_customer_out_and_is_said(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    report = imported(store, tmp_path, HEAD + "1001,Jansen,,NL,Spaans,,A. Jansen,,not an address,12\n", "customers")
    taken = customer(session)
    assert taken.language == "nl"
    assert [(contact.name, contact.addresses) for contact in taken.contacts] == [("A. Jansen", [])]
    assert report.is_all_good
    assert report.remarks == [
        "a language that Parley does not speak was replaced by the seller's (line 2: 'Spaans')",
        "an email address that cannot exist was left out (line 2: 'not an address')",
        "a phone number that cannot exist was left out (line 2: '12')",
    ]


def test_without_the_seller_nothing_is_imported_and_a_profile_can_bring_one(
    store: Store, session: Session, tmp_path: Path
) -> None:
    content = HEAD + "1001,Jansen,,NL,,,,,,\n"
    with pytest.raises(
        SellerUnknown, match=r"no seller 'vandijk', and the profile 'customers' has no \[seller\] table"
    ):
        imported(store, tmp_path, content, "customers")
    own = a_profile(
        tmp_path,
        """
        extends = "customers"
        [seller]
        name = "Van Dijk"
        country = "NL"
        currency = "EUR"
        language = "nl"
        time_zone = "Europe/Amsterdam"
        payment_terms_days = 21
        """,
    )
    assert imported(store, tmp_path, content, own).seller_created
    made = session.scalars(select(Seller)).one()
    assert (made.ref, made.name, made.payment_terms_days) == ("vandijk", "Van Dijk", 21)


def test_customers_that_a_file_puts_above_each_other_stay_without_a_parent(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    content = "Customer number,Name,Parent\nA,A,C\nB,B,A\nC,C,B\nD,D,A\n"
    report = imported(store, tmp_path, content, "customers")
    parents = {ref: customer(session, ref).parent_id for ref in "ABCD"}
    assert parents == {"A": None, "B": None, "C": None, "D": customer(session, "A").id}
    assert "3 customers would be above themselves, such as A; they are without a parent" in report.remarks
