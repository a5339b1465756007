"""The seller's bank account: told only as the ledger has it, and what is said of any other one."""

from __future__ import annotations

import re

from stdnum import iban as ibans

from bot.desk import Desk
from bot.tools.people import call_person
from o2c_core.customers.seller import BankAccount
from o2c_core.invoices.reference import grouped

_ACCOUNT = (
    r"(?:iban|bic|bank(?:[\s-]?(?:account|details|rekening(?:nummer)?|gegevens|verbindung|konto|daten))?|accounts?(?:\s?numbers?)?"
    r"|rekening(?:nummers?|gegevens)?|konto(?:nummer|daten)?|kontoverbindung|rib|compte(?: bancaire)?|coordonnées bancaires)"
)
_OTHER = (
    r"(?:new|changed?|changing|different|other|another|updated?|switched|moved|nieuwe?|gewijzigd\w*|veranderd\w*|wijzig\w*|andere?"
    r"|anders|neue[nrsm]?|geändert\w*|ändert|andere[nrsm]?|gewechselt|nouveaux?|nouvel(?:les?)?|changé\w*|change[rz]?|modifié\w*"
    r"|différents?|autres?)"
)
_CHANGED = re.compile(
    rf"\b{_ACCOUNT}\b[^.!?]{{0,40}}\b{_OTHER}\b|\b{_OTHER}\b[^.!?]{{0,25}}\b{_ACCOUNT}\b", re.IGNORECASE
)
_BANK = (
    r"(?:ibans?|bic|bank[\s-]?(?:accounts?|details|rekening(?:nummer)?|gegevens|verbindung|konto|daten)|rekeningnummers?|kontonummer"
    r"|kontoverbindung|rib|comptes? bancaires?|coordonnées bancaires)"
)
_NEW_BANK = re.compile(rf"\b{_BANK}\b[^.!?]{{0,40}}\b{_OTHER}\b|\b{_OTHER}\b[^.!?]{{0,25}}\b{_BANK}\b", re.IGNORECASE)
# Whoever pays from another account than usual asks nothing about ours.
_PAYING_FROM = re.compile(
    r"\b(?:from|vanaf|vanuit|van|von|depuis|à partir d['’])\s?(?:an?\s|my\s|our\s|een\s|mijn\s|onze\s|eine[mnr]\s|un\s)?"
    rf"{_OTHER}\s(?:\w+\s)?{_ACCOUNT}\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\b(?:my|our|mijn|ons|onze|mein\w*|unser\w*|mon|ma|mes|notre|nos)\s(?:\w+\s){0,2}"
    rf"{_ACCOUNT}\b",
    re.IGNORECASE,
)
_YOURS = re.compile(
    r"\b(?:your|uw|jullie|ihre?[nrsm]?|eure?[nrsm]?|votre|vos)\s(?:\w+\s){0,2}" rf"{_ACCOUNT}\b", re.IGNORECASE
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[\s-]?[A-Z0-9]{1,4}){3,8}\b", re.IGNORECASE)


def speaks_of_new_account(words: str) -> bool:
    """Whether the words say, in terms only banks use, that an account is new or has changed; whose, `about_change` finds out."""
    return _NEW_BANK.search(_PAYING_FROM.sub(" ", words)) is not None


def bank_account(desk: Desk, account: BankAccount) -> dict[str, str]:
    """The places {iban} and {holder} of that account, exactly as it is kept."""
    source = f"seller {desk.seller.ref}"
    number = grouped(account.iban) if ibans.is_valid(account.iban) else account.iban
    return {
        "iban": desk.facts.text(number, f"{source} iban"),
        "holder": desk.facts.text(account.holder, f"{source} account holder"),
    }


def ibans_in(desk: Desk) -> tuple[str, ...]:
    """The account numbers that the words name, without their spaces."""
    found = [*desk.mentions.ibans, *(match[0] for match in _IBAN.finditer(desk.words))]
    bare = (re.sub(r"[\s-]", "", one).upper() for one in found)
    return tuple(dict.fromkeys(one for one in bare if _as_long_as_valid(one)))


def _as_long_as_valid(number: str) -> bool:
    return ibans.is_valid(number) or len(number) >= 15


def names_own_account(desk: Desk) -> bool:
    """Whether they write an account of their own: such details are never taken from a message."""
    ours = {re.sub(r"\s", "", account.iban).upper() for account in desk.seller.bank_accounts}
    named = [one for one in ibans_in(desk) if one not in ours]
    return bool(named and _THEIRS.search(desk.words))


def about_change(desk: Desk) -> str | None:
    """What is said to somebody who asks whether our account changed, or names one; None for an ordinary question.

    The account on record is named, a warning given and a person told: whoever is sent another account number may be
    about to lose their money.
    """
    ours = {re.sub(r"\s", "", account.iban).upper(): account for account in desk.seller.bank_accounts}
    named = ibans_in(desk)
    speaks_of_change = _CHANGED.search(_PAYING_FROM.sub(" ", desk.words)) is not None
    if named and all(one in ours for one in named) and not speaks_of_change:
        return desk.say("payment.iban_ours", **bank_account(desk, ours[named[0]]))
    is_theirs = speaks_of_change and _THEIRS.search(desk.words) and not _YOURS.search(desk.words)
    if names_own_account(desk) or is_theirs:
        call_person(desk, "cannot", "writes of bank details of their own, which were not taken down")
        return desk.say("payment.no_details")
    if not named and not speaks_of_change:
        return None
    call_person(
        desk, "payment_fraud", "asks whether our bank account has changed: somebody may be trying to divert payments"
    )
    said = [desk.say("payment.iban_not_ours")] if any(one not in ours for one in named) else []
    account = desk.seller.account_for(desk.seller.currency)
    if account is not None:
        said.append(desk.say("payment.on_record", **bank_account(desk, account)))
    return " ".join([*said, desk.say("payment.change_warning")])


def payment_methods(desk: Desk) -> str:
    """How to pay: the seller's bank account, exactly as it is kept."""
    changed = about_change(desk)
    if changed is not None:
        return changed
    account = desk.seller.account_for(desk.seller.currency)
    if account is None:
        return desk.say("payment.no_bank")
    return desk.say("payment.bank", **bank_account(desk, account))
