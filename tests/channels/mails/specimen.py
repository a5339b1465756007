"""One mail of the corpus, with what there is to be heard in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from uuid import UUID
from zlib import crc32

from o2c_core.conversations.doorplate import Doorplate

RECEIVED_AT = datetime(2026, 3, 16, 11, tzinfo=UTC)
DOORPLATE = Doorplate("a key of tests", reply_domain="reply.vandijk.example")
CONVERSATION = UUID("0195a000-0000-7000-8000-000000000042")
OWN = "facturen@vandijk.example"
OUR_NAME = "Van Dijk Groothandel"
REPLY_TO = DOORPLATE.reply_address(CONVERSATION) or ""
OUR_MAIL_ID = "<0195a00000007000800000000000beef@reply.vandijk.example>"


@dataclass(frozen=True)
class Specimen:
    """`text` is what is new in it, where that is known; `automatic` the kind of machine that wrote it, None for a person."""

    name: str
    language: str
    mailer: str
    raw: bytes
    text: str | None = None
    automatic: str | None = None
    back_on: date | None = None
    deputy: str | None = None
    bounced: tuple[tuple[str, bool], ...] = ()
    returned_id: str | None = None
    envelope_from: str | None = None
    wants_files: tuple[tuple[str, bool], ...] | None = None


def addressed(message: Message, person: str, address: str, subject: str, **headers: str) -> Message:
    """The message with the headers every mail has, as a reply to a mail of ours."""
    message["Received"] = (
        "from mail.bakker.example (mail.bakker.example [192.0.2.7]) by mx.vandijk.example; Mon, 16 Mar 2026"
    )
    message["From"] = f'"{person}" <{address}>' if person.isascii() else _encoded(person) + f" <{address}>"
    message["To"] = f"{OUR_NAME} <{REPLY_TO}>"
    message["Subject"] = subject if subject.isascii() else _encoded(subject)
    message["Date"] = "Mon, 16 Mar 2026 12:00:00 +0100"
    message["Message-ID"] = f"<{crc32(f'{person} {address} {subject}'.encode()):x}.1@mail.bakker.example>"
    for name, value in headers.items():
        if f"{name.replace('_', '-')}" in message:
            del message[name.replace("_", "-")]
        if value:
            message[name.replace("_", "-")] = value
    return message


def plain(text: str, charset: str = "utf-8", *, is_printable: bool = False, **parameters: str) -> Message:
    if is_printable:
        quoted = Charset(charset)
        quoted.body_encoding = QP
        part = MIMEText(text, "plain", _charset=quoted)  # type: ignore[arg-type]
    else:
        part = MIMEText(text, "plain", charset)
    for name, value in parameters.items():
        part.set_param(name, value)
    return part


def both(text: str, page: str, charset: str = "utf-8") -> Message:
    return MIMEMultipart("alternative", _subparts=[MIMEText(text, "plain", charset), MIMEText(page, "html", charset)])


def a_file(
    name: str, content: bytes, kind: str = "application/octet-stream", disposition: str = "attachment"
) -> Message:
    part = MIMEBase(*kind.split("/", 1))
    part.set_payload(content)
    encode_base64(part)
    part.add_header("Content-Disposition", disposition, filename=name)
    return part


def _encoded(text: str) -> str:
    return Header(text, "utf-8", maxlinelen=10_000).encode()
