"""The index keeps what it is given, on a real Chroma server, and every silence of that server is an outage."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import numpy as np
import pytest

from knowledge.embeddings import Embedding, encoder
from knowledge.index import Entry, Index, IndexUnreachable, _set_timeout

PAYING = Entry("en/paying/term", "1", ["When do I have to pay?", "Thirty days after the invoice."])
SENDING = Entry("nl/sending/cost", "1", ["Wat kost de verzending?"])


def _nearest(index: Index, text: str, limit: int = 10) -> list[tuple[str, float]]:
    vectors = index.embedding.embed([text])
    return [(near.key, round(near.similarity, 2)) for near in index.nearest(vectors, limit)[0]]


def test_every_text_of_an_entry_leads_to_it_in_any_language_the_nearest_first(index: Index) -> None:
    index.put([PAYING, SENDING])
    assert _nearest(index, "When do I have to pay?")[0] == (PAYING.key, 1.0)
    assert [key for key, _ in _nearest(index, "When do I have to pay?")].count(PAYING.key) == 2
    assert _nearest(index, "What does shipping cost?", 1)[0][0] == SENDING.key


def test_putting_again_replaces_and_removing_removes(index: Index) -> None:
    index.put([PAYING, SENDING])
    index.put([Entry(PAYING.key, "2", ["Two months."])])
    assert index.held() == {PAYING.key: "2", SENDING.key: "1"}
    assert [key for key, _ in _nearest(index, "pay")].count(PAYING.key) == 1
    index.remove([PAYING.key])
    index.remove([])
    assert index.held() == {SENDING.key: "1"}


def test_an_index_made_with_another_embedding_is_begun_again(index: Index) -> None:
    index.put([PAYING])
    other = Embedding("letters", 3, lambda texts: np.ones((len(texts), 3), dtype=np.float32))
    with closing(Index(index.address, installation=index.installation, embedding=other)) as reopened:
        assert reopened.held() == {}
        reopened.put([SENDING])
    with closing(Index(index.address, installation=index.installation, embedding=other)) as again:
        assert again.held() == {SENDING.key: "1"}


def test_two_installations_on_one_server_do_not_see_each_other(index: Index) -> None:
    index.put([PAYING])
    with closing(Index(index.address, installation=f"{index.installation}-2")) as other:
        assert other.held() == {}


def test_a_server_that_is_not_there_is_an_outage_and_is_asked_anew_the_next_time(chroma_url: str, index: Index) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        addresses = iter([nobody, chroma_url])
        moved = Index(lambda: next(addresses), installation=index.installation)
        with pytest.raises(IndexUnreachable):
            moved.held()
        assert moved.held() == {}
        moved.close()


def test_a_server_that_never_answers_is_an_outage_within_the_time_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = Index(f"http://127.0.0.1:{silent.getsockname()[1]}", seconds_max=0.3)
        finished = threading.Event()

        def ask() -> None:
            with pytest.raises(IndexUnreachable):
                index.held()
            finished.set()

        threading.Thread(target=ask, daemon=True).start()
        assert finished.wait(5)


def test_a_server_that_stops_answering_after_it_was_found_is_an_outage_too(index: Index) -> None:
    index.put([PAYING])
    assert index._collection is not None
    _set_timeout(index._client, 0.3)  # only for the silent one: a real server that is busy may take longer
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index._collection._client._api_url = f"http://127.0.0.1:{silent.getsockname()[1]}/api/v2"  # type: ignore[attr-defined]
        with pytest.raises(IndexUnreachable):
            index.held()
    assert index.held() == {PAYING.key: "1"}


def test_the_encoder_is_one_per_process_and_shared_by_threads() -> None:
    texts = ["When do I have to pay?", "Wanneer moet ik betalen?", "The weather is fine"]
    alone = encoder().encode(texts)
    together: list[object] = []
    threads = [threading.Thread(target=lambda: together.append(encoder().encode(texts))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert alone.shape == (3, 512)
    assert np.allclose(np.linalg.norm(alone, axis=1), 1.0, atol=1e-3)
    assert all(np.array_equal(alone, other) for other in together)
    assert alone[0] @ alone[1] > 0.7 > alone[0] @ alone[2]
    assert encoder().encode([]).shape == (0, 512)
    assert encoder() is encoder()
