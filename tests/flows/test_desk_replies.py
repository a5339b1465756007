"""What an agent does on the page of a conversation: reply on every channel, with receipts, drafts, notes, files and records."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.suggesting import suggest
from bot.turn import House
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import Mention, PrivateNote
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import CreditNote
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.providers import Kept
from tests.web.opened import COOKIE, key_of_somebody, open_pages, words
from tests.web.talks import a_talk, said
from web.pages import pages
from web.static_files import static_files

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001")
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=13))
    session.commit()
    return jansen


def held(
    store: Store, session: Session, whose: Customer, channel: str = "chat", **more: object
) -> tuple[Conversation, TestClient]:
    """A conversation in Anna's hands, and her browser."""
    address = {"sms": "+31611111111", "email": "ap@jansen.example"}.get(channel)
    talk = a_talk(session, whose, channel=channel, address=address, **more)
    said(session, talk, "Wat staat er open?", subject="Vraag over de rekening" if channel == "email" else None)
    session.commit()
    anna = open_pages(store, role="agent", name="Anna")
    assert anna.post(f"/conversations/{talk.id}/take-over").status_code == 200
    return talk, anna


def by_anna(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).where(Message.author == "Anna").order_by(Message.id)))


@pytest.mark.parametrize(
    ("channel", "texts", "state"),
    [
        ("chat", ["Er staat € 1.240,50 open.", "Graag gedaan."], "sent"),
        ("sms", ["Er staat EUR 1.240,50 open.\n\nAnna, Van Dijk Groothandel", "Graag gedaan."], "queued"),
        ("email", ["Er staat € 1.240,50 open.\n\nAnna, Van Dijk Groothandel", "Graag gedaan.\n\nAnna, Van Dijk Groothandel"], "queued"),
    ],
)  # fmt: skip
def test_a_reply_goes_out_on_the_customers_channel_under_the_agents_name(
    store: Store, session: Session, jansen: Customer, channel: str, texts: list[str], state: str
) -> None:
    talk, anna = held(store, session, jansen, channel)
    for at, text in enumerate(("Er staat € 1.240,50 open.", "Graag gedaan.")):
        assert anna.post(f"/conversations/{talk.id}/reply", data={"text": text, "key": f"k{at}"}).status_code == 200
    first, _ = sent = by_anna(session)
    assert [one.text for one in sent] == texts
    assert {(one.purpose, one.delivery, one.address) for one in sent} == {("answer", state, talk.address)}
    assert first.receipts[0]["text"] == "1.240,50"
    assert first.receipts[0]["source"].startswith(("account C1001.open at ", "invoice INV-2026-0042"))
    assert first.subject == ("Re: Vraag over de rekening" if channel == "email" else None)
    [asked] = session.scalars(select(Message).where(Message.direction == "in"))
    assert asked.answered_by_id == first.id


def test_a_figure_without_a_receipt_is_sent_only_once_somebody_says_they_checked_it(
    store: Store, session: Session, jansen: Customer
) -> None:
    talk, anna = held(store, session, jansen)
    form = {"text": "Er staat nog € 99,00 open.", "key": "k1"}
    answer = anna.post(f"/conversations/{talk.id}/reply", data=form)
    assert answer.status_code == 400
    assert "No receipt in this customer's ledger: 99,00." in words(html.unescape(answer.text))
    assert "Er staat nog € 99,00 open." in answer.text
    assert by_anna(session) == []
    anna.post(f"/conversations/{talk.id}/reply", data=form | {"checked": "true"})
    [message] = by_anna(session)
    assert message.understanding["figures_without_receipt"] == ["99,00"]
    assert message.understanding["checked_by"] == "Anna"
    assert "Anna checked 99,00" in words(html.unescape(anna.get(f"/conversations/{talk.id}").text))


def test_another_customers_figure_has_no_receipt_here(store: Store, session: Session, jansen: Customer) -> None:
    other = a_customer(session, session.get_one(Seller, jansen.seller_id), "C2")
    an_invoice(session, other, "INV-9", total_minor=77700)
    talk, anna = held(store, session, jansen)
    answer = anna.post(f"/conversations/{talk.id}/reply", data={"text": "INV-9 is € 777,00", "key": "k"})
    assert "INV-9, 777,00" in html.unescape(answer.text)


