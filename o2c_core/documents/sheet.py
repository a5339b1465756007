"""What every document has in common: who writes to whom, its title and its foot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.wording import Wording


def sheet(
    seller: Seller,
    customer: Customer,
    wording: Wording,
    figures: Figures,
    *,
    title: str,
    number: str,
    on: date,
    buyer: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The words around a document of that title and number, as it stands on that day.

    `buyer` is who it was issued to, where that was kept; else it is the customer as known now.
    """
    reader = customer.as_buyer() if buyer is None else buyer
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
        "customer": [reader["name"], *_address(reader, seller, figures)],
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


def _address(reader: Mapping[str, str], seller: Seller, figures: Figures) -> list[str]:
    town = " ".join(part for part in (reader.get("postcode"), reader.get("city")) if part)
    lines = [reader.get("street"), town]
    country = reader.get("country")
    if country and country != seller.country:
        lines.append(figures.country(country))
    return [line for line in lines if line]


def _identity(seller: Seller, wording: Wording) -> list[str]:
    said = [seller.name]
    if seller.company_number:
        said.append(wording.say("sheet.company_number", number=seller.company_number))
    if seller.vat_number:
        said.append(wording.say("sheet.vat_number", number=seller.vat_number))
    return said
