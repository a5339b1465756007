"""Whether a customer may be reminded, and why not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.reminders.ladder import LADDER
from o2c_core.reminders.may_contact import Claim, Facts, No, NotNow, Reason, Yes, may_contact

ON = date(2026, 3, 16)
CLAIM = Claim(uuid4(), "INV-1", ON - timedelta(days=7), total_minor=12_500, open_minor=12_500)
FACTS = Facts("EUR", (CLAIM,))
WEEK_AGO = ON - timedelta(days=7)

HELD = {"held_until": ON + timedelta(days=3)}
PLANNED = {"plan_part_on": ON + timedelta(days=5), "plan_until": ON + timedelta(days=7)}
PROMISED = {
    "promised_minor": 12_500,
    "promised_on": ON + timedelta(days=4),
    "promised_until": ON + timedelta(days=6),
}

CASES: list[tuple[Reason, dict[str, Any], dict[str, Any]]] = [
    (Reason.PAID, {"open_minor": 0}, {}),
    (Reason.PAID, {"open_minor": -300}, {}),
    (Reason.CREDITED, {"open_minor": 0, "credited_minor": 12_500}, {}),
    (Reason.DISPUTED, {"disputed_minor": 12_500}, {}),
    (Reason.DISPUTED, {"open_minor": 4_000, "disputed_minor": 5_000}, {}),
    (Reason.BELOW_MINIMUM, {"open_minor": 99}, {}),
    (Reason.BELOW_MINIMUM, {"open_minor": 5_000, "disputed_minor": 4_950}, {}),
    (Reason.ON_HOLD, HELD, {}),
    (Reason.ON_HOLD, HELD | PLANNED | PROMISED | {"has_open_complaint": True}, {}),
    (Reason.PAID, HELD | PROMISED | {"open_minor": 0}, {}),
    (Reason.DISPUTED, HELD | PROMISED | {"disputed_minor": 12_500}, {}),
    (Reason.ON_PLAN, PLANNED, {}),
    (Reason.ON_PLAN, PLANNED | PROMISED, {}),
    (Reason.PROMISED, PROMISED, {}),
    # What was promised and what is disputed leave too little to write about: it is the promise we wait for.
    (Reason.PROMISED, PROMISED | {"promised_minor": 8_000, "disputed_minor": 4_450}, {}),
    (Reason.OPEN_COMPLAINT, {"has_open_complaint": True}, {}),
    (Reason.NOT_YET, {"due_on": ON + timedelta(days=4)}, {}),
    (Reason.ALREADY_REMINDED, {"used": {"first": ON}}, {}),
    (Reason.ALREADY_REMINDED, {"used": {"due": WEEK_AGO, "first": ON - timedelta(days=1)}}, {}),
    (Reason.LADDER_DONE, {"due_on": ON - timedelta(days=40), "used": {"last": WEEK_AGO}}, {}),
    (Reason.ALREADY_REMINDED, {"due_on": ON - timedelta(days=40), "used": {"last": ON}}, {}),
    (Reason.WALK_IN, {}, {"is_walk_in": True}),
    (Reason.NO_ADDRESS, {}, {"reach": "none"}),
    (Reason.BOUNCED, {}, {"reach": "failed"}),
    (Reason.OPTED_OUT, {}, {"has_refused": True}),
    (Reason.OPTED_OUT, {}, {"has_refused": True, "reach": "failed", "agent_speaks": True}),
    (Reason.PAID, {"open_minor": 0}, {"has_refused": True}),
    (Reason.CONVERSATION_LIVE, {}, {"agent_speaks": True}),
    (Reason.MONEY_PENDING, {}, {"unapplied_minor": 12_500}),
    (Reason.MONEY_PENDING, {"open_minor": 4_000}, {"unapplied_minor": 5_000}),
    # What is wrong with the invoice is said before what is wrong with writing.
    (Reason.PAID, {"open_minor": 0}, {"reach": "none", "agent_speaks": True}),
]


@pytest.mark.parametrize(
    ("reason", "claim", "facts"), CASES, ids=[f"{n} {case[0].value}" for n, case in enumerate(CASES)]
)
def test_a_customer_is_not_reminded_when(reason: Reason, claim: dict[str, Any], facts: dict[str, Any]) -> None:
    (answer,) = may_contact(replace(FACTS, claims=(replace(CLAIM, **claim),), **facts), ON)
    assert isinstance(answer, No | NotNow)
    assert answer.reason is reason
    assert "{" not in answer.sentence


def test_every_reason_of_planning_has_a_case() -> None:
    found_when_sending = {Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE}
    assert {reason for reason, _, _ in CASES} == set(Reason) - found_when_sending


@pytest.mark.parametrize(("claim", "facts", "asked"), [
    ({}, {}, 12_500),
    ({"open_minor": 4_000}, {}, 4_000),
    ({"disputed_minor": 4_500}, {}, 8_000),
    ({"open_minor": 100}, {}, 100),
    (PROMISED | {"promised_minor": 5_000}, {}, 7_500),
    (PROMISED | {"promised_minor": 5_000, "disputed_minor": 4_500}, {}, 3_000),
    ({}, {"unapplied_minor": 12_499}, 12_500),
    ({"used": {"due": WEEK_AGO}}, {}, 12_500),
])  # fmt: skip
def test_the_rest_is_asked_for(claim: dict[str, Any], facts: dict[str, Any], asked: int) -> None:
    answers = may_contact(replace(FACTS, claims=(replace(CLAIM, **claim),), **facts), ON)
    assert answers == (Yes(LADDER[2], Money(asked, "EUR")),)


def test_money_that_covers_one_invoice_but_not_the_message_holds_nothing_back() -> None:
    two = replace(FACTS, claims=(CLAIM, replace(CLAIM, number="INV-2")), unapplied_minor=12_500)
    assert all(isinstance(answer, Yes) for answer in may_contact(two, ON))
    covered = replace(two, unapplied_minor=25_000)
    assert [answer.reason for answer in may_contact(covered, ON) if isinstance(answer, NotNow)] == [
        Reason.MONEY_PENDING
    ] * 2


def test_the_reason_names_the_day() -> None:
    (answer,) = may_contact(replace(FACTS, claims=(replace(CLAIM, used={"first": ON}),)), ON)
    assert answer == NotNow(CLAIM.due_on + timedelta(days=14), Reason.ALREADY_REMINDED, ON)
    assert answer.sentence == "Already reminded at this step on 16 March 2026."


@pytest.mark.parametrize(("claim", "until", "sentence"), [
    (HELD, 4, "Reminders are on hold until 19 March 2026."),
    (PLANNED, 8, "It is paid by a payment plan; its next part is due on 21 March 2026."),
    (PROMISED, 7, "The customer promised to pay it by 20 March 2026."),
    # A plan that stays on track only because its late part is disputed is looked at again tomorrow.
    (PLANNED | {"plan_until": WEEK_AGO}, 1, "It is paid by a payment plan; its next part is due on 21 March 2026."),
])  # fmt: skip
def test_what_was_agreed_is_waited_for_up_to_its_last_day(claim: dict[str, Any], until: int, sentence: str) -> None:
    (answer,) = may_contact(replace(FACTS, claims=(replace(CLAIM, **claim),)), ON)
    assert isinstance(answer, NotNow)
    assert (answer.until, answer.sentence) == (ON + timedelta(days=until), sentence)


def test_the_minimum_is_one_unit_of_the_currency_also_where_there_are_no_cents() -> None:
    yen = replace(FACTS, currency="JPY", claims=(replace(CLAIM, open_minor=1, total_minor=1),))
    assert isinstance(may_contact(yen, ON)[0], Yes)


claims = st.builds(
    Claim,
    invoice_id=st.uuids(),
    number=st.just("INV-1"),
    due_on=st.dates(ON - timedelta(days=60), ON + timedelta(days=10)),
    total_minor=st.integers(0, 10_000),
    open_minor=st.integers(-100, 10_000),
    disputed_minor=st.integers(0, 10_000),
    promised_minor=st.integers(0, 10_000),
    promised_until=st.dates(ON, ON + timedelta(days=20)),
    has_open_complaint=st.booleans(),
    used=st.dictionaries(st.sampled_from([rung.name for rung in LADDER]), st.dates(ON - timedelta(days=60), ON)),
)


@given(st.lists(claims, max_size=5), st.integers(0, 20_000))
def test_nothing_is_asked_for_that_is_not_open_and_undisputed(of_customer: list[Claim], unapplied: int) -> None:
    answers = may_contact(Facts("EUR", tuple(of_customer), unapplied_minor=unapplied), ON)
    for claim, answer in zip(of_customer, answers, strict=True):
        if isinstance(answer, Yes):
            assert 0 < answer.asked.minor <= claim.open_minor - claim.disputed_minor - claim.promised_minor
            assert answer.rung.name not in (claim.used or {})
            assert not claim.has_open_complaint
