"""A company names the sites its chat may stand on as browsers do, and its colour."""

import pytest

from o2c_core.customers.chat_setting import ChatSetting, NotAnOrigin, chat_of, tidy_origin
from o2c_core.customers.seller_profile import SellerUnclear, read_profile

PROFILE = {"name": "V", "country": "NL", "currency": "EUR", "language": "nl", "time_zone": "Europe/Amsterdam"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.vandijk.example", "https://www.vandijk.example"),
        (" https://WWW.VanDijk.example/ ", "https://www.vandijk.example"),
        ("https://vandijk.example:443", "https://vandijk.example"),
        ("http://vandijk.example:80", "http://vandijk.example"),
        ("http://vandijk.example:443", "http://vandijk.example:443"),
        ("https://localhost:3000", "https://localhost:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_site_is_kept_as_browsers_name_it(written: str, kept: str) -> None:
    assert tidy_origin(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "*", "null", "vandijk.example", "https://*.vandijk.example", "https://", "ftp://vandijk.example",
     "https://vandijk.example/shop", "https://vandijk.example?x", "https://me@vandijk.example", "https://vandijk.example:x"],
)  # fmt: skip
def test_what_is_no_site_is_refused(written: str) -> None:
    with pytest.raises(NotAnOrigin):
        tidy_origin(written)


@pytest.mark.parametrize(
    "chat", [{"origins": ["https://*.a.example"]}, {"accent": "red"}, {"accent": "#12345"}, {"side": "top"}, {"more": 1}]
)  # fmt: skip
def test_a_profile_with_a_chat_that_cannot_be_is_refused_in_a_sentence(chat: dict[str, object]) -> None:
    with pytest.raises(SellerUnclear, match=r"^chat\."):
        read_profile(PROFILE | {"chat": chat})


def test_a_profile_says_where_the_chat_may_stand() -> None:
    said = read_profile(PROFILE | {"chat": {"origins": ["https://A.example/"], "accent": "#8A2846"}}).model_dump()
    kept = chat_of(said)
    assert kept == ChatSetting(frozenset({"https://a.example"}), "#8a2846", "right")
    assert kept.may_stand_on("https://a.example")


@pytest.mark.parametrize("settings", [None, {}, {"chat": None}, {"chat": {}}])
def test_without_a_setting_it_stands_nowhere_else(settings: dict[str, object] | None) -> None:
    assert not chat_of(settings).may_stand_on("https://a.example")
