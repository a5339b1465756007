"""Which payment provider customers are sent to, as the settings say; half a setting sends nobody anywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.application import make_application
from app.container import pay_providers
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.clock import MovableClock
from o2c_core.store.store import Store

STRIPE = {"stripe_key": "sk_1", "stripe_webhook_key": "whsec_1"}
HERE = {"base_url": "https://parley.example"}


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, []),
        ({"demo": True}, []),
        ({"demo": True} | HERE, ["captured"]),
        (HERE, []),
        (STRIPE, ["stripe"]),
        ({"stripe_key": "sk_1"}, []),
        ({"stripe_webhook_key": "whsec_1"}, []),
        ({"mollie_key": "live_1"}, ["mollie"]),
        (STRIPE | {"mollie_key": "live_1", "demo": True} | HERE, ["stripe", "mollie"]),
    ],
)
def test_a_provider_is_there_once_its_keys_are(
    tmp_path: Path, clock: MovableClock, chosen: dict[str, Any], names: list[str]
) -> None:
    settings = Settings(data=tmp_path, secret="key", _env_file=None, **chosen)
    assert list(pay_providers(settings, clock)) == names


@pytest.mark.parametrize("chosen", [{}, STRIPE | HERE, {"demo": True} | HERE])
def test_the_doors_of_the_house_hear_no_unsigned_word(tmp_path: Path, store: Store, chosen: dict[str, Any]) -> None:
    settings = Settings(data=tmp_path, secret="key", _env_file=None, **chosen)
    with TestClient(make_application(House(store, lambda: None, Assistant()), settings)) as client:
        for name in ("stripe", "mollie", "captured"):
            assert (
                client.post(f"/webhooks/{name}", content=b'{"type": "checkout.session.completed"}').status_code == 403
            )
        is_demo = bool(chosen.get("demo"))
        assert (client.get("/captured-payments/style.css").status_code == 200) == is_demo
