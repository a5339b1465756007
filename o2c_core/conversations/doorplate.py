"""The doorplate: where this installation is found from outside, and the signatures on what it hands out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer

SIGNATURE_BYTES = 8
SEAL_BYTES = 12
TOKEN_CHARACTERS_MAX = 500
_THREAD = "t-"


@dataclass(frozen=True)
class Doorplate:
    """Links and reply addresses of this installation. Without a public address there are no links, without a domain for
    replies no reply addresses; nothing breaks, and what needs them says so."""

    key: str = field(repr=False)
    base_url: str | None = None
    reply_domain: str | None = None

    def url(self, path: str) -> str | None:
        """The public address of a path of ours ("/preferences/…")."""
        return self.base_url.rstrip("/") + path if self.base_url else None

    def sign(self, purpose: str, *parts: str) -> str:
        """A text for links that only we could have made, for that purpose only."""
        return str(_signer(self.key, purpose).dumps(list(parts)))

    def read(self, purpose: str, signed: str) -> list[str] | None:
        """The parts that were signed; None when it is not ours or was made for something else."""
        try:
            parts = _signer(self.key, purpose).loads(signed)
        except BadSignature:
            return None
        return [str(part) for part in parts]

    def seal(self, purpose: str, raw: bytes) -> str:
        """The same for links that have to stay short, over a few bytes: letters that any text or mail keeps whole."""
        return base64.urlsafe_b64encode(raw + self._seal_of(purpose, raw)).decode().rstrip("=")

    def unseal(self, purpose: str, token: str) -> bytes | None:
        """The bytes that were sealed; None when it is not ours or was made for something else."""
        if len(token) > TOKEN_CHARACTERS_MAX or not token.isascii():
            return None
        try:
            kept = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except ValueError:
            return None
        raw, seal = kept[:-SEAL_BYTES], kept[-SEAL_BYTES:]
        is_ours = hmac.compare_digest(seal, self._seal_of(purpose, raw))
        # Some bits of a last letter mean nothing; only the one way of writing it that we use counts.
        return raw if is_ours and hmac.compare_digest(self.seal(purpose, raw), token) else None

    def reply_address(self, conversation_id: UUID) -> str | None:
        """The address whose mail belongs to that conversation: its id and our signature, in letters any mailer keeps.

        It proves the thread and not the person: whoever is forwarded a mail has it too.
        """
        if self.reply_domain is None:
            return None
        return f"{_THREAD}{_letters(conversation_id.bytes + self._mark(conversation_id))}@{self.reply_domain}"

    def thread_of(self, address: str) -> UUID | None:
        """The conversation a reply address names; None when it is not one of ours. Case does not matter."""
        local, _, domain = address.strip().lower().rpartition("@")
        if self.reply_domain is None or domain != self.reply_domain.lower() or not local.startswith(_THREAD):
            return None
        token = local.removeprefix(_THREAD).upper()
        try:
            kept = base64.b32decode(token + "=" * (-len(token) % 8))
        except ValueError:
            return None
        if len(kept) != 16 + SIGNATURE_BYTES:
            return None
        conversation_id = UUID(bytes=kept[:16])
        return conversation_id if hmac.compare_digest(kept[16:], self._mark(conversation_id)) else None

    def _seal_of(self, purpose: str, raw: bytes) -> bytes:
        key = f"parley-{purpose}:{self.key}".encode()
        return hmac.new(key, raw, hashlib.sha256).digest()[:SEAL_BYTES]

    def _mark(self, conversation_id: UUID) -> bytes:
        key = f"parley-thread:{self.key}".encode()
        return hmac.new(key, conversation_id.bytes, hashlib.sha256).digest()[:SIGNATURE_BYTES]


@lru_cache(maxsize=32)
def _signer(key: str, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"parley-{purpose}")


def mail_id_of(message_id: UUID, domain: str | None) -> str:
    """The Message-ID of one of our mails: the same on every attempt, so that a repeat is seen as one."""
    return f"<{message_id.hex}@{domain or 'parley.invalid'}>"


def _letters(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
