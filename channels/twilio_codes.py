"""Twilio's words in ours: what its message states and its error codes come down to, as data.

Sources: twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks (states);
twilio.com/docs/api/errors/<code> (each code's page); twilio.com/docs/whatsapp/api/error-code-mapping.
Twilio warns that the code for a cause may change, so what is not here is only "unknown", never an error of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from o2c_core.conversations.setback import Setback

State = Literal["sent", "delivered", "failed"]

# `sent` is ours for "the provider has it", so every state short of arrival says at least that much: a callback may be
# the first we hear of a message whose sending ended uncertain. None changes nothing: part of it arrived, or it is
# the state of a message somebody sent to us.
STATES: Mapping[str, State | None] = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "partially_delivered": None,
    "receiving": None,
    "received": None,
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}

TOO_FAST = frozenset({20429, 14107, 21611, 63017})

SETBACKS: Mapping[int, Setback] = {
    # The number
    21211: Setback.BAD_ADDRESS,  # not a valid number
    21214: Setback.BAD_ADDRESS,  # cannot be reached
    21217: Setback.BAD_ADDRESS,  # does not appear to be valid
    21265: Setback.NO_TEXTS,  # a short code
    21266: Setback.BAD_ADDRESS,  # To and From are the same
    21267: Setback.NO_TEXTS,
    21268: Setback.NO_TEXTS,  # a premium number
    21269: Setback.NO_TEXTS,
    21614: Setback.NO_TEXTS,  # not a mobile number
    21635: Setback.NO_TEXTS,  # a landline
    30005: Setback.BAD_ADDRESS,  # unknown destination
    30006: Setback.NO_TEXTS,  # landline or unreachable carrier
    63003: Setback.BAD_ADDRESS,  # the channel knows no such address
    63024: Setback.BAD_ADDRESS,  # not a valid recipient there
    # The person
    21610: Setback.OPTED_OUT,
    30640: Setback.OPTED_OUT,  # on a list of those who must not be texted
    63032: Setback.OPTED_OUT,  # the channel lets this person not be written to
    63049: Setback.OPTED_OUT,
    # The way there
    30003: Setback.UNREACHABLE,
    30017: Setback.UNREACHABLE,  # the carrier's network is congested
    30410: Setback.UNREACHABLE,  # the carrier did not answer; Twilio does not try again
    30004: Setback.BLOCKED,
    30007: Setback.FILTERED,
    30019: Setback.CONTENT,  # too large
    30450: Setback.FILTERED,  # taken for SMS pumping
    30453: Setback.FILTERED,
    30454: Setback.FILTERED,
    30485: Setback.FILTERED,
    63021: Setback.CONTENT,
    30610: Setback.QUIET_HOURS,
    30036: Setback.EXPIRED,
    30001: Setback.EXPIRED,  # the queue was full: later, and slower
    63018: Setback.EXPIRED,  # the channel's rate
    63022: Setback.EXPIRED,
    63038: Setback.EXPIRED,  # the account's daily limit
    63016: Setback.WINDOW_CLOSED,
    63015: Setback.SETTINGS,  # a sandbox the person has not joined
    63005: Setback.CONTENT,  # the channel did not accept the content
    63013: Setback.CONTENT,  # against the channel's policy
    63027: Setback.CONTENT,
    63028: Setback.CONTENT,
    63030: Setback.CONTENT,
    # What we sent
    14103: Setback.CONTENT,
    21602: Setback.CONTENT,  # no body
    21605: Setback.CONTENT,
    21617: Setback.CONTENT,  # over 1,600 characters
    21619: Setback.CONTENT,
    21620: Setback.CONTENT,
    21656: Setback.CONTENT,
    21658: Setback.CONTENT,
    21604: Setback.BAD_ADDRESS,  # no To
    # How the account and its senders are set up
    20003: Setback.SETTINGS,
    20004: Setback.SETTINGS,
    20005: Setback.SETTINGS,
    20008: Setback.SETTINGS,  # test credentials
    20403: Setback.SETTINGS,
    20404: Setback.SETTINGS,
    21212: Setback.SETTINGS,
    21408: Setback.SETTINGS,  # the country is not enabled
    21601: Setback.SETTINGS,
    21603: Setback.SETTINGS,  # no From
    21606: Setback.SETTINGS,  # From cannot send texts
    21607: Setback.SETTINGS,
    21608: Setback.SETTINGS,  # a trial account, and the number is not verified
    21609: Setback.SETTINGS,  # the callback's address
    21612: Setback.SETTINGS,  # no way from this sender to that number
    21615: Setback.SETTINGS,
    21616: Setback.SETTINGS,
    21659: Setback.SETTINGS,
    21660: Setback.SETTINGS,
    21661: Setback.SETTINGS,
    21701: Setback.SETTINGS,  # no such messaging service
    21703: Setback.SETTINGS,  # the service has no sender
    21704: Setback.SETTINGS,
    21705: Setback.SETTINGS,
    21709: Setback.SETTINGS,
    30002: Setback.SETTINGS,  # the account is suspended
    30010: Setback.SETTINGS,  # over the price we allow
    30018: Setback.SETTINGS,
    30022: Setback.SETTINGS,  # the campaign's daily cap
    30023: Setback.SETTINGS,
    30024: Setback.SETTINGS,
    30027: Setback.SETTINGS,
    30032: Setback.SETTINGS,  # toll-free and not verified
    30034: Setback.SETTINGS,  # a US number not registered
    30035: Setback.SETTINGS,
    30037: Setback.SETTINGS,
    30038: Setback.SETTINGS,
    63007: Setback.SETTINGS,  # no such sender on the channel
    63010: Setback.SETTINGS,
    63019: Setback.SETTINGS,
    63020: Setback.SETTINGS,
    63025: Setback.SETTINGS,
    63112: Setback.SETTINGS,  # the channel closed the account
    90007: Setback.SETTINGS,  # validity period
    # Nobody knows
    30008: Setback.UNKNOWN,
    30009: Setback.UNKNOWN,
    30021: Setback.UNKNOWN,
    63001: Setback.SETTINGS,
    63011: Setback.UNKNOWN,
    63012: Setback.UNKNOWN,
    63023: Setback.UNKNOWN,
}


def setback_of(code: int | str | None, state: str = "failed") -> Setback:
    """What a code comes down to. A message cancelled at the provider was stopped by somebody: people are told, and
    nothing follows by itself."""
    if state == "canceled":
        return Setback.CONTENT
    try:
        return SETBACKS.get(int(code or 0), Setback.UNKNOWN)
    except ValueError:
        return Setback.UNKNOWN
