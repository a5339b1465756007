"""A hold holds from its first day to its last, and no longer than may be."""

import re
from datetime import date, timedelta

import pytest

from o2c_core.cases.hold import HeldTooLong, Hold, HoldNeedsAnEnd, check_hold
from o2c_core.errors import Refused

DAY = date(2026, 3, 16)


@pytest.mark.parametrize("line", [
    "from  0  until  3  ended -   on -1  coming",
    "from  0  until  3  ended -   on  0  running",
    "from  0  until  3  ended -   on  3  running",
    "from  0  until  3  ended -   on  4  ended",
    "from  0  until  3  ended 2   on  1  running",
    "from  0  until  3  ended 2   on  2  ended",
    "from  2  until  3  ended 1   on  1  ended",
    "from  0  until  0  ended -   on  0  running",
])  # fmt: skip
def test_a_hold_is_running_up_to_and_including_its_last_day(line: str) -> None:
    found = re.fullmatch(r"from +(\S+) +until +(\S+) +ended +(\S+) +on +(\S+) +(.+)", line)
    assert found
    start, until, ended, on, stands = found.groups()
    hold = Hold(
        from_on=DAY + timedelta(days=int(start)),
        until_on=DAY + timedelta(days=int(until)),
        ended_on=None if ended == "-" else DAY + timedelta(days=int(ended)),
    )
    today = DAY + timedelta(days=int(on))
    assert hold.stands(today) == stands
    assert hold.is_running(today) == (stands == "running")


@pytest.mark.parametrize(("change", "odd"), [
    ({}, None),
    ({"until_on": DAY}, None),
    ({"until_on": DAY + timedelta(days=14)}, None),
    ({"until_on": DAY + timedelta(days=15)}, HeldTooLong),
    ({"until_on": DAY - timedelta(days=1)}, HoldNeedsAnEnd),
    ({"from_on": DAY + timedelta(days=9)}, HoldNeedsAnEnd),
    ({"kind": "everything"}, HoldNeedsAnEnd),
    ({"reason": " "}, HoldNeedsAnEnd),
    ({"owner": ""}, HoldNeedsAnEnd),
])  # fmt: skip
def test_a_hold_has_a_kind_a_reason_an_owner_and_an_end(change: dict[str, object], odd: type[Refused] | None) -> None:
    said: dict[str, object] = {
        "kind": "reminders",
        "reason": "Moving house",
        "owner": "Noor",
        "from_on": DAY,
        "until_on": DAY + timedelta(days=7),
    }
    if odd is None:
        check_hold(**(said | change), today=DAY, days_max=14)  # type: ignore[arg-type]
        return
    with pytest.raises(odd):
        check_hold(**(said | change), today=DAY, days_max=14)  # type: ignore[arg-type]
