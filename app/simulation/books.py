"""The seller's ledger in a simulated run: its first rows, and the money and bills that come in day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text

from app.simulation.people import Person
from app.simulation.trade import Bill
from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.issue_credit_note import issue_credit_note
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.actions.return_payment import return_payment
from o2c_core.actions.save_contact import ContactDetails, save_contact
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.actions.settle_document_problem import settle_document_problem
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import BankAccount, Seller, SenderIdentity
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Payment
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.reminders.ladders.reading import read_ladder
from o2c_core.store.store import Store

OUR_MAILBOX, OUR_NUMBER = "hello@vandijk.example", "+31201234567"
BY = "Simulated clerk"
_BEGAN = datetime(2024, 12, 2, 9, 0, tzinfo=UTC)
_BOOKED = text("""
    WITH quiet AS (
        SELECT WHERE NOT EXISTS (
            SELECT FROM reminder r JOIN message m ON m.id = r.message_id
            WHERE r.customer_id = :customer AND m.delivery IN ('queued', 'draft', 'sending', 'uncertain'))
        AND NOT EXISTS (
            SELECT FROM payment_said WHERE customer_id = :customer AND state IN ('open', 'not_arrived'))
        AND (SELECT i.total_minor - coalesce((SELECT sum(a.amount_minor) FROM allocation a WHERE a.invoice_id = i.id), 0)
               FROM invoice i WHERE i.id = :invoice) >= :minor
    ), paid AS (
        INSERT INTO payment (id, seller_id, customer_id, received_on, amount_minor, currency, reference, source_key)
        SELECT :payment, :seller, :customer, :on, :minor, 'EUR', :number, :key FROM quiet
        RETURNING id
    ), line AS (
        INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
        SELECT :line, :at, 'system', 'payment recorded', 'payment', id, :seller, :customer, '',
               jsonb_build_object('key', CAST(:key AS text), 'minor', CAST(:minor AS bigint)) FROM paid
    )
    INSERT INTO allocation (id, invoice_id, payment_id, amount_minor, allocated_on)
    SELECT :allocation, i.id, paid.id, :minor, greatest(CAST(:on AS date), i.issued_on)
    FROM paid, invoice i WHERE i.id = :invoice
    RETURNING id
