"""A document of the library: what it says about itself, and its sections with the questions they answer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.apart import READERS, FileRefused, read_apart
from knowledge.blocks import Parts, sections_of
from knowledge.markdown_document import BadMarkdown, front_matter, markdown_sections
from knowledge.section import Section
from o2c_core.errors import Refused

# Each language with PostgreSQL's text search configuration for it.
LANGUAGES = {"en": "english", "nl": "dutch", "de": "german", "fr": "french"}

# The questions of a document for nobody are known to be answered elsewhere, for instance from the ledger.
AUDIENCES = ("customers", "staff", "nobody")

BYTES_MAX = 20_000_000
SIDECAR_BYTES_MAX = 200_000


class DocumentUnreadable(Refused):
    """The document cannot be read: it must be UTF-8 text that opens with front matter between two lines of +++."""


class FileUnreadable(Refused):
    """The document cannot be read: it is damaged, locked with a password, or not what its name says."""


class FileTooLarge(Refused):
    """The document is larger than what is read: 20 MB, 500 pages or a million characters, also when unpacked."""


class FileTooSlow(Refused):
    """The document took longer to read than it is given."""


class NoText(Refused):
    """The document holds no text; a scan has to be turned into text first."""


class SidecarUnreadable(Refused):
    """The document's .toml file beside it cannot be read as TOML."""


class NoSuchSection(Refused):
    """The document has no section of a name that the .toml file beside it speaks of."""


class NoTitle(Refused):
    """The document's front matter must give title, topic, language and owner as text, and valid_from as a date."""


class NeverValid(Refused):
    """The document's valid_until must be a date that does not come before its valid_from."""


class UnknownLanguage(Refused):
    """The document's language must be one of en, nl, de and fr."""


class UnknownAudience(Refused):
    """The document's audience must be customers, staff or nobody."""


class NoSection(Refused):
    """The document's text must be in sections that each open with a ## heading of their own and hold an answer."""


class BadFact(Refused):
    """The document's facts must be whole numbers with a name, like return_days = 14."""


class FolderMissing(Refused):
    """That folder does not exist or holds no document."""


@dataclass(frozen=True)
class Document:
    """`hidden` is what the file holds that its readers would not see; it is left out of the sections."""

    name: str
    title: str
    topic: str
    language: str
    audience: str
    owner: str
    seller: str | None
    valid_from: date
    valid_until: date | None
    review_on: date | None
    sections: tuple[Section, ...]
    hidden: tuple[str, ...] = field(default=())


_REFUSALS: Mapping[str, type[Refused]] = {
    "unreadable": FileUnreadable,
    "too large": FileTooLarge,
    "too slow": FileTooSlow,
    "no text": NoText,
}


def read_folder(folder: Path) -> list[Document]:
    """Every document in the folder and the folders below it, except those called README, in order of name.

    Raises: FolderMissing; what read_document and read_file raise.
    """
    kinds = {".md", *READERS}
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in kinds and path.stem.lower() != "readme" and not path.name.startswith((".", "~$"))
    )
    if not paths:
        raise FolderMissing(f"{folder} does not exist or holds no document.")
    return [_read(path, path.relative_to(folder).as_posix()) for path in paths]


