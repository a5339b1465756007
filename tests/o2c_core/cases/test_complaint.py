"""How soon a complaint is answered."""

from datetime import date

import pytest

from o2c_core.cases.complaint import NoSuchCategory, answer_by, check_kind

FRIDAY = date(2026, 3, 20)


@pytest.mark.parametrize(("severity", "day"), [
    ("critical", "2026-03-23"), ("high", "2026-03-23"), ("normal", "2026-03-24"), ("low", "2026-03-27"),
])  # fmt: skip
def test_the_worse_it_is_the_sooner_it_is_answered_in_working_days(severity: str, day: str) -> None:
    assert answer_by(severity, FRIDAY) == date.fromisoformat(day)


@pytest.mark.parametrize(("category", "severity"), [("rudeness", "normal"), ("staff", "urgent"), ("", "low")])
def test_a_complaint_has_a_category_and_a_severity_of_the_list(category: str, severity: str) -> None:
    check_kind("staff", "high")
    with pytest.raises(NoSuchCategory):
        check_kind(category, severity)
