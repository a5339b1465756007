"""Who asks for a page that cannot be shown is told what happened in their language; a program gets JSON."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from web.error_pages import error_page, wants_page, words_in

KINDS = {"missing", "not_let_in", "too_much", "too_often", "refused", "broken"}


def asked(**headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/nowhere", "headers": named})


@pytest.mark.parametrize(
    ("status", "language", "title"),
    [
        (404, "en", "This page is not here"),
        (404, "nl", "Deze pagina is er niet"),
        (403, "de", "Diese Seite ist für Sie nicht offen"),
        (429, "fr", "Trop de demandes en peu de temps"),
        (422, "nl", "Dat is niet gelukt"),
        (500, "de", "Bei uns ist etwas schiefgegangen"),
        (503, "en", "Something went wrong on our side"),
        (413, "en", "That is too much at once"),
        (404, "it", "This page is not here"),
    ],
)
def test_each_status_has_its_words(status: int, language: str, title: str) -> None:
    answer = error_page(asked(accept_language=language), status)
    assert answer.status_code == status
    assert f"<h1>{title}</h1>" in bytes(answer.body).decode()


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr"])
def test_every_language_has_all_of_them(language: str) -> None:
    words = words_in(language)
    assert set(words) == {*KINDS, "skip", "back"}
    assert all(set(words[kind]) == {"title", "text"} for kind in KINDS)


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [("text/html,application/xhtml+xml,*/*;q=0.8", True), ("application/json", False), ("*/*", False), ("", False)],
)
def test_only_who_asks_for_a_page_gets_one(accept: str, is_page: bool) -> None:
    assert wants_page(asked(accept=accept)) is is_page


def test_what_more_we_know_stands_below_and_is_escaped() -> None:
    text = bytes(error_page(asked(), 400, "That <b> is no day.").body).decode()
    assert "That &lt;b&gt; is no day." in text
