"""The carrier for mail by SMTP, against a real server: what arrives there, and what its refusals mean to us."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from channels.mail_message import mail_of
from channels.smtp_carrier import MailServer, NotAMailServer, SmtpCarrier
from o2c_core.conversations.carrier import Accepted, Answer, Carrier, OutgoingFile, Rejected, TooFast, Uncertain
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage
from tests.channels.outgoing import MESSAGE, a_mail

KEY = f"<{MESSAGE.hex}@replies.seller.example>"


class Server:
    """A mail server that takes mail, or answers a step as it is told to."""

    def __init__(self, **replies: str) -> None:
        self.replies = replies
        self.taken: list[Envelope] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("mail", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.replies.get("rcpt", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = self.replies.get("data", "250 2.0.0 queued as 4711")
        if reply.startswith("2"):
            self.taken.append(envelope)
        return reply


@contextmanager
def serving(server: Server, **options: Any) -> Iterator[str]:
    """The host and port of a server that runs meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        controller.stop()


def sent(server: Server, **changes: Any) -> Answer:
    with serving(server) as at:
        carrier: Carrier = SmtpCarrier(f"smtp://{at}", seconds=5)
        return carrier.send(a_mail(**changes))


def mail_in(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_mail_arrives_as_it_was_meant() -> None:
    server = Server()
    assert sent(server) == Accepted(KEY)
    [envelope] = server.taken
    assert envelope.mail_from == "t-abc@replies.seller.example", "so that a bounce comes back to the thread"
    assert envelope.rcpt_tos == ["anna@bakkerij.example"]
    mail = mail_in(envelope)
    assert {
        name: mail[name]
        for name in ("From", "To", "Subject", "Date", "Reply-To", "Message-ID", "References", "Content-Language")
    } == {
        "From": '"Seller „Süd“ B.V., Utrecht" <ar@seller.example>',
        "To": "anna@bakkerij.example",
        "Subject": "Factuur INV-7 over € 1.250,00",
        "Date": "Mon, 16 Mar 2026 11:00:00 +0000",
        "Reply-To": "t-abc@replies.seller.example",
        "Message-ID": KEY,
        "References": "<1@seller.example> <77@bakkerij.example>",
        "Content-Language": "nl",
    }
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == a_mail().text, "also the line that is nothing but a dot"
    assert html.get_content().replace("\r\n", "\n") == "<p>Factuur <b>INV-7</b> over € 1.250,00 staat open.</p>\n"
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "Rekening-Marz-2026.pdf",
        "application/pdf",
        b"%PDF-1.7 ...",
    )


