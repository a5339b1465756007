"""How the logs read: one event a line with its ids, never a message's text, an address or a card only masked."""

from __future__ import annotations

import logging
import re

from o2c_core.cards import mask_cards
from o2c_core.customers.masked import masked

_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")
# As dialled from abroad, or at home with its leading zero; ids and moments have letters, colons or dashes beside them.
_PHONE = re.compile(
    r"(?<![\w.:/+-])(?:\+|00)[1-9](?:[\s().-]{0,2}\d){7,13}(?![\w-])|(?<![\w.:/+-])\(?0[1-9](?:[\s().-]{0,2}\d){7,9}(?![\w-])"
)


class MaskingFormatter(logging.Formatter):
    """Hides card numbers, email addresses and phone numbers in everything that is written, tracebacks included."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging names it so)
        record.message = without_addresses(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: logging._SysExcInfoType) -> str:  # noqa: N802
        return without_addresses(super().formatException(ei))


def without_addresses(text: str) -> str:
    """The text with card numbers, email addresses and phone numbers masked; ids, numbers of invoices and days stay."""
    text = _EMAIL.sub(lambda email: masked(email[0]), mask_cards(text))
    return _PHONE.sub(lambda phone: masked(re.sub(r"[^\d+]", "", phone[0])), text)


def set_up_logs(level: str) -> None:
    """Sends our events to standard error; libraries speak only when something is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    logging.getLogger("parley").setLevel(level)