def test_a_canned_reply_is_filled_from_the_ledger_with_receipts(
    store: Store, session: Session, jansen: Customer
) -> None:
    talk, anna = held(store, session, jansen)
    asked = {"canned": "What is open on an invoice", "number": "INV-2026-0042"}
    page = html.unescape(anna.get(f"/conversations/{talk.id}", params=asked).text)
    box = re.search(r"<textarea id=\"text\"[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert box is not None
    assert box[1].replace("\N{NO-BREAK SPACE}", " ") == (
        "Van factuur INV-2026-0042 staat € 1.240,50 open. De vervaldatum is 3 maart 2026."
    )
    assert "No receipt" not in page
    assert "Receipts of this draft" in page


@pytest.fixture
def desk(house: House, own_store: Store) -> tuple[TestClient, Store, House]:
    aside = House(own_store, house.knowledge, house.assistant)
    app = FastAPI()
    app.include_router(
        pages(store=own_store, session_for=lambda _: "", is_demo=False, suggest=lambda key: suggest(key, aside))
    )
    app.mount("/static", static_files())
    client = TestClient(app)
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=13))
        session.commit()
    client.cookies.set(COOKIE, key_of_somebody(own_store, "agent", "Anna"))
    client.headers["sec-fetch-site"] = "same-origin"
    return client, own_store, aside


@pytest.mark.parametrize(
    ("asked", "says", "status"),
    [
        ("Wat staat er nog open?", "1.240,50", 200),
        ("Ik wil een medewerker spreken", "The assistant would do more than answer here", 400),
    ],
)
def test_a_suggested_draft_is_shown_with_receipts_and_nothing_is_said_or_recorded_by_it(
    desk: tuple[TestClient, Store, House], asked: str, says: str, status: int
) -> None:
    client, store, _ = desk
    with store.session() as session:
        talk = a_talk(session, session.scalars(select(Customer)).one())
        said(session, talk, asked, answered_at=store.clock.now())
        session.commit()
        lines = len(session.scalars(select(TrailLine)).all())
    answer = client.post(f"/conversations/{talk.id}/suggest", data={"text": "Goedemorgen,", "key": "k"})
    page = html.unescape(answer.text)
    assert (answer.status_code, says in page) == (status, True)
    assert "Goedemorgen," in page
    assert "digitale assistent" not in page
    with store.session() as session:
        assert len(session.scalars(select(Message)).all()) == 1
        assert session.scalars(select(Handoff)).all() == []
        assert len(session.scalars(select(TrailLine)).all()) == lines
        kept = session.get_one(Conversation, talk.id)
        assert (kept.speaker, kept.version, kept.introduced) == ("assistant", 0, False)


def test_a_note_calls_a_colleague_and_no_customer_reads_it(store: Store, session: Session, jansen: Customer) -> None:
    talk, anna = held(store, session, jansen)
    bram = open_pages(store, role="finance", name="Bram")
    anna.post(f"/conversations/{talk.id}/note", data={"note": "@Bram kun jij dit crediteren? @Anna @Niemand"})
    [note] = session.scalars(select(PrivateNote))
    [mention] = session.scalars(select(Mention))
    assert note.mentions == [str(mention.user_id)]
    assert mention.seen_at is None
    assert "kun jij dit crediteren" in html.unescape(bram.get(f"/conversations/{talk.id}").text)
    session.expire_all()
    assert session.scalars(select(Mention.seen_at)).one() is not None
    assert not session.scalars(select(Message).where(Message.text.contains("crediteren"))).all()


def test_a_mail_carries_its_files_and_documents(store: Store, session: Session, jansen: Customer) -> None:
    talk, anna = held(store, session, jansen, "email", identity="known")
    answer = anna.post(
        f"/conversations/{talk.id}/reply", data={"text": "Bijgaand.", "key": "k", "document": "statement"},
        files=[("files", ("foto.png", PNG, "image/png"))],
    )  # fmt: skip
    assert answer.status_code == 200
    [message] = by_anna(session)
    carrier = Kept()
    deliver_message(message.id, store=store, carriers={"email": carrier})
    [out] = carrier.sent
    assert [(one.media_type, one.content == PNG) for one in out.files] == [
        ("application/pdf", False),
        ("image/png", True),
    ]
    assert out.mail is not None
    assert out.mail.auto_submitted is None


