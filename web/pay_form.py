"""What a customer ticked and typed on the page for paying, as they sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from o2c_core import money
from o2c_core.conversations.pay_choice import Choice, MoreThanChosen, NothingChosen, NothingToPay, choose
from o2c_core.conversations.pay_links import ToPay
from o2c_core.money import Money, NotAnAmount

FIELDS_MAX = 300
AMOUNT_CHARACTERS_MAX = 40
# Which sentence stands beside which field.
_ERRORS: Mapping[type[Exception], tuple[str, str]] = {
    NothingChosen: ("invoices", "error_nothing"),
    NothingToPay: ("amount", "error_zero"),
    MoreThanChosen: ("amount", "error_too_much"),
    NotAnAmount: ("amount", "error_not_amount"),
}


@dataclass(frozen=True)
class Sent:
    """The form as it came back: numbers ticked (None: it was not sent) and what was typed as the amount."""

    numbers: tuple[str, ...] | None = None
    amount: str = ""


@dataclass(frozen=True)
class Chosen:
    """What was chosen; None where nothing is yet or it cannot be, and then which field says which sentence."""

    choice: Choice | None
    sent: Sent
    field: str = ""
    error: str = ""


def sent_in(text: str) -> Sent:
    """The form in a query or a body."""
    if text.count("&") >= FIELDS_MAX:
        return Sent()
    fields = parse_qs(text, keep_blank_values=True)
    if "chosen" not in fields:
        return Sent()
    return Sent(tuple(fields.get("invoice", ())), _first(fields.get("amount", ()))[:AMOUNT_CHARACTERS_MAX].strip())


def chosen_of(now: ToPay, due: Money, sent: Sent, locale: str) -> Chosen:
    """What the form says; before it was sent, what is due."""
    if sent.numbers is None:
        if not now.items or due.minor <= 0:
            return Chosen(None, sent)
        choice = choose(now, None, due)
        return Chosen(choice, Sent(None, "" if choice.asked == due else bare(due, locale)))
    try:
        amount = money.parse(sent.amount, due.currency, locale) if sent.amount else None
        return Chosen(choose(now, sent.numbers, amount), sent)
    except tuple(_ERRORS) as no:
        return Chosen(None, sent, *_ERRORS[type(no)])


def bare(amount: Money, locale: str) -> str:
    """The amount as somebody there types it: without a currency, and not grouped."""
    written = money.show_plain(Money(amount.minor, amount.currency), locale).removeprefix(amount.currency).strip()
    # Grouping is a reader's help, and one more thing to type wrongly.
    whole, point, rest = written, "", ""
    places = money.exponent(amount.currency)
    if places:
        whole, point, rest = written[: -places - 1], written[-places - 1], written[-places:]
    return "".join(letter for letter in whole if letter.isdigit()) + point + rest


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""
