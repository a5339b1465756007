"""`python -m app.reminder_pictures FOLDER`: the mail of every step of the standard ladder in four languages, as pictures."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from app.small_png import small_png
from o2c_core.reminders.preview import Preview, previews
from web.screenshots import chromium

WIDTH = 640


def take(out: Path) -> Iterator[Path]:
    """Writes the pictures into the folder, and one of a text per step and language beside them as plain words.

    Raises: NoBrowser.
    """
    out.mkdir(parents=True, exist_ok=True)
    shown = list(previews())
    with chromium() as browser:
        page = browser.new_context(viewport={"width": WIDTH, "height": 400}, reduced_motion="reduce").new_page()
        for one in shown:
            page.set_content(one.html, wait_until="networkidle")
            path = out / f"{one.rung.name}-{one.language}.png"
            path.write_bytes(small_png(page.screenshot(full_page=True)))
            yield path
    texts = out / "texts.md"
    texts.write_text(texts_of(shown), encoding="utf-8")
    yield texts


def texts_of(shown: list[Preview]) -> str:
    """The texts of all steps, as a page."""
    said = ["# Every step as a text message", "", "At most two segments each; the first words are the seller's name."]
    for rung in dict.fromkeys(one.rung.name for one in shown):
        said += ["", f"## `{rung}`", "", "| language | text |", "|---|---|"]
        said += [f"| {one.language} | {one.text.text} |" for one in shown if one.rung.name == rung]
    return "\n".join(said) + "\n"


if __name__ == "__main__":
    for written in take(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
