"""Proposing a formal notice: off until turned on, by the law the debt goes by, and only about what may be claimed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.propose_notice import MoneyWaits, NoNoticeForThem, NothingToClaim, WrongKind
from o2c_core.actions.save_seller import save_seller
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller_profile import SellerUnclear, read_profile
from o2c_core.invoices.invoice import Instalment
from o2c_core.money import Money
from o2c_core.notices.costs import TooManySmallClaims
from o2c_core.notices.kinds import NoKindOfNotice
from o2c_core.notices.setting import NoticesAreOff, NoticesUnclear
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.noticing import (
    invoice_of,
    late_customer,
    now,
    proposed,
    seller_of,
    sent,
    set_notices,
)

CARRIERS = {"email": Captured()}


def test_a_seller_turns_them_on_in_its_file_and_off_by_leaving_them_out(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    seller = seller_of(session, customer)
    file = {
        name: getattr(seller, name) for name in ("name", "country", "currency", "language", "time_zone")
    } | {"bank_accounts": [{"iban": "NL91ABNA0417164300", "holder": "Van Dijk Groothandel B.V.", "currency": "EUR"}]}  # fmt: skip
    with pytest.raises(NoticesUnclear, match="The kinds of formal notice are: nl_14_day"):
        save_seller("vandijk", read_profile(file | {"notices": {"kinds": ["nl_threat"]}}), store=store)
    with pytest.raises(SellerUnclear, match=r"notices\.wording"):
        read_profile(file | {"notices": {"wording": "after the date of the letter"}})
    save_seller("vandijk", read_profile(file), store=store)
    with pytest.raises(NoticesAreOff):
        proposed(store, customer)
    on_again = {"notices": {"kinds": ["nl_business"], "wording": "fifteen"}}
    assert save_seller("vandijk", read_profile(file | on_again), store=store)[1] == ["notices"]
    assert save_seller("vandijk", read_profile(file | on_again), store=store)[1] == []
    assert proposed(store, customer).wording == "fifteen"


def test_notices_are_off_until_a_seller_turns_them_on(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, due_on=DAY - timedelta(days=20))
    session.commit()
    with pytest.raises(NoticesAreOff, match="nl_business are off"):
        proposed(store, customer)
    set_notices(session, seller_of(session, customer), kinds=["nl_14_day"])
    with pytest.raises(NoticesAreOff):
        proposed(store, customer)


@pytest.mark.parametrize(
    "setting",
    [
        {"kinds": ["nl_threat"]}, {"kinds": "nl_business"}, {"wording": "after the date of this letter"}, {"vat_percent": 21.0},
        {"vat_percent": "many"}, {"vat_percent": "101"}, {"may_reclaim_vat": "no"}, {"days_late_min": 0}, {"surprise": 1},
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_turns_nothing_on(
    store: Store, session: Session, setting: dict[str, object]
) -> None:
    customer = late_customer(session, 10_000)
    set_notices(session, seller_of(session, customer), **setting)
    with pytest.raises(NoticesUnclear):
        proposed(store, customer)


@pytest.mark.parametrize("line", [
    "NL company NL  nl_business",
    "NL person  NL  nl_14_day",
    "NL company DE  nl_business",         # between businesses the seller's law
    "NL person  DE  de_mahnung",          # for a consumer their own
    "DE company NL  de_mahnung",
    "FR company FR  fr_mise_en_demeure",
    "FR person  FR  fr_mise_en_demeure",
    "BE company NL  eu",
])  # fmt: skip
def test_the_kind_follows_from_the_law_the_debt_goes_by(store: Store, session: Session, line: str) -> None:
    seller_country, kind, country, expected = line.split()
    customer = late_customer(session, 10_000, kind=kind)
    seller = seller_of(session, customer)
    seller.country, session.get_one(Customer, customer.id).country = seller_country, country
    session.commit()
    assert proposed(store, customer).kind == expected
    with pytest.raises(WrongKind):
        proposed(store, customer, kind="uk_late_payment")


@pytest.mark.parametrize("line", ["BE person BE", "NL person GB", "US company US", "NL person US"])
def test_where_no_law_is_in_the_tables_there_is_no_notice(store: Store, session: Session, line: str) -> None:
    seller_country, kind, country = line.split()
    customer = late_customer(session, 10_000, kind=kind)
    seller_of(session, customer).country = seller_country
    session.get_one(Customer, customer.id).country = country
    session.commit()
    with pytest.raises(NoKindOfNotice, match="no formal notice"):
        proposed(store, customer)


def test_a_business_is_asked_for_principal_interest_and_the_fixed_sum_and_told_of_the_costs(
    store: Store, session: Session
) -> None:
    customer = late_customer(session, 100_000, 50_000)
    notice = now(session, proposed(store, customer))
    # 20 days late: interest from the day after the due day to today, both counted.
    assert notice.principal == Money(150_000, "EUR")
    assert [line.interest_minor for line in notice.lines] == [556, 278]
    assert (notice.interest_minor, notice.fixed_minor) == (834, 4_000)
    assert notice.asked == Money(154_834, "EUR")
    assert notice.costs_with_vat == Money(22_500, "EUR")
    assert (notice.percent, notice.daily_minor, notice.calculated_on) == ("10.15", 41, DAY)
    first = notice.lines[0].working[0]
    assert (first["from_on"], first["to_on"], first["days"]) == ("2026-02-25", "2026-03-16", 20)


def test_a_consumer_is_asked_for_the_principal_alone_and_told_the_exact_costs(store: Store, session: Session) -> None:
    customer = late_customer(session, 100_000, kind="person", may_reclaim_vat=False)
    notice = proposed(store, customer)
    assert notice.kind == "nl_14_day"
    assert notice.asked == notice.principal == Money(100_000, "EUR")
    assert (notice.costs_minor, notice.vat_minor) == (15_000, 3_150)


@pytest.mark.parametrize("country", ["DE", "FR"])
def test_no_consumer_anywhere_is_asked_for_what_only_businesses_owe(
    store: Store, session: Session, country: str
) -> None:
    customer = late_customer(session, 100_000, kind="person")
    session.get_one(Customer, customer.id).country = country
    session.commit()
    notice = proposed(store, customer)
    assert (notice.interest_minor, notice.fixed_minor, notice.costs_minor) == (0, 0, 0)


def test_the_costs_are_on_all_that_is_asked_together(store: Store, session: Session) -> None:
    customer = late_customer(session, 20_000, 20_000, kind="person")
    assert proposed(store, customer).costs_minor == 6_000


@pytest.mark.parametrize(
    ("aside", "says"),
    [
        ("disputed", "Everything open on it is disputed"),
        ("held", "on hold until 2026-04-01"),
        ("promised", "promised to pay it by 2026-03-20"),
        ("complained of", "A complaint about it"),
        ("said to be paid", "may take until 2026-03-19"),
        ("not late", None),
        ("paid", None),
    ],
)
def test_what_may_not_be_claimed_is_left_out(store: Store, session: Session, aside: str, says: str | None) -> None:
    customer = late_customer(session, 10_000, 20_000)
    first = invoice_of(session, customer)
    match aside:
        case "disputed":
            a_dispute(session, first)
        case "held":
            session.add(
                Hold(seller_id=first.seller_id, customer_id=customer.id, invoice_id=first.id, kind="reminders", reason="x",
                     owner="Anna", from_on=DAY, until_on=date(2026, 4, 1), created_at=MOMENT)
            )  # fmt: skip
        case "promised":
            promise = Promise(
                seller_id=first.seller_id, customer_id=customer.id, amount_minor=10_000, currency="EUR",
                promised_on=date(2026, 3, 20), grace_days=2, made_at=MOMENT, made_on=DAY,
            )  # fmt: skip
            promise.invoices.append(PromisedInvoice(invoice_id=first.id))
            session.add(promise)
        case "complained of":
            session.add(
                Complaint(seller_id=first.seller_id, customer_id=customer.id, invoice_id=first.id, number="C-1",
                          about="late", opened_at=MOMENT, answer_by=DAY)
            )  # fmt: skip
        case "said to be paid":
            said = PaymentSaid(
                seller_id=first.seller_id, customer_id=customer.id, amount_minor=10_000, currency="EUR", said_on=DAY,
                until_on=date(2026, 3, 19), said_at=MOMENT,
            )  # fmt: skip
            said.invoices.append(SaidInvoice(invoice_id=first.id))
            session.add(said)
        case "not late":
            first.due_on = DAY
        case "paid":
            a_payment(session, first, 10_000)
    session.commit()
    notice = proposed(store, customer)
    assert notice.principal == Money(20_000, "EUR")
    line = session.scalars(select(TrailLine).where(TrailLine.what == "formal notice proposed")).one()
    told = line.details["left_out"].get("INV-2026-0001")
    assert (told is None) if says is None else (told is not None and says in told)


def test_the_disputed_part_of_an_invoice_is_left_out_and_the_rest_claimed(store: Store, session: Session) -> None:
    customer = late_customer(session, 100_000)
    a_dispute(session, invoice_of(session, customer), 40_000)
    session.commit()
    notice = now(session, proposed(store, customer))
    (line,) = notice.lines
    assert (line.principal_minor, line.left_out_minor) == (60_000, 40_000)
    assert {part["principal_minor"] for part in line.working} == {60_000}


def test_what_was_paid_late_bore_interest_until_it_came(store: Store, session: Session) -> None:
    customer = late_customer(session, 100_000)
    a_payment(session, invoice_of(session, customer), 60_000, DAY - timedelta(days=10))
    session.commit()
    (line,) = now(session, proposed(store, customer)).lines
    said = [(part["days"], part["principal_minor"]) for part in line.working]
    assert said == [(9, 100_000), (11, 40_000)]
    assert line.principal_minor == 40_000


def test_what_was_credited_never_bore_interest(store: Store, session: Session) -> None:
    customer = late_customer(session, 100_000)
    a_credit_note(session, customer, 60_000, against=invoice_of(session, customer))
    session.commit()
    (line,) = now(session, proposed(store, customer)).lines
    assert [(part["days"], part["principal_minor"]) for part in line.working] == [(20, 40_000)]


def test_of_an_invoice_in_instalments_only_the_missed_ones_are_claimed(store: Store, session: Session) -> None:
    customer = late_customer(session, 90_000)
    invoice = invoice_of(session, customer)
    invoice.is_in_instalments = True
    for position, days in enumerate((-30, -10, 20), 1):
        invoice.instalments.append(
            Instalment(position=position, due_on=DAY + timedelta(days=days), amount_minor=30_000)
        )  # fmt: skip
    a_payment(session, invoice, 20_000, DAY - timedelta(days=40))
    session.commit()
    notice = now(session, proposed(store, customer))
    assert [(line.part, line.principal_minor) for line in notice.lines] == [(1, 10_000), (2, 30_000)]
    assert [line.working[0]["days"] for line in notice.lines] == [30, 10]


def test_the_fourth_small_claim_of_a_person_in_half_a_year_waits_for_somebody_to_look(
    store: Store, session: Session
) -> None:
    customer = late_customer(session, kind="person")
    for place in range(1, 4):
        an_invoice(session, customer, f"INV-{place}", total_minor=5_000, due_on=DAY - timedelta(days=9))
        session.commit()
        assert sent(store, customer).costs_minor == 4_000
    an_invoice(session, customer, "INV-4", total_minor=5_000, due_on=DAY - timedelta(days=9))
    session.commit()
    with pytest.raises(TooManySmallClaims):
        proposed(store, customer)


def test_money_nobody_has_matched_yet_comes_first(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    a_credit_note(session, customer, 100)
    session.commit()
    with pytest.raises(MoneyWaits):
        proposed(store, customer)


def test_walk_in_customers_get_none(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    session.get_one(Customer, customer.id).is_walk_in = True
    session.commit()
    with pytest.raises(NoNoticeForThem):
        proposed(store, customer)


def test_asking_again_while_it_waits_gives_the_same_notice(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    first = proposed(store, customer)
    assert proposed(store, customer).id == first.id
    assert first.number == "N-101"


def test_what_one_notice_claims_no_second_one_does(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    first = sent(store, customer)
    with pytest.raises(NothingToClaim, match="Notice N-101 is sent already"):
        proposed(store, customer)
    an_invoice(
        session, session.get_one(Customer, customer.id), "INV-NEW", total_minor=5_000, due_on=DAY - timedelta(days=3)
    )
    session.commit()
    second = proposed(store, customer)
    assert (second.number, second.principal) == ("N-102", Money(5_000, "EUR"))
    assert second.id != first.id


def test_nothing_late_is_nothing_to_claim_with_the_reasons(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    a_dispute(session, invoice_of(session, customer))
    session.commit()
    with pytest.raises(NothingToClaim, match="INV-2026-0001: Everything open on it is disputed"):
        proposed(store, customer)
