"""The evidence pack: everything on record about a claim in one file, and nothing of anybody else."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.make_evidence_pack import EvidencePack, make_evidence_pack
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.conversations.preference_links import preferences_url, unsubscribe_url
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.evidence import NothingOverdue
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_payment, a_shipment, an_invoice, an_order
from tests.o2c_core.documents.papers import text_of
from tests.stores.noticing import late_customer, sent, word_about


def pack_of(store: Store, customer: Customer, *numbers: str) -> EvidencePack:
    with store.session() as session:
        ids = list(session.scalars(select(Invoice.id).where(Invoice.number.in_(numbers))))
    return make_evidence_pack(customer.id, store=store, by="Anna Smit", invoice_ids=ids)


def opened(pack: EvidencePack) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(pack.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def said(session: Session, customer: Customer, text: str, **fields: object) -> None:
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", version=1, introduced=True,
        opened_at=MOMENT, updated_at=MOMENT,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    session.add(
        Message(
            **{
                "conversation_id": thread.id, "direction": "in", "author": "customer", "purpose": "question",
                "channel": "email", "text": text, "delivery": "received", "created_at": MOMENT, "understanding": {},
            } | fields
        )
    )  # fmt: skip
    session.commit()


@pytest.fixture
def customer(session: Session) -> Customer:
    """Two late invoices, one for an order that was delivered and signed for."""
    made = late_customer(session, 100_000, 50_000)
    order = an_order(session, made, "SO-7", purchase_order="PO-4711", states=("delivered",))
    a_shipment(session, order, delivered_on=DAY - timedelta(days=40), received_by="J. de Wit", proof_kind="signature")
    session.scalars(select(Invoice).where(Invoice.number == "INV-2026-0001")).one().order_id = order.id
    session.commit()
    return made


def test_it_has_what_shows_the_claim_from_order_to_notice(store: Store, session: Session, customer: Customer) -> None:
    a_dispute(session, session.scalars(select(Invoice).where(Invoice.number == "INV-2026-0002")).one(), 10_000)
    said(session, customer, "We betalen vrijdag, echt waar")
    said(session, customer, "Uw factuur staat nog open", direction="out", author="assistant", purpose="reminder",
         delivery="delivered", sent_at=MOMENT)  # fmt: skip
    notice = sent(store, customer)
    word_about(store, notice, "delivered")
    pack = pack_of(store, customer)
    files = opened(pack)
    assert set(files) == {
        "00 index.pdf", "orders/SO-7.txt", "invoices/INV-2026-0001.pdf", "invoices/INV-2026-0002.pdf",
        "Rekeningoverzicht EUR.pdf", "Bezwaren en toezeggingen.txt", "Herinneringen.txt", "Berichten.txt",
        "Aanmaningen.txt", "notices/N-101.pdf",
    }  # fmt: skip
    order = files["orders/SO-7.txt"].decode()
    assert "PO-4711" in order
    assert "J. de Wit" in order
    assert "signature" in order
    assert "We got nine of twelve" in files["Bezwaren en toezeggingen.txt"].decode()
    assert "We betalen vrijdag, echt waar" in files["Berichten.txt"].decode()
    assert "Uw factuur staat nog open" in files["Herinneringen.txt"].decode()
    assert "Uw factuur staat nog open" not in files["Berichten.txt"].decode()
    told = files["Aanmaningen.txt"].decode()
    assert "2026-03-30" in told
    with store.session() as other:
        assert files["notices/N-101.pdf"] == other.get_one(type(notice), notice.id).file
    assert pack.open == {"EUR": Money(150_000, "EUR")}
    assert set(pack.files) == set(files) - {"00 index.pdf"}


def test_its_index_names_every_paper_and_every_invoice_with_its_figures(
    store: Store, session: Session, customer: Customer
) -> None:
    files = opened(pack_of(store, customer))
    index = text_of(files["00 index.pdf"])
    for name in set(files) - {"00 index.pdf"}:
        assert name.rpartition("/")[2].replace(".pdf", "") in index
    assert "€ 1.500,00" in index
    assert "INV-2026-0002" in index


def test_only_the_invoices_that_are_asked_about(store: Store, customer: Customer) -> None:
    pack = pack_of(store, customer, "INV-2026-0002")
    assert pack.invoices == ("INV-2026-0002",)
    assert not any("SO-7" in name or "INV-2026-0001" in name for name in opened(pack))


def all_words_of(pack: EvidencePack) -> str:
    """Every word a reader of the pack could find, in its papers and their names."""
    files = opened(pack)
    words = [text_of(content) if name.endswith(".pdf") else content.decode() for name, content in files.items()]
    return "\n".join([*files, *words])


def test_nothing_of_another_customer_is_in_it(store: Store, session: Session, customer: Customer) -> None:
    seller = session.get_one(Seller, customer.seller_id)
    other = a_customer(session, seller, "C9", name="De Boer", parent_id=customer.id)
    order = an_order(session, other, "SO-THEIRS", purchase_order="PO-THEIRS", states=("delivered",))
    a_shipment(session, order, delivered_on=DAY - timedelta(days=40), received_by="Their porter")
    theirs = an_invoice(session, other, "INV-THEIRS", due_on=DAY - timedelta(days=9), order_id=order.id)
    a_dispute(session, theirs, 1_234)
    said(session, other, "a secret of De Boer")
    said(session, other, "Uw herinnering, De Boer", direction="out", author="assistant", purpose="reminder",
         delivery="delivered", sent_at=MOMENT)  # fmt: skip
    sent(store, other)
    said(session, customer, "We betalen vrijdag")
    mine, everything = all_words_of(pack_of(store, other)), all_words_of(pack_of(store, customer))
    for word in ("De Boer", "SO-THEIRS", "PO-THEIRS", "Their porter", "INV-THEIRS", "a secret", "12,34", "C9"):
        assert word in mine, word
        assert word not in everything, word
    assert "We betalen vrijdag" in everything
    assert "We betalen vrijdag" not in mine
    with pytest.raises(NotFound, match="no such invoice"):
        make_evidence_pack(customer.id, store=store, by="Anna Smit", invoice_ids=[theirs.id])


def test_without_anything_overdue_there_is_no_claim(store: Store, session: Session, customer: Customer) -> None:
    for invoice in session.scalars(select(Invoice)):
        a_payment(session, invoice, invoice.total_minor)
    session.commit()
    with pytest.raises(NothingOverdue):
        pack_of(store, customer)


def test_what_was_never_sent_and_what_proves_an_identity_stay_out(
    store: Store, session: Session, customer: Customer
) -> None:
    said(session, customer, "withdrawn words", direction="out", author="assistant", delivery="withdrawn")
    said(session, customer, "your code is 123456", direction="out", author="assistant", purpose="notice",
         delivery="sent", understanding={"code": True})  # fmt: skip
    everything = b"".join(opened(pack_of(store, customer)).values())
    assert b"withdrawn words" not in everything
    assert b"123456" not in everything


def test_no_link_in_it_opens_a_page_of_ours(store: Store, session: Session, customer: Customer) -> None:
    """Whoever is handed the pack reads that there was a link, and cannot use it."""
    plate = Doorplate("key", base_url="https://parley.example/shop")
    invoice = session.scalars(select(Invoice).where(Invoice.number == "INV-2026-0001")).one()
    pay = pay_url(plate, Payable("EUR", customer.id, (invoice.id,)), MOMENT)
    choose = preferences_url(plate, contact_id=invoice.id, channel="email", address="a@x.example")
    stop = unsubscribe_url(plate, contact_id=invoice.id, channel="email", address="a@x.example")
    assert pay is not None
    assert choose is not None
    assert stop is not None
    said(session, customer, f"Betalen kan hier: {pay}. Voorkeuren: {choose}\n<{stop}>", direction="out",
         author="assistant", purpose="reminder", delivery="delivered", sent_at=MOMENT)  # fmt: skip
    said(session, customer, f"Deze link {pay}, werkt niet; zie https://paypal.example/pay-info en 100482")
    everything = all_words_of(pack_of(store, customer))
    for url in (pay, choose, stop):
        assert url.rpartition("/")[2][:12] not in everything
    assert (
        "Betalen kan hier: https://parley.example/shop/pay/…. Voorkeuren: https://parley.example/shop/pref"
        in everything
    )
    assert (
        "Deze link https://parley.example/shop/pay/…, werkt niet; zie https://paypal.example/pay-info en 100482"
        in everything
    )


def test_a_code_that_was_typed_while_one_was_awaited_is_stars(
    store: Store, session: Session, customer: Customer
) -> None:
    said(session, customer, "123456")
    thread = session.scalars(select(Conversation)).one()
    contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).first()
    assert contact is not None
    session.add(
        OneTimeCode(
            conversation_id=thread.id, customer_id=customer.id, address_id=contact.addresses[0].id, digest="x",
            created_at=MOMENT - timedelta(minutes=1), expires_at=MOMENT + timedelta(minutes=9),
        )
    )  # fmt: skip
    session.commit()
    said(session, customer, "Order 654321 is nooit besteld")
    everything = all_words_of(pack_of(store, customer))
    assert "123456" not in everything
    assert "******" in everything
    # In another conversation six digits are what they say they are.
    assert "Order 654321 is nooit besteld" in everything


def test_the_same_record_on_the_same_day_gives_the_same_bytes(store: Store, customer: Customer) -> None:
    assert pack_of(store, customer).checksum == pack_of(store, customer).checksum


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_told_in_the_sellers_language(store: Store, session: Session, customer: Customer, language: str) -> None:
    session.get_one(Seller, customer.seller_id).language = language
    a_dispute(session, session.scalars(select(Invoice).where(Invoice.number == "INV-2026-0002")).one())
    session.commit()
    assert len(opened(pack_of(store, customer))) >= 6


@pytest.mark.parametrize("number", ["../../etc/passwd", "INV/1", "a\\b", "C:evil", "x" * 300, "..."])
def test_no_name_of_a_paper_leaves_the_pack(store: Store, session: Session, customer: Customer, number: str) -> None:
    session.scalars(select(Invoice).where(Invoice.number == "INV-2026-0001")).one().number = number
    session.commit()
    for name in opened(pack_of(store, customer)):
        assert ".." not in name.split("/")
        assert not name.startswith("/")
        assert name.count("/") <= 1
        assert len(name) < 150


def test_who_made_it_is_in_the_trail(store: Store, session: Session, customer: Customer) -> None:
    pack = pack_of(store, customer)
    line = session.scalars(select(TrailLine).where(TrailLine.what == "evidence pack made")).one()
    assert (line.who, line.customer_id, line.details["checksum"]) == ("Anna Smit", customer.id, pack.checksum)


def test_papers_whose_names_no_computer_tells_apart_are_all_there(
    store: Store, session: Session, customer: Customer
) -> None:
    for place, number in enumerate(("INV/1", "INV:1", "inv?1")):
        an_invoice(session, session.get_one(Customer, customer.id), number, due_on=DAY - timedelta(days=30 - place))
    session.commit()
    names = list(opened(pack_of(store, customer)))
    assert {"invoices/INV-1.pdf", "invoices/INV-1 (2).pdf", "invoices/inv-1 (3).pdf"} <= set(names)
    assert len(names) == len({name.casefold() for name in names})
