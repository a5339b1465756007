"""Money that came in finds its customer and invoices by itself where that is certain; the rest waits with suggestions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import disputed_minor
from o2c_core.conversations.payments_said import money_came
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.bank_posting import original_of, post_receipt, receipt_of, take_payment_back
from o2c_core.invoices.candidates import read_candidates
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.matching import match
from o2c_core.invoices.matching_facts import Candidates, Matched, Reason, Unsure, because, sentence_of
from o2c_core.invoices.posting import locked_invoices, open_of
from o2c_core.money import Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

BATCH_TRANSACTIONS = 500
_LOOKS_MAX = 3


@dataclass
class MatchRun:
    """What a run did: transactions matched by rule, payments taken back, and how many still wait."""

    seller: str
    matched: dict[str, int] = field(default_factory=dict)
    taken_back: int = 0
    waiting: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "seller": self.seller,
            "matched": dict(sorted(self.matched.items())),
            "taken_back": self.taken_back,
            "waiting": self.waiting,
        }


@dataclass
class _Changed:
    """What was matched since the last look: who has waited for one of these is looked at again."""

    customers: set[UUID] = field(default_factory=set)
    accounts: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Waits:
    customers: frozenset[UUID]
    account: str | None


def match_money(seller_id: UUID, *, store: Store, limit: int = BATCH_TRANSACTIONS) -> MatchRun:
    """Match every transaction of the seller that waits; `limit` of them are read at one time.

    Each is matched once, however many runs there are at the same moment, and running again changes nothing.
    Raises: NotFound.
    """
    with store.session() as session:
        seller = session.get(Seller, seller_id)
        if seller is None:
            raise NotFound("There is no such seller.", seller=str(seller_id))
        run = MatchRun(seller.ref)
    changed = _Changed()
    waits: dict[UUID, _Waits] = {}
    for ids in _waiting(seller_id, False, limit, store):
        waits |= _look(seller_id, ids, run, changed, store)
    while True:
        for ids in _waiting(seller_id, True, limit, store):
            for id_ in ids:
                _take_back(id_, run, changed, store)
        # What was matched or taken back may have settled what was in doubt about another.
        again = [
            id_
            for id_, known in waits.items()
            if not changed.customers.isdisjoint(known.customers) or known.account in changed.accounts
        ]
        if not again:
            break
        changed = _Changed()
        for start in range(0, len(again), limit):
            batch = again[start : start + limit]
            still = _look(seller_id, batch, run, changed, store)
            waits = {id_: known for id_, known in waits.items() if id_ not in set(batch)} | still
    run.waiting = _count_waiting(seller_id, store)
    return run


def match_waiting(*, store: Store) -> list[MatchRun]:
    """Matches for every seller that has something waiting: what a lost job left, and what later invoices explain."""
    with store.session() as session:
        waiting = select(BankTransaction.id).where(
            BankTransaction.seller_id == Seller.id, BankTransaction.state == "waiting"
        )
        sellers = list(session.scalars(select(Seller.id).where(waiting.exists()).order_by(Seller.ref)))
    return [match_money(seller_id, store=store) for seller_id in sellers]


def _waiting(seller_id: UUID, is_reversal: bool, limit: int, store: Store) -> Iterator[list[UUID]]:
    last: UUID | None = None
    while True:
        query = select(BankTransaction.id).where(
            BankTransaction.seller_id == seller_id,
            BankTransaction.state == "waiting",
            BankTransaction.is_reversal.is_(is_reversal),
        )
        if last is not None:
            query = query.where(BankTransaction.id > last)
        with store.session() as session:
            ids = list(session.scalars(query.order_by(BankTransaction.id).limit(limit)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _count_waiting(seller_id: UUID, store: Store) -> int:
    with store.session() as session:
        waiting = select(func.count()).where(BankTransaction.seller_id == seller_id, BankTransaction.state == "waiting")
        return session.scalars(waiting).one()


def _look(seller_id: UUID, ids: Sequence[UUID], run: MatchRun, changed: _Changed, store: Store) -> dict[UUID, _Waits]:
    """Decides about those transactions; those that still wait are given back with what they wait for."""
    with store.session() as session:
        transactions = session.scalars(
            select(BankTransaction)
            .where(BankTransaction.id.in_(ids), BankTransaction.state == "waiting", BankTransaction.direction == "in")
            .order_by(BankTransaction.id)
        ).all()
        candidates = _candidates(session, seller_id, transactions)
    answers = {one.id: match(receipt_of(one), candidates[one.id]) for one in transactions}
    unsure: dict[UUID, Unsure] = {}
    for id_, answer in answers.items():
        if isinstance(answer, Matched):
            doubt = _post(id_, answer, candidates[id_], run, changed, store)
            if doubt is not None:
                unsure[id_] = doubt
        else:
            unsure[id_] = answer
    with store.session() as session:
        _suggest(session, unsure)
        session.commit()
    return {
        one.id: _Waits(frozenset(claim.customer_id for claim in candidates[one.id].claims), one.payer_account)
        for one in transactions
        if one.id in unsure
    }


def _candidates(session: Session, seller_id: UUID, transactions: Collection[BankTransaction]) -> dict[UUID, Candidates]:
    receipts = {one.id: receipt_of(one) for one in transactions}
    return read_candidates(session, seller_id, receipts, disputed=disputed_minor()) if receipts else {}


def _post(
    id_: UUID, answer: Matched, candidates: Candidates, run: MatchRun, changed: _Changed, store: Store
) -> Unsure | None:
    """Books the money as decided, or looks again where something moved; the doubt there is then, if any."""
    for _ in range(_LOOKS_MAX):
        with store.session() as session:
            transaction = _claimed(session, id_)
            if transaction is None:
                return None
            paid = [part.invoice_id for part in answer.parts]
            locked_invoices(session, Invoice.id.in_(paid))
            believed = {claim.invoice_id: claim.open_minor for claim in candidates.claims}
            if all(believed[invoice] == minor for invoice, minor in open_of(session, paid).items()):
                book(session, transaction, answer, now=store.clock.now())
                session.commit()
                run.matched[answer.rule] = run.matched.get(answer.rule, 0) + 1
                changed.customers.add(answer.customer_id)
                changed.accounts |= {transaction.payer_account} if transaction.payer_account else set()
                return None
        # Other invoices may be the answer now, and locks on two sets of them could wait for each other: begin anew.
        with store.session() as session:
            candidates = _candidates(session, transaction.seller_id, [transaction])[id_]
        again = match(receipt_of(transaction), candidates)
        if isinstance(again, Unsure):
            return again
        answer = again
    return Unsure(because("overtaken"))


def book(session: Session, transaction: BankTransaction, answer: Matched, *, now: datetime, by: str = "system") -> None:
    """Books matched money in the caller's transaction, with its trail, and withdraws reminders it overtakes."""
    why = sentence_of(answer.reasons)
    wanted = {part.invoice_id: Money(part.minor, transaction.currency) for part in answer.parts}
    posted = post_receipt(session, transaction, answer.customer_id, wanted, why=why, by=by, now=now)
    amount, allocated = (
        str(Money(transaction.amount_minor, transaction.currency)),
        [change.to_json() for change in posted.changes],
    )
    note(
        session, "payment recorded", posted.payment, at=now, who=by, why=why, key=posted.payment.source_key,
        amount=amount, received_on=transaction.booked_on.isoformat(), unapplied=str(posted.unapplied),
        allocated=allocated,
    )  # fmt: skip
    note(
        session, "money matched", transaction, at=now, who=by, why=why, customer_id=answer.customer_id,
        rule=answer.rule, reasons=[reason.to_json() for reason in answer.reasons], payment=str(posted.payment.id),
        amount=amount, unapplied=str(posted.unapplied), allocated=allocated,
    )  # fmt: skip
    money_came(session, answer.customer_id, now)
    withdraw_overtaken(session, answer.customer_id, now)


