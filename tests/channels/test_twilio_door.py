"""Twilio's doors: what is signed is stored once and answered at once, what is not is turned away."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from channels.twilio_door import twilio_router
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.door_count import DoorCount
from o2c_core.store.store import Store

TOKEN = "12345"
KEY = "a-shared-key"
BASE = "https://parley.example.com"
FORM = "application/x-www-form-urlencoded"
SMS = [("MessageSid", "SM1"), ("From", "+31612345678"), ("To", "+3197010200000"), ("Body", "  When is it due? ")]


def signature(url: str, fields: list[tuple[str, str]], secret: str = TOKEN, algorithm: str = "sha1") -> str:
    """As Twilio makes it, written from its description and not with its SDK."""
    said = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(secret.encode(), said.encode(), algorithm).digest()).decode()


class Door:
    """A web application with nothing but the doors."""

    def __init__(self, store: Store, base_url: str | None = BASE, token: str | None = TOKEN, key: str | None = KEY):
        app = FastAPI()
        app.include_router(twilio_router(store=store, base_url=base_url, auth_token=token, webhook_key=key))
        self.app = app
        self.base_url = base_url or BASE
        self.store = store
        self.client = TestClient(app, base_url="http://internal:8080")

    def post(
        self,
        fields: list[tuple[str, str]] = SMS,
        path: str = "/twilio/messages",
        signed: str | None = "",
        content: bytes | None = None,
        **headers: str,
    ):
        sent = {"Content-Type": FORM} | {name.replace("_", "-"): value for name, value in headers.items()}
        if signed is not None:
            sent["X-Twilio-Signature"] = signed or signature(self.base_url + path, fields)
        body = urlencode(fields).encode() if content is None else content
        return self.client.post(path, content=body, headers=sent)

    def kept(self) -> list[Arrival]:
        with self.store.session() as session:
            return list(session.scalars(select(Arrival).order_by(Arrival.id)))

    def jobs(self) -> list[dict[str, str]]:
        with self.store.session() as session:
            query = text("SELECT args FROM procrastinate_jobs WHERE task_name = 'take_in' ORDER BY id")
            return list(session.execute(query).scalars())

    def counted(self) -> dict[str, int]:
        with self.store.session() as session:
            return {one.why: one.count for one in session.scalars(select(DoorCount))}


@pytest.fixture
def door(store: Store) -> Iterator[Door]:
    opened = Door(store)
    with opened.client:
        yield opened


def test_a_signed_message_is_stored_as_it_came_and_answered_with_nothing_to_say(door: Door) -> None:
    answer = door.post()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response/>")
    [kept] = door.kept()
    assert (kept.provider, kept.kind, kept.channel, kept.sender_key, kept.state) == (
        "twilio",
        "message",
        "sms",
        "SM1",
        "waiting",
    )
    assert kept.payload == {"fields": [list(pair) for pair in SMS]}
    assert door.jobs() == [{"arrival_ids": str(kept.id)}]


def test_a_repeat_is_answered_the_same_and_left_as_it_was(door: Door) -> None:
    answers = [door.post(I_Twilio_Idempotency_Token=str(time)) for time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(door.kept()) == len(door.jobs()) == 1


def test_a_word_is_stored_once_for_each_state_with_the_message_it_is_about(door: Door) -> None:
    message_id = uuid4()
    for status in ("sent", "delivered", "sent", "delivered"):
        fields = [("MessageSid", "SM9"), ("MessageStatus", status), ("To", "whatsapp:+31612345678")]
        answer = door.post(fields, path=f"/twilio/status/{message_id}")
        assert (answer.status_code, answer.content) == (204, b"")
    kept = door.kept()
    assert [one.sender_key for one in kept] == ["SM9:sent", "SM9:delivered"]
    assert {one.payload["message_id"] for one in kept} == {str(message_id)}
    assert {(one.kind, one.channel) for one in kept} == {("word", "whatsapp")}


GOLDEN = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
GOLDEN_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
GOLDEN_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
GOLDEN_JSON = '{"property": "value", "boolean": true}'
GOLDEN_JSON_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
GOLDEN_JSON_SIGNATURE = "a9nBmqA0ju/hNViExpshrM61xv4="


def test_twilios_own_form_vector_is_good() -> None:
    assert RequestValidator(TOKEN).validate(GOLDEN_URL, dict(GOLDEN), GOLDEN_SIGNATURE)
    assert signature(GOLDEN_URL, GOLDEN) == GOLDEN_SIGNATURE


def test_twilios_own_json_vector_is_good() -> None:
    url = f"{GOLDEN_URL}&bodySHA256={GOLDEN_JSON_HASH}"
    assert RequestValidator(TOKEN).validate(url, GOLDEN_JSON, GOLDEN_JSON_SIGNATURE)
    assert signature(url, []) == GOLDEN_JSON_SIGNATURE


@pytest.fixture
def golden_door(store: Store) -> Iterator[TestClient]:
    """The doors where the vectors' address leads to them: a proxy hands /myapp.php on as /twilio/messages."""
    routes = twilio_router(store=store, base_url="https://mycompany.com", auth_token=TOKEN).routes
    messages = next(one for one in routes if isinstance(one, Route) and one.path == "/twilio/messages")
    app = Starlette(routes=[Route("/myapp.php", messages.endpoint, methods=["POST"])])
    with TestClient(app, base_url="http://10.0.0.7:8000") as client:
        yield client


