"""What every document has in common: who writes to whom, its title and its foot."""

from __future__ import annotations

from datetime import date
from typing import Any

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.wording import Wording


def sheet(
    seller: Seller, customer: Customer, wording: Wording, figures: Figures, *, title: str, number: str, on: date
) -> dict[str, Any]:
    """The words around a document of that title and number, as it stands on that day."""
    return {
        "language": wording.language,
        "region": figures.locale.partition("_")[2],
        "title": title,
        "number": number,
        "author": seller.name,
        "year": on.year,
        "month": on.month,
        "day": on.day,
        "seller": {"name": seller.name, "lines": _seller_lines(seller, customer, figures)},
        "customer": [customer.name, *_address(customer, seller, figures)],
        "foot": " · ".join(_identity(seller, wording)),
        "pages": wording.say("sheet.page"),
    }


def _seller_lines(seller: Seller, customer: Customer, figures: Figures) -> list[str]:
    town = " ".join(part for part in (seller.postcode, seller.city) if part)
    place = ", ".join(part for part in (seller.street, town) if part)
    if place and seller.country != customer.country:
        place = f"{place}, {figures.country(seller.country)}"
    reached = " · ".join(part.replace(" ", "\xa0") for part in (seller.phone, seller.email) if part)
    return [line for line in (place, reached) if line]


def _address(customer: Customer, seller: Seller, figures: Figures) -> list[str]:
    town = " ".join(part for part in (customer.postcode, customer.city) if part)
    lines = [customer.street, town]
    if customer.country != seller.country:
        lines.append(figures.country(customer.country))
    return [line for line in lines if line]


def _identity(seller: Seller, wording: Wording) -> list[str]:
    said = [seller.name]
    if seller.company_number:
        said.append(wording.say("sheet.company_number", number=seller.company_number))
    if seller.vat_number:
        said.append(wording.say("sheet.vat_number", number=seller.vat_number))
    return said
