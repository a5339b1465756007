"""One mail at a time: who wrote it, to which thread, whether that can be believed, and what may be shown."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email_alignment import organisation_of
from channels.email_automatic import wants_no_automatic_answer
from channels.email_html import safe_html, text_of_html
from channels.email_letters import decoded, header_text
from channels.email_new_text import new_text
from channels.email_parts import take_apart
from channels.email_reading import read_mail
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Heard
from tests.channels.mails.specimen import CONVERSATION, DOORPLATE, OWN, RECEIVED_AT, REPLY_TO, addressed, plain


def read(raw: bytes, **of: object) -> Heard:
    asked = {"doorplate": DOORPLATE, "own_addresses": [OWN], "received_at": RECEIVED_AT} | of
    return read_mail(raw, **asked)  # type: ignore[arg-type]


def a_mail(text: str = "Wij betalen vrijdag.", **headers: str) -> bytes:
    asked = {"From": "Jan <Jan@Bakker.example>", "To": OWN, "Subject": "Factuur", "Message-ID": "<1@bakker.example>"}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in (asked | headers).items() if value)
    return f"{lines}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}".encode()


@given(st.binary(max_size=3_000))
def test_no_bytes_raise(raw: bytes) -> None:
    assert read(raw).channel == "email"


HEADER_VALUES = st.text(st.characters(exclude_characters="\r\n"), max_size=80)


@given(
    st.dictionaries(
        st.sampled_from([
            "From", "To", "Subject", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
            "Auto-Submitted", "References", "Date", "Authentication-Results", "List-Id", "Precedence",
        ]),
        HEADER_VALUES | st.sampled_from(["multipart/mixed; boundary=x", "multipart/report; report-type=delivery-status", "base64",
                                         'text/html; charset="x', "message/rfc822", "=?utf-8?B?//?=", "attachment; filename*=utf-8''%ff", "MAILER-DAEMON@x.example"]),
    ),
    st.lists(st.sampled_from([b"--x", b"--x--", b"", b"> quoted", b"Content-Type: text/html", b"<div><p>", b"On 1 Jan 2026 at 10:00 x wrote:", b"\xff\xfe", b"-- ", b"From: a@b.c"]), max_size=30),
)  # fmt: skip
def test_no_mail_raises(headers: dict[str, str], lines: list[bytes]) -> None:
    head = b"".join(f"{name}: {value}\r\n".encode("utf-8", "surrogatepass") for name, value in headers.items())
    found = read(
        head + b"\r\n" + b"\r\n".join(lines), trusted_servers=["mx.vandijk.example"], envelope_from="a@b.example"
    )
    assert found.mail is not None
    assert "\x00" not in found.text + found.mail.original + found.mail.subject


@given(st.text(max_size=400))
def test_new_text_invents_nothing(text: str) -> None:
    said = set(new_text(text).split())
    assert said <= set(text.split())


@given(st.text(max_size=300))
def test_shown_html_runs_nothing(text: str) -> None:
    shown = safe_html(
        f"<p>{text}</p><img src=x onerror=y><a href='javascript:{text}'>a</a><script>{text}</script>"
    ).lower()
    assert not re.search(
        r"<(?!/?(?:p|a|b|i|u|s|em|strong|br|hr|div|span|ul|ol|li|pre|code|del|ins|sub|sup|small|blockquote|table|t[bdhr]|h\d)\b)",
        shown,
    )
    assert "onerror" not in re.sub(r">[^<]*<", "><", shown)


@pytest.mark.parametrize(("from_header", "address", "name"), [
    ("Jan <Jan@Bakker.example>", "jan@bakker.example", "Jan"),
    ("jan@bakker.example", "jan@bakker.example", None),
    ('"Boer, Jan de" <jan@bakker.example>', "jan@bakker.example", "Boer, Jan de"),
    ("Boer, Jan de <jan@bakker.example>", "jan@bakker.example", "Boer, Jan de"),
    ("=?utf-8?Q?H=C3=A9l=C3=A8ne?= <h@bakker.example>", "h@bakker.example", "Hélène"),
    ("=?iso-8859-1?Q?J=F6rg_M=FCller?= <j@bakker.example>", "j@bakker.example", "Jörg Müller"),
    ("Hélène <h@bakker.example>", "h@bakker.example", "Hélène"),
    ("jan@bakker.example (Jan)", "jan@bakker.example", "Jan"),
])  # fmt: skip
def test_the_writer_is_read(from_header: str, address: str, name: str | None) -> None:
    found = read(a_mail(From=from_header))
    assert found.mail is not None
    assert (found.from_address, found.mail.sender_name) == (address, name)


@pytest.mark.parametrize(("headers", "envelope_to"), [
    ({"To": REPLY_TO}, []),
    ({"To": REPLY_TO.upper()}, []),
    ({"To": f"Van Dijk <{OWN}>", "Cc": f"iemand@x.example, {REPLY_TO}"}, []),
    ({"Delivered-To": REPLY_TO}, []),
    ({"To": "undisclosed-recipients:;"}, [REPLY_TO]),
])  # fmt: skip
def test_a_reply_address_names_the_conversation_wherever_it_stands(
    headers: dict[str, str], envelope_to: list[str]
) -> None:
    found = read(a_mail(**headers), envelope_to=envelope_to)
    assert found.mail is not None
    assert found.mail.thread == CONVERSATION
    assert found.to_address == REPLY_TO


def test_a_reply_address_with_somebody_elses_mark_names_nothing() -> None:
    forged = Doorplate("another key", reply_domain=DOORPLATE.reply_domain).reply_address(CONVERSATION) or ""
    found = read(a_mail(To=forged))
    assert found.mail is not None
    assert found.mail.thread is None


def test_a_mail_is_known_by_its_id_or_by_its_bytes() -> None:
    assert read(a_mail()).key == "<1@bakker.example>"
    bare = a_mail(**{"Message-ID": ""})
    assert read(bare).key == f"sha256:{hashlib.sha256(bare).hexdigest()}"


TRUSTED = ["mx.vandijk.example"]


@pytest.mark.parametrize("line", [
    "From jan@bakker.example        dkim {@bakker.example : pass}          spf -     by -                   → aligned",
    "From jan@bakker.example        dkim {@mail.bakker.example : pass}     spf -     by -                   → aligned",
    "From jan@mail.bakker.co.uk     dkim {@bakker.co.uk : pass}            spf -     by -                   → aligned",
    "From jan@bakker.co.uk          dkim {@slager.co.uk : pass}            spf -     by -                   → not",
    "From jan@bakker.example        dkim {@bakker.example : fail}          spf -     by -                   → not",
    "From jan@bakker.example        dkim {@evil.example : pass}            spf -     by -                   → not",
    "From jan@bakker.example        dkim {@evil.example : pass, @bakker.example : pass} spf - by -          → aligned",
    "From jan@bakker.example        dkim {@bakker.example.evil.org : pass} spf -     by -                   → not",
    "From jan@bakker.example        dkim none                              spf pass  by jan@bakker.example  → aligned",
    "From jan@bakker.example        dkim none                              spf pass  by b@lists.evil.org    → not",
    "From jan@bakker.example        dkim none                              spf softfail by jan@bakker.example → not",
    "From jan@bakker.example        dkim none                              spf pass  by -                   → not",
    "From jan@localhost             dkim {@localhost : pass}               spf -     by -                   → not",
])  # fmt: skip
def test_a_domain_is_believed_only_when_something_vouches_for_it(line: str) -> None:
    match = re.fullmatch(r"From (\S+) +dkim (.+?) +spf (\S+) +by (\S+) +→ (.+)", line)
    assert match
    sender, dkim, spf, by, outcome = match.groups()
    found = read(
        a_mail(From=f"Jan <{sender}>"),
        dkim=dkim,
        spf=spf if spf != "-" else None,
        envelope_from=by if by != "-" else None,
    )
    assert found.mail is not None
    assert found.mail.is_aligned == (outcome == "aligned")


def test_two_writers_are_vouched_for_by_nobody() -> None:
    found = read(
        a_mail(From="Eve <eve@evil.example>, Jan <jan@bakker.example>"),
        dkim="{@bakker.example : pass, @evil.example : pass}",
    )
    assert found.mail is not None
    assert not found.mail.is_aligned


@pytest.mark.parametrize(("results", "is_believed"), [
    ("mx.vandijk.example; dkim=pass header.d=bakker.example", True),
    ("mx.vandijk.example; spf=pass smtp.mailfrom=jan@bakker.example", True),
    ("mx.vandijk.example; dkim=fail header.d=bakker.example", False),
    ("mx.vandijk.example; dkim=pass header.d=evil.example", False),
    ("mx.evil.example; dkim=pass header.d=bakker.example", False),
    ("nonsense", False),
])  # fmt: skip
def test_only_our_own_server_is_believed_about_what_it_found(results: str, is_believed: bool) -> None:
    mail = a_mail(**{"Authentication-Results": results})
    trusting, careful = read(mail, trusted_servers=TRUSTED), read(mail)
    assert trusting.mail is not None
    assert careful.mail is not None
    assert trusting.mail.is_aligned == is_believed
    assert not careful.mail.is_aligned


def test_the_topmost_finding_of_our_server_counts() -> None:
    forged = b"Authentication-Results: mx.vandijk.example; dkim=none\r\n" + a_mail(
        **{"Authentication-Results": "mx.vandijk.example; dkim=pass header.d=bakker.example"}
    )
    found = read(forged, trusted_servers=TRUSTED)
    assert found.mail is not None
    assert not found.mail.is_aligned


@pytest.mark.parametrize(("domain", "organisation"), [
    ("mail.bakker.example", "bakker.example"),
    ("a.b.bakker.co.uk", "bakker.co.uk"),
    ("co.uk", None),
    ("", None),
    ("bäcker.de", "xn--bcker-gra.de"),
    ("XN--BCKER-GRA.de.", "xn--bcker-gra.de"),
    ("a..b", None),
])  # fmt: skip
def test_an_organisation_is_what_somebody_registered(domain: str, organisation: str | None) -> None:
    assert organisation_of(domain) == organisation


@pytest.mark.parametrize(("shown", "page"), [
    ("<b>hi</b>", "<b onclick=x()>hi</b><script>x()</script><style>b{}</style>"),
    ('<a href="https://x.example/" rel="noopener noreferrer nofollow">a</a>', '<a href="https://x.example/" target=_top>a</a>'),
    ('<a rel="noopener noreferrer nofollow">a</a>', '<a href="javascript:x()">a</a>'),
    ('<a rel="noopener noreferrer nofollow">a</a>', '<a href="/relative">a</a>'),
    ('<a href="mailto:a@b.example" rel="noopener noreferrer nofollow">a</a>', '<a href="mailto:a@b.example">a</a>'),
    ("", '<img src="https://tracker.example/x.gif"><iframe src="//x"></iframe><form><input></form>'),
    ("<p>a</p>", '<p style="background:url(https://x.example)" background="https://x.example">a</p>'),
])  # fmt: skip
def test_html_is_shown_without_what_runs_loads_or_leads_astray(shown: str, page: str) -> None:
    assert safe_html(page) == shown


@pytest.mark.parametrize(("raw", "charset", "text"), [
    (b"caf\xe9", "iso-8859-1", "café"),
    ("café".encode(), "iso-8859-1", "café"),
    (b"caf\xe9", "utf-8", "café"),
    (b"\x80 5", "iso-8859-1", "€ 5"),
    ("Grüße".encode("utf-16"), None, "Grüße"),
    ("Привет, как дела? Мы заплатим в пятницу.".encode("koi8-r"), "koi8-r", "Привет, как дела? Мы заплатим в пятницу."),
    (b"caf\xe9", "rot13", "café"),
    (b"a\x00b\r\nc", "utf-8", "ab\nc"),
])  # fmt: skip
def test_bytes_are_read_in_the_letters_they_are_in(raw: bytes, charset: str | None, text: str) -> None:
    assert decoded(raw, charset) == text


@pytest.mark.parametrize(("raw", "text"), [
    ("=?utf-8?B?RmFjdHV1cg==?=", "Factuur"),
    ("=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?=", "Grüße"),
    ("=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
    ("Re: =?iso-8859-1?Q?Rechnung_f=FCr?= M=?", "Re: Rechnung für M=?"),
    ("=?utf-8?B?!!!?=", ""),
    ("  twee\r\n  regels ", "twee regels"),
])  # fmt: skip
def test_headers_are_read_as_people_see_them(raw: str, text: str) -> None:
    assert header_text(raw) == text


@pytest.mark.parametrize(("page", "text"), [
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("a<br>b<br><br>c", "a\nb\n\nc"),
    ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
    ("a<blockquote>b<blockquote>c</blockquote></blockquote>d", "a\n> b\n>> c\nd"),
    ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
    ("a<div style='display:none'>x</div><style>y</style> b", "a b"),
    ("&euro;&nbsp;5 &lt;b&gt;", "€ 5 <b>"),
])  # fmt: skip
def test_html_is_read_as_text(page: str, text: str) -> None:
    assert text_of_html(page, is_marked=False) == text


@pytest.mark.parametrize(("mail", "text"), [
    # What looks like a quotation, a signature or a header and is the customer's own.
    ("Op 3 maart schreef u:\nbetaal voor vrijdag\n\nDat lukt niet.", "Op 3 maart schreef u:\nbetaal voor vrijdag\n\nDat lukt niet."),
    ("De zending:\nVan: Utrecht\nAan: Leiden\nDatum: 3 maart\nis niet aangekomen.", "De zending:\nVan: Utrecht\nAan: Leiden\nDatum: 3 maart\nis niet aangekomen."),
    ("Kind regards to Tom, he paid invoice INV-2026-0042.", "Kind regards to Tom, he paid invoice INV-2026-0042."),
    ("Betaald.\n\nGroet,\nJan\n\nPS factuur INV-2026-0043 klopt niet.", "Betaald.\n\nPS factuur INV-2026-0043 klopt niet."),
    ("> 3 pallets ontbreken", "> 3 pallets ontbreken"),
    ("Zie onder.\n\nGroeten, Jan de Boer", "Zie onder."),
    ("Best wait until Friday.\nBest,\nTom", "Best wait until Friday."),
    ("Sent from Leeds on Monday: 3 pallets", "Sent from Leeds on Monday: 3 pallets"),
    ("x" * 3_000 + " vrijdag", "x" * 3_000 + " vrijdag"),
])  # fmt: skip
def test_a_customers_own_words_stay(mail: str, text: str) -> None:
    assert new_text(mail) == text


QUOTED = "> Wanneer betaalt u?\n> Van Dijk"
PLAIN = "Wanneer betaalt u?\nVan Dijk"


@pytest.mark.parametrize("under", [
    # Mailers beyond those of the corpus, and what people put under a mail.
    f"---- On Mon, 16 Mar 2026 12:00:00 +0100 Van Dijk <a@b.example> wrote ---\n\n{PLAIN}",
    f"---- Op ma, 16 mrt. 2026 12:00:00 +0100 Van Dijk <a@b.example> schreef ----\n\n{PLAIN}",
    f"2026-03-16 12:00 GMT+01:00 Van Dijk <a@b.example>:\n\n{QUOTED}",
    f"- Le 2026-03-16 12:00, Van Dijk a écrit :\n{QUOTED}",
    f"Van Dijk <a@b.example> schrieb am Mo., 16. März 2026, 12:00:\n\n{QUOTED}",
    "Op ma 16 mrt 2026 12:00 schreef Van Dijk <a@b.example>:\n\n> Wanneer betaalt u?",
    f"Op 16 maart 2026 12:00 schreef Van Dijk het volgende:\n\n{PLAIN}",
    f"> Message du 16/03/26 12:00\n> De : Van Dijk\n> A : jan\n> Objet : Rappel\n>\n{QUOTED}",
    f"-------- Originele bericht --------\nOnderwerp: x\nVan: Van Dijk\nAan: jan\n\n{PLAIN}",
    f"-------- Doorgestuurd bericht --------\nOnderwerp: \tx\nDatum: \tMon, 16 Mar 2026 12:00:00\nVan: \tVan Dijk\n\n{PLAIN}",
    f"*Van:* Van Dijk <a@b.example>\n*Verzonden:* maandag 16 maart 2026 12:00\n*Aan:* Jan\n*Onderwerp:* x\n\n{PLAIN}",
    f"From: Van Dijk \n<a@b.example> \nSent: Monday, March 16, 2026 12:00 PM\nTo: Jan <j@b.example>\nSubject: x\n\n{PLAIN}",
    f"Den man. 16. mar. 2026 kl. 12.00 skrev Van Dijk <a@b.example>:\n\n{QUOTED}",
    "Sent from Mail for Windows 10",
    "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity.",
    "Mit freundlichen Grüßen / Best regards\n\nJan de Boer\nTel. 071 512 0000",
    "Mvg Jan",
])  # fmt: skip
def test_what_is_quoted_or_signed_is_left_out(under: str) -> None:
    assert new_text(f"Wij betalen vrijdag.\nDe rest niet.\n\n{under}\n") == "Wij betalen vrijdag.\nDe rest niet."


def test_a_mail_with_nothing_new_says_its_subject() -> None:
    message = addressed(plain(f"> {OWN}\n> schreef iets\n"), "Jan", "jan@bakker.example", "Betaald op 12 maart")
    assert read(message.as_bytes()).text == "Betaald op 12 maart"


@pytest.mark.parametrize(("asked", "is_asked"), [
    ("All", True), ("DR, OOF, AutoReply", True), ("oof", True), ("RN, NRN", False), ("", False),
])  # fmt: skip
def test_who_asks_for_no_automatic_answer_is_heard_all_the_same(asked: str, is_asked: bool) -> None:
    raw = a_mail(**{"X-Auto-Response-Suppress": asked})
    found = read(raw)
    assert found.text == "Wij betalen vrijdag."
    assert found.mail is not None
    assert found.mail.automatic is None
    assert wants_no_automatic_answer(take_apart(raw)) == is_asked
