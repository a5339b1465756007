"""What customers owe and what speaks against asking for it, read for a batch of customers at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.agreed import Agreed, agreed_with
from o2c_core.customers.customer import Customer
from o2c_core.customers.people import customers_with_people
from o2c_core.invoices.account import unapplied_parts
from o2c_core.reminders.claiming import claim_on, in_its_time
from o2c_core.reminders.claims import Steps, in_parts, on_ladder, plan_claim, plan_steps
from o2c_core.reminders.contact_rules import contact_rules
from o2c_core.reminders.heard import Heard, heard_of
from o2c_core.reminders.history import NO_HISTORY, History, histories_of
from o2c_core.reminders.ladder import STANDARD, Rung
from o2c_core.reminders.ladders.choice import ladders_for
from o2c_core.reminders.may_contact import ASKED_HOURS, Answer, Claim, Facts, Reason, Yes, about_claims
from o2c_core.reminders.open_claims import (
    Asked,
    OpenInvoice,
    instalments_of,
    invoices_behind,
    invoices_numbered,
    open_invoices,
    steps_about,
)
from o2c_core.reminders.opening import opening_for
from o2c_core.reminders.recipient import Choice, PassedOver, Recipient, call_number, choose, reach
from o2c_core.reminders.trial import by_lot

CALL = "call"


@dataclass(frozen=True)
class Debt:
    """What one customer owes in one currency, who would be written to about it and who was `passed_over`, and why.

    `earned` are the answers about the claims by themselves, `rung` the highest step among them, and `arm` what the lot
    has decided about it. When nobody can be written to and the step says so, a person calls: `is_call`.
    """

    customer: Customer
    facts: Facts
    recipient: Recipient | None
    passed_over: tuple[PassedOver, ...] = ()
    heard: Heard = field(default_factory=Heard)
    history: History = NO_HISTORY
    earned: tuple[Answer, ...] = ()
    arm: str | None = None
    is_call: bool = False

    @cached_property
    def rung(self) -> Rung | None:
        rungs = [answer.rung for answer in self.earned if isinstance(answer, Yes)]
        return max(rungs, key=lambda rung: rung.days, default=None)

    def facts_for(self, channel: str, address: str | None, on: date) -> Facts:
        """The facts about writing to that address on that channel, whoever would be chosen now."""
        return replace(
            self.facts,
            channel=channel,
            reach=reach(self.customer.contacts, only=address, channel=channel),
            has_refused=(refused_at := self.heard.refused_at.get((channel, address or ""))) is not None,
            refused_at=refused_at,
            opening=opening_for(self.customer.country, self.customer.time_zone, channel, address, on),
            back_on=self.heard.back_on.get(address or "") if channel == "email" else None,
            whatsapp_at=self.heard.whatsapp_at.get(address or ""),
        )


def debts_of(
    session: Session, customer_ids: Sequence[UUID], on: date, now: datetime, *, only_open: bool = False
) -> list[Debt]:
    """What those customers owe, by customer and currency; a customer with nothing open or lately paid is left out.

    What they said lately is looked at as of `now`. With `only_open` what is paid is left out too.
    """
    invoices = open_invoices(session, customer_ids, on, only_open=only_open)
    reading = _Reading(session, on, now, draws_lots=True)
    return reading.debts(invoices, lambda claim: claim.part == 0 or claim.open_minor > 0)


def debt_behind(session: Session, asked: Asked, on: date, now: datetime, *, with_history: bool = True) -> Debt | None:
    """What is owed on the invoices and parts a reminder asks for, as if that reminder had not been written yet.

    `on` is the day that promises, plans and holds are looked at for. None when one of them is no longer what it was, as
    the part of a plan that is not the next any more.
    """
    anchors = frozenset(invoice_id for invoice_id, _, is_plan in asked.claims if is_plan)
    reading = _Reading(session, on, now, besides=asked.message_id, with_history=with_history, anchors=anchors)
    found = reading.debts(invoices_behind(session, asked.message_id), lambda claim: _key(claim) in asked.claims)
    claims = [claim for debt in found for claim in debt.facts.claims]
    return found[0] if found and len(claims) == len(asked.claims) else None


def debt_on(session: Session, customer_id: UUID, numbers: Collection[str], on: date, now: datetime) -> Debt | None:
    """What is owed on the customer's invoices of those numbers, which are in one currency; part by part."""
    invoices = invoices_numbered(session, customer_id, numbers)
    found = _Reading(session, on, now).debts(invoices, lambda claim: claim.plan is None)
    return found[0] if found else None


