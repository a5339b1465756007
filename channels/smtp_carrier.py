"""The carrier for mail by any mail server that takes it from us (SMTP submission)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from channels.mail_message import NotAnAddress, NothingToSend, mail_address, mail_of
from channels.mail_status import setback_of, status_in
from o2c_core.conversations.carrier import Accepted, Answer, Outgoing, Rejected, TooFast, Uncertain
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage, Refused

_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class NotAMailServer(Refused):
    """A mail server's address looks like this: smtp://user:password@host:587, or smtps:// where it speaks TLS at once."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. With `smtp` TLS is begun where the server offers it, with `smtps` it is there at once."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def read(cls, url: str) -> MailServer:
        """Raises: NotAMailServer; what it was given is not repeated, since it may hold a password."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as odd:
            raise NotAMailServer from odd
        if parts.scheme not in _PORTS or not parts.hostname:
            raise NotAMailServer
        return cls(
            parts.scheme,
            parts.hostname,
            port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password or "") if parts.username else None,
        )


class _No(Exception):
    """The server declined a step, before any mail was in its hands or after it had seen all of it."""

    def __init__(self, step: str, reply: int, words: bytes) -> None:
        super().__init__(step)
        self.step, self.reply, self.words = step, reply, words.decode("utf-8", "replace")


class SmtpCarrier:
    """Mail by SMTP. The server keeps no id for us, so the mail's own Message-ID is the key it is found by.

    What comes back undeliverable goes to the envelope's sender: the thread's reply address where there is one.
    Source: RFC 5321 (section 4.2.5: who holds a mail after DATA), RFC 3463.
    """

    name = "smtp"
    channels = ("email",)

    def __init__(self, url: str, *, sender: str | None = None, seconds: float = 20.0, per_second: float = 10.0) -> None:
        self._server = MailServer.read(url)
        self._sender = sender
        self._seconds = seconds
        self.per_second = per_second

    def send(self, outgoing: Outgoing) -> Answer:
        sender = outgoing.sender or self._sender
        if sender is None:
            return Rejected("No address is set that mail comes from.", Setback.SETTINGS)
        try:
            mail = mail_of(outgoing, sender).as_bytes()
            returns_to = mail_address((outgoing.mail and outgoing.mail.reply_to) or sender)
            to = mail_address(outgoing.to)
        except NotAnAddress as no:
            is_theirs = no.fields.get("address") == outgoing.to
            return Rejected(str(no), Setback.BAD_ADDRESS if is_theirs else Setback.SETTINGS)
        except NothingToSend as no:
            return Rejected(str(no), Setback.CONTENT)
        key = outgoing.mail.mail_id if outgoing.mail else str(outgoing.message_id)
        try:
            smtp = self._open(returns_to.rpartition("@")[2])
        except _No as no:
            return self._declined(no)
        except (OSError, smtplib.SMTPException) as failed:
            raise Outage(carrier=self.name, why=repr(failed)) from failed
        try:
            return self._hand_over(smtp, returns_to, to, mail, key)
        finally:
            smtp.close()

    def _open(self, our_name: str) -> smtplib.SMTP:
        """A connection on which mail may be handed over."""
        server, tls = self._server, ssl.create_default_context()
        if server.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=our_name, timeout=self._seconds, context=tls)
        else:
            smtp = smtplib.SMTP(local_hostname=our_name, timeout=self._seconds)
        # smtplib checks the certificate against the name it was made with, which `connect` does not set.
        smtp._host = server.host  # type: ignore[attr-defined]
        try:
            _want(2, "greeting", smtp.connect(server.host, server.port))
            _want(2, "EHLO", smtp.ehlo())
            if server.scheme == "smtp" and smtp.has_extn("starttls"):
                _want(2, "STARTTLS", smtp.starttls(context=tls))
                _want(2, "EHLO", smtp.ehlo())
            elif server.scheme == "smtp" and server.user and server.host not in _LOOPBACK:
                raise _No("STARTTLS", 530, b"5.7.11 The server offers no TLS, and the password would be readable.")
            if server.user:
                try:
                    smtp.login(server.user, server.password or "")
                except smtplib.SMTPAuthenticationError as no:
                    raise _No("AUTH", no.smtp_code, _bytes(no.smtp_error)) from no
                except smtplib.SMTPNotSupportedError as no:
                    raise _No("AUTH", 530, b"5.7.11 The server takes no password.") from no
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, returns_to: str, to: str, mail: bytes, key: str) -> Answer:
        try:
            options = [f"SIZE={len(mail)}"] if smtp.has_extn("size") else []
            _want(2, "MAIL", smtp.mail(returns_to, options))
            _want(2, "RCPT", smtp.rcpt(to))
            _want(3, "DATA", smtp.docmd("DATA"))
        except _No as no:
            return self._declined(no)
        except (OSError, smtplib.SMTPException) as failed:
            raise Outage(carrier=self.name, why=repr(failed)) from failed
        try:
            smtp.send(_dotted(mail))
            reply, words = smtp.getreply()
        except (OSError, smtplib.SMTPException) as silence:
            return Uncertain(f"The mail server had the mail and did not answer: {silence!r}")
        if not 200 <= reply < 300:
            return self._declined(_No("the mail", reply, words))
        with suppress(OSError, smtplib.SMTPException):  # it has the mail; how it says goodbye changes nothing
            smtp.quit()
        return Accepted(key)

    def _declined(self, no: _No) -> Rejected:
        """Raises: Outage or TooFast where it is the server that cannot take mail now, whoever it is for."""
        status = status_in(no.words)
        setback = setback_of(status, no.reply)
        why = f"{no.step}: {no.reply} {' '.join(no.words.split())}"[:500]
        if 400 <= no.reply < 500:
            if status is not None and status.startswith("4.7"):
                raise TooFast(None, carrier=self.name, why=why)
            # A full mailbox is one person's trouble, and no reason to stop sending to everybody else.
            if not (no.step == "RCPT" and status is not None and status.startswith(("4.1", "4.2"))):
                raise Outage(carrier=self.name, why=why)
        elif no.step == "AUTH" or no.reply == 530 or (no.step == "MAIL" and setback is not Setback.CONTENT):
            setback = Setback.SETTINGS  # up to MAIL it is ourselves who are refused, whoever the mail is for
        elif no.reply < 500:
            setback = Setback.UNKNOWN
        return Rejected(why, setback, status or str(no.reply))


def _want(first_digit: int, step: str, answer: tuple[int, bytes]) -> None:
    reply, words = answer
    if reply == -1:
        raise smtplib.SMTPServerDisconnected(f"no reply to {step}")
    if reply // 100 != first_digit:
        raise _No(step, reply, words)


def _dotted(mail: bytes) -> bytes:
    """The mail as DATA wants it: a line that begins with a dot gets another, and a lone dot ends it (RFC 5321 4.5.2)."""
    body = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
    return (b"." if body.startswith(b".") else b"") + body.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def _bytes(words: bytes | str) -> bytes:
    return words.encode() if isinstance(words, str) else words
