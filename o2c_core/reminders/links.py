"""The links of one reminder: where exactly what it asks for is paid, and where its reader chooses what is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import Payable, pay_url
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.recipient import Recipient

# A reminder is still looked up when the next one comes; what is open then is what its page shows.
GOOD_FOR = timedelta(days=21)
# Every invoice that a link names makes it longer: a mail has room for them, a text for one.
IN_MAIL_MAX = 20
IN_TEXT_MAX = 1


@dataclass(frozen=True)
class Links:
    """Addresses of our own pages; None where this house has no public address."""

    preferences: str | None = None
    pay: str | None = None


NO_LINKS = Links()


def links_of(letter: Letter, to: Recipient, doorplate: Doorplate | None) -> Links:
    """The links for that reader. The pay link asks for exactly what the letter does, on its invoices and no others; where
    they are too many for it to name, it stands for what is open on the account and asks for no more than the letter."""
    if doorplate is None or doorplate.base_url is None:
        return NO_LINKS
    preferences = preferences_url(doorplate, contact_id=to.contact_id, channel=to.channel, address=to.address)
    return Links(preferences, _pay_url(letter, doorplate, IN_MAIL_MAX if to.channel == "email" else IN_TEXT_MAX))


def _pay_url(letter: Letter, doorplate: Doorplate, named_max: int) -> str | None:
    if letter.customer_id is None or letter.to_pay.minor <= 0:
        return None
    ids = tuple(dict.fromkeys(line.claim.invoice_id for line in letter.lines))
    # A part of a plan may be more than what is open on the invoice it is kept with.
    is_of_plan = any(line.is_of_plan for line in letter.lines)
    named: tuple[UUID, ...] = ids if len(ids) <= named_max and not is_of_plan else ()
    open_then = {line.claim.invoice_id: line.claim.invoice_open_minor or line.claim.open_minor for line in letter.lines}
    leaves = sum(open_then.values()) - letter.to_pay.minor if named else None
    payable = Payable(letter.to_pay.currency, letter.customer_id, named, letter.to_pay, leaves)
    return pay_url(doorplate, payable, letter.read_at, good_for=GOOD_FOR, named_max=named_max)
