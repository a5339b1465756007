"""A mail, byte for byte, as what we heard: whatever it is, something is heard and nothing raises."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime
from email.utils import getaddresses
from uuid import UUID

from channels.email_alignment import is_aligned, vouched_by
from channels.email_automatic import automatic, wants_no_automatic_answer
from channels.email_files import kept_files
from channels.email_html import CUT, safe_html
from channels.email_letters import cleaned, decoded
from channels.email_new_text import new_text
from channels.email_parts import Taken, take_apart
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Heard, HeardMail

TEXT_SIGNS_MAX = 50_000
ORIGINAL_SIGNS_MAX = 500_000
SUBJECT_SIGNS_MAX = 500
REFERENCES_MAX = 50
RECIPIENTS_MAX = 200
_MAIL_ID = re.compile(r"<[^<>\s]{3,400}>")
_ADDRESS = re.compile(r"[^\s<>()\",;:\\]{1,64}@[^\s<>()\",;:@\\]{1,255}")
# Where a mail was really addressed to; the servers on the way write it down in headers of their own.
_RECIPIENT_HEADERS = ("To", "Delivered-To", "Cc", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To")


def read_mail(
    raw: bytes,
    *,
    doorplate: Doorplate,
    own_addresses: Collection[str],
    received_at: datetime,
    envelope_from: str | None = None,
    envelope_to: Collection[str] = (),
    dkim: str | None = None,
    spf: str | None = None,
    trusted_servers: Collection[str] = (),
) -> Heard:
    """What somebody wrote us by mail, or what a machine has to say.

    `envelope_from`, `dkim` and `spf` are the door's own findings. `trusted_servers` are the names our own receiving
    servers give themselves in Authentication-Results; from anybody else that header says nothing.
    """
    own = {address.strip().lower() for address in own_addresses}
    try:
        return _read(raw, doorplate, own, received_at, envelope_from, envelope_to, dkim, spf, trusted_servers)
    except Exception:
        # A mail may break anything that reads it; then its words are still heard, for a person to look at.
        return _barely_read(raw, envelope_from, envelope_to)


def _read(
    raw: bytes,
    doorplate: Doorplate,
    own: set[str],
    received_at: datetime,
    envelope_from: str | None,
    envelope_to: Collection[str],
    dkim: str | None,
    spf: str | None,
    trusted_servers: Collection[str],
) -> Heard:
    taken = take_apart(raw)
    senders = _addresses(taken.all("From")) or _addresses(taken.all("Sender"))
    name, sender = senders[0] if senders else ("", _bare(envelope_from or ""))
    recipients = [address for _, address in _addresses(_all(taken, _RECIPIENT_HEADERS))]
    recipients += [_bare(address) for address in envelope_to]
    thread, to = _addressed(recipients, own, doorplate)
    subject = taken.first("Subject")[:SUBJECT_SIGNS_MAX]
    words = new_text(taken.marked)[:TEXT_SIGNS_MAX]
    mail_id = _first_id(taken.all("Message-ID"))
    is_vouched = len(senders) == 1 and is_aligned(
        sender, dkim=dkim, spf=spf, envelope_from=envelope_from, vouched=vouched_by(taken, trusted_servers)
    )
    kind = automatic(
        taken,
        from_address=sender,
        from_name=name or None,
        subject=subject,
        words=words,
        own=own,
        doorplate=doorplate,
        envelope_from=envelope_from,
        received_at=received_at,
    )
    mail = HeardMail(
        mail_id=mail_id,
        subject=subject,
        in_reply_to=_first_id(taken.all("In-Reply-To")),
        references=tuple(dict.fromkeys(_MAIL_ID.findall(" ".join(taken.all("References")))))[-REFERENCES_MAX:],
        thread=thread,
        is_aligned=is_vouched,
        dkim=cleaned(dkim) if dkim else None,
        spf=cleaned(spf) if spf else None,
        automatic=kind,
        html=safe_html(taken.html) if taken.html is not None else None,
        original=taken.text.replace(CUT, "")[:ORIGINAL_SIGNS_MAX],
        sender_name=name[:200] or None,
        may_answer=not wants_no_automatic_answer(taken),
    )
    return Heard(
        channel="email",
        key=mail_id or _hash(raw),
        from_address=sender,
        to_address=to,
        text=words or subject,
        mail=mail,
        files=kept_files(taken.pieces),
    )


def _barely_read(raw: bytes, envelope_from: str | None, envelope_to: Collection[str]) -> Heard:
    text = decoded(raw[:ORIGINAL_SIGNS_MAX], None)
    head, _, body = text.partition("\n\n")
    found = re.search(r"^From:.*?([^\s<>\"]{1,64}@[^\s<>\"]{1,255})", head, re.IGNORECASE | re.MULTILINE)
    subject = re.search(r"^Subject:[ \t]*(.{0,500})", head, re.IGNORECASE | re.MULTILINE)
    said = subject[1].strip() if subject else ""
    sender = found[1].lower() if found else _bare(envelope_from or "")
    to = next((_bare(address) for address in envelope_to), "")
    mail = HeardMail(mail_id=None, subject=said, original=text)
    return Heard("email", _hash(raw), sender, to, (body.strip() or said)[:TEXT_SIGNS_MAX], mail=mail)


def _all(taken: Taken, names: Iterable[str]) -> list[str]:
    return [value for name in names for value in taken.all(name)]


def _addresses(values: Iterable[str]) -> list[tuple[str, str]]:
    """Names and lower-case addresses, from headers as mailers really write them."""
    found: list[tuple[str, str]] = []
    for value in values:
        if len(found) >= RECIPIENTS_MAX:
            break
        try:
            pairs = getaddresses([value])
        except Exception:
            pairs = []
        good = [(cleaned(name).strip(), address.lower()) for name, address in pairs if _ADDRESS.fullmatch(address)]
        # "Smith, John <john@example.com>" without quotes is two addresses to the standard and one to everybody else.
        if len(good) != len(pairs) or not good:
            good = [(_name_before(value, one.start()), one[0].lower().rstrip(".")) for one in _ADDRESS.finditer(value)]
        found.extend(good)
    return found[:RECIPIENTS_MAX]


def _name_before(value: str, at: int) -> str:
    return re.split(r"[>;]", value[:at])[-1].strip(" <\"'(,")


def _addressed(recipients: list[str], own: set[str], doorplate: Doorplate) -> tuple[UUID | None, str]:
    """The thread the mail belongs to, and which address of ours it was written to."""
    for address in recipients:
        thread = doorplate.thread_of(address)
        if thread is not None:
            return thread, address
    return None, next((address for address in recipients if address in own), next(iter(recipients), ""))


def _first_id(values: Iterable[str]) -> str | None:
    found = _MAIL_ID.search(" ".join(values))
    return found[0] if found else None


def _bare(address: str) -> str:
    found = _ADDRESS.search(cleaned(address))
    return found[0].lower() if found else ""


def _hash(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"
