"""The real Twilio SDK against a server that answers by script: three answers, and what is certain about each."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx
import pytest

from channels.twilio_carrier import TwilioCarrier, TwilioUnreachable
from channels.twilio_codes import SETBACKS
from o2c_core.conversations.carrier import (
    Accepted,
    CanLookUp,
    CannotTell,
    Found,
    NotThere,
    Outgoing,
    Rejected,
    TooFast,
    Uncertain,
)
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage

AT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
ACCOUNT = "AC" + "0" * 32
SID = "SM" + "1" * 32

OUTGOING = Outgoing(
    message_id=UUID(int=9),
    seller_id=UUID(int=1),
    channel="sms",
    purpose="reminders",
    to="+31612345678",
    text="Acme: invoice 42 is due. EUR 12,00",
    claimed_at=AT,
)


class Script:
    """A server that does what the test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = lambda to: says(to, 201, a_message())
        script = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
                script.asked.append((self.command, self.path, body, dict(self.headers)))
                script.answer(self)

            do_GET = do_POST  # noqa: N815 (the name the standard library calls)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # whoever asked may have given up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


def says(to: BaseHTTPRequestHandler, status: int, body: object, **headers: str) -> None:
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    to.send_response(status)
    for name, value in headers.items():
        to.send_header(name.replace("_", "-"), value)
    to.send_header("Content-Type", "application/json")
    to.send_header("Content-Length", str(len(content)))
    to.end_headers()
    to.wfile.write(content)


def a_message(**fields: Any) -> dict[str, Any]:
    return {
        "sid": SID,
        "status": "queued",
        "body": OUTGOING.text,
        "to": OUTGOING.to,
        "from": "+3197010200000",
        "direction": "outbound-api",
        "date_created": "Mon, 16 Mar 2026 11:00:01 +0000",
        "error_code": None,
    } | fields


@pytest.fixture
def script() -> Iterator[Script]:
    opened = Script()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def a_carrier(api_url: str, **changes: Any) -> TwilioCarrier:
    settings = {"sms_sender": "+3197010200000", "base_url": "https://parley.example.com"} | changes
    return TwilioCarrier(account_sid=ACCOUNT, auth_token="secret", api_url=api_url, **settings)


