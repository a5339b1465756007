"""Every page of the house in a browser: it loads, nothing breaks on it, it is light, and axe-core finds nothing serious."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from app.application import make_application
from app.demo.whole import write_whole
from app.every_page import DESK, EveryPage, every_page, prove_visits
from app.installation import doorplate
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.store.store import Store
from tests.browser.axe import needs_axe, serious
from tests.browser.site import served
from tests.build import DAY
from tests.web import routes
from tests.web.opened import key_of_somebody
from web.desk.door import COOKIE

WEIGHT_MAX = 100_000
# The desk's addresses that are no pages: parts of one, files, and what leads on.
NO_PAGES = {
    "/inbox/rows", "/conversations", "/conversations/{conversation_id}/rows", "/ledger/money", "/audit.csv", "/cases.csv",
    "/cases/causes.csv", "/ledger/files/{file_id}", "/outbox/{message_id}/mail", "/figures/{name}.{form}",
}  # fmt: skip


# Where it is served, its pages, a browser's key of an admin, and its ledger.
World = tuple[str, EveryPage, str, Store]
LOOKS: tuple[dict[str, Any], ...] = (
    {"width": 1280, "height": 800, "scheme": "light"},
    {"width": 390, "height": 844, "scheme": "dark"},
)


@dataclass
class Watched:
    """What a browser complained of, and how many bytes a page took with everything it loads but pictures."""

    wrong: list[str] = field(default_factory=list)
    weight: int = 0


@pytest.fixture
def world(own_store: Store, tmp_path: Path) -> Iterator[World]:
    settings = Settings(
        data=tmp_path, secret="a key of the tests", demo=True, base_url="http://127.0.0.1", _env_file=None
    )  # type: ignore[arg-type]
    write_whole(own_store, settings, tmp_path, DAY)
    plate = doorplate(settings)
    key = key_of_somebody(own_store, "admin")
    pages = every_page(own_store, plate)
    app = make_application(House(own_store, lambda: None, Assistant(), plate), settings)
    with served(app) as address:
        yield address, pages, key, own_store


def test_every_address_of_the_desk_and_of_customers_is_looked_at() -> None:
    def bare(path: str) -> str:
        return re.sub(r"\{[^}]*\}|/(disputes|complaints)/", "{}", path)

    asked = {name.split(" ", 1)[1] for name in routes.table(routes.DESK) if name.startswith("GET ")}
    streams = {name.split(" ", 1)[1] for name in routes.STREAMS}
    shown = {bare(path.split("?")[0]) for path in DESK.values()}
    missing = {path for path in asked - streams - NO_PAGES if not path.endswith(".pdf") and bare(path) not in shown}
    assert missing - {"/cases/{kinds}/{number:path}"} == set()


@needs_axe
def test_pages_are_light_and_nothing_serious_is_found(browser: Browser, world: World) -> None:
    troubles = [trouble for look in LOOKS for trouble in _looked(browser, world, **look)]
    assert not troubles, "\n".join(troubles)


def _looked(browser: Browser, world: World, *, width: int, height: int, scheme: str) -> Iterator[str]:
    address, pages, key, store = world
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.add_cookies([{"name": COOKIE, "value": key, "url": address}])
    page = context.new_page()
    watched = _watched(page)
    for sight in pages.sights:
        if sight.who == "proven":
            prove_visits(store)
        watched.wrong.clear()
        watched.weight = 0
        answer = page.goto(sight.path, wait_until="load")
        assert answer is not None
        if answer.status != (404 if sight.name == "missing" else 200):
            yield f"{sight.name}: {answer.status}"
            continue
        yield from (f"{sight.name}, {scheme}: {found}" for found in serious(page))
        if page.evaluate("document.documentElement.scrollWidth") > width:
            yield f"{sight.name}: wider than {width} pixels"
        if watched.weight > WEIGHT_MAX:
            yield f"{sight.name}: {watched.weight} bytes"
        yield from (f"{sight.name}: {line}" for line in watched.wrong if sight.name != "missing")
    context.close()


def _watched(page: Page) -> Watched:
    watched = Watched()
    page.on("pageerror", lambda error: watched.wrong.append(str(error)))
    page.on("console", lambda line: watched.wrong.append(line.text) if line.type == "error" else None)

    def add(request: Request) -> None:
        if request.resource_type != "image":
            watched.weight += request.sizes()["responseBodySize"]

    page.on("requestfinished", add)
    return watched
