"""The signatures providers put on what they post, so that doors can tell them from anybody else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def sign_form(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Twilio's signature of a form: the address without its fragment, then every name and value in order of the names.

    Source: twilio.com/docs/usage/webhooks/webhooks-security
    """
    signed = url.partition("#")[0] + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def sign_events(key: ec.EllipticCurvePrivateKey, timestamp: str, body: bytes) -> str:
    """SendGrid's signature of a batch of events: ECDSA over the timestamp and the very bytes of the body.

    Source: twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    """
    return base64.b64encode(key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def new_events_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_words(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as SendGrid shows it: base64 of the key's DER."""
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def write_private(key: ec.EllipticCurvePrivateKey, path: Path) -> None:
    """Keeps the key in a file, for a stand-in that is to sign with it."""
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
