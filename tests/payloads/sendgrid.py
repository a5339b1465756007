"""What SendGrid posts: events, forms and signatures, built as its documentation shows them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from channels.sendgrid_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER

BOUNDARY = "xYzZY"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

RAW_MAIL = (
    b"Received: from mail.bakkerij.example (203.0.113.7) by mx.sendgrid.net\r\n"
    b"From: Anna Bakker <anna@bakkerij.example>\r\n"
    b"To: t-abc@replies.seller.example\r\n"
    b"Subject: Re: Factuur INV-7\r\n"
    b"Message-ID: <77@bakkerij.example>\r\n"
    b"In-Reply-To: <0190@replies.seller.example>\r\n"
    b"Content-Type: text/plain; charset=iso-8859-1\r\n"
    b"\r\n"
    b"Wij hebben \x80 100 betaald, caf\xe9 Noir.\r\n"
)

FIELDS: dict[str, bytes] = {
    "envelope": b'{"to":["t-abc@replies.seller.example"],"from":"anna@bakkerij.example"}',
    "dkim": b"{@bakkerij.example : pass}",
    "SPF": b"pass",
    "sender_ip": b"203.0.113.7",
    "spam_score": b"-0.1",
}


class Signer:
    """Signs as SendGrid does, with a key pair of the test's own."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = base64.b64encode(
            self._key.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).decode()

    def headers(self, body: bytes, at: str) -> dict[str, str]:
        signed = self._key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE_HEADER: base64.b64encode(signed).decode(), TIMESTAMP_HEADER: at}


def form(
    fields: Mapping[str, bytes], files: Iterable[tuple[str, str, str, bytes]] = (), boundary: str = BOUNDARY
) -> bytes:
    """A multipart body; files are (field, name, type, content)."""
    mark = boundary.encode()
    body = b""
    for name, value in fields.items():
        body += b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark, name.encode(), value)
    for field, name, kind, content in files:
        body += b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n' % (
            mark, field.encode(), name.encode(), kind.encode(), content,
        )  # fmt: skip
    return body + b"--%s--\r\n" % mark


def event(name: str, **more: Any) -> dict[str, Any]:
    """An event about a message of ours."""
    return {
        "email": "Anna@Bakkerij.example",
        "timestamp": 1773658800,
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": name,
        "category": ["reminder"],
        "sg_event_id": f"{name}-1",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "o2c_message": "0199d3a0-0000-7000-8000-000000000007",
        **more,
    }  # fmt: skip


def events(*several: dict[str, Any]) -> bytes:
    """An array of them as SendGrid writes it: one event a line, and CRLF at the end."""
    return b"[" + b",\r\n".join(json.dumps(one).encode() for one in several) + b"]\r\n"
