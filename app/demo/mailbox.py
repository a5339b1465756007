"""What customers wrote in the demo: a stop by text, a mail with files, and a mail by somebody nobody knows."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.demo import cast
from app.demo.deals import workday_before
from app.demo.letters import Writing
from channels.email_files import kept_files
from channels.email_parts import Piece
from o2c_core.conversations.confirming import confirmation
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, Packet, hand_over
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.consent import Consent
from o2c_core.documents.answer_mail import answer_html
from o2c_core.invoices.account import balances
from o2c_core.keys import new_key

STRANGER = "inkoop@delinde.example"
STOP_WORDS = "Please no more payment reminders by text, email is fine."
FILES_ASKED = """Goedemiddag,

Bij de laatste levering zat een doos met scherven. Een foto zit erbij, en de pakbon ook.
Kunnen jullie kijken wat we daarmee doen?

Hugo Franssen
Brasserie Lumière"""
FILES_ANSWER = """Ik ben de digitale assistent van Van Dijk Groothandel; u kunt altijd om een collega vragen.

Dank u, uw bestanden zijn aangekomen. Ik heb een collega gevraagd ernaar te kijken."""
STRANGER_ASKED = """Beste,

Wij nemen de administratie van een van uw klanten over. Wat staat er bij hen nog open?

Groet, De Linde administraties"""
STRANGER_ANSWER = """Ik ben de digitale assistent van Van Dijk Groothandel; u kunt altijd om een collega vragen.

Ik kan pas in een account kijken als ik weet van wie het is. Geef mij uw klantnummer, dan stuur ik een code naar een adres dat wij daarvan hebben. Ook een collega kan u helpen."""  # noqa: E501 (a paragraph of a mail)


def mailbox(to: Writing) -> None:
    """The rows, after everything that was written to customers."""
    _stop_by_text(to)
    _mail_with_files(to)
    _mail_by_a_stranger(to)


def _stop_by_text(to: Writing) -> None:
    """Heard, noted with the words as its proof, and confirmed once; mails about payment go on."""
    at = to.at(workday_before("GB", to.today - timedelta(days=6)))
    contact, address = to.reached(cast.HART_AND_SONS, "sms")
    thread = to.thread(cast.HART_AND_SONS, "sms", address.value, at, identity="proven", contact_id=contact.id)
    said = _came(thread, STOP_WORDS, at, contact_id=contact.id, understanding={"identity": "proven"})
    to.add(said)
    for purpose in ("reminders", "marketing"):
        to.add(
            Consent(
                id=new_key(), contact_id=contact.id, address=address.value, channel="sms", purpose=purpose,
                is_given=False, at=at, how="a message by sms", words=STOP_WORDS, message_id=said.id,
            )
        )  # fmt: skip
    words = confirmation("stop", "en", to.seller.name, channel="sms", link=None)
    _answered(to, thread, said, words, at + timedelta(seconds=4), purpose="confirmation", carrier="twilio")


def _mail_with_files(to: Writing) -> None:
    at = to.at(workday_before("NL", to.today), timedelta(hours=15))
    contact, address = to.reached(cast.PAYS_VERY_LATE, "email")
    subject = "Schade bij de laatste levering"
    thread = to.thread(
        cast.PAYS_VERY_LATE, "email", address.value, at, identity="proven", contact_id=contact.id, subject=subject,
    )  # fmt: skip
    mail = {"is_aligned": True, "dkim": "pass", "spf": "pass", "sender_name": contact.name, "original": FILES_ASKED}
    asked = _came(
        thread, FILES_ASKED, at, contact_id=contact.id, subject=subject, mail=mail,
        understanding={"identity": "proven"}, mail_id="<schade-1@lumiere.example>",
    )  # fmt: skip
    to.add(asked)
    for one in kept_files(
        [
            Piece("scherven.png", "image/png", _picture()),
            Piece("pakbon.csv", "text/csv", b"artikel;geleverd;gebroken\r\nTBL-1022;48;6\r\n"),
            Piece("foto's.exe", "application/octet-stream", b"MZ\x90\x00"),
        ]
    ):
        to.add(
            ReceivedFile(
                id=new_key(), message_id=asked.id, name=one.name, media_type=one.media_type,
                claimed_type=one.claimed_type, size=one.size, checksum=one.checksum, content=one.content,
                refused_why=one.refused_why, created_at=at,
            )
        )  # fmt: skip
    why, urgency = REASONS["cannot"]
    packet = Packet(
        "cannot", why, urgency, "proven", "email", "nl", customer=cast.PAYS_VERY_LATE, words=FILES_ASKED,
        wants=["complaint"],
        at_stake=[
            {"currency": one.open.currency, "open_minor": one.open.minor, "overdue_minor": one.overdue.minor}
            for one in balances(to.session, thread.customer_id, to.today)
        ] if thread.customer_id else [],
    )  # fmt: skip
    hand_over(to.session, thread, "cannot", at=at, who="assistant", packet=packet, message_id=asked.id)
    _answered(to, thread, asked, FILES_ANSWER, at + timedelta(seconds=6), subject=f"Re: {subject}", carrier="sendgrid")


def _mail_by_a_stranger(to: Writing) -> None:
    """Answered without a word about any account."""
    at = to.at(workday_before("NL", to.today), timedelta(hours=16))
    subject = "Overname administratie"
    thread = to.thread(None, "email", STRANGER, at, subject=subject)
    mail = {"is_aligned": False, "sender_name": "De Linde administraties", "original": STRANGER_ASKED}
    asked = _came(
        thread, STRANGER_ASKED, at, subject=subject, mail=mail, understanding={"identity": "stranger"},
        mail_id="<overname-1@delinde.example>",
    )  # fmt: skip
    to.add(asked)
    _answered(
        to, thread, asked, STRANGER_ANSWER, at + timedelta(seconds=5), subject=f"Re: {subject}", carrier="sendgrid"
    )


def _came(thread: Conversation, text: str, at: datetime, **more: Any) -> Message:
    key = new_key()
    return Message(
        id=key, conversation_id=thread.id, direction="in", author="customer", purpose="question",
        channel=thread.channel, address=thread.address, text=text, language=thread.language, delivery="received",
        sender_key=f"demo-{key.hex[:16]}", created_at=at, answered_at=at + timedelta(seconds=6), **more,
    )  # fmt: skip


def _answered(
    to: Writing,
    thread: Conversation,
    asked: Message,
    text: str,
    at: datetime,
    *,
    carrier: str,
    purpose: str = "answer",
    subject: str | None = None,
) -> UUID:
    key = new_key()
    html = None
    if thread.channel == "email":
        html = answer_html(text, subject=subject or "", seller_name=to.seller.name, language=thread.language or "nl")
    message = Message(
        id=key, conversation_id=thread.id, direction="out", author="assistant" if purpose == "answer" else "system",
        purpose=purpose, channel=thread.channel, address=thread.address, contact_id=thread.contact_id, subject=subject,
        text=text, html=html, language=thread.language, delivery="delivered", carrier=carrier, carrier_key=f"demo-{key.hex[:12]}",
        answers_id=asked.id, tries=1, sent_at=at, delivered_at=at + timedelta(seconds=5), created_at=at,
    )  # fmt: skip
    to.add(message)
    asked.answered_by_id = key
    thread.version = 2
    to.session.flush()
    return key


def _picture() -> bytes:
    """A small grey picture: PNG, eight bits a dot. Source: w3.org/TR/png-3."""
    width, height = 64, 48
    rows = b"".join(b"\0" + bytes((96 + 2 * ((x * y) % 48)) for x in range(width)) for y in range(height))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
