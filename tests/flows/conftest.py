"""The open house of the flows: the test's own ledger, and one embedded assistant for all of them."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.turn import House
from o2c_core.store.store import Store


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def house(store: Store, assistant: Assistant) -> House:
    return House(store, lambda: None, assistant)
