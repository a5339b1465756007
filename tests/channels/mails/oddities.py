"""Mails that are broken, huge, nested, in the wrong letters, or made to do harm."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.mime.multipart import MIMEMultipart
from random import Random

from tests.channels.mails.specimen import Specimen, a_file, addressed, both, plain
from tests.channels.mails.speech import ADDRESS, OUR_SUBJECT, PERSON, SAID

HEAD = b"From: Jan <jan@bakker.example>\r\nTo: facturen@vandijk.example\r\nSubject: Factuur\r\nMessage-ID: <odd@bakker.example>\r\n"
CHARSETS = {"en": "windows-1252", "nl": "iso-8859-1", "de": "iso-8859-15", "fr": "mac-roman", "es": "utf-16"}
EICAR_LIKE = b"MZ\x90\x00" + b"\x00" * 60


def oddities(random: Random) -> Iterator[Specimen]:
    for language in SAID:
        yield from _letters(language)
    yield from _broken(random)
    yield from _nested()
    yield from _hostile_headers()
    yield from _with_files()


def _raw(body: bytes, *headers: bytes) -> bytes:
    return HEAD + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


def _odd(name: str, raw: bytes, text: str | None = None, language: str = "nl", **of: object) -> Specimen:
    return Specimen(f"odd-{name}", language, "odd", raw, text=text, **of)  # type: ignore[arg-type]


def _letters(language: str) -> Iterator[Specimen]:
    said = SAID[language][1]
    kinds = [
        ("undeclared-utf8", said.encode(), b""),
        ("undeclared-1252", said.encode("cp1252"), b""),
        ("says-ascii", said.encode("cp1252"), b'text/plain; charset="us-ascii"'),
        ("says-latin1-is-utf8", said.encode(), b"text/plain; charset=iso-8859-1"),
        ("says-utf8-is-1252", said.encode("cp1252"), b"text/plain; charset=utf-8"),
        ("unknown-charset", said.encode(), b"text/plain; charset=x-unknown"),
        ("no-such-charset", said.encode("cp1252"), b'text/plain; charset="iso-8859-99"'),
        ("not-a-charset", said.encode(), b"text/plain; charset=rot13"),
        ("declared", said.encode(CHARSETS[language]), b"text/plain; charset=" + CHARSETS[language].encode()),
    ]
    for name, body, declared in kinds:
        headers = [b"Content-Type: " + declared] if declared else []
        yield _odd(f"{name}-{language}", _raw(body, *headers, b"MIME-Version: 1.0"), said, language)
    subject = OUR_SUBJECT[language]
    raw_header = HEAD.replace(b"Factuur", subject.encode()) + b"\r\n" + said.encode()
    yield _odd(f"utf8-in-header-{language}", raw_header, said, language)
    yield _odd(
        f"only-subject-{language}",
        addressed(plain(""), PERSON[language], ADDRESS[language], subject).as_bytes(),
        subject,
        language,
    )


def _broken(random: Random) -> Iterator[Specimen]:
    said = SAID["nl"][1]
    mixed = b'Content-Type: multipart/mixed; boundary="x"'
    yield _odd("empty", b"")
    yield _odd("one-newline", b"\n")
    yield _odd("no-headers", said.encode())
    yield _odd("headers-only", HEAD, "Factuur")
    yield _odd("no-boundary", _raw(said.encode(), b"Content-Type: multipart/mixed"), said)
    yield _odd("boundary-never-comes", _raw(said.encode(), mixed))
    yield _odd(
        "boundary-never-ends",
        _raw(b"--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + said.encode(), mixed),
        said,
    )
    yield _odd("empty-boundary", _raw(said.encode(), b'Content-Type: multipart/mixed; boundary=""'))
    yield _odd("bad-base64", _raw(b"V2lqIGhlYmJlbg=!!==\r\n\xff\xfe", b"Content-Transfer-Encoding: base64"))
    yield _odd(
        "base64-cut",
        _raw(
            base64.b64encode(said.encode())[:-3],
            b"Content-Transfer-Encoding: base64",
            b"Content-Type: text/plain; charset=utf-8",
        ),
    )
    yield _odd(
        "bad-quoted-printable",
        _raw(b"Wij hebben =ZZ maar =\r\n negen=", b"Content-Transfer-Encoding: quoted-printable"),
    )
    yield _odd(
        "unknown-encoding",
        _raw(said.encode(), b"Content-Transfer-Encoding: x-9bit", b"Content-Type: text/plain; charset=utf-8"),
        said,
    )
    yield _odd("bare-returns", HEAD.replace(b"\r\n", b"\r") + b"\r" + said.encode())
    yield _odd(
        "nul-bytes", _raw(said.encode().replace(b" ", b" \x00"), b"Content-Type: text/plain; charset=utf-8"), said
    )
    yield _odd("uuencoded", _raw(b"begin 644 a.txt\n#0V%T\n`\nend\n", b"Content-Transfer-Encoding: x-uuencode"))
    yield _odd("type-without-slash", _raw(said.encode(), b"Content-Type: text"), said)
    yield _odd("type-of-nonsense", _raw(said.encode(), b"Content-Type: ;;;=\xff\xfe; charset=\x00"))
    for number in range(20):
        yield _odd(f"noise-{number}", random.randbytes(random.randrange(1, 4_000)))
    whole = _files_mail("jan.pdf", b"%PDF-1.7 " + b"x" * 500, "application/pdf").as_bytes()
    for number in range(20):
        place = random.randrange(len(whole))
        yield _odd(f"cut-{number}", whole[:place])
        broken = bytearray(whole)
        for _ in range(30):
            broken[random.randrange(len(broken))] = random.randrange(256)
        yield _odd(f"flipped-{number}", bytes(broken))


def _nested() -> Iterator[Specimen]:
    said = SAID["nl"][1]
    for depth in (3, 19, 60, 400):
        inner = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + said.encode() + b"\r\n"
        for level in range(depth):
            inner = (
                f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n".encode()
                + inner
                + f"--b{level}--\r\n".encode()
            )
        yield _odd(f"nested-{depth}", HEAD + inner, said if depth < 20 else None)
    mail = plain(said)
    for level in range(30):
        outer = MIMEMultipart()
        forwarded = Message()
        forwarded["Content-Type"] = "message/rfc822"
        forwarded.set_payload([mail])
        outer.attach(forwarded)
        mail = addressed(outer, "Jan", "jan@bakker.example", f"Fwd {level}")
    yield _odd("forwards-in-forwards", mail.as_bytes())
    yield _odd("many-parts", _raw(b"--x\r\n\r\na\r\n" * 3_000, b'Content-Type: multipart/mixed; boundary="x"'))
    yield _odd("deep-html", _raw(b"<div>" * 50_000 + said.encode(), b"Content-Type: text/html; charset=utf-8"), said)
    yield _odd(
        "broken-html",
        _raw(b"<p>Wij <b>hebben <i>maar</b></i><table><tr>9 <script>x()</script>van 12</p", b"Content-Type: text/html"),
    )
    flowed = plain(
        "Wij hebben maar negen \nvan de twaalf \npallets ontvangen.\n\n> Wat is er \n> ontvangen?\n>\n> Van Dijk\n",
        format="flowed",
    )
    yield _odd(
        "flowed",
        addressed(flowed, "Jan", "jan@bakker.example", "Re: x").as_bytes(),
        "Wij hebben maar negen van de twaalf pallets ontvangen.",
    )
    related = MIMEMultipart(
        "alternative",
        _subparts=[
            plain(said),
            MIMEMultipart(
                "related",
                _subparts=[
                    both("", f"<p>{said}</p>"),
                    a_file("logo.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "image/png", "inline"),
                ],
            ),
        ],
    )
    yield _odd(
        "related",
        addressed(related, "Jan", "jan@bakker.example", "Re: x").as_bytes(),
        said,
        wants_files=(("logo.png", True),),
    )


def _hostile_headers() -> Iterator[Specimen]:
    body = b"\r\nWij betalen vrijdag.\r\n"
    said = "Wij betalen vrijdag."
    yield _odd("long-subject", HEAD.replace(b"Factuur", b"F" * 200_000) + body, said)
    yield _odd("long-line", _raw(b"x" * 500_000))
    yield _odd("many-headers", HEAD + b"X-Spam: yes\r\n" * 20_000 + body, said)
    yield _odd("bad-encoded-word", HEAD.replace(b"Factuur", b"=?utf-8?B?////?= =?x?Q?=ZZ?= =?utf-8?Q") + body, said)
    yield _odd("split-letter", HEAD.replace(b"Factuur", b"=?utf-8?B?w4PCvA?= =?utf-8?B?w6k=?=") + body, said)
    yield _odd(
        "comma-in-name", HEAD.replace(b"Jan <jan@bakker.example>", b"Boer, Jan de <jan@bakker.example>") + body, said
    )
    yield _odd("two-from", HEAD.replace(b"Jan <", b"Eve <eve@evil.example>, Jan <") + body, said)
    yield _odd("no-from", HEAD.replace(b"From: Jan <jan@bakker.example>\r\n", b"") + body, said)
    yield _odd("group-address", HEAD.replace(b"To: ", b"To: undisclosed-recipients:;, ") + body, said)
    yield _odd("quotes", HEAD.replace(b"Jan <", b'"Jan \\" <x@y>\\\\" <') + body, said)
    yield _odd("bad-date", HEAD + b"Date: Moon, 99 Foo 20266 77:77:77 +9999\r\n" + body, said)
    yield _odd(
        "bad-references", HEAD + b"References: " + b"<" * 5_000 + b"a@b>\r\nIn-Reply-To: nonsense\r\n" + body, said
    )
    yield _odd("bad-message-id", HEAD.replace(b"<odd@bakker.example>", b"odd") + body, said)
    yield _odd("control-signs", HEAD.replace(b"Factuur", b"Fac\x00\x07\x1btuur\xe2\x80\xae") + body, said)
    yield _odd("quote-marks-only", _raw(b"> " * 100_000))
    yield _odd("intro-bait", _raw(b"On 1 wrote wrote wrote " * 20_000 + b":"))
    yield _odd("many-intros", _raw(b"On 16 Mar 2026 at 12:00 x@y.example said\r\n" * 20_000))


def _files_mail(name: str, content: bytes, kind: str = "application/octet-stream") -> Message:
    return addressed(
        MIMEMultipart(_subparts=[plain(SAID["nl"][0]), a_file(name, content, kind)]),
        "Jan",
        "jan@bakker.example",
        "Factuur",
    )


def a_zip(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


def _with_files() -> Iterator[Specimen]:
    said = SAID["nl"][0]
    for place, (name, content, kind, kept) in enumerate([
        ("pakbon.pdf", b"%PDF-1.7\n1 0 obj\n", "application/pdf", True),
        ("foto.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 40, "image/jpeg", True),
        ("regels.csv", "nummer;bedrag\n1;€ 2\n".encode(), "text/csv", True),
        ("factuur.xml", b'<?xml version="1.0"?><Invoice/>', "application/xml", True),
        ("bestelling.xlsx", a_zip("[Content_Types].xml", "xl/workbook.xml"), "application/zip", True),
        ("factuur.pdf", EICAR_LIKE, "application/pdf", False),
        ("factuur.pdf.exe", b"%PDF-1.7\n", "application/pdf", False),
        ("factuur\u202efdp.exe", b"%PDF-1.7\n", "application/pdf", False),
        ("factuur.js", b"alert(1)", "text/plain", False),
        ("factuur.html", b"<p>hi</p>", "text/html", False),
        ("factuur.txt", b"  <!DOCTYPE html><script>x()</script>", "text/plain", False),
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", False),
        ("logo.png", b'<?xml version="1.0"?><svg/>', "image/png", False),
        ("facturen.zip", a_zip("factuur.pdf", "factuur.scr"), "application/zip", False),
        ("facturen2.zip", a_zip("factuur.pdf"), "application/zip", True),
        ("binnen.zip", a_zip("nog.zip"), "application/zip", False),
        ("facturen.rar", b"Rar!\x1a\x07\x00", "application/x-rar", False),
        ("lijst.xlsm", a_zip("[Content_Types].xml", "xl/vbaProject.bin"), "application/zip", False),
        ("lijst.docx", a_zip("[Content_Types].xml", "word/vbaProject.bin"), "application/zip", False),
        ("groot.pdf", b"%PDF-1.7\n" + b"\x00" * (20 * 1024 * 1024), "application/pdf", False),
        ("leeg.pdf", b"", "application/pdf", True),
    ]):  # fmt: skip
        shown = name.replace("\u202e", "")
        yield _odd(f"file-{place}", _files_mail(name, content, kind).as_bytes(), said, wants_files=((shown, kept),))
    many = MIMEMultipart(_subparts=[plain(said), *(a_file(f"{number}.txt", b"regel") for number in range(25))])
    addressed(many, "Jan", "jan@bakker.example", "Factuur")
    yield _odd(
        "25-files", many.as_bytes(), said, wants_files=tuple((f"{number}.txt", number < 20) for number in range(25))
    )
    heavy = MIMEMultipart(
        _subparts=[plain(said), *(a_file(f"{number}.pdf", b"%PDF" + bytes(9 * 1024 * 1024)) for number in range(3))]
    )
    addressed(heavy, "Jan", "jan@bakker.example", "Factuur")
    yield _odd("27-megabytes", heavy.as_bytes(), said, wants_files=(("0.pdf", True), ("1.pdf", True), ("2.pdf", False)))
    yield _odd("path-in-name", _files_mail("../../etc/passwd", b"x").as_bytes(), said, wants_files=(("passwd", True),))
    yield _odd(
        "windows-path",
        _files_mail("C:\\temp\\pakbon.pdf", b"%PDF-1.4").as_bytes(),
        said,
        wants_files=(("pakbon.pdf", True),),
    )
    yield _odd(
        "no-name", _files_mail("", b"%PDF-1.4", "application/pdf").as_bytes(), said, wants_files=(("file-1.pdf", True),)
    )
