"""The real Twilio SDK, through our carrier, against Twilio's own API description served by Prism."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from channels.twilio_carrier import TwilioCarrier
from o2c_core.conversations.carrier import Accepted, NotThere, Outgoing, Rejected

SPEC = "specs/twilio_messages_v2010.json"
START_SECONDS_MAX = 60
OUTGOING = Outgoing(
    message_id=UUID(int=9),
    seller_id=UUID(int=1),
    channel="sms",
    purpose="reminders",
    to="+31612345678",
    text="Acme: invoice 42 is due. EUR 12,00",
    claimed_at=datetime(2026, 3, 16, 11, 0, tzinfo=UTC),
    valid_seconds=900,
)


@pytest.fixture(scope="module")
def prism(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism of our own; a request whose body or path breaks the description is answered 422 by it."""
    spec, command = shared_folder / SPEC, shutil.which("prism")
    if not spec.exists() or command is None:
        pytest.skip("Twilio's API description or Prism is not here")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("prism") / "log").open("wb")
    served = subprocess.Popen([command, "mock", "-h", "127.0.0.1", "-p", str(port), str(spec)], stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < until:
            assert served.poll() is None, Path(log.name).read_text()
            try:
                httpx.get(url, timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        served.terminate()
        served.wait(10)
        log.close()


def a_carrier(url: str, **changes: str | None) -> TwilioCarrier:
    settings = {
        "sms_sender": "+3197010200000",
        "whatsapp_sender": "+3197010200000",
        "base_url": "https://parley.example.com",
    } | changes
    return TwilioCarrier(account_sid="AC" + "0" * 32, auth_token="secret", api_url=url, **settings)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
@pytest.mark.parametrize("service", [None, "MG" + "0" * 32])
def test_what_we_send_is_as_twilio_describes_it(prism: str, channel: str, service: str | None) -> None:
    answer = a_carrier(prism, messaging_service=service).send(replace(OUTGOING, channel=channel))
    assert isinstance(answer, Accepted)
    assert len(answer.carrier_key) == 34


def test_what_we_look_up_is_as_twilio_describes_it(prism: str) -> None:
    assert a_carrier(prism).look_up(OUTGOING) == NotThere()


def test_a_request_twilio_does_not_describe_is_a_clear_no(prism: str) -> None:
    carrier = TwilioCarrier(account_sid="not an account", auth_token="secret", api_url=prism, sms_sender="+31970")
    assert isinstance(carrier.send(OUTGOING), Rejected)
