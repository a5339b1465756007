"""Objections in the ledger: what they hold back, and what comes of them."""

import threading
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.assign_case import assign_case
from o2c_core.actions.open_dispute import Claim, LineClaim, NothingToDispute, open_dispute
from o2c_core.actions.resolve_dispute import AmountDoesNotFit, NoSuchOutcome, Resolution, resolve_dispute
from o2c_core.cases.collectable import collectable
from o2c_core.cases.dispute import AlreadyPaid, ClaimTooLarge, Dispute, UnknownReason
from o2c_core.cases.moves import Settled
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.crediting import MoreThanInvoiced
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.invoices.payment import Allocation, WriteOff
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def invoice(session: Session) -> Invoice:
    """12 articles for 60.00 and 4 for 40.00, without tax."""
    invoice = an_invoice(session, a_customer(session, a_seller(session)), "INV-1", total_minor=10_000)
    for position, (pieces, minor) in enumerate([(12, 6_000), (4, 4_000)], 1):
        invoice.lines.append(
            InvoiceLine(
                position=position,
                sku=f"ART-{position}",
                description=f"Article {position}",
                quantity=Decimal(pieces),
                unit_price=Decimal(minor) / 100 / pieces,
                amount_minor=minor,
                tax_category="Z",
                tax_rate=Decimal(0),
            )
        )
    session.commit()
    return invoice


def claim(invoice: Invoice, **fields: object) -> Claim:
    said = {
        "customer_id": invoice.customer_id,
        "invoice_id": invoice.id,
        "description": "Nine of twelve",
        "reason": "QTY_SHORT",
    }
    return Claim(**(said | fields))  # type: ignore[arg-type]


def left(session: Session, invoice: Invoice) -> tuple[int, int]:
    """What is open, and what of it may be asked for."""
    session.expire_all()
    (found,) = collectable(session, Invoice.id == invoice.id)
    return found.open_minor, found.free_minor


def test_an_objection_to_some_pieces_leaves_the_rest_due(store: Store, session: Session, invoice: Invoice) -> None:
    short = LineClaim(invoice.lines[0].id, quantity=Decimal(3))
    dispute = open_dispute(claim(invoice, lines=(short,), owner="Noor"), store=store)
    assert (dispute.amount, dispute.state, dispute.owner) == (eur(1_500), "open", "Noor")
    assert [(line.quantity, line.amount_minor) for line in dispute.lines] == [(Decimal(3), 1_500)]
    # Five working days from Monday 16 March.
    assert dispute.answer_by == date(2026, 3, 23)
    assert left(session, invoice) == (10_000, 8_500)


def test_disputes_of_one_invoice_and_line_share_what_there_is(store: Store, session: Session, invoice: Invoice) -> None:
    first, second = (line.id for line in invoice.lines)
    open_dispute(claim(invoice, lines=(LineClaim(first, quantity=Decimal(8)),)), store=store)
    with pytest.raises(ClaimTooLarge):
        open_dispute(claim(invoice, lines=(LineClaim(first, quantity=Decimal(5)),)), store=store)
    rest = open_dispute(
        claim(invoice, lines=(LineClaim(first), LineClaim(second, amount=eur(1_000))), reason="PRICE"), store=store
    )
    assert [line.amount_minor for line in rest.lines] == [2_000, 1_000]
    with pytest.raises(ClaimTooLarge):
        open_dispute(claim(invoice, amount=eur(3_001)), store=store)
    assert open_dispute(claim(invoice), store=store).amount == eur(3_000)
    assert left(session, invoice) == (10_000, 0)


