"""Take over a bank file: its statements and every transaction not known yet, which then wait to be matched."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, Text, any_, insert, literal, select
from sqlalchemy.orm import Session

from o2c_core.actions.import_ledger import SellerUnknown
from o2c_core.cards import mask_cards
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.errors import Refused
from o2c_core.imports.bank.accounts import is_iban, is_same_account
from o2c_core.imports.bank.read_bank_file import read_bank_file
from o2c_core.imports.bank.report import BankFileReport
from o2c_core.imports.bank.statement import Statement, Transaction
from o2c_core.imports.encoding import chunks, open_bytes
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

_NAME_CHARACTERS_MAX = 140
_TEXT_CHARACTERS_MAX = 2_000


class AccountNotOurs(Refused):
    """The statement is of an account that is not one of the seller's bank accounts."""


class OtherFormatKnown(Refused):
    """The same days of that account were already taken over from a bank file of another format."""


def import_bank_file(
    path: Path, seller_ref: str, *, store: Store, dry_run: bool = False, by: str = "system"
) -> BankFileReport:
    """What was new and what was known already. Taking over the same days again, from any statement, changes nothing.

    The file is taken over whole or not at all. Money that came in waits to be matched, as do reversals; other money that
    went out is kept and ignored. With `dry_run` the report is the same and nothing is kept.
    Raises: FileMissing, FileEmpty, FileUnreadable, XmlRefused; BankFileRefused; SellerUnknown; AccountNotOurs;
    OtherFormatKnown.
    """
    statements = read_bank_file(path)
    report = BankFileReport(path.name, seller_ref, statements[0].format, dry_run, list(statements))
    checksum, now = _checksum(path), store.clock.now()
    with store.session() as session:
        seller = session.scalars(select(Seller).where(Seller.ref == seller_ref)).one_or_none()
        if seller is None:
            raise SellerUnknown(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        # The lock makes two files of one seller take turns, so that neither misses what the other is storing.
        accounts = session.scalars(
            select(BankAccount).where(BankAccount.seller_id == seller.id).order_by(BankAccount.id).with_for_update()
        ).all()
        owners = [_owner(accounts, statement, path, seller) for statement in statements]
        for statement, account in zip(statements, owners, strict=True):
            fresh = _fresh(session, account, statement, report)
            _refuse_other_format(session, account, statement, fresh, path)
            kept = _kept(session, account, statement)
            if kept is None:
                # One that repeats something overlaps what is there, so nothing is missing before it.
                if len(fresh) == len(statement.transactions):
                    _remark_gap(session, account, statement, report)
                kept = _new(statement, account, path, checksum, now)
                session.add(kept)
                session.flush()
            if fresh:
                session.execute(insert(BankTransaction), [_row(transaction, kept, report) for transaction in fresh])
        note(
            session,
            "bank file imported",
            seller,
            at=now,
            who=by,
            why=f"read as {report.format}",
            seller_id=seller.id,
            file=path.name,
            checksum=checksum,
            counts=dict(report.counts),
        )
        if report.counts["waiting"]:
            ask_for(session, "match_money", seller_id=str(seller.id))
        if dry_run:
            session.rollback()
        else:
            session.commit()
    return report


def _owner(accounts: Sequence[BankAccount], statement: Statement, path: Path, seller: Seller) -> BankAccount:
    """The seller's account the statement is of. Raises: AccountNotOurs, also for an account in another currency."""
    fitting = [account for account in accounts if is_same_account(statement.account, account.iban)]
    if len(fitting) != 1:
        raise AccountNotOurs(
            f"{path.name} is a statement of account {statement.account}, which is not a bank account of {seller.name}; "
            f"nothing was kept.",
            account=statement.account,
        )
    if fitting[0].currency != statement.currency:
        raise AccountNotOurs(
            f"{path.name} is in {statement.currency}, and the account {statement.account} of {seller.name} is in "
            f"{fitting[0].currency}; nothing was kept.",
            account=statement.account,
        )
    return fitting[0]


def _fresh(session: Session, account: BankAccount, statement: Statement, report: BankFileReport) -> list[Transaction]:
    """The transactions that no statement brought before."""
    keys = [transaction.key for transaction in statement.transactions]
    known = set(
        session.scalars(
            select(BankTransaction.key).where(
                BankTransaction.bank_account_id == account.id, BankTransaction.key == any_(literal(keys, ARRAY(Text)))
            )
        )
    )
    report.counts["known"] += len(known)
    report.counts["pending"] += statement.pending
    return [transaction for transaction in statement.transactions if transaction.key not in known]


def _refuse_other_format(
    session: Session, account: BankAccount, statement: Statement, fresh: list[Transaction], path: Path
) -> None:
    """camt.053 and MT940 tell one transaction in words too different to know it again: it would be counted twice.

    Raises: OtherFormatKnown.
    """
    days = {transaction.booked_on for transaction in fresh}
    other = session.execute(
        select(BankTransaction.booked_on, BankStatement.format)
        .join(BankStatement, BankStatement.id == BankTransaction.bank_statement_id)
        .where(
            BankTransaction.bank_account_id == account.id,
            BankTransaction.booked_on.in_(days),
            ~BankStatement.format.startswith(_family(statement.format)),
        )
        .order_by(BankTransaction.booked_on)
        .limit(1)
    ).one_or_none()
    if other is not None:
        day, format_ = other
        raise OtherFormatKnown(
            f"{path.name} has transactions of {day} on {account.iban}, a day already taken over from {_family(format_)}: "
            f"in {_family(statement.format)} the same money would be counted twice, so nothing was kept.",
            account=account.iban,
        )


def _family(format_: str) -> str:
    return "camt.053" if format_.startswith("camt.053") else format_


def _remark_gap(session: Session, account: BankAccount, statement: Statement, report: BankFileReport) -> None:
    """Says so when the balance moved between the statement before this one and this one."""
    earlier = select(BankStatement.closing_minor, BankStatement.to_on).where(
        BankStatement.bank_account_id == account.id, BankStatement.from_on <= statement.from_on
    )
    known = session.execute(earlier.order_by(BankStatement.to_on.desc()).limit(20)).all()
    newest = known[0][1] if known else None
    # One that reaches further than where this one begins overlaps it, so nothing is missing between them.
    if newest is None or newest > statement.from_on:
        return
    if all(closing != statement.opening_minor for closing, to_on in known if to_on == newest):
        report.remarks.append(
            f"statement {statement.number} does not open at what the statement before it, up to {newest}, closed at: "
            f"one between them may be missing"
        )


def _kept(session: Session, account: BankAccount, statement: Statement) -> BankStatement | None:
    """The same statement, when an earlier file brought it."""
    return session.scalars(
        select(BankStatement)
        .where(
            BankStatement.bank_account_id == account.id,
            BankStatement.number == statement.number,
            BankStatement.from_on == statement.from_on,
            BankStatement.to_on == statement.to_on,
            BankStatement.opening_minor == statement.opening_minor,
            BankStatement.closing_minor == statement.closing_minor,
        )
        .limit(1)
    ).one_or_none()


def _new(statement: Statement, account: BankAccount, path: Path, checksum: str, now: datetime) -> BankStatement:
    return BankStatement(
        seller_id=account.seller_id,
        bank_account_id=account.id,
        number=statement.number,
        format=statement.format,
        file=path.name,
        checksum=checksum,
        from_on=statement.from_on,
        to_on=statement.to_on,
        opening_minor=statement.opening_minor,
        closing_minor=statement.closing_minor,
        currency=statement.currency,
        imported_at=now,
    )


def _row(transaction: Transaction, kept: BankStatement, report: BankFileReport) -> dict[str, Any]:
    """The row to store; counts it in the report."""
    is_ignored = transaction.direction == "out" and not transaction.is_reversal
    report.counts["ignored" if is_ignored else "waiting"] += 1
    report.reversals += transaction.is_reversal
    if transaction.direction == "in":
        report.receive(Money(transaction.amount_minor, transaction.currency))
    name, account = transaction.payer_name, transaction.payer_account
    return {
        "id": new_key(),
        "seller_id": kept.seller_id,
        "bank_account_id": kept.bank_account_id,
        "bank_statement_id": kept.id,
        "key": transaction.key,
        "booked_on": transaction.booked_on,
        "value_on": transaction.value_on,
        "amount_minor": transaction.amount_minor,
        "currency": transaction.currency,
        "direction": transaction.direction,
        "is_reversal": transaction.is_reversal,
        "payer_name": mask_cards(name)[:_NAME_CHARACTERS_MAX] if name else None,
        "payer_account": mask_cards(account) if account and not is_iban(account) else account,
        "reference": transaction.reference,
        "text": mask_cards(transaction.text)[:_TEXT_CHARACTERS_MAX],
        "end_to_end": transaction.end_to_end,
        "bank_reference": transaction.bank_reference,
        "state": "ignored" if is_ignored else "waiting",
        "state_why": "money that went out" if is_ignored else None,
        "suggestions": [],
    }


def _checksum(path: Path) -> str:
    with open_bytes(path) as file:
        digest = hashlib.sha256()
        for chunk in chunks(file, path.name):
            digest.update(chunk)
        return digest.hexdigest()
