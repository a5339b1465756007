"""`python -m app.pictures FOLDER`: every page of the demo as a picture, and the mails as their readers see them."""

from __future__ import annotations

import secrets
import socket
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from sqlalchemy import select

from app.application import make_application
from app.container import carriers
from app.demo import cast
from app.demo.bank_file import write_bank_file
from app.demo.colleagues import COLLEAGUES, add_colleagues, password_of
from app.demo.history import write_history
from app.demo.ladders import choose_ladders
from app.demo.rules import IN_TRIAL, write_rules
from app.demo.stage import TIME_ZONE, next_workday
from app.demo.talks import hold_talks
from app.house import opened_house
from app.installation import doorplate, opened_engine
from app.settings import Settings
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.actions.match_money import match_waiting
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.send_document import DocumentRequest, send_document
from o2c_core.clock import MovableClock, SystemClock, today
from o2c_core.conversations.message import Message
from o2c_core.conversations.preference_links import preferences_url, unsubscribe_url
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_store
from web.screenshots import take


def main(out: Path) -> None:
    dirk = COLLEAGUES[-1]
    with tempfile.TemporaryDirectory(prefix="parley-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        address = f"http://127.0.0.1:{port}"
        chosen = Settings(
            data=Path(folder), secret=secrets.token_hex(16), demo=True, port=port, base_url=address, _env_file=None
        )
        with opened_engine(chosen) as engine:
            migrate(engine)
            at_noon = open_store(engine, MovableClock(_noon()))
            day = today(at_noon.clock, TIME_ZONE)
            write_history(store=at_noon, today=day)
            hold_talks(store=at_noon)
            write_rules(store=at_noon)
            choose_ladders(store=at_noon)
            add_colleagues(chosen.signing_key(), store=at_noon)
            with opened_house(chosen) as opened:
                house = replace(opened, store=at_noon)
                more = _write(at_noon, chosen, day)
                bank_file = write_bank_file(Path(folder), store=house.store, today=day)
                if bank_file is not None:
                    import_bank_file(bank_file, cast.SELLER, store=house.store)
                    match_waiting(store=house.store)
                probe.close()
                server = uvicorn.Server(uvicorn.Config(make_application(house, chosen), port=port, log_level="warning"))
                thread = threading.Thread(target=server.run, daemon=True)
                thread.start()
                try:
                    for picture in take(
                        address, out, more, signs_in=(dirk.email, password_of(dirk, chosen.signing_key()))
                    ):
                        sys.stdout.write(f"{picture}\n")
                finally:
                    server.should_exit = True
                    thread.join(10)


def _noon() -> datetime:
    """Noon of the next day on which people work, today included: nobody is written to in the night or on a day of rest,
    and pictures are taken at any hour."""
    day = next_workday(today(SystemClock(), TIME_ZONE))
    return datetime.combine(day, time(12), ZoneInfo(TIME_ZONE)).astimezone(UTC)


def _write(store: Store, chosen: Settings, day: date) -> dict[str, str]:
    """Sends the day's reminders and a copy of an invoice; further pages to be taken, by the name of their picture."""
    plate = doorplate(chosen)
    run_reminders(day, store=store, doorplate=plate)
    with store.session() as session:
        jansen = session.scalars(select(Customer).where(Customer.ref == cast.BAKKERIJ_JANSEN)).one()
        invoice_id = session.scalars(
            select(Invoice.id).where(Invoice.customer_id == jansen.id).order_by(Invoice.number.desc()).limit(1)
        ).one()
    copy = send_document(DocumentRequest(jansen.id, "picture", invoice_id), store=store)
    deliver_queued(store=store, carriers=carriers(chosen), doorplate=plate)
    with store.session() as session:
        mails = select(Message.id).where(Message.direction == "out", Message.channel == "email")
        reminder = session.scalars(
            mails.where(Message.carrier == "captured", Message.purpose == "reminder").order_by(Message.id)
        ).first()
        answer = session.scalars(mails.where(Message.purpose == "answer").order_by(Message.id)).first()
        asked = session.scalars(select(ReceivedFile.message_id)).first()
        written = session.get_one(Message, reminder)
    more = {
        "message": f"/ledger/messages/{asked}",
        "rule-tried": f"/rules?try={IN_TRIAL}",
        "why": f"/ledger/customers/{cast.HART_AND_SONS}?seller={cast.SELLER}&why={day.isoformat()}#reminders",
        "reminder-mail": f"/outbox/{reminder}/mail",
        "answer-mail": f"/outbox/{answer}/mail",
        "cover-mail": f"/outbox/{copy}/mail",
    }
    links = {
        name: url(plate, contact_id=written.contact_id, channel="email", address=written.address)
        for name, url in (("preferences", preferences_url), ("unsubscribe", unsubscribe_url))
    }
    return more | {name: link for name, link in links.items() if link is not None}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
