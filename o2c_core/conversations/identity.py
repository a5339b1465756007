"""How sure we are of who is writing: one table from what is known about a message to stranger, known or proven."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Identity = Literal["stranger", "known", "proven"]
# A stranger is nobody we know; of who is known we think to know who it is; only the proven are told about an account.
_ORDER: tuple[Identity, ...] = ("stranger", "known", "proven")
# The network hands a number over to the provider, and the provider signs what it hands over to us. A mail's From is
# what its writer chose, unless DKIM or SPF vouch for it. Source: RFC 7489 section 3.1 (alignment).
_VOUCHED_BY_PROVIDER = ("sms", "whatsapp")


@dataclass(frozen=True)
class Evidence:
    """What is known about the writer of a message.

    `customers` is how many customers have the address it came from. `is_verified`: somebody has shown to read what is
    sent there, and it works. `is_aligned`: DKIM or SPF vouched for the domain in From. `has_code`: a code that we sent
    to an address of record was written in this conversation from this very address, not long ago.

    That a mail came to a signed reply address is no part of it: whoever is forwarded the mail has that address too.
    """

    channel: str
    customers: int
    is_verified: bool = False
    is_aligned: bool = False
    has_code: bool = False


def how_sure(evidence: Evidence) -> Identity:
    """How sure we may be, from what is known; the first line that fits holds.

    | what is known                                                       | writer   |
    | ------------------------------------------------------------------- | -------- |
    | wrote our code, from this address, not long ago                      | proven   |
    | the address is nobody's                                              | stranger |
    | two customers or more have the address: nobody knows which is meant  | stranger |
    | one customer's; text from a verified number that works               | proven   |
    | one customer's; mail from a verified address, DKIM or SPF aligned    | proven   |
    | one customer's, and anything less than that                          | known    |

    Every answer goes back to the address the message came from and to no other, so that who forges a verified sender
    is told nothing.
    """
    if evidence.has_code:
        return "proven"
    if evidence.customers != 1:
        return "stranger"
    vouched = evidence.channel in _VOUCHED_BY_PROVIDER or (evidence.channel == "email" and evidence.is_aligned)
    return "proven" if evidence.is_verified and vouched else "known"


def least_sure(identities: Iterable[str]) -> Identity:
    """Several texts answered together are as sure as the least sure of them; a stranger when there is none."""
    found = set(identities)
    return next((one for one in _ORDER if one in found), "stranger")
