"""A person says that a bank transaction is no customer's payment."""

from __future__ import annotations

from uuid import UUID

from o2c_core.actions.accept_match import check_waiting
from o2c_core.errors import Refused
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.posting import locked
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note


class WhyMissing(Refused):
    """Say why the transaction is left alone, so that who looks later understands it."""


def ignore_transaction(transaction_id: UUID, why: str, by: str, *, store: Store) -> None:
    """Leave a waiting transaction alone for good. Doing so again changes nothing.

    Raises: NotFound; NotWaiting; WhyMissing.
    """
    reason = " ".join(why.split())
    if not reason:
        raise WhyMissing
    with store.session() as session:
        transaction = locked(session, BankTransaction, transaction_id)
        if transaction.state == "ignored":
            return
        check_waiting(transaction)
        transaction.state, transaction.state_why, transaction.suggestions = "ignored", reason, []
        amount = Money(transaction.amount_minor, transaction.currency)
        note(
            session, "transaction ignored", transaction, at=store.clock.now(), who=by, why=reason, amount=str(amount)
        )  # fmt: skip
        session.commit()
