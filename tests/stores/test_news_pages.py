"""News by mail carries a link to the page of what it is about, the same one when it is written anew."""

import re

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.access_link import AccessLink
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, a_shipment, an_invoice, an_order
from tests.stores.telling import a_person, it_happened, messages, tell
from tests.web.portal.visits import open_portal


def _opened(store: Store, text: str) -> str:
    (link,) = re.findall(r"https://parley\.example(/my/in/\S+)", text)
    client: TestClient = open_portal(store)
    return str(client.get(link).headers["location"])


def test_a_mail_about_one_document_leads_to_its_page(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    a_person(customer, "operations", email="ops@jansen.example")
    order = an_order(session, customer, "SO-1")
    it_happened(session, customer, "shipped", a_shipment(session, order).id)
    it_happened(session, customer, "invoice_issued", an_invoice(session, customer, "INV-1").id)
    tell(session, store)
    found = {one.address: _opened(store, one.text) for one in messages(session)}
    assert found == {"ops@jansen.example": "/my/orders/SO-1", "ap@jansen.example": "/my/invoices/INV-1"}
    assert all('href="https://parley.example/my/in/' in (one.html or "") for one in messages(session))
    for message in messages(session):
        whose = select(AccessLink.contact_id).where(AccessLink.contact_id == message.contact_id)
        assert session.scalars(whose).one() == message.contact_id
