"""Formal notices and the right to be forgotten: words and names go, the letter stays with its invoices, and goes with them."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.apply_retention import apply_retention
from o2c_core.actions.erase_person import Erasure, erase_person
from o2c_core.actions.export_person import export_person
from o2c_core.actions.note_notice_delivered import note_notice_delivered
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.notices.formal_notice import FormalNotice, FormalNoticeLine
from o2c_core.store.store import Store
from tests.build import DAY, a_payment
from tests.stores.noticing import late_customer, now, sent


def a_finished_notice(store: Store, session: Session, clock: MovableClock) -> tuple[Customer, FormalNotice]:
    """Received, by words that name the person, and everything paid since."""
    customer = late_customer(session, 10_000, kind="person")
    session.get_one(Customer, customer.id).name = "Marieke Jansen"
    session.commit()
    notice = sent(store, customer)
    note_notice_delivered(
        notice.id, received_on=DAY, evidence="Marieke Jansen wrote from ap@jansen.example", by="N. Smit", store=store
    )  # fmt: skip
    for invoice in session.scalars(select(Invoice)):
        a_payment(session, invoice, invoice.total_minor)
    session.commit()
    clock.move(timedelta(days=60))
    return customer, notice


def test_who_asks_what_is_held_about_them_is_told_of_the_notice(
    store: Store, session: Session, clock: MovableClock
) -> None:
    customer, _ = a_finished_notice(store, session, clock)
    exported = export_person(customer.id, by="Anna Smit", store=store)
    (told,) = json.loads(json.dumps(exported))["data"]["formal_notices"]
    assert base64.b64decode(told["file"]).startswith(b"%PDF")
    assert (told["number"], told["principal"], told["deadline_on"]) == (
        "N-101", {"minor": 10_000, "currency": "EUR"}, "2026-03-30"
    )  # fmt: skip
    assert told["lines"][0]["working"] == []


def test_an_erasure_takes_the_names_out_of_what_people_wrote_and_leaves_the_letter(
    store: Store, session: Session, clock: MovableClock
) -> None:
    customer, notice = a_finished_notice(store, session, clock)
    letter = now(session, notice).file
    erase_person(Erasure(customer.id), by="Anna Smit", why="asked", role="manager", store=store)
    made = now(session, notice)
    assert "Marieke" not in (made.evidence or "")
    assert "ap@jansen.example" not in (made.evidence or "")
    assert (made.state, made.number, made.principal_minor) == ("delivered", "N-101", 10_000)
    assert made.file == letter


def test_when_its_invoices_may_go_the_notice_and_its_letter_go_too(
    store: Store, session: Session, clock: MovableClock
) -> None:
    a_finished_notice(store, session, clock)
    apply_retention(date(2035, 1, 2), store=store)
    session.expire_all()
    assert session.scalars(select(Invoice)).all() == []
    assert session.scalars(select(FormalNoticeLine)).all() == []
    assert session.scalars(select(FormalNotice)).all() == []
