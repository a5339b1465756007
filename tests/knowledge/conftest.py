"""A real Chroma server for the run, and the library that comes with Parley, read in once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

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
) -> str:
    front = FRONT.format(title=title, topic=topic, language=language, audience=audience, valid_from=valid_from)
    return front + body


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
