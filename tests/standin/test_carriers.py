"""The real carriers against the stand-in: each of its answers becomes the right one of ours, before and after acceptance."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from channels.sendgrid_carrier import SendGridCarrier
from channels.twilio_carrier import TwilioCarrier
from o2c_core.conversations.carrier import (
    Accepted,
    CannotTell,
    Carrier,
    Found,
    MailHeaders,
    NotThere,
    Outgoing,
    Rejected,
    TooFast,
    Uncertain,
)
from o2c_core.conversations.setback import Setback
from o2c_core.errors import Outage
from tests.standin.stand import Standin, _free_port, a_standin

SENDER = "+31201234567"


def carrier_for(channel: str, standin: Standin, url: str | None = None) -> Carrier:
    accounts = standin.stage.accounts
    if channel == "email":
        return SendGridCarrier(accounts.sendgrid_key, url=url or standin.url, seconds=0.4)
    return TwilioCarrier(
        account_sid=accounts.twilio_account_sid, auth_token=accounts.twilio_auth_token, sms_sender=SENDER,
        whatsapp_sender=SENDER, base_url=standin.doors.url, api_url=url or standin.url,
    )  # fmt: skip


def a_message(channel: str, to: str | None = None, text: str = "Dag") -> Outgoing:
    message_id = uuid4()
    is_mail = channel == "email"
    return Outgoing(
        message_id=message_id, seller_id=uuid4(), channel=channel, purpose="answer",
        to=to or ("ap@jansen.example" if is_mail else "+31612345678"), text=text, claimed_at=datetime.now(UTC),
        sender="post@vandijk.example" if is_mail else None, subject="Factuur" if is_mail else None,
        mail=MailHeaders(mail_id=f"<{message_id.hex}@vandijk.example>") if is_mail else None,
    )  # fmt: skip


CHANNELS = ["sms", "whatsapp", "email"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_message_is_accepted_once_and_its_words_name_it(channel: str) -> None:
    with a_standin() as standin:
        message = a_message(channel)
        answer = carrier_for(channel, standin).send(message)
        assert isinstance(answer, Accepted)
        assert standin.settle()["accepted"] == {str(message.message_id): 1}
        named = (
            {UUID(str(event["o2c_message"])) for event in standin.doors.events()}
            if channel == "email"
            else {UUID(one.url.rpartition("/")[2]) for one in standin.doors.posted}
        )
        assert named == {message.message_id}


@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize("fault", ["silent_before", "silent_after", "hang_up_before", "hang_up_after", "error_before",
                                   "error_after"])  # fmt: skip
def test_whatever_leaves_open_whether_it_was_taken_is_uncertain(channel: str, fault: str) -> None:
    with a_standin(**{fault: 1.0}, silent_seconds=0.6) as standin:
        assert isinstance(carrier_for(channel, standin).send(a_message(channel)), Uncertain)
        assert sum(standin.settle()["accepted"].values()) == (1 if fault.endswith("after") else 0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_provider_that_asks_us_to_slow_down_says_for_how_long(channel: str) -> None:
    with a_standin(too_many=1.0, retry_after_seconds=7) as standin:
        with pytest.raises(TooFast) as asked:
            carrier_for(channel, standin).send(a_message(channel))
        assert asked.value.wait_seconds == 7
        assert standin.record()["accepted"] == {}


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_where_nobody_listens_it_is_certain_that_nothing_left(channel: str) -> None:
    with a_standin() as standin, pytest.raises(Outage):
        carrier_for(channel, standin, url=f"http://127.0.0.1:{_free_port()}").send(a_message(channel))


@pytest.mark.parametrize(
    ("to", "setback"),
    [
        ("+15005550001", Setback.BAD_ADDRESS),
        ("+15005550004", Setback.OPTED_OUT),
        ("+15005550009", Setback.NO_TEXTS),
        ("+3161221408", Setback.SETTINGS),
    ],
)
def test_a_number_that_cannot_be_written_to_is_refused_for_its_reason(to: str, setback: Setback) -> None:
    with a_standin() as standin:
        answer = carrier_for("sms", standin).send(a_message("sms", to))
        assert isinstance(answer, Rejected)
        assert answer.setback is setback


def test_a_look_up_finds_what_was_taken_without_an_answer_and_nothing_else() -> None:
    with a_standin(silent_after=1.0, silent_seconds=0.6) as standin:
        carrier = carrier_for("sms", standin)
        assert isinstance(carrier, TwilioCarrier)
        message, never = a_message("sms", text="INV-7"), a_message("sms", text="INV-8")
        assert isinstance(carrier.send(message), Uncertain)
        assert isinstance(carrier.look_up(message), Found)
        assert isinstance(carrier.look_up(never), NotThere)


def test_a_look_up_the_provider_refuses_tells_nothing() -> None:
    with a_standin(looking_up_fails=1.0) as standin:
        carrier = carrier_for("sms", standin)
        assert isinstance(carrier, TwilioCarrier)
        assert isinstance(carrier.look_up(a_message("sms")), CannotTell)
