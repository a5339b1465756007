"""How a reminder is paid: the account and the reference in words, and a code that asks for exactly its sum."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from o2c_core.documents.asked_for import PayCode
from o2c_core.documents.epc import AMOUNT_MINOR_MAX, NotPayableByCode, Transfer, epc_payload
from o2c_core.invoices.reference import grouped
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.receipts import Figures
from o2c_core.reminders.wording import Wording

# A transfer's text has 140 characters; what is left keeps a long account name within the code's 331 bytes.
_TEXT_PLAIN_MAX = 120


def how_to_pay(letter: Letter, wording: Wording, figures: Figures) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The bank details, each in parts that are not broken over lines; none when the seller has no account on record.

    The name is the account holder's, not the trading name: banks compare it (Verification of Payee, since 9 October
    2025, Regulation (EU) 2024/886).
    """
    account = letter.seller.account_for(letter.unapplied.currency)
    if account is None:
        return
    yield wording.say("mail.holder"), (figures.word("seller.account_holder", account.holder),)
    yield wording.say("mail.iban"), (figures.word("seller.iban", grouped(account.iban)),)
    yield wording.say("mail.reference"), tuple(figures.word(f"reference {one}", one) for one in _references(letter))


def _references(letter: Letter) -> tuple[str, ...]:
    """What is written on the payment: the numbers, or the customer's own where a transfer has no room for them all."""
    if len(" ".join(letter.numbers)) <= _TEXT_PLAIN_MAX or not letter.customer_ref:
        return letter.numbers
    return (letter.customer_ref,)


def code_for(letter: Letter) -> PayCode | None:
    """The code for exactly what is asked for; None where it cannot be paid by one: not in euros, or no account for it."""
    if letter.to_pay.currency != "EUR":
        return None
    account, reference = letter.seller.account_for("EUR"), " ".join(_references(letter))
    if account is None or account.currency != "EUR" or not 0 < letter.to_pay.minor <= AMOUNT_MINOR_MAX:
        return None
    if not reference.isprintable() or len(reference) > _TEXT_PLAIN_MAX:
        return None
    if not _may_be_paid_to(account.holder, account.iban, account.bic):
        return None
    return PayCode(account.holder, account.iban, letter.to_pay, reference, account.bic)


@lru_cache(maxsize=1024)
def _may_be_paid_to(holder: str, iban: str, bic: str | None) -> bool:
    """Whether a code to that account can be drawn, whatever the amount, so that no mail leaves a place for one that
    cannot. It is found out once per account and not once per mail."""
    try:
        epc_payload(Transfer(holder, iban, Money(AMOUNT_MINOR_MAX, "EUR"), text="x" * _TEXT_PLAIN_MAX, bic=bic))
    except NotPayableByCode:
        return False
    return True


def said_of_code(code: PayCode, to_pay: str, wording: Wording) -> str:
    """What is read out instead of the picture."""
    return wording.say("mail.code", amount=to_pay, holder=code.holder, iban=grouped(code.iban), reference=code.text)
