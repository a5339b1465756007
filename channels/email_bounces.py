"""What a bounce says: which address could not be reached, whether for good, and which mail came back."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from copy import copy
from email.message import Message

from flufl.bounce import all_failures

from channels.email_parts import Taken
from o2c_core.conversations.heard import Bounced

BOUNCED_MAX = 20

# It logs every detector that fails with what it was reading, and a customer's words do not belong in a log.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

_DAEMONS = re.compile(
    r"^(?:mailer-daemon|mailerdaemon|postmaster|mail-daemon|mailer_daemon|microsoftexchange[0-9a-f]{10,}|bounces?|"
    r"mdaemon|mmdf|uucp)(?:[@+=]|$)",
    re.IGNORECASE,
)
_DAEMON_NAMES = re.compile(
    r"mail delivery (?:sub)?system|mail delivery service|system administrator|systeembeheerder|systemadministrator|"
    r"mail administrator|internet mail delivery|microsoft outlook$|postmaster|mailer.daemon",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^(?:undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|delayed|report)|failure notice|"
    r"returned mail|mail delivery (?:failed|failure|system)|mail (?:failure|system error)|delayed mail|"
    r"warning: (?:message|could not)|undelivered mail|onbestelbaar|niet bezorgd|unzustellbar|"
    r"nicht zustellbar|non remis|échec de remise|non distribuable|no se puede entregar|no entregado|"
    r"message (?:undeliverable|not delivered|delayed|you sent blocked)|could not send message|nondeliverable mail|bounce)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ \-#]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_MAIL_ID = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{3,300}>)", re.IGNORECASE | re.MULTILINE)
_DELAY = re.compile(
    r"\b(?:delayed|warning only|will be retried|still being attempted|not yet been delivered|retry|"
    r"vertraagd|verzögert|retardé|retrasad)", re.IGNORECASE,
)  # fmt: skip
_OVER = re.compile(
    r"gave up|has been (?:exceeded|expired)|permanent|no longer|giving up|retry time ?out", re.IGNORECASE
)


def is_from_daemon(from_address: str, from_name: str | None, envelope_from: str | None) -> bool:
    """Whether a machine that carries mail wrote it, by its name or by the empty address (RFC 5321 §4.5.5)."""
    if _DAEMONS.match(from_address) or (envelope_from is not None and envelope_from.strip() in ("", "<>")):
        return True
    return bool(from_name and _DAEMON_NAMES.search(from_name))


def is_bounce(taken: Taken, from_address: str, subject: str, *, is_daemon: bool) -> bool:
    """Whether the mail is about one that did not arrive. A person who forwards one does not bounce."""
    if taken.statuses and (is_daemon or taken.report_type == "delivery-status" or not from_address):
        return True
    if taken.first("X-Failed-Recipients") and is_daemon:
        return True
    return is_daemon and bool(_SUBJECT.match(subject) or _DAEMONS.match(from_address))


def bounced(taken: Taken, own: Collection[str]) -> tuple[Bounced, ...]:
    """The addresses it is about. None for a report that says something did arrive."""
    mail_id = returned_mail_id(taken)
    if any("final-recipient" in block or "original-recipient" in block for block in taken.statuses):
        found = list(_reported(taken, mail_id))
    else:
        found = list(_recognised(taken, mail_id, own))
    if not found and not taken.statuses:
        # A report that names nobody is about whoever the mail it returns was written to; for how long, nobody knows.
        to = [_address_in(value) for headers in taken.returned[:1] for value in headers.get("to", ())]
        found = [Bounced(address, is_hard=False, mail_id=mail_id) for address in to if address]
    unique = {one.address: one for one in found if one.address not in own}
    return tuple(unique.values())[:BOUNCED_MAX]


def returned_mail_id(taken: Taken) -> str | None:
    """The Message-ID of the mail that came back, from the headers returned with it."""
    for headers in taken.returned:
        for value in headers.get("message-id", ()):
            if found := re.search(r"<[^<>\s]{3,300}>", value):
                return found[0]
    written = _MAIL_ID.search(taken.text)
    return written[1] if written else None


def _reported(taken: Taken, mail_id: str | None) -> Iterator[Bounced]:
    """RFC 3464: one block of fields per recipient."""
    for block in taken.statuses:
        address = _address_in(block.get("final-recipient", "")) or _address_in(block.get("original-recipient", ""))
        action = block.get("action", "failed").split("(")[0].strip().lower()
        if address is None or action in ("delivered", "relayed", "expanded"):
            continue
        status = _STATUS.search(block.get("status", "")) or _STATUS.search(block.get("diagnostic-code", ""))
        # Exchange writes 5.0.0 over a diagnosis that says more.
        if status and status[1].endswith(".0.0"):
            status = _STATUS.search(block.get("diagnostic-code", "")) or status
        code = status[1] if status else None
        is_hard = action == "failed" and (code is None or code.startswith("5"))
        yield Bounced(address, is_hard, code, mail_id)


def _recognised(taken: Taken, mail_id: str | None, own: Collection[str]) -> Iterator[Bounced]:
    """The reports that follow no standard, of which flufl.bounce knows many."""
    temporary: set[bytes] = set()
    permanent: set[bytes] = set()
    if taken.message is not None:
        try:
            soft, hard = all_failures(_with_plain_headers(taken))
            temporary, permanent = set(soft), set(hard)
        except Exception:
            # Its detectors expect mails that can be parsed; what they stumble over is read below.
            temporary = permanent = set()
    said = _own_words(taken.text)
    status = _STATUS.search(said)
    code = status[1] if status else None
    reply = _REPLY_CODE.search(said)
    is_delay = bool(_DELAY.search(said)) and not _OVER.search(said)
    is_temporary = (code or "").startswith("4") or (code is None and reply is not None and reply[1] == "4") or is_delay
    addresses = [one.decode("ascii", "replace") for one in sorted(temporary | permanent)]
    if not addresses:
        addresses = (
            _ADDRESS.findall(taken.first("X-Failed-Recipients"))
            or [one for one in _ADDRESS.findall(said) if not _DAEMONS.match(one) and one.lower() not in own][:1]
        )
    for address in addresses:
        is_soft = is_temporary or (address.encode() in temporary and code is None)
        yield Bounced(address.lower(), not is_soft, code, mail_id)


def _with_plain_headers(taken: Taken) -> Message:
    """The mail as flufl.bounce can read it: some of its detectors stumble over a From that is missing or not ASCII."""
    assert taken.message is not None
    readable = copy(taken.message)
    for name in ("From", "Subject"):
        plain = taken.first(name).encode("ascii", "ignore").decode()
        del readable[name]
        readable[name] = plain if name == "Subject" or _ADDRESS.search(plain) else "mailer-daemon@unknown.invalid"
    return readable


def _own_words(text: str) -> str:
    """What the machine says itself, without the mail it returns, whose numbers mean nothing here."""
    cut = re.search(
        r"^-{2,} ?(?:below this line|this is a copy|original message|the header of the original|returned message).*$|"
        r"^-{6,}.{0,60}(?:copy|original|headers).*$",
        text,
        re.IGNORECASE | re.MULTILINE,
    )
    return text[: cut.start()] if cut else text[:20_000]


def _address_in(field: str) -> str | None:
    """The address of "rfc822; jan@example.com"."""
    found = _ADDRESS.search(field.partition(";")[2] or field)
    return found[0].lower() if found else None
