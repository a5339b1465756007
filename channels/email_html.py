"""A mail's HTML as plain text, and as HTML that is safe to show."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3
from lxml import etree, html

# Where a mailer marks in its HTML that what follows is the mail replied to, this line takes the mark's place.
CUT = "\ue000"
HTML_SIGNS_MAX = 500_000
NESTING_MAX = 400

_LEFT_OUT = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg", "math", "select"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "hr", "pre"})
_BLOCKS = _PARAGRAPHS | {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form", "header", "html", "li", "main", "nav", "section", "tbody", "tfoot", "thead", "tr",
}  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
# Outlook has no element for what it quotes, only this rule above it.
_OUTLOOK_RULE = re.compile(r"border:none;border-top:solid #[0-9a-f]{6} 1\.0pt", re.IGNORECASE)
_CUT_IDS = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "replysplit")
_CUT_CLASSES = frozenset({"yahoo_quoted", "gmail_attr"})
_SIGNATURE_IDS = ("signature", "ms-outlook-mobile-signature", "composer_signature", "x_signature")
_SIGNATURE_CLASSES = frozenset(
    {"gmail_signature", "moz-signature", "protonmail_signature_block", "signature", "elementtoproof-signature"}
)

_TAG = re.compile(r"<[^<>]{0,2000}>")
_OPENING = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_NEVER_CLOSED = frozenset({"br", "img", "hr", "meta", "link", "input", "col", "p", "li", "td", "tr", "th", "wbr"})

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
}


def safe_html(page: str) -> str:
    """The page for a person to look at: nothing runs, nothing is loaded, and a link leaves only for the web or a mailbox."""
    if _is_too_deep(page[:HTML_SIGNS_MAX]):
        # Cleaning takes the square of the depth; nobody writes a letter like that.
        return f"<pre>{escape(_untagged(page))}</pre>"
    return nh3.clean(
        page[:HTML_SIGNS_MAX],
        tags=_TAGS,
        clean_content_tags={"script", "style", "title", "template", "object", "svg", "math", "select", "textarea"},
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def text_of_html(page: str, *, is_marked: bool) -> str:
    """The page as plain text, what it quotes behind ">". `is_marked` leaves out signatures the mailer marked as such and
    puts CUT where the mail replied to begins."""
    if _is_too_deep(page[:HTML_SIGNS_MAX]):
        return _untagged(page)
    try:
        tree = html.document_fromstring(
            page[:HTML_SIGNS_MAX].encode("utf-8", "replace"), html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return _untagged(page)
    return _Writer(is_marked=is_marked).write(tree)


def _untagged(page: str) -> str:
    return re.sub(r"[ \t]{2,}", " ", unescape(_TAG.sub(" ", page[:HTML_SIGNS_MAX]))).strip()


def _is_too_deep(page: str) -> bool:
    depth = 0
    for tag in _OPENING.finditer(page):
        if tag[2].lower() not in _NEVER_CLOSED:
            depth += -1 if tag[1] else 1
            if depth > NESTING_MAX:
                return True
    return False


class _Writer:
    def __init__(self, *, is_marked: bool) -> None:
        self._is_marked = is_marked
        self._lines: list[tuple[int, str]] = []
        self._words: list[str] = []
        self._depth = 0
        self._kept_as_is = 0

    def write(self, tree: html.HtmlElement) -> str:
        walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event in ("comment", "pi"):
                self._say(element.tail)
            elif event == "start":
                if self._is_left_out(element):
                    walk.skip_subtree()
                else:
                    self._open(element)
            else:
                if not self._is_left_out(element):
                    self._close(element)
                self._say(element.tail)
        self._end_line()
        return self._text()

    def _is_left_out(self, element: html.HtmlElement) -> bool:
        if element.tag in _LEFT_OUT or _HIDDEN.search(element.get("style") or ""):
            return True
        return self._is_marked and _is_signature(element)

    def _open(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._end_line()
        if tag in _PARAGRAPHS:
            self._lines.append((self._depth, ""))
        if self._is_marked and _begins_quote(element):
            self._end_line()
            self._lines.append((self._depth, CUT if self._depth == 0 else ""))
        if tag == "blockquote":
            self._depth += 1
        elif tag == "pre":
            self._kept_as_is += 1
        elif tag == "br":
            self._end_line(is_forced=True)
        elif tag == "li":
            self._words.append("- ")
        self._say(element.text)

    def _close(self, element: html.HtmlElement) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._end_line()
        elif tag in ("td", "th"):
            self._words.append("  ")
        if tag == "blockquote":
            self._depth = max(0, self._depth - 1)
        elif tag == "pre":
            self._kept_as_is = max(0, self._kept_as_is - 1)
        if tag in _PARAGRAPHS:
            self._lines.append((self._depth, ""))

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if not self._kept_as_is:
            self._words.append(re.sub(r"[ \t\n\r\f]+", " ", text))
            return
        *whole, last = text.split("\n")
        for line in whole:
            self._words.append(line)
            self._end_line(is_forced=True)
        self._words.append(last)

    def _end_line(self, *, is_forced: bool = False) -> None:
        line = re.sub(r" {2,}", "  ", "".join(self._words)).replace("\xa0", " ").strip()
        self._words = []
        if line or is_forced:
            self._lines.append((self._depth, line))

    def _text(self) -> str:
        written: list[str] = []
        for depth, line in self._lines:
            whole = f"{'>' * depth} {line}".rstrip() if depth else line
            if whole or (written and written[-1]):
                written.append(whole)
        return "\n".join(written).strip("\n")


def _names(element: html.HtmlElement) -> tuple[str, set[str]]:
    return (element.get("id") or "").lower(), set((element.get("class") or "").lower().split())


def _begins_quote(element: html.HtmlElement) -> bool:
    if element.tag not in ("div", "hr", "p", "span"):
        return False
    name, classes = _names(element)
    if name.endswith(_CUT_IDS) or (classes & _CUT_CLASSES and not _has_quotation_next(element)):
        return True
    return element.get("name") == "quote" or bool(_OUTLOOK_RULE.search(element.get("style") or ""))


def _has_quotation_next(element: html.HtmlElement) -> bool:
    """Whether a block of quotation follows, whose own mark tells where it ends."""
    following = element.getnext()
    while following is not None and (following.tag == "br" or not isinstance(following.tag, str)):
        following = following.getnext()
    return following is not None and following.tag == "blockquote"


def _is_signature(element: html.HtmlElement) -> bool:
    name, classes = _names(element)
    return name in _SIGNATURE_IDS or bool(classes & _SIGNATURE_CLASSES)
