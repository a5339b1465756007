"""A real Chroma server for the run, and the library that comes with Parley, read in once."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import typst

from app.chroma_server import ChromaServer
from knowledge.index import Index
from knowledge.sync import LIBRARY, sync
from o2c_core.store.store import Store

FRONT = """+++
title = "{title}"
topic = "{topic}"
language = "{language}"
audience = "{audience}"
owner = "Finance"
valid_from = {valid_from}
+++

"""


def a_document(
    body: str,
    *,
    title: str = "Paying",
    topic: str = "paying",
    language: str = "en",
    audience: str = "customers",
    valid_from: str = "2026-01-01",
    **more: str,
) -> str:
    """`more` are further words of the front matter, such as seller or valid_until, as they are written there."""
    front = FRONT.format(title=title, topic=topic, language=language, audience=audience, valid_from=valid_from)
    told = "".join(f"{word} = {fact}\n" for word, fact in more.items())
    return front.replace("\n+++\n\n", f"\n{told}+++\n\n") + body


def in_folder(folder: Path, **documents: str) -> Path:
    """The documents as files called after their names; what was in the folder before is gone."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for name, text in documents.items():
        (folder / f"{name}.md").write_text(text)
    return folder


@pytest.fixture(scope="session")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = ChromaServer()
    yield server.start(tmp_path_factory.mktemp("chroma"))
    server.stop()


@pytest.fixture
def index(chroma_url: str) -> Iterator[Index]:
    """An empty index of the test's own."""
    index = Index(chroma_url, installation=f"test-{uuid.uuid4().hex[:12]}")
    yield index
    index.close()


@pytest.fixture(scope="session")
def library_index(chroma_url: str) -> Iterator[Index]:
    """An index for the library; it keeps its vectors from test to test, so that only the first one waits for them."""
    index = Index(chroma_url, installation="library")
    yield index
    index.close()


@pytest.fixture
def library(store: Store, library_index: Index) -> Index:
    """The library is read into the test's ledger; this is its index."""
    sync(LIBRARY, store=store, index=library_index)
    return library_index


def a_docx(body: str, *, styles: str = "", title: str = "", **parts: bytes) -> bytes:
    """A Word document of those paragraphs; `parts` replace or add files of the package, with __ for a slash."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    files = {
        "[Content_Types].xml": b"<Types/>",
        "word/document.xml": f'<w:document xmlns:w="{word}" xmlns:r="{relations}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{word}">{styles}</w:styles>',
        "docProps/core.xml": '<cp:coreProperties xmlns:cp="x" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></cp:coreProperties>",
    } | {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return packed.getvalue()


def a_paragraph(text: str, *, style: str = "", run: str = "") -> str:
    about = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{about}<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def a_pdf(body: str, *, title: str = "Terms of sale") -> bytes:
    """The PDF that Typst makes of it."""
    page = f'#set document(title: "{title}")\n#set page(width: 140mm, height: 120mm)\n{body}'
    return typst.compile(page.encode())


SIDECAR = """
topic = "terms"
language = "en"
owner = "Finance"
valid_from = 2026-01-01
"""


def with_sidecar(folder: Path, name: str, content: bytes, sidecar: str = SIDECAR) -> Path:
    """The file in the folder, with what is said of it beside it."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / f"{name}.toml").write_text(sidecar)
    return folder
