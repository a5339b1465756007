"""One-time codes: how they are made, how they are recognised, and how many there may be."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import timedelta
from uuid import UUID

CODE_DIGITS = 6
GOOD_FOR = timedelta(minutes=10)
CODES_PER_CONVERSATION_HOUR = 3
CODES_PER_ADDRESS_DAY = 5
WRONG_TRIES_MAX = 5
# As long as a chat session lasts.
PROVEN_FOR = timedelta(hours=12)
HIDDEN = "*" * CODE_DIGITS

# Six digits that are no part of anything longer, as people type them: "123456", "123 456", "123-456".
_CODE = re.compile(r"(?<![\w€$£/.,-])(\d{3})[ \u00a0-]?(\d{3})(?![\w€$£/-]|[.,]\d)")


def as_code(number: int) -> str:
    """The number as it is sent: always six digits."""
    return f"{number:0{CODE_DIGITS}}"


def digest_of(code: str, code_id: UUID, key: str) -> str:
    """What is kept of a code. Without the key, which is not in the database, it could be looked for in no time."""
    return hmac.new(f"parley-code:{key}".encode(), code_id.bytes + code.encode(), hashlib.sha256).hexdigest()


def codes_in(text: str) -> tuple[str, ...]:
    """Everything in the text that could be a code of ours, at most three."""
    found = ("".join(str(int(digit)) for digit in match[1] + match[2]) for match in _CODE.finditer(text))
    return tuple(dict.fromkeys(found))[:3]


def without_codes(text: str) -> str:
    """The text without what could be a code; empty when only signs and spaces are left."""
    rest = _CODE.sub(" ", text).strip()
    return rest if any(sign.isalnum() for sign in rest) else ""


def hide_code(text: str) -> str:
    """The text with each code in it replaced by stars."""
    return _CODE.sub(HIDDEN, text)


def may_send(in_conversation: int, to_address: int) -> bool:
    """Whether one more may go out after that many in this conversation within an hour, and to this address in a day."""
    return in_conversation < CODES_PER_CONVERSATION_HOUR and to_address < CODES_PER_ADDRESS_DAY
