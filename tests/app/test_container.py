"""Which carrier stands behind which channel, as the settings say; nothing set or half set ever breaks."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.application import make_application
from app.container import carriers
from app.installation import doorplate
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from o2c_core.store.store import Store

TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "t"}


@pytest.mark.parametrize(
    ("chosen", "email", "sms", "whatsapp"),
    [
        ({}, "captured", "captured", "captured"),
        (TWILIO, "captured", "twilio", "captured"),
        (TWILIO | {"twilio_whatsapp_sender": "+31201234567"}, "captured", "twilio", "twilio"),
        ({"twilio_account_sid": "AC1"}, "captured", "captured", "captured"),
        ({"twilio_auth_token": "t"}, "captured", "captured", "captured"),
        ({"twilio_whatsapp_sender": "+31201234567"}, "captured", "captured", "captured"),
        ({"sendgrid_key": "SG.x"}, "sendgrid", "captured", "captured"),
        ({"sendgrid_key": "nonsense"}, "sendgrid", "captured", "captured"),
        ({"smtp_url": "smtp://u:p@mail.example:587"}, "smtp", "captured", "captured"),
        ({"smtp_url": "not a server"}, "captured", "captured", "captured"),
        ({"sendgrid_key": "SG.x", "smtp_url": "smtp://mail.example"}, "smtp", "captured", "captured"),
    ],
)
def test_a_channel_has_its_carrier_once_its_keys_are_set(
    tmp_path: Path, chosen: dict[str, Any], email: str, sms: str, whatsapp: str
) -> None:
    found = carriers(Settings(data=tmp_path, _env_file=None, **chosen))
    assert {channel: carrier.name for channel, carrier in found.items()} == {
        "email": email, "sms": sms, "whatsapp": whatsapp
    }  # fmt: skip


@pytest.mark.parametrize("chosen", [{}, {"sendgrid_events_key": "nonsense", "sendgrid_inbound_key": "nonsense"}])
def test_a_door_without_a_key_that_can_be_one_stays_shut(tmp_path: Path, store: Store, chosen: dict[str, Any]) -> None:
    settings = Settings(data=tmp_path, secret="key", _env_file=None, **chosen)
    house = House(store, lambda: None, Assistant())
    with TestClient(make_application(house, settings)) as client:
        for path in ("/twilio/messages", "/sendgrid/events", "/sendgrid/inbound", "/sendgrid/inbound/guessed"):
            assert client.post(path, content=b"x").status_code == 403, path


def test_without_a_public_address_there_are_no_links_and_nothing_breaks(tmp_path: Path) -> None:
    plate = doorplate(Settings(data=tmp_path, _env_file=None))
    assert (plate.url("/preferences/x"), plate.reply_domain) == (None, None)
    assert plate.key
