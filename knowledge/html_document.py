"""An HTML page of the library as blocks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from lxml import etree, html

from knowledge.apart import FileRefused
from knowledge.blocks import Block, Parts
from knowledge.limits import check_length, visible
from knowledge.markdown_document import sentences_of_table

_LEFT_OUT = frozenset(
    {"script", "style", "head", "template", "noscript", "object", "svg", "math", "nav", "footer", "aside", "form",
     "button", "select", "iframe"}
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PARAGRAPHS = frozenset({"p", "li", "dt", "dd", "pre", "caption", "figcaption", "address", "blockquote"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])", re.IGNORECASE
)
_NAME = re.compile(r"[a-z0-9-]+")
_FACTS = ("title", "topic", "language", "owner", "audience", "seller", "valid_from", "valid_until", "review_on")
_SPAN_MAX, _CELLS_MAX = 20, 5000
_FRONT = re.compile(r"\s*(?:<!doctype[^>]*>\s*)?<!--\s*\+\+\+\n(.*?)\n\+\+\+\s*-->", re.DOTALL | re.IGNORECASE)


def read(content: bytes) -> Parts:
    """The page's headings, paragraphs, lists and tables; menus, scripts and what is hidden are left out.

    A list or quotation with the class "questions" holds questions that its section answers.
    Raises: FileRefused.
    """
    if b"\x00" in content[:1000] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("unreadable")
    try:
        # Without a byte order mark or a charset of its own, a page is UTF-8.
        declared = re.search(rb"charset\s*=\s*[\"']?([\w-]+)", content[:2000], re.IGNORECASE)
        utf8 = None if declared or content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        tree = html.document_fromstring(content, html.HTMLParser(encoding=utf8, no_network=True, huge_tree=False))
    except (etree.LxmlError, ValueError, LookupError, AssertionError) as odd:
        raise FileRefused("unreadable") from odd
    writer = _Writer()
    writer.write(tree)
    check_length(block.text for block in writer.blocks)
    headings = [block for block in writer.blocks if block.kind == "heading" and block.level == 1]
    about = _about(tree, content)
    title = about.get("title") or (headings[0].text if headings else "") or visible(tree.findtext(".//title") or "")
    return Parts(title, about, writer.blocks, writer.hidden)


def _about(tree: html.HtmlElement, content: bytes) -> dict[str, str]:
    """Meta tags such as <meta name="parley-owner" content="Finance">, or TOML in a comment at the top."""
    about = {"language": (tree.get("lang") or "").partition("-")[0].lower()}
    for meta in tree.iterfind(".//meta"):
        word = (meta.get("name") or "").lower().removeprefix("parley-").replace("-", "_")
        if word in _FACTS and (meta.get("name") or "").lower().startswith("parley-"):
            about[word] = (meta.get("content") or "").strip()
    front = _FRONT.match(content[:20_000].decode("utf-8-sig", "replace").replace("\r\n", "\n"))
    if front:
        try:
            told = tomllib.loads(front[1])
        except tomllib.TOMLDecodeError as odd:
            raise FileRefused("unreadable") from odd
        about |= {word: str(fact) for word, fact in told.items() if word in _FACTS}
    return about


class _Writer:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.hidden: list[str] = []
        self._words: list[str] = []
        self._asking = 0

    def write(self, tree: html.HtmlElement) -> None:
        walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event in ("comment", "pi"):
                self._say(element.tail)
            elif event == "start":
                if _is_left_out(element):
                    if _is_hidden(element):
                        self.hidden += filter(None, [visible(_all_text(element))])
                    walk.skip_subtree()
                elif element.tag == "table":
                    self._paragraph()
                    self._table(element)
                    walk.skip_subtree()
                else:
                    self._open(element)
            else:
                if not _is_left_out(element) and element.tag != "table":
                    self._close(element)
                self._say(element.tail)
        self._paragraph()

    def _open(self, element: html.HtmlElement) -> None:
        if element.tag == "br":
            self._words.append("\n")
        elif _is_block(element):
            self._paragraph()
        if "questions" in (element.get("class") or "").split():
            self._asking += 1
        self._say(element.text)

    def _close(self, element: html.HtmlElement) -> None:
        if element.tag in _HEADINGS:
            text, self._words = visible("".join(self._words)), []
            written = element.get("id") or ""
            if text:
                name = written if _NAME.fullmatch(written) else None
                self.blocks.append(Block("heading", " ".join(text.split()), _HEADINGS[element.tag], name))
        elif element.tag == "a":
            self._words.append(_address(element, "".join(self._words)))
        elif _is_block(element):
            self._paragraph()
        if "questions" in (element.get("class") or "").split():
            self._paragraph()
            self._asking -= 1

    def _say(self, text: str | None) -> None:
        if text:
            self._words.append(re.sub(r"\s+", " ", text))

    def _paragraph(self) -> None:
        text = visible("".join(self._words))
        self._words = []
        if text and self._asking:
            self.blocks += [Block("question", line) for line in text.splitlines()]
        elif text:
            self.blocks.append(Block("text", text))

    def _table(self, table: html.HtmlElement) -> None:
        rows, has_header = _rows(table)
        self.blocks += [Block("text", line) for line in sentences_of_table(rows, has_header=has_header)]


def _is_block(element: html.HtmlElement) -> bool:
    return element.tag in _PARAGRAPHS or element.tag in _HEADINGS or element.tag in (
        "div", "section", "article", "main", "ul", "ol", "dl", "hr", "body", "header", "figure", "details", "summary"
    )  # fmt: skip


def _is_hidden(element: html.HtmlElement) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _is_left_out(element: html.HtmlElement) -> bool:
    return element.tag in _LEFT_OUT or _is_hidden(element)


def _all_text(element: html.HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _address(link: html.HtmlElement, said: str) -> str:
    address = (link.get("href") or "").strip()
    is_told = address.startswith(("https://", "http://")) and not said.rstrip().endswith(address)
    return f" ({address})" if is_told else ""


def _shown(cell: html.HtmlElement) -> Iterator[str]:
    """The words of a cell, without those of hidden parts and of tables within."""
    walk = etree.iterwalk(cell, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event == "start":
            if element is not cell and (_is_left_out(element) or element.tag == "table"):
                walk.skip_subtree()
            elif element.text:
                yield element.text
        elif element is not cell and element.tail:
            yield f" {element.tail}" if element.tag in ("br", "p", "div", "li") else element.tail


def _rows(table: html.HtmlElement) -> tuple[list[list[str]], bool]:
    """The cells of each row, with merged ones told in each place they cover; and whether the first row names columns."""
    rows: list[list[str]] = []
    carried: dict[int, tuple[int, str]] = {}
    has_header, cells = False, 0
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is not table or _is_left_out(row):
            continue
        told: list[str] = []
        own = [cell for cell in row if cell.tag in ("td", "th") and not _is_left_out(cell)]
        if not rows and own:
            in_head = next(row.iterancestors("thead"), None) is not None
            has_header = in_head or all(cell.tag == "th" for cell in own) or len(own) > 2
        for cell in own:
            _carry(told, carried)
            text = visible(" ".join("".join(_shown(cell)).split()))
            across, down = _span(cell.get("colspan")), _span(cell.get("rowspan"))
            for _ in range(across):
                if down > 1:
                    carried[len(told)] = (down - 1, text)
                told.append(text)
        _carry(told, carried)
        cells += len(told)
        if cells > _CELLS_MAX:
            raise FileRefused("too large")
        rows.append(told)
    return rows, has_header


def _carry(told: list[str], carried: dict[int, tuple[int, str]]) -> None:
    while len(told) in carried:
        left, text = carried.pop(len(told))
        if left > 1:
            carried[len(told)] = (left - 1, text)
        told.append(text)


def _span(written: str | None) -> int:
    return min(_SPAN_MAX, max(1, int(written))) if written and written.isdigit() else 1
