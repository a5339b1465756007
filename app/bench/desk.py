"""How fast the inbox is with thousands who wait: its pages from the server, and its first paint in a browser."""

from __future__ import annotations

import http.client
import statistics
import time
from contextlib import closing
from dataclasses import dataclass

from app.bench.channels_house import HouseUnderMeasurement, free_port, house_under_measurement
from app.bench.desk_book import fill_desk, signed_in
from app.bench.turn import BenchFailed
from web.desk.door import COOKIE
from web.screenshots import NoBrowser, chromium

ASKED = 60
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
# What is asked for: the page everybody has open, its next pages by each order, and what people look for.
PAGES = {
    "inbox": "/inbox",
    "inbox by money": "/inbox?sort=money",
    "inbox of one channel": "/inbox?channel=sms&language=en",
    "everything": "/inbox?show=all",
    "closed": "/inbox?show=closed",
    "search a rare word": "/inbox?show=all&q=INV-4711",
    "search a word of every fifth": "/inbox?show=all&q=spruiten",
    "search a customer": "/inbox?show=all&q=KL-47",
    "rows that changed": "/inbox/rows?ids={ids}",
}


@dataclass(frozen=True)
class DeskFigures:
    """Units: milliseconds and bytes. `first_paint_ms` is Chromium's first contentful paint, the median of several."""

    waiting: int
    closed: int
    pages_p50_ms: dict[str, float]
    pages_p95_ms: dict[str, float]
    inbox_bytes: int
    first_paint_ms: float | None
    first_paint_max_ms: float | None

    @property
    def is_kept(self) -> bool:
        """The page is small, and it is there within a second."""
        return self.inbox_bytes < 100_000 and (self.first_paint_ms or 0) <= 1_000


def measure_desk(*, waits: int = 5_000, closed: int = 200_000) -> DeskFigures:
    """Fills a ledger, starts `parley serve` on it and asks for the pages of the inbox, one after the other.

    Raises: BenchFailed.
    """
    port = free_port()
    with house_under_measurement(port) as house:
        fill_desk(house.store, waits=waits, closed=closed)
        key = signed_in(house.store, "Anna")
        house.serve(port)
        pages = {name: _timed(port, key, path.replace("{ids}", _ids(house))) for name, path in PAGES.items()}
        size = len(_get(port, key, "/inbox"))
        paints = _paints(port, key)
        return DeskFigures(
            waits,
            closed,
            {name: _quantile(taken, 50) for name, taken in pages.items()},
            {name: _quantile(taken, 95) for name, taken in pages.items()},
            size,
            round(statistics.median(paints), 1) if paints else None,
            round(max(paints), 1) if paints else None,
        )


def _timed(port: int, key: str, path: str) -> list[float]:
    for _ in range(3):
        _get(port, key, path)  # warm
    taken = []
    for _ in range(ASKED):
        began = time.perf_counter()
        _get(port, key, path)
        taken.append(time.perf_counter() - began)
    return taken


def _get(port: int, key: str, path: str) -> bytes:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request("GET", path, headers={"Cookie": f"{COOKIE}={key}"})
        answer = line.getresponse()
        body = answer.read()
    if answer.status != 200:
        raise BenchFailed(f"{path} answered {answer.status}.")
    return body


def _ids(house: HouseUnderMeasurement) -> str:
    with house.store.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT id FROM conversation WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 5"
        )
        return ",".join(str(row[0]) for row in rows)


def _paints(port: int, key: str) -> list[float]:
    """Milliseconds from the click to the first contentful paint; nothing where there is no browser."""
    found: list[float] = []
    try:
        with chromium() as browser:
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([{"name": COOKIE, "value": key, "domain": "127.0.0.1", "path": "/"}])
            page = context.new_page()
            for _ in range(8):
                page.goto(f"http://127.0.0.1:{port}/inbox", wait_until="load")
                # The page's own policy forbids to wait for it within the page.
                while (paint := page.evaluate(_PAINT)) is None:
                    page.wait_for_timeout(20)
                found.append(float(paint))
            context.close()
    except NoBrowser:
        return []
    return found[1:]


def _quantile(seconds: list[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000, 1)
