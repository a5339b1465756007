"""SendGrid's doors: the signature is over bytes, what came is kept once, and nothing it posts breaks them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text

from channels.sendgrid_door import EVENTS_BYTES_MAX, MAIL_BYTES_MAX, sendgrid_router
from channels.sendgrid_form import PARTS_MAX, form_of
from channels.sendgrid_payload import events_in, mail_in
from channels.sendgrid_signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, NotAPublicKey, SignatureKey
from o2c_core.clock import MovableClock
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.door_count import DoorCount
from o2c_core.store.store import Store, open_store
from tests.conftest import NOON
from tests.payloads.sendgrid import CONTENT_TYPE, FIELDS, RAW_MAIL, Signer, event, events, form

NOW = str(int(NOON.timestamp()))
SIGNER = Signer()
TOKEN = "a-long-secret"


class Door:
    """The doors of an installation, and what is behind them."""

    def __init__(self, store: Store, **keys: str | None) -> None:
        self.store = store
        app = FastAPI()
        app.include_router(sendgrid_router(store=store, **keys))
        self._client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> int:
        return self._client.post(f"/sendgrid{path}", content=body, headers=headers or {}).status_code

    def signed(self, path: str, body: bytes, *, at: str = NOW, **more: str) -> int:
        return self.post(path, body, SIGNER.headers(body, at) | more)

    def mail(self, body: bytes, content_type: str | None = CONTENT_TYPE) -> int:
        return self.post(f"/inbound/{TOKEN}", body, {"content-type": content_type} if content_type else {})

    def kept(self) -> list[Arrival]:
        with self.store.session() as session:
            return list(session.scalars(select(Arrival).order_by(Arrival.id)))

    def refusals(self) -> dict[str, int]:
        with self.store.session() as session:
            return {f"{row.door} {row.why}": row.count for row in session.scalars(select(DoorCount))}


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store, events_key=SIGNER.public, inbound_key=SIGNER.public, inbound_token=TOKEN)


def test_events_are_kept_as_they_came_one_word_each_and_one_job_is_asked_for(door: Door) -> None:
    assert door.signed("/events", events(event("processed"), event("delivered"))) == 200
    assert [(one.provider, one.kind, one.channel, one.sender_key) for one in door.kept()] == [
        ("sendgrid", "word", "email", "processed-1"),
        ("sendgrid", "word", "email", "delivered-1"),
    ]
    assert door.kept()[1].payload == event("delivered")
    with door.store.session() as session:
        jobs = session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'take_in'")).scalars().all()
    assert len(jobs) == 1
    assert set(jobs[0]["arrival_ids"].split(",")) == {str(one.id) for one in door.kept()}


def test_a_batch_that_comes_again_is_found(door: Door) -> None:
    body = events(event("delivered"), event("bounce", type="bounce"))
    assert [door.signed("/events", body) for _ in range(3)] == [200, 200, 200]
    assert len(door.kept()) == 2


def test_an_event_twice_in_one_batch_is_kept_once(door: Door) -> None:
    assert door.signed("/events", events(event("delivered"), event("delivered"))) == 200
    assert len(door.kept()) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(events(event("delivered")), id="CRLF at its end"),
        pytest.param(b'[{"event": "\xff\xfe"}]', id="not UTF-8"),
        pytest.param(b"\x00\x01\x02", id="binary"),
        pytest.param(b"", id="empty"),
        pytest.param(b'[{"event":"delivered",  "sg_event_id":"x"}]', id="spaces of its own"),
    ],
)
def test_the_signature_is_over_the_bytes_as_they_came(door: Door, body: bytes) -> None:
    assert door.signed("/events", body) == 200
    assert len(door.kept()) == 1, "even what is no event is kept, for people to look at"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda body, headers: (body.rstrip(), headers), "forged"),
        (lambda body, headers: (json.dumps(json.loads(body)).encode(), headers), "forged"),
        (lambda body, headers: (body.replace(b"delivered", b"processed"), headers), "forged"),
        (lambda body, headers: (body, headers | {TIMESTAMP_HEADER: str(int(NOW) + 1)}), "forged"),
        (lambda body, headers: (body, headers | {SIGNATURE_HEADER: "not base64 at all"}), "forged"),
        (lambda body, headers: (body, headers | {SIGNATURE_HEADER: "AAAA"}), "forged"),
        (lambda body, _: (body, Signer().headers(body, NOW)), "forged"),
        (lambda body, _: (body, SIGNER.headers(body, "soon")), "forged"),
        (lambda body, _: (body, SIGNER.headers(body, "-1")), "forged"),
        (lambda body, _: (body, SIGNER.headers(body, "9" * 40)), "forged"),
        (lambda body, _: (body, {TIMESTAMP_HEADER: NOW}), "unsigned"),
        (lambda body, headers: (body, {SIGNATURE_HEADER: headers[SIGNATURE_HEADER]}), "unsigned"),
        (lambda body, _: (body, {}), "unsigned"),
        (lambda body, _: (body, SIGNER.headers(body, str(int(NOW) - 301))), "stale"),
        (lambda body, _: (body, SIGNER.headers(body, str(int(NOW) + 301))), "stale"),
    ],
)
@pytest.mark.parametrize("path", ["/events", "/inbound"])
def test_what_is_not_theirs_or_not_of_now_is_403_and_leaves_a_counter(
    door: Door, path: str, change: Any, why: str
) -> None:
    body = events(event("delivered"))
    changed, headers = change(body, SIGNER.headers(body, NOW))
    assert door.post(path, changed, headers) == 403
    assert door.kept() == []
    assert door.refusals() == {f"sendgrid_{path[1:]} {why}": 1}


@pytest.mark.parametrize("away", [-300, 0, 300])
def test_five_minutes_either_way_are_of_now(door: Door, away: int) -> None:
    assert door.signed("/events", events(event("delivered")), at=str(int(NOW) + away)) == 200


def test_the_key_is_read_as_sendgrid_shows_it() -> None:
    # The sample of twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks.
    published = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmgmjvPAR/Lmwn2teL2WJUDIx35PqsnLKjPhPbrKkfMg6vK4NZQB1VeFSKbV7whQbEJRFHjF8+1zJxsXRP1GbWw=="
    headers = SIGNER.headers(b"x", NOW)
    assert SignatureKey(published).judge(b"x", headers[SIGNATURE_HEADER], NOW, NOON) == "forged"
    pem = f"-----BEGIN PUBLIC KEY-----\n{SIGNER.public[:64]}\n{SIGNER.public[64:]}\n-----END PUBLIC KEY-----\n"
    for shown in (SIGNER.public, f" {SIGNER.public}\n", pem):
        assert SignatureKey(shown).judge(b"x", headers[SIGNATURE_HEADER], NOW, NOON) == "good"


@pytest.mark.parametrize(
    "key", ["", "SG.abc.def", "MFkw", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="]
)
def test_what_is_no_key_of_theirs_is_said_when_the_door_is_made(key: str) -> None:
    with pytest.raises(NotAPublicKey):
        SignatureKey(key)


def test_without_keys_every_door_is_shut(store: Store) -> None:
    shut = Door(store)
    body = events(event("delivered"))
    assert [shut.signed(path, body) for path in ("/events", "/inbound", f"/inbound/{TOKEN}")] == [403, 403, 403]
    assert shut.kept() == []
    assert shut.refusals() == {"sendgrid_events shut": 1, "sendgrid_inbound shut": 2}


@pytest.mark.parametrize("field", ["email", "rawEmail"])
def test_a_mail_that_comes_raw_is_kept_byte_for_byte(door: Door, field: str) -> None:
    assert door.signed("/inbound", form(FIELDS | {field: RAW_MAIL}), **{"content-type": CONTENT_TYPE}) == 200
    [kept] = door.kept()
    assert kept.raw == RAW_MAIL
    assert (kept.kind, kept.channel) == ("message", "email")
    assert kept.sender_key.startswith("<77@bakkerij.example>:")
    assert kept.payload == {"mode": "raw"} | {name: value.decode() for name, value in FIELDS.items()}


def test_a_mail_that_comes_in_pieces_is_kept_with_the_whole_form(door: Door) -> None:
    body = form(
        FIELDS | {"headers": b"Message-ID: <9@x.example>\n", "text": b"caf\xe9"},
        [("attachment1", "a.pdf", "application/pdf", b"%PDF")],
    )
    assert door.mail(body) == 200
    [kept] = door.kept()
    assert kept.raw == body
    assert kept.payload["mode"] == "parsed"
    assert kept.payload["content_type"] == CONTENT_TYPE
    assert kept.sender_key.startswith("<9@x.example>:")


def test_a_mail_that_comes_again_is_found_though_the_form_has_another_boundary(door: Door) -> None:
    for boundary in ("one", "two"):
        for fields in (FIELDS | {"email": RAW_MAIL}, FIELDS | {"text": b"Goedendag", "from": b"a@b.example"}):
            assert door.mail(form(fields, boundary=boundary), f"multipart/form-data; boundary={boundary}") == 200
    assert [one.payload["mode"] for one in door.kept()] == ["raw", "parsed"]


def test_another_mail_under_the_same_id_is_another_mail(door: Door) -> None:
    assert door.mail(form({"email": RAW_MAIL})) == 200
    assert door.mail(form({"email": RAW_MAIL + b"P.S.\r\n"})) == 200
    assert len(door.kept()) == 2


@pytest.mark.parametrize(
    "path", ["/inbound/other", "/inbound/a-long-secre", "/inbound/%ff%00", "/inbound/A-LONG-SECRET"]
)
def test_another_address_than_the_secret_one_is_403(door: Door, path: str) -> None:
    assert door.post(path, form({"email": RAW_MAIL}), {"content-type": CONTENT_TYPE}) == 403
    assert door.kept() == []


def test_a_slash_too_many_finds_the_same_door_since_redirects_are_not_followed(door: Door) -> None:
    assert door.signed("/events/", events(event("delivered"))) == 200
    assert door.post(f"/inbound/{TOKEN}/", form({"email": RAW_MAIL}), {"content-type": CONTENT_TYPE}) == 200
    assert len(door.kept()) == 2


WHOLE = form({"email": RAW_MAIL})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(WHOLE[:-20], CONTENT_TYPE, id="cut off"),
        pytest.param(WHOLE, "multipart/form-data; boundary=other", id="another boundary"),
        pytest.param(WHOLE, "multipart/form-data", id="no boundary"),
        pytest.param(WHOLE, 'multipart/form-data; boundary=""', id="empty boundary"),
        pytest.param(WHOLE, f"multipart/form-data; boundary={'x' * 300}", id="endless boundary"),
        pytest.param(WHOLE, None, id="no type"),
        pytest.param(WHOLE, "application/json", id="JSON"),
        pytest.param(b"", CONTENT_TYPE, id="empty"),
        pytest.param(form({}), CONTENT_TYPE, id="no fields"),
        pytest.param(
            b"--xYzZY\r\nContent-Type: text/plain\r\n\r\nx\r\n--xYzZY--", CONTENT_TYPE, id="a part without a name"
        ),
        pytest.param(b"--xYzZY\r\nX: " + b"y" * 99_999 + b"\r\n\r\nx\r\n--xYzZY--", CONTENT_TYPE, id="endless header"),
        pytest.param(form({f"f{n}": b"x" for n in range(PARTS_MAX + 1)}), CONTENT_TYPE, id="too many parts"),
        pytest.param(form({"email": RAW_MAIL, "envelope": b"[" * 100_000}), CONTENT_TYPE, id="endless envelope"),
        pytest.param(
            form({"email": RAW_MAIL, "SPF": b"\x00\xff", "charsets": b'{"SPF":"hex"}'}), CONTENT_TYPE, id="NUL"
        ),
        pytest.param(
            form({"email": b"Message-ID: " + b"<" + b"x" * 5000 + b"@y>\r\n\r\n"}), CONTENT_TYPE, id="endless id"
        ),
    ],
)
def test_an_odd_form_is_kept_and_never_an_error(door: Door, body: bytes, content_type: str | None) -> None:
    assert door.mail(body, content_type) == 200
    [kept] = door.kept()
    assert kept.raw in (body, form_of(body, content_type).mail())


@pytest.mark.parametrize(
    "body",
    [
        b"null", b"[]x", b"[1, null, \"x\"]", b"{}", b"[{}]", b"[[[]]]", b"[NaN]", b'[{"a": NaN, "b": 1e999, "c": -Infinity}]',
        b'[{"sg_event_id": "\\u0000", "a": "\\ud800"}]', b'[{"\\u0000": {"\\udfff": ["\\u0000"]}}]', b"[" * 200_000,
        b'[{"a":' * 400 + b"1" + b"}]" * 400, b'[{"sg_event_id": 7}]', b'[{"n": ' + b"9" * 5_000 + b"}]",
        b'[{"sg_event_id": "' + b"k" * 9_000 + b'"}]', b"\xef\xbb\xbf[]", "[]".encode("utf-16"),
    ],
)  # fmt: skip
def test_odd_events_are_kept_and_never_an_error(door: Door, body: bytes) -> None:
    assert door.signed("/events", body) == 200
    assert [door.signed("/events", body) for _ in range(2)] == [200, 200]
    assert len(door.kept()) == len(events_in(body))


def test_an_empty_batch_is_fine(door: Door) -> None:
    assert door.signed("/events", b"[]") == 200
    assert door.kept() == []


def test_what_is_too_large_is_413_and_not_kept(door: Door) -> None:
    assert door.mail(form({"email": b"x" * MAIL_BYTES_MAX})) == 413
    assert door.signed("/events", b" " * (EVENTS_BYTES_MAX + 1)) == 413
    assert door.kept() == []
    assert door.refusals() == {"sendgrid_inbound too large": 1, "sendgrid_events too large": 1}


def test_a_large_mail_is_kept_whole(door: Door) -> None:
    mail = RAW_MAIL + b"x" * (MAIL_BYTES_MAX - 4_000)
    assert door.mail(form({"email": mail})) == 200
    assert door.kept()[0].raw == mail


def test_only_a_ledger_that_cannot_keep_it_makes_sendgrid_come_again(clock: MovableClock) -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none", connect_args={"connect_timeout": 1})
    down = Door(open_store(nowhere, clock), events_key=SIGNER.public, inbound_token=TOKEN)
    assert down.mail(WHOLE) == 500
    assert down.signed("/events", events(event("delivered"))) == 500


ODD = st.one_of(
    st.binary(max_size=400),
    st.builds(
        lambda cut, junk: WHOLE[:cut] + junk + WHOLE[cut + len(junk) :],
        st.integers(0, len(WHOLE)),
        st.binary(max_size=9),
    ),
    st.dictionaries(st.text(max_size=9), st.binary(max_size=60), max_size=6).map(form),
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)  # each is a request and a commit
@given(
    body=ODD,
    content_type=st.one_of(
        st.just(CONTENT_TYPE), st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=60)
    ),
)
def test_no_bytes_break_the_doors(door: Door, body: bytes, content_type: str) -> None:
    assert door.mail(body, content_type) == 200
    assert door.signed("/events", body) == 200


@given(body=ODD, content_type=st.one_of(st.just(CONTENT_TYPE), st.text(max_size=60)))
@example(body=b"--xYzZY\r\n", content_type=CONTENT_TYPE)
def test_whatever_came_has_a_key_and_can_be_kept(body: bytes, content_type: str) -> None:
    for arrived in (mail_in(body, content_type, form_of(body, content_type)), *events_in(body)):
        assert 0 < len(arrived.sender_key) < 400
        assert "\x00" not in arrived.sender_key
        assert "\\u0000" not in json.dumps(arrived.payload, allow_nan=False)
        json.dumps(arrived.payload, ensure_ascii=False).encode()  # no halves of characters


@given(
    fields=st.dictionaries(
        st.text("abcdefgh-", min_size=1, max_size=9),
        st.binary(max_size=80).filter(lambda one: b"xYzZY" not in one),
        max_size=8,
    )
)
def test_a_form_is_read_back_as_it_was_written(fields: dict[str, bytes]) -> None:
    read = form_of(form(fields), CONTENT_TYPE)
    assert read.fields == fields
    assert read.is_whole
