"""The index of passages by meaning, on a Chroma server; the only file that knows Chroma."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from knowledge.embeddings import Embedding, Vectors, sentence_embedding
from o2c_core.errors import Outage

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Where

_BATCH = 200  # vectors sent at once


class IndexUnreachable(Outage):
    """The index of our documents does not answer; check that the Chroma server runs."""


@dataclass(frozen=True)
class Entry:
    """What is put in the index for a passage: every text gets a vector that leads to `key`."""

    key: str
    checksum: str
    texts: Sequence[str]


@dataclass(frozen=True)
class Near:
    """One of a passage's texts near a question. `similarity` is the cosine between them, at most 1."""

    key: str
    similarity: float


@dataclass
class Index:
    """One installation's collection on a Chroma server.

    `address` is the server's URL, or gives it and may wait for it: a supervised server can come back on another port.
    Nothing is connected before the first question. Every method raises IndexUnreachable.
    """

    address: str | Callable[[], str]
    installation: str = "parley"
    embedding: Embedding = field(default_factory=sentence_embedding)
    seconds_max: float = 2.0
    _collection: Collection | None = field(default=None, init=False, repr=False)
    _client: Any = field(default=None, init=False, repr=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def nearest(self, vectors: Vectors, limit: int) -> list[list[Near]]:
        """For each vector the texts near it in any language and for any audience, the nearest first."""
        with self._at_work() as collection:
            # Only ids and no condition: a fifth of the time that metadata and a condition on it take.
            answer = collection.query(query_embeddings=vectors, n_results=limit, include=["distances"])
        return [
            [Near(name.rpartition("#")[0], 1.0 - distance) for name, distance in zip(names, distances, strict=True)]
            for names, distances in zip(answer["ids"], answer["distances"] or [], strict=True)
        ]

    def held(self) -> dict[str, str]:
        """The checksum of every passage that has vectors here."""
        with self._at_work() as collection:
            found = collection.get(include=["metadatas"])
        return {str(about["key"]): str(about["checksum"]) for about in found["metadatas"] or []}

    def put(self, entries: Sequence[Entry]) -> None:
        """Gives these passages the vectors of their texts, in the place of those they had."""
        rows = [(entry, number, text) for entry in entries for number, text in enumerate(entry.texts)]
        self.remove([entry.key for entry in entries])
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            vectors = self.embedding.embed([text for _, _, text in batch])
            with self._at_work() as collection:
                collection.upsert(
                    ids=[f"{entry.key}#{number}" for entry, number, _ in batch],
                    embeddings=vectors,
                    metadatas=[{"key": entry.key, "checksum": entry.checksum} for entry, _, _ in batch],
                )

    def remove(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), _BATCH):
            with self._at_work() as collection:
                collection.delete(where=cast("Where", {"key": {"$in": list(keys[start : start + _BATCH])}}))

    def close(self) -> None:
        """Hangs up; the next question connects again."""
        with self._turn:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client._server._session.close()
        self._client = self._collection = None

    @contextmanager
    def _at_work(self) -> Iterator[Collection]:
        try:
            with self._turn:
                if self._collection is None:
                    self._collection = self._open()
                collection = self._collection
            yield collection
        except Exception as silence:
            # Chroma's client lets through the errors of whatever it is built on, so there is no list to go by.
            self._hang_up()
            raise IndexUnreachable(server=repr(silence)) from silence

    def _open(self) -> Collection:
        """The collection; one that was made with another embedding is thrown away and begun again."""
        url = (self.address if isinstance(self.address, str) else self.address()).rstrip("/")
        # Chroma's client would wait for ever; this does not. Source: its own heartbeat address.
        with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=self.seconds_max):  # noqa: S310 (our own setting)
            pass
        import chromadb  # takes more than a second, so only who needs it pays
        from chromadb.config import Settings

        parts = urlsplit(url)
        client = chromadb.HttpClient(
            host=parts.hostname or "localhost",
            port=parts.port or (443 if parts.scheme == "https" else 80),
            ssl=parts.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )
        self._client = client
        _set_timeout(client, self.seconds_max)
        about: dict[str, Any] = {"embedding": self.embedding.name, "dimension": self.embedding.dimension}
        name = f"{self.installation}-passages"
        collection = self._made(client, name, about)
        if any(collection.metadata.get(fact) != value for fact, value in about.items()):
            client.delete_collection(name)
            collection = self._made(client, name, about)
        return collection

    @staticmethod
    def _made(client: Any, name: str, about: dict[str, Any]) -> Collection:
        # Without the None, Chroma downloads an embedding of its own at first use.
        made: Collection = client.get_or_create_collection(
            name, metadata=about, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        return made


def _set_timeout(client: Any, seconds: float) -> None:
    """Chroma's client has no setting for it and waits for ever by default. Source: chromadb/api/fastapi.py, 1.5.9."""
    client._server._session.timeout = seconds
