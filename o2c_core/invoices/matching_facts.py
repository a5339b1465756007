"""What is known when money is matched, and the two answers: whose it is, or what it might be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any
from uuid import UUID

from o2c_core.money import Money

# A reason is a key and values, so that it can be said in any language; this is how it is said in English.
SENTENCES: Mapping[str, str] = {
    # Why it is what it is.
    "reference": "the reference {reference} is that of invoice {invoice}",
    "number": "it names {invoices}",
    "number_loose": "it names {invoices}, without the letters in front",
    "number_possible": "what it says may mean {invoices}",
    "payer_account": "the customer has paid from this account before",
    "payer_account_shared": "several customers have paid from this account, this one too",
    "customer_number": "it names the customer's number",
    "payer_name": "the payer has the customer's name",
    "amount": "the amount is what is open",
    "amount_sum": "the amount is what is open on the {count} invoices together",
    "amount_less_discount": "the amount is what is open less the discount for paying early, {discount}",
    "amount_instalments": "the amount is that of the next instalments of {invoices}",
    "amount_less_disputed": "the amount is what is open less what is disputed, {disputed}",
    "part_payment": "it pays a part, and {left} stays open",
    "over_payment": "it is {rest} more than is open, which stays as credit",
    "oldest_first": "the oldest invoices would be paid first",
    "already_paid": "invoice {invoice} is paid already, so the money would stay as credit",
    "accepted": "{by} said so",
    # Why a person has to look.
    "reference_ambiguous": "the reference fits more invoices than one",
    "reference_and_numbers_differ": "the reference and the numbers in the text name different invoices",
    "number_unclear": "a number in the text can be read in more ways than one",
    "nothing_open_on": "nothing is open on invoice {invoice}",
    "other_currency": "invoice {invoice} is in {currency}",
    "several_customers": "the invoices it names are of different customers",
    "other_payer": "the number is not written in full, and the account is another customer's",
    "amount_differs": "the amount is not what is open on {invoices}, which is {open}",
    "account_shared": "several customers have paid from this account",
    "unknown_named": "it names something that is not in the ledger",
    "other_customer_named": "the text names another customer than the account",
    "nothing_open": "nothing is open for the customer who pays from this account",
    "several_fit": "more than one choice of invoices comes to the amount",
    "too_many_open": "so many invoices are open that a sum proves nothing",
    "nothing_fits": "no choice of the customer's invoices comes to the amount",
    "amount_alone": "only the amount points to anything",
    "nothing_named": "nothing in it says whose it is",
    "overtaken": "its invoices were being paid by somebody else at that moment",
    # About money that was taken back.
    "original_unknown": "the payment that was taken back was not found",
    "original_unclear": "more than one payment could be the one that was taken back",
    "already_returned": "the payment that was taken back has left already",
    "came_back": "money that had gone out came back",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a key of SENTENCES and the values that go into it."""

    key: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        return SENTENCES[self.key].format(**dict(self.values))

    def to_json(self) -> dict[str, Any]:
        return {"key": self.key, "values": dict(self.values)}


def because(key: str, **values: str) -> Reason:
    return Reason(key, tuple(sorted(values.items())))


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in: how much, when, and everything that was said about it."""

    amount: Money
    on: date
    reference: str | None = None
    text: str = ""
    payer_name: str | None = None
    payer_account: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An invoice the money may be for. `references` are written without spaces, in upper case.

    `discount_minor` may be kept when everything is paid by `discount_until_on`. `instalments` is what is open of each,
    the earliest first, where it is due in parts. Nothing may be open any more.
    """

    invoice_id: UUID
    number: str
    plain_number: str
    references: tuple[str, ...]
    customer_id: UUID
    currency: str
    open_minor: int
    due_on: date
    discount_minor: int = 0
    discount_until_on: date | None = None
    disputed_minor: int = 0
    instalments: tuple[int, ...] = ()

    @property
    def open(self) -> Money:
        return Money(self.open_minor, self.currency)

    def discount(self, on: date) -> int:
        """What who pays the rest on that day may keep; 0 when that is over or would be everything."""
        if self.discount_until_on is None or on > self.discount_until_on or self.discount_minor >= self.open_minor:
            return 0
        return self.discount_minor

    def due_together(self) -> tuple[int, ...]:
        """What the next instalment comes to, the next two together, and so on, short of everything."""
        sums = {minor for minor in accumulate(self.instalments) if 0 < minor < self.open_minor}
        return tuple(sorted(sums))

    def accepted(self, on: date) -> tuple[int, ...]:
        """The amounts that pay it as agreed on that day: all that is open, that less the discount, or instalments."""
        discount = self.discount(on)
        less = (self.open_minor - discount,) if discount else ()
        return tuple(dict.fromkeys((self.open_minor, *less, *self.due_together())))


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the ledger knows that may have to do with the money.

    `payers` have paid from its account before, `named` are customers whose number it may say, `namesakes` those with the
    payer's name. Of the customers `cut`, more invoices are open than are among the claims.
    """

    claims: tuple[Claim, ...] = ()
    payers: frozenset[UUID] = frozenset()
    named: frozenset[UUID] = frozenset()
    namesakes: frozenset[UUID] = frozenset()
    cut: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class MatchedPart:
    """So much of the money for that invoice."""

    invoice_id: UUID
    number: str
    minor: int


@dataclass(frozen=True, slots=True)
class Matched:
    """Whose it is and what it pays; what the parts leave stays unapplied with the customer. `rule` is the first reason's."""

    customer_id: UUID
    parts: tuple[MatchedPart, ...]
    rest_minor: int
    rule: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What it might be, the likelier the higher the score; nobody but a person may accept it."""

    customer_id: UUID
    parts: tuple[MatchedPart, ...]
    rest_minor: int
    score: int
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "customer_id": str(self.customer_id),
            "parts": [
                {"invoice_id": str(part.invoice_id), "invoice": part.number, "minor": part.minor} for part in self.parts
            ],
            "rest_minor": self.rest_minor,
            "score": self.score,
            "reasons": [reason.to_json() for reason in self.reasons],
            "sentence": sentence_of(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class Unsure:
    """Why a person has to look, and what it might be, the likeliest first."""

    why: Reason
    suggestions: tuple[Suggestion, ...] = ()


def sentence_of(reasons: tuple[Reason, ...]) -> str:
    """The reasons as one sentence."""
    said = "; ".join(reason.sentence for reason in reasons)
    return f"{said[:1].upper()}{said[1:]}." if said else ""
