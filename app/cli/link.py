"""`parley link`: a link to a customer's own pages, for whoever asks for one by phone."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from sqlalchemy import select

from app.installation import doorplate, opened_store
from app.settings import settings
from o2c_core.actions.make_access_link import Linked, make_access_link
from o2c_core.conversations.access_links import link_url
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store


class NoAddressOfOurOwn(Refused):
    """Links need the address at which this installation is found from outside: set PARLEY_BASE_URL."""


class SeveralCustomers(Refused):
    """Customers of several sellers have that reference; say which seller with --seller."""


def link(
    customer: Annotated[str, typer.Argument(help="Reference of the customer.")],
    invoice: Annotated[str | None, typer.Option(help="Number of the one invoice it opens.")] = None,
    order: Annotated[str | None, typer.Option(help="Number of the one order it opens.")] = None,
    contact: Annotated[str | None, typer.Option(help="Email address or phone number of whom it is for.")] = None,
    seller: Annotated[
        str | None, typer.Option(help="Reference of the seller, where several have such a customer.")
    ] = None,
) -> None:
    """A link to one invoice, one order, or everything that the contact's role sees. Whoever has it needs no password."""
    plate = doorplate(settings())
    with opened_store() as store:
        sys.stdout.write(
            f"{new_link(customer, plate, store=store, invoice=invoice, order=order, contact=contact, seller=seller)}\n"
        )


def new_link(
    ref: str,
    plate: Doorplate,
    *,
    store: Store,
    invoice: str | None = None,
    order: str | None = None,
    contact: str | None = None,
    seller: str | None = None,
    by: str = "command line",
) -> str:
    """The address of a new link, for the command line and for the demo's guide.

    Raises: NoAddressOfOurOwn; NotFound; SeveralCustomers; NoSuchContact; NobodyToLink.
    """
    if plate.base_url is None:
        raise NoAddressOfOurOwn
    if invoice is not None and order is not None:
        raise Refused("A link opens one invoice or one order; make two for both.")
    query = select(Customer.id).join(Seller, Seller.id == Customer.seller_id).where(Customer.ref == ref)
    with store.session() as session:
        found = list(session.scalars(query.where(Seller.ref == seller) if seller else query))
    if not found:
        raise NotFound(f"There is no customer {ref} here.", ref=ref)
    if len(found) > 1:
        raise SeveralCustomers(ref=ref)
    made = make_access_link(Linked(found[0], invoice, order, contact), store=store, by=by)
    url = link_url(plate, made)
    assert url is not None  # there is a public address
    return url
