"""What a company's site loads: small, in four languages, and in colours people can read."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from channels.chat_files import _SENTENCES
from channels.widget_colours import CONTRAST_MIN, OURS, PAPER, contrast, pairs, parse
from channels.widget_door import HERE, SCRIPT, language_of, script, words_in
from o2c_core.conversations.rating import SCORE_MAX
from o2c_core.customers.customer import LANGUAGES
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.channels.widget_app import allow, widget_app
from web.wording import words_in as page_words

SCRIPT_BYTES_MAX = 30_000


def test_the_script_is_under_thirty_kilobytes_as_it_is_served() -> None:
    assert len(script()) <= SCRIPT_BYTES_MAX
    assert len(gzip.compress(script(), 9)) <= SCRIPT_BYTES_MAX / 3


def test_the_script_carries_its_looks_and_none_of_its_comments() -> None:
    served = script().decode()
    assert "{{ style }}" not in served
    assert "prefers-color-scheme: dark" in served
    assert "prefers-reduced-motion" in served
    assert not re.search(r"^\s*//", served, re.MULTILINE)


def test_the_script_writes_no_markup_and_runs_no_text() -> None:
    text = (HERE / SCRIPT).read_text(encoding="utf-8")
    for never in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "new Function",
        "document.write",
        "localStorage",
        ".cookie",
    ):
        assert never not in text, never
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+", text) == [], "nothing comes from another host"


def keys(words: dict[str, Any], within: str = "") -> dict[str, int]:
    """Every key with how many words it has: a list of another length is another list."""
    found: dict[str, int] = {}
    for name, value in words.items():
        if isinstance(value, dict):
            found |= keys(value, f"{within}{name}.")
        else:
            found[within + name] = len(value) if isinstance(value, list) else 1
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    words = words_in(language)
    assert keys(words) == keys(words_in("en"))
    for name, text in ((name, words[name]) for name in keys(words) if isinstance(words.get(name), str)):
        assert text.strip() == text != "", name
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", words_in("en")[name]), name
    assert len(words["scores"]) == len(set(words["scores"])) == SCORE_MAX
    assert words["refused"].keys() == _SENTENCES.keys()
    if language != "en":
        same = {
            name for name in keys(words) if isinstance(words.get(name), str) and words[name] == words_in("en")[name]
        }
        assert same <= {"conversation"}, "left in English"


def test_the_script_uses_words_that_are_there_and_all_that_are_there() -> None:
    text = (HERE / SCRIPT).read_text(encoding="utf-8")
    used = set(re.findall(r"\bwords(?:\(\))?\.(\w+)", text)) - {"trim"}
    assert used == words_in("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_quick_answers_are_those_of_our_own_page_which_the_assistant_understands(language: str) -> None:
    ours = page_words(language)
    assert words_in(language)["choices"] == ours["choices"]


@pytest.mark.parametrize(
    ("asked", "otherwise", "language"),
    [("nl", "en", "nl"), ("nl-BE", "en", "nl"), ("DE-at", "en", "de"), ("es", "fr", "fr"), (None, "nl", "nl"), ("", "xx", "en")],
)  # fmt: skip
def test_the_pages_language_is_spoken_where_it_is_ours(asked: str | None, otherwise: str, language: str) -> None:
    assert language_of(asked, otherwise) == language


@given(st.none() | st.from_regex("#[0-9a-f]{6}", fullmatch=True))
def test_whatever_a_companys_colour_is_it_can_be_read(accent: str | None) -> None:
    for scheme, pair in pairs(accent).items():
        assert contrast(parse(pair.accent), PAPER[scheme]) >= CONTRAST_MIN
        assert contrast(parse(pair.accent), parse(pair.ink)) >= CONTRAST_MIN


@pytest.mark.parametrize(
    ("accent", "light", "dark"),
    [
        ("#8a2846", "theirs", "near theirs"),
        ("#0055ff", "theirs", "near theirs"),
        ("#ffe600", "ours", "theirs"),
        ("#ffffff", "ours", "theirs"),
        ("#000000", "theirs", "ours"),
        (None, "ours", "ours"),
    ],
)
def test_a_colour_is_worn_where_it_can_be_and_ours_where_it_cannot(accent: str | None, light: str, dark: str) -> None:
    worn = pairs(accent)
    for scheme, how in (("light", light), ("dark", dark)):
        is_ours = parse(worn[scheme].accent) == OURS[scheme]
        assert (is_ours, worn[scheme].accent == accent) == (how == "ours", how == "theirs")


@pytest.fixture
def client(own_store: Store) -> Iterator[TestClient]:
    with own_store.session() as session:
        allow(a_seller(session), accent="#8a2846")
        session.commit()
    with TestClient(widget_app(own_store)) as client:
        yield client


def test_the_page_is_told_the_companys_name_colours_and_words(client: TestClient) -> None:
    said = client.get("/api/chat/widget?seller=vandijk&language=de-CH").json()
    assert said["seller"] == {"ref": "vandijk", "name": "Van Dijk Groothandel"}
    assert said["colours"]["light"] == {"accent": "#8a2846", "ink": "#ffffff"}
    assert (said["language"], said["words"]["send"], said["side"]) == ("de", "Senden", "right")
    assert client.get("/api/chat/widget?seller=nobody").status_code == 400
