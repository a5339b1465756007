"""A mail put together again from the fields SendGrid took it apart into, so that every mail is read in one way."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from urllib.parse import quote

from channels.sendgrid_form import Form, FormFile

_HEADER_CHARACTERS_MAX = 20_000
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,100}/[\w!#$&^.+-]{1,100}", re.ASCII)
_CONTENT_ID = re.compile(r"[!-;=?-~]{1,300}")
# What the rebuilt mail says of its own parts; the old words were about parts that are no more.
_REPLACED = re.compile(
    rb"^(?:content-(?:type|transfer-encoding|disposition)|mime-version)[ \t]*:.*(?:\r?\n[ \t].*)*\r?\n?",
    re.IGNORECASE | re.MULTILINE,
)
# A bounce says so in the type of the whole, which therefore stays.
_REPORT = re.compile(
    rb"^content-type[ \t]*:[ \t]*multipart/report\b(.*(?:\r?\n[ \t].*)*)", re.IGNORECASE | re.MULTILINE
)
_REPORT_TYPE = re.compile(rb"report-type[ \t]*=[ \t]*\"?([\w-]{1,60})", re.IGNORECASE)
# The names in an address header that need encoding: in quotes, or as many words in a row as need it.
_FOREIGN = re.compile(r'"[^"]*[^\x00-\x7f"][^"]*"|[^\s<>"(),]{0,99}[^\x00-\x7f][^<>"(),]*(?<=\S)')
_PLAIN_HEADERS = (("from", "From"), ("to", "To"), ("cc", "Cc"), ("subject", "Subject"))


def rebuilt(form: Form) -> bytes | None:
    """The mail with the headers it came with, its text and HTML read by their own charsets, and its files as they are.

    None when the form holds nothing of a mail.
    """
    text, html = form.text("text"), form.text("html")
    head = _head(form)
    if not (head or text or html or form.files):
        return None
    parts = [_text_part("plain", text)] if text is not None or html is None else []
    if html is not None:
        parts.append(_text_part("html", html))
    boundary = "=_" + hashlib.sha256(b"\0".join([head, *parts])).hexdigest()[:40]
    body = [_multipart("alternative", parts, f"{boundary}_a")] if len(parts) > 1 else parts
    if form.files:
        body = [_multipart(_kind_of_whole(form), [*body, *_file_parts(form)], boundary)]
    return head + b"MIME-Version: 1.0\r\n" + body[0]


def _head(form: Form) -> bytes:
    """The header lines as they came, or those that can be had from the single fields."""
    headers = re.split(rb"\r?\n\r?\n", form.fields.get("headers", b"").lstrip(b"\r\n"), maxsplit=1)[0]
    kept = _REPLACED.sub(b"", headers).strip(b"\r\n")
    # A line that is neither a header nor the rest of one would end the headers there and then.
    lines = [line for line in kept.splitlines() if line[:1] in b" \t" or re.match(rb"[!-9;-~]+[ \t]*:", line)]
    names = {line.split(b":", 1)[0].strip().lower() for line in lines}
    for field, name in _PLAIN_HEADERS:
        value = form.text(field)
        if value and name.lower().encode() not in names:
            lines.append(f"{name}: {_encoded(value, is_address=field != 'subject')}".encode("ascii", "ignore"))
    return b"".join(line + b"\r\n" for line in lines if line.strip())


def _kind_of_whole(form: Form) -> str:
    report = _REPORT.search(form.fields.get("headers", b""))
    if report is None:
        return "mixed"
    about = _REPORT_TYPE.search(report[1])
    return f"report; report-type={about[1].decode('ascii', 'ignore') if about else 'delivery-status'}"


def _encoded(value: str, *, is_address: bool) -> str:
    """A header's value in ASCII; in an address only the words that need it are encoded."""
    line = " ".join(value[:_HEADER_CHARACTERS_MAX].split())
    if line.isascii():
        return line
    return _FOREIGN.sub(_as_word, line) if is_address else re.sub(r".*[^\x00-\x7f].*", _as_word, line)


def _as_word(found: re.Match[str]) -> str:
    text = found[0].strip('"').encode("utf-8", "ignore")
    return f"=?utf-8?b?{base64.b64encode(text).decode()}?="


def _text_part(subtype: str, text: str | None) -> bytes:
    content = (text or "").encode("utf-8", "ignore")
    return _part(f"Content-Type: text/{subtype}; charset=utf-8", content)


def _file_parts(form: Form) -> Iterator[bytes]:
    told = form.json("attachment-info")
    ids = {field: name for name, field in form.json("content-ids").items() if isinstance(field, str)}
    for file in form.files:
        about = told.get(file.field)
        about = about if isinstance(about, dict) else {}
        yield _file_part(file, about, ids.get(file.field))


def _file_part(file: FormFile, about: dict[str, object], content_id: str | None) -> bytes:
    claimed = [file.media_type.split(";")[0].strip(), about.get("type")]
    media_type = next((one for one in claimed if isinstance(one, str) and _MEDIA_TYPE.fullmatch(one)), None)
    name = next(
        (one for one in (about.get("filename"), about.get("name"), file.name) if isinstance(one, str) and one), "file"
    )
    lines = [
        f"Content-Type: {media_type or 'application/octet-stream'}",
        f"Content-Disposition: attachment; filename*=utf-8''{quote(name[:200].encode('utf-8', 'ignore'), safe='')}",
    ]
    if content_id and _CONTENT_ID.fullmatch(content_id.strip("<>")):
        lines.append(f"Content-ID: <{content_id.strip('<>')}>")
    head = "\r\n".join(lines)
    if media_type and media_type.lower().startswith("message/"):
        return head.encode("ascii") + b"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + file.content  # RFC 2046 5.2
    return _part(head, file.content)


def _part(head: str, content: bytes) -> bytes:
    coded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return head.encode("ascii") + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded


def _multipart(subtype: str, parts: list[bytes], boundary: str) -> bytes:
    mark = boundary.encode("ascii")
    inner = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    return (
        b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n' % (subtype.encode(), mark)
        + inner
        + b"--"
        + mark
        + b"--\r\n"
    )
