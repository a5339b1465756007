"""A mail taken apart: its headers, its text, its HTML and its files, in whatever state it comes."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from html import escape

from channels.email_html import text_of_html
from channels.email_letters import decoded, header_text

DEPTH_MAX = 20
PARTS_MAX = 200
TEXT_SIGNS_MAX = 1_000_000
HEADER_SIGNS_MAX = 20_000


@dataclass(frozen=True)
class Piece:
    """A part that came as a file. `content` is decoded from its transfer encoding."""

    name: str
    claimed_type: str
    content: bytes


@dataclass
class Taken:
    """What was found in a mail. `marked` is the text in which HTML's own marks of quotes and signatures are kept as
    marks of ours; `returned` are the headers of mails that came back inside."""

    headers: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""
    marked: str = ""
    html: str | None = None
    pieces: list[Piece] = field(default_factory=list)
    statuses: list[dict[str, str]] = field(default_factory=list)
    returned: list[dict[str, list[str]]] = field(default_factory=list)
    content_type: str = "text/plain"
    report_type: str = ""
    message: Message | None = None

    def all(self, name: str) -> Sequence[str]:
        return self.headers.get(name.lower(), ())

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")


@dataclass
class _Block:
    """A stretch of the mail in one or both of its writings."""

    text: str | None = None
    html: str | None = None


@dataclass
class _Gathered:
    blocks: list[_Block] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    seen: int = 0


def take_apart(raw: bytes) -> Taken:
    """The parts of a mail. A mail too broken or too deep for its structure to be followed is read as plain text."""
    try:
        message: Message = email.message_from_bytes(raw)
    except Exception:
        # The parser of the standard library gives up on some mails (nesting beyond its recursion, for one).
        return _as_plain(raw)
    taken = Taken(headers=_headers(message), content_type=_type(message), message=message)
    taken.report_type = _parameter(message, "report-type").lower()
    gathered = _Gathered()
    _gather(message, 0, gathered, taken)
    taken.pieces = gathered.pieces
    _write(gathered.blocks, taken)
    return taken


def _as_plain(raw: bytes) -> Taken:
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = re.sub(rb"\n[ \t]+", b" ", head).split(b"\n")
    taken = Taken()
    for line in lines[:500]:
        name, colon, value = line.partition(b":")
        if colon and name and b" " not in name:
            key = decoded(name, None).lower()
            taken.headers.setdefault(key, []).append(header_text(decoded(value[:HEADER_SIGNS_MAX], None)))
    taken.text = taken.marked = decoded(body[:TEXT_SIGNS_MAX], None)
    return taken


def _headers(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        found.setdefault(header_text(str(name)).lower(), []).append(header_text(str(value)[:HEADER_SIGNS_MAX]))
    return found


def _gather(part: Message, depth: int, found: _Gathered, taken: Taken) -> None:
    found.seen += 1
    if depth > DEPTH_MAX or found.seen > PARTS_MAX:
        return
    kind = _type(part)
    if kind in ("message/delivery-status", "message/global-delivery-status"):
        taken.statuses.extend(_statuses(part))
    elif kind in ("message/rfc822", "message/global") and part.is_multipart():
        inner = _children(part)
        taken.returned.extend(_headers(one) for one in inner[:1])
        found.pieces.append(Piece(_file_name(part) or "message.eml", kind, _whole(inner)))
    elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
        taken.returned.append(_headers(email.message_from_bytes(_content(part))))
    elif part.is_multipart() and kind == "multipart/alternative":
        found.blocks.append(_alternative(part, depth, found, taken))
    elif part.is_multipart():
        for child in _children(part):
            _gather(child, depth + 1, found, taken)
    else:
        _leaf(part, kind, found)


def _alternative(part: Message, depth: int, found: _Gathered, taken: Taken) -> _Block:
    """One stretch written more than once: the plainest writing that says anything, and the HTML."""
    chosen = _Block()
    for child in _children(part):
        inner = _Gathered(seen=found.seen)
        _gather(child, depth + 1, inner, taken)
        found.seen = inner.seen
        found.pieces.extend(inner.pieces)
        texts = [block.text for block in inner.blocks if block.text is not None]
        pages = [block.html for block in inner.blocks if block.html is not None]
        if chosen.text is None and any(text.strip() for text in texts):
            chosen.text = "\n".join(texts)
        if pages:
            chosen.html = "\n".join(pages)
    return chosen


def _leaf(part: Message, kind: str, found: _Gathered) -> None:
    name = _file_name(part)
    disposition = _disposition(part)
    content = _content(part)
    if name or disposition == "attachment":
        found.pieces.append(Piece(name or "", kind, content))
    elif kind == "text/html":
        found.blocks.append(_Block(html=decoded(content[:TEXT_SIGNS_MAX], _charset(part))))
    elif kind in ("text/plain", "text/enriched") or kind.startswith("multipart/"):
        text = decoded(content[:TEXT_SIGNS_MAX], _charset(part))
        if _parameter(part, "format").lower() == "flowed":
            text = _unflowed(text, is_tight=_parameter(part, "delsp").lower() == "yes")
        found.blocks.append(_Block(text=text))
    elif content:
        found.pieces.append(Piece("", kind, content))


def _write(blocks: list[_Block], taken: Taken) -> None:
    texts, marked, pages = [], [], []
    for block in blocks:
        if block.text is not None:
            texts.append(block.text)
            marked.append(block.text)
        elif block.html is not None:
            texts.append(text_of_html(block.html, is_marked=False))
            marked.append(text_of_html(block.html, is_marked=True))
        pages.append(block.html if block.html is not None else f"<pre>{escape(block.text or '')}</pre>")
    taken.text = "\n".join(texts)[:TEXT_SIGNS_MAX].strip("\n")
    taken.marked = "\n".join(marked)[:TEXT_SIGNS_MAX].strip("\n")
    if any(block.html is not None for block in blocks):
        taken.html = "\n".join(pages)[:TEXT_SIGNS_MAX]


def _unflowed(text: str, *, is_tight: bool) -> str:
    """The paragraphs of a text whose lines were broken softly (RFC 3676)."""
    lines: list[str] = []
    was_open, was_depth = False, 0
    for raw in text.split("\n"):
        depth = len(raw) - len(raw.lstrip(">"))
        line = raw[depth:]
        line = line[1:] if line.startswith(" ") else line
        is_soft = line.endswith(" ") and line != "-- "
        said = line[:-1] if is_soft and is_tight else line
        if was_open and depth == was_depth and line != "-- ":
            lines[-1] += said
        else:
            lines.append(f"{'>' * depth}{' ' if depth else ''}{said}")
        was_open, was_depth = is_soft, depth
    return "\n".join(lines)


def _statuses(part: Message) -> Iterator[dict[str, str]]:
    """The blocks of fields of a delivery report (RFC 3464), whether or not the parser saw them as such."""
    blocks = _children(part) if part.is_multipart() else [
        email.message_from_bytes(block) for block in re.split(rb"\r?\n\r?\n", _content(part))
    ]  # fmt: skip
    for block in blocks[:PARTS_MAX]:
        fields = {name: values[0] for name, values in _headers(block).items()}
        if fields:
            yield fields


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:
        content = None
    if isinstance(content, bytes):
        return content
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _whole(inner: list[Message]) -> bytes:
    try:
        return inner[0].as_bytes() if inner else b""
    except Exception:
        return b""


# Each of these raises on some header that some mailer has written.
def _type(part: Message) -> str:
    try:
        return header_text(part.get_content_type())[:100].lower()
    except Exception:
        return "text/plain"


def _parameter(part: Message, name: str) -> str:
    try:
        value = part.get_param(name)
        return header_text(collapse_rfc2231_value(value)) if value else ""
    except Exception:
        return ""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:
        return None


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except Exception:
        return ""


def _file_name(part: Message) -> str:
    try:
        return header_text(part.get_filename() or "")
    except Exception:
        return ""
