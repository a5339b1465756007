"""The pages for operators say what the code does: their tables are held against it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from pydantic import SecretStr

from app.settings import Settings
from channels.twilio_codes import SETBACKS
from o2c_core.conversations.circuit import FAILURES_MAX
from o2c_core.conversations.codes import (
    CODE_DIGITS,
    CODES_PER_ADDRESS_DAY,
    CODES_PER_CONVERSATION_HOUR,
    GOOD_FOR,
    PROVEN_FOR,
    WRONG_TRIES_MAX,
)
from o2c_core.conversations.identity import how_sure
from o2c_core.conversations.message import DELIVERY
from o2c_core.conversations.setback import REMEDIES, Remedy, Setback
from o2c_core.conversations.task import KINDS

DOCS = Path(__file__).parents[2] / "docs"


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table under that heading, without its head."""
    part = (DOCS / page).read_text().split(f"\n## {head}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def default_of(name: str) -> str:
    field = Settings.model_fields[name]
    kind = SecretStr in (field.annotation, *get_args(field.annotation))
    return "" if field.default is None else f"{'(secret)' if kind else field.default}"


def follows(remedy: Remedy) -> str:
    said = []
    if remedy.next == "same_later":
        after = f"{remedy.again_minutes // 60} h" if remedy.again_minutes % 60 == 0 else f"{remedy.again_minutes} min"
        said.append(f"the same again after {after}, at most {remedy.again_max}×; then the next address or channel")
    said += ["the next address or channel"] if remedy.next == "other" else []
    said += ["nothing by itself"] if remedy.next == "none" else []
    said += ["the address is marked, and a task asks for another"] if remedy.fails_address else []
    said += ["noted as the person's own stop"] if remedy.refuses else []
    said += ["a task about the provider"] if remedy.alerts else []
    return "; ".join(said)


def codes(setback: Setback) -> str:
    return " ".join(str(code) for code in sorted(code for code, found in SETBACKS.items() if found is setback)) or "–"


def test_every_setting_stands_in_the_page_with_its_default_and_what_it_is_for() -> None:
    page = (DOCS / "settings.md").read_text()
    found = re.findall(r"^\| `PARLEY_(\w+)` \| (.*?) \| (.*) \|$", page, re.M)
    told = {name.lower(): (default.strip("` "), about) for name, default, about in found}
    assert len(found) == len(told)
    assert told == {
        name: (default_of(name), field.description) for name, field in Settings.model_fields.items()
    }  # fmt: skip


def test_the_delivery_states_and_where_they_lead_are_the_codes_own() -> None:
    told = {cells[0].strip("`"): cells[2] for cells in rows("channels.md", "Where a message is")}
    assert told == {state: ", ".join(f"`{one}`" for one in nexts) or "–" for state, nexts in DELIVERY.items()}


def test_the_setbacks_and_what_follows_are_the_codes_own() -> None:
    told = {cells[0].strip("`"): (cells[2], cells[3]) for cells in rows("channels.md", "When it does not arrive")}
    assert told == {one.value: (codes(one), follows(remedy)) for one, remedy in REMEDIES.items()}


def test_the_table_of_writers_is_the_one_that_is_computed_with() -> None:
    stated = [line.strip() for line in (how_sure.__doc__ or "").splitlines() if line.strip().startswith("|")][2:]
    told = rows("channels.md", "Who is writing")
    assert told == [[cell.strip() for cell in line.strip("|").split("|")] for line in stated]


def test_figures_in_the_page_are_those_of_the_code() -> None:
    page = " ".join((DOCS / "channels.md").read_text().split())
    for sentence in (
        f"A code has {CODE_DIGITS} digits, is good for {int(GOOD_FOR.total_seconds()) // 60} minutes",
        f"at most {CODES_PER_CONVERSATION_HOUR} an hour in one conversation and {CODES_PER_ADDRESS_DAY} a day to one address",
        f"after {WRONG_TRIES_MAX} wrong tries it is over",
        f"for {int(PROVEN_FOR.total_seconds()) // 3600} hours",
        f"After {FAILURES_MAX} failures in a row",
    ):
        assert sentence in page, sentence
    assert all(f"`{kind}`" in page for kind in KINDS)