@pytest.mark.parametrize(
    ("query", "body", "kind", "signed", "status"),
    [
        ("foo=1&bar=2", urlencode(GOLDEN), FORM, GOLDEN_SIGNATURE, 200),
        ("foo=1&bar=2", urlencode(GOLDEN[::-1]), FORM, GOLDEN_SIGNATURE, 200),
        ("bar=2&foo=1", urlencode(GOLDEN), FORM, GOLDEN_SIGNATURE, 403),
        ("foo=1&bar=2", urlencode([*GOLDEN, ("To", "+1")]), FORM, GOLDEN_SIGNATURE, 403),
        ("foo=1&bar=2", urlencode(GOLDEN), FORM, GOLDEN_SIGNATURE[:-2] + "9=", 403),
        ("foo=1&bar=2", urlencode(GOLDEN), FORM, "", 403),
        (f"foo=1&bar=2&bodySHA256={GOLDEN_JSON_HASH}", GOLDEN_JSON, "application/json", GOLDEN_JSON_SIGNATURE, 200),
        (
            f"foo=1&bar=2&bodySHA256={GOLDEN_JSON_HASH}",
            GOLDEN_JSON + " ",
            "application/json",
            GOLDEN_JSON_SIGNATURE,
            403,
        ),
        ("foo=1&bar=2", GOLDEN_JSON, "application/json", GOLDEN_JSON_SIGNATURE, 403),
    ],
)
def test_twilios_own_vectors_pass_the_door(
    golden_door: TestClient, query: str, body: str, kind: str, signed: str, status: int
) -> None:
    headers = {"Content-Type": kind, "X-Twilio-Signature": signed}
    assert golden_door.post(f"/myapp.php?{query}", content=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    "base",
    [
        "https://parley.example.com",
        "https://parley.example.com/",
        "https://parley.example.com:443",
        "https://parley.example.com:8443",
        "http://localhost:8000",
        "https://example.com/parley",
    ],
)
def test_the_public_address_is_what_is_signed_whatever_the_proxy_made_of_it(store: Store, base: str) -> None:
    door = Door(store, base_url=base)
    with door.client:
        url = base.rstrip("/") + "/twilio/messages"
        forwarded = {"Host": "evil.example", "X_Forwarded_Proto": "gopher", "X_Forwarded_Host": "evil.example"}
        assert door.post(signed=signature(url, SMS), **forwarded).status_code == 200
        assert door.post(signed=signature("http://internal:8080/twilio/messages", SMS)).status_code == 403


def test_a_port_may_or_may_not_be_in_what_was_signed(door: Door) -> None:
    assert door.post(signed=signature("https://parley.example.com:443/twilio/messages", SMS)).status_code == 200


