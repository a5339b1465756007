"""Promises to pay: offered with the exact day, amount and invoices, and recorded only when the customer agrees."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.embedded.plan import meaning
from bot.embedded.understanding import understand
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.bot.acting import Talk
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice

LATE = DAY - timedelta(days=10)
FRIDAY = "2026-03-20"


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


@pytest.fixture
def talk(store: Store, seller: Seller, customer: Customer) -> Talk:
    return Talk(store, seller, customer)


def promises(session: Session) -> list[tuple[str, str, str]]:
    return [
        (str(one.amount), one.promised_on.isoformat(), one.state)
        for one in session.scalars(select(Promise).order_by(Promise.id))
    ]


def handoffs(session: Session) -> list[tuple[str, str]]:
    return [(one.reason, one.why) for one in session.scalars(select(Handoff))]


def test_a_day_is_enough_for_a_promise_about_what_is_late(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", due_on=DAY + timedelta(days=20))
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay Friday", day=FRIDAY) == (
        "I'll record that you'll pay £125.00 for invoice INV-1 by 20 March 2026. Until then we send no reminders for it."
    )
    assert promises(session) == []
    done = talk.agrees()
    assert done.says == (
        "I've recorded that you'll pay £125.00 for invoice INV-1 by 20 March 2026. Until then we send no reminders for "
        "that amount."
    )
    assert not done.is_refused
    assert promises(session) == [("125.00 GBP", FRIDAY, "open")]


def test_agreeing_twice_records_one_promise_even_after_the_money_came(
    session: Session, talk: Talk, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay Friday")
    first = talk.agrees()
    a_payment(session, invoice, 12_500)
    session.commit()
    assert talk.agrees() == first
    assert len(promises(session)) == 1


@pytest.mark.parametrize(("words", "language", "amount", "on"), [
    ("We'll pay 50 pounds on Friday", "en", "50.00 GBP", "2026-03-20"),
    ("we'll pay 50 on Friday", "en", "50.00 GBP", "2026-03-20"),
    ("we betalen vrijdag 50", "nl", "50.00 GBP", "2026-03-20"),
    ("Wir zahlen 50,00 GBP am 25. März", "de", "50.00 GBP", "2026-03-25"),
    ("je paierai 50 GBP le 20 mars", "fr", "50.00 GBP", "2026-03-20"),
    ("end of the week", "en", "125.00 GBP", "2026-03-20"),
    ("tomorrow", "en", "125.00 GBP", "2026-03-17"),
    ("I can pay half on Friday", "en", "62.50 GBP", "2026-03-20"),
])  # fmt: skip
def test_the_day_and_the_amount_are_read_from_the_words(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str, language: str, amount: str, on: str
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk = Talk(store, seller, customer, language)
    talk.says("promise_to_pay", words)
    assert talk.offered["promised_on"] == on
    talk.agrees()
    assert promises(session) == [(amount, on, "open")]


@pytest.mark.parametrize(("words", "language", "amount"), [
    ("One box (12 GBP) was broken, the rest we pay on Friday", "en", "113.00 GBP"),
    ("Er was een doos kapot van 12 GBP, de rest betalen we vrijdag", "nl", "113.00 GBP"),
    ("Une boîte à 12 GBP était cassée, le reste nous payons vendredi", "fr", "113.00 GBP"),
    ("We pay 12 GBP on Friday, the rest was broken", "en", "12.00 GBP"),
])  # fmt: skip
def test_what_was_wrong_is_not_what_they_pay(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str, language: str, amount: str
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk = Talk(store, seller, customer, language)
    wishes = meaning(understand(words), ["dispute_invoice", "promise_to_pay"])
    talk.says("promise_to_pay", words, understood=wishes)
    talk.agrees()
    assert promises(session) == [(amount, FRIDAY, "open")]


@pytest.mark.parametrize("argument", ["2026-03-27", "2026-05-01", "2026-03-16", "nonsense"])
def test_a_models_own_day_is_never_taken(session: Session, talk: Talk, customer: Customer, argument: str) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay Friday", day=argument, amount="9.99 GBP")
    assert (talk.offered["promised_on"], talk.offered["amount"]["minor"]) == (FRIDAY, 12_500)
    assert "By which day will you pay?" in Talk(talk.store, talk.seller, talk.customer).says(
        "promise_to_pay", "I'll pay soon", day=argument, amount="9.99 GBP"
    )


def test_without_a_day_it_is_asked_and_the_next_message_supplies_it(
    session: Session, talk: Talk, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", due_on=LATE)
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay INV-2 soon, promised", numbers=["INV-2"]) == (
        "Thank you for letting us know. By which day will you pay?"
    )
    assert talk.offered == {}
    assert "£125.00 for invoice INV-2 by 20 March 2026" in talk.says("promise_to_pay", "Friday")


def test_of_two_days_it_is_asked_which(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay on 20 March or on 24 March", day=FRIDAY) == (
        "By which day will you pay: 20 March 2026 or 24 March 2026?"
    )


def test_what_is_put_right_wins_and_the_rest_stays(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay INV-1 and INV-2 on Friday", numbers=["INV-1", "INV-2"])
    talk.says("promise_to_pay", "no, make it 24 March", numbers=["INV-1"])
    assert (talk.offered["promised_on"], talk.offered["numbers"]) == ("2026-03-24", ["INV-1", "INV-2"])
    talk.says("promise_to_pay", "only 100 pounds")
    assert (talk.offered["promised_on"], talk.offered["amount"]["minor"]) == ("2026-03-24", 10_000)
    talk.says("promise_to_pay", "sorry, just INV-2", numbers=["INV-2"])
    assert (talk.offered["numbers"], talk.offered["amount"]["minor"]) == (["INV-2"], 10_000)


def test_not_friday_but_another_day_is_the_other_day(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay on 20 March")
    talk.says("promise_to_pay", "not 20 March but 24 March", day="2026-03-20")
    assert talk.offered["promised_on"] == "2026-03-24"


def test_several_invoices_are_named_one_by_one(session: Session, talk: Talk, customer: Customer) -> None:
    for at in range(10):
        an_invoice(session, customer, f"INV-{at + 10}", due_on=LATE + timedelta(days=at))
    session.commit()
    said = talk.says("promise_to_pay", "I'll pay Friday").splitlines()
    assert said[0] == "I'll record that you'll pay £1,250.00 by 20 March 2026, for these invoices:"
    assert said[1] == "• INV-10: £125.00"
    assert said[9] == "• and 2 more, together £250.00"
    assert said[-1] == "Until then we send no reminders for it."
    assert talk.agrees().says.startswith("I've recorded that you'll pay £1,250.00 by 20 March 2026, for 10 invoices.")


def test_the_exact_amount_of_one_invoice_means_that_one(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", total_minor=9_950, due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "You'll have the £99.50 on Friday")
    assert talk.offered["numbers"] == ["INV-2"]


def test_what_is_objected_to_stays_out_of_it(session: Session, talk: Talk, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=LATE)
    a_dispute(session, invoice, 2_500)
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay Friday") == (
        "I'll record that you'll pay £100.00 for invoice INV-1 by 20 March 2026. Until then we send no reminders for it. "
        "The £25.00 you object to stays out of it."
    )


def test_more_than_is_open_is_said_and_asked_again(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay £500 on Friday").startswith(
        "£500.00 is more than the £125.00 that is open and undisputed there."
    )
    assert talk.offered == {}
    talk.says("promise_to_pay", "£100 then")
    assert (talk.offered["amount"]["minor"], talk.offered["promised_on"]) == (10_000, FRIDAY)


@pytest.mark.parametrize(("paid", "disputed", "words", "expected"), [
    (12_500, 0, "I'll pay Friday", "Nothing is open on your account that would have to be paid."),
    (12_500, 0, "I'll pay INV-1 on Friday", "Nothing is open on invoice INV-1, so there is nothing to pay."),
    (0, 12_500, "I'll pay Friday", "All that is open there, £125.00, is what you object to; it does not have to be paid "
     "while we look at it."),
])  # fmt: skip
def test_where_nothing_is_to_be_paid_that_is_said(
    session: Session, talk: Talk, customer: Customer, paid: int, disputed: int, words: str, expected: str
) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=LATE, paid_minor=paid)
    if disputed:
        a_dispute(session, invoice, disputed)
    session.commit()
    assert talk.says("promise_to_pay", words) == expected


@pytest.mark.parametrize("number", ["INV-7777", "INV-1"])
def test_somebody_elses_invoice_sounds_like_none(
    session: Session, talk: Talk, seller: Seller, customer: Customer, number: str
) -> None:
    an_invoice(session, a_customer(session, seller, "C2"), "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", due_on=LATE)
    session.commit()
    assert talk.says("promise_to_pay", f"I'll pay {number} on Friday", numbers=[number]).startswith(
        "I can't find that number"
    )


def test_a_day_gone_by_is_asked_again(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    assert talk.says("promise_to_pay", "I'll pay by 2 March 2026") == (
        "2 March 2026 has gone by already. By which day will you pay?"
    )


def test_too_late_a_day_gets_the_last_that_may_be_and_whoever_insists_a_person(
    session: Session, talk: Talk, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    said = talk.says("promise_to_pay", "I'll pay on 1 May")
    assert said.startswith(
        "1 May 2026 is further away than I may agree to; 30 March 2026 is the last day I can record. If you need longer, "
        "ask for a colleague. I'll record that you'll pay £125.00 for invoice INV-1 by 30 March 2026."
    )
    assert handoffs(session) == []
    assert talk.says("promise_to_pay", "no, it will be 2 May").startswith(
        "2 May 2026 is further away than I may agree to."
    )
    assert talk.offered == {}
    assert handoffs(session) == [("beyond_authority", "would pay 125.00 GBP for INV-1 by 2026-05-02")]


def test_the_last_day_that_may_be_can_be_agreed_to(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay on 1 May")
    assert not talk.agrees().is_refused
    assert promises(session) == [("125.00 GBP", "2026-03-30", "open")]


def test_a_day_agreed_too_often_goes_to_a_person(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    for day in ("18 March", "19 March"):
        talk.says("promise_to_pay", f"I'll pay on {day}")
        talk.agrees()
        talk.before = type(talk.before)()
    assert talk.says("promise_to_pay", "I'll pay on 20 March").startswith("Another day has been agreed for this")
    assert talk.offered == {}
    (reason, why) = handoffs(session)[0]
    assert (reason, "2026-03-20" in why) == ("beyond_authority", True)


def test_another_promise_takes_the_place_of_the_first_and_says_so(
    session: Session, talk: Talk, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay on 18 March")
    talk.agrees()
    talk.before = type(talk.before)()
    assert talk.says("promise_to_pay", "I'll pay on 18 March").startswith("That is what I have recorded")
    assert "It takes the place of the £125.00 you announced for 18 March 2026." in talk.says(
        "promise_to_pay", "I'll pay on 20 March"
    )
    talk.agrees()
    assert [state for _, _, state in promises(session)] == ["replaced", "open"]


@pytest.mark.parametrize(("paid", "says"), [
    (12_500, "Nothing is open and undisputed there any more, so I've recorded nothing and there is nothing to pay."),
    (5_000, "Less is open there than a moment ago, so I've recorded nothing."),
])  # fmt: skip
def test_what_was_paid_meanwhile_is_not_promised(
    session: Session, talk: Talk, customer: Customer, paid: int, says: str
) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay Friday")
    a_payment(session, invoice, paid)
    session.commit()
    done = talk.agrees()
    assert done.is_refused
    assert done.says.startswith(says)
    assert promises(session) == []


def test_a_day_that_went_by_before_the_answer_is_not_recorded(
    session: Session, talk: Talk, customer: Customer, clock: MovableClock
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay tomorrow")
    clock.move(timedelta(days=3))
    assert talk.agrees().is_refused
    assert promises(session) == []


def test_half_now_and_the_rest_later_is_offered_as_two_parts(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", total_minor=12_501, due_on=LATE)
    session.commit()
    said = talk.says("promise_to_pay", "half now and the rest at the end of the month")
    assert said.splitlines()[:3] == [
        "I'll record a payment plan for the £125.01 open on invoice INV-1, in these parts:",
        "• 16 March 2026: £62.51",
        "• 31 March 2026: £62.50",
    ]
    talk.agrees()
    plan = session.scalars(select(PaymentPlan)).one()
    assert [(part.due_on, part.amount_minor) for part in plan.parts] == [(DAY, 6_251), (date(2026, 3, 31), 6_250)]
    assert session.scalar(select(func.count()).select_from(Promise)) == 0


def test_an_amount_in_each_part_is_kept(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "£25 on 20 March and the rest on 30 March")
    assert [one["amount"]["minor"] for one in talk.offered["schedule"]] == [2_500, 10_000]


@pytest.mark.parametrize("words", ["Forget the promise I made", "Please withdraw my promise"])
def test_taking_a_promise_back_is_left_to_a_person(
    session: Session, talk: Talk, customer: Customer, words: str
) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    session.commit()
    talk.says("promise_to_pay", "I'll pay Friday")
    talk.agrees()
    talk.before = type(talk.before)()
    assert talk.says("promise_to_pay", words).startswith(
        "I can't take back myself that you'll pay £125.00 by 20 March 2026."
    )
    assert handoffs(session)[0][0] == "cannot"
    assert promises(session)[0][2] == "open"


def test_amounts_in_another_currency_are_another_matter(session: Session, talk: Talk, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=LATE)
    an_invoice(session, customer, "INV-2", due_on=LATE, currency="EUR")
    session.commit()
    assert "It is only about what is open in GBP." in talk.says("promise_to_pay", "I'll pay everything on Friday")
    assert talk.offered["numbers"] == ["INV-1"]
    talk.before = type(talk.before)()
    talk.says("promise_to_pay", "I'll pay the euros, 125 EUR, on Friday")
    assert talk.offered["numbers"] == ["INV-2"]