def test_a_text_is_accepted_with_all_twilio_needs(script: Script) -> None:
    carrier = a_carrier(script.url, per_second=2.5)
    assert carrier.send(replace(OUTGOING, valid_seconds=900)) == Accepted(SID)
    [(method, path, body, headers)] = script.asked
    assert (method, path) == ("POST", f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert headers["Authorization"].startswith("Basic ")
    assert body == {
        "To": "+31612345678",
        "From": "+3197010200000",
        "Body": OUTGOING.text,
        "ValidityPeriod": "900",
        "StatusCallback": f"https://parley.example.com/twilio/status/{OUTGOING.message_id}#rc=3&rp=all",
    }
    assert (carrier.name, carrier.per_second, isinstance(carrier, CanLookUp)) == ("twilio", 2.5, True)


MG = "MG" + "2" * 32


@pytest.mark.parametrize(
    ("channel", "own", "service", "sms", "whatsapp", "fields"),
    [
        ("sms", None, None, "+311", "+312", {"From": "+311"}),
        ("sms", None, None, "AcmeBV", None, {"From": "AcmeBV"}),
        ("sms", None, MG, "+311", "+312", {"MessagingServiceSid": MG}),
        ("sms", "+313", MG, "+311", "+312", {"From": "+313"}),
        ("sms", MG, None, "+311", None, {"MessagingServiceSid": MG}),
        ("whatsapp", None, None, "+311", "+312", {"From": "whatsapp:+312"}),
        ("whatsapp", None, None, "+311", "whatsapp:+312", {"From": "whatsapp:+312"}),
        ("whatsapp", None, MG, "+311", "+312", {"From": "whatsapp:+312"}),
        ("whatsapp", None, MG, None, None, {"MessagingServiceSid": MG}),
        ("whatsapp", "+313", MG, None, "+312", {"From": "whatsapp:+313"}),
    ],
)
def test_a_sellers_own_sender_goes_before_the_service_and_that_before_the_setting(
    script: Script, channel: str, own: str | None, service: str | None, sms: str, whatsapp: str, fields: dict[str, str]
) -> None:
    carrier = a_carrier(script.url, messaging_service=service, sms_sender=sms, whatsapp_sender=whatsapp)
    carrier.send(replace(OUTGOING, channel=channel, sender=own))
    sent = script.asked[0][2]
    assert {name: sent[name] for name in ("From", "MessagingServiceSid") if name in sent} == fields
    assert sent["To"] == ("whatsapp:+31612345678" if channel == "whatsapp" else "+31612345678")


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_without_a_sender_nothing_is_asked_of_twilio(script: Script, channel: str) -> None:
    answer = a_carrier(script.url, sms_sender=None).send(replace(OUTGOING, channel=channel))
    assert isinstance(answer, Rejected)
    assert (answer.setback, script.asked) == (Setback.SETTINGS, [])


@pytest.mark.parametrize(
    ("valid", "sent"), [(None, None), (-5, "1"), (0, "1"), (1, "1"), (36_000, "36000"), (90_000, "36000")]
)
def test_twilio_may_hold_it_as_long_as_we_say_and_nothing_is_scheduled(
    script: Script, valid: int | None, sent: str | None
) -> None:
    a_carrier(script.url, base_url=None).send(replace(OUTGOING, valid_seconds=valid))
    body = script.asked[0][2]
    assert body.get("ValidityPeriod") == sent
    assert not {"ScheduleType", "SendAt", "StatusCallback"} & set(body)


@pytest.mark.parametrize(("code", "setback"), sorted((code, setback) for code, setback in SETBACKS.items() if code))
def test_every_code_in_the_table_is_a_clear_no(script: Script, code: int, setback: Setback) -> None:
    script.answer = lambda to: says(to, 400, {"code": code, "message": "No", "status": 400})
    answer = a_carrier(script.url).send(OUTGOING)
    assert answer == Rejected("Unable to create record: No", setback, str(code))


@pytest.mark.parametrize(
    ("status", "body", "setback", "code"),
    [
        (400, {"code": 29999, "message": "?"}, Setback.UNKNOWN, "29999"),
        (400, "not json", Setback.UNKNOWN, None),
        (400, {}, Setback.UNKNOWN, None),
        (400, {"code": "x"}, Setback.UNKNOWN, None),
        (401, {"code": 20003, "message": "Authenticate"}, Setback.SETTINGS, "20003"),
        (401, "", Setback.SETTINGS, None),
        (403, {"code": 29998, "message": "?"}, Setback.SETTINGS, "29998"),
        (404, {"code": 20404, "message": "?"}, Setback.SETTINGS, "20404"),
        (404, "<html>", Setback.UNKNOWN, None),
        (302, "", Setback.SETTINGS, None),
        (400, {"type": "t", "title": "Bad", "status": 400, "code": 21211}, Setback.BAD_ADDRESS, "21211"),
        (201, a_message(status="failed", error_code=30007), Setback.FILTERED, "30007"),
        (201, a_message(status="undelivered"), Setback.UNKNOWN, None),
    ],
)
def test_any_other_no_is_told_by_its_status(
    script: Script, status: int, body: object, setback: Setback, code: str | None
) -> None:
    script.answer = lambda to: says(to, status, body)
    answer = a_carrier(script.url).send(OUTGOING)
    assert isinstance(answer, Rejected)
    assert (answer.setback, answer.code) == (setback, code)


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("7", 7.0), ("0.5", 0.5), (None, None), ("soon", None), ("-3", None), ("nan", None), ("Mon, 16 Mar 2026", None)],
)
def test_too_many_at_once_is_not_sent_and_says_how_long_to_wait(
    script: Script, retry_after: str | None, wait: float | None
) -> None:
    headers = {"Retry_After": retry_after} if retry_after else {}
    script.answer = lambda to: says(to, 429, {"code": 20429, "message": "Too Many"}, **headers)
    with pytest.raises(TooFast) as slow:
        a_carrier(script.url).send(OUTGOING)
    assert slow.value.wait_seconds == wait


