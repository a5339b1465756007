"""The pages over a test's ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.testclient import TestClient

from o2c_core.store.store import Store
from web.pages import pages, static_files


@dataclass(frozen=True)
class Example:
    """A question to try."""

    customer_ref: str
    text: str


def open_pages(
    store: Store,
    *,
    is_demo: bool = True,
    examples: Sequence[Example] = (),
    ask: Callable[[str, str], tuple[str, Sequence[Mapping[str, Any]]]] | None = None,
) -> TestClient:
    def session_for(customer_id: UUID | None) -> str:
        return f"token of {customer_id or 'a stranger'}"

    app = FastAPI()
    app.include_router(
        pages(store=store, session_for=session_for, is_demo=is_demo, questions=lambda: examples, ask=ask)
    )
    app.mount("/static", static_files())
    return TestClient(app)


def words(html: str) -> str:
    """What the page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\N{NO-BREAK SPACE}", " ").split())
