"""A customer made from the buyer of an electronic document."""

from __future__ import annotations

from datetime import datetime

from babel.languages import get_official_languages
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Address, Contact, NotAnAddress, tidy_email
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.imports.ubl.einvoice import EInvoice, Party
from o2c_core.imports.ubl.recognise import CustomerUnknown, looked_for
from o2c_core.trail import note


def create_customer(session: Session, seller: Seller, einvoice: EInvoice, now: datetime, *, may: bool) -> Customer:
    """A customer known by the first number the document says of the buyer.

    Raises: CustomerUnknown when that is not wanted or there is no such number.
    """
    buyer = einvoice.buyer
    ids = [*(each.value for each in buyer.ids), buyer.vat_id, *((buyer.company_id.value,) if buyer.company_id else ())]
    refs = [ref for ref in (*ids, buyer.endpoint.value if buyer.endpoint else "") if ref]
    if not may or not refs:
        raise CustomerUnknown(
            f"The buyer {buyer.called} is not a customer of {seller.ref}; looked for {looked_for(buyer)}. Nothing was kept.",
            seller=seller.ref,
        )
    customer = Customer(
        seller_id=seller.id,
        ref=refs[0],
        name=buyer.called,
        kind="company",
        country=buyer.country,
        language=_language(buyer.country, seller),
        currency=einvoice.currency,
        street=buyer.street or None,
        postcode=buyer.postcode or None,
        city=buyer.city or None,
        vat_number=buyer.vat_id or None,
        company_number=buyer.company_id.value if buyer.company_id else None,
        endpoint=f"{buyer.endpoint.scheme}:{buyer.endpoint.value}" if buyer.endpoint else None,
        created_at=now,
    )
    contact = Contact(name=buyer.called, role="accounts_payable")
    email = _email(buyer)
    if email is not None:
        contact.addresses.append(Address(channel="email", value=email))
    customer.contacts.append(contact)
    session.add(customer)
    session.flush()
    why = f"the buyer of {einvoice.kind.replace('_', ' ')} {einvoice.number}"
    note(session, "customer created", customer, customer_id=customer.id, at=now, who="system", why=why)
    return customer


def _language(country: str, seller: Seller) -> str:
    """The seller's language where it is spoken there, else the first of ours that is, else the seller's."""
    spoken = get_official_languages(country, regional=True, de_facto=True)
    return next((language for language in (seller.language, *LANGUAGES) if language in spoken), seller.language)


def _email(buyer: Party) -> str | None:
    try:
        return tidy_email(buyer.email) if buyer.email else None
    except NotAnAddress:
        return None