def test_tax_rounded_once_does_not_make_the_sum_of_lines_too_much(store: Store, session: Session) -> None:
    bill = an_invoice(session, a_customer(session, a_seller(session)), total_minor=121, net_minor=100, tax_minor=21)
    for position in (1, 2):
        bill.lines.append(
            InvoiceLine(
                position=position, sku="A", description="A", quantity=Decimal(1), unit_price=Decimal("0.50"),
                amount_minor=50, tax_rate=Decimal(21),
            )
        )  # fmt: skip
    session.commit()
    # Each line with its tax is 61 cents, together one more than the invoice.
    dispute = open_dispute(claim(bill, lines=tuple(LineClaim(line.id) for line in bill.lines)), store=store)
    assert dispute.amount == eur(121)


REFUSED: list[tuple[type[Failure], dict[str, object]]] = [
    (AlreadyPaid, {"reason": "ALREADY_PAID"}),
    (UnknownReason, {"reason": "BECAUSE"}),
    (ClaimTooLarge, {"amount": eur(10_001)}),
    (ClaimTooLarge, {"amount": eur(0)}),
    (ClaimTooLarge, {"amount": eur(-5)}),
    (Refused, {"amount": Money(100, "USD")}),
    (NotFound, {"customer_id": UUID(int=1)}),
    (NotFound, {"lines": (LineClaim(UUID(int=1)),)}),
]


@pytest.mark.parametrize(("odd", "change"), REFUSED)
def test_what_cannot_be_objected_to_is_refused_and_nothing_is_kept(
    store: Store, session: Session, invoice: Invoice, odd: type[Failure], change: dict[str, object]
) -> None:
    with pytest.raises(odd):
        open_dispute(claim(invoice, **change), store=store)
    assert session.scalar(select(func.count()).select_from(Dispute)) == 0


def test_nothing_open_is_nothing_to_object_to(store: Store, session: Session, invoice: Invoice) -> None:
    a_payment(session, invoice, 10_000)
    session.commit()
    with pytest.raises(NothingToDispute):
        open_dispute(claim(invoice), store=store)


def test_the_same_objection_said_twice_is_one(store: Store, session: Session, invoice: Invoice) -> None:
    message = new_key()
    one = open_dispute(claim(invoice, amount=eur(1_000), message_id=message), store=store)
    assert open_dispute(claim(invoice, amount=eur(1_000), message_id=message), store=store).id == one.id
    other = open_dispute(claim(invoice, amount=eur(1_000), reason="DAMAGED", message_id=message), store=store)
    assert other.id != one.id
    assert left(session, invoice)[1] == 8_000


def resolve(
    store: Store, dispute: Dispute, outcome: str, role: str = "finance", minor: int | None = None
) -> Resolution:
    amount = None if minor is None else Money(minor, dispute.currency)
    return resolve_dispute(
        dispute.id, outcome=outcome, by="Noor", role=role, words="Looked into it", store=store, amount=amount
    )


@pytest.mark.parametrize(("outcome", "minor", "posted", "open_", "why"), [
    ("credited", None, 4_000, 6_000, None),
    ("part_credited", 1_500, 1_500, 8_500, None),
    ("valid_as_billed", None, None, 10_000, "The invoice stands as it was billed."),
    ("withdrawn", None, None, 10_000, "The customer took the objection back."),
])  # fmt: skip
def test_an_outcome_posts_to_the_ledger_or_says_why_not(
    store: Store,
    session: Session,
    invoice: Invoice,
    outcome: str,
    minor: int | None,
    posted: int | None,
    open_: int,
    why: str | None,
) -> None:
    dispute = open_dispute(claim(invoice, amount=eur(4_000)), store=store)
    done = resolve(store, dispute, outcome, minor=minor)
    assert (done.posted.minor if done.posted else None, done.why_not) == (posted, why)
    assert left(session, invoice) == (open_, open_)
    assert done.still_due == eur(open_)
    kept = session.get_one(Dispute, dispute.id)
    assert (kept.state, kept.outcome, kept.resolution) == ("resolved", outcome, "Looked into it")
    assert kept.cycle is not None
    line = session.scalars(select(TrailLine).where(TrailLine.what == "dispute resolved")).one()
    assert (line.who, line.subject_id, line.details["outcome"]) == ("Noor", dispute.id, outcome)


