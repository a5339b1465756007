"""Bytes of a mail as readable text, whatever character set they were declared in."""

from __future__ import annotations

import base64
import binascii
import codecs
import re

from charset_normalizer import from_bytes

# Codecs Python knows that no mailer means, and that are slow or run backwards on bytes from outside.
_NOT_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
# What Windows mailers call by these names is cp1252, as it is in every browser (encoding.spec.whatwg.org).
_MEANS_1252 = frozenset({"iso8859-1", "ascii", "cp1252"})
_GUESS_BYTES_MAX = 50_000
_FOREIGN_SHARE = 0.25

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
# Signs no text column takes and no reader sees; tab and newline stay.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")


def cleaned(text: str) -> str:
    """The text without signs that cannot be stored or seen, with plain newlines."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))


def decoded(raw: bytes, charset: str | None) -> str:
    """The bytes as text. What was declared is believed unless the bytes show otherwise; nothing raises."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return cleaned(raw.decode("utf-16", errors="replace"))
    declared = _known(charset)
    if declared is None or declared in _MEANS_1252:
        # UTF-8 hardly ever happens by accident, and mailers that forget to declare it are common.
        for name in ("utf-8", "cp1252" if declared else None):
            text = _strictly(raw, name)
            if text is not None:
                return cleaned(text)
        return cleaned(_guessed(raw))
    text = _strictly(raw, declared)
    return cleaned(text if text is not None else _guessed(raw))


def header_text(raw: str) -> str:
    """A header as people read it: encoded words (RFC 2047) decoded, bytes the standard forbids read all the same."""
    shown = decoded(raw.encode("utf-8", "surrogateescape"), None) if _has_strange(raw) else raw
    shown = _BETWEEN_WORDS.sub("", shown)
    said: list[str] = []
    waiting: tuple[str, bytes] | None = None
    at = 0
    for word in _WORD.finditer(shown):
        if waiting and (word.start() > at or word[1].lower() != waiting[0]):
            said.append(decoded(waiting[1], waiting[0]))
            waiting = None
        said.append(shown[at : word.start()])
        # A letter may be cut in two between encoded words, so bytes are put together before they are read.
        waiting = (word[1].lower(), (waiting[1] if waiting else b"") + _bytes_of(word[2], word[3]))
        at = word.end()
    if waiting:
        said.append(decoded(waiting[1], waiting[0]))
    said.append(shown[at:])
    return " ".join(cleaned("".join(said)).split())


def _bytes_of(encoding: str, body: str) -> bytes:
    raw = body.encode("utf-8", "replace")
    if encoding in "bB":
        try:
            return base64.b64decode(raw + b"=" * (-len(raw) % 4))
        except (binascii.Error, ValueError):
            return raw
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), raw.replace(b"_", b" "))


def _known(charset: str | None) -> str | None:
    # RFC 2231 lets a language follow the character set: "utf-8*en".
    name = (charset or "").split("*")[0].strip(" \t\"'").replace("cp-850", "cp850")
    if not name or len(name) > 40:
        return None
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if known in _NOT_CHARSETS else known


def _strictly(raw: bytes, charset: str | None) -> str | None:
    if charset is None:
        return None
    try:
        return raw.decode(charset)
    except (UnicodeError, LookupError, ValueError):
        return None


def _guessed(raw: bytes) -> str:
    """Our customers' letters are mostly ASCII; a text that is mostly not is looked at for what it could be."""
    text = _strictly(raw, "utf-8")
    if text is not None:
        return text
    foreign = sum(byte > 0x7F for byte in raw[:_GUESS_BYTES_MAX])
    if foreign > _FOREIGN_SHARE * min(len(raw), _GUESS_BYTES_MAX):
        best = from_bytes(raw[:_GUESS_BYTES_MAX]).best()
        if best is not None:
            return raw.decode(best.encoding, errors="replace")
    # A text in UTF-8 with one broken byte is not a text in cp1252.
    mended = raw.decode("utf-8", errors="replace")
    if foreign > 8 and mended.count("\ufffd") * 4 < foreign:
        return mended
    return raw.decode("cp1252", errors="replace")


def _has_strange(raw: str) -> bool:
    return any(sign > "\x7e" for sign in raw)
