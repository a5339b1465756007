"""The days ahead: what would go out if nobody paid, day by day, without a line being written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.choose_ladder import choose_ladder
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import Seller
from o2c_core.reminders.ahead import Ahead, ahead
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.ladder import STANDARD
from o2c_core.reminders.ladders.shipped import shipped
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice
from web.days_ahead import as_file, weeks
from web.reader import Reader


def looked(store: Store, session: Session, first: date = DAY, days: int = 30) -> Ahead:
    return ahead(session, session.scalars(select(Seller)).one(), first, days, store.clock.now())


def steps(found: Ahead) -> list[tuple[int, str]]:
    return [((day.on - DAY).days, one.rung) for day in found.days for one in day.going]


def test_an_invoice_climbs_its_ladder_once_and_never_on_a_day_of_rest(store: Store, session: Session) -> None:
    an_invoice(session, a_customer(session, a_seller(session), "K1"), "F-1", due_on=DAY + timedelta(days=1))
    session.commit()
    found = looked(store, session, days=35)
    # Monday the 16th; due on the 17th. Day 8 is a Tuesday, the 31st is too, and the 16th of April a Thursday.
    assert steps(found) == [(0, "courtesy"), (1, "due"), (8, "first"), (15, "second"), (31, "last")]
    rest = [day.on.weekday() for day in found.days if not day.has_run]
    assert {5, 6} <= set(rest)
    assert all(not day.going and not day.held for day in found.days if not day.has_run)


def test_it_says_what_the_runs_then_do_when_nobody_pays(store: Store, session: Session, clock: MovableClock) -> None:
    seller = a_seller(session)
    for at in range(6):
        customer = a_customer(session, seller, f"K{at}", email=f"k{at}@x.example")
        for more in range(2):
            an_invoice(session, customer, f"F-{at}-{more}", due_on=DAY + timedelta(days=3 * at - 9 * more))
    session.commit()
    told = [
        (day.on, one.customer, one.rung, one.asked, one.numbers)
        for day in looked(store, session).days
        for one in day.going
    ]
    done = []
    for after in range(30):
        on = DAY + timedelta(days=after)
        if any(day.on == on and day.has_run for day in looked(store, session, on, 1).days):
            entries = run_reminders(on, store=store).reminded
            done += [
                (on, one.customer, one.rung, one.asked, tuple(line.number for line in one.invoices if line.rung))
                for one in entries
            ]
            session.execute(Message.__table__.update().values(delivery="sent"))
            session.commit()
        clock.move(timedelta(days=1))
    assert sorted(told, key=str) == sorted(done, key=str)
    assert len(told) > 10


def test_nothing_is_written(store: Store, session: Session) -> None:
    an_invoice(session, a_customer(session, a_seller(session)), due_on=DAY)
    session.commit()
    assert looked(store, session).going
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_who_is_held_is_named_with_why_until_it_ends(store: Store, session: Session) -> None:
    seller = a_seller(session)
    held, disputed = a_customer(session, seller, "K1"), a_customer(session, seller, "K2", email="k2@x.example")
    an_invoice(session, held, "F-1", due_on=DAY - timedelta(days=7))
    a_dispute(session, an_invoice(session, disputed, "F-2", due_on=DAY - timedelta(days=7)))
    session.add(
        Hold(
            seller_id=seller.id, customer_id=held.id, kind="reminders", reason="asked for it", owner="Mira", from_on=DAY,
            until_on=DAY + timedelta(days=3), created_at=store.clock.now(),
        )
    )  # fmt: skip
    session.commit()
    found = looked(store, session, days=5)
    assert [[(one.customer, one.reason.value) for one in day.held] for day in found.days] == [
        [("K2", "disputed"), ("K1", "on_hold")]
    ] * 4 + [[("K2", "disputed")]]
    assert [(one.customer, one.rung) for one in found.days[4].going] == [("K1", "first")]


def test_a_ladder_of_calls_and_approvals_says_so(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "K1")
    customer.contacts[0].addresses.append(_phone())
    an_invoice(session, customer, "F-1", total_minor=500_000, due_on=DAY - timedelta(days=20))
    session.commit()
    save_ladder("vandijk", shipped("enterprise"), store=store)
    choose_ladder("vandijk", "enterprise", store=store, customer_ref="K1")
    found = [(one.channel, one.mode, one.rung) for one in looked(store, session).going]
    assert (
        found
        == [
            ("email", "automatic", "first"),
            ("call", "automatic", "call"),
            ("email", "approve", "second"),
            ("email", "approve", "last"),
        ]
        or found[1:]
    )


def _phone() -> Address:
    return Address(channel="sms", value="+31612345678")


def test_what_was_written_before_counts_and_what_waits_is_taken_to_go(store: Store, session: Session) -> None:
    an_invoice(session, a_customer(session, a_seller(session), "K1"), "F-1", due_on=DAY - timedelta(days=7))
    session.commit()
    save_ladder(
        "vandijk", replace(STANDARD, rungs=tuple(replace(one, mode="approve") for one in STANDARD.rungs)), store=store
    )
    run_reminders(DAY, store=store)
    assert steps(looked(store, session)) == [(7, "second"), (23, "last")]


def test_the_page_is_one_file_that_needs_nothing_else(store: Store, session: Session) -> None:
    seller = a_seller(session, name="Van <Dijk> & Co")
    an_invoice(
        session, a_customer(session, seller, "K1", name="Hart & <b>Sons</b>"), "F-1", due_on=DAY + timedelta(days=3)
    )
    session.commit()
    found = looked(store, session)
    page = as_file(found, Reader.of(seller, store.clock.now()))
    assert "Hart &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
    assert "Nobody is taken to pay, answer or object meanwhile" in page
    for outside in ('src="', "<script", 'rel="stylesheet"', "url(", "http://", "https://"):
        assert outside not in page
    assert "--accent:" in page


@pytest.mark.parametrize(("first", "days", "count"), [(DAY, 30, 5), (DAY, 1, 1), (DAY + timedelta(days=6), 2, 2)])
def test_the_calendar_has_whole_weeks(first: date, days: int, count: int, store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    found = weeks(looked(store, session, first, days))
    assert [len(week) for week in found] == [7] * count
    assert found[0][0].on.weekday() == 0
    assert sum(cell.day is not None for week in found for cell in week) == days


def a_book_of_everything(session: Session) -> None:
    """Customers at every distance from a step, and one of each whom something keeps, for a while or for good."""
    seller = a_seller(session)
    for at in range(-35, 30, 4):
        customer = a_customer(session, seller, f"D{at}", email=f"d{at}@x.example")
        an_invoice(session, customer, f"D-{at}", due_on=DAY + timedelta(days=at))
        an_invoice(session, customer, f"E-{at}", due_on=DAY + timedelta(days=at + 3), currency="USD")
    late = DAY - timedelta(days=7)
    kept = {
        name: an_invoice(
            session, a_customer(session, seller, name, email=f"{name}@x.example"), f"K-{name}", due_on=late
        )
        for name in ("held", "disputed", "promised", "said", "papers", "plan", "unreadable")
    }
    mine = {name: {"seller_id": seller.id, "customer_id": one.customer_id} for name, one in kept.items()}
    on = {"until_on": DAY + timedelta(days=6)}
    session.add(
        Hold(**mine["held"], kind="reminders", reason="flood", owner="An", from_on=DAY, created_at=MOMENT, **on)
    )
    a_dispute(session, kept["disputed"])
    session.add(Promise(**mine["promised"], amount_minor=12_500, currency="EUR", promised_on=DAY + timedelta(days=9),
                        made_at=MOMENT, made_on=DAY))  # fmt: skip
    session.add(PaymentSaid(**mine["said"], amount_minor=12_500, currency="EUR", said_on=DAY, said_at=MOMENT, **on))
    session.add(DocumentProblem(**mine["papers"], invoice_id=kept["papers"].id, kind="other", state="put_right",
                                opened_at=MOMENT, opened_on=DAY, settled_on=DAY, rests_until=DAY + timedelta(days=3)))  # fmt: skip
    plan = PaymentPlan(number="PL-1", **mine["plan"], currency="EUR", grace_days=2, state="active", by="An", role="finance",
                       proposed_at=MOMENT, started_on=DAY)  # fmt: skip
    plan.parts += [PlanPart(position=at, due_on=DAY + timedelta(days=4 + 9 * at), amount_minor=6_250) for at in (0, 1)]
    plan.invoices.append(PlannedInvoice(invoice_id=kept["plan"].id))
    session.add(plan)
    kept["unreadable"].currency = "NLG"
    later = a_customer(session, seller, "later", email="later@x.example")
    an_invoice(session, later, "L-0", due_on=DAY - timedelta(days=60))
    an_invoice(session, later, "L-1", issued_on=DAY + timedelta(days=5), due_on=DAY + timedelta(days=5))
    session.commit()


def test_looking_only_when_something_can_have_changed_finds_what_looking_every_day_does(
    store: Store, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_book_of_everything(session)
    found = looked(store, session, days=45)
    monkeypatch.setattr("o2c_core.reminders.ahead.next_look", lambda _claims, _answers, on: on + timedelta(days=1))
    every_day = looked(store, session, days=45)
    assert found.to_json() == every_day.to_json()
    assert found.looks < every_day.looks * 2 / 3
    assert len(found.going) > 60
    reasons = {one.reason.value for day in found.days for one in day.held}
    assert {"on_hold", "disputed", "promised", "in_flight", "document_problem", "on_plan", "unreadable"} <= reasons


def test_who_cannot_be_worked_out_is_named_and_hides_nobody(store: Store, session: Session) -> None:
    a_book_of_everything(session)
    found = looked(store, session, days=3)
    unreadable = [one for day in found.days for one in day.held if one.reason is Reason.UNREADABLE]
    assert [(one.customer, one.open) for one in unreadable] == [("unreadable", None)] * 3
    assert found.days[0].going
    page = as_file(found, Reader.of(session.scalars(select(Seller)).one(), store.clock.now()))
    assert "could not be worked out; somebody was asked to look at it" in page


def test_what_takes_too_many_looks_ends_earlier_and_says_so(store: Store, session: Session) -> None:
    a_book_of_everything(session)
    seller = session.scalars(select(Seller)).one()
    whole = looked(store, session, days=30)
    assert (whole.is_whole, len(whole.days)) == (True, 30)
    some = ahead(session, seller, DAY, 30, store.clock.now(), looks_max=60)
    assert not some.is_whole
    assert 1 <= len(some.days) < 30
    assert some.looks <= 60
    assert some.days == whole.days[: len(some.days)]
    # Where even one day is too much there is none, and no answer that would look like a quiet day.
    none = ahead(session, seller, DAY, 30, store.clock.now(), looks_max=1)
    assert (none.days, none.is_whole, none.first, none.looks) == ((), False, DAY, 0)