def test_a_fragment_is_not_part_of_what_is_signed(door: Door) -> None:
    url = BASE + "/twilio/messages"
    assert door.post(signed=signature(url + "#rc=3&rp=all", SMS)).status_code == 403
    assert door.post(signed=signature(url, SMS)).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        [("MessageSid", "SM1"), ("Body", "  spaces count \r\n")],
        [("MessageSid", "SM1"), ("Body", "")],
        [("MessageSid", "SM1"), ("Body", "één € 🙂 \u00a0")],
        [("MessageSid", "SM1"), ("Body", "a+b=c&d%20e;f")],
        [("MessageSid", "SM1"), ("Tag", "b"), ("Tag", "a"), ("Tag", "a")],
        [("MessageSid", "SM1"), ("tag", "1"), ("Tag", "2"), ("TAG", "3")],
    ],
)
def test_every_field_counts_as_it_is_and_as_often_as_it_came(door: Door, fields: list[tuple[str, str]]) -> None:
    assert door.post(fields).status_code == 200
    assert door.kept()[0].payload["fields"] == [list(pair) for pair in fields]


def test_a_body_that_lost_its_spaces_is_forged(door: Door) -> None:
    signed = signature(BASE + "/twilio/messages", SMS)
    stripped = [(name, value.strip()) for name, value in SMS]
    assert door.post(stripped, signed=signed).status_code == 403


NEWER = {"X_Twilio_Webhooks_Signature_Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
URL = BASE + "/twilio/messages"


@pytest.mark.parametrize(
    ("signed", "settings", "status", "why"),
    [
        (signature(URL, SMS, KEY, "sha256"), "key=k,algorithm=HMAC_SHA256", 200, None),
        (signature(URL, SMS, KEY, "sha256"), "algorithm=hmac_sha256 , key=k", 200, None),
        (signature(URL, SMS, KEY, "sha1"), "key=k,algorithm=HMAC_SHA1", 200, None),
        (signature(URL, SMS, TOKEN, "sha1"), "", 200, None),
        (signature(URL, SMS, TOKEN, "sha256"), "key=k,algorithm=HMAC_SHA256", 403, "forged"),
        (signature(URL, SMS, TOKEN, "sha1"), "key=k,algorithm=HMAC_SHA256", 403, "forged"),
        (signature(URL, SMS, KEY, "sha256"), "", 403, "forged"),
        (signature(URL, SMS, KEY, "sha1"), "", 403, "forged"),
        (signature(URL, SMS, KEY, "md5"), "key=k,algorithm=HMAC_MD5", 403, "odd signature settings"),
        (signature(URL, SMS, TOKEN, "sha1"), "key=k", 403, "odd signature settings"),
        (signature(URL, SMS, TOKEN, "sha1"), "algorithm", 403, "odd signature settings"),
        (signature(URL, SMS, TOKEN, "sha1"), ",,,=;", 403, "odd signature settings"),
        (None, "key=k,algorithm=HMAC_SHA256", 403, "unsigned"),
        (None, "", 403, "unsigned"),
        ("nonsense", "", 403, "forged"),
        ("é" * 28, "", 403, "forged"),
    ],
)
def test_the_newer_signature_is_known_by_its_header(
    door: Door, signed: str | None, settings: str, status: int, why: str | None
) -> None:
    sent = {"Content-Type": FORM.encode(), "X-Twilio-Webhooks-Signature-Settings": settings.encode()}
    if signed is not None:
        sent["X-Twilio-Signature"] = signed.encode()
    answer = door.client.post("/twilio/messages", content=urlencode(SMS), headers=sent)
    assert answer.status_code == status
    assert len(door.kept()) == (status == 200)
    assert door.counted() == ({why: 1} if why else {})


@pytest.mark.parametrize(
    ("base_url", "token", "key"),
    [(BASE, None, None), (BASE, "", KEY), (None, TOKEN, KEY), ("", TOKEN, KEY), (BASE, None, KEY)],
)
def test_without_a_token_or_an_address_the_door_is_shut(
    store: Store, base_url: str | None, token: str | None, key: str | None
) -> None:
    door = Door(store, base_url=base_url, token=token, key=key)
    with door.client:
        assert door.post().status_code == 403
        newer = signature(URL, SMS, KEY, "sha256")
        assert door.post(signed=newer, **NEWER).status_code == 403
        assert (door.kept(), door.counted()) == ([], {"shut": 2})


def test_a_newer_signature_without_its_key_is_turned_away(store: Store) -> None:
    door = Door(store, key=None)
    with door.client:
        assert door.post(signed=signature(URL, SMS, "", "sha256"), **NEWER).status_code == 403
        assert door.counted() == {"no webhook key": 1}


def test_a_forged_request_leaves_nothing_but_a_count(door: Door) -> None:
    for _ in range(3):
        assert door.post(signed=signature(URL, SMS, "guess")).status_code == 403
    assert (door.kept(), door.jobs(), door.counted()) == ([], [], {"forged": 3})


def test_a_status_of_one_message_does_not_pass_for_another(door: Door) -> None:
    fields = [("MessageSid", "SM9"), ("MessageStatus", "delivered")]
    signed = signature(f"{BASE}/twilio/status/{uuid4()}", fields)
    assert door.post(fields, path=f"/twilio/status/{uuid4()}", signed=signed).status_code == 403


def signed_json(body: bytes) -> tuple[str, str]:
    path = "/twilio/messages?bodySHA256=" + hashlib.sha256(body).hexdigest()
    return path, signature(BASE + path, [])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"MessageSid": "SM5", "Body": "x", "Count": 2}', [["MessageSid", "SM5"], ["Body", "x"], ["Count", "2"]]),
        (b"[1, 2]", [["", "[1, 2]"]]),
        (b'{"a": "\\u0000\\ud800"}', [["a", "�?"]]),
        (b"{half", [["", "{half"]]),
        (b"", [["", ""]]),
        (b"NaN", [["", "NaN"]]),
    ],
)
def test_a_signed_json_body_is_stored_whatever_is_in_it(door: Door, body: bytes, fields: list[list[str]]) -> None:
    path, signed = signed_json(body)
    answer = door.post(path=path, signed=signed, content=body, Content_Type="application/json; charset=utf-8")
    assert answer.status_code == 200
    assert door.kept()[0].payload["fields"] == fields


