"""The frame every mail of ours comes in: one look for reminders, documents and answers, by day and by night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import css_inline
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class FootLink:
    """Something at the foot of a mail, such as where to choose what is written; without a link it is only said."""

    said: str
    link: str | None = None


@dataclass(frozen=True)
class _Frame:
    language: str
    subject: str
    seller: str
    under: str | None
    foot: tuple[tuple[str, str | None], ...]


class MailPage:
    """A template of one kind of mail inside the frame, with its own style beside the frame's.

    Mail programs drop style sheets, so every rule goes into its element. The rules for dark mode and phones cannot, and
    stay behind in the head.
    """

    def __init__(self, folder: Path, name: str) -> None:
        pages = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(_HERE)]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._page = pages.get_template(f"{name}.html")
        sheets = (_HERE / "mail_frame.css", folder / f"{name}.css")
        self._inliner = css_inline.CSSInliner(
            keep_at_rules=True,
            load_remote_stylesheets=False,
            extra_css="\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets),
        )

    def html(
        self,
        *,
        language: str,
        subject: str,
        seller: str,
        under: str | None,
        foot: Sequence[FootLink] = (),
        **values: object,
    ) -> str:
        """The mail. `under` is said below the sheet, and `foot` below that.

        Raises: jinja2.UndefinedError when the template asks for a value that was not given.
        """
        links = tuple((one.said, one.link) for one in foot)
        frame = _Frame(language, subject, seller, under, links)
        return str(self._inliner.inline(self._page.render(frame=frame, **values)))
