"""Small rules of orders, cases, customers and messages."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.complaint import answer_day
from o2c_core.cases.dispute import undisputed
from o2c_core.conversations.message import DELIVERY, may_move
from o2c_core.customers.contact import NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.customer import locale_for
from o2c_core.errors import Refused
from o2c_core.money import Money
from o2c_core.orders.order import state_of
from o2c_core.orders.shipment import Shipment, days_delayed


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([], "ordered"),
        (["ordered", "confirmed"], "ordered"),
        (["confirmed", "confirmed"], "confirmed"),
        (["shipped", "confirmed"], "part_shipped"),
        (["shipped", "shipped"], "shipped"),
        (["shipped", "cancelled"], "shipped"),
        (["delivered", "shipped"], "part_delivered"),
        (["delivered", "returned"], "delivered"),
        (["cancelled", "cancelled"], "cancelled"),
        (["cancelled", "returned"], "returned"),
    ],
)
def test_an_order_is_where_its_lines_are(lines: list[str], state: str) -> None:
    assert state_of(lines) == state


@pytest.mark.parametrize(
    ("expected", "delivered", "days"),
    [
        (None, None, 0),
        ("2026-03-16", None, 0),
        ("2026-03-13", None, 3),
        ("2026-03-13", "2026-03-14", 1),
        ("2026-03-20", None, 0),
    ],
)
def test_a_shipment_is_late_from_the_day_after_it_was_expected(
    expected: str | None, delivered: str | None, days: int
) -> None:
    shipment = Shipment(
        expected_on=date.fromisoformat(expected) if expected else None,
        delivered_on=date.fromisoformat(delivered) if delivered else None,
    )
    assert days_delayed(shipment, date(2026, 3, 16)) == days


@pytest.mark.parametrize(
    ("opened", "answered"), [("2026-03-16", "2026-03-18"), ("2026-03-19", "2026-03-23"), ("2026-03-21", "2026-03-24")]
)
def test_a_complaint_is_answered_within_two_working_days(opened: str, answered: str) -> None:
    assert answer_day(date.fromisoformat(opened)) == date.fromisoformat(answered)


@pytest.mark.parametrize(("open_", "disputed", "left"), [(100, 0, 100), (100, 40, 60), (100, 100, 0), (60, 100, 0)])
def test_what_is_not_disputed_stays_due(open_: int, disputed: int, left: int) -> None:
    assert undisputed(Money(open_, "EUR"), Money(disputed, "EUR")) == Money(left, "EUR")


@pytest.mark.parametrize(
    ("language", "country", "locale"),
    [
        ("nl", "NL", "nl_NL"),
        ("nl", "BE", "nl_BE"),
        ("en", "NL", "en_GB"),
        ("nl", "DK", "nl_NL"),
        ("fr", "BE", "fr_BE"),
        ("en", "IE", "en_IE"),
        ("de", "XX", "de_DE"),
    ],
)
def test_figures_are_written_for_a_language_in_a_country(language: str, country: str, locale: str) -> None:
    assert locale_for(language, country) == locale


@pytest.mark.parametrize(
    ("text", "tidy"), [(" A.Jansen@Example.NL ", "a.jansen@example.nl"), ("x+y@a.b.example", "x+y@a.b.example")]
)
def test_an_email_address_is_kept_in_one_way(text: str, tidy: str) -> None:
    assert tidy_email(text) == tidy


@pytest.mark.parametrize("text", ["", "jansen", "@x.nl", "a@b", "a b@x.nl", "a@x.nl\x00", "a@."])
def test_what_is_no_email_address_is_refused(text: str) -> None:
    with pytest.raises(NotAnAddress):
        tidy_email(text)


@pytest.mark.parametrize(
    ("text", "country", "tidy"), [("06 12345678", "NL", "+31612345678"), ("+44 20 7946 0958", "NL", "+442079460958")]
)
def test_a_phone_number_is_read_as_dialled_there(text: str, country: str, tidy: str) -> None:
    assert tidy_phone(text, country) == tidy


@pytest.mark.parametrize("text", ["123", "phone", "+31 6 1", ""])
def test_a_number_that_cannot_exist_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        tidy_phone(text, "NL")


@given(st.lists(st.sampled_from(sorted(DELIVERY)), max_size=12))
def test_delivery_never_runs_backwards_from_an_end(wishes: list[str]) -> None:
    now, been = "queued", ["queued"]
    for wish in wishes:
        if may_move(now, wish):
            now = wish
            been.append(now)
    for end in ("failed", "withdrawn"):
        assert end not in been or been[-1] == end
    # Mail can come back after it was delivered; nothing else happens to it then.
    assert "delivered" not in been or been[been.index("delivered") + 1 :] in ([], ["failed"])
    sent = been.index("sent") if "sent" in been else len(been)
    assert "queued" not in been[sent:]
    assert "sending" not in been[sent:]
