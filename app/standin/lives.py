"""What becomes of a message a provider took: its states in order, and the numbers and mailboxes that come to grief."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

# Twilio's own test numbers. Source: twilio.com/docs/iam/test-credentials
_TEST_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
_TEST_SENDERS = {"+15005550000": 21212, "+15005550007": 21606, "+15005550008": 21611}

# Sources: twilio.com/docs/api/errors, each code's page.
REFUSALS: dict[int, str] = {
    21211: "The 'To' number is not a valid phone number.",
    21212: "The 'From' number is not a valid phone number, shortcode, or alphanumeric sender ID.",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number.",
    21606: "The 'From' phone number is not a valid, SMS-capable inbound phone number or short code for your account.",
    21610: "Attempt to send to unsubscribed recipient.",
    21611: "This 'From' number has exceeded the maximum number of queued messages.",
    21612: "The 'To' phone number is not currently reachable via SMS.",
    21614: "'To' number is not a valid mobile number.",
    21635: "The destination number is a landline.",
    63018: "Rate limit exceeded for Channel.",
}
# Codes with which Twilio gives up before it hands a message over; the rest come back from the carrier.
_FAILED = (30001, 30002, 30034, 30450, 63003, 63016)
UNDELIVERED = (30003, 30004, 30005, 30006, 30007, 30008)
_CODES = (*REFUSALS, *_FAILED, *UNDELIVERED, 30610, 30640)


@dataclass(frozen=True)
class Step:
    """A state a message comes to. Of a text `code` is Twilio's number, of a mail what SendGrid says about it."""

    state: str
    code: int | None = None
    why: str = ""


def refusal(to: str, sender: str | None) -> int | None:
    """The code with which a text to that number is refused at once, None when it is taken."""
    number = to.removeprefix("whatsapp:")
    code = _TEST_SENDERS.get(sender or "") or _TEST_NUMBERS.get(number) or _code_in(number)
    return code if code in REFUSALS else None


def life_of_text(to: str, *, by_service: bool, thrown: random.Random, undelivered: float) -> tuple[Step, ...]:
    """The states of a text the provider took, the first being what it answers. A number that ends in a code meets it.

    Source: twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
    """
    first = (Step("accepted"), Step("queued")) if by_service else (Step("queued"),)
    code = _code_in(to.removeprefix("whatsapp:"))
    if code in _FAILED:
        return (*first, Step("failed", code))
    if code is None and thrown.random() < undelivered:
        code = thrown.choice(UNDELIVERED)
    if code is not None:
        return (*first, Step("sent"), Step("undelivered", code))
    end = (Step("delivered"), Step("read")) if to.startswith("whatsapp:") else (Step("delivered"),)
    return (*first, Step("sent"), *end)


_MAILBOXES: dict[str, tuple[Step, ...]] = {
    "bounce": (
        Step("processed"),
        Step("bounce", 550, "5.1.1 The email account that you tried to reach does not exist"),
    ),
    "blocked": (Step("processed"), Step("blocked", 421, "4.7.0 Our system has detected an unusual rate of mail")),
    "dropped": (Step("dropped", None, "Bounced Address"),),
    "unsubscribed": (Step("dropped", None, "Unsubscribed Address"),),
    "deferred": (Step("processed"), Step("deferred", 450, "4.2.1 Try again later"), Step("delivered")),
    "spam": (Step("processed"), Step("delivered"), Step("spamreport")),
    "unsubscribe": (Step("processed"), Step("delivered"), Step("unsubscribe")),
}


def life_of_mail(to: str, *, thrown: random.Random, undelivered: float) -> tuple[Step, ...]:
    """The events of a mail the provider took. A mailbox called bounce, blocked, dropped, deferred, spam … does that.

    Source: twilio.com/docs/sendgrid/for-developers/tracking-events/event
    """
    name = re.split(r"[+.@]", to.lower(), maxsplit=1)[0]
    if name in _MAILBOXES:
        return _MAILBOXES[name]
    if thrown.random() < undelivered:
        return _MAILBOXES[thrown.choice(("bounce", "blocked", "dropped"))]
    return (Step("processed"), Step("delivered"))


def _code_in(number: str) -> int | None:
    if number in _TEST_NUMBERS:
        return _TEST_NUMBERS[number]
    return next((code for code in _CODES if number.endswith(str(code))), None)
