"""A mail from a customer through the real door, the jobs behind it, and the mail they would receive."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import turn
from bot.assistant import Assistant
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.send_code import send_code
from o2c_core.clock import MovableClock
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import Seller, SenderIdentity
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_seller, an_invoice
from tests.flows.providers import Providers, a_mail, providers

AP = "ap@jansen.example"
OWED = "€\u00a01.240,50"


@pytest.fixture
def post(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="email", value="hello@parley.example", is_default=True))
        jansen = a_customer(session, seller, "C1001", email=AP)
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def hear(post: Providers, mail: EmailMessage, *, vouched: str | None = "jansen.example") -> list[str]:
    before = len(post.carrier.sent)
    assert post.mail(mail, vouched=vouched).status_code == 200
    post.work()
    return post.carrier.texts[before:]


def test_a_mail_that_dkim_vouches_for_is_answered_in_its_thread(post: Providers) -> None:
    (answer,) = hear(post, a_mail("Hoeveel staat er nog open?", AP, Message_ID="<q1@jansen.example>"))
    assert OWED in answer
    sent = post.carrier.sent[0]
    assert (sent.to, sent.subject, sent.sender) == (AP, "Re: Vraag", "hello@parley.example")
    assert sent.html is not None
    assert OWED in sent.html.replace("&nbsp;", "\u00a0")
    assert sent.mail is not None
    assert (sent.mail.in_reply_to, sent.mail.references) == ("<q1@jansen.example>", ("<q1@jansen.example>",))
    assert sent.mail.auto_submitted == "auto-replied"
    assert str(sent.mail.reply_to).endswith("@reply.parley.example")


def test_a_mail_nobody_vouches_for_is_told_nothing_and_gets_a_code(post: Providers) -> None:
    sent = hear(post, a_mail("Hoeveel staat er nog open?", AP), vouched=None)
    assert len(sent) == 2
    assert not any("1.240" in words for words in sent)
    assert {outgoing.to for outgoing in post.carrier.sent} == {AP}


def test_a_mail_somebody_elses_domain_vouches_for_is_not_theirs(post: Providers) -> None:
    sent = hear(post, a_mail("Hoeveel staat er nog open?", AP), vouched="evil.example")
    assert not any("1.240" in words for words in sent)


@pytest.mark.parametrize("by", ["reply address", "In-Reply-To", "References"])
def test_a_reply_goes_on_in_its_thread(post: Providers, by: str) -> None:
    hear(post, a_mail("Hoeveel staat er nog open?", AP))
    ours = post.carrier.sent[0].mail
    assert ours is not None
    headers = {
        "In-Reply-To": {"In_Reply_To": ours.mail_id},
        "References": {"References": f"<x@y.example> {ours.mail_id}"},
    }
    to = str(ours.reply_to) if by == "reply address" else "hello@parley.example"
    # From another mailbox of theirs, so that only the thread says where it belongs.
    sent = hear(post, a_mail("Dank u wel", "chef@jansen.example", to=to, **headers.get(by, {})))
    with post.store.session() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1
    assert len(sent) == 1


def test_whoever_is_forwarded_a_thread_is_told_nothing_of_the_account(post: Providers) -> None:
    hear(post, a_mail("Hoeveel staat er nog open?", AP))
    reply_to = str(post.carrier.sent[0].mail and post.carrier.sent[0].mail.reply_to)
    (answer,) = hear(
        post, a_mail("En wat staat er nu open?", "nieuw@elders.example", to=reply_to), vouched="elders.example"
    )
    assert "1.240" not in answer
    assert post.carrier.sent[-1].to == "nieuw@elders.example"
    (again,) = hear(post, a_mail("En wat staat er nu open?", AP, to=reply_to))
    assert OWED in again


def test_another_customer_does_not_get_into_a_thread_that_is_not_theirs(post: Providers) -> None:
    hear(post, a_mail("Hoeveel staat er nog open?", AP))
    with post.store.session() as session:
        seller = session.scalars(select(Conversation.seller_id)).one()
        a_customer(session, session.get_one(Seller, seller), "C2002", email="ap@bosch.example", name="Bosch")
        session.commit()
    reply_to = str(post.carrier.sent[0].mail and post.carrier.sent[0].mail.reply_to)
    (answer,) = hear(post, a_mail("Wat staat er open?", "ap@bosch.example", to=reply_to), vouched="bosch.example")
    assert "U heeft geen openstaande facturen." in answer
    with post.store.session() as session:
        assert session.scalar(select(func.count()).select_from(Conversation)) == 2


AUTOMATIC = {
    "out of office": {"Auto_Submitted": "auto-replied"},
    "list": {"List_Id": "<news.jansen.example>", "Precedence": "list"},
    "auto reply": {"X_Autoreply": "yes"},
}


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_an_automatic_mail_is_kept_and_never_answered(post: Providers, kind: str, clock: MovableClock) -> None:
    text = "Ik ben afwezig tot en met 20 maart 2026. Neem contact op met Piet (piet@jansen.example)."
    assert hear(post, a_mail(text, AP, subject="Afwezig: Vraag", **AUTOMATIC[kind])) == []
    clock.move(timedelta(minutes=10))
    post.work()
    assert post.carrier.sent == []
    with post.store.session() as session:
        kept = session.scalars(select(Message)).one()
    assert (kept.purpose, kept.direction) == ("automatic", "in")
    assert kept.answered_at is not None


def test_a_mail_that_asks_for_no_automatic_answer_waits_for_a_person(post: Providers) -> None:
    asked = a_mail("Hoeveel staat er nog open?", AP, X_Auto_Response_Suppress="OOF, AutoReply")
    assert hear(post, asked) == []
    with post.store.session() as session:
        conversation = session.scalars(select(Conversation)).one()
        message = session.scalars(select(Message)).one()
    assert (conversation.state, conversation.handoff_reason) == ("waiting", "no_automatic_answer")
    assert message.answered_at is not None


def test_an_out_of_office_says_until_when(post: Providers) -> None:
    text = "Ik ben afwezig tot en met 20 maart 2026. Bij spoed: piet@jansen.example."
    hear(post, a_mail(text, AP, subject="Automatisch antwoord: Vraag", Auto_Submitted="auto-replied"))
    with post.store.session() as session:
        kept = session.scalars(select(Message)).one()
        lines = session.scalars(select(TrailLine.what)).all()
    assert str(kept.mail["back_on"]) >= "2026-03-20"
    assert "out of office" in lines


def test_a_bounce_fails_the_mail_and_marks_the_address(post: Providers) -> None:
    hear(post, a_mail("Hoeveel staat er nog open?", AP))
    ours = post.carrier.sent[0]
    assert ours.mail is not None
    assert hear(post, _bounce(ours.mail.mail_id, str(ours.mail.reply_to)), vouched=None) == []
    with post.store.session() as session:
        mail = session.scalars(select(Message).where(Message.direction == "out").order_by(Message.id)).first()
        address = session.scalars(select(Address).where(Address.value == AP)).one()
    assert mail is not None
    assert mail.delivery == "failed"
    assert address.failed_at is not None


def _bounce(mail_id: str, to: str) -> EmailMessage:
    return message_from_string(
        f"""From: MAILER-DAEMON@mx.jansen.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mx.jansen.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.jansen.example

