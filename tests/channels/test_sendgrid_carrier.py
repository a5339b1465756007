"""The carrier for mail by SendGrid: what it is handed over, and what each of its answers means to us."""

from __future__ import annotations

import base64
import json
import logging
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from channels.mail_message import ascii_name
from channels.sendgrid_carrier import SendGridCarrier, request_body
from o2c_core.conversations.carrier import Accepted, Carrier, MailHeaders, OutgoingFile, Rejected, TooFast, Uncertain
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage
from tests.channels.outgoing import MESSAGE, SELLER, Script, a_mail, answers, serving


def carrier(url: str, **more: Any) -> SendGridCarrier:
    return SendGridCarrier("SG.secret", url=url, seconds=more.pop("seconds", 2.0), **more)


def errors(field: str | None, message: str = "No.") -> dict[str, Any]:
    return {"errors": [{"message": message, "field": field, "help": None}]}


def test_a_mail_is_handed_over_once_with_our_id_in_its_personalization() -> None:
    with serving(answers(202, X_Message_Id="14c5d75ce93")) as server:
        sending: Carrier = carrier(server.url)
        assert sending.send(a_mail()) == Accepted("14c5d75ce93")
    [request], [headers], [path] = server.requests, server.headers, server.paths
    assert path == "/v3/mail/send"
    assert headers["Authorization"] == "Bearer SG.secret"
    [personalization] = request["personalizations"]
    assert personalization == {"to": [{"email": "anna@bakkerij.example"}], "custom_args": {"o2c_message": str(MESSAGE)}}
    assert request["from"] == {"email": "ar@seller.example", "name": "Seller „Süd“ B.V., Utrecht"}
    assert request["reply_to"] == {"email": "t-abc@replies.seller.example"}
    assert [part["type"] for part in request["content"]] == ["text/plain", "text/html"]
    assert request["headers"] == {
        "Message-ID": f"<{MESSAGE.hex}@replies.seller.example>",
        "In-Reply-To": "<77@bakkerij.example>",
        "References": "<1@seller.example> <77@bakkerij.example>",
        "List-Unsubscribe": "<https://pay.seller.example/stop/abc>, <mailto:t-abc@replies.seller.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    [file] = request["attachments"]
    assert (file["filename"], file["type"], base64.b64decode(file["content"])) == (
        "Rekening-Marz-2026.pdf",
        "application/pdf",
        b"%PDF-1.7 ...",
    )


def test_a_picture_of_the_mail_itself_goes_in_line_under_the_name_its_text_uses() -> None:
    code = OutgoingFile("pay-code.png", "image/png", b"\x89PNG", "pay-code@parley")
    body = request_body(a_mail(files=(code, OutgoingFile("a.pdf", "application/pdf", b"%PDF"))), "ar@seller.example")
    assert [(one["disposition"], one.get("content_id"), one["type"]) for one in body["attachments"]] == [
        ("inline", "pay-code@parley", "image/png"),
        ("attachment", None, "application/pdf"),
    ]


def test_what_sendgrid_keeps_for_good_is_opaque_and_what_it_could_do_unasked_is_off() -> None:
    body = request_body(a_mail(), "ar@seller.example")
    kept = json.dumps([body["categories"], body["personalizations"][0]["custom_args"]])
    for personal in ("anna", "bakkerij", "INV-7", "1.250", "Seller", str(SELLER)):
        assert personal not in kept
    assert body["categories"][0] == "reminder"
    assert all(isinstance(value, str) for value in body["personalizations"][0]["custom_args"].values())
    for forbidden in ("send_at", "custom_args", "mail_settings", "asm", "template_id", "batch_id"):
        assert forbidden not in body
    assert all(tracking["enable"] is False for tracking in body["tracking_settings"].values())


def test_a_plain_answer_by_a_person_has_no_automatic_headers() -> None:
    body = request_body(a_mail(mail=MailHeaders("<1@x.example>"), html=None, files=(), sender_name=None), "a@b.example")
    assert body["headers"] == {"Message-ID": "<1@x.example>"}
    assert body["from"] == {"email": "a@b.example"}
    assert "attachments" not in body
    assert len(body["content"]) == 1


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        (answers(400, errors("content.0.value")), Rejected("No.", Setback.CONTENT, "400")),
        (answers(400, errors("personalizations.0.to.0.email")), Rejected("No.", Setback.BAD_ADDRESS, "400")),
        (answers(400, errors("from.email")), Rejected("No.", Setback.SETTINGS, "400")),
        (answers(400, errors("reply_to.email")), Rejected("No.", Setback.SETTINGS, "400")),
        (answers(400, errors(None)), Rejected("No.", Setback.CONTENT, "400")),
        (answers(400), Rejected("SendGrid answered 400", Setback.CONTENT, "400")),
        (answers(400, {"errors": "odd"}), Rejected("SendGrid answered 400", Setback.CONTENT, "400")),
        (answers(400, ["odd"]), Rejected("SendGrid answered 400", Setback.CONTENT, "400")),
        (answers(401, errors(None, "The provided authorization grant is invalid")), Rejected("The provided authorization grant is invalid", Setback.SETTINGS, "401")),
        (answers(401, errors(None, "Maximum credits exceeded")), Rejected("Maximum credits exceeded", Setback.SETTINGS, "401")),
        (answers(403, errors("from")), Rejected("No.", Setback.SETTINGS, "403")),
        (answers(404), Rejected("SendGrid answered 404", Setback.SETTINGS, "404")),
        (answers(413, errors(None)), Rejected("No.", Setback.CONTENT, "413")),
        (answers(418), Rejected("SendGrid answered 418", Setback.UNKNOWN, "418")),
        (answers(408), Uncertain("SendGrid answered 408")),
        (answers(500), Uncertain("SendGrid answered 500")),
        (answers(502), Uncertain("SendGrid answered 502")),
        (answers(503), Uncertain("SendGrid answered 503")),
        (answers(504), Uncertain("SendGrid answered 504")),
        (answers(200), Uncertain("SendGrid answered 200")),
        (answers(202), Accepted(str(MESSAGE))),
    ],
)  # fmt: skip
def test_each_answer_means_one_of_ours(script: Script, answer: object) -> None:
    with serving(script) as server:
        assert carrier(server.url).send(a_mail()) == answer
    assert len(server.requests) == 1, "and nothing is tried a second time by itself"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"X-RateLimit-Reset": "1773658830", "Date": "Mon, 16 Mar 2026 11:00:00 GMT"}, 30.0),
        ({"X-RateLimit-Reset": "20"}, 20.0),
        ({"X-RateLimit-Reset": "1773658000", "Date": "Mon, 16 Mar 2026 11:00:00 GMT"}, 1.0),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "999999"}, 3600.0),
        ({}, None),
    ],
)
def test_too_fast_says_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    def script(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(429)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    with serving(script) as server, pytest.raises(TooFast) as slow:
        carrier(server.url).send(a_mail())
    assert slow.value.wait_seconds == seconds


def test_a_connection_that_is_never_made_is_an_outage() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused
        with pytest.raises(Outage):
            carrier(f"http://127.0.0.1:{taken.getsockname()[1]}").send(a_mail())
    with pytest.raises(Outage):
        carrier("http://nowhere.invalid").send(a_mail())


def test_a_server_whose_certificate_is_not_theirs_is_an_outage() -> None:
    with serving(answers(202)) as server, pytest.raises(Outage):
        carrier(server.url.replace("http:", "https:")).send(a_mail())
    assert server.requests == []


def test_silence_after_the_request_is_uncertain() -> None:
    with serving(lambda _: time.sleep(1)) as server:
        assert isinstance(carrier(server.url, seconds=0.2).send(a_mail()), Uncertain)
    assert len(server.requests) == 1


def test_a_connection_cut_before_or_within_the_answer_is_uncertain() -> None:
    def hang_up(request: BaseHTTPRequestHandler) -> None:
        request.connection.shutdown(socket.SHUT_RDWR)

    def half(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 2")
        hang_up(request)

    for script in (hang_up, half):
        with serving(script) as server:
            assert isinstance(carrier(server.url).send(a_mail()), Uncertain)


def test_a_redirect_is_not_followed_since_it_would_take_the_key_along() -> None:
    with serving(answers(202)) as other, serving(answers(302, Location=other.url)) as server:
        answer = carrier(server.url).send(a_mail())
    assert isinstance(answer, Rejected)
    assert answer.setback is Setback.SETTINGS
    assert other.requests == []


@pytest.mark.parametrize(
    ("changes", "setback"),
    [
        ({"subject": None}, Setback.CONTENT),
        ({"subject": " \r\n\t"}, Setback.CONTENT),
        ({"text": " \n"}, Setback.CONTENT),
        ({"text": "\x00"}, Setback.CONTENT),
        ({"to": "anna"}, Setback.BAD_ADDRESS),
        ({"to": "anna@bakkerij.example, bob@x.example"}, Setback.BAD_ADDRESS),
        ({"to": "Anna <anna@bakkerij.example>"}, Setback.BAD_ADDRESS),
        ({"to": "anna@bakkerij"}, Setback.BAD_ADDRESS),
        ({"to": "änna@bakkerij.example"}, Setback.BAD_ADDRESS),
        ({"to": "anna@bakkerij.example\r\nBcc: x@y.example"}, Setback.BAD_ADDRESS),
        ({"to": "a" * 65 + "@bakkerij.example"}, Setback.BAD_ADDRESS),
        ({"sender": "nobody"}, Setback.SETTINGS),
        ({"sender": None}, Setback.SETTINGS),
        ({"files": (OutgoingFile("a.pdf", "application/pdf", b"x" * 23_000_000),)}, Setback.CONTENT),
    ],
)
def test_what_can_never_be_sent_is_refused_before_anything_leaves(changes: dict[str, Any], setback: Setback) -> None:
    with serving(answers(202)) as server:
        answer = carrier(server.url).send(a_mail(**changes))
    assert isinstance(answer, Rejected)
    assert answer.setback is setback
    assert server.requests == []


def test_a_seller_without_an_address_writes_from_the_installations() -> None:
    with serving(answers(202)) as server:
        carrier(server.url, sender="post@parley.example").send(a_mail(sender=None, to="anna@bücher.example"))
    assert server.requests[0]["from"]["email"] == "post@parley.example"
    assert server.requests[0]["personalizations"][0]["to"] == [{"email": "anna@xn--bcher-kva.example"}]


def test_a_guests_id_cannot_add_a_header() -> None:
    mail = MailHeaders(
        "<1@x.example>", in_reply_to="<a@b>\r\nBcc: x@y.example", references=("<ok@x.example>", "no id", "<a b@c>")
    )
    headers = request_body(a_mail(mail=mail), "a@b.example")["headers"]
    assert headers == {"Message-ID": "<1@x.example>", "References": "<ok@x.example>"}


def test_one_click_needs_https_and_a_long_thread_keeps_its_first_and_latest_ids() -> None:
    ids = tuple(f"<{n}@x.example>" for n in range(99))
    mail = MailHeaders("<1@x.example>", references=ids, unsubscribe_url="http://localhost/stop")
    headers = request_body(a_mail(mail=mail), "a@b.example")["headers"]
    assert headers["List-Unsubscribe"] == "<http://localhost/stop>"
    assert "List-Unsubscribe-Post" not in headers
    assert headers["References"].split() == [ids[0], *ids[-19:]]


@pytest.mark.parametrize(
    "line",
    [
        "Überweisung März.pdf -> Uberweisung-Marz.pdf",
        "請求書.pdf -> document.pdf",
        "../../etc/passwd -> etc-passwd.pdf",
        'a"b;c\r\nd.pdf -> a-b-c-d.pdf',
        "INV-2026-0042.pdf -> INV-2026-0042.pdf",
    ],
)
def test_a_files_name_is_ascii(line: str) -> None:
    name, plain = line.split(" -> ")
    assert ascii_name(name) == plain


def test_mails_do_not_appear_in_the_log_whatever_its_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(answers(202)) as server:
        carrier(server.url).send(a_mail())
    assert "anna" not in caplog.text
    assert "SG.secret" not in caplog.text


@pytest.fixture(scope="module")
def prism(shared_folder: Path) -> Iterator[str]:
    spec, program = shared_folder / "specs/sendgrid_mail_send_v3.json", shutil.which("prism")
    if not spec.exists() or program is None:
        pytest.skip("Prism or the shared description is not here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [program, "mock", "--errors", "-p", str(port), str(spec)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("Prism did not start")


def test_the_request_is_one_the_published_description_allows(prism: str) -> None:
    every = [
        a_mail(),
        a_mail(html=None, files=(), mail=None, sender_name=None),
        a_mail(subject="€" * 500, text="😀\x0b", purpose="answer"),
    ]
    for outgoing in every:
        assert isinstance(carrier(prism, seconds=20).send(outgoing), Accepted)
    # And the description does check: the same with one personalization too few is refused.
    body = request_body(a_mail(), "ar@seller.example") | {"personalizations": "none"}
    request = urllib.request.Request(
        f"{prism}/v3/mail/send",
        json.dumps(body).encode(),
        {"Authorization": "Bearer x", "Content-Type": "application/json"},
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    refused.value.close()
    assert 400 <= refused.value.code < 500
