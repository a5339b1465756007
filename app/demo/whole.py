"""The demo with a day's work done in it: what pages are looked at with, in pictures and by the tests of all pages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import select

from app.container import carriers
from app.demo import cast
from app.demo.bank_file import write_bank_file
from app.demo.history import write_history
from app.demo.ladders import choose_ladders
from app.demo.rules import write_rules
from app.demo.talks import hold_talks
from app.installation import doorplate
from app.settings import Settings
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.match_money import match_waiting
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.send_document import DocumentRequest, send_document
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.store import Store


def write_whole(store: Store, chosen: Settings, folder: Path, day: date) -> None:
    """Six months of history, this morning's talks, rules and ladders, the day's reminders, a copy, and yesterday's bank file."""
    write_history(store=store, today=day)
    hold_talks(store=store)
    write_rules(store=store)
    choose_ladders(store=store)
    plate = doorplate(chosen)
    run_reminders(day, store=store, doorplate=plate)
    with store.session() as session:
        jansen = session.scalars(select(Customer).where(Customer.ref == cast.BAKKERIJ_JANSEN)).one()
        newest = select(Invoice.id).where(Invoice.customer_id == jansen.id).order_by(Invoice.number.desc()).limit(1)
        invoice_id = session.scalars(newest).one()
    send_document(DocumentRequest(jansen.id, "picture", invoice_id), store=store)
    deliver_queued(store=store, carriers=carriers(chosen), doorplate=plate)
    bank_file = write_bank_file(folder, store=store, today=day)
    if bank_file is not None:
        import_bank_file(bank_file, cast.SELLER, store=store)
        match_waiting(store=store)