def test_the_code_for_too_many_counts_whatever_the_status(script: Script) -> None:
    script.answer = lambda to: says(to, 400, {"code": 20429, "message": "Too Many"})
    with pytest.raises(TooFast):
        a_carrier(script.url).send(OUTGOING)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, {"code": 20500, "message": "Internal"}),
        (502, "<html>"),
        (503, ""),
        (504, {}),
        (408, {}),
        (201, "not json"),
        (201, "[]"),
        (201, '"text"'),
        (200, ""),
        (200, {}),
        (201, a_message(sid=None)),
        (201, a_message(sid=7)),
        (201, a_message(date_created=5)),
    ],
)
def test_an_answer_that_is_neither_yes_nor_no_leaves_it_uncertain(script: Script, status: int, body: object) -> None:
    script.answer = lambda to: says(to, status, body)
    assert isinstance(a_carrier(script.url).send(OUTGOING), Uncertain)


def test_silence_after_it_was_handed_over_leaves_it_uncertain(script: Script) -> None:
    script.answer = lambda _: time.sleep(0.6)
    assert a_carrier(script.url, seconds=0.2).send(OUTGOING) == Uncertain("Twilio: ReadTimeout")
    assert len(script.asked) == 1


def test_a_server_that_takes_nothing_in_leaves_it_uncertain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # connected by the kernel, read by nobody
        carrier = a_carrier(f"http://127.0.0.1:{deaf.getsockname()[1]}", seconds=0.2)
        assert isinstance(carrier.send(OUTGOING), Uncertain)


def hang_up(to: BaseHTTPRequestHandler) -> None:
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()
    to.close_connection = True


def cut_short(to: BaseHTTPRequestHandler) -> None:
    to.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")
    to.wfile.flush()
    to.close_connection = True


def babble(to: BaseHTTPRequestHandler) -> None:
    to.wfile.write(b"\x00\x01 nonsense\r\n\r\n")
    to.close_connection = True


