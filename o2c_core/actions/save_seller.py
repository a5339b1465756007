"""Keep a seller as its profile says: new, or with what changed."""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.numbers import KINDS, parse_pattern
from o2c_core.customers.seller import BankAccount, Seller, SenderIdentity
from o2c_core.customers.seller_profile import SellerProfile, SellerUnclear
from o2c_core.informing.step import informing_of
from o2c_core.invoices.bank import BankStatement
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.setting import read_setting
from o2c_core.store.store import Store
from o2c_core.trail import note

# What belongs to the seller's own settings rather than to a column.
_SETTINGS = (
    "order_flow",
    "informing",
    "authority",
    "tax_exemptions",
    "notices",
    "owners",
    "transfer_days",
    "chat",
    "desk",
)
_Owned = TypeVar("_Owned", BankAccount, SenderIdentity)


class CurrencyInUse(SellerUnclear):
    """The seller's own currency cannot change once it has invoices."""


class AccountInUse(SellerUnclear):
    """A bank account with statements in the ledger cannot be taken away."""


def save_seller(ref: str, profile: SellerProfile, *, store: Store, by: str = "system") -> tuple[Seller, list[str]]:
    """The seller and the names of what changed; all of it for a new one, nothing when it was so already.

    The profile is the whole truth about bank accounts, senders and numbering: what it does not name any more is gone.
    Raises: NumberingUnclear; InformingUnclear; NoticesUnclear; SellerUnclear; CurrencyInUse; AccountInUse. Then nothing
    was changed.
    """
    for kind, pattern in profile.numbering.items():
        if kind not in KINDS:
            raise SellerUnclear(f"There is no numbering for '{kind}': {', '.join(KINDS)}.")
        parse_pattern(pattern)
    said = profile.model_dump()
    read_setting(said["notices"])
    informing_of(Seller(settings={"informing": said["informing"]}))
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == ref).with_for_update()).one_or_none()
        is_new = seller is None
        if seller is None:
            seller = Seller(ref=ref, numbering={}, settings={}, languages=[])
            session.add(seller)
        changed = [name for name in said if _keep(session, seller, name, said, is_new=is_new)]
        if changed:
            session.flush()
            what = "seller opened" if is_new else "seller changed"
            note(session, what, seller, at=store.clock.now(), who=by, seller_id=seller.id, changed=changed)
            session.commit()
        return seller, changed


def _keep(session: Session, seller: Seller, name: str, said: dict[str, Any], *, is_new: bool) -> bool:
    """Puts one part of the profile on the seller; whether it was different before."""
    value = said[name]
    if name == "bank_accounts":
        return _keep_accounts(session, seller, value)
    if name == "senders":
        now = {(sender.channel, sender.value): sender for sender in seller.senders}
        wanted = {(one["channel"], one["value"]): one for one in value}
        before = {key: _told(sender, value[0].keys()) for key, sender in now.items()} if value else {}
        if before == wanted and now.keys() == wanted.keys():
            return False
        seller.senders = [_put(now.get(key) or SenderIdentity(), one) for key, one in wanted.items()]
        return True
    if name in _SETTINGS:
        if (seller.settings or {}).get(name) == value or not (value or (seller.settings or {}).get(name)):
            return False
        seller.settings = {**(seller.settings or {}), name: value}
        return True
    if name == "currency" and not is_new and seller.currency != value and _has(session, Invoice, seller):
        raise CurrencyInUse
    if not is_new and getattr(seller, name) == value:
        return False
    setattr(seller, name, value)
    return True


def _keep_accounts(session: Session, seller: Seller, value: list[dict[str, Any]]) -> bool:
    now = {account.iban: account for account in seller.bank_accounts}
    wanted = {one["iban"]: one for one in value}
    if {iban: _told(account, wanted.get(iban, {"iban": ""}).keys()) for iban, account in now.items()} == wanted:
        return False
    for iban, account in now.items():
        used = select(BankStatement.id).where(BankStatement.bank_account_id == account.id).limit(1)
        if iban not in wanted and session.scalar(used) is not None:
            raise AccountInUse(f"The account {iban} has statements in the ledger and cannot be taken away.", iban=iban)
    seller.bank_accounts = [_put(now.get(iban) or BankAccount(), one) for iban, one in wanted.items()]
    return True


def _told(row: _Owned, names: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _put(row: _Owned, values: dict[str, Any]) -> _Owned:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _has(session: Session, noun: type[Invoice], seller: Seller) -> bool:
    return session.scalar(select(noun.id).where(noun.seller_id == seller.id).limit(1)) is not None
