"""Whether SendGrid signed what was posted: ECDSA over the timestamp and the body, byte for byte.

Source: twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features. The SDK's
own check takes text, so that a body that is not UTF-8, or was written anew, fails or crashes; hence ours, over bytes.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from o2c_core.errors import Refused

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
AGE_SECONDS_MAX = 300

Verdict = Literal["good", "unsigned", "forged", "stale"]


class NotAPublicKey(Refused):
    """That is not the public key SendGrid shows: one line of letters that begins with MFkwEwYHKoZIzj0."""


class SignatureKey:
    """SendGrid's public key: a P-256 point, as SubjectPublicKeyInfo in base64."""

    def __init__(self, key: str) -> None:
        """Raises: NotAPublicKey. Line breaks and PEM's dashes around it do no harm."""
        lines = [line for line in key.strip().splitlines() if "-----" not in line]
        try:
            read = load_der_public_key(base64.b64decode("".join("".join(lines).split()), validate=True))
        except (ValueError, binascii.Error, UnsupportedAlgorithm) as odd:
            raise NotAPublicKey from odd
        if not isinstance(read, ec.EllipticCurvePublicKey) or not isinstance(read.curve, ec.SECP256R1):
            raise NotAPublicKey
        self._key = read

    def judge(self, body: bytes, signature: str | None, timestamp: str | None, now: datetime) -> Verdict:
        """Whether it is theirs and of now; what is older or newer than five minutes could be somebody's copy."""
        if not signature or not timestamp:
            return "unsigned"
        try:
            # Headers arrive as Latin-1; what was signed is their bytes.
            self._key.verify(
                base64.b64decode(signature, validate=True),
                timestamp.encode("latin-1") + body,
                ec.ECDSA(hashes.SHA256()),
            )
        except (InvalidSignature, ValueError):
            return "forged"
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return "forged"
        return "good" if abs(now.timestamp() - int(timestamp)) <= AGE_SECONDS_MAX else "stale"
