"""What SendGrid delivered, in our words: every event's row, and mails in both modes and many charsets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sendgrid_form import form_of, text_from
from channels.sendgrid_payload import events_in, keepable, mail_in
from channels.sendgrid_reading import read_sendgrid
from o2c_core.actions.keep_arrivals import Arrived
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.heard import Heard, Noise, Sense, Word
from o2c_core.keys import new_key
from tests.conftest import NOON
from tests.payloads.sendgrid import CONTENT_TYPE, FIELDS, RAW_MAIL, event, form

PLATE = Doorplate("a key", reply_domain="replies.seller.example")
THREAD = UUID("0199d3a0-0000-7000-8000-00000000000a")
MESSAGE = UUID("0199d3a0-0000-7000-8000-000000000007")


def read(arrived: Arrived) -> Sense:
    arrival = Arrival(
        id=new_key(),
        provider=arrived.provider,
        kind=arrived.kind,
        channel=arrived.channel,
        sender_key=arrived.sender_key,
        payload=json.loads(json.dumps(arrived.payload)),
        raw=arrived.raw,
        received_at=NOON,
    )
    return read_sendgrid(arrival, doorplate=PLATE, own_addresses=["ar@seller.example"])


def read_event(*args: Any, **more: Any) -> Sense:
    return read(events_in(json.dumps([event(*args, **more)]).encode())[0])


def hear(fields: dict[str, bytes], files: Any = ()) -> Heard:
    body = form(fields, files)
    sense = read(mail_in(body, CONTENT_TYPE, form_of(body, CONTENT_TYPE)))
    assert isinstance(sense, Heard)
    return sense


@pytest.mark.parametrize(
    "line",
    [
        "processed                                    | sent      -           -",
        "deferred                                     | -         -           -",
        "delivered                                    | delivered -           -",
        "bounce type=bounce                           | failed    bad_address -",
        "bounce type=blocked                          | failed    blocked     -",
        "bounce                                       | failed    bad_address -",
        "dropped reason=Bounced_Address               | failed    bad_address -",
        "dropped reason=Invalid                       | failed    bad_address -",
        "dropped reason=Invalid_SMTPAPI_header        | failed    content     -",
        "dropped reason=Unsubscribed_Address          | failed    opted_out   unsubscribe",
        "dropped reason=Spam_Reporting_Address        | failed    opted_out   spam",
        "dropped reason=Spam_Content_(if_Spam_Checker_app_is_enabled) | failed content -",
        "dropped reason=Recipient_List_over_Package_Quota | failed settings   -",
        "dropped reason=Something_new                 | failed    unknown     -",
        "dropped                                      | failed    unknown     -",
        "spamreport                                   | -         -           spam",
        "unsubscribe                                  | -         -           unsubscribe",
        "group_unsubscribe                            | -         -           unsubscribe",
        "group_resubscribe                            | -         -           resubscribe",
    ],
)
def test_each_event_says_one_thing(line: str) -> None:
    said, meant = line.split("|")
    name, *more = said.split()
    fields = {key: value.replace("_", " ") for key, _, value in (one.partition("=") for one in more)}
    word = read_event(name, **fields)
    assert isinstance(word, Word)
    got = (word.state, word.setback and word.setback.value, word.refuses)
    assert [one or "-" for one in got] == meant.split()


def test_an_event_names_our_message_and_sendgrids_request() -> None:
    word = read_event("bounce", type="bounce", status="5.1.1", reason="550 5.1.1 No such\r\nuser")
    assert isinstance(word, Word)
    assert word.message_id == MESSAGE
    assert word.carrier_key == "14c5d75ce93"
    assert word.address == "anna@bakkerij.example"
    assert (word.carrier, word.key, word.code) == ("sendgrid", "bounce-1", "5.1.1")
    assert word.why == "550 5.1.1 No such user"
    assert word.at == datetime(2026, 3, 16, 11, 0, tzinfo=UTC)


def test_a_bounce_that_comes_later_has_no_request_id_and_is_still_about_our_message() -> None:
    word = read_event("bounce", type="bounce", sg_message_id=None)
    assert isinstance(word, Word)
    assert (word.message_id, word.carrier_key) == (MESSAGE, None)


@pytest.mark.parametrize("name", ["open", "click"])
def test_an_open_or_a_click_proves_nothing(name: str) -> None:
    assert isinstance(read_event(name, sg_machine_open=False, url="https://pay.example"), Noise)


def test_an_event_about_somebody_elses_mail_is_noise_and_a_spam_report_never_is() -> None:
    assert isinstance(read_event("delivered", o2c_message=None, sg_message_id=None), Noise)
    word = read_event("spamreport", o2c_message=None, sg_message_id=None)
    assert isinstance(word, Word)
    assert (word.refuses, word.address, word.message_id) == ("spam", "anna@bakkerij.example", None)


@pytest.mark.parametrize("name", ["", "account_status_change", "bounce/blocked", "x" * 999])
def test_an_event_we_do_not_know_is_noise(name: str) -> None:
    assert isinstance(read_event(name), Noise)


def test_a_custom_arg_cannot_be_mistaken_for_sendgrids_own_word() -> None:
    word = read_event("delivered", o2c_message={"not": "ours"}, timestamp="soon", reason=7, email=None)
    assert isinstance(word, Word)
    assert (word.message_id, word.at, word.why, word.address) == (None, None, "", None)


@given(st.dictionaries(st.sampled_from(sorted(event("bounce", type="x", reason="y", status="z"))), st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5,
)))  # fmt: skip
def test_no_event_breaks_the_reading(fields: dict[str, Any]) -> None:
    arrived = Arrived("sendgrid", "word", "email", "k", keepable(event("bounce") | fields))
    assert isinstance(read(arrived), Word | Noise)


def test_a_raw_mail_is_heard_with_what_the_door_found() -> None:
    heard = hear(FIELDS | {"email": RAW_MAIL})
    assert heard.from_address == "anna@bakkerij.example"
    assert "Wij hebben € 100 betaald, café Noir." in heard.text
    assert heard.mail is not None
    assert (heard.mail.mail_id, heard.mail.in_reply_to) == ("<77@bakkerij.example>", "<0190@replies.seller.example>")
    assert heard.mail.is_aligned


def test_a_from_that_nobody_vouches_for_is_not_aligned() -> None:
    for odd in (
        {"dkim": b"{@mailer.example : pass}", "SPF": b"softfail"},
        {"dkim": b"none", "SPF": b"none"},
        {"dkim": b"", "SPF": b""},
    ):
        heard = hear(FIELDS | odd | {"email": RAW_MAIL})
        assert heard.mail is not None
        assert not heard.mail.is_aligned


def test_the_thread_is_found_by_the_envelope_where_the_mail_does_not_show_it() -> None:
    reply_to = PLATE.reply_address(THREAD)
    envelope = json.dumps({"to": [reply_to], "from": "anna@bakkerij.example"}).encode()
    heard = hear({"envelope": envelope, "email": RAW_MAIL.replace(b"To: t-abc@replies.seller.example\r\n", b"")})
    assert heard.mail is not None
    assert heard.mail.thread == THREAD


def parsed(**fields: bytes) -> dict[str, bytes]:
    head = b"Message-ID: <5@bakkerij.example>\nIn-Reply-To: <0190@replies.seller.example>\nMIME-Version: 1.0\nContent-Type: multipart/alternative;\n boundary=gone\n"
    return (
        FIELDS
        | {
            "headers": head,
            "from": b"Anna Bakker <anna@bakkerij.example>",
            "to": b"ar@seller.example",
            "subject": b"Re: INV-7",
        }
        | fields
    )


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("UTF-8", "utf-8"), ("utf-8", "utf-8"), ("iso-8859-1", "iso-8859-1"), ("ISO-8859-1", "cp1252"), ("windows-1252", "cp1252"),
        ("us-ascii", "cp1252"), ("iso-8859-15", "iso-8859-15"), ("x-no-such-thing", "utf-8"), ("x-no-such-thing", "cp1252"),
        ("", "utf-8"), ("hex", "utf-8"), ("unicode_escape", "utf-8"), ("utf-8", "cp1252"), ("utf-16", "utf-16"), (" \"latin1\" ", "iso-8859-1"),
    ],
)  # fmt: skip
def test_each_field_is_read_in_the_charset_named_for_it(charset: str, codec: str) -> None:
    said = "Wij hebben het café betaald, één keer, in Zürich."
    charsets = json.dumps({"text": charset, "subject": "utf-8"}).encode()
    heard = hear(parsed(text=said.encode(codec), charsets=charsets, subject="Re: één".encode()))
    assert heard.text == said
    assert heard.mail is not None
    assert heard.mail.subject == "Re: één"


def test_japanese_and_korean_are_read_too() -> None:
    for charset, said in (("shift_jis", "請求書は昨日支払いました①"), ("ks_c_5601-1987", "어제 결제했습니다")):
        codec = {"shift_jis": "cp932", "ks_c_5601-1987": "cp949"}[charset]
        assert text_from(said.encode(codec), charset) == said
        assert hear(parsed(text=said.encode(codec), charsets=json.dumps({"text": charset}).encode())).text == said


def test_a_mail_in_pieces_is_heard_like_a_whole_one() -> None:
    files = [
        ("attachment1", "proof.pdf", "application/pdf", b"%PDF-1.4 proof"),
        ("attachment2", "x", "image/png; odd", b"\x89PNG\r\n\x1a\n"),
    ]
    told = {
        "attachment1": {"filename": "Überweisung.pdf", "name": "proof.pdf", "type": "application/pdf"},
        "attachment2": "odd",
    }
    more = {
        "attachment-info": json.dumps(told).encode(),
        "attachments": b"2",
        "content-ids": b'{"logo@x":"attachment2"}',
    }
    heard = hear(parsed(text=b"Betaald.", html=b"<p>Betaald.</p>", **more), files)
    assert heard.text == "Betaald."
    assert heard.from_address == "anna@bakkerij.example"
    assert heard.to_address == "ar@seller.example"
    assert heard.mail is not None
    assert (heard.mail.mail_id, heard.mail.in_reply_to, heard.mail.is_aligned) == (
        "<5@bakkerij.example>",
        "<0190@replies.seller.example>",
        True,
    )
    assert heard.mail.html is not None
    assert (heard.files[0].name, heard.files[0].content) == ("Überweisung.pdf", b"%PDF-1.4 proof")
    assert len(heard.files) == 2


def test_a_mail_in_pieces_may_be_all_html_or_nothing_but_a_subject() -> None:
    assert hear(parsed(html=b"<p>Betaald <b>gisteren</b>.</p>")).text == "Betaald gisteren."
    assert hear(parsed()).text == "Re: INV-7"


def test_headers_that_would_break_the_rebuilt_mail_do_not() -> None:
    heard = hear(parsed(headers=b"From: a@b.example\nnot a header\n\nSubject: no longer a header\n", text=b"Hallo"))
    assert (heard.from_address, heard.text) == ("a@b.example", "Hallo")
    heard = hear(
        {"from": "Jürgen Müller <j@m.example>".encode(), "subject": b"a\r\nBcc: x@y.example", "text": b"Hallo"}
    )
    assert (heard.from_address, heard.text) == ("j@m.example", "Hallo")
    assert heard.mail is not None
    assert heard.mail.sender_name == "Jürgen Müller"
    assert heard.mail.subject == "a Bcc: x@y.example"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Jürgen Müller <j@m.example>", "Jürgen Müller"),
        ('"Müller, Jürgen" <j@m.example>', "Müller, Jürgen"),
        ("Anna Bäcker <j@m.example>", "Anna Bäcker"),
        ("Anna <j@m.example>", "Anna"),
        ("株式会社 請求 <j@m.example>", "株式会社 請求"),
    ],
)
def test_a_name_survives_being_put_together_again(written: str, name: str) -> None:
    heard = hear({"from": written.encode(), "text": b"Hallo"})
    assert heard.mail is not None
    assert (heard.from_address, heard.mail.sender_name) == ("j@m.example", name)


def test_a_bounce_in_pieces_is_still_a_bounce() -> None:
    report = b"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; anna@bakkerij.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    original = b"Message-ID: <0190@replies.seller.example>\r\nFrom: ar@seller.example\r\nTo: anna@bakkerij.example\r\n\r\nx\r\n"
    heard = hear(
        parsed(
            headers=b"From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=b\n",
            envelope=b'{"to":["ar@seller.example"],"from":""}',
            text=b"Your message could not be delivered.",
        ),
        [("attachment1", "s", "message/delivery-status", report), ("attachment2", "o", "message/rfc822", original)],
    )
    assert heard.mail is not None
    assert heard.mail.automatic is not None
    assert heard.mail.automatic.kind == "bounce"
    [bounced] = heard.mail.automatic.bounced
    assert (bounced.address, bounced.is_hard, bounced.status) == ("anna@bakkerij.example", True, "5.1.1")


def test_a_form_cut_off_is_heard_as_far_as_it_goes() -> None:
    body = form({"envelope": FIELDS["envelope"], "email": RAW_MAIL})[:-20]
    arrived = mail_in(body, CONTENT_TYPE, form_of(body, CONTENT_TYPE))
    assert arrived.payload["mode"] == "broken"
    sense = read(arrived)
    assert isinstance(sense, Heard)
    assert sense.text.startswith("Wij hebben € 100")


@pytest.mark.parametrize("body", [b"", b"junk", form({}), form({"envelope": b"{}"})])
def test_a_form_that_holds_no_mail_is_noise(body: bytes) -> None:
    assert isinstance(read(mail_in(body, CONTENT_TYPE, form_of(body, CONTENT_TYPE))), Noise)


@given(
    fields=st.dictionaries(
        st.sampled_from(["headers", "from", "to", "cc", "subject", "text", "html", "charsets", "envelope", "attachment-info", "content-ids", "email"]),
        st.binary(max_size=80) | st.sampled_from([b'{"attachment1":{"filename":7}}', b'{"to":7,"from":{}}', b'{"text":"idna","html":"utf-7"}']),
    ),
    file=st.binary(max_size=80),
)  # fmt: skip
def test_no_form_breaks_the_reading(fields: dict[str, bytes], file: bytes) -> None:
    body = form(fields, [("attachment1", "f", "message/delivery-status", file)])
    arrived = mail_in(body, CONTENT_TYPE, form_of(body, CONTENT_TYPE))
    assert isinstance(read(arrived), Heard | Noise)
