"""An invoice as a claim, with everything that is known of it and agreed about it."""

from __future__ import annotations

from dataclasses import replace

from o2c_core.cases.agreed import Agreed
from o2c_core.customers.customer import Customer
from o2c_core.reminders.claim import Claim
from o2c_core.reminders.claims import Steps, as_whole
from o2c_core.reminders.history import History
from o2c_core.reminders.ladders.choice import Ladders
from o2c_core.reminders.open_claims import OpenInvoice


def claim_on(
    invoice: OpenInvoice,
    customer: Customer,
    agreed: Agreed,
    ladders: Ladders,
    steps: Steps,
    history: History,
) -> Claim:
    """The whole invoice as one claim."""
    ladder = ladders.of(customer, invoice.id)
    used, skipped, is_drafted = steps.of((invoice.id, 0), ladder)
    if not invoice.is_in_instalments:
        used = as_whole(steps, invoice.id, invoice.due_on, used)
    promised, plan = agreed.promised.get(invoice.id), agreed.plans.get(invoice.id)
    return Claim(
        invoice_id=invoice.id,
        number=invoice.number,
        due_on=invoice.due_on,
        total_minor=invoice.total_minor,
        open_minor=int(invoice.open_minor),
        credited_minor=int(invoice.credited_minor),
        disputed_minor=int(invoice.disputed or 0),
        disputes=tuple(sorted(invoice.disputes)) if invoice.disputes else (),
        has_open_complaint=invoice.has_open_complaint,
        used=used,
        promised_minor=promised.minor if promised else 0,
        promised_on=promised.promised_on if promised else None,
        promised_until=promised.until_on if promised else None,
        plan_part_on=plan.part_on if plan else None,
        plan_until=plan.until_on if plan else None,
        held_until=agreed.held(invoice.id, invoice.customer_id),
        in_flight_until=agreed.in_flight_until(invoice.id, invoice.customer_id),
        document_problem_since=agreed.document_problem_since(invoice.id),
        our_delay_until=history.our_delay_until(invoice.id, invoice.due_on),
        waits_until=history.waits_until(invoice.due_on),
        broken_on=agreed.broken_on(invoice.id, invoice.customer_id),
        skipped=skipped,
        is_drafted=is_drafted,
        missing=agreed.said_and_not_arrived(invoice.id, invoice.customer_id, invoice.currency),
        ladder=ladder,
    )


def in_its_time(part: Claim, history: History) -> Claim:
    """A part waits for the payer's habit, and for our own delay, from its own due day on."""
    return replace(
        part,
        waits_until=history.waits_until(part.due_on),
        our_delay_until=history.our_delay_until(part.invoice_id, part.due_on),
    )
