"""The ledger's events under their published names, and what is said about one."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from o2c_core.errors import Refused
from o2c_core.trail import TrailLine

# What the trail says happened, and the name other systems know it by. The left side may be reworded with the actions;
# the right side is a contract: names are added and never changed.
EVENTS = {
    "customer added": "customer.added",
    "customer created": "customer.added",
    "customer changed": "customer.changed",
    "contact added": "contact.added",
    "contact changed": "contact.changed",
    "consent given": "consent.given",
    "consent refused": "consent.refused",
    "order placed": "order.placed",
    "order waits": "order.waiting",
    "order confirmed": "order.confirmed",
    "order changed": "order.changed",
    "lines cancelled": "order.lines_cancelled",
    "lines returned": "order.lines_returned",
    "shipment left": "shipment.left",
    "shipment changed": "shipment.changed",
    "shipment delivered": "shipment.delivered",
    "proof of delivery added": "shipment.proof_added",
    "invoice issued": "invoice.issued",
    "invoice not issued": "invoice.not_issued",
    "invoice changed": "invoice.changed",
    "written off": "invoice.written_off",
    "credit expected": "credit_note.expected",
    "credit note issued": "credit_note.issued",
    "credit note changed": "credit_note.changed",
    "credit note allocated": "credit_note.allocated",
    "payment recorded": "payment.recorded",
    "payment changed": "payment.changed",
    "payment allocated": "payment.allocated",
    "allocation released": "payment.released",
    "payment returned": "payment.returned",
    "money refunded": "payment.refunded",
    "dispute opened": "dispute.opened",
    "dispute assigned": "dispute.assigned",
    "dispute resolved": "dispute.resolved",
    "complaint logged": "complaint.logged",
    "complaint assigned": "complaint.assigned",
    "complaint resolved": "complaint.resolved",
    "promise made": "promise.made",
    "promise replaced": "promise.replaced",
    "promise kept": "promise.kept",
    "promise broken": "promise.broken",
    "promise undone": "promise.undone",
    "plan proposed": "plan.proposed",
    "plan accepted": "plan.accepted",
    "plan declined": "plan.declined",
    "plan withdrawn": "plan.withdrawn",
    "plan kept": "plan.kept",
    "plan broken": "plan.broken",
    "plan undone": "plan.undone",
    "payment said": "payment_said.noted",
    "said payment arrived": "payment_said.arrived",
    "said payment missing": "payment_said.missing",
    "document problem opened": "document_problem.opened",
    "document problem told more": "document_problem.changed",
    "document problem put right": "document_problem.put_right",
    "document problem withdrawn": "document_problem.withdrawn",
    "hold placed": "hold.placed",
    "hold ends soon": "hold.ending",
    "hold ended": "hold.ended",
    "file imported": "import.finished",
    "bank file imported": "bank_file.imported",
    "money matched": "bank_transaction.matched",
    "reversal matched": "bank_transaction.reversed",
    "transaction ignored": "bank_transaction.ignored",
    "person erased": "person.erased",
    "person called": "conversation.handed_over",
}
NAMES = tuple(sorted(set(EVENTS.values())))


class UnknownEvent(Refused):
    """There is no such event."""


def check_events(names: list[str]) -> list[str]:
    """The names, each once and in order; none means all.

    Raises: UnknownEvent.
    """
    for name in names:
        if name not in NAMES:
            raise UnknownEvent(f"There is no event '{name}'; there are: {', '.join(NAMES)}.", event=name)
    return sorted(set(names))


def whats_of(names: list[str]) -> list[str]:
    """What the trail calls the events of those names; of all of them when none is named."""
    return [what for what, name in EVENTS.items() if not names or name in names]


# The details that are told: numbers, amounts, days, states and codes. What a person wrote or is called stays here.
_SAID = frozenset(
    [
        "allocated",
        "amount",
        "amount_minor",
        "amount_minor_was",
        "arrived",
        "category",
        "changed",
        "channel",
        "counts",
        "credit_note",
        "currency",
        "days",
        "delivered_on",
        "due_on",
        "file",
        "invoice",
        "invoices",
        "key",
        "kind",
        "kind_of_return",
        "line",
        "net_minor",
        "number",
        "on",
        "order",
        "original",
        "outcome",
        "parts",
        "payment",
        "payment_return",
        "posted",
        "promised_on",
        "purpose",
        "quantities",
        "reason",
        "received_on",
        "released",
        "returned_on",
        "rule",
        "severity",
        "shipped_on",
        "states",
        "tax_minor",
        "total_minor",
        "total_minor_was",
        "tracking",
        "unapplied",
        "until",
    ]
)


def told(line: TrailLine, *, seller: str, customer: str | None) -> dict[str, Any]:
    """What an endpoint is told about the line: what to look things up by, and nothing that is a person's own."""
    return {
        "id": str(line.id),
        "type": EVENTS[line.what],
        "at": line.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "seller": seller,
        "customer": customer,
        "subject": {
            "kind": "order" if line.subject == "orders" else line.subject,
            "id": str(line.subject_id) if line.subject_id else None,
        },
        "data": {name: value for name, value in line.details.items() if name in _SAID},
    }