@pytest.mark.parametrize("answer", [hang_up, cut_short, babble])
def test_a_line_that_breaks_after_it_was_handed_over_leaves_it_uncertain(
    script: Script, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    script.answer = answer
    assert isinstance(a_carrier(script.url).send(OUTGOING), Uncertain)
    assert len(script.asked) == 1


def test_a_door_that_is_shut_means_nothing_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(TwilioUnreachable):
        a_carrier(f"http://127.0.0.1:{port}").send(OUTGOING)


@pytest.mark.parametrize(
    "failure", [httpx.ConnectError("no such host"), httpx.ConnectTimeout("nobody there"), httpx.PoolTimeout("full")]
)
def test_what_fails_before_the_connection_means_nothing_left(
    monkeypatch: pytest.MonkeyPatch, failure: httpx.HTTPError
) -> None:
    def fail(*args: object, **fields: object) -> None:
        raise failure

    monkeypatch.setattr(httpx.Client, "request", fail)
    with pytest.raises(Outage):
        a_carrier("https://api.invalid").send(OUTGOING)


@pytest.mark.parametrize(
    ("api_url", "path"),
    [("", "/2010-04-01/Accounts/"), ("/", "/2010-04-01/Accounts/"), ("/stand-in/", "/stand-in/2010-04-01/Accounts/")],
)
def test_another_address_keeps_twilios_paths(script: Script, api_url: str, path: str) -> None:
    a_carrier(script.url + api_url).send(OUTGOING)
    assert script.asked[0][1].startswith(path)


def test_the_environment_is_not_asked_for_keys_or_regions(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    carrier = a_carrier(script.url)
    assert carrier._client.region is None
    assert carrier._client.edge is None


def test_nobody_who_is_written_to_is_named_in_the_log(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="twilio")
    carrier = a_carrier(script.url)
    carrier.send(OUTGOING)
    carrier.look_up(OUTGOING)
    assert "31612345678" not in caplog.text


def a_page(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages), "next_page_uri": None, "page": 0, "page_size": 200}


LATER = "Mon, 16 Mar 2026 11:00:02 +0000"
EARLIER = "Mon, 16 Mar 2026 10:58:59 +0000"
JUST_BEFORE = "Mon, 16 Mar 2026 10:59:01 +0000"


@pytest.mark.parametrize(
    ("messages", "answer"),
    [
        ([], NotThere()),
        ([a_message()], Found(SID, "sent")),
        ([a_message(status="accepted", date_created=None)], Found(SID, "sent")),
        ([a_message(status="sending")], Found(SID, "sent")),
        ([a_message(status="delivered", date_created=JUST_BEFORE)], Found(SID, "delivered")),
        ([a_message(status="read")], Found(SID, "delivered")),
        ([a_message(status="undelivered", error_code=30003)], Found(SID, "failed", Setback.UNREACHABLE, "30003")),
        ([a_message(status="failed", error_code=None)], Found(SID, "failed", Setback.UNKNOWN, None)),
        ([a_message(status="something new")], Found(SID, "sent")),
        ([a_message(date_created=EARLIER)], NotThere()),
        ([a_message(body=OUTGOING.text + " ")], NotThere()),
        ([a_message(body=None)], NotThere()),
        ([a_message(direction="inbound")], NotThere()),
        ([a_message(body="another"), a_message(date_created=EARLIER), a_message(sid="SM2")], Found("SM2", "sent")),
    ],
)
def test_an_uncertain_one_is_found_by_its_words_and_moment(
    script: Script, messages: list[dict[str, Any]], answer: object
) -> None:
    script.answer = lambda to: says(to, 200, a_page(*messages))
    assert a_carrier(script.url).look_up(OUTGOING) == answer
    _, path, _, _ = script.asked[0]
    asked = dict(parse_qsl(urlsplit(path).query))
    assert (asked["To"], asked["From"]) == ("+31612345678", "+3197010200000")


def test_by_a_service_any_sender_may_have_been_used(script: Script) -> None:
    script.answer = lambda to: says(to, 200, a_page(a_message()))
    carrier = a_carrier(script.url, messaging_service=MG)
    assert carrier.look_up(replace(OUTGOING, channel="sms")) == Found(SID, "sent")
    assert "From" not in dict(parse_qsl(urlsplit(script.asked[0][1]).query))


def test_two_alike_cannot_be_told_apart(script: Script) -> None:
    script.answer = lambda to: says(to, 200, a_page(a_message(), a_message(sid="SM2", date_created=LATER)))
    assert isinstance(a_carrier(script.url).look_up(OUTGOING), CannotTell)


def test_more_than_were_looked_at_is_no_proof(script: Script) -> None:
    many = [a_message(body=f"another {number}") for number in range(200)]
    script.answer = lambda to: says(to, 200, a_page(*many))
    assert isinstance(a_carrier(script.url).look_up(OUTGOING), CannotTell)


@pytest.mark.parametrize(
    ("status", "body"), [(500, ""), (429, ""), (401, {"code": 20003}), (200, "nonsense"), (200, {}), (200, "[]")]
)
def test_a_look_up_that_fails_tells_nothing(script: Script, status: int, body: object) -> None:
    script.answer = lambda to: says(to, status, body)
    assert isinstance(a_carrier(script.url).look_up(OUTGOING), CannotTell)


def test_a_look_up_at_a_shut_door_tells_nothing() -> None:
    assert isinstance(a_carrier("http://127.0.0.1:1").look_up(OUTGOING), CannotTell)
