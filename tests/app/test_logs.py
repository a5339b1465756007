"""Nothing that says who somebody is gets into the logs in full, whatever a line is made of."""

import io
import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.logs import MaskingFormatter, without_addresses
from o2c_core.store.store import Store


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("mail to sophie@dewael.example bounced", "mail to s•••@dewael.example bounced"),
        ("from Jan.O'Neil+x@mail.firm.example", "from J•••@mail.firm.example"),
        ("text to +31612345678", "text to +316••••••78"),
        ("called +31 6 1234 5678 and 06-12345678", "called +316••••••78 and 0612••••78"),
        ("called 0031 (0)6 12345678.", "called 0031••••••••78."),
        ("paid with 4111 1111 1111 1111", "paid with •••• 1111"),
        ("reminder queued invoice=INV-2026-0042 rung=late", "reminder queued invoice=INV-2026-0042 rung=late"),
        ("message=01a20472-090e-77fb-a810-333aea3c3b8d took=12.5", "message=01a20472-090e-77fb-a810-333aea3c3b8d took=12.5"),
        ("message=01920472-0911-7312-8810-333123403081", "message=01920472-0911-7312-8810-333123403081"),
        ("on 2026-03-16 at 09:30:12.123456, seed=0123", "on 2026-03-16 at 09:30:12.123456, seed=0123"),
        ("iban NL91ABNA0417164300", "iban NL91ABNA0417164300"),
    ],
)  # fmt: skip
def test_addresses_and_cards_are_masked_and_ids_stay(line: str, written: str) -> None:
    assert without_addresses(line) == written
    assert without_addresses(written) == written


def test_a_line_its_values_and_a_traceback_are_masked_alike() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(MaskingFormatter("%(asctime)s %(name)s %(message)s"))
    log = logging.Logger("parley.test")
    log.addHandler(handler)
    try:
        raise ValueError("4111111111111111 of sophie@dewael.example")
    except ValueError:
        log.exception("not sent to=%s card=%d", "+31612345678", 5555555555554444)
    for secret in ("4111111111111111", "sophie", "5555555555554444", "612345678"):
        assert secret not in out.getvalue()
    assert "to=+316••••••78 card=•••• 4444" in out.getvalue()
    assert "ValueError: •••• 1111 of s•••@dewael.example" in out.getvalue()


def test_a_statement_that_fails_does_not_say_what_it_was_given(store: Store) -> None:
    with store.session() as session, pytest.raises(DBAPIError) as failed:
        session.execute(text("SELECT CAST(:name AS text), 1 / :none"), {"name": "Zebedee Quux", "none": 0})
    assert "Quux" not in str(failed.value)
    assert "hidden" in str(failed.value)
