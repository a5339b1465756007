"""Which files may come in with a form on a customer's page: pictures and PDFs, told by their bytes, and not too large."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass

from o2c_core.errors import Refused

FILE_BYTES_MAX = 8 * 1024 * 1024
FILES_MAX = 3
NAME_SIGNS_MAX = 120
_HEADS = (
    (0, b"%PDF-", "application/pdf"), (0, b"\x89PNG\r\n\x1a\n", "image/png"), (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"), (4, b"ftypheic", "image/heic"), (4, b"ftypmif1", "image/heif"),
)  # fmt: skip


class NotAPicture(Refused):
    """Only pictures and PDF files of at most 8 MB can be sent along."""


@dataclass(frozen=True)
class PageFile:
    """A file as it is kept; `media_type` is what its bytes are."""

    name: str
    media_type: str
    claimed_type: str
    content: bytes

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def page_file(name: str, claimed_type: str, content: bytes) -> PageFile:
    """Raises: NotAPicture."""
    kind = next((kind for at, head, kind in _HEADS if content[at : at + len(head)] == head), None)
    if kind is None or len(content) > FILE_BYTES_MAX:
        raise NotAPicture(size=len(content), claimed=claimed_type[:100])
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(sign for sign in last if not unicodedata.category(sign).startswith("C")).strip()
    return PageFile(kept[-NAME_SIGNS_MAX:] or "file", kind, claimed_type[:100], content)
