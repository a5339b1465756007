"""Whatever a dispute ends in, the books agree: what is open went down by what was posted, and by no more."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.cases.causes import Cause
from o2c_core.cases.collectable import collectable
from o2c_core.cases.dispute import OUTCOMES
from o2c_core.invoices.crediting import MoreThanInvoiced
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.invoices.payment import Allocation, WriteOff
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import a_customer, a_payment, a_seller, an_invoice

TOTAL = 12_100
_SELLERS = count(1)
CASES = st.lists(
    st.tuples(st.sampled_from(OUTCOMES), st.integers(1, TOTAL), st.integers(1, 100)), min_size=1, max_size=4
)


def an_invoice_with_tax(session: Session) -> Invoice:
    invoice = an_invoice(
        session,
        a_customer(session, a_seller(session, f"seller {next(_SELLERS)}")),
        total_minor=TOTAL,
        net_minor=10_000,
        tax_minor=2_100,
    )
    invoice.lines.append(
        InvoiceLine(
            position=1, sku="A", description="A", quantity=Decimal(3), unit_price=Decimal("33.333333"), amount_minor=10_000,
            tax_category="S", tax_rate=Decimal(21),
        )
    )  # fmt: skip
    session.commit()
    return invoice


# Each example writes to a real ledger, which takes some tens of milliseconds.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=CASES, paid=st.integers(0, TOTAL))
def test_after_any_outcomes_what_is_open_is_what_was_less_what_was_posted_and_never_below_zero(
    store: Store, cases: list[tuple[str, int, int]], paid: int
) -> None:
    with store.session() as session:
        invoice = an_invoice_with_tax(session)
        opened = []
        left = TOTAL
        for outcome, minor, percent in cases:
            claimed = min(minor, left)
            if claimed < 1:
                break
            left -= claimed
            claim = Claim(invoice.customer_id, invoice.id, "wrong", amount=Money(claimed, "EUR"))
            opened.append((open_dispute(claim, store=store), outcome, max(1, claimed * percent // 100)))
        if paid:
            a_payment(session, invoice, paid)
            session.commit()
        for dispute, asked, part in opened:
            before = _books(session, invoice)
            outcome = "credited" if asked == "part_credited" and part >= dispute.amount_minor else asked
            amount = Money(part, "EUR") if outcome == "part_credited" else None
            try:
                done = resolve_dispute(
                    dispute.id, outcome=outcome, by="Noor", role="manager", words="decided", store=store, amount=amount,
                    cause=Cause("picking", "A"), tells=True,
                )  # fmt: skip
            except MoreThanInvoiced:
                assert _books(session, invoice) == before
                continue
            after = _books(session, invoice)
            posted = done.posted.minor if done.posted else 0
            assert after.open == before.open - (posted - done.unapplied.minor)
            assert after.open >= 0
            assert after.disputed == before.disputed - dispute.amount_minor
            assert done.still_due.minor == max(0, after.open - after.disputed)
            assert after.set_against == TOTAL - after.open
        _every_part_is_accounted_for(session, invoice)


@dataclass(frozen=True)
class _Books:
    """What is open and disputed on an invoice, and what is set against it."""

    open: int
    disputed: int
    set_against: int


def _books(session: Session, invoice: Invoice) -> _Books:
    session.expire_all()
    (found,) = collectable(session, Invoice.id == invoice.id)
    set_against = session.scalar(select(func.sum(Allocation.amount_minor)).where(Allocation.invoice_id == invoice.id))
    return _Books(found.open_minor, found.disputed_minor, int(set_against or 0))


def _every_part_is_accounted_for(session: Session, invoice: Invoice) -> None:
    """No note is set against more than it is for, its net and tax make its total, and a write-off is used up."""
    used = select(func.coalesce(func.sum(Allocation.amount_minor), 0))
    for note in session.scalars(select(CreditNote).where(CreditNote.invoice_id == invoice.id)):
        assert 0 <= int(session.scalar(used.where(Allocation.credit_note_id == note.id)) or 0) <= note.total_minor
        assert (note.net_minor or 0) + (note.tax_minor or 0) == note.total_minor
    for written in session.scalars(select(WriteOff).where(WriteOff.customer_id == invoice.customer_id)):
        assert session.scalar(used.where(Allocation.write_off_id == written.id)) == written.amount_minor
