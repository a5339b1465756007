"""What a mail server's status comes down to: one table for refusals at the door and for bounces that come later.

Source: RFC 3463 and the register of its codes (iana.org/assignments/smtp-enhanced-status-codes); RFC 5321 section 4.2
for the replies of three digits that carry no such code.
"""

from __future__ import annotations

import re

from o2c_core.conversations.setback import Setback

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")

# By "class.subject.detail", then "class.subject", then "class": the first that is found decides.
_BY_STATUS: dict[str, Setback] = {
    "5.1": Setback.BAD_ADDRESS,
    "5.1.7": Setback.SETTINGS,  # the sender's mailbox address is wrong: ours
    "5.1.8": Setback.SETTINGS,  # and so is its domain
    "5.2": Setback.UNREACHABLE,
    "5.2.1": Setback.BAD_ADDRESS,  # a mailbox that was closed
    "5.2.3": Setback.CONTENT,  # longer than that mailbox takes
    "5.3": Setback.UNREACHABLE,
    "5.3.4": Setback.CONTENT,  # too big for that system
    "5.4": Setback.UNREACHABLE,
    "5.4.4": Setback.BAD_ADDRESS,  # nowhere to deliver to for that domain
    "5.4.7": Setback.EXPIRED,
    "5.5": Setback.UNKNOWN,
    "5.6": Setback.CONTENT,
    "5.7": Setback.BLOCKED,
    "5.7.8": Setback.SETTINGS,  # our password is not right
    "5.7.9": Setback.SETTINGS,
    "5.7.11": Setback.SETTINGS,
    "5.7.13": Setback.SETTINGS,
    "5.7.17": Setback.BAD_ADDRESS,  # the mailbox has a new owner
    "5.7.18": Setback.BAD_ADDRESS,  # and so has the domain
    "5.7.20": Setback.SETTINGS,  # our mail is not signed as their policy wants: DKIM, SPF, reverse DNS
    "5.7.21": Setback.SETTINGS,
    "5.7.22": Setback.SETTINGS,
    "5.7.23": Setback.SETTINGS,
    "5.7.24": Setback.SETTINGS,
    "5.7.25": Setback.SETTINGS,
    "5.7.26": Setback.SETTINGS,
    "5.7.27": Setback.SETTINGS,
    "5": Setback.UNKNOWN,
    "4.4.7": Setback.EXPIRED,
    "4.7": Setback.BLOCKED,
    "4": Setback.UNREACHABLE,
}

_BY_REPLY: dict[int, Setback] = {
    521: Setback.BAD_ADDRESS,  # that host takes no mail (RFC 7504)
    556: Setback.BAD_ADDRESS,  # that domain takes no mail
    550: Setback.BAD_ADDRESS,
    551: Setback.BAD_ADDRESS,
    553: Setback.BAD_ADDRESS,
    552: Setback.UNREACHABLE,
    554: Setback.BLOCKED,
    523: Setback.CONTENT,
    530: Setback.SETTINGS,
    534: Setback.SETTINGS,
    535: Setback.SETTINGS,
    538: Setback.SETTINGS,
}


def status_in(words: str) -> str | None:
    """The enhanced status code in what a server says ("550 5.1.1 no such user" has 5.1.1), if there is one."""
    found = _STATUS.search(words)
    return ".".join(str(int(part)) for part in found.groups()) if found else None


def is_hard(status: str | None) -> bool:
    """Whether the status is of class 5: the same again would not help."""
    return status is not None and status.startswith("5.")


def setback_of(status: str | None, reply: int | None = None) -> Setback:
    """Our word for an enhanced status code, or for the reply where the server gives no code that we know."""
    if status is not None:
        parts = status.split(".")
        for length in range(len(parts), 0, -1):
            known = _BY_STATUS.get(".".join(parts[:length]))
            if known is not None and not (length == 1 and reply in _BY_REPLY):
                return known
    if reply is None:
        return Setback.UNKNOWN
    return _BY_REPLY.get(reply, Setback.UNREACHABLE if 400 <= reply < 500 else Setback.UNKNOWN)
