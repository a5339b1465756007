"""A mail as a page shows it: the pictures that go with it put into it, since a page cannot fetch them from a mail."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from o2c_core.documents.asked_for import PayCode, read_back
from o2c_core.documents.attach import PAY_CODE_ID, pay_code


def with_pictures(html: str, attachments: Sequence[Mapping[str, Any]]) -> str:
    """The mail's HTML with the code to pay with drawn in it."""
    for stored in attachments:
        if stored.get("document") != "pay_code":
            continue
        code = read_back(stored)
        assert isinstance(code, PayCode)
        picture = base64.b64encode(pay_code(code).content).decode()
        html = html.replace(f"cid:{PAY_CODE_ID}", f"data:image/png;base64,{picture}")
    return html