@pytest.mark.parametrize("body", [b"\xff\xfe{", b"\x80"])
def test_json_that_is_no_text_is_turned_away(door: Door, body: bytes) -> None:
    path, signed = signed_json(body)
    assert door.post(path=path, signed=signed, content=body, Content_Type="application/json").status_code == 403


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 403), (64 * 1024 + 1, 413), (1024 * 1024, 413), (0, 403)])
def test_a_body_that_is_too_large_is_not_read(door: Door, size: int, status: int) -> None:
    assert door.post(signed="x" * 28, content=b"a" * size).status_code == status


def test_an_id_that_could_be_none_is_replaced_by_a_fingerprint(door: Door) -> None:
    for fields in ([("Body", "no id")], [("MessageSid", "S" * 5000)], [("MessageSid", "a\nb")], [("Body", "no id")]):
        assert door.post(fields).status_code == 200
    assert [len(one.sender_key) for one in door.kept()] == [64, 64, 64]


def test_a_character_no_database_holds_is_replaced(door: Door) -> None:
    assert door.post([("MessageSid", "SM1"), ("Body", "a\0b")]).status_code == 200
    assert door.kept()[0].payload["fields"][1] == ["Body", "a\ufffdb"]


@pytest.mark.parametrize("path", ["/twilio/status/not-an-id", "/twilio/status/", "/twilio"])
def test_a_path_that_is_no_door_is_not_found(door: Door, path: str) -> None:
    assert door.post(path=path).status_code == 404


@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from([FORM, "application/json", "multipart/form-data; boundary=x", "", "text/plain; charset=x"]),
    query=st.text("ab=&%;?0+", max_size=20),
    headers=st.dictionaries(
        st.sampled_from(["X-Twilio-Signature", "X-Twilio-Webhooks-Signature-Settings", "Host", "Content-Type"]),
        st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40).map(str.strip),
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_odd_request_is_an_error_of_ours(
    door: Door, body: bytes, kind: str, query: str, headers: dict[str, str]
) -> None:
    path = f"/twilio/status/{UUID(int=7)}?{query}"
    sent = {"Content-Type": kind} | headers
    answer = door.client.post(path, content=body, headers=sent)
    assert answer.status_code in (204, 400, 403, 413)
    if kind == FORM and body.isascii():
        # Signed as it was received, the same is stored.
        path_there, _, query_there = answer.request.url.raw_path.decode().partition("?")
        received = f"{path_there}?{query_there}" if query_there else path_there
        fields = parse_qsl(body.decode(), keep_blank_values=True, errors="replace")
        signed = {"Content-Type": kind, "X-Twilio-Signature": signature(BASE + received, fields)}
        assert door.client.post(path, content=body, headers=signed).status_code == 204
