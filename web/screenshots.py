"""Every page as a picture: wide and narrow, light and dark, so that it can be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from o2c_core.errors import Failure, Outage

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


class Sight(Protocol):
    """A page to be looked at: what its picture is called, and its address."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str: ...


class NoBrowser(Outage):
    """Pictures need Chromium and the Python package playwright, and one of them is not installed."""


class PageBroken(Failure):
    """A page broke, so that its picture cannot be taken."""


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
    sights: Iterable[Sight],
    *,
    cookies: dict[str, str] | None = None,
    before: Callable[[Sight], None] = lambda _: None,
) -> list[Path]:
    """Writes the pictures of those pages, wide and narrow, light and dark, into the folder and returns their paths.

    They are looked at in their order in one browser, with those cookies; `before` is called ahead of each. On a page whose
    name is "conversation" the first question it offers is asked, so the ledger there gains four conversations.

    Raises: NoBrowser; PageBroken for a page that answers with an error where none belongs.
    """
    out.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    sights = tuple(sights)
    with chromium() as browser:
        for width, height in WIDTHS.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    base_url=base_url,
                    color_scheme=scheme,
                    viewport={"width": width, "height": height},
                    reduced_motion="reduce",
                )
                for name, value in (cookies or {}).items():
                    context.add_cookies([{"name": name, "value": value, "url": base_url}])
                page = context.new_page()
                for sight in sights:
                    before(sight)
                    answer = page.goto(sight.path, wait_until="load")
                    if answer is None or answer.status >= 500:
                        raise PageBroken(f"{sight.name} ({sight.path}) broke: its picture cannot be taken.")
                    if sight.name == "conversation":
                        _ask_something(page)
                    path = out / f"{sight.name}-{width}-{scheme}.png"
                    page.screenshot(path=path, full_page=True)
                    taken.append(path)
                context.close()
    return taken


def _ask_something(page: Page) -> None:
    answers = page.locator(".from-assistant")
    before = answers.count()
    page.locator(".choices button").first.click()
    answers.nth(before).wait_for(timeout=ANSWER_MILLISECONDS_MAX)
    receipts = answers.nth(before).locator(".receipts summary")
    if receipts.count():
        receipts.click()
