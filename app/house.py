"""The open house: ledger, library and assistant, ready to take turns."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.chroma_server import ChromaServer
from app.demo import cast
from app.installation import doorplate, opened_store
from app.settings import Settings, settings
from bot.assistant import Assistant, ProvidedModel, Terms, provider_model
from bot.embedded.understanding import warm_up
from bot.model.provider import needs_key
from bot.turn import House
from knowledge.index import Index
from knowledge.sync import make_ready, reindex
from o2c_core.customers.seller import Seller
from o2c_core.errors import Outage
from o2c_core.store.store import Store

log = logging.getLogger("parley.house")


class Shelf:
    """The library's index as soon as it is up; until then, and whenever it is down, there is none."""

    def __init__(self) -> None:
        self._index: Index | None = None

    def __call__(self) -> Index | None:
        return self._index

    def put(self, index: Index) -> None:
        self._index = index

    def clear(self) -> None:
        if self._index is not None:
            self._index.close()
        self._index = None


@contextmanager
def opened_house(chosen: Settings | None = None) -> Iterator[House]:
    """Everything turns are taken with.

    The library's index starts in the background; until it is up, policy questions are answered by full text alone.
    """
    chosen = chosen or settings()
    shelf = Shelf()
    with opened_store(chosen) as store:
        server = ChromaServer()
        opening = threading.Thread(target=_open_library, args=(chosen, store, server, shelf), daemon=True)
        opening.start()
        assistant = provided_assistant(chosen)
        warm_up()
        try:
            yield House(store, shelf, assistant, doorplate(chosen), chosen.gather_seconds)
        finally:
            opening.join(timeout=30)
            shelf.clear()
            server.stop()


def settle() -> None:
    """Takes what was loaded at the start out of the garbage collector's rounds; a turn makes enough garbage of its own."""
    gc.collect()
    gc.freeze()


def provided_assistant(chosen: Settings | None = None) -> Assistant:
    """The assistant as the settings say: with the provider's model where one is set."""
    chosen = chosen or settings()
    return Assistant(_model(chosen), _terms(chosen))


def _model(chosen: Settings) -> ProvidedModel | None:
    """The provider's model that is set; None when the embedded one answers alone."""
    if chosen.model is None:
        return None
    if chosen.model_key is None and needs_key(chosen.model, chosen.model_base_url):
        log.warning("PARLEY_MODEL is set without PARLEY_MODEL_KEY: the embedded model answers")
        return None
    key = chosen.model_key.get_secret_value() if chosen.model_key else None
    return provider_model(chosen.model, key=key, address=chosen.model_base_url, seconds=chosen.model_seconds)


def _terms(chosen: Settings) -> Terms:
    return Terms(
        name=chosen.model or "",
        seconds=chosen.model_seconds,
        calls_per_turn=chosen.model_calls_per_turn,
        tokens_per_turn=chosen.model_tokens_per_turn,
        calls_per_conversation=chosen.model_calls_per_conversation,
        tokens_per_conversation=chosen.model_tokens_per_conversation,
        price_in=chosen.model_price_in,
        price_out=chosen.model_price_out,
    )


def _open_library(chosen: Settings, store: Store, server: ChromaServer, shelf: Shelf) -> None:
    """Brings the passages in line with the library's files, then puts the index on the shelf once it answers."""
    try:
        if chosen.chroma_url is None:
            server.start(chosen.data)
            index = Index(server.wait)
        else:
            url = chosen.chroma_url
            index = Index(lambda: url)
        _fill(store, index)
        shelf.put(index)
    except Outage as out:
        log.warning("library without its index: %s", out.sentence)
        _fill(store, None)
    except Exception:
        log.exception("library could not be opened")


def _fill(store: Store, index: Index | None) -> None:
    """The demo's own library belongs to its seller; anybody else's is read in with `parley knowledge sync`."""
    with store.session() as session:
        is_demo = session.scalar(select(Seller.id).where(Seller.ref == cast.SELLER)) is not None
    if is_demo:
        make_ready(store=store, index=index)
    elif index is not None:
        reindex(store=store, index=index)
