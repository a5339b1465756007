"""The providers' own SDKs find in the stand-in what the providers' documents promise."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest
import requests
from python_http_client.exceptions import HTTPError
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import Category, CustomArg, Mail
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from app.standin.signing import public_words
from app.standin.stage import Accounts
from tests.standin.stand import Standin, _free_port, a_standin, wait_until

NUMBER = "+31612345678"
SENDER = "+31201234567"


def send(standin: Standin, to: str = NUMBER, ours: str = "m-1", text: str = "Dag", **more: str) -> object:
    callback = f"{standin.doors.url}/twilio/status/{ours}"
    sender = {} if "messaging_service_sid" in more else {"from_": SENDER}
    return standin.twilio().messages.create(to=to, body=text, status_callback=callback, **sender, **more)


def a_mail(to: str = "ap@jansen.example", ours: str = "m-1") -> Mail:
    mail = Mail("factuur@vandijk.example", to, "Factuur", plain_text_content="Dag")
    mail.personalizations[0].add_custom_arg(CustomArg("o2c_message", ours))
    mail.add_category(Category("answer"))
    return mail


def test_a_text_is_accepted_listed_fetched_and_reported_on() -> None:
    with a_standin() as standin:
        made = send(standin)
        assert (made.status, made.sid[:2], made.date_sent) == ("queued", "SM", None)
        assert standin.settle()["accepted"] == {"m-1": 1}
        fetched = standin.twilio().messages(made.sid).fetch()
        assert (fetched.status, fetched.body, fetched.to) == ("delivered", "Dag", NUMBER)
        since = datetime.now(UTC) - timedelta(minutes=1)
        found = standin.twilio().messages.list(to=NUMBER, from_=SENDER, date_sent_after=since)
        assert [one.sid for one in found] == [made.sid]
        assert standin.twilio().messages.list(to=NUMBER, date_sent_before=since) == []
        assert standin.twilio().messages.list(to="+31699999999") == []
        words = [dict(parse_qsl(one.body.decode())) for one in standin.doors.posted]
        assert [word["MessageStatus"] for word in words] == ["sent", "delivered"]
        validator = RequestValidator(standin.stage.accounts.twilio_auth_token)
        for one, word in zip(standin.doors.posted, words, strict=True):
            assert validator.validate(one.url, word, one.headers["x-twilio-signature"])


def test_a_long_list_comes_in_pages() -> None:
    with a_standin() as standin:
        sids = {send(standin, ours=f"m-{n}", text=str(n)).sid for n in range(7)}
        assert {one.sid for one in standin.twilio().messages.list(to=NUMBER, page_size=3)} == sids


@pytest.mark.parametrize(
    ("to", "text", "code"),
    [
        ("0612345678", "Dag", 21211),
        ("+15005550004", "Dag", 21610),
        ("+3161221614", "Dag", 21614),
        (NUMBER, "x" * 1601, 21617),
        ("whatsapp:" + NUMBER, "Dag", 21910),
        (NUMBER, "", 21602),
    ],
)
def test_what_cannot_be_sent_is_refused_with_the_providers_code_and_not_kept(to: str, text: str, code: int) -> None:
    with a_standin() as standin:
        with pytest.raises(TwilioRestException) as refused:
            send(standin, to, text=text)
        assert (refused.value.status, refused.value.code) == (400, code)
        assert standin.record()["accepted"] == {}


def test_a_stranger_to_the_account_gets_nothing() -> None:
    with a_standin() as standin:
        answer = httpx.get(
            f"{standin.url}/2010-04-01/Accounts/{standin.stage.accounts.twilio_account_sid}/Messages.json"
        )
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        standin.stage.accounts = Accounts(sendgrid_key="another")
        assert httpx.post(f"{standin.url}/v3/mail/send", json={}).status_code == 401


@pytest.mark.parametrize(
    ("fault", "is_kept"),
    [("silent_before", False), ("silent_after", True), ("hang_up_before", False), ("hang_up_after", True),
     ("error_before", False), ("error_after", True), ("too_many", False)],
)  # fmt: skip
def test_a_fault_before_acceptance_keeps_nothing_and_one_after_it_keeps_the_message(fault: str, is_kept: bool) -> None:
    with a_standin(**{fault: 1.0}) as standin:
        with pytest.raises((requests.RequestException, TwilioRestException)) as seen:
            # Only silence is cut short: an answer that comes is waited for, however busy the machine is.
            standin.twilio(seconds=0.3 if fault.startswith("silent") else 30.0).messages.create(
                to=NUMBER, from_=SENDER, body="Dag", status_callback=f"{standin.doors.url}/twilio/status/m-1"
            )
        if fault.startswith(("silent", "hang_up")):
            assert isinstance(seen.value, requests.RequestException)
        else:
            assert seen.value.status == (429 if fault == "too_many" else 500)
        assert standin.settle()["accepted"] == ({"m-1": 1} if is_kept else {})


def test_a_second_acceptance_of_the_same_message_is_seen() -> None:
    with a_standin() as standin:
        for ours in ("m-1", "m-2", "m-1"):
            send(standin, ours=ours)
        assert standin.record()["twice"] == ["m-1"]


def test_a_stop_is_heard_by_the_provider_and_posted_to_our_door() -> None:
    with a_standin() as standin:
        httpx.post(f"{standin.url}/standin/say", json={"from": NUMBER, "to": SENDER, "body": " stop "})
        wait_until(lambda: bool(standin.doors.posted))
        (one,) = standin.doors.posted
        fields = dict(parse_qsl(one.body.decode()))
        assert (one.url.removeprefix(standin.doors.url), fields["Body"]) == ("/twilio/messages", " stop ")
        validator = RequestValidator(standin.stage.accounts.twilio_auth_token)
        assert validator.validate(one.url, fields, one.headers["x-twilio-signature"])
        with pytest.raises(TwilioRestException) as refused:
            send(standin)
        assert refused.value.code == 21610


def test_a_callback_is_posted_again_when_its_address_asks_for_that() -> None:
    with a_standin() as standin:
        standin.doors.statuses = [500, 500]
        standin.twilio().messages.create(
            to=NUMBER, from_=SENDER, body="Dag", status_callback=f"{standin.doors.url}/twilio/status/m-1#rc=3&rp=all"
        )
        standin.settle()
        assert len(standin.doors.posted) == 4


def test_callbacks_come_twice_late_swapped_or_not_at_all_by_rate() -> None:
    rates = {"callback_twice": 0.3, "callback_swapped": 0.3, "callback_lost": 0.1, "callback_late": 0.1}
    with a_standin(**rates, late_seconds=0.2) as standin:
        for number in range(60):
            send(standin, ours=f"m-{number}")
        record = standin.settle()
        fates = record["callbacks"]
        assert isinstance(fates, dict)
        assert all(fates[fate] >= 5 for fate in ("twice", "swapped", "lost", "late"))
        words = [(one.url.rpartition("/")[2], dict(parse_qsl(one.body.decode()))) for one in standin.doors.posted]
        assert len(words) == 120 - fates["lost"] + fates["twice"]
        states = [word["MessageStatus"] for ours, word in words if ours == "m-1"]
        assert set(states) <= {"sent", "delivered"}


def test_a_mail_is_accepted_and_its_events_are_signed_and_carry_our_id_at_the_top_level() -> None:
    with a_standin() as standin:
        answer = standin.sendgrid().send(a_mail())
        assert answer.status_code == 202
        key = answer.headers["X-Message-Id"]
        standin.settle()
        events = standin.doors.events()
        assert [event["event"] for event in events] == ["processed", "delivered"]
        assert all(event["o2c_message"] == "m-1" for event in events)
        assert all(str(event["sg_message_id"]).partition(".")[0] == key for event in events)
        checked = EventWebhook(public_words(standin.stage.accounts.events_key))
        for one in standin.doors.posted:
            name = "x-twilio-email-event-webhook-"
            assert checked.verify_signature(
                one.body.decode(), one.headers[f"{name}signature"], one.headers[f"{name}timestamp"]
            )


def test_events_are_posted_until_they_are_taken() -> None:
    with a_standin() as standin:
        standin.doors.statuses = [503]
        standin.sendgrid().send(a_mail("bounce@jansen.example"))
        standin.settle()
        first, second, *_ = [json.loads(one.body) for one in standin.doors.posted]
        assert first == second
        assert {(event["event"], event.get("type")) for event in standin.doors.events()} == {
            ("processed", None), ("bounce", "bounce"),
        }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": [{"to": []}]}, "personalizations.0.to"),
        ({"personalizations": [{"to": [{"email": "a@b.example"}], "custom_args": {"a": 1}}]},
         "personalizations.0.custom_args"),
        ({"from": {"email": "nobody"}}, "from.email"),
        ({"subject": ""}, "subject"),
        ({"content": []}, "content"),
        ({"content": [{"type": "text/html", "value": "x"}, {"type": "text/plain", "value": "x"}]}, "content"),
        ({"headers": {"Reply-To": "a@b.example"}}, "headers"),
        ({"categories": ["c"] * 11}, "categories"),
    ],
)  # fmt: skip
def test_a_mail_the_provider_would_refuse_is_refused(change: dict[str, object], field: str) -> None:
    with a_standin() as standin:
        with pytest.raises(HTTPError) as refused:
            standin.sendgrid().client.mail.send.post(request_body=a_mail().get() | change)
        assert refused.value.status_code == 400
        assert refused.value.to_dict["errors"][0]["field"] == field
        assert standin.record()["accepted"] == {}


def test_it_runs_in_a_process_of_its_own_and_prints_the_settings_that_lead_there() -> None:
    port = _free_port()
    faults = '{"too_many": 1, "retry_after_seconds": 7}'
    command = [sys.executable, "-m", "app.standin", "--port", str(port), "--faults", faults]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(6))
            assert settings["PARLEY_TWILIO_API_URL"] == f"http://127.0.0.1:{port}"
            wait_until(lambda: _answers(port))
            url = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{settings['PARLEY_TWILIO_ACCOUNT_SID']}/Messages.json"
            signed_in = (settings["PARLEY_TWILIO_ACCOUNT_SID"], settings["PARLEY_TWILIO_AUTH_TOKEN"])
            answer = httpx.post(url, data={"To": NUMBER, "From": SENDER, "Body": "Dag"}, auth=signed_in)
            assert (answer.status_code, answer.headers["Retry-After"], answer.json()["code"]) == (429, "7", 20429)
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/standin/record").status_code == 200
    except httpx.HTTPError:
        return False