def test_a_credit_names_the_lines_and_their_tax_and_is_set_against_the_invoice(
    store: Store, session: Session, invoice: Invoice
) -> None:
    dispute = open_dispute(claim(invoice, lines=(LineClaim(invoice.lines[0].id, quantity=Decimal(3)),)), store=store)
    credit = resolve(store, dispute, "credited").credit_note
    assert credit is not None
    assert session.get_one(Dispute, dispute.id).credit_note_id == credit.id
    session.expire_all()
    kept = session.get_one(CreditNote, credit.id)
    assert (kept.total_minor, kept.net_minor, kept.tax_minor, kept.invoice_id) == (1_500, 1_500, 0, invoice.id)
    (line,) = kept.lines
    assert (line.sku, line.quantity, line.unit_price, line.amount_minor) == ("ART-1", Decimal(3), Decimal(5), 1_500)
    assert [(tax.category, tax.base_minor, tax.tax_minor) for tax in kept.taxes] == [("Z", 1_500, 0)]
    allocation = session.scalars(select(Allocation).where(Allocation.credit_note_id == credit.id)).one()
    assert (allocation.invoice_id, allocation.amount_minor, allocation.allocated_on) == (invoice.id, 1_500, DAY)


def test_a_credit_for_what_was_paid_meanwhile_stays_to_be_used(
    store: Store, session: Session, invoice: Invoice
) -> None:
    dispute = open_dispute(claim(invoice, amount=eur(4_000)), store=store)
    a_payment(session, invoice, 9_000)
    session.commit()
    done = resolve(store, dispute, "credited")
    assert (done.posted, done.unapplied, done.still_due) == (eur(4_000), eur(3_000), eur(0))
    assert left(session, invoice) == (0, 0)


def test_a_write_off_is_within_authority_and_takes_no_more_than_is_open(
    store: Store, session: Session, invoice: Invoice
) -> None:
    dispute = open_dispute(claim(invoice, amount=eur(4_000)), store=store)
    with pytest.raises(BeyondAuthority):
        resolve(store, dispute, "written_off", role="agent")
    assert left(session, invoice) == (10_000, 6_000)
    a_payment(session, invoice, 7_000)
    session.commit()
    done = resolve(store, dispute, "written_off")
    assert (done.posted, done.still_due) == (eur(3_000), eur(0))
    write_off = session.scalars(select(WriteOff)).one()
    assert (write_off.amount_minor, write_off.reason, write_off.by, write_off.role) == (
        3_000,
        "dispute",
        "Noor",
        "finance",
    )
    assert left(session, invoice) == (0, 0)


def test_where_nothing_is_open_any_more_nothing_is_written_off_and_it_says_so(
    store: Store, session: Session, invoice: Invoice
) -> None:
    dispute = open_dispute(claim(invoice), store=store)
    a_payment(session, invoice, 10_000)
    session.commit()
    done = resolve(store, dispute, "written_off")
    assert (done.posted, done.why_not) == (None, "Nothing is open on the invoice any more, so nothing was written off.")
    assert session.scalar(select(func.count()).select_from(WriteOff)) == 0


def test_no_more_is_credited_than_the_invoice_was_for(store: Store, session: Session, invoice: Invoice) -> None:
    first = open_dispute(claim(invoice, amount=eur(9_000)), store=store)
    resolve(store, first, "credited")
    a_dispute(session, invoice, 2_000)
    session.commit()
    second = session.scalars(select(Dispute).where(Dispute.state == "open")).one()
    with pytest.raises(MoreThanInvoiced):
        resolve(store, second, "credited")
    assert left(session, invoice)[0] == 1_000


def test_many_small_write_offs_are_not_a_way_around_authority(store: Store, session: Session, invoice: Invoice) -> None:
    small = [open_dispute(claim(invoice, amount=eur(minor)), store=store) for minor in (1_500, 1_000, 100)]
    assert [resolve(store, each, "written_off", role="agent").posted for each in small[:2]] == [eur(1_500), eur(1_000)]
    with pytest.raises(BeyondAuthority):
        resolve(store, small[2], "written_off", role="agent")


