"""Which ladder holds for whom, how a choice is changed, and that the past keeps the ladder it had."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from o2c_core.actions.choose_ladder import OneThingAtATime, choose_ladder
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.clock import MovableClock
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.reminders.ladder import STANDARD, Ladder, Rung
from o2c_core.reminders.ladders.choice import ladders_for
from o2c_core.reminders.ladders.reading import LadderUnclear
from o2c_core.reminders.ladders.shipped import SHIPPED, shipped
from o2c_core.reminders.ladders.versions import NoSuchLadder, NoSuchVersion, ladder_at, newest_ladder, versions_of
from o2c_core.reminders.reminder import LadderChoice
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller, an_invoice


@pytest.fixture
def kept(store: Store, session: Session) -> Session:
    """A seller that keeps a ladder named after each place one may be chosen for."""
    a_seller(session)
    session.commit()
    for name in ("of_seller", "of_segment", "of_customer", "of_invoice"):
        save_ladder("vandijk", replace(STANDARD, name=name), store=store)
    return session


# What is chosen where, which customer and invoice it is about, and what holds.
@pytest.mark.parametrize("line", [
    "nothing                          : horeca, the customer's invoice -> standard",
    "seller                           : horeca, the customer's invoice -> of_seller",
    "seller segment                   : horeca, the customer's invoice -> of_segment",
    "seller segment                   : no segment, an invoice         -> of_seller",
    "seller segment                   : retail, an invoice             -> of_seller",
    "seller segment customer          : horeca, the customer's invoice -> of_customer",
    "seller segment customer          : horeca, an invoice             -> of_segment",
    "seller segment customer invoice  : horeca, the customer's invoice -> of_invoice",
    "seller segment customer invoice  : horeca, another of theirs      -> of_customer",
    "invoice                          : horeca, another of theirs      -> standard",
    "segment                          : horeca, an invoice             -> of_segment",
    "customer                         : horeca, in general             -> of_customer",
    "invoice                          : horeca, in general             -> standard",
])  # fmt: skip
def test_the_narrowest_choice_holds(line: str, store: Store, kept: Session) -> None:
    found = re.fullmatch(r"(.+?) *: (.+?), (.+?) +-> (\w+)", line)
    assert found is not None
    chosen, segment, which, expected = found.groups()
    seller = kept.scalars(select(Seller)).one()
    customer = a_customer(kept, seller, "K1", segment="horeca")
    other = a_customer(kept, seller, "K2", segment=None if segment == "no segment" else segment)
    invoice = an_invoice(kept, customer, "F-1")
    theirs, elsewhere = an_invoice(kept, customer, "F-2"), an_invoice(kept, other, "F-3")
    kept.commit()
    places: dict[str, dict[str, str]] = {
        "seller": {}, "segment": {"segment": "horeca"}, "customer": {"customer_ref": "K1"}, "invoice": {"invoice_number": "F-1"},
    }  # fmt: skip
    for scope in chosen.split():
        if scope != "nothing":
            choose_ladder("vandijk", f"of_{scope}", store=store, **places[scope])
    ladders = ladders_for(kept, [customer, other])
    about = {
        "the customer's invoice": (customer, invoice.id),
        "another of theirs": (customer, theirs.id),
        "an invoice": (other, elsewhere.id),
        "in general": (customer, None),
    }[which]
    assert ladders.of(*about).name == expected


def test_the_choices_for_a_thousand_customers_are_two_queries(store: Store, kept: Session) -> None:
    seller = kept.scalars(select(Seller)).one()
    customers = [a_customer(kept, seller, email=None) for _ in range(50)]
    kept.commit()
    choose_ladder("vandijk", "of_customer", store=store, customer_ref=customers[0].ref)
    asked: list[str] = []

    def note(*about: object) -> None:
        asked.append(str(about[2]))

    connection = kept.connection()
    event.listen(connection, "before_cursor_execute", note)
    ladders = ladders_for(kept, customers)
    event.remove(connection, "before_cursor_execute", note)
    assert len(asked) == 2
    assert [ladders.of(customer).name for customer in customers[:2]] == ["of_customer", "standard"]
    assert ladders_for(kept, []).newest == {}


def test_a_change_is_a_new_version_and_the_past_keeps_its_own(
    store: Store, session: Session, clock: MovableClock
) -> None:
    a_seller(session)
    session.commit()
    first, changed = save_ladder("vandijk", shipped("gentle"), store=store, by="mira")
    assert (first.version, changed[0]) == (1, "step 'courtesy' on day -5 added")
    assert save_ladder("vandijk", shipped("gentle"), store=store, by="mira") == (first, [])
    clock.move(timedelta(days=30))
    second, changed = save_ladder("vandijk", replace(first, spacing_days=5), store=store, by="mira", why="too slow")
    assert (second.version, changed) == (2, ["spacing_days: 10 became 5"])
    seller = session.scalars(select(Seller)).one()
    assert ladder_at(session, seller.id, "gentle", 1) == first
    assert newest_ladder(session, seller.id, "gentle") == second
    assert [(one.version, one.by, one.why) for one in versions_of(session, seller.id, "gentle")] == [
        (2, "mira", "too slow"), (1, "mira", None),
    ]  # fmt: skip
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "ladder saved").order_by(TrailLine.id)).all()
    assert [line.details["version"] for line in lines] == [1, 2]
    assert lines[1].details["changed"] == ["spacing_days: 10 became 5"]


def test_going_back_to_what_it_was_is_a_version_of_its_own(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    first, _ = save_ladder("vandijk", shipped("gentle"), store=store)
    save_ladder("vandijk", replace(first, spacing_days=5), store=store)
    assert save_ladder("vandijk", first, store=store)[0].version == 3


def test_the_standard_ladder_can_be_made_the_sellers_own(store: Store, session: Session) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller)
    session.commit()
    assert save_ladder("vandijk", STANDARD, store=store) == (STANDARD, [])
    own, _ = save_ladder("vandijk", replace(STANDARD, spacing_days=3), store=store)
    assert own.version == 2
    assert ladders_for(session, [customer]).of(customer) == own
    # What was reminded before is still told by the ladder it was reminded by.
    assert ladder_at(session, seller.id, "standard", 1) == STANDARD


def test_each_sellers_ladders_are_its_own(store: Store, session: Session) -> None:
    one, other = a_seller(session), a_seller(session, "hart")
    here, there = a_customer(session, one), a_customer(session, other)
    session.commit()
    save_ladder("vandijk", shipped("gentle"), store=store)
    choose_ladder("vandijk", "gentle", store=store)
    ladders = ladders_for(session, [here, there])
    assert (ladders.of(here).name, ladders.of(there).name) == ("gentle", "standard")
    assert ladders.held_by(here)[1] == "seller"
    with pytest.raises(NoSuchLadder, match="There is no ladder 'gentle' at this seller"):
        choose_ladder("hart", "gentle", store=store)


def test_choosing_another_ends_the_choice_before_it_and_both_stay_on_record(
    store: Store, session: Session, clock: MovableClock
) -> None:
    seller = a_seller(session)
    customer = a_customer(session, seller, "K1")
    session.commit()
    for name in SHIPPED:
        save_ladder("vandijk", shipped(name), store=store)
    choose_ladder("vandijk", "gentle", store=store, customer_ref="K1", by="mira", why="a friend of the house")
    again = choose_ladder("vandijk", "gentle", store=store, customer_ref="K1", by="tom")
    clock.move(timedelta(days=1))
    choose_ladder("vandijk", "enterprise", store=store, customer_ref="K1", by="tom", why="grew")
    clock.move(timedelta(days=1))
    assert choose_ladder("vandijk", None, store=store, customer_ref="K1", by="tom", why="as everybody") is None
    assert choose_ladder("vandijk", None, store=store, customer_ref="K1", by="tom") is None
    rows = session.scalars(select(LadderChoice).order_by(LadderChoice.chosen_at)).all()
    assert [(row.ladder, row.by, row.ended_at is not None) for row in rows] == [
        ("gentle", "mira", True), ("enterprise", "tom", True),
    ]  # fmt: skip
    assert again is not None
    assert again.by == "mira"
    assert ladders_for(session, [customer]).of(customer) == STANDARD
    lines = session.scalars(
        select(TrailLine)
        .where(TrailLine.what.startswith("ladder"), TrailLine.customer_id == customer.id)
        .order_by(TrailLine.id)
    ).all()
    assert [(line.what, line.details["before"], line.details["ladder"], line.why) for line in lines] == [
        ("ladder chosen", None, "gentle", "a friend of the house"),
        ("ladder chosen", "gentle", "enterprise", "grew"),
        ("ladder no longer chosen", "enterprise", None, "as everybody"),
    ]


@pytest.mark.parametrize("line", [
    "gentle   segment: nowhere                    -> No customer of this seller is in a segment 'nowhere'.",
    "gentle   customer_ref: K9                    -> There is no customer 'K9' at this seller.",
    "gentle   invoice_number: F-9                 -> There is no invoice 'F-9' at this seller.",
    "severe   customer_ref: K1                    -> There is no ladder 'severe' at this seller; save it first: parley ladder save.",
    "gentle   customer_ref: K1 invoice_number: F-1 -> A ladder is chosen for a segment, a customer or an invoice, one at a time.",
])  # fmt: skip
def test_what_cannot_be_chosen_is_refused_in_a_sentence(line: str, store: Store, session: Session) -> None:
    an_invoice(session, a_customer(session, a_seller(session), "K1"), "F-1")
    session.commit()
    save_ladder("vandijk", shipped("gentle"), store=store)
    said, told = line.split("-> ")
    ladder, *places = said.split()
    asked = dict(zip((key.rstrip(":") for key in places[::2]), places[1::2], strict=True))
    with pytest.raises((NotFound, OneThingAtATime)) as refused:
        choose_ladder("vandijk", ladder, store=store, **asked)
    assert refused.value.sentence == told
    assert session.scalars(select(LadderChoice)).all() == []


def test_what_no_file_could_say_is_not_kept_either(store: Store, session: Session) -> None:
    seller = a_seller(session)
    session.commit()
    late = Ladder("odd", (Rung("due", 0, says_late=True),))
    with pytest.raises(LadderUnclear, match="nothing is late on or before its due date"):
        save_ladder("vandijk", late, store=store)
    with pytest.raises(NotFound, match="There is no seller 'nobody'"):
        save_ladder("nobody", STANDARD, store=store)
    with pytest.raises(NoSuchVersion, match="no version 3 of a ladder 'standard'"):
        ladder_at(session, seller.id, "standard", 3)
