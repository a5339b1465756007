"""Import a file of another system into the ledger: everything good in it, in one transaction, with a report of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.errors import NotFound
from o2c_core.imports.binding import Binding, check_fit
from o2c_core.imports.dates import Days
from o2c_core.imports.mapping import Record
from o2c_core.imports.merge_contacts import merge_contacts
from o2c_core.imports.merge_customers import merge_customers
from o2c_core.imports.merge_invoices import merge_invoices
from o2c_core.imports.merge_orders import merge_orders
from o2c_core.imports.merge_payments import merge_payments
from o2c_core.imports.merge_shipments import merge_shipments
from o2c_core.imports.numbers import Numbers
from o2c_core.imports.profile import Profile
from o2c_core.imports.read_contacts import ContactReader
from o2c_core.imports.read_customers import CustomerReader
from o2c_core.imports.read_documents import DocumentReader
from o2c_core.imports.read_payments import PaymentReader
from o2c_core.imports.read_shipments import ShipmentReader
from o2c_core.imports.report import ImportReport
from o2c_core.imports.rows import Reading, RowReader
from o2c_core.imports.source import Source, open_source
from o2c_core.imports.staging import BATCH_ROWS, Staging
from o2c_core.imports.turns import wait_for_turn
from o2c_core.store.store import Store
from o2c_core.trail import note

Progress = Callable[[int, int | None], None]

# Enough rows to see how a file writes its numbers and days.
_LEARNT_FROM = 2_000


class SellerUnknown(NotFound):
    """There is no seller by that reference, and the profile does not say how to create one."""


def import_ledger(
    path: Path,
    seller_ref: str,
    profile: Profile,
    *,
    store: Store,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: str = "system",
) -> ImportReport:
    """What was accepted, changed, unchanged and refused. Importing the same file again changes nothing.

    A row that cannot be read is refused by line and reason, with the whole document it belongs to; all others are kept.
    With `dry_run` the report is the same and nothing is kept. `progress` hears rows done and rows in all, if known.
    Raises: FileMissing, FileEmpty, FileUnreadable; ProfileDoesNotFit; SellerUnknown. Then nothing was changed.
    """
    source = open_source(path, delimiter=profile.delimiter, sheet=profile.sheet)
    check_fit(profile, source, path.name)
    now = store.clock.now()
    report = ImportReport(path.name, profile.name, seller_ref, dry_run=dry_run, remarks=list(source.remarks))
    with store.session() as session:
        wait_for_turn(session)
        session.execute(text("SET LOCAL work_mem = '64MB'"))
        seller = _seller(session, seller_ref, profile, report)
        for record in profile.records:
            staging = Staging(session)
            staging.begin()
            reading = Reading(
                seller,
                profile,
                Numbers(profile.decimal, report),
                Days(profile.days, seller.time_zone, report),
                staging,
                report,
            )
            _read(source, record, reading, progress)
            staging.flush()
            if record.kind == "customer":
                merge_customers(session, reading, now, only_new=False)
            elif record.kind == "contact":
                merge_contacts(session, reading, now)
            elif record.kind == "shipment":
                merge_shipments(session, reading, now)
            elif record.kind == "order":
                merge_customers(session, reading, now, only_new=True)
                merge_orders(session, record, reading, now)
            elif record.kind == "invoice":
                merge_customers(session, reading, now, only_new=True)
                merge_invoices(session, record, reading, now)
            else:
                merge_payments(session, reading, now)
            staging.end()
        report.finish()
        counts = {kind: dict(counted) for kind, counted in report.counts.items()}
        why = f"imported with the profile {profile.name}"
        note(session, "file imported", seller, at=now, who=by, why=why, file=path.name, counts=counts)
        if dry_run:
            session.rollback()
        else:
            session.commit()
    return report


def _seller(session: Session, ref: str, profile: Profile, report: ImportReport) -> Seller:
    seller = session.scalars(select(Seller).where(Seller.ref == ref)).one_or_none()
    if seller is None:
        if profile.seller is None:
            raise SellerUnknown(
                f"There is no seller '{ref}', and the profile '{profile.name}' has no [seller] table to create it from.",
                seller=ref,
            )
        said = dict(profile.seller)
        iban, bic, holder = (said.pop(name, None) for name in ("iban", "bic", "account_holder"))
        seller = Seller(ref=ref, **{"payment_terms_days": 30, "settings": {}, **said})
        if iban is not None:
            currency, name = said["currency"], holder or said["name"]
            seller.bank_accounts.append(
                BankAccount(iban=iban, bic=bic, holder=name, currency=currency, is_default=True)
            )
        session.add(seller)
        session.flush()
        report.seller_created = True
    return seller


def _read(source: Source, record: Record, reading: Reading, progress: Progress | None) -> None:
    """Takes every row of the record to the staging tables."""
    columns = source.columns(record.path)
    report = reading.report

    def refuse(line: int, why: str) -> None:
        report.refuse(line, why)
        report.count(record.kind, "refused")

    rows = source.rows(record.path, refuse)
    sample = list(islice(rows, _LEARNT_FROM))
    _learn([row for _, row in sample], record, columns, reading)
    taker: RowReader
    if record.kind == "customer":
        taker = CustomerReader(record, columns, reading)
    elif record.kind == "contact":
        taker = ContactReader(record, columns, reading)
    elif record.kind == "shipment":
        taker = ShipmentReader(record, columns, reading)
    elif record.kind == "payment":
        taker = PaymentReader(record, columns, reading)
    else:
        taker = DocumentReader(record, columns, [row for _, row in sample], reading)
    for done, (line, row) in enumerate(chain(sample, rows), 1):
        report.line = line
        taker.take(line, row)
        report.rows += 1
        if progress is not None and done % BATCH_ROWS == 0:
            progress(done, source.total)
    if progress is not None:
        progress(report.rows, source.total)


_DAYS = ("issued_on", "due_on", "ordered_on", "expected_on", "received_on", "shipped_on", "delivered_on")
_NUMBERS = ("net", "tax", "total", "amount", "quantity", "unit_price")


def _learn(sample: list[Mapping[str, Any]], record: Record, columns: list[str], reading: Reading) -> None:
    """Shows the readers of numbers and days how this file writes them."""
    fields = dict(record.fields)
    for part in (record.lines, record.shipments):
        if part is not None and part.path is None:
            fields |= part.fields
    binding = Binding(fields, columns)

    def cells(names: tuple[str, ...]) -> Iterator[object]:
        getters = [get for name in names if name in binding.columns and (get := binding.getter(name)) is not None]
        return (get(row) for row in sample for get in getters)

    reading.numbers.learn(cells(_NUMBERS))
    reading.days.learn(cells(_DAYS))
