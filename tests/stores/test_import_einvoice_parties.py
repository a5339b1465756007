"""Whose electronic documents are taken over, and for which customer."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import SellerUnknown
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.imports.ubl.recognise import AccountDiffers, CustomerUnclear, CustomerUnknown, OtherSeller
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import MOMENT, a_customer
from tests.o2c_core.imports.ubl.documents import IBAN, Document
from tests.o2c_core.imports.ubl.ledger import a_seller, imported, invoice, nothing_kept


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "1001")
    session.commit()
    return customer


@pytest.mark.parametrize(
    ("document", "seller_fields"),
    [
        (Document(), {}),
        (Document(seller_vat="NL 1234.56.782.B01"), {}),
        (Document(seller_name="Another Name"), {}),
        (Document(), {"vat_number": None, "company_number": "123 456 78"}),
        (Document(seller_company="999"), {"vat_number": None, "endpoint": "0106:12345678"}),
        (Document(), {"vat_number": None}),
        (Document(seller_name="VAN DIJK GROOTHANDEL"), {"vat_number": None}),
    ],
)
def test_a_seller_is_recognised_by_number_or_where_there_is_none_by_name(
    store: Store, session: Session, tmp_path: Path, document: Document, seller_fields: dict[str, object]
) -> None:
    a_customer(session, a_seller(session, **seller_fields), "1001")
    session.commit()
    assert imported(store, tmp_path, document).outcome == "accepted"


@pytest.mark.parametrize(
    ("document", "seller_fields", "sentence"),
    [
        (
            Document(seller_vat="NL999999999B99"),
            {},
            "its VAT number is NL999999999B99, and the seller's is NL123456782B01",
        ),
        (
            Document(),
            {"vat_number": None, "company_number": "99999999"},
            "its company number is 12345678, and the seller's is 99999999",
        ),
        (Document(seller_name="Van Dam"), {"vat_number": None}, "the seller is called Van Dijk Groothandel"),
        (Document(seller_name="B.V."), {"vat_number": None, "name": "N.V."}, "the seller is called N.V."),
    ],
)
def test_a_document_of_another_seller_is_refused(
    store: Store, session: Session, tmp_path: Path, document: Document, seller_fields: dict[str, object], sentence: str
) -> None:
    a_customer(session, a_seller(session, **seller_fields), "1001")
    session.commit()
    with pytest.raises(OtherSeller, match=sentence.replace(".", r"\.")):
        imported(store, tmp_path, document)
    assert nothing_kept(session)


def test_a_seller_that_is_not_there_is_refused(store: Store, session: Session, tmp_path: Path) -> None:
    with pytest.raises(SellerUnknown, match="There is no seller 'vandijk'"):
        imported(store, tmp_path, Document())


@pytest.mark.parametrize(
    ("fields", "document"),
    [
        ({"ref": "1001"}, Document()),
        ({"ref": "87654321"}, Document(buyer_id=None)),
        ({"ref": "K1", "company_number": "8765 4321"}, Document(buyer_id=None, buyer_endpoint=None, customization="urn:cen.eu:en16931:2017", profile=None)),
        ({"ref": "K1", "vat_number": "nl 0012.34.567.b01"}, Document(buyer_id=None, buyer_company=None)),
        ({"ref": "K1", "endpoint": "0106:87654321"}, Document(buyer_id="unknown", buyer_company=None, buyer_vat=None)),
        ({"ref": "K1", "endpoint": "87654321"}, Document(buyer_id="unknown", buyer_company=None, buyer_vat=None)),
    ],
)  # fmt: skip
def test_a_customer_is_recognised_by_any_number_the_document_gives(
    store: Store, session: Session, seller: Seller, tmp_path: Path, fields: dict[str, object], document: Document
) -> None:
    a_customer(session, seller, "2002", vat_number="NL555555555B01", company_number="11111111")
    customer = a_customer(session, seller, **fields)  # type: ignore[arg-type]
    session.commit()
    assert imported(store, tmp_path, document).customer == customer.ref
    assert invoice(session).customer_id == customer.id


def test_of_two_sites_with_one_vat_number_the_one_whose_number_is_given_is_taken(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    for ref in ("1001", "1002"):
        a_customer(session, seller, ref, vat_number="NL001234567B01")
    session.commit()
    assert imported(store, tmp_path, Document(buyer_id="1002")).customer == "1002"


@pytest.mark.parametrize(
    ("others", "document"),
    [
        ([{"ref": "1001"}, {"ref": "K2", "vat_number": "NL001234567B01"}], Document()),
        (
            [{"ref": "K1", "vat_number": "NL001234567B01"}, {"ref": "K2", "vat_number": "NL001234567B01"}],
            Document(buyer_id=None),
        ),
    ],
)
def test_a_buyer_that_fits_two_customers_is_refused(
    store: Store, session: Session, seller: Seller, tmp_path: Path, others: list[dict[str, str]], document: Document
) -> None:
    for fields in others:
        a_customer(session, seller, **fields)  # type: ignore[arg-type]
    session.commit()
    with pytest.raises(CustomerUnclear, match="fits more than one customer"):
        imported(store, tmp_path, document)
    assert nothing_kept(session)


def test_an_unknown_buyer_is_refused_and_what_was_looked_for_is_named(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    a_customer(session, a_seller(session, "other"), "1001")
    a_customer(session, seller, "87654321", erased_at=MOMENT)
    session.commit()
    with pytest.raises(CustomerUnknown) as refused:
        imported(store, tmp_path, Document())
    assert str(refused.value) == (
        "The buyer Bakkerij Jansen is not a customer of vandijk; looked for buyer id 1001, electronic address 87654321 (0106), "
        "company number 87654321, VAT number NL001234567B01. Nothing was kept."
    )
    assert nothing_kept(session)


def test_a_customer_is_created_only_where_that_was_asked_for(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    session.commit()
    report = imported(store, tmp_path, Document(buyer_country="BE", buyer_vat="BE0123456789"), create_customer=True)
    created = session.scalars(select(Customer)).one()
    assert (created.ref, created.name, created.country, created.language) == ("1001", "Bakkerij Jansen", "BE", "nl")
    assert (created.vat_number, created.endpoint, created.city) == ("BE0123456789", "0106:87654321", "Utrecht")
    (address,) = created.contacts[0].addresses
    assert (address.value, address.verified_at) == ("ap@jansen.example", None)
    assert report.customer_created
    assert session.scalars(select(TrailLine.what).where(TrailLine.customer_id == created.id)).all() == [
        "customer created"
    ]
    assert not imported(store, tmp_path, Document(number="INV-8"), create_customer=True).customer_created


def test_an_invoice_to_be_paid_on_another_account_is_refused(
    store: Store, session: Session, customer: Customer, tmp_path: Path
) -> None:
    with pytest.raises(AccountDiffers, match="NL02ABNA0123456789, which is not an account of the seller vandijk"):
        imported(store, tmp_path, Document(iban="NL02ABNA0123456789"))
    assert nothing_kept(session)
    assert imported(store, tmp_path, Document(iban=None)).outcome == "accepted"


def test_without_an_account_on_record_that_it_could_not_be_compared_is_said(
    store: Store, session: Session, tmp_path: Path
) -> None:
    a_customer(session, a_seller(session, bank_accounts=[]), "1001")
    session.commit()
    assert (
        f"the seller has no account on record to compare {IBAN} with" in imported(store, tmp_path, Document()).remarks
    )
