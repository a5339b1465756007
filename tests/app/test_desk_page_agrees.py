"""The page about the desk publishes the rights that are computed with."""

from __future__ import annotations

from pathlib import Path

from o2c_core.staff.rights import RIGHTS
from o2c_core.staff.user import ROLES

PAGE = Path(__file__).parents[2] / "docs" / "desk.md"


def test_the_published_table_of_rights_is_the_codes_own() -> None:
    part = PAGE.read_text().split("\n### Rights\n", 1)[1].split("\n### ", 1)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]
    assert rows[0] == ["right", *ROLES, "what it allows"]
    assert rows[2:] == [
        [f"`{name}`", *("yes" if role in right.roles else "–" for role in ROLES), right.says]
        for name, right in RIGHTS.items()
    ]
