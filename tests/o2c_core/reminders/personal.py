"""Letters to somebody in particular, for tests: name only what the test is about."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.customer import locale_for
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.money import Money
from o2c_core.reminders.ladder import STANDARD, Rung
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.may_contact import Claim, asked_for
from o2c_core.reminders.recipient import Recipient

ON = date(2026, 3, 16)
NOW = datetime(2026, 3, 16, 11, tzinfo=UTC)
HOME = {"en": "IE", "nl": "NL", "de": "DE", "fr": "FR"}
PLATE = Doorplate("secret", base_url="https://pay.vandijk.example")
TO = Recipient("ap@jansen.example", "nl", "email", uuid4(), "Anna Jansen")
RUNGS = {rung.name: rung for rung in STANDARD.rungs}
CUSTOMER = UUID(int=5)
INVOICE = UUID(int=1)
PLACES = re.compile(r"\{\{ (\w+) \}\}")


def a_line(days: int, rung: Rung | None = None, number: str = "INV-2026-0042", **fields: object) -> Line:
    due_on = ON - timedelta(days=days)
    total = fields.pop("total", 124_050)
    claim = Claim(
        **{"invoice_id": INVOICE, "number": number, "due_on": due_on, "total_minor": total, "open_minor": total}
        | fields
    )
    return Line(claim, rung or RUNGS["first"], asked_for(claim, "EUR"), max(0, days))


def a_letter(*lines: Line, language: str = "nl", currency: str = "EUR", unapplied: int = 0, **fields: object) -> Letter:
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency=currency)
    seller = Seller(name="Van Dijk", phone="+31 20 1", bank_accounts=[account], senders=[], settings={})
    lines = tuple(replace(line, asked=Money(line.asked.minor, currency)) for line in lines)
    return Letter(
        **{
            "seller": seller, "language": language, "locale": locale_for(language, HOME[language]), "on": ON,
            "read_at": NOW, "lines": lines, "left_out": (), "unapplied": Money(unapplied, currency),
            "customer_id": CUSTOMER, "customer_ref": "C-1042",
        } | fields
    )  # fmt: skip


def said(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")
