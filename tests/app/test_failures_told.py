"""What cannot be done is told to a browser by a page and to a program by a problem in JSON; nothing of it leaks."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.application import answer_failures
from o2c_core.errors import NotFound, Outage, Overtaken, Refused

BROWSER = {"accept": "text/html,*/*;q=0.8", "accept-language": "nl"}


class NoSuchThing(NotFound):
    """There is no such thing here."""


class Odd(Refused):
    """That is odd."""


class Elsewhere(Overtaken):
    """Somebody was first."""


class Down(Outage):
    """The bank does not answer."""


THROWN: dict[str, Exception] = {
    "missing": NoSuchThing(), "odd": Odd(), "overtaken": Elsewhere(), "down": Down(), "bug": ZeroDivisionError("secret"),
}  # fmt: skip


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    answer_failures(app)

    @app.get("/fails/{how}")
    def fails(how: str, days: int = 0) -> None:
        raise THROWN[how]

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/fails/missing", 404, "Deze pagina is er niet"),
        ("/nowhere", 404, "Deze pagina is er niet"),
        ("/fails/odd", 400, "Dat is niet gelukt"),
        ("/fails/odd?days=x", 422, "Dat is niet gelukt"),
        ("/fails/overtaken", 409, "Dat is niet gelukt"),
        ("/fails/down", 503, "Er ging bij ons iets mis"),
        ("/fails/bug", 500, "Er ging bij ons iets mis"),
    ],
)
def test_a_browser_sees_a_page_and_a_program_a_problem(client: TestClient, path: str, status: int, title: str) -> None:
    page = client.get(path, headers=BROWSER)
    assert page.status_code == status
    assert f"<h1>{title}</h1>" in page.text
    told = client.get(path, headers={"accept": "application/json"})
    assert told.status_code == status
    assert told.headers["content-type"].startswith("application/")
    assert told.json()
    assert "secret" not in page.text + told.text