def test_a_picture_of_the_mail_itself_stands_beside_its_html_and_is_no_attachment() -> None:
    code = OutgoingFile("pay-code.png", "image/png", b"\x89PNG", "pay-code@parley")
    files = (code, OutgoingFile("a.pdf", "application/pdf", b"%PDF"))
    mail = mail_of(a_mail(html='<img src="cid:pay-code@parley">', files=files), "ar@seller.example")
    read = email.message_from_bytes(mail.as_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert [one.get_filename() for one in read.iter_attachments()] == ["a.pdf"]
    body = read.get_body(("related",))
    assert body is not None
    html, picture = body.iter_parts()
    assert 'src="cid:pay-code@parley"' in html.get_content()
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<pay-code@parley>", "inline")
    assert picture.get_content() == b"\x89PNG"
    plain = mail_of(a_mail(html=None, files=files), "ar@seller.example")
    assert [one.get_filename() for one in plain.iter_attachments()] == ["a.pdf"]


def test_without_a_reply_address_bounces_go_to_the_sender() -> None:
    server = Server()
    assert sent(server, mail=None) == Accepted(str(MESSAGE))
    assert server.taken[0].mail_from == "ar@seller.example"


@pytest.mark.parametrize(
    ("step", "reply", "setback", "code"),
    [
        ("rcpt", "550 5.1.1 no such user", Setback.BAD_ADDRESS, "5.1.1"),
        ("rcpt", "550 no such user", Setback.BAD_ADDRESS, "550"),
        ("rcpt", "553 5.1.3 not an address", Setback.BAD_ADDRESS, "5.1.3"),
        ("rcpt", "550 5.7.1 blocked by our policy", Setback.BLOCKED, "5.7.1"),
        ("rcpt", "554 refused", Setback.BLOCKED, "554"),
        ("rcpt", "552 5.2.2 mailbox full", Setback.UNREACHABLE, "5.2.2"),
        ("rcpt", "452 4.2.2 mailbox full", Setback.UNREACHABLE, "4.2.2"),
        ("rcpt", "450 4.1.1 busy", Setback.UNREACHABLE, "4.1.1"),
        ("mail", "553 5.1.8 sender's domain is unknown", Setback.SETTINGS, "5.1.8"),
        ("mail", "550 sender refused", Setback.SETTINGS, "550"),
        ("mail", "530 5.7.0 who are you", Setback.SETTINGS, "5.7.0"),
        ("mail", "550 5.7.1 you may not send here", Setback.SETTINGS, "5.7.1"),
        ("mail", "552 5.3.4 too big", Setback.CONTENT, "5.3.4"),
        ("data", "554 5.7.1 looks like spam", Setback.BLOCKED, "5.7.1"),
        ("data", "550 5.7.26 not signed by that domain", Setback.SETTINGS, "5.7.26"),
        ("data", "552 5.3.4 too big", Setback.CONTENT, "5.3.4"),
        ("data", "554 5.6.0 bad content", Setback.CONTENT, "5.6.0"),
    ],
)
def test_a_refusal_for_good_says_what_kind_of_no_it_is(step: str, reply: str, setback: Setback, code: str) -> None:
    answer = sent(Server(**{step: reply}))
    assert isinstance(answer, Rejected)
    assert (answer.setback, answer.code) == (setback, code)
    assert reply in answer.why


@pytest.mark.parametrize(
    ("step", "reply", "failure"),
    [
        ("mail", "421 4.3.2 shutting down", Outage),
        ("mail", "451 4.3.0 try later", Outage),
        ("rcpt", "451 try later", Outage),
        ("rcpt", "451 4.7.1 greylisted", TooFast),
        ("mail", "450 4.7.0 too many mails", TooFast),
        ("data", "451 4.3.0 try later", Outage),
        ("data", "452 4.3.1 disk full", Outage),
    ],
)
def test_not_now_is_an_outage_since_the_server_has_not_taken_it(step: str, reply: str, failure: type[Outage]) -> None:
    server = Server(**{step: reply})
    with pytest.raises(Outage) as no:
        sent(server)
    assert type(no.value) is failure
    assert server.taken == []


@contextmanager
def scripted(script: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that holds the conversation it is told to, for what no decent server does."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()

        def serve() -> None:
            with door.accept()[0] as caller:
                caller.settimeout(5)
                script(caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"smtp://127.0.0.1:{door.getsockname()[1]}"
        thread.join(5)


def talk(caller: socket.socket, *replies: str) -> None:
    caller.sendall(b"220 mx.example\r\n")
    for reply in replies:
        caller.recv(4096)
        caller.sendall(reply.encode() + b"\r\n")


def read_mail(caller: socket.socket) -> None:
    read = b""
    while not read.endswith(b"\r\n.\r\n"):
        read += caller.recv(65536)


TO_DATA = ("250 mx.example", "250 OK", "250 OK", "354 go on")


def test_a_connection_that_breaks_after_the_mail_left_is_uncertain() -> None:
    def cut_off(caller: socket.socket) -> None:
        talk(caller, *TO_DATA)
        read_mail(caller)

    def silent(caller: socket.socket) -> None:
        cut_off(caller)
        time.sleep(0.6)

    def half_way(caller: socket.socket) -> None:
        talk(caller, *TO_DATA)

    for script in (cut_off, silent, half_way):
        with scripted(script) as url:
            assert isinstance(SmtpCarrier(url, seconds=0.3).send(a_mail()), Uncertain)


@pytest.mark.parametrize("replies", [(), TO_DATA[:1], TO_DATA[:2], TO_DATA[:3]])
def test_a_connection_that_breaks_before_the_mail_left_is_an_outage(replies: tuple[str, ...]) -> None:
    with scripted(lambda caller: talk(caller, *replies)) as url, pytest.raises(Outage):
        SmtpCarrier(url, seconds=0.3).send(a_mail())


def test_a_server_that_takes_the_mail_and_hangs_up_has_taken_it() -> None:
    def rude(caller: socket.socket) -> None:
        talk(caller, *TO_DATA)
        read_mail(caller)
        caller.sendall(b"250 OK\r\n")

    with scripted(rude) as url:
        assert SmtpCarrier(url, seconds=1).send(a_mail()) == Accepted(KEY)


@pytest.mark.parametrize(
    ("greeting", "failure"),
    [
        (b"421 4.7.0 too many connections\r\n", TooFast),
        (b"421 closing\r\n", Outage),
        (b"", Outage),
        (b"hello\r\n", Outage),
    ],
)
def test_a_server_that_greets_with_a_no_is_an_outage(greeting: bytes, failure: type[Outage]) -> None:
    with scripted(lambda caller: caller.sendall(greeting)) as url, pytest.raises(Outage) as no:
        SmtpCarrier(url, seconds=1).send(a_mail())
    assert type(no.value) is failure


def test_a_server_that_is_not_there_is_an_outage() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Outage):
            SmtpCarrier(f"smtp://127.0.0.1:{taken.getsockname()[1]}").send(a_mail())
    with pytest.raises(Outage):
        SmtpCarrier("smtps://nowhere.invalid").send(a_mail())


def test_the_server_is_told_who_we_are_where_it_asks() -> None:
    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        good = isinstance(given, LoginPassword) and (given.login, given.password) == (b"us er", b"p@ss:w/rd")
        return AuthResult(success=good, handled=False)

    options = {"authenticator": check, "auth_require_tls": False}
    server = Server()
    with serving(server, **options) as at:
        assert SmtpCarrier(f"smtp://us%20er:p%40ss%3Aw%2Frd@{at}").send(a_mail()) == Accepted(KEY)
        answer = SmtpCarrier(f"smtp://us%20er:wrong@{at}").send(a_mail())
    assert isinstance(answer, Rejected)
    assert (answer.setback, answer.code) == (Setback.SETTINGS, "5.7.8")
    assert len(server.taken) == 1


def test_a_password_is_not_sent_where_anybody_could_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *more, **named: real("127.0.0.1", *more, **named))
    with serving(server) as at:
        answer = SmtpCarrier(f"smtp://user:secret@mail.seller.example:{at.split(':')[1]}").send(a_mail())
    assert isinstance(answer, Rejected)
    assert answer.setback is Setback.SETTINGS
    assert "secret" not in answer.why
    assert server.taken == []


@pytest.mark.parametrize(
    ("changes", "setback"),
    [
        ({"subject": ""}, Setback.CONTENT),
        ({"text": ""}, Setback.CONTENT),
        ({"to": "anna"}, Setback.BAD_ADDRESS),
        ({"to": "anna@x.example>\r\nRCPT TO:<bob@y.example"}, Setback.BAD_ADDRESS),
        ({"sender": None}, Setback.SETTINGS),
        ({"sender": "x"}, Setback.SETTINGS),
    ],
)
def test_what_can_never_be_sent_is_refused_without_a_connection(changes: dict[str, Any], setback: Setback) -> None:
    answer = SmtpCarrier("smtp://nowhere.invalid").send(a_mail(**changes))
    assert isinstance(answer, Rejected)
    assert answer.setback is setback


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://host:port", "smtp://u:secret@[bad"]
)
def test_an_address_that_is_no_mail_servers_is_said_without_its_password(url: str) -> None:
    with pytest.raises(NotAMailServer) as no:
        SmtpCarrier(url)
    assert "secret" not in str(no.value)


def test_ports_are_those_of_submission_and_a_password_is_never_shown() -> None:
    assert [MailServer.read(f"{scheme}://h").port for scheme in ("smtp", "smtps")] == [587, 465]
    assert "secret" not in repr(MailServer.read("smtp://u:secret@h:25"))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost's own making, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
@pytest.mark.parametrize("is_known", [True, False])
def test_tls_is_used_and_a_certificate_of_somebody_else_is_an_outage(
    scheme: str, host: str, is_known: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    options = {"ssl_context": context} if scheme == "smtps" else {"tls_context": context, "require_starttls": True}
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = Server()
    with serving(server, **options) as at:
        carrier = SmtpCarrier(f"{scheme}://{host}:{at.split(':')[1]}", seconds=2)
        if is_known and host == "localhost":
            assert carrier.send(a_mail()) == Accepted(KEY)
        else:
            with pytest.raises(Outage):
                carrier.send(a_mail())
    assert len(server.taken) == (is_known and host == "localhost")
