"""Customers' own pages over a test's ledger, and visits to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_links import LinkWish, make_link, token_of
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, a_shipment, an_invoice, an_order
from web.portal.pages import portal_pages
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "https://parley.example")
FROM_HERE = {"Origin": "https://parley.example", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Stage:
    """One customer with an invoice of two lines, its order on its way, and a contact of each role."""

    seller: Seller
    customer: Customer
    invoice: Invoice
    order: Order
    people: dict[str, Contact]


def a_stage(session: Session, seller: Seller | None = None, mark: str = "A", **fields: Any) -> Stage:
    seller = seller or a_seller(session, languages=["nl", "en", "de", "fr"])
    customer = a_customer(session, seller, f"C-{mark}", email=None, name=f"Bakkerij {mark}", **fields)
    customer.contacts.clear()
    people = {}
    for role in ("accounts_payable", "operations", "owner", "general"):
        person = Contact(customer_id=customer.id, name=f"{role.title()} {mark}", role=role)
        person.addresses.append(Address(channel="email", value=f"{role}@{mark.lower()}.example", verified_at=MOMENT))
        session.add(person)
        people[role] = person
    session.flush()
    order = an_order(session, customer, f"SO-{mark}1", states=("shipped", "ordered"), purchase_order=f"PO-{mark}")
    for line in order.lines:
        line.description = f"Article {mark}{line.position}"
    a_shipment(session, order, f"TRACK-{mark}")
    invoice = an_invoice(
        session, customer, f"INV-{mark}1", total_minor=12_100, due_on=DAY - timedelta(days=3), order_id=order.id
    )
    for position in (1, 2):
        invoice.lines.append(
            InvoiceLine(
                position=position, sku=f"ART-{mark}{position}", description=f"Article {mark}{position}",
                quantity=Decimal(12), unit_price=Decimal("5.00"), amount_minor=6_000,
            )
        )  # fmt: skip
    invoice.net_minor, invoice.tax_minor = 12_000, 100
    session.commit()
    session.refresh(customer, ["contacts"])
    return Stage(seller, customer, invoice, order, people)


def open_portal(store: Store) -> TestClient:
    app = FastAPI()
    app.include_router(portal_pages(store=store, doorplate=PLATE, chat_token=lambda chat: f"token of {chat.id}"))
    app.mount("/static", static_files())
    return TestClient(app, base_url="https://parley.example", follow_redirects=False, headers=FROM_HERE)


def link_to(
    store: Store, stage: Stage, role: str | None = "accounts_payable", *, invoice: Invoice | None = None,
    order: Order | None = None,
) -> str:  # fmt: skip
    """The path of a link for that contact: to the document, else to the account."""
    with store.session() as session:
        wish = LinkWish(stage.customer, stage.people[role] if role else None, invoice, order)
        link = make_link(session, wish, now=store.clock.now(), by="Eva")
        session.commit()
    return f"/my/in/{token_of(PLATE, link)}"


def visit(store: Store, stage: Stage, role: str | None = "accounts_payable", **what: Any) -> TestClient:
    """A browser in which that link was opened."""
    client = open_portal(store)
    answer = client.get(link_to(store, stage, role, **what))
    assert answer.status_code == 303, answer.text
    return client


def codes(session: Session) -> list[str]:
    """The codes that were sent, the newest last."""
    session.expire_all()
    texts = session.scalars(select(Message.text).where(Message.purpose == "code").order_by(Message.id))
    return [found[0] for text in texts if (found := re.search(r"\b\d{6}\b", text))]


def prove(client: TestClient, session: Session) -> None:
    assert client.post("/my/prove", data={"do": "send"}).status_code == 303
    assert client.post("/my/prove", data={"do": "check", "code": codes(session)[-1]}).status_code == 303


def said(html: str) -> str:
    """What a page says, without its markup."""
    text = unescape(re.sub(r"<[^>]+>", " ", html))
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def form_of(client: TestClient, path: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    page = client.get(path)
    assert page.status_code == 200, (path, page.status_code)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))


def seen_by(client: TestClient, paths: Sequence[str]) -> str:
    """Everything that the pages at those addresses say, their addresses included."""
    return "\n".join(client.get(path).text for path in paths)
