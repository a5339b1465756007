"""What a seller sets about informing, and what holds where nothing is said."""

import re
from datetime import date
from pathlib import Path

import pytest

from o2c_core.customers.seller import Seller
from o2c_core.customers.seller_profile import SellerUnclear, read_profile
from o2c_core.informing.step import STEPS, InformingUnclear, informing_of
from o2c_core.informing.why_not import WhyNot

PROFILE = {
    "name": "Van Dijk", "country": "NL", "currency": "EUR", "language": "nl", "time_zone": "Europe/Amsterdam",
}  # fmt: skip


def test_without_settings_all_but_arrivals_is_told() -> None:
    settings = informing_of(Seller(settings={}))
    assert {step for step in STEPS if settings.switch(step) == "on"} == STEPS.keys() - {"delivered"}
    assert (settings.within_hours, settings.gather_minutes, settings.imports) == (72, 15, False)


@pytest.mark.parametrize(
    "line",
    [
        "shipped          on     nobody said   told",
        "shipped          on     declined      not told",
        "shipped          asked  nobody said   not told",
        "shipped          asked  asked         told",
        "shipped          off    asked         not told",
        "invoice_issued   on     declined      told",
        "invoice_issued   off    nobody said   not told",
        "credit_issued    asked  declined      not told",
    ],
)
def test_a_step_is_told_by_what_the_seller_set_and_the_person_said(line: str) -> None:
    step, switch, said, told = [part.strip() for part in line.split("  ") if part.strip()]
    settings = informing_of(Seller(settings={"informing": {"steps": {step: switch}}}))
    wish = {"nobody said": None, "asked": True, "declined": False}[said]
    assert settings.is_wanted(step, wish) == (told == "told")


@pytest.mark.parametrize(
    "said",
    [
        {"step": {}},
        {"steps": {"parcels": "on"}},
        {"steps": {"shipped": "maybe"}},
        {"within_hours": -1},
        {"within_hours": True},
        {"within_hours": 10_000},
        {"gather_minutes": "ten"},
        {"imports": "yes"},
        {"from_on": "soon"},
        "on",
    ],
)
def test_settings_that_cannot_be_are_refused(said: object) -> None:
    with pytest.raises(InformingUnclear):
        informing_of(Seller(settings={"informing": said}))


def test_a_seller_file_says_it_in_the_same_words() -> None:
    said = {"steps": {"delivered": "on"}, "from_on": date(2026, 3, 1), "imports": True, "messages_a_day": 2}
    kept = read_profile(PROFILE | {"informing": said}).model_dump()["informing"]
    settings = informing_of(Seller(settings={"informing": kept}))
    assert settings.switch("delivered") == "on"
    assert (settings.from_on, settings.imports, settings.messages_a_day) == (date(2026, 3, 1), True, 2)
    assert settings.within_hours == 72


@pytest.mark.parametrize(
    "said", [{"steps": {"shipped": "maybe"}}, {"within_hours": -1}, {"until_on": date(2026, 3, 1)}]
)
def test_a_seller_file_that_says_it_otherwise_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(SellerUnclear):
        read_profile(PROFILE | {"informing": said})


def test_the_page_names_every_step_and_every_reason_with_its_sentence() -> None:
    page = (Path(__file__).parents[3] / "docs" / "informing.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| .+ \| (?:operations|accounts payable) \|", page, flags=re.M) == list(STEPS)
    told = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", page.split("## Why somebody was not told")[1], flags=re.M))
    assert told == {one.value: one.sentence for one in WhyNot}