def _claimed(session: Session, id_: UUID) -> BankTransaction | None:
    """The transaction if it still waits, ours until the end; None when somebody else has it."""
    return session.scalars(
        select(BankTransaction)
        .where(BankTransaction.id == id_, BankTransaction.state == "waiting")
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _suggest(session: Session, unsure: Mapping[UUID, Unsure]) -> None:
    """Stores why they wait and what they might be, where that is another than before."""
    waiting = session.scalars(
        select(BankTransaction)
        .where(BankTransaction.id.in_(unsure), BankTransaction.state == "waiting")
        .order_by(BankTransaction.id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    for transaction in waiting.all():
        answer = unsure[transaction.id]
        _wait(transaction, answer.why, [suggestion.to_json() for suggestion in answer.suggestions])


def _wait(transaction: BankTransaction, why: Reason, suggestions: list[dict[str, Any]]) -> None:
    sentence = sentence_of((why,))
    if transaction.state_why != sentence:
        transaction.state_why = sentence
    if transaction.suggestions != suggestions:
        transaction.suggestions = suggestions


def _take_back(id_: UUID, run: MatchRun, changed: _Changed, store: Store) -> None:
    """Takes back the payment a reversal is about, or stores why that is not possible."""
    now = store.clock.now()
    with store.session() as session:
        reversal = _claimed(session, id_)
        if reversal is None:
            return
        original = original_of(session, reversal)
        if isinstance(original, Reason):
            _wait(reversal, original, [])
            session.commit()
            return
        why = f"The bank took back the amount of {original.booked_on.isoformat()}."
        if original.payment_id is not None:
            taken = take_payment_back(session, original, reversal, why)
            if taken is None:
                _wait(reversal, because("already_returned"), [])
                session.commit()
                return
            note(
                session, "payment returned", taken.payment, at=now, who="system", why=why, kind_of_return="reversal",
                key=taken.payment_return.source_key, amount=str(Money(reversal.amount_minor, reversal.currency)),
                returned_on=reversal.booked_on.isoformat(), payment_return=str(taken.payment_return.id),
                released=[change.to_json() for change in taken.changes],
            )  # fmt: skip
            withdraw_overtaken(session, taken.payment.customer_id, now)
            changed.customers.add(taken.payment.customer_id)
        original.state, original.suggestions = "reversed", []
        original.state_why = f"The bank took it back on {reversal.booked_on.isoformat()}."
        reversal.state, reversal.state_why = "matched", why
        reversal.payment_id, reversal.suggestions = original.payment_id, []
        note(
            session, "reversal matched", reversal, at=now, who="system", why=why, original=str(original.id),
            payment=str(original.payment_id) if original.payment_id else None,
        )  # fmt: skip
        session.commit()
        run.taken_back += 1