def _key(claim: Claim) -> tuple[UUID, int, bool]:
    return claim.invoice_id, claim.part, claim.plan is not None


@dataclass(frozen=True)
class _Reading:
    """One look at the ledger, for a day and a moment; `besides` a message that counts as not written.

    Lots are drawn when a message is planned: what was written stands. `anchors` are the invoices a message was kept with.
    """

    session: Session
    on: date
    now: datetime
    besides: UUID | None = None
    with_history: bool = True
    draws_lots: bool = False
    anchors: frozenset[UUID] = frozenset()

    def debts(self, invoices: Sequence[OpenInvoice], counts: Callable[[Claim], bool]) -> list[Debt]:
        """The debts those invoices make, of the claims that count."""
        if not invoices:
            return []
        ids = {invoice.customer_id for invoice in invoices}
        customers = customers_with_people(self.session, ids)
        histories = histories_of(self.session, ids, self.on) if self.with_history else {}
        claims = self._claims(invoices, customers, histories)
        unapplied = _unapplied(self.session, ids)
        contacts = [contact for customer in customers.values() for contact in customer.contacts]
        heard = heard_of(self.session, ids, contacts, self.on, self.now, besides=self.besides)
        found = []
        for (customer_id, currency), every in sorted(claims.items()):
            of_customer = tuple(claim for claim in every if counts(claim))
            if not of_customer:
                continue
            facts = Facts(
                currency=currency,
                claims=of_customer,
                is_walk_in=customers[customer_id].is_walk_in,
                agent_speaks=customer_id in heard.agent_speaks,
                unapplied_minor=max(0, unapplied.get((customer_id, currency), 0)),
                cap=contact_rules().cap_for(customers[customer_id].country, self.on),
                heard_at=heard.heard_at.get(customer_id),
                unanswered_at=heard.unanswered_at.get(customer_id),
                reminded_on=heard.reminded_on.get(customer_id, ()),
                has_draft=any(claim.is_drafted for claim in every),
            )
            earned, arm = about_claims(of_customer, currency, self.on), None
            if self.draws_lots:
                earned, arm = by_lot(earned, of_customer, customer_id, self.on)
            history = histories.get(customer_id, NO_HISTORY)
            debt = Debt(customers[customer_id], facts, None, (), heard, history, earned, arm)
            found.append(_reached(debt, self.on, self.now))
        return found

    def _claims(
        self, invoices: Sequence[OpenInvoice], customers: dict[UUID, Customer], histories: dict[UUID, History]
    ) -> dict[tuple[UUID, str], list[Claim]]:
        agreed = agreed_with(self.session, customers.keys(), self.on)
        ladders = ladders_for(self.session, customers.values())
        steps = steps_about(self.session, invoices, besides=self.besides)
        instalments = instalments_of(self.session, invoices)
        of_plans = plan_steps(steps)
        claims: dict[tuple[UUID, str], list[Claim]] = {}
        on_plans: dict[tuple[UUID, str, UUID], list[Claim]] = {}
        for invoice in invoices:
            customer_id = invoice.customer_id
            history = histories.get(customer_id, NO_HISTORY)
            claim = claim_on(invoice, customers[customer_id], agreed, ladders, steps, history)
            theirs = claims.setdefault((customer_id, invoice.currency), [])
            parts = instalments.get(invoice.id)
            if parts is None:
                theirs.append(claim)
            else:
                theirs.extend(
                    in_its_time(on_ladder(part, steps, claim.ladder), history) for part in in_parts(claim, parts)
                )
            plan = agreed.plans.get(invoice.id)
            if plan is not None:
                on_plans.setdefault((customer_id, plan.currency, plan.plan_id), []).append(claim)
        for (customer_id, currency, _), planned in on_plans.items():
            claims[customer_id, currency].append(self._of_plan(planned, agreed, of_plans))
        for theirs in claims.values():
            theirs.sort(key=lambda claim: (claim.due_on, claim.number, claim.part))
        return claims

    def _of_plan(self, planned: Sequence[Claim], agreed: Agreed, steps: Steps) -> Claim:
        """The next part of the plan those invoices are on; kept with the first of them that is open, or that was asked."""
        first = min(
            planned,
            key=lambda claim: (claim.invoice_id not in self.anchors, claim.open_minor <= 0, claim.due_on, claim.number),
        )
        plan = agreed.plans[first.invoice_id]
        # It may have been kept with another of them before that one was paid.
        for claim in planned:
            used = steps.used.get((claim.invoice_id, plan.part.number), {})
            steps.used.setdefault((first.invoice_id, plan.part.number), {}).update(used)
        free = sum(max(0, claim.open_minor - claim.disputed_minor) for claim in planned)
        return plan_claim(first, plan, steps, max(0, plan.part.left_minor - free))


