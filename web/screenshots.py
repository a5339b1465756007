"""Every page as a picture: wide and narrow, light and dark, so that it can be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from o2c_core.errors import Outage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WIDTHS = {1280: 800, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ANSWER_MILLISECONDS_MAX = 30_000
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoBrowser(Outage):
    """Pictures need Chromium and the Python package playwright, and one of them is not installed."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, without a window and without talking to anybody but the page.

    Raises: NoBrowser.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError as missing:
        raise NoBrowser from missing
    program = shutil.which("chromium")
    if program is None:
        raise NoBrowser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


def take(
    base_url: str,
    out: Path,
    more: Mapping[str, str] = MappingProxyType({}),
    *,
    signs_in: tuple[str, str] | None = None,
) -> list[Path]:
    """Writes the pictures of the application at that address into the folder and returns their paths.

    One question of the front page's own is asked in each of them, so the ledger there gains four conversations. Pages
    that are not there, or that whoever `signs_in` (email address and password) may not see, are left out. `more` are
    further pages, by the name of their picture.

    Raises: NoBrowser.
    """
    out.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with chromium() as browser:
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    base_url=base_url,
                    color_scheme=scheme,
                    viewport={"width": width, "height": height},
                    reduced_motion="reduce",
                )
                for name, page in _pages(context.new_page(), more, signs_in):
                    path = out / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=path, full_page=True)
                    taken.append(path)
                context.close()
    return taken


def _pages(page: Page, more: Mapping[str, str], signs_in: tuple[str, str] | None) -> Iterator[tuple[str, Page]]:
    page.goto("/sign-in?next=/account")
    yield "sign-in", page
    if signs_in is not None:
        page.locator("#email").fill(signs_in[0])
        page.locator("#password").fill(signs_in[1])
        page.locator(".door .primary").click()
        page.wait_for_url("**/account")
        yield "account", page
        for name in ("users", "audit"):
            if _is_there(page, f"/{name}"):
                yield name, page
    page.goto("/")
    yield "front", page
    _ask_something(page)
    yield "conversation", page
    page.goto("/?as=visitor")
    yield "visitor", page
    if _is_there(page, "/conversations"):
        yield "conversations", page
        first = page.locator("[data-rows] a").first
        if first.count():
            first.click()
            page.wait_for_load_state("networkidle")
            yield "thread", page
    if _is_there(page, "/outbox"):
        yield "outbox", page
        letter = page.locator("[data-rows] a").first
        if letter.count():
            letter.click()
            page.wait_for_load_state("networkidle")
            yield "letter", page
        page.goto("/outbox/tasks")
        yield "tasks", page
    if _is_there(page, "/reminders"):
        yield "reminders", page
        draft = page.locator("[data-rows] a").first
        if draft.count():
            draft.click()
            page.wait_for_load_state("networkidle")
            yield "reminder", page
        page.goto("/reminders/ahead")
        yield "reminders-ahead", page
    if _is_there(page, "/rules"):
        yield "rules", page
    if _is_there(page, "/ledger"):
        yield "ledger", page
        customer = page.locator("[data-rows] a").first
        if customer.count():
            customer.click()
            page.wait_for_load_state("networkidle")
            yield "customer", page
        page.goto("/ledger/money")
        yield "money", page
    if _is_there(page, "/figures"):
        yield "figures", page
    for name, path in more.items():
        page.goto(path)
        yield name, page


def _ask_something(page: Page) -> None:
    answers = page.locator(".from-assistant")
    before = answers.count()
    page.locator(".choices button").first.click()
    answers.nth(before).wait_for(timeout=ANSWER_MILLISECONDS_MAX)
    receipts = answers.nth(before).locator(".receipts summary")
    if receipts.count():
        receipts.click()


def _is_there(page: Page, path: str) -> bool:
    answer = page.goto(path)
    # Who is not signed in is led elsewhere.
    return answer is not None and answer.ok and "/sign-in" not in answer.url
