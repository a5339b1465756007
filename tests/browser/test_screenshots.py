"""Every page as a picture; apart from the other browser tests, because it opens a browser of its own."""

from __future__ import annotations

from pathlib import Path

from o2c_core.store.store import Store
from tests.browser.site import application, served
from tests.build import a_customer, a_seller, an_invoice
from tests.web.letters import a_letter
from web.screenshots import take


def test_every_page_is_taken_as_a_picture_wide_and_narrow_and_light_and_dark(own_store: Store, tmp_path: Path) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session))
        a_letter(session, customer)
        an_invoice(session, customer)
        session.commit()
    with served(application(own_store)) as address:
        taken = take(address, tmp_path / "pictures", {"customer-again": "/ledger/customers/C1"})
    names = (
        "front", "conversation", "visitor", "conversations", "thread", "outbox", "letter", "tasks",
        "reminders", "reminders-ahead", "rules", "ledger", "customer", "money", "figures", "customer-again",
    )  # fmt: skip
    assert {path.stem for path in taken} == {
        f"{name}-{width}-{scheme}" for name in names for width in (1280, 390) for scheme in ("light", "dark")
    }
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in taken)
