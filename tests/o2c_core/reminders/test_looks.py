"""When a customer has to be looked at again: never too late, and not every day where nothing can have changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.claim import Claim, about_claims
from o2c_core.reminders.decisions import QUIET
from o2c_core.reminders.ladder import STANDARD, Ladder, Rung, Used
from o2c_core.reminders.looks import next_look
from o2c_core.reminders.may_contact import Yes
from tests.o2c_core.reminders.personal import INVOICE

ON = date(2026, 3, 16)
CLAIM = Claim(INVOICE, "INV-1", ON, 12_000, 12_000)
CLOSE = Ladder("close", (Rung("a", -1, says_late=False, tone="courtesy"), Rung("b", 2), Rung("c", 3), Rung("d", 9)))

claims = st.builds(
    lambda due, ladder, used, open_minor, plan: replace(
        CLAIM,
        due_on=ON + timedelta(days=due),
        ladder=ladder,
        used={
            ladder.rungs[at % len(ladder.rungs)].name: Used(ON - timedelta(days=ago), days) for at, ago, days in used
        },
        open_minor=open_minor,
        plan_until=ON + timedelta(days=plan) if plan is not None else None,
        plan_part_on=ON + timedelta(days=plan) if plan is not None else None,
    ),
    st.integers(-60, 60),
    st.sampled_from((STANDARD, CLOSE)),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 20), st.integers(-3, 30)), max_size=3),
    st.sampled_from((0, 50, 12_000)),
    st.none() | st.integers(0, 20),
)


@given(st.lists(claims, min_size=1, max_size=4))
def test_until_then_nothing_but_what_takes_its_course_is_answered(of_customer: list[Claim]) -> None:
    look = next_look(of_customer, about_claims(of_customer, "EUR", ON), ON)
    assert look is None or look > ON
    ends = look or ON + timedelta(days=90)
    for after in range(1, (ends - ON).days):
        answers = about_claims(of_customer, "EUR", ON + timedelta(days=after))
        assert not any(isinstance(answer, Yes) or answer.reason not in QUIET for answer in answers), after


# What is answered on the day, and in how many days somebody looks again.
@pytest.mark.parametrize(("fields", "days"), [
    ({"due_on": ON + timedelta(days=20)}, 17),                                    # the courtesy is three days before
    ({"due_on": ON - timedelta(days=7), "used": {"first": Used(ON, 7)}}, 7),      # the second step
    ({"due_on": ON - timedelta(days=40), "used": {"last": Used(ON, 30)}}, None),  # after the last there is none
    ({"open_minor": 0, "due_on": ON - timedelta(days=40)}, None),
    ({"due_on": ON - timedelta(days=7)}, 1),                                      # it goes out
    ({"due_on": ON - timedelta(days=7), "disputed_minor": 12_000}, 1),            # people decide
    ({"due_on": ON - timedelta(days=40), "used": {"last": Used(ON, 30)}, "plan": "PL-1"}, 1),
])  # fmt: skip
def test_it_is_the_day_of_the_next_step(fields: dict[str, object], days: int | None) -> None:
    claim = replace(CLAIM, **fields)  # type: ignore[arg-type]
    look = next_look([claim], about_claims([claim], "EUR", ON), ON)
    assert look == (ON + timedelta(days=days) if days is not None else None)
