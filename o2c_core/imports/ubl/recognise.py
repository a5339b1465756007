"""Whether the seller of a document is ours, and which of our customers its buyer is."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.imports.ubl.einvoice import EInvoice, Party, PartyId

_NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")
_NOT_IN_AN_ID = re.compile(r"[^0-9A-Za-z]+")
# What companies add to their name and leave off again; the name without it is the same company's.
_LEGAL_FORMS = frozenset(
    {
        "ab", "ag", "aps", "as", "asa", "bv", "bvba", "co", "corp", "cv", "eurl", "gmbh", "inc", "kg", "limited", "llc", "llp",
        "ltd", "nv", "oy", "plc", "sa", "sarl", "sas", "sl", "spa", "sprl", "srl", "ug", "vof",
    }
)  # fmt: skip


class OtherSeller(Refused):
    """The document was issued by somebody else than this seller."""


class AccountDiffers(Refused):
    """The account to pay on is not one of the seller's."""


class CustomerUnknown(Refused):
    """The buyer of the document is not known here."""


class CustomerUnclear(Refused):
    """What the document says of its buyer fits more than one customer."""


def check_supplier(seller: Seller, party: Party) -> None:
    """A VAT number on both sides decides; else any other number they share; without one on both sides, the name.

    Raises: OtherSeller, saying what was compared.
    """
    if seller.vat_number and party.vat_id:
        if plain_id(seller.vat_number) != plain_id(party.vat_id):
            raise _other(seller, party, f"its VAT number is {party.vat_id}, and the seller's is {seller.vat_number}")
        return
    compared = []
    for what, number, theirs in (
        ("company number", seller.company_number, [party.company_id, *party.ids]),
        ("electronic address", seller.endpoint, [party.endpoint, *party.ids]),
    ):
        said = [each for each in theirs if each is not None]
        if number and said:
            if any(is_same(number, each) for each in said):
                return
            compared.append(f"its {what} is {said[0]}, and the seller's is {number}")
    if compared:
        raise _other(seller, party, "; ".join(compared))
    ours = {plain_name(name) for name in (seller.name, *(account.holder for account in seller.bank_accounts))}
    if not (ours & {plain_name(party.name), plain_name(party.trading_name)}) - {""}:
        raise _other(
            seller, party, f"the seller is called {seller.name}, and no number of both is on record to compare"
        )


def _other(seller: Seller, party: Party, why: str) -> OtherSeller:
    return OtherSeller(
        f"The document was issued by {party.called}, not by the seller {seller.ref}: {why}.", seller=seller.ref
    )


def check_accounts(seller: Seller, einvoice: EInvoice) -> None:
    """An account on the document that the seller does not have is how invoices are forged.

    Raises: AccountDiffers. Where the seller has no account on record there is nothing to compare with.
    """
    ours = {plain_id(account.iban) for account in seller.bank_accounts}
    foreign = [account for account in einvoice.accounts if plain_id(account) not in ours]
    if ours and foreign:
        raise AccountDiffers(
            f"Invoice {einvoice.number} is to be paid on {' and '.join(foreign)}, which is not an account of the seller "
            f"{seller.ref}; nothing was kept. If the account is right, it is first added to the seller.",
            seller=seller.ref,
        )


def find_customer(session: Session, seller: Seller, buyer: Party) -> Customer | None:
    """The one customer that everything known of the buyer fits; None when nothing fits anybody.

    Compared are the numbers by which the buyer is known there with the customers' reference, company number, VAT number
    and electronic address, without spaces and marks. Raises: CustomerUnclear.
    """
    ids = [each for each in (*buyer.ids, buyer.endpoint, buyer.company_id) if each is not None]
    values = {each.value for each in ids} | ({buyer.vat_id} if buyer.vat_id else set())
    if not values:
        return None
    plain = {plain_id(value) for value in values} | {plain_id(f"{each.scheme}{each.value}") for each in ids}
    columns = (Customer.vat_number, Customer.company_number, Customer.endpoint)
    found = session.scalars(
        select(Customer)
        .where(Customer.seller_id == seller.id, Customer.erased_at.is_(None), Customer.is_walk_in.is_(False))
        .where(or_(Customer.ref.in_(values), *(_plain_column(column).in_(plain) for column in columns)))
        .order_by(Customer.ref)
        .limit(1_000)
    ).all()
    if not found:
        return None
    # What fits by one number must fit by every other number that fits somebody, or two customers are confused.
    candidates = set(found)
    for fits in (
        {customer for customer in found if any(customer.ref == value for value in values)},
        {customer for customer in found if any(is_same(customer.endpoint, each) for each in ids)},
        {customer for customer in found if any(is_same(customer.company_number, each) for each in ids)},
        {customer for customer in found if buyer.vat_id and is_same(customer.vat_number, PartyId(buyer.vat_id))},
    ):
        candidates &= fits or candidates
    if len(candidates) == 1:
        return candidates.pop()
    refs = ", ".join(customer.ref for customer in found[:5])
    raise CustomerUnclear(
        f"The buyer {buyer.called} fits more than one customer ({refs}) by {looked_for(buyer)}; nothing was kept.",
        refs=refs,
    )


def looked_for(buyer: Party) -> str:
    """The numbers by which the buyer was looked for, in words."""
    said = [f"buyer id {each}" for each in buyer.ids]
    said += [f"electronic address {buyer.endpoint}"] if buyer.endpoint else []
    said += [f"company number {buyer.company_id}"] if buyer.company_id else []
    said += [f"VAT number {buyer.vat_id}"] if buyer.vat_id else []
    return ", ".join(said) or "no number at all"


def is_same(ours: str | None, theirs: PartyId | None) -> bool:
    """Whether two writings are one number; ours may have the scheme before it, as in 0106:12345678."""
    if not ours or theirs is None:
        return False
    return plain_id(ours) in (plain_id(theirs.value), plain_id(f"{theirs.scheme}{theirs.value}"))


def plain_id(text: str) -> str:
    """The letters and digits of a number, in upper case."""
    return _NOT_IN_AN_ID.sub("", text).upper()


def plain_name(name: str) -> str:
    """A company's name without marks, case and legal form: "Van Dijk B.V." is VANDIJK. Empty for no name."""
    words = [_NO_LETTER_OR_DIGIT.sub("", word).casefold() for word in name.split()]
    kept = [word for word in words if word and word not in _LEGAL_FORMS]
    return "".join(kept or words)


def _plain_column(column: InstrumentedAttribute[str | None]) -> ColumnElement[Any]:
    """The column as `plain_id` has it."""
    return func.regexp_replace(func.upper(column), "[^A-Z0-9]", "", "g")
