"""The evidence pack of each of the demo's late customers: everything about the claim, and nothing of anybody else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import sessionmaker

from app.demo import cast
from app.demo.history import write_history
from o2c_core.actions.make_evidence_pack import EvidencePack, make_evidence_pack
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.evidence import NothingOverdue
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.build import DAY
from tests.conftest import NOON
from tests.o2c_core.documents.papers import text_of


@pytest.fixture(scope="module")
def demo(shared_engine: Engine) -> Iterator[Store]:
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        store = Store(sessions, MovableClock(NOON))
        write_history(store=store, today=DAY)
        yield store
        outer.rollback()


def papers_of(pack: EvidencePack) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return {
        name: text_of(content) if name.endswith(".pdf") else content.decode() for name, content in files.items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def packs(demo: Store) -> dict[str, tuple[EvidencePack, dict[str, str]]]:
    """By customer number, with every word of every paper."""
    found = {}
    with demo.session() as session:
        everybody = session.execute(select(Customer.id, Customer.ref).order_by(Customer.ref)).all()
    for customer_id, ref in everybody:
        try:
            pack = make_evidence_pack(customer_id, store=demo, by="N. Smit")
        except NothingOverdue:
            continue
        found[ref] = (pack, papers_of(pack))
    return found


def test_it_has_order_purchase_order_proof_of_delivery_invoice_and_thread(
    demo: Store, packs: dict[str, tuple[EvidencePack, dict[str, str]]]
) -> None:
    assert len(packs) > 20
    with demo.session() as session:
        for ref, (pack, papers) in packs.items():
            claimed = session.scalars(select(Invoice).join(Customer, Customer.id == Invoice.customer_id)
                                      .where(Customer.ref == ref, Invoice.number.in_(pack.invoices))).all()  # fmt: skip
            for invoice in claimed:
                assert invoice.number in papers[f"invoices/{invoice.number}.pdf"]
                assert invoice.number in papers["00 index.pdf"]
                order = session.get_one(Order, invoice.order_id)
                told = papers[f"orders/{order.number}.txt"]
                assert order.purchase_order is None or order.purchase_order in told
                for shipment in order.shipments:
                    for proof in (shipment.tracking_number, shipment.received_by, shipment.proof_reference):
                        assert proof is None or proof in told
            said = session.scalars(
                select(Message.text)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .join(Customer, Customer.id == Conversation.customer_id)
                .where(Customer.ref == ref, Message.direction == "in")
            )
            for text in said:
                assert text.rstrip() in papers["Berichten.txt"]
    centraal = packs[cast.STOPPED_PAYING][1]
    assert "PO-9948" in centraal["orders/SO-1189.txt"]
    assert "Volgende week is het geregeld" in centraal["Bezwaren en toezeggingen.txt"]
    assert "47 dagen te laat" in centraal["Herinneringen.txt"]


def test_nobody_else_is_in_it(demo: Store, packs: dict[str, tuple[EvidencePack, dict[str, str]]]) -> None:
    theirs: dict[str, list[str]] = {}
    with demo.session() as session:
        for ref, name in session.execute(select(Customer.ref, Customer.name)):
            theirs.setdefault(ref, []).extend([ref, name])
        for numbers in (Invoice, Order):
            rows = select(Customer.ref, numbers.number).join(Customer, Customer.id == numbers.customer_id)
            for ref, number in session.execute(rows):
                theirs[ref].append(number)
    for ref, (_, papers) in packs.items():
        everything = "\n".join([*papers, *papers.values()])
        for other, words in theirs.items():
            if other != ref:
                assert not [word for word in words if word in everything], (ref, other)
