"""Approving a formal notice: by name and with authority, looked at again, or it lapses, is refused or withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.approve_notice import (
    MayNotApprove,
    NoSuchNotice,
    NoticeLapsed,
    NoticeOvertaken,
    NotWaiting,
    approve_notice,
)
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.lapse_notices import lapse_notices
from o2c_core.actions.refuse_notice import ReasonIsMissing, refuse_notice
from o2c_core.actions.send_notice import send_notice
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_credit_note, a_dispute, a_payment
from tests.stores.noticing import (
    approved,
    invoice_of,
    late_customer,
    now,
    proposed,
    sent,
)

CARRIERS = {"email": Captured()}


@pytest.mark.parametrize("role", ["assistant", "agent", "", "Finance", "owner"])
def test_without_authority_nobody_approves(store: Store, session: Session, role: str) -> None:
    notice = proposed(store, late_customer(session, 10_000))
    with pytest.raises(MayNotApprove):
        approve_notice(notice.id, by="Anna Smit", role=role, store=store)
    with pytest.raises(MayNotApprove):
        approve_notice(notice.id, by=" ", role="finance", store=store)
    assert now(session, notice).state == "proposed"
    with pytest.raises(NotWaiting, match="only an approved one is sent"):
        send_notice(notice.id, by="Anna Smit", store=store)
    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("role", ["finance", "manager"])
def test_who_has_authority_puts_their_name_to_the_letter(store: Store, session: Session, role: str) -> None:
    notice = proposed(store, late_customer(session, 10_000))
    made = approve_notice(notice.id, by="Anna Smit", role=role, store=store)
    assert (made.state, made.approved_by, made.approved_role, made.file_name) == (
        "approved", "Anna Smit", role, "Aanmaning N-101.pdf"
    )  # fmt: skip
    assert made.file is not None
    assert made.file.startswith(b"%PDF")
    line = session.scalars(select(TrailLine).where(TrailLine.what == "formal notice approved")).one()
    assert (line.who, line.details["role"], line.details["checksum"]) == ("Anna Smit", role, made.checksum)


@pytest.mark.parametrize("what", ["paid", "part paid", "disputed", "credited", "unmatched money"])
def test_one_that_claims_too_much_by_now_is_withdrawn_instead_of_approved(
    store: Store, session: Session, what: str
) -> None:
    customer = late_customer(session, 10_000, 20_000)
    notice = proposed(store, customer)
    _overtake(session, customer, what)
    with pytest.raises(NoticeOvertaken, match="was withdrawn"):
        approve_notice(notice.id, by="Anna Smit", role="finance", store=store)
    assert now(session, notice).state == "withdrawn"
    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("what", ["paid", "part paid", "disputed", "credited", "unmatched money"])
def test_one_that_claims_too_much_is_withdrawn_at_the_instant_of_sending(
    store: Store, session: Session, what: str
) -> None:
    customer = late_customer(session, 10_000, 20_000)
    notice = approved(store, customer)
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    _overtake(session, customer, what)
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "withdrawn"
    assert now(session, notice).state == "withdrawn"
    # What is left can be put into another one, where money does not have to be matched first.
    if what != "unmatched money":
        assert proposed(store, customer).number == "N-102"


def _overtake(session: Session, customer: Customer, what: str) -> None:
    first = invoice_of(session, customer)
    match what:
        case "paid":
            a_payment(session, first, 10_000)
        case "part paid":
            a_payment(session, first, 1)
        case "disputed":
            a_dispute(session, first, 1)
        case "credited":
            a_credit_note(session, customer, 500, against=first)
        case "unmatched money":
            a_credit_note(session, customer, 500)
    session.commit()


def test_more_interest_by_the_day_of_sending_makes_no_notice_wrong(
    store: Store, session: Session, clock: MovableClock
) -> None:
    notice = approved(store, late_customer(session, 10_000))
    clock.move(timedelta(days=3))
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "sent"


def test_a_proposal_nobody_decided_about_for_two_weeks_lapses(
    store: Store, session: Session, clock: MovableClock
) -> None:
    notice = proposed(store, late_customer(session, 10_000))
    clock.move(timedelta(days=14, minutes=1))
    with pytest.raises(NoticeLapsed):
        approve_notice(notice.id, by="Anna Smit", role="finance", store=store)
    assert now(session, notice).state == "lapsed"


def test_an_approved_notice_nobody_sent_for_two_weeks_lapses(
    store: Store, session: Session, clock: MovableClock
) -> None:
    notice = approved(store, late_customer(session, 10_000))
    clock.move(timedelta(days=14, minutes=1))
    with pytest.raises(NoticeLapsed):
        send_notice(notice.id, by="Anna Smit", store=store)
    assert now(session, notice).state == "lapsed"


def test_what_waited_too_long_lapses_by_itself_and_its_mail_does_not_leave(
    store: Store, session: Session, clock: MovableClock
) -> None:
    customer = late_customer(session, 10_000)
    notice = approved(store, customer)
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    assert lapse_notices(store=store) == 0
    clock.move(timedelta(days=14, minutes=1))
    assert (lapse_notices(store=store), lapse_notices(store=store)) == (1, 0)
    assert now(session, notice).state == "lapsed"
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "withdrawn"
    assert now(session, notice).state == "lapsed"


def test_what_was_sent_never_lapses(store: Store, session: Session, clock: MovableClock) -> None:
    notice = sent(store, late_customer(session, 10_000))
    clock.move(timedelta(days=60))
    assert lapse_notices(store=store) == 0
    assert now(session, notice).state == "sent"


def test_a_refused_notice_is_over_and_another_can_be_proposed(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    notice = proposed(store, customer)
    with pytest.raises(ReasonIsMissing):
        refuse_notice(notice.id, by="Anna Smit", why=" ", store=store)
    made = refuse_notice(notice.id, by="Anna Smit", why="They pay on Friday", store=store)
    assert (made.state, made.closed_by, made.closed_why) == ("refused", "Anna Smit", "They pay on Friday")
    with pytest.raises(NotWaiting):
        approve_notice(notice.id, by="Anna Smit", role="finance", store=store)
    with pytest.raises(NotWaiting):
        refuse_notice(notice.id, by="Anna Smit", why="again", store=store)
    assert proposed(store, customer).number == "N-102"


def test_what_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NoSuchNotice):
        approve_notice(new_key(), by="Anna Smit", role="finance", store=store)
