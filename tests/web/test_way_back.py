"""After signing in people go where they were going, and never out of the house."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.desk.way_back import HOME, way_back

HERE = "https://parley.example/sign-in"


@pytest.mark.parametrize(
    "path", ["/ledger", "/ledger/customers/C1?seller=vandijk&on=2026-03-16", "/reminders/ahead#later", "/a%2F%2Fb"]
)
def test_a_page_of_ours_is_gone_back_to(path: str) -> None:
    assert way_back(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "//evil.example", "///evil.example", "https://evil.example", "http:evil.example", "javascript:alert(1)",
        "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example", "/ledger\r\nX: y",
        "evil.example", "data:text/html,x", "/sign-in?next=/sign-in", "/sign-out", "/" + "a" * 3_000, "/\u2028/x", "/\x00",
        "//[bad", "/é",
    ],
)  # fmt: skip
def test_anything_else_leads_to_the_inbox(path: str) -> None:
    assert way_back(path) == HOME


@given(
    st.text(alphabet=st.sampled_from("/\\.:@?#%\t\n\r ae[]"), max_size=12).map(lambda rest: "/" + rest)
    | st.text(max_size=30)
)
def test_nothing_that_is_asked_for_leads_out(path: str) -> None:
    there = way_back(path)
    # What a browser makes of it: tabs and line ends are left out, a backslash is a slash.
    read = "".join(letter for letter in there if letter not in "\t\n\r").replace("\\", "/").strip()
    assert urlsplit(urljoin(HERE, read))[:2] == ("https", "parley.example")
