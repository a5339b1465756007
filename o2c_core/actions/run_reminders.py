"""Reminding customers: who has earned a reminder today is written to once, with everything that is due in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Overtaken
from o2c_core.keys import new_key
from o2c_core.reminders.debts import Debt, debts_of, next_customers
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.mail import Mail, write_mail
from o2c_core.reminders.may_contact import Answer, may_contact
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.run import CustomerEntry, RemindersRun, entry_for
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from o2c_core.trail import note

CUSTOMERS_PER_BATCH = 500
_ATTEMPTS = 5


class NoSuchSeller(NotFound):
    """There is no seller with that reference."""


class AnotherRun(Overtaken):
    """Another reminders run was faster; look again."""


@dataclass(frozen=True)
class _Plan:
    """One customer's part of the run before it is written down."""

    debt: Debt
    answers: tuple[Answer, ...]
    letter: Letter | None
    mail: Mail | None


def run_reminders(on: date, *, store: Store, seller_ref: str | None = None, dry_run: bool = False) -> RemindersRun:
    """Queue one message per customer and currency for the invoices that have earned a rung on that day.

    `on` is the day where the seller is. The messages, their reminders and the jobs that deliver them are committed
    together, a batch of customers at a time; a run that is broken off can be run again. A rung is never used twice
    for an invoice, also by two runs at once. With `dry_run` nothing is written.

    Raises: NoSuchSeller.
    """
    run = RemindersRun(on, dry_run)
    for seller in _sellers(store, seller_ref):
        after: UUID | None = None
        while True:
            with store.session() as session:
                batch = next_customers(session, seller.id, after, CUSTOMERS_PER_BATCH)
            if not batch:
                break
            run.entries.extend(_remind(store, seller, batch, on, dry_run))
            after = batch[-1]
    return run


def _sellers(store: Store, ref: str | None) -> list[Seller]:
    query = select(Seller).order_by(Seller.ref)
    with store.session() as session:
        sellers = list(session.scalars(query if ref is None else query.where(Seller.ref == ref)))
    if ref is not None and not sellers:
        raise NoSuchSeller(ref=ref)
    return sellers


def _remind(store: Store, seller: Seller, batch: Sequence[UUID], on: date, dry_run: bool) -> list[CustomerEntry]:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with store.session() as session:
                plans = _plans(session, store, seller, batch, on)
                if dry_run:
                    return [_entry(plan, seller, on, None) for plan in plans]
                ids = _write_down(session, store, plans)
                session.commit()
                return [_entry(plan, seller, on, ids.get(at)) for at, plan in enumerate(plans)]
        except AnotherRun:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _plans(session: Session, store: Store, seller: Seller, batch: Sequence[UUID], on: date) -> list[_Plan]:
    plans = []
    read_at = store.clock.now()
    for debt in debts_of(session, batch, on):
        answers = may_contact(debt.facts, on)
        letter = letter_for(debt, answers, seller, on, read_at)
        plans.append(_Plan(debt, answers, letter, write_mail(letter) if letter else None))
    return plans


def _entry(plan: _Plan, seller: Seller, on: date, message_id: UUID | None) -> CustomerEntry:
    return entry_for(plan.debt, plan.answers, seller.ref, on, plan.mail, message_id)


def _write_down(session: Session, store: Store, plans: Sequence[_Plan]) -> dict[int, UUID]:
    """Messages, reminders, trail and jobs for the plans that have a letter; message ids by the plan's place.

    Raises: AnotherRun when one of the rungs was used by somebody else since it was read.
    """
    now = store.clock.now()
    going = [(at, plan) for at, plan in enumerate(plans) if plan.letter is not None]
    threads = _threads(session, store, [plan for _, plan in going])
    ids: dict[int, UUID] = {}
    reminders: list[dict[str, object]] = []
    for at, plan in going:
        assert plan.letter is not None
        assert plan.mail is not None
        assert plan.debt.recipient is not None
        customer, thread = plan.debt.customer, threads[plan.debt.customer.id]
        thread.version += 1
        thread.updated_at = now
        thread.introduced = True
        message = Message(
            id=new_key(),
            conversation_id=thread.id,
            direction="out",
            author="assistant",
            purpose="reminder",
            channel="email",
            address=plan.debt.recipient.address,
            subject=plan.mail.subject,
            text=plan.mail.text,
            html=plan.mail.html,
            language=plan.mail.language,
            delivery="queued",
            receipts=plan.mail.receipts,
            created_at=now,
        )
        session.add(message)
        ids[at] = message.id
        reminders.extend(
            {
                "id": new_key(),
                "invoice_id": line.claim.invoice_id,
                "customer_id": customer.id,
                "message_id": message.id,
                "rung": line.rung.name,
                "on": plan.letter.on,
                "open_minor": line.claim.open_minor,
                "created_at": now,
            }
            for line in plan.letter.lines
        )
        numbers = [line.claim.number for line in plan.letter.lines]
        note(
            session, "reminder queued", message, at=now, who="assistant", why=plan.letter.rung.name,
            customer_id=customer.id, message_id=message.id, invoices=numbers, on=plan.letter.on.isoformat(),
        )  # fmt: skip
    session.flush()
    _use_rungs(session, reminders)
    for message_id in ids.values():
        ask_for(session, "deliver_message", message_id=str(message_id))
    return ids


def _use_rungs(session: Session, reminders: list[dict[str, object]]) -> None:
    """Takes every rung or none: a message that speaks of an invoice somebody else reminded of must not go out."""
    if not reminders:
        return
    statement = insert(Reminder).on_conflict_do_nothing(index_elements=[Reminder.invoice_id, Reminder.rung])
    taken = session.execute(statement.returning(Reminder.id), reminders).all()
    if len(taken) < len(reminders):
        raise AnotherRun(lost=len(reminders) - len(taken))


def _threads(session: Session, store: Store, plans: Sequence[_Plan]) -> dict[UUID, Conversation]:
    """The conversation each customer is written in: the newest open one by email, else a new one.

    It is locked, because its version rises; in the order of ids, so that two runs cannot wait for each other.
    """
    now = store.clock.now()
    customers = {plan.debt.customer.id: plan for plan in plans}
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id.in_(customers),
            Conversation.channel == "email",
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
    )
    threads = {thread.customer_id: thread for thread in session.scalars(query) if thread.customer_id}
    for customer_id, plan in customers.items():
        if customer_id not in threads:
            threads[customer_id] = Conversation(
                id=new_key(),
                seller_id=plan.debt.customer.seller_id,
                customer_id=customer_id,
                channel="email",
                identity="known",
                speaker="assistant",
                language=plan.mail.language if plan.mail else None,
                version=0,
                introduced=False,
                opened_at=now,
                updated_at=now,
            )
    session.add_all(threads.values())
    return threads
