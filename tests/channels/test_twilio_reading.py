"""What Twilio delivered, in our words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.rest.api.v2010.account.message import MessageInstance

from channels.twilio_codes import SETBACKS, STATES, setback_of
from channels.twilio_reading import NOT_FETCHED, read_twilio
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.heard import Heard, Noise, Word
from o2c_core.conversations.setback import REMEDIES, Setback

AT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
MESSAGE_ID = UUID(int=5)


def an_arrival(kind: str = "message", **fields: str) -> Arrival:
    payload: dict[str, Any] = {"fields": [[name, value] for name, value in fields.items()]}
    if kind == "word":
        payload["message_id"] = str(MESSAGE_ID)
    return Arrival(provider="twilio", kind=kind, channel="sms", sender_key="SM1:x", payload=payload, received_at=AT)


def a_text(body: str = "Hello", to: str = "+3197010200000", sender: str = "+31612345678", **fields: str) -> Heard:
    sense = read_twilio(an_arrival(MessageSid="SM1", From=sender, To=to, Body=body, **fields))
    assert isinstance(sense, Heard)
    return sense


@pytest.mark.parametrize(
    ("sender", "to", "channel"),
    [
        ("+31612345678", "+3197010200000", "sms"),
        ("whatsapp:+31612345678", "whatsapp:+3197010200000", "whatsapp"),
        ("WhatsApp:+31612345678", "whatsapp:+3197010200000", "whatsapp"),
    ],
)
def test_a_message_is_heard_on_its_channel_without_the_prefix(sender: str, to: str, channel: str) -> None:
    heard = a_text("  as it was ", to=to, sender=sender)
    assert (heard.channel, heard.from_address, heard.to_address) == (channel, "+31612345678", "+3197010200000")
    assert (heard.key, heard.text, heard.provider_heard, heard.files) == ("SM1", "  as it was ", None, ())


LONG, TOLL_FREE, SHORT = "+3197010200000", "+18005551212", "12345"


@pytest.mark.parametrize(
    ("body", "to", "heard"),
    [
        *[(word, LONG, "stop") for word in "STOP UNSUBSCRIBE END QUIT STOPALL REVOKE OPTOUT CANCEL".split()],  # noqa: SIM905
        *[(word, LONG, "start") for word in ("START", "YES", "UNSTOP")],
        *[(word, LONG, "help") for word in ("HELP", "INFO")],
        ("stop", LONG, "stop"),
        (" Stop\n", LONG, "stop"),
        ("STOP.", LONG, None),
        ("please stop texting me", LONG, None),
        ("stop all", LONG, None),
        ("cancel my order", LONG, None),
        ("ARRET", LONG, None),
        ("YES", TOLL_FREE, None),
        ("START", TOLL_FREE, "start"),
        ("STOP", TOLL_FREE, "stop"),
        ("STOP", SHORT, None),
        ("HELP", SHORT, None),
        ("STOP", "whatsapp:" + LONG, None),
    ],
)
def test_what_twilio_answers_by_itself_is_known(body: str, to: str, heard: str | None) -> None:
    sender = "whatsapp:+31612345678" if to.startswith("whatsapp") else "+31612345678"
    assert a_text(body, to=to, sender=sender).provider_heard == heard


@pytest.mark.parametrize(
    ("named", "heard"), [("STOP", "stop"), ("START", "start"), ("HELP", "help"), ("", None), ("OTHER", None)]
)
@pytest.mark.parametrize("to", [LONG, SHORT])
def test_what_twilio_says_it_answered_is_taken_at_its_word(named: str, heard: str | None, to: str) -> None:
    assert a_text("schluss jetzt", to=to, OptOutType=named).provider_heard == heard


def test_files_are_noted_and_not_fetched() -> None:
    heard = a_text(
        "", NumMedia="2", MediaUrl0="https://api.twilio.com/x", MediaContentType0="image/jpeg", MediaUrl1="https://x"
    )
    assert heard.text == ""
    assert [(file.name, file.media_type, file.content, file.refused_why) for file in heard.files] == [
        ("file-1.jpg", "image/jpeg", None, NOT_FETCHED),
        ("file-2.bin", "application/octet-stream", None, NOT_FETCHED),
    ]


@pytest.mark.parametrize("said", ["", "-1", "x", "²", "9" * 400, "0"])
def test_an_odd_number_of_files_is_none(said: str) -> None:
    assert a_text("x", NumMedia=said).files == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"MessageSid": "SM1", "From": "messenger:123", "To": "messenger:5"},
        {"MessageSid": "SM1", "From": "", "To": "+31"},
        {"From": "+31612345678"},
        {},
    ],
)
def test_a_message_from_nobody_or_by_an_unknown_channel_is_noise(fields: dict[str, str]) -> None:
    assert isinstance(read_twilio(an_arrival(**fields)), Noise)


def test_of_a_field_that_came_twice_the_first_counts() -> None:
    arrival = an_arrival(MessageSid="SM1", From="+31612345678", To="+31", Body="one")
    arrival.payload["fields"].append(["From", "+31699999999"])
    sense = read_twilio(arrival)
    assert isinstance(sense, Heard)
    assert sense.from_address == "+31612345678"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("accepted", "sent"),
        ("scheduled", "sent"),
        ("queued", "sent"),
        ("sending", "sent"),
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "delivered"),
        ("partially_delivered", None),
        ("receiving", None),
        ("received", None),
        ("failed", "failed"),
        ("undelivered", "failed"),
        ("canceled", "failed"),
    ],
)
def test_every_state_of_twilios_is_one_of_ours_or_changes_nothing(status: str, state: str | None) -> None:
    word = read_twilio(an_arrival("word", MessageSid="SM1", MessageStatus=status, To="whatsapp:+31612345678"))
    assert isinstance(word, Word)
    assert (word.carrier, word.key, word.carrier_key, word.message_id) == ("twilio", "SM1:x", "SM1", MESSAGE_ID)
    assert (word.state, word.at, word.address) == (state, AT, "+31612345678")
    assert (word.setback is not None) == (state == "failed")


def test_no_state_of_twilios_is_left_out() -> None:
    theirs = {value for name, value in vars(MessageInstance.Status).items() if name.isupper()}
    assert theirs == set(STATES)


@pytest.mark.parametrize("status", ["", "teleported", "DELIVERED!"])
def test_a_state_nobody_knows_is_noise(status: str) -> None:
    assert isinstance(read_twilio(an_arrival("word", MessageSid="SM1", MessageStatus=status)), Noise)


@pytest.mark.parametrize(
    ("code", "setback"),
    [
        ("21211", Setback.BAD_ADDRESS),
        ("21610", Setback.OPTED_OUT),
        ("21614", Setback.NO_TEXTS),
        ("21635", Setback.NO_TEXTS),
        ("21408", Setback.SETTINGS),
        ("30001", Setback.EXPIRED),
        ("30003", Setback.UNREACHABLE),
        ("30004", Setback.BLOCKED),
        ("30005", Setback.BAD_ADDRESS),
        ("30006", Setback.NO_TEXTS),
        ("30007", Setback.FILTERED),
        ("30008", Setback.UNKNOWN),
        ("30034", Setback.SETTINGS),
        ("30036", Setback.EXPIRED),
        ("30450", Setback.FILTERED),
        ("30610", Setback.QUIET_HOURS),
        ("30640", Setback.OPTED_OUT),
        ("63003", Setback.BAD_ADDRESS),
        ("63016", Setback.WINDOW_CLOSED),
        ("63018", Setback.EXPIRED),
        ("99999", Setback.UNKNOWN),
        ("", Setback.UNKNOWN),
        ("x", Setback.UNKNOWN),
    ],
)
def test_every_error_comes_down_to_a_setback(code: str, setback: Setback) -> None:
    word = read_twilio(
        an_arrival("word", MessageSid="SM1", MessageStatus="undelivered", ErrorCode=code, ErrorMessage="As they say")
    )
    assert isinstance(word, Word)
    assert (word.setback, word.code, word.why) == (setback, code or None, "As they say")


def test_the_tables_speak_only_of_what_has_a_remedy() -> None:
    assert set(SETBACKS.values()) <= set(REMEDIES)
    assert all(10_000 <= code < 100_000 for code in SETBACKS)


def test_a_message_somebody_cancelled_is_not_sent_again_by_itself() -> None:
    assert REMEDIES[setback_of(None, "canceled")].next == "none"


ANY = st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner, max_size=3), max_leaves=8)


@given(st.sampled_from(["message", "word"]), st.lists(st.lists(ANY, max_size=3), max_size=5), ANY)
def test_nothing_that_was_stored_makes_it_fail(kind: str, fields: Any, message_id: Any) -> None:
    arrival = an_arrival(kind)
    arrival.payload = {"fields": fields, "message_id": message_id}
    assert isinstance(read_twilio(arrival), Heard | Word | Noise)
