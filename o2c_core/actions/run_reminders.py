"""Reminding customers: who has earned a reminder today is written to once, with everything that is due in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Overtaken
from o2c_core.keys import new_key
from o2c_core.reminders.debts import Debt, debts_of, next_customers
from o2c_core.reminders.letter import Letter, letter_for
from o2c_core.reminders.may_contact import Answer, NotNow, Yes, may_contact, waits
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.rewrite import Written, write_reminder
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
    """One customer's part of the run before it is written down: what goes out, to whom, and what it waits for."""

    debt: Debt
    answers: tuple[Answer, ...]
    letter: Letter | None = None
    written: Written | None = None
    waits: NotNow | None = None

    @property
    def place(self) -> _Place:
        """The thread it belongs in."""
        assert self.debt.recipient is not None
        return self.debt.customer.id, self.debt.recipient.channel, self.debt.recipient.address


_Place = tuple[UUID, str, str]


def run_reminders(
    on: date,
    *,
    store: Store,
    seller_ref: str | None = None,
    dry_run: bool = False,
    doorplate: Doorplate | None = None,
) -> RemindersRun:
    """Queue one message per customer and currency for the invoices that have earned a rung on that day.

    `on` is the day where the seller is. The messages, their reminders and the jobs that deliver them are committed
    together, a batch of customers at a time; a run that is broken off can be run again. A rung is never used twice
    for an invoice, also by two runs at once. With `dry_run` nothing is written. Nobody is written to on a day of rest of
    theirs; outside their hours the message waits in the queue until they begin. Without a `doorplate` there are no links.

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
            run.entries.extend(_remind(store, seller, batch, on, doorplate, dry_run=dry_run))
            after = batch[-1]
    return run


def _sellers(store: Store, ref: str | None) -> list[Seller]:
    query = select(Seller).options(selectinload(Seller.senders)).order_by(Seller.ref)
    with store.session() as session:
        sellers = list(session.scalars(query if ref is None else query.where(Seller.ref == ref)))
    if ref is not None and not sellers:
        raise NoSuchSeller(ref=ref)
    return sellers


def _remind(
    store: Store, seller: Seller, batch: Sequence[UUID], on: date, doorplate: Doorplate | None, *, dry_run: bool
) -> list[CustomerEntry]:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with store.session() as session:
                plans = _plans(session, seller, batch, on, store.clock.now(), doorplate)
                if dry_run:
                    return [_entry(plan, seller, on, None) for plan in plans]
                ids = _write_down(session, store, plans)
                session.commit()
                return [_entry(plan, seller, on, ids.get(at)) for at, plan in enumerate(plans)]
        except AnotherRun:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _plans(
    session: Session, seller: Seller, batch: Sequence[UUID], on: date, now: datetime, doorplate: Doorplate | None
) -> list[_Plan]:
    plans = []
    written: dict[UUID, int] = {}
    for debt in debts_of(session, batch, on, now):
        # What this very run writes counts too: another currency is another message to the same customer.
        already = (on,) * written.get(debt.customer.id, 0)
        facts = replace(debt.facts, reminded_on=(*debt.facts.reminded_on, *already))
        answers = may_contact(facts, on, now)
        if any(isinstance(answer, Yes) for answer in answers):
            written[debt.customer.id] = written.get(debt.customer.id, 0) + 1
        plans.append(_plan(debt, answers, waits(facts, now), seller, on, now, doorplate))
    return plans


def _plan(
    debt: Debt,
    answers: tuple[Answer, ...],
    waiting: NotNow | None,
    seller: Seller,
    on: date,
    now: datetime,
    doorplate: Doorplate | None,
) -> _Plan:
    letter = letter_for(debt, answers, seller, on, now)
    if letter is None or debt.recipient is None:
        return _Plan(debt, answers)
    return _Plan(debt, answers, letter, write_reminder(letter, debt.recipient, doorplate), waiting)


def _entry(plan: _Plan, seller: Seller, on: date, message_id: UUID | None) -> CustomerEntry:
    return entry_for(plan.debt, plan.answers, seller.ref, on, plan.written, plan.waits, message_id)


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
        message = _message(plan, threads[plan.place], now)
        session.add(message)
        ids[at] = message.id
        assert plan.letter is not None
        customer = plan.debt.customer
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
            **_said_besides(plan),
        )  # fmt: skip
    session.flush()
    _use_rungs(session, reminders)
    for at, message_id in ids.items():
        waiting = plans[at].waits
        ask_for(session, "deliver_message", at=waiting.until_at if waiting else None, message_id=str(message_id))
    return ids


def _message(plan: _Plan, thread: Conversation, now: datetime) -> Message:
    recipient, written = plan.debt.recipient, plan.written
    assert recipient is not None
    assert written is not None
    thread.version += 1
    thread.updated_at = now
    # A mail says at its foot that a machine wrote it; a text has no room for that, so the first answer there does.
    thread.introduced = thread.introduced or recipient.channel == "email"
    return Message(
        id=new_key(),
        conversation_id=thread.id,
        direction="out",
        author="assistant",
        purpose="reminder",
        channel=recipient.channel,
        address=recipient.address,
        contact_id=recipient.contact_id,
        subject=written.subject,
        text=written.text,
        html=written.html,
        language=written.language,
        delivery="queued",
        receipts=written.receipts,
        not_before=plan.waits.until_at if plan.waits else None,
        waits_why=plan.waits.sentence if plan.waits else None,
        created_at=now,
    )


def _said_besides(plan: _Plan) -> dict[str, Any]:
    """Who would have got it first and why they did not, for who asks later why it went another way."""
    if not plan.debt.passed_over:
        return {}
    return {"passed_over": [{"channel": one.channel, "why": one.reason.value} for one in plan.debt.passed_over]}


def _use_rungs(session: Session, reminders: list[dict[str, object]]) -> None:
    """Takes every rung or none: a message that speaks of an invoice somebody else reminded of must not go out."""
    if not reminders:
        return
    statement = insert(Reminder).on_conflict_do_nothing(index_elements=[Reminder.invoice_id, Reminder.rung])
    taken = session.execute(statement.returning(Reminder.id), reminders).all()
    if len(taken) < len(reminders):
        raise AnotherRun(lost=len(reminders) - len(taken))


def _threads(session: Session, store: Store, plans: Sequence[_Plan]) -> dict[_Place, Conversation]:
    """The conversation each customer is written in: the newest open one with that address on that channel, else one
    with nobody in particular there, else a new one.

    It is locked, because its version rises; in the order of ids, so that two runs cannot wait for each other.
    """
    now = store.clock.now()
    places = {plan.place: plan for plan in plans}
    query = (
        select(Conversation)
        .where(
            Conversation.customer_id.in_({customer_id for customer_id, _, _ in places}),
            Conversation.channel.in_({channel for _, channel, _ in places}),
            or_(Conversation.address.is_(None), Conversation.address.in_({address for _, _, address in places})),
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
    )
    open_ones: dict[tuple[UUID | None, str, str | None], Conversation] = {}
    for thread in session.scalars(query):
        open_ones[thread.customer_id, thread.channel, thread.address] = thread
    threads: dict[_Place, Conversation] = {}
    for place, plan in places.items():
        customer_id, channel, _ = place
        going_on = open_ones.get(place) or open_ones.pop((customer_id, channel, None), None)
        threads[place] = going_on or _begun(plan, now)
        recipient = plan.debt.recipient
        assert recipient is not None
        threads[place].address = recipient.address
        threads[place].contact_id = threads[place].contact_id or recipient.contact_id
    session.add_all(threads.values())
    return threads


def _begun(plan: _Plan, now: datetime) -> Conversation:
    customer_id, channel, _ = plan.place
    return Conversation(
        id=new_key(),
        seller_id=plan.debt.customer.seller_id,
        customer_id=customer_id,
        channel=channel,
        subject=plan.written.subject if plan.written else None,
        identity="known",
        speaker="assistant",
        language=plan.written.language if plan.written else None,
        version=0,
        introduced=False,
        opened_at=now,
        updated_at=now,
    )
