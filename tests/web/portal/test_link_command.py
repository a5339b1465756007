"""`parley link`: what it prints opens the pages, and what it refuses says why."""

import pytest
from sqlalchemy.orm import Session

from app.cli.link import NoAddressOfOurOwn, SeveralCustomers, new_link
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.web.portal.visits import PLATE, a_stage, open_portal


@pytest.mark.parametrize(
    ("what", "where"),
    [({}, "/my"), ({"invoice": "INV-A1"}, "/my/invoices/INV-A1"), ({"order": "SO-A1"}, "/my/orders/SO-A1")],
)
def test_it_opens_what_was_asked_for(store: Store, session: Session, what: dict[str, str], where: str) -> None:
    a_stage(session)
    url = new_link("C-A", PLATE, store=store, **what)  # type: ignore[arg-type]
    answer = open_portal(store).get(url.removeprefix("https://parley.example"))
    assert answer.headers["location"] == where


def test_it_says_why_not(store: Store, session: Session) -> None:
    a_stage(session)
    a_customer(session, a_seller(session, "other"), "C-A")
    session.commit()
    with pytest.raises(NoAddressOfOurOwn):
        new_link("C-A", Doorplate("key"), store=store)
    with pytest.raises(SeveralCustomers):
        new_link("C-A", PLATE, store=store)
    with pytest.raises(NotFound, match="There is no customer C-404 here"):
        new_link("C-404", PLATE, store=store)
    with pytest.raises(Refused, match="one invoice or one order"):
        new_link("C-A", PLATE, store=store, seller="vandijk", invoice="INV-A1", order="SO-A1")