""")


class Books:
    """The rows of one seller with its simulated customers, written by the actions a real ledger is written by.

    Bills are inserted many at once, as an import does, and so is money that nothing waits for but its bill.
    """

    def __init__(self, store: Store, people: Sequence[Person]) -> None:
        self.store = store
        self.customer_ids: dict[int, UUID] = {}
        self.contact_ids: dict[int, UUID] = {}
        self.invoice_ids: dict[str, UUID] = {}
        self._payments: dict[str, UUID] = {}
        self.seller_id = self._open(people)

    def _open(self, people: Sequence[Person]) -> UUID:
        with self.store.session() as session:
            seller = Seller(
                id=new_key(), ref="simulated", name="Van Dijk Groothandel", country="NL", currency="EUR", language="nl",
                time_zone="Europe/Amsterdam", payment_terms_days=30, email=OUR_MAILBOX,
                languages=["nl", "en", "de", "fr"], numbering={}, settings={},
            )  # fmt: skip
            seller.bank_accounts.append(
                BankAccount(
                    id=new_key(),
                    iban="NL91ABNA0417164300",
                    bic="ABNANL2A",
                    holder="Van Dijk Groothandel B.V.",
                    currency="EUR",
                    is_default=True,
                )
            )
            for channel, value in (("email", OUR_MAILBOX), ("sms", OUR_NUMBER)):
                seller.senders.append(SenderIdentity(id=new_key(), channel=channel, value=value, is_default=True))
            session.add(seller)
            session.flush()
            rows: dict[type, list[dict[str, Any]]] = {Customer: [], Contact: [], Address: []}
            for person in people:
                customer_id, contact_id = new_key(), new_key()
                self.customer_ids[person.number], self.contact_ids[person.number] = customer_id, contact_id
                rows[Customer].append(
                    {
                        "id": customer_id,
                        "seller_id": seller.id,
                        "ref": person.ref,
                        "name": person.name,
                        "kind": "company",
                        "country": person.country,
                        "language": person.language,
                        "currency": "EUR",
                        "time_zone": person.zone,
                        "created_at": _BEGAN,
                    }
                )
                rows[Contact].append(
                    {"id": contact_id, "customer_id": customer_id, "name": person.contact, "role": "accounts_payable"}
                )
                for channel, address in (("email", person.email), ("sms", person.phone)):
                    if address:
                        rows[Address].append(
                            {
                                "id": new_key(),
                                "contact_id": contact_id,
                                "channel": channel,
                                "value": address,
                                "verified_at": _BEGAN,
                            }
                        )
            for noun, values in rows.items():
                session.execute(insert(noun), values)
            session.commit()
            return seller.id

    def issue(self, bills: Sequence[Bill], on: date) -> None:
        with self.store.session() as session:
            orders: list[dict[str, Any]] = []
            shipments: list[dict[str, Any]] = []
            invoices: list[dict[str, Any]] = []
            for bill in bills:
                customer_id, order_id, shipment_id = self.customer_ids[bill.who.number], None, None
                if bill.trouble == "late":
                    order_id, shipment_id = new_key(), new_key()
                    expected = on - timedelta(days=bill.late_days)
                    orders.append(
                        {
                            "id": order_id,
                            "seller_id": self.seller_id,
                            "customer_id": customer_id,
                            "number": f"SO-{bill.number[4:]}",
                            "ordered_on": expected - timedelta(days=5),
                            "expected_on": expected,
                            "currency": "EUR",
                        }
                    )
                    shipments.append(
                        {
                            "id": shipment_id,
                            "order_id": order_id,
                            "tracking_number": f"3S{bill.number[4:]}",
                            "shipped_on": on - timedelta(days=1),
                            "expected_on": expected,
                            "delivered_on": on,
                        }
                    )
                key = self.invoice_ids[bill.number] = new_key()
                invoices.append(
                    {
                        "id": key,
                        "seller_id": self.seller_id,
                        "customer_id": customer_id,
                        "number": bill.number,
                        "issued_on": bill.issued_on,
                        "due_on": bill.due_on,
                        "terms_days": (bill.due_on - bill.issued_on).days,
                        "currency": "EUR",
                        "net_minor": bill.minor,
                        "tax_minor": 0,
                        "total_minor": bill.minor,
                        "order_id": order_id,
                        "shipment_id": shipment_id,
                    }
                )
            if orders:
                session.execute(insert(Order), orders)
                session.execute(insert(Shipment), shipments)
            session.execute(insert(Invoice), invoices)
            session.commit()

    def money(self, bill: Bill, minor: int, on: date, key: str, *, names_bill: bool) -> None:
        amount = Money(minor, "EUR")
        if names_bill and self._only_books(bill, minor, on, key):
            return
        wanted = {self.invoice_ids[bill.number]: amount} if names_bill else None
        recorded = record_payment(
            self.customer_ids[bill.who.number], amount, on, source_key=key, store=self.store, wanted=wanted,
            reference=bill.number if names_bill else None,
        )  # fmt: skip
        self._payments[key] = recorded.payment.id

    def _only_books(self, bill: Bill, minor: int, on: date, key: str) -> bool:
        """Writes the rows of a payment as an import does, where it overtakes no message and answers no words of theirs.

        Everywhere else it is the action's, which this says by False.
        """
        payment_id = new_key()
        rows = {
            "payment": payment_id, "allocation": new_key(), "line": new_key(), "seller": self.seller_id, "on": on,
            "customer": self.customer_ids[bill.who.number], "invoice": self.invoice_ids[bill.number], "minor": minor,
            "number": bill.number, "key": key, "at": self.store.clock.now(),
        }  # fmt: skip
        with self.store.session() as session:
            is_written = session.execute(_BOOKED, rows).first() is not None
            session.commit()
        if is_written:
            self._payments[key] = payment_id
        return is_written

    def match(self, bill: Bill, key: str) -> None:
        """A person sees which bill that money was for."""
        payment_id = self._payments[key]
        with self.store.session() as session:
            amount = Money(session.get_one(Payment, payment_id).amount_minor, "EUR")
        allocate_payment(
            payment_id, {self.invoice_ids[bill.number]: amount}, store=self.store, by=BY, why="found by hand"
        )  # fmt: skip

    def take_back(self, bill: Bill, minor: int, on: date, key: str) -> None:  # noqa: ARG002 (the payment says which)
        return_payment(
            self._payments[key], "reversal", Money(minor, "EUR"), on, reason="AC04 closed account", source_key=f"{key}-r",
            store=self.store,
        )  # fmt: skip

    def settle(self, bill: Bill, credited_minor: int) -> None:
        """What was wrong with the bill is settled by a person: its cases are closed, and what is conceded is credited."""
        invoice_id = self.invoice_ids[bill.number]
        with self.store.session() as session:
            disputes = session.scalars(
                select(Dispute).where(Dispute.invoice_id == invoice_id, Dispute.state == "open").order_by(Dispute.id)
            ).all()
            problems = session.scalars(
                select(DocumentProblem.id)
                .where(DocumentProblem.invoice_id == invoice_id, DocumentProblem.state == "open")
                .order_by(DocumentProblem.id)
            ).all()
        left = credited_minor
        for dispute in disputes:
            conceded = min(left, dispute.amount_minor)
            left -= conceded
            outcome = "valid_as_billed" if not conceded else "part_credited"
            if conceded == dispute.amount_minor:
                outcome = "credited"
            resolve_dispute(
                dispute.id, outcome=outcome, by=BY, role="manager", words="Looked into.", store=self.store,
                amount=Money(conceded, "EUR") if outcome == "part_credited" else None,
            )  # fmt: skip
        if left > 0:
            issue_credit_note(
                self.customer_ids[bill.who.number], reason="Not all was delivered", by=BY, role="manager",
                store=self.store, invoice_id=invoice_id, amount=Money(left, "EUR"),
            )  # fmt: skip
        for problem_id in problems:
            settle_document_problem(problem_id, how="Sent again with the right number.", by=BY, store=self.store)

    def remind_by(self, ladder_text: str) -> None:
        """From now on that ladder holds for everybody.

        Raises: what `read_ladder` does.
        """
        ladder = read_ladder(ladder_text)
        save_ladder("simulated", ladder, store=self.store, by=BY)
        choose_ladder("simulated", ladder.name, store=self.store, by=BY)

    def put_right(self, person: Person) -> None:
        """Somebody asked around: the office's mailbox is the one to write to."""
        details = ContactDetails(
            person.contact, "accounts_payable", None, (person.office,), (person.phone,) if person.phone else ()
        )
        save_contact(
            self.customer_ids[person.number], self.contact_ids[person.number], details, who=BY, store=self.store
        )
