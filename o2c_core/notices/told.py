"""A formal notice as finance reads it: what it claims, where that comes from, where it stands, and until when to pay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice


@dataclass(frozen=True)
class ToldNotice:
    """`mail` is where its message is on the way, None where none was queued."""

    notice: FormalNotice
    customer: Customer
    invoices: dict[Any, str]
    mail: str | None

    @property
    def line(self) -> str:
        notice = self.notice
        until = f", to be paid by {notice.deadline_on.isoformat()}" if notice.deadline_on else ""
        return (
            f"{notice.number:<8} {notice.state:<11} {notice.kind:<18} {self.customer.ref} {self.customer.name}: "
            f"{notice.asked}{until}"
        )

    @property
    def text(self) -> str:
        return "\n".join([self.line, *self._figures(), *(f"  {said}" for said in self.says)])

    def _figures(self) -> list[str]:
        notice = self.notice
        rows = []
        for line in notice.lines:
            name = self.invoices[line.invoice_id] + (f", instalment {line.part}" if line.part else "")
            rows.append(f"  invoice {name}, due {line.due_on.isoformat()}: {self._money(line.principal_minor)}")
            rows += [
                f"    {self._money(part['principal_minor'])} for {part['days']} days "
                f"({part['from_on']} to {part['to_on']}) at {part['percent']} %"
                for part in line.working
            ]
            if line.left_out_minor:
                rows.append(f"    {self._money(line.left_out_minor)} is left out: disputed or agreed upon")
        rows.append(f"  principal {notice.principal}")
        if notice.interest_minor:
            daily = self._money(notice.daily_minor)
            rows.append(
                f"  interest {self._money(notice.interest_minor)} to {notice.calculated_on.isoformat()}, then {daily} a day"
            )
        if notice.fixed_minor:
            rows.append(f"  fixed sum {self._money(notice.fixed_minor)}")
        if notice.costs_minor:
            vat = f", {self._money(notice.vat_minor)} of it VAT" if notice.vat_minor else ", no VAT"
            rows.append(f"  announced, not asked yet: collection costs {notice.costs_with_vat}{vat}")
        return rows

    @property
    def says(self) -> list[str]:
        """What happened to it and what comes next, a sentence each."""
        notice = self.notice
        said = [f"Proposed by {notice.proposed_by}{f': {notice.why}' if notice.why else ''}"]
        if notice.approved_by:
            said.append(f"Approved by {notice.approved_by} ({notice.approved_role}).")
        if notice.state == "proposed":
            said.append("It waits for finance or a manager to approve it.")
        if notice.state == "approved":
            said.append(f"Its mail is {self.mail}." if self.mail else "It has not been sent.")
        if notice.sent_at is not None:
            how = f"by registered post, {notice.post_code}" if notice.way == "post" else "by email"
            said.append(f"Sent {how} on {notice.sent_at.date().isoformat()}.")
        if notice.state == "sent":
            said.append("Whether it was received is not known yet, so no time runs.")
        if notice.received_on and notice.deadline_on:
            said.append(
                f"Received on {notice.received_on.isoformat()} ({notice.proof}: {notice.evidence}); the last day to pay is "
                f"{notice.deadline_on.isoformat()}."
            )
        if notice.state == "undelivered":
            said.append(f"{notice.evidence}")
        if notice.closed_why:
            said.append(f"{notice.state.capitalize()} by {notice.closed_by}: {notice.closed_why}")
        return said

    def to_json(self) -> dict[str, Any]:
        notice = self.notice
        return {
            "number": notice.number,
            "state": notice.state,
            "kind": notice.kind,
            "customer": self.customer.ref,
            "customer_kind": notice.customer_kind,
            "language": notice.language,
            "principal": str(notice.principal),
            "interest": str(self._money(notice.interest_minor)),
            "fixed_sum": str(self._money(notice.fixed_minor)),
            "asked": str(notice.asked),
            "costs_announced": str(notice.costs_with_vat),
            "vat_in_costs": str(self._money(notice.vat_minor)),
            "calculated_on": notice.calculated_on.isoformat(),
            "mail": self.mail,
            "received_on": notice.received_on.isoformat() if notice.received_on else None,
            "proof": notice.proof,
            "evidence": notice.evidence,
            "deadline_on": notice.deadline_on.isoformat() if notice.deadline_on else None,
            "checksum": notice.checksum,
            "lines": [
                {
                    "invoice": self.invoices[line.invoice_id],
                    "part": line.part,
                    "due_on": line.due_on.isoformat(),
                    "principal": str(self._money(line.principal_minor)),
                    "left_out": str(self._money(line.left_out_minor)),
                    "interest": str(self._money(line.interest_minor)),
                    "working": line.working,
                }
                for line in notice.lines
            ],
            "says": self.says,
        }

    def _money(self, minor: int) -> Money:
        return Money(minor, self.notice.currency)


def told_notice(session: Session, notice: FormalNotice) -> ToldNotice:
    """Everything about it is read now, so that it can be told after the session is closed."""
    customer = session.get_one(Customer, notice.customer_id)
    ids = [line.invoice_id for line in notice.lines]
    invoices = {invoice.id: invoice.number for invoice in session.scalars(select(Invoice).where(Invoice.id.in_(ids)))}
    mail = (
        session.scalar(select(Message.delivery).where(Message.id == notice.message_id)) if notice.message_id else None
    )
    return ToldNotice(notice, customer, invoices, mail)