def _read(path: Path, name: str) -> Document:
    if path.suffix.lower() in READERS:
        return read_file(path, name)
    content = _content(path, name)
    try:
        return read_document(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as odd:
        raise _said(DocumentUnreadable, name) from odd


def _content(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as odd:
        raise _said(FileUnreadable, name) from odd
    if len(content) > BYTES_MAX:
        raise _said(FileTooLarge, name)
    return content


def read_document(text: str, name: str) -> Document:
    """A Markdown document.

    Raises: DocumentUnreadable; NoTitle; NeverValid; UnknownLanguage; UnknownAudience; NoSection; BadFact.
    """
    try:
        about, body = front_matter(text)
        document = _document(about, name)
        sections = markdown_sections(body, needs_text=document.audience != "nobody")
    except BadMarkdown as odd:
        failure = {"front": DocumentUnreadable, "fact": BadFact}.get(odd.where, NoSection)
        raise _said(failure, name) from odd
    return replace(document, sections=sections)


def read_file(path: Path, name: str) -> Document:
    """An HTML page, a PDF or a Word document; what it does not say of itself stands in name.toml beside it.

    Raises: FileUnreadable; FileTooLarge; FileTooSlow; NoText; SidecarUnreadable; and what read_document raises.
    """
    content = _content(path, name)
    beside = path.with_name(f"{path.name}.toml")
    about: dict[str, Any] = {}
    if beside.is_file():
        try:
            about = tomllib.loads(beside.read_bytes()[:SIDECAR_BYTES_MAX].decode("utf-8-sig"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as odd:
            raise _said(SidecarUnreadable, name) from odd
    try:
        parts = read_apart(content, path.suffix.lower())
    except FileRefused as odd:
        raise _said(_REFUSALS[odd.why], name) from odd
    return document_of(parts, about, name)


def document_of(parts: Parts, beside: Mapping[str, Any], name: str) -> Document:
    """The document made of a file's parts; what the file beside it says goes before what it says of itself.

    Raises: NoTitle; NeverValid; UnknownLanguage; UnknownAudience; NoSection; NoSuchSection; BadFact.
    """
    own = {word: fact for word, fact in parts.about.items() if fact}
    document = _document({"title": parts.title} | own | dict(beside), name)
    by_section = beside.get("sections", {})
    if not isinstance(by_section, dict) or not all(isinstance(more, dict) for more in by_section.values()):
        raise _said(SidecarUnreadable, name)
    found = sections_of(parts, document.title)
    if not by_section.keys() <= {section.name for section in found}:
        raise _said(NoSuchSection, name)
    sections = [_with(section, by_section.get(section.name), name) for section in found]
    if not sections or len({section.name for section in sections}) < len(sections):
        raise _said(NoSection, name)
    return replace(document, sections=tuple(sections), hidden=tuple(parts.hidden))


def _with(section: Section, more: Mapping[str, Any] | None, name: str) -> Section:
    """The section with its name, questions and facts as the file beside the document gives them."""
    if more is None:
        return section
    called, asked = more.get("name", section.name), more.get("questions", list(section.questions))
    if not isinstance(called, str) or not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise _said(SidecarUnreadable, name)
    facts = more.get("facts", {})
    if not isinstance(facts, dict) or not all(type(number) is int for number in facts.values()):
        raise _said(BadFact, name)
    return replace(section, name=called, questions=tuple(asked), facts=facts)


def _document(about: Mapping[str, Any], name: str) -> Document:
    """What the document says about itself, still without sections."""
    words = {word: about.get(word) for word in ("title", "topic", "language", "owner")}
    if not all(isinstance(word, str) and word.strip() for word in words.values()):
        raise _said(NoTitle, name)
    valid_from, valid_until, review_on = (_day(about.get(day)) for day in ("valid_from", "valid_until", "review_on"))
    if type(valid_from) is not date or not _is_day_or_none(review_on):
        raise _said(NoTitle, name)
    if not _is_day_or_none(valid_until) or (valid_until is not None and valid_until < valid_from):
        raise _said(NeverValid, name)
    seller = about.get("seller")
    if not (seller is None or isinstance(seller, str)):
        raise _said(NoTitle, name)
    if words["language"] not in LANGUAGES:
        raise _said(UnknownLanguage, name)
    audience = about.get("audience", "customers")
    if audience not in AUDIENCES:
        raise _said(UnknownAudience, name)
    return Document(
        name=name,
        title=str(words["title"]).strip(),
        topic=str(words["topic"]),
        language=str(words["language"]),
        audience=str(audience),
        owner=str(words["owner"]),
        seller=seller,
        valid_from=valid_from,
        valid_until=valid_until,
        review_on=review_on,
        sections=(),
    )


def _day(value: Any) -> Any:
    """A day written as text, as HTML has to write it, is a day as well."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            return value
    return value


def _is_day_or_none(value: Any) -> bool:
    return value is None or type(value) is date


def _said(failure: type[Refused], name: str) -> Refused:
    """The failure's own sentence, after the document's name."""
    sentence = (failure.__doc__ or "").splitlines()[0]
    return failure(f"{name}: {sentence[0].lower()}{sentence[1:]}", document=name)
