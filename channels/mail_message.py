"""An outgoing message as a mail: its headers, its parts and its files, fit for any road it takes.

Sources: RFC 5322 section 3.6.4 (threads), RFC 8058 (one-click unsubscribe), RFC 3834 (automatic mail).
"""

from __future__ import annotations

import re
import unicodedata
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from o2c_core.conversations.carrier import Outgoing
from o2c_core.errors import Refused

SUBJECT_CHARACTERS_MAX = 300
REFERENCES_MAX = 20

_MAIL_ID = re.compile(r"<[!-;=?-~]{1,300}>")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_NOT_IN_A_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class _Lines(EmailPolicy):
    """Folds as the standard library does, but breaks ids and links only between them: one cut or encoded is lost."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() not in ("message-id", "in-reply-to", "references", "list-unsubscribe"):
            return str(super().fold(name, value))
        return f"{name}: {str(value).replace('> <', f'>{self.linesep} <').replace('>, <', f'>,{self.linesep} <')}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


_LINES = _Lines(linesep="\r\n", cte_type="7bit")


class NotAnAddress(Refused):
    """That is not an address mail can be sent to."""


class NothingToSend(Refused):
    """A mail needs a subject and a text."""


def mail_address(written: str) -> str:
    """The address with its domain in ASCII, as servers want it.

    Raises: NotAnAddress, also for the few mailboxes whose name itself is not in ASCII: not every road carries those.
    """
    local, at, domain = written.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError as odd:
        raise NotAnAddress(address=written) from odd
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise NotAnAddress(address=written)
    return f"{local}@{domain}"


def one_line(text: str) -> str:
    """Words fit for a header: no line breaks, no halves of characters."""
    return " ".join(_NOT_IN_A_LINE.sub(" ", _whole(text)).split())


def subject_of(outgoing: Outgoing) -> str:
    """Raises: NothingToSend."""
    subject = one_line(outgoing.subject or "")[:SUBJECT_CHARACTERS_MAX]
    if not subject:
        raise NothingToSend(message=outgoing.message_id)
    return subject


def text_of(outgoing: Outgoing) -> str:
    """Raises: NothingToSend. A mail of HTML alone is a mail some people cannot read."""
    text = _NOT_IN_A_TEXT.sub("", _whole(outgoing.text))
    if not text.strip():
        raise NothingToSend(message=outgoing.message_id)
    return text


def html_of(outgoing: Outgoing) -> str | None:
    html = _NOT_IN_A_TEXT.sub("", _whole(outgoing.html or ""))
    return html if html.strip() else None


def ascii_name(name: str, media_type: str = "application/pdf") -> str:
    """A file's name in letters that no road garbles: "Überweisung März.pdf" is Uberweisung-Marz.pdf."""
    plain = unicodedata.normalize("NFKD", _whole(name)).encode("ascii", "ignore").decode()
    stem, dot, ending = plain.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,5}", ending):
        stem, ending = plain, "pdf" if media_type == "application/pdf" else ""
    stem = _NOT_IN_A_NAME.sub("-", stem).strip("-._")[:80] or "document"
    return f"{stem}.{ending}" if ending else stem


def headers_of(outgoing: Outgoing) -> dict[str, str]:
    """The headers that thread a mail, let its reader stop more of them, and keep machines from answering it.

    Ids that others sent us are taken over only where they have the form of an id: a header is no place for guests.
    """
    mail = outgoing.mail
    if mail is None:
        return {}
    headers = {"Message-ID": mail.mail_id} if _MAIL_ID.fullmatch(mail.mail_id) else {}
    references = [one for one in mail.references if _MAIL_ID.fullmatch(one)]
    if len(references) > REFERENCES_MAX:
        references = [references[0], *references[1 - REFERENCES_MAX :]]
    if mail.in_reply_to and _MAIL_ID.fullmatch(mail.in_reply_to):
        headers["In-Reply-To"] = mail.in_reply_to
        if mail.in_reply_to not in references:
            references.append(mail.in_reply_to)
    if references:
        headers["References"] = " ".join(references)
    ways = [f"<{one}>" for one in (mail.unsubscribe_url, _mailto(mail.unsubscribe_mailto)) if one and _is_plain(one)]
    if ways:
        headers["List-Unsubscribe"] = ", ".join(ways)
        if mail.unsubscribe_url and mail.unsubscribe_url.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if mail.auto_submitted:
        headers["Auto-Submitted"] = mail.auto_submitted
        headers["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return headers


def mail_of(outgoing: Outgoing, sender: str) -> EmailMessage:
    """The whole mail, from that address, in seven-bit lines every server takes.

    Raises: NotAnAddress; NothingToSend.
    """
    message = EmailMessage(policy=_LINES)
    message["From"] = Address(one_line(outgoing.sender_name or ""), addr_spec=mail_address(sender))
    message["To"] = Address(addr_spec=mail_address(outgoing.to))
    message["Subject"] = subject_of(outgoing)
    message["Date"] = format_datetime(outgoing.claimed_at)
    if outgoing.mail and outgoing.mail.reply_to:
        message["Reply-To"] = Address(addr_spec=mail_address(outgoing.mail.reply_to))
    for name, value in headers_of(outgoing).items():
        message[name] = value
    message.set_content(text_of(outgoing), cte="quoted-printable")
    if html := html_of(outgoing):
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        *_, shown = message.iter_parts()
        assert isinstance(shown, EmailMessage)
        for picture in outgoing.files:
            if picture.content_id is not None:
                _, _, detail = picture.media_type.partition("/")
                shown.add_related(
                    picture.content,
                    maintype="image",
                    subtype=detail,
                    cid=f"<{picture.content_id}>",
                    disposition="inline",
                    filename=ascii_name(picture.name, picture.media_type),
                )
    for file in outgoing.files:
        if file.content_id is not None:
            continue  # it stands in the HTML, and without HTML there is nothing to show it in
        kind, _, detail = file.media_type.partition("/")
        message.add_attachment(
            file.content,
            maintype=kind if detail else "application",
            subtype=detail or "octet-stream",
            filename=ascii_name(file.name, file.media_type),
        )
    # Last, since whatever is said of the content goes down into the first part when a second one comes.
    if outgoing.language and re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", outgoing.language):
        message["Content-Language"] = outgoing.language
    return message


def _mailto(address: str | None) -> str | None:
    if not address:
        return None
    return address if address.startswith("mailto:") else f"mailto:{address}"


def _is_plain(link: str) -> bool:
    return re.fullmatch(r"(https?://|mailto:)[!-;=?-~]{1,700}", link) is not None


def _whole(text: str) -> str:
    """Without halves of characters, which no charset can carry."""
    return text.encode("utf-8", "ignore").decode()
