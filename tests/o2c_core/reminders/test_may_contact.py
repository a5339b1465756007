"""Whether a customer may be reminded, and why not."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.money import Money
from o2c_core.reminders.contact_rules import contact_rules
from o2c_core.reminders.ladder import LADDER, Ladder, Rung, Used
from o2c_core.reminders.may_contact import (
    Claim,
    Facts,
    No,
    NotNow,
    Reason,
    Yes,
    closes_at,
    may_contact,
    may_write,
    waits,
)
from o2c_core.reminders.opening import Opening, opening_for

ON = date(2026, 3, 16)
CLAIM = Claim(uuid4(), "INV-1", ON - timedelta(days=7), total_minor=12_500, open_minor=12_500)
FACTS = Facts("EUR", (CLAIM,))
WEEK_AGO = ON - timedelta(days=7)
YESTERDAY, TOMORROW = ON - timedelta(days=1), ON + timedelta(days=1)
DAYS = {rung.name: rung.days for rung in LADDER}
NOW = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)  # noon in Amsterdam
SUNDAY = ON - timedelta(days=1)


def ago(hours: float = 0, minutes: float = 0) -> datetime:
    return NOW - timedelta(hours=hours, minutes=minutes)


def used(**steps: date) -> dict[str, Used]:
    return {name: Used(day, DAYS[name]) for name, day in steps.items()}


def opening(channel: str = "email") -> Opening:
    return opening_for("NL", None, channel, "+31612345678" if channel != "email" else None, ON)


CAP = contact_rules().cap_for("NL", ON)
THRICE = (ON - timedelta(days=6), ON - timedelta(days=3), ON - timedelta(days=1))
SPACED = Ladder("spaced", LADDER, spacing_days=5)
NOWHERE = Opening(opening().rules, (), "XX")

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
    (Reason.ALREADY_REMINDED, {"used": used(first=ON)}, {}),
    (Reason.ALREADY_REMINDED, {"used": used(due=WEEK_AGO, first=YESTERDAY)}, {}),
    (Reason.LADDER_DONE, {"due_on": ON - timedelta(days=40), "used": used(last=WEEK_AGO)}, {}),
    (Reason.ALREADY_REMINDED, {"due_on": ON - timedelta(days=40), "used": used(last=ON)}, {}),
    (Reason.WALK_IN, {}, {"is_walk_in": True}),
    (Reason.NO_ADDRESS, {}, {"reach": "none"}),
    (Reason.BOUNCED, {}, {"reach": "failed"}),
    (Reason.OPTED_OUT, {}, {"has_refused": True}),
    (Reason.OPTED_OUT, {}, {"has_refused": True, "reach": "failed", "agent_speaks": True}),
    (Reason.PAID, {"open_minor": 0}, {"has_refused": True}),
    (Reason.CONVERSATION_LIVE, {}, {"agent_speaks": True}),
    (Reason.MONEY_PENDING, {}, {"unapplied_minor": 12_500}),
    (Reason.MONEY_PENDING, {"open_minor": 4_000}, {"unapplied_minor": 5_000}),
    (Reason.UNANSWERED, {}, {"unanswered_at": ago(hours=71)}),
    (Reason.IN_FLIGHT, {"in_flight_until": ON}, {}),
    (Reason.IN_FLIGHT, {"in_flight_until": TOMORROW} | PROMISED, {}),
    (Reason.DISPUTED, {"in_flight_until": TOMORROW, "disputed_minor": 12_500}, {}),
    (Reason.DOCUMENT_PROBLEM, {"document_problem_since": WEEK_AGO}, {}),
    (Reason.OUR_DELAY, {"our_delay_until": ON}, {}),
    (Reason.OUR_DELAY, {"our_delay_until": ON, "waits_until": TOMORROW}, {}),
    (Reason.HABIT, {"waits_until": ON}, {}),
    (Reason.SKIPPED, {"skipped": {"first": YESTERDAY}}, {}),
    (Reason.WAITS_FOR_APPROVAL, {"is_drafted": True}, {}),
    (Reason.WAITS_FOR_APPROVAL, {"is_drafted": True, "used": used(first=ON)}, {}),
    (Reason.WAITS_FOR_APPROVAL, {}, {"has_draft": True}),
    (Reason.PAID, {"is_drafted": True, "open_minor": 0}, {"has_draft": True}),
    (Reason.BELOW_MINIMUM, {"ladder": Ladder("large only", (Rung("first", 7, minimum_major=Decimal(126)),))}, {}),
    (Reason.SPACING, {"ladder": SPACED}, {"reminded_on": (ON - timedelta(days=4),)}),
    (Reason.SPACING, {"ladder": SPACED}, {"reminded_on": (YESTERDAY,), "cap": CAP}),
    (Reason.PAUSED, {}, {"paused_until": ON}),
    (Reason.HELD_OUT, {}, {"is_held_out": True}),
    (Reason.OFTEN_ENOUGH, {}, {"cap": CAP, "reminded_on": THRICE}),
    (Reason.OFTEN_ENOUGH, {}, {"cap": CAP, "reminded_on": THRICE[1:], "more_today": 1}),
    (Reason.OFTEN_ENOUGH, {}, {"cap": CAP, "reminded_on": (ON, ON, ON)}),
    (Reason.AWAY, {}, {"back_on": ON + timedelta(days=1)}),
    (Reason.REST_DAY, {"due_on": SUNDAY - timedelta(days=7)}, {"opening": opening()}),
    (Reason.NO_HOURS, {}, {"opening": NOWHERE}),
    (Reason.WINDOW_CLOSED, {}, {"channel": "whatsapp"}),
    (Reason.WINDOW_CLOSED, {}, {"channel": "whatsapp", "whatsapp_at": ago(hours=24)}),
    # Who refused is told nothing else first, and an agent in conversation weighs more than the calendar.
    (Reason.OPTED_OUT, {}, {"has_refused": True, "cap": CAP, "reminded_on": THRICE, "unanswered_at": ago(hours=1)}),
    (Reason.CONVERSATION_LIVE, {}, {"agent_speaks": True, "back_on": ON + timedelta(days=1)}),
    # What is wrong with the invoice is said before what is wrong with writing.
    (Reason.PAID, {"open_minor": 0}, {"reach": "none", "agent_speaks": True}),
]


@pytest.mark.parametrize(
    ("reason", "claim", "facts"), CASES, ids=[f"{n} {case[0].value}" for n, case in enumerate(CASES)]
)
def test_a_customer_is_not_reminded_when(reason: Reason, claim: dict[str, Any], facts: dict[str, Any]) -> None:
    on = SUNDAY if reason is Reason.REST_DAY else ON
    (answer,) = may_contact(replace(FACTS, claims=(replace(CLAIM, **claim),), **facts), on, NOW)
    assert isinstance(answer, No | NotNow)
    assert answer.reason is reason
    assert "{" not in answer.sentence


def test_every_reason_of_planning_has_a_case() -> None:
    found_when_sending = {Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE}
    only_a_wait = {Reason.QUIET_HOURS, Reason.TALKING}
    found_when_nothing_can_be_worked_out = {Reason.UNREADABLE}
    others = found_when_sending | only_a_wait | found_when_nothing_can_be_worked_out
    assert {reason for reason, _, _ in CASES} == set(Reason) - others


@pytest.mark.parametrize(("claim", "facts", "asked"), [
    ({}, {}, 12_500),
    ({"open_minor": 4_000}, {}, 4_000),
    ({"disputed_minor": 4_500}, {}, 8_000),
    ({"open_minor": 100}, {}, 100),
    (PROMISED | {"promised_minor": 5_000}, {}, 7_500),
    (PROMISED | {"promised_minor": 5_000, "disputed_minor": 4_500}, {}, 3_000),
    ({}, {"unapplied_minor": 12_499}, 12_500),
    ({"used": used(due=WEEK_AGO)}, {}, 12_500),
    ({"in_flight_until": YESTERDAY, "our_delay_until": YESTERDAY, "waits_until": YESTERDAY}, {}, 12_500),
    ({"skipped": {"due": WEEK_AGO}}, {}, 12_500),
    ({}, {"paused_until": YESTERDAY}, 12_500),
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
    (answer,) = may_contact(replace(FACTS, claims=(replace(CLAIM, used=used(first=ON)),)), ON)
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


@pytest.mark.parametrize("facts", [
    {"unanswered_at": ago(hours=72)},
    {"cap": CAP, "reminded_on": THRICE[1:]},
    {"cap": CAP, "reminded_on": (ON - timedelta(days=7), *THRICE[1:])},
    {"back_on": ON},
    # An automatic mail cannot put anybody out of reach for years.
    {"back_on": ON + timedelta(days=400)},
    {"opening": opening()},
    {"channel": "sms", "opening": opening("sms")},
    {"channel": "whatsapp", "opening": opening("whatsapp"), "whatsapp_at": ago(hours=23)},
    {"cap": CAP, "reminded_on": THRICE[2:], "more_today": 1},
    # The day is good; the hour is another question.
    {"heard_at": NOW},
])  # fmt: skip
def test_a_customer_is_reminded_when_nothing_speaks_against_it(facts: dict[str, Any]) -> None:
    assert may_contact(replace(FACTS, **facts), ON, NOW) == (Yes(LADDER[2], Money(12_500, "EUR")),)


@pytest.mark.parametrize("reminded", [
    (ON - timedelta(days=5),),
    # Two currencies of one day go together.
    (ON,),
])  # fmt: skip
def test_reminders_keep_the_ladders_distance(reminded: tuple[date, ...]) -> None:
    spaced = replace(CLAIM, ladder=SPACED)
    assert isinstance(may_contact(replace(FACTS, claims=(spaced,), reminded_on=reminded), ON, NOW)[0], Yes)


BROKEN_CASES = [
    "day  8  broken  1  used first:7   earns nothing",
    "day  8  broken  8  used first:7   earns second",
    "day  8  broken  1  used first:8   earns nothing",
    "day  8  broken  -  used first:7   earns nothing",
    "day  8  broken  1  used -         earns first",
    "day 16  broken 15  used second:14 earns last",
    "day 40  broken 39  used last:30   earns nothing",
    "day  3  broken  2  used due:0     earns first",
    # Before it is late nothing is brought forward.
    "day -1  broken -2  used courtesy:-3 earns nothing",
]


@pytest.mark.parametrize("line", BROKEN_CASES)
def test_a_broken_promise_brings_the_next_step_at_once(line: str) -> None:
    found = re.fullmatch(r"day +(\S+) +broken +(\S+) +used (\S+) +earns (.+)", line)
    assert found
    day, broken, before, outcome = found.groups()
    due = ON - timedelta(days=int(day))
    steps = {}
    if before != "-":
        name, _, after = before.partition(":")
        steps[name] = Used(due + timedelta(days=int(after)), DAYS[name])
    claim = replace(
        CLAIM, due_on=due, used=steps, broken_on=None if broken == "-" else due + timedelta(days=int(broken))
    )
    (answer,) = may_contact(replace(FACTS, claims=(claim,)), ON)
    assert (answer.rung.name if isinstance(answer, Yes) else "nothing") == outcome


def test_a_broken_promise_brings_no_step_again_that_a_changed_ladder_has_moved() -> None:
    # "first" was used when it stood at day 7; it stands at day 10 now, and nobody hears it twice.
    ladder = Ladder("changed", (Rung("due", 0, says_late=False), Rung("first", 10), Rung("second", 20)), version=2)
    due = ON - timedelta(days=12)
    claim = replace(
        CLAIM,
        due_on=due,
        used={"first": Used(due + timedelta(days=7), 7)},
        broken_on=due + timedelta(days=11),
        ladder=ladder,
    )
    (answer,) = may_contact(replace(FACTS, claims=(claim,)), ON)
    assert isinstance(answer, Yes)
    assert answer.rung.name == "second"


def test_neither_habit_nor_our_delay_keeps_a_courtesy_back() -> None:
    claim = replace(CLAIM, due_on=ON + timedelta(days=3), waits_until=TOMORROW, our_delay_until=TOMORROW)
    assert may_contact(replace(FACTS, claims=(claim,)), ON) == (Yes(LADDER[0], Money(12_500, "EUR")),)


@pytest.mark.parametrize(("facts", "on", "until", "until_at"), [
    ({"cap": CAP, "reminded_on": THRICE}, ON, date(2026, 3, 17), datetime(2026, 3, 17, 7, tzinfo=UTC)),
    ({"cap": CAP, "reminded_on": (ON, ON, ON)}, ON, date(2026, 3, 23), datetime(2026, 3, 23, 7, tzinfo=UTC)),
    ({"back_on": date(2026, 3, 22)}, ON, date(2026, 3, 22), datetime(2026, 3, 23, 7, tzinfo=UTC)),
    ({}, SUNDAY, ON, datetime(2026, 3, 16, 7, tzinfo=UTC)),
    ({}, date(2026, 12, 25), date(2026, 12, 28), datetime(2026, 12, 28, 7, tzinfo=UTC)),
    ({"unanswered_at": ago(hours=1)}, ON, date(2026, 3, 19), NOW + timedelta(hours=71)),
])  # fmt: skip
def test_what_passes_by_itself_says_when(facts: dict[str, Any], on: date, until: date, until_at: datetime) -> None:
    claim = replace(CLAIM, due_on=on - timedelta(days=7))
    (answer,) = may_contact(replace(FACTS, claims=(claim,), opening=opening(), **facts), on, NOW)
    assert isinstance(answer, NotNow)
    assert (answer.until, answer.until_at) == (until, until_at)


REFUSED = {"has_refused": True, "refused_at": ago(hours=2)}


@pytest.mark.parametrize(("purpose", "facts", "reason"), [
    # After a stop the very thing somebody asks afterwards may be answered, and nothing else.
    ("answer", REFUSED | {"asked_at": ago(hours=1)}, None),
    ("answer", REFUSED | {"asked_at": ago(hours=2)}, Reason.OPTED_OUT),
    ("answer", REFUSED | {"asked_at": ago(hours=3)}, Reason.OPTED_OUT),
    ("answer", REFUSED, Reason.OPTED_OUT),
    ("answer", {"has_refused": True, "refused_at": ago(hours=30), "asked_at": ago(hours=25)}, Reason.OPTED_OUT),
    ("document", REFUSED | {"asked_at": ago(hours=1)}, None),
    ("notice", REFUSED, Reason.OPTED_OUT),
    ("reminder", REFUSED | {"asked_at": ago(hours=1)}, Reason.OPTED_OUT),
    ("answer", {"reach": "failed", "asked_at": ago(hours=1)}, Reason.BOUNCED),
    # What keeps money from being asked for keeps nothing else back.
    ("answer", {"agent_speaks": True, "back_on": ON + timedelta(days=9), "unanswered_at": ago(hours=1)}, None),
    ("document", {"agent_speaks": True, "cap": CAP, "reminded_on": THRICE}, None),
    # An answer on WhatsApp too only within the day.
    ("answer", {"channel": "whatsapp", "asked_at": ago(hours=25), "whatsapp_at": ago(hours=25)}, Reason.WINDOW_CLOSED),
    ("answer", {"channel": "whatsapp", "asked_at": ago(hours=23), "whatsapp_at": ago(hours=23)}, None),
    ("answer", {"channel": "chat", "has_refused": True}, None),
])  # fmt: skip
def test_other_messages_go_by_whether_they_were_asked_for(
    purpose: str, facts: dict[str, Any], reason: Reason | None
) -> None:
    against = may_write(Facts("EUR", purpose=purpose, **facts), ON, NOW)
    assert (against.reason if against else None) is reason


NIGHT = datetime(2026, 3, 16, 21, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 17, 7, 0, tzinfo=UTC)
NINE = datetime(2026, 3, 17, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(("purpose", "channel", "facts", "now", "reason", "until_at"), [
    ("reminder", "email", {}, NOW, None, None),
    ("reminder", "email", {}, NIGHT, Reason.QUIET_HOURS, MORNING),
    ("reminder", "sms", {}, NIGHT, Reason.QUIET_HOURS, NINE),
    ("notice", "email", {}, NIGHT, Reason.QUIET_HOURS, MORNING),
    # Mail lies still until it is opened; only what asks for something waits for the day.
    ("document", "email", {}, NIGHT, None, None),
    ("answer", "email", {}, NIGHT, None, None),
    # A phone sounds at night, unless they have just written themselves.
    ("answer", "sms", {}, NIGHT, Reason.QUIET_HOURS, NINE),
    ("answer", "sms", {"asked_at": NIGHT - timedelta(hours=25)}, NIGHT, Reason.QUIET_HOURS, NINE),
    ("answer", "sms", {"asked_at": NIGHT - timedelta(minutes=5)}, NIGHT, None, None),
    ("notice", "sms", {"asked_at": NIGHT - timedelta(minutes=5)}, NIGHT, None, None),
    ("reminder", "sms", {"asked_at": NIGHT - timedelta(minutes=5)}, NIGHT, Reason.QUIET_HOURS, NINE),
    # In conversation with the assistant: half an hour after their last word.
    ("reminder", "email", {"heard_at": ago(minutes=10)}, NOW, Reason.TALKING, NOW + timedelta(minutes=20)),
    ("reminder", "email", {"heard_at": ago(minutes=30)}, NOW, None, None),
    ("notice", "email", {"heard_at": ago(minutes=10)}, NOW, None, None),
    ("reminder", "email", {"heard_at": NIGHT}, NIGHT, Reason.QUIET_HOURS, MORNING),
    # Half an hour later is evening: the next morning.
    ("reminder", "email", {"heard_at": datetime(2026, 3, 16, 18, 45, tzinfo=UTC)},
     datetime(2026, 3, 16, 18, 50, tzinfo=UTC), Reason.TALKING, MORNING),
])  # fmt: skip
def test_what_may_go_waits_for_its_hour(
    purpose: str, channel: str, facts: dict[str, Any], now: datetime, reason: Reason | None, until_at: datetime | None
) -> None:
    about = Facts("EUR", purpose=purpose, channel=channel, opening=opening(channel), **facts)
    waiting = waits(about, now)
    assert (waiting.reason if waiting else None, waiting.until_at if waiting else None) == (reason, until_at)
    if waiting:
        assert "{" not in waiting.sentence
        assert waits(about, until_at or now) is None


def test_a_wait_says_its_moment() -> None:
    waiting = waits(Facts("EUR", opening=opening()), NIGHT)
    assert waiting
    assert waiting.sentence.endswith("it waits until 17 March 2026, 07:00 UTC.")


@pytest.mark.parametrize(("purpose", "channel", "facts", "end"), [
    ("reminder", "email", {}, datetime(2026, 3, 16, 19, tzinfo=UTC)),
    ("reminder", "sms", {}, datetime(2026, 3, 16, 19, tzinfo=UTC)),
    ("answer", "email", {}, None),
    ("answer", "sms", {"asked_at": ago(hours=1)}, NOW + timedelta(hours=23)),
    ("answer", "whatsapp", {"asked_at": ago(hours=1), "whatsapp_at": ago(hours=2)}, NOW + timedelta(hours=22)),
    ("reminder", "whatsapp", {"whatsapp_at": ago(hours=22)}, NOW + timedelta(hours=2)),
])  # fmt: skip
def test_what_leaves_must_have_left_before_its_hours_are_over(
    purpose: str, channel: str, facts: dict[str, Any], end: datetime | None
) -> None:
    assert closes_at(Facts("EUR", purpose=purpose, channel=channel, opening=opening(channel), **facts), NOW) == end


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
    used=st.dictionaries(st.sampled_from(list(DAYS)), st.dates(ON - timedelta(days=60), ON)).map(
        lambda days: used(**days)
    ),
)


@given(st.lists(claims, max_size=5), st.integers(0, 20_000))
def test_nothing_is_asked_for_that_is_not_open_and_undisputed(of_customer: list[Claim], unapplied: int) -> None:
    answers = may_contact(Facts("EUR", tuple(of_customer), unapplied_minor=unapplied), ON, NOW)
    for claim, answer in zip(of_customer, answers, strict=True):
        if isinstance(answer, Yes):
            assert 0 < answer.asked.minor <= claim.open_minor - claim.disputed_minor - claim.promised_minor
            assert answer.rung.name not in (claim.used or {})
            assert not claim.has_open_complaint