Final-Recipient: rfc822; {AP}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {mail_id}
Subject: Re: Vraag

--b--
""",
        policy=policy.default,
    )


def test_only_what_is_new_is_understood_and_the_whole_is_kept(post: Providers) -> None:
    text = "Hoeveel staat er nog open?\n\nOp 1 maart 2026 schreef Van Dijk <hello@parley.example>:\n> Ik wil een klacht indienen\n"
    (answer,) = hear(post, a_mail(text, AP))
    assert OWED in answer
    with post.store.session() as session:
        asked = session.scalars(select(Message).where(Message.direction == "in")).one()
    assert asked.text == "Hoeveel staat er nog open?"
    assert "klacht" in asked.mail["original"]


def test_a_file_is_kept_with_its_message(post: Providers) -> None:
    mail = a_mail("Hoeveel staat er nog open? Bewijs als bijlage.", AP)
    mail.add_attachment(b"%PDF-1.4 proof", maintype="application", subtype="pdf", filename="bewijs.pdf")
    hear(post, mail)
    with post.store.session() as session:
        asked = session.scalars(select(Message.id).where(Message.direction == "in")).one()
        assert session.scalars(select(ReceivedFile.name).where(ReceivedFile.message_id == asked)).all() == [
            "bewijs.pdf"
        ]


def test_the_same_mail_delivered_again_is_found_and_ignored(post: Providers) -> None:
    mail = a_mail("Hoeveel staat er nog open?", AP)
    for _ in range(3):
        assert post.mail(mail, vouched="jansen.example").status_code == 200
        post.work()
    assert len(post.carrier.sent) == 1


def test_a_mail_with_the_wrong_token_is_refused(post: Providers) -> None:
    assert post.client.post("/sendgrid/inbound/guessed", files={"email": (None, b"x")}).status_code == 403
    with post.store.session() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 0


def test_a_large_mail_comes_in_at_that_door_and_nowhere_else(post: Providers) -> None:
    mail = a_mail("Hoeveel staat er nog open?", AP)
    mail.add_attachment(b"x" * 2_000_000, maintype="application", subtype="octet-stream", filename="groot.bin")
    assert post.mail(mail, vouched="jansen.example").status_code == 200
    assert post.client.post("/api/chat", content=b"x" * 2_000_000).status_code == 413
    assert post.client.post("/twilio/messages", content=b"x" * 2_000_000).status_code == 413


def test_a_mail_that_answers_every_answer_ends_at_a_person(post: Providers) -> None:
    for _ in range(turn.MAILS_PER_HOUR + 2):
        hear(post, a_mail("Hoeveel staat er nog open?", AP))
    assert len(post.carrier.sent) == turn.MAILS_PER_HOUR
    with post.store.session() as session:
        assert session.scalars(select(Conversation)).one().state == "waiting"


def test_a_mail_naming_an_invoice_joins_the_thread_it_was_last_written_about_in(post: Providers) -> None:
    run_reminders(DAY + timedelta(days=14), store=post.store)
    with post.store.session() as session:
        reminded = session.scalars(select(Conversation.id)).one()
        session.scalars(select(Conversation)).one().address = None
        session.commit()
    hear(post, a_mail("Is factuur INV-2026-0042 al betaald?", AP))
    with post.store.session() as session:
        assert set(session.scalars(select(Message.conversation_id))) == {reminded}


def test_one_mail_gets_one_code_however_many_workers_answer_it_and_in_its_readers_language(post: Providers) -> None:
    with post.store.session() as session:
        hart = a_customer(
            session, session.scalars(select(Seller)).one(), "C1002", email="ap@hart.example", language="en"
        )
        session.commit()
        customer_id = hart.id
    post.mail(a_mail("What do we owe? Our customer number is C1002.", "you@elsewhere.example"), vouched=None)
    post.work()
    with post.store.session() as session:
        asked = session.scalars(select(Message).where(Message.direction == "in")).one()
        again = {"conversation_id": asked.conversation_id, "customer_id": customer_id}
    send_code(
        **again, store=post.store, key="k", written=str, subject="s", language="en", asked_by=asked.id,
    )  # fmt: skip
    post.work()
    codes = [sent for sent in post.carrier.sent if sent.purpose == "code"]
    assert [(sent.to, sent.language) for sent in codes] == [("ap@hart.example", "en")]
