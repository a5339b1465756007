"""Pages as pictures; apart from the other browser tests, because it opens a browser of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from o2c_core.store.store import Store
from tests.browser.site import application, served
from tests.build import a_customer, a_seller, an_invoice
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE
from web.screenshots import Sight, take


@dataclass(frozen=True)
class APage:
    """A page to be looked at."""

    name: str
    path: str


def test_pages_are_taken_wide_and_narrow_and_light_and_dark_by_whoever_is_signed_in(
    own_store: Store, tmp_path: Path
) -> None:
    with own_store.session() as session:
        an_invoice(session, a_customer(session, a_seller(session)))
        session.commit()
    pages = (APage("conversation", "/"), APage("ledger", "/ledger"))
    told: list[str] = []

    def before(sight: Sight) -> None:
        told.append(sight.name)

    with served(application(own_store)) as address:
        cookies = {COOKIE: key_of_somebody(own_store, "agent")}
        taken = take(address, tmp_path / "pictures", pages, cookies=cookies, before=before)
    assert [path.stem for path in taken] == [
        f"{name}-{width}-{scheme}"
        for width in (1280, 390) for scheme in ("light", "dark") for name in ("conversation", "ledger")
    ]  # fmt: skip
    assert told == ["conversation", "ledger"] * 4
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)


@pytest.mark.parametrize("name", ["inbox-1280-light", "finance-1280-light", "my-invoice-390-light", "pay-390-light"])
def test_the_readme_shows_pages_that_are_taken(name: str) -> None:
    from app.every_page import DESK, MONEY
    from app.pictures import SHOWN

    assert name in SHOWN
    assert name.rsplit("-", 2)[0] in {*DESK, *MONEY, "pay"}