def _reached(debt: Debt, on: date, now: datetime) -> Debt:
    """The debt with who is written to about it, on the channels of its step and in the role it is for.

    Where the step names a call, whoever cannot be reached by what comes before it is called, if there is a number.
    """
    rung = debt.rung or STANDARD.last
    calls_at = rung.channels.index(CALL) if CALL in rung.channels else len(rung.channels)
    before, after = rung.channels[:calls_at], rung.channels[calls_at + 1 :]
    choice = _choice(debt, before, rung.role, now) if before else Choice(None)
    if choice.recipient is None and calls_at < len(rung.channels) and choice.reason is not Reason.OPTED_OUT:
        if call_number(debt.customer, rung.role) is not None:
            return replace(debt, facts=replace(debt.facts, channel=CALL), passed_over=choice.passed_over, is_call=True)
        choice = _choice(debt, after, rung.role, now) if after else choice
    found = replace(debt, recipient=choice.recipient, passed_over=choice.passed_over)
    return replace(found, facts=_facts_of(found, choice, on))


def _choice(debt: Debt, order: Sequence[str], role: str, now: datetime) -> Choice:
    day_ago = now - timedelta(hours=ASKED_HOURS)
    on_whatsapp = {address for address, at in debt.heard.whatsapp_at.items() if at > day_ago}
    return choose(
        debt.customer, refused=debt.heard.refused_at, on_whatsapp=on_whatsapp, order=order, role=role,
        history=debt.history,
    )  # fmt: skip


def _facts_of(debt: Debt, choice: Choice, on: date) -> Facts:
    if choice.recipient is not None:
        return debt.facts_for(choice.recipient.channel, choice.recipient.address, on)
    refused = choice.reason is Reason.OPTED_OUT
    return replace(debt.facts, has_refused=refused, reach="failed" if choice.reason is Reason.BOUNCED else "none")


def _unapplied(session: Session, ids: Collection[UUID]) -> dict[tuple[UUID, str], int]:
    """Money and credit neither set against an invoice nor paid back, in minor units, of many customers at once."""
    each = unapplied_parts(ids).subquery()
    query = select(each.c.customer_id, each.c.currency, func.sum(each.c.minor)).group_by(
        each.c.customer_id, each.c.currency
    )
    return {(customer_id, currency): int(minor) for customer_id, currency, minor in session.execute(query)}
