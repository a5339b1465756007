"""The form SendGrid posts an incoming mail in, taken apart as bytes: each field has a charset of its own."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

# SendGrid's form has about twenty fields and one part per attachment.
PARTS_MAX = 500
PART_HEADER_BYTES_MAX = 16_384

# What senders call a charset, and the wider one their programs really wrote (encoding.spec.whatwg.org, section 4.2).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# Python's codecs that are no charsets of mail.
_NO_CHARSETS = ("idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf_7")


@dataclass(frozen=True)
class FormFile:
    """A part that came with a file's name."""

    field: str
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """Fields and files as they came. `is_whole` says whether the form had its end and nothing odd in it."""

    fields: dict[str, bytes] = field(default_factory=dict)
    files: tuple[FormFile, ...] = ()
    is_whole: bool = False

    def mail(self) -> bytes | None:
        """The mail itself, where SendGrid posts it raw. The SDK calls the field `email`, a guide of theirs `rawEmail`."""
        for name in ("email", "rawEmail"):
            if self.fields.get(name):
                return self.fields[name]
        return next((file.content for file in self.files if file.field in ("email", "rawEmail") and file.content), None)

    def text(self, name: str) -> str | None:
        """A field as text, by the charset the form names for it. None when it did not come."""
        if name not in self.fields:
            return None
        charset = self.json("charsets").get(name)
        return text_from(self.fields[name], charset if isinstance(charset, str) else None)

    def json(self, name: str) -> dict[str, Any]:
        """A field that holds an object as JSON; empty when it does not."""
        try:
            value = json.loads(self.fields.get(name, b""))
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


def text_from(content: bytes, charset: str | None) -> str:
    """The text in some bytes; what the named charset cannot read is read as UTF-8 or, failing that, as Windows does."""
    for name in (charset, "utf-8"):
        codec = _codec(name)
        if codec is None:
            continue
        try:
            return content.decode(codec)
        except UnicodeError:
            continue
    codec = _codec(charset)
    return content.decode("cp1252" if codec in (None, "utf-8") else codec, "replace")


def form_of(body: bytes, content_type: str | None) -> Form:
    """The form in a request's body. What is broken, cut off or not a form at all gives as much of it as there is."""
    kind, options = parse_options_header((content_type or "").encode("latin-1", "ignore").decode("latin-1"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        return Form()
    reader = _Reader()
    try:
        parser = MultipartParser(boundary, reader.callbacks(), max_header_size=PART_HEADER_BYTES_MAX)
        parser.write(body)
        parser.finalize()
    except (FormParserError, _TooManyParts):
        reader.is_whole = False
    fields: dict[str, bytes] = {}
    files: list[FormFile] = []
    for part in reader.parts():
        if part.is_file:
            files.append(FormFile(part.field, part.name, part.media_type, bytes(part.content)))
        else:
            fields.setdefault(part.field, bytes(part.content))
    return Form(fields, tuple(files), reader.is_whole)


class _TooManyParts(Exception):
    pass


@dataclass
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict)
    content: bytearray = field(default_factory=bytearray)
    field: str = ""
    name: str = ""
    is_file: bool = False

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", b"").decode("latin-1")


class _Reader:
    """Collects the parts as the parser comes upon them."""

    def __init__(self) -> None:
        self.is_whole = False
        self._parts: list[_Part] = []
        self._header, self._value = bytearray(), bytearray()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_end": self._end,
        }

    def parts(self) -> Iterator[_Part]:
        return (part for part in self._parts if part.field)

    def _begin(self) -> None:
        if len(self._parts) == PARTS_MAX:
            raise _TooManyParts
        self._parts.append(_Part())

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._parts[-1].content += data[start:end]

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._parts[-1].headers[self._header.decode("latin-1").lower()] = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        part = self._parts[-1]
        _, options = parse_options_header(part.headers.get("content-disposition"))
        part.field = text_from(options.get(b"name", b""), None)
        part.is_file = b"filename" in options
        part.name = text_from(options.get(b"filename", b""), None)

    def _end(self) -> None:
        self.is_whole = True


def _codec(charset: str | None) -> str | None:
    """The codec for a charset's name; None where there is none, or none that is for text."""
    try:
        found = codecs.lookup((charset or "").strip().strip("\"'"))
    except (LookupError, ValueError, UnicodeError):
        return None
    if found.name.replace("-", "_") in _NO_CHARSETS or not found._is_text_encoding:
        return None
    return _WIDER.get(found.name, found.name)