@pytest.mark.parametrize(("name", "content"), [("a.png", b"MZ no picture"), ("a.exe", b"MZ")])
def test_a_file_that_is_no_picture_is_refused_and_the_words_are_kept(
    store: Store, session: Session, jansen: Customer, name: str, content: bytes
) -> None:
    talk, anna = held(store, session, jansen, "email")
    answer = anna.post(
        f"/conversations/{talk.id}/reply", data={"text": "Bijgaand.", "key": "k"}, files=[("files", (name, content))]
    )
    assert answer.status_code == 400
    assert ">Bijgaand.</textarea>" in answer.text
    assert by_anna(session) == []


def test_a_text_that_is_too_long_or_carries_files_is_refused(store: Store, session: Session, jansen: Customer) -> None:
    talk, anna = held(store, session, jansen, "sms")
    long = anna.post(f"/conversations/{talk.id}/reply", data={"text": "lang " * 200, "key": "k"})
    file = anna.post(
        f"/conversations/{talk.id}/reply", data={"text": "Foto", "key": "k"}, files=[("files", ("a.png", PNG))]
    )
    assert "more than four texts long" in long.text
    assert "A text cannot carry files" in file.text
    assert by_anna(session) == []


RECORDS = [
    ("promise", {"on": (DAY + timedelta(days=3)).isoformat(), "number": "INV-2026-0042"}, Promise),
    ("dispute", {"number": "INV-2026-0042", "amount": "45,00", "reason": "DAMAGED", "about": "3 kapot"}, Dispute),
    ("credit", {"number": "INV-2026-0042", "amount": "45,00", "reason": "3 kapot"}, CreditNote),
]


@pytest.mark.parametrize(("what", "form", "noun"), RECORDS)
def test_what_is_recorded_carries_the_agents_name(
    store: Store, session: Session, jansen: Customer, what: str, form: dict[str, str], noun: type
) -> None:
    talk, anna = held(store, session, jansen)
    answer = anna.post(f"/conversations/{talk.id}/{what}", data=form, follow_redirects=False)
    assert answer.status_code == 303, words(html.unescape(answer.text))
    assert len(session.scalars(select(noun)).all()) == 1
    lines = session.scalars(
        select(TrailLine).where(TrailLine.who == "Anna", TrailLine.subject == noun.__tablename__)
    ).all()
    assert lines
    again = anna.post(f"/conversations/{talk.id}/{what}", data=form, follow_redirects=False)
    assert again.status_code in (303, 400)
    assert len(session.scalars(select(noun)).all()) == 1


def test_what_is_beyond_an_agents_authority_is_refused_beside_the_form_with_what_is_possible(
    store: Store, session: Session, jansen: Customer
) -> None:
    talk, anna = held(store, session, jansen)
    form = {"number": "INV-2026-0042", "amount": "400,00", "reason": "alles kapot"}
    answer = anna.post(f"/conversations/{talk.id}/credit", data=form)
    page = words(html.unescape(answer.text))
    assert answer.status_code == 400
    assert "is more than the role agent may decide, which is" in page
    assert "Call a colleague who may with a note (@name)." in page
    assert 'value="400,00"' in answer.text
    assert session.scalars(select(CreditNote)).all() == []
    manager = open_pages(store, role="manager", name="Carla")
    assert manager.post(f"/conversations/{talk.id}/credit", data=form, follow_redirects=False).status_code == 303


def test_all_channels_of_a_customer_stand_in_one_thread(store: Store, session: Session, jansen: Customer) -> None:
    talk, anna = held(store, session, jansen)
    other = a_talk(session, jansen, channel="sms", address="+31611111111")
    said(session, other, "Per sms gevraagd")
    session.commit()
    page = anna.get(f"/conversations/{talk.id}").text
    assert "Per sms gevraagd" in page
    assert f'<a href="/conversations/{other.id}">SMS</a>' in page
    assert "Per sms gevraagd" not in anna.get(f"/conversations/{talk.id}?alone=1").text
