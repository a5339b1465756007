"""The seller, its customers and the people there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.actions.save_contact import ContactDetails, save_contact
from o2c_core.actions.save_customer import CustomerDetails, save_customer
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import contact_by, customer_by, refs_of, seller_of
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Amount, AmountAsked, Asked, Country, Currency, Line, Moment, Ref, Told, amount
from web.api.writes import WriteHere

router = APIRouter(route_class=KeyedRoute)


class BankAccountTold(Told):
    iban: str
    bic: str | None
    holder: str
    currency: str
    is_default: bool


class SellerTold(Told):
    """The seller whose ledger the key opens."""

    ref: str
    name: str
    country: str
    currency: str
    language: str
    time_zone: str
    payment_terms: str
    vat_number: str | None
    bank_accounts: list[BankAccountTold]


class CustomerTold(Told):
    ref: str
    name: str
    kind: str
    country: str
    language: str
    currency: str
    time_zone: str | None
    street: str | None
    postcode: str | None
    city: str | None
    vat_number: str | None
    company_number: str | None
    endpoint: str | None = Field(description="Peppol participant, as scheme:identifier.")
    parent: str | None = Field(description="The reference of the customer this one belongs to.")
    segment: str | None
    preferred_channel: str | None
    credit_limit: Amount | None
    payment_terms: str = Field(examples=["net 30", "2/10 net 30", "30%@0 + 70%@60"])
    has_own_terms: bool = Field(description="False where the seller's terms hold.")
    created_at: Moment


class CustomerAsked(Asked):
    """A customer as it is to be. What is left out is empty afterwards."""

    name: Line
    kind: Literal["company", "person"] = "company"
    country: Country
    language: Literal["en", "nl", "de", "fr"]
    currency: Currency
    time_zone: Line | None = Field(None, examples=["Europe/Amsterdam"])
    street: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    vat_number: Line | None = None
    company_number: Line | None = None
    endpoint: Line | None = None
    parent: Ref | None = None
    segment: Line | None = None
    preferred_channel: Literal["email", "sms", "whatsapp", "chat"] | None = None
    credit_limit: AmountAsked | None = Field(None, description="In the customer's own currency.")
    payment_terms: Line | None = Field(None, description="The seller's terms hold where this is empty.")


class AddressTold(Told):
    channel: str
    value: str
    is_usable: bool
    verified_at: Moment | None


class ContactTold(Told):
    id: UUID
    name: str
    role: str
    language: str | None
    addresses: list[AddressTold]


class ContactAsked(Asked):
    """A person at the customer, as they are to be. Addresses left out are removed."""

    name: Line
    role: Literal["accounts_payable", "operations", "owner", "general"] = "general"
    language: Literal["en", "nl", "de", "fr"] | None = None
    emails: list[Line] = Field([], max_length=10)
    phones: list[Line] = Field([], max_length=10, description="As dialled in the customer's country, or +31….")


@router.get("/seller", tags=["seller"], responses=described())
def read_seller(caller: CallerHere, store: StoreHere) -> SellerTold:
    with store.session() as session:
        seller = seller_of(session, caller.seller_id)
        return SellerTold(
            ref=seller.ref,
            name=seller.name,
            country=seller.country,
            currency=seller.currency,
            language=seller.language,
            time_zone=seller.time_zone,
            payment_terms=str(seller.terms),
            vat_number=seller.vat_number,
            bank_accounts=[BankAccountTold.model_validate(account) for account in seller.bank_accounts],
        )


@router.get("/customers", tags=["customers"], responses=described(400, 404))
@needs("customers:read")
def list_customers(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    ref: Annotated[Ref | None, Query(description="The customer with that reference, whatever letters it has.")] = None,
    segment: Annotated[Line | None, Query()] = None,
    parent: Annotated[Ref | None, Query(description="Only those that belong to this customer.")] = None,
    created_from: Annotated[Moment | None, Query()] = None,
) -> Page[CustomerTold]:
    query = select(Customer).where(Customer.seller_id == caller.seller_id)
    if ref is not None:
        query = query.where(Customer.ref == ref)
    if segment is not None:
        query = query.where(Customer.segment == segment)
    if created_from is not None:
        query = query.where(Customer.created_at >= created_from)
    with store.session() as session:
        if parent is not None:
            query = query.where(Customer.parent_id == customer_by(session, caller.seller_id, parent).id)
        seller = seller_of(session, caller.seller_id)
        return paging.page(
            session, query, Customer.id, lambda rows: tell_customers(session, seller, [row[0] for row in rows])
        )


@router.get("/customers/{ref}", tags=["customers"], responses=described(404))
@needs("customers:read")
def read_customer(ref: Ref, caller: CallerHere, store: StoreHere) -> CustomerTold:
    with store.session() as session:
        return _tell(session, customer_by(session, caller.seller_id, ref))


@router.put(
    "/customers/{ref}",
    tags=["customers"],
    response_model=CustomerTold,
    responses=described(400, 404, 409) | {201: {"model": CustomerTold, "description": "The customer was added."}},
)
@needs("customers:write")
def put_customer(ref: Ref, asked: CustomerAsked, write: WriteHere) -> Response:
    """Adds the customer of that reference, or makes it what is said here."""
    seller_id = write.caller.seller_id
    with write.store.session() as session:
        is_there = select(Customer.id).where(Customer.seller_id == seller_id, Customer.ref == ref)
        status = 200 if session.scalar(is_there) is not None else 201

    def act(store: Store) -> CustomerTold:
        said = asked.model_dump(exclude={"credit_limit"})
        limit = asked.credit_limit.money() if asked.credit_limit else None
        saved = save_customer(seller_id, ref, CustomerDetails(**said, credit_limit=limit), who=write.who, store=store)
        with write.store.session() as session:
            return _tell(session, session.get_one(Customer, saved.id))

    return write.carry_out(act, status)


@router.get("/customers/{ref}/contacts", tags=["customers"], responses=described(404))
@needs("customers:read")
def list_contacts(ref: Ref, caller: CallerHere, store: StoreHere) -> list[ContactTold]:
    """At most 200 of them, in the order they were entered."""
    with store.session() as session:
        customer = customer_by(session, caller.seller_id, ref)
        query = select(Contact).where(Contact.customer_id == customer.id).options(selectinload(Contact.addresses))
        return [ContactTold.model_validate(one) for one in session.scalars(query.order_by(Contact.id).limit(200))]


@router.post(
    "/customers/{ref}/contacts",
    tags=["customers"],
    status_code=201,
    response_model=ContactTold,
    responses=described(400, 404, 409),
)
@needs("customers:write")
def post_contact(ref: Ref, asked: ContactAsked, write: WriteHere) -> Response:
    return _save(ref, None, asked, write, 201)


@router.put(
    "/customers/{ref}/contacts/{contact_id}",
    tags=["customers"],
    response_model=ContactTold,
    responses=described(400, 404, 409),
)
@needs("customers:write")
def put_contact(ref: Ref, contact_id: UUID, asked: ContactAsked, write: WriteHere) -> Response:
    return _save(ref, contact_id, asked, write, 200)


def _save(ref: str, contact_id: UUID | None, asked: ContactAsked, write: WriteHere, status: int) -> Response:
    def act(store: Store) -> ContactTold:
        with write.store.session() as session:
            customer = customer_by(session, write.caller.seller_id, ref)
            if contact_id is not None:
                contact_by(session, customer, contact_id)
        details = ContactDetails(asked.name, asked.role, asked.language, tuple(asked.emails), tuple(asked.phones))
        return ContactTold.model_validate(save_contact(customer.id, contact_id, details, who=write.who, store=store))

    return write.carry_out(act, status)


def _tell(session: Session, customer: Customer) -> CustomerTold:
    return tell_customers(session, seller_of(session, customer.seller_id), [customer])[0]


def tell_customers(session: Session, seller: Seller, customers: Sequence[Customer]) -> list[CustomerTold]:
    parents = refs_of(session, [one.parent_id for one in customers])
    return [
        CustomerTold(
            parent=parents.get(one.parent_id),
            credit_limit=None if one.credit_limit_minor is None else amount(one.credit_limit_minor, one.currency),
            payment_terms=str(one.terms(seller)),
            has_own_terms=one.payment_terms_days is not None,
            **{name: getattr(one, name) for name in _PLAIN},
        )
        for one in customers
    ]


_PLAIN = (
    "ref", "name", "kind", "country", "language", "currency", "time_zone", "street", "postcode", "city", "vat_number",
    "company_number", "endpoint", "segment", "preferred_channel", "created_at",
)  # fmt: skip
