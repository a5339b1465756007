"""The HTML of a reminder, with its styles put into its elements once, when it is loaded, and not once per mail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import css_inline
from jinja2 import Environment, StrictUndefined

import o2c_core.documents.mail_frame as documents
from o2c_core.documents.mail_frame import FootLink

_FRAME = Path(documents.__file__).parent
_BODY = re.compile(r"\{% block body %\}(.*?)\{% endblock %\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_MARK = re.compile(r"<!--Jinja(\d+)-->|Jinja(\d+)a")
_PAGES = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the frame around every mail says."""

    language: str
    subject: str
    seller: str
    under: str | None
    foot: tuple[tuple[str, str | None], ...]


class LoadedPage:
    """A mail's template inside the frame of all mails, ready to be filled in.

    Mail programs drop style sheets, so every rule goes into its element. Which rules an element gets follows from the
    template alone, as long as no class in it depends on a value: conditions stand around elements, never inside a tag.
    """

    def __init__(self, folder: Path, name: str) -> None:
        body = _BODY.search((folder / f"{name}.html").read_text(encoding="utf-8"))
        assert body is not None, f"{name}.html has no body"
        frame = (_FRAME / "mail_frame.html").read_text(encoding="utf-8")
        source = _BODY.sub(lambda _: body[1], frame)
        tags: list[str] = []

        def marked(tag: re.Match[str]) -> str:
            tags.append(tag[0])
            # A condition may stand between the rows of a table, where only a comment stays; a value stands in text.
            return f"<!--Jinja{len(tags) - 1}-->" if tag[0].startswith("{%") else f"Jinja{len(tags) - 1}a"

        sheets = (_FRAME / "mail_frame.css", folder / f"{name}.css")
        inliner = css_inline.CSSInliner(
            keep_at_rules=True,
            load_remote_stylesheets=False,
            extra_css="\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets),
        )
        styled = inliner.inline(_TAG.sub(marked, source))
        put_back = _MARK.sub(lambda mark: tags[int(mark[1] or mark[2])], styled)
        assert len(_TAG.findall(put_back)) == len(tags), "a place of the template was lost"
        self._page = _PAGES.from_string(put_back)

    def html(self, frame: Frame, **values: object) -> str:
        """The mail.

        Raises: jinja2.UndefinedError when the template asks for a value that was not given.
        """
        return self._page.render(frame=frame, **values)


def foot_of(links: Sequence[FootLink]) -> tuple[tuple[str, str | None], ...]:
    """What stands at the foot, as the frame takes it."""
    return tuple((one.said, one.link) for one in links)
