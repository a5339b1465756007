"""A document of the library: its front matter, and its sections with the questions they answer."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from o2c_core.errors import Refused

# Each language with PostgreSQL's text search configuration for it.
LANGUAGES = {"en": "english", "nl": "dutch", "de": "german", "fr": "french"}

# The questions of a document for nobody are known to be answered elsewhere, for instance from the ledger.
AUDIENCES = ("customers", "staff", "nobody")

_NAMED = re.compile(r"(.*?)(?:\s*\{#([a-z0-9-]+)\})?", re.DOTALL)


class DocumentUnreadable(Refused):
    """The document cannot be read: it must be UTF-8 text that opens with front matter between two lines of +++."""


class NoTitle(Refused):
    """The document's front matter must give title, topic, language and owner as text, and valid_from as a date."""


class UnknownLanguage(Refused):
    """The document's language must be one of en, nl, de and fr."""


class UnknownAudience(Refused):
    """The document's audience must be customers, staff or nobody."""


class NoSection(Refused):
    """The document's text must be in sections that each open with a ## heading of their own and hold an answer."""


class FolderMissing(Refused):
    """That folder does not exist or holds no Markdown document."""


@dataclass(frozen=True)
class Section:
    """An answer that can be given as it stands, and some of the questions people ask for it.

    `name` is the same in every language; it is written behind the heading, {#like-this}, or made from the heading.
    """

    name: str
    title: str
    text: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Document:
    name: str
    title: str
    topic: str
    language: str
    audience: str
    owner: str
    seller: str | None
    valid_from: date
    review_on: date | None
    sections: tuple[Section, ...]


def read_folder(folder: Path) -> list[Document]:
    """Every Markdown document in the folder and the folders below it, except those called README, in order of name.

    Raises: FolderMissing; what read_document raises.
    """
    paths = sorted(path for path in folder.rglob("*.md") if path.stem.lower() != "readme")
    if not paths:
        raise FolderMissing(f"{folder} does not exist or holds no Markdown document.")
    documents = []
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as odd:
            raise _said(DocumentUnreadable, name) from odd
        documents.append(read_document(text, name))
    return documents


def read_document(text: str, name: str) -> Document:
    """Raises: DocumentUnreadable; NoTitle; UnknownLanguage; UnknownAudience; NoSection."""
    facts, body = _front_matter(text, name)
    words = {field: facts.get(field) for field in ("title", "topic", "language", "owner")}
    if not all(isinstance(word, str) and word.strip() for word in words.values()):
        raise _said(NoTitle, name)
    valid_from, review_on = facts.get("valid_from"), facts.get("review_on")
    if type(valid_from) is not date or not (review_on is None or type(review_on) is date):
        raise _said(NoTitle, name)
    seller = facts.get("seller")
    if not (seller is None or isinstance(seller, str)):
        raise _said(NoTitle, name)
    if words["language"] not in LANGUAGES:
        raise _said(UnknownLanguage, name)
    audience = facts.get("audience", "customers")
    if audience not in AUDIENCES:
        raise _said(UnknownAudience, name)
    return Document(
        name=name,
        title=str(words["title"]),
        topic=str(words["topic"]),
        language=str(words["language"]),
        audience=str(audience),
        owner=str(words["owner"]),
        seller=seller,
        valid_from=valid_from,
        review_on=review_on,
        sections=_sections(body, name, needs_text=audience != "nobody"),
    )


def _said(failure: type[Refused], name: str) -> Refused:
    """The failure's own sentence, after the document's name."""
    sentence = (failure.__doc__ or "").splitlines()[0]
    return failure(f"{name}: {sentence[0].lower()}{sentence[1:]}", document=name)


def _front_matter(text: str, name: str) -> tuple[dict[str, Any], str]:
    opening, _, rest = text.replace("\r\n", "\n").partition("+++\n")
    head, fence, body = rest.partition("\n+++\n")
    if opening.strip() or not fence:
        raise _said(DocumentUnreadable, name)
    try:
        return tomllib.loads(head), body
    except tomllib.TOMLDecodeError as odd:
        raise _said(DocumentUnreadable, name) from odd


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _sections(body: str, name: str, *, needs_text: bool) -> tuple[Section, ...]:
    names: list[str] = []
    titles: list[str] = []
    texts: list[list[str]] = []
    questions: list[list[str]] = []
    tokens = _markdown().parse(body)
    in_quote = 0
    for place, token in enumerate(tokens):
        if token.type in ("blockquote_open", "blockquote_close"):
            in_quote += token.nesting
        if token.type not in ("inline", "fence", "code_block"):
            continue
        if tokens[place - 1].type == "heading_open" and tokens[place - 1].tag == "h2":
            named = _NAMED.fullmatch(_plain(token))
            assert named is not None  # any text at all matches
            title, written = named.groups()
            titles.append(title)
            names.append(written or _slug(title))
            texts.append([])
            questions.append([])
        elif not titles:
            raise _said(NoSection, name)
        elif in_quote:
            questions[-1] += [line.strip() for line in _plain(token).splitlines() if line.strip()]
        else:
            texts[-1].append(_plain(token))
    unanswered = needs_text and not all(texts)
    if not titles or not all(titles) or unanswered or len(set(names)) < len(names):
        raise _said(NoSection, name)
    return tuple(
        Section(section, title, "\n".join(paragraphs), tuple(asked))
        for section, title, paragraphs, asked in zip(names, titles, texts, questions, strict=True)
    )


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or hashlib.sha256(title.encode()).hexdigest()[:12]


def _plain(token: Token) -> str:
    """The words without the marks, for a text message as well as a page; a link keeps its address behind its words."""
    if token.children is None:
        return token.content.strip()
    words = []
    address = ""
    for child in token.children:
        if child.type in ("softbreak", "hardbreak"):
            words.append("\n")
        elif child.type == "link_open":
            address = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            words.append(f" ({address})" if address and words[-1] != address else "")
        else:
            words.append(child.content)
    return "".join(words).strip()