@pytest.mark.parametrize(("outcome", "role", "minor", "odd"), [
    ("credited", "assistant", None, BeyondAuthority),
    ("credited", "stranger", None, BeyondAuthority),
    ("valid_as_billed", "assistant", None, BeyondAuthority),
    ("part_credited", "finance", None, AmountDoesNotFit),
    ("part_credited", "finance", 4_000, AmountDoesNotFit),
    ("part_credited", "finance", 0, AmountDoesNotFit),
    ("credited", "finance", 3_999, AmountDoesNotFit),
    ("forgotten", "finance", None, NoSuchOutcome),
])  # fmt: skip
def test_a_refused_outcome_leaves_the_dispute_open_and_the_ledger_as_it_was(
    store: Store, session: Session, invoice: Invoice, outcome: str, role: str, minor: int | None, odd: type[Failure]
) -> None:
    dispute = open_dispute(claim(invoice, amount=eur(4_000)), store=store)
    with pytest.raises(odd):
        resolve(store, dispute, outcome, role, minor)
    assert left(session, invoice) == (10_000, 6_000)
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 0


def test_the_sellers_own_settings_say_how_much_may_be_credited(store: Store, session: Session) -> None:
    seller = a_seller(session, settings={"authority": {"agent": {"credit_max": 10}}})
    invoice = an_invoice(session, a_customer(session, seller))
    session.commit()
    within = open_dispute(claim(invoice, amount=eur(1_000)), store=store)
    beyond = open_dispute(claim(invoice, amount=eur(1_001)), store=store)
    assert resolve(store, within, "credited", role="agent").posted == eur(1_000)
    with pytest.raises(BeyondAuthority):
        resolve(store, beyond, "credited", role="agent")


def test_a_resolved_dispute_does_not_open_again(store: Store, session: Session, invoice: Invoice) -> None:
    dispute = open_dispute(claim(invoice, amount=eur(4_000)), store=store)
    resolve(store, dispute, "credited")
    for outcome in ("credited", "valid_as_billed", "withdrawn"):
        with pytest.raises(Settled):
            resolve(store, dispute, outcome)
    with pytest.raises(Settled):
        assign_case(Dispute, dispute.id, owner="Sam", by="Noor", store=store)
    assert left(session, invoice) == (6_000, 6_000)


def test_a_dispute_has_somebody_who_answers_for_it(store: Store, session: Session, invoice: Invoice) -> None:
    dispute = open_dispute(claim(invoice), store=store)
    assert assign_case(Dispute, dispute.id, owner="Sam", by="Noor", store=store).owner == "Sam"
    assign_case(Dispute, dispute.id, owner="Sam", by="Noor", store=store)
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "dispute assigned")).all()
    assert [(line.who, line.details["owner"], line.details["before"]) for line in lines] == [("Noor", "Sam", None)]
    with pytest.raises(NotFound):
        assign_case(Dispute, new_key(), owner="Sam", by="Noor", store=store)


def test_two_people_resolving_at_once_post_one_credit(own_store: Store) -> None:
    with own_store.session() as session:
        invoice = an_invoice(session, a_customer(session, a_seller(session)), total_minor=10_000)
        dispute = a_dispute(session, invoice, 4_000)
        session.commit()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def one() -> None:
        start.wait()
        try:
            resolve(own_store, dispute, "credited")
            outcomes.append("credited")
        except Settled:
            outcomes.append("told so")

    people = [threading.Thread(target=one) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["credited", "told so"]
    with own_store.session() as session:
        assert session.scalar(select(func.sum(Allocation.amount_minor))) == 4_000
        assert session.execute(select(open_minor()).where(Invoice.id == invoice.id)).scalar_one() == 6_000
