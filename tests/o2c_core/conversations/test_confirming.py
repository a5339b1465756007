"""What is said once when somebody says stop, start or help: who we are, what holds now, the way back, in one text."""

import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import o2c_core.conversations.confirming as confirming
from o2c_core.conversations.confirming import confirmation
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.customer import LANGUAGES

LINK = "https://parley.example/preferences/abc"
HEARD = ("stop", "start", "help")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("heard", HEARD)
@pytest.mark.parametrize(
    "name", ["Van Dijk Groothandel", "B", "Müller & Söhne Großhandelsgesellschaft mbH & Co. KG", "Café Çelik"]
)
def test_by_text_it_names_us_and_fits_one_segment(heard: str, language: str, name: str) -> None:
    said = confirmation(heard, language, name, channel="sms", link=LINK)  # type: ignore[arg-type]
    assert (segments(said).count, segments(said).encoding) == (1, "GSM-7")
    assert said.startswith(name[:1])
    assert "http" not in said
    assert ("START" if heard == "stop" else "STOP") in said


@given(st.text(string.printable + "éüçøŁ’“€", min_size=1, max_size=120), st.sampled_from(LANGUAGES))
def test_no_name_makes_it_two_texts(name: str, language: str) -> None:
    assert segments(confirmation("stop", language, name, channel="sms", link=None)).count == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_by_mail_the_way_back_is_the_link_and_never_a_word_to_text(language: str) -> None:
    for heard in HEARD:
        with_link = confirmation(heard, language, "Van Dijk", channel="email", link=LINK)  # type: ignore[arg-type]
        without = confirmation(heard, language, "Van Dijk", channel="email", link=None)  # type: ignore[arg-type]
        assert with_link.endswith(LINK)
        assert "Van Dijk" in without
        assert "START" not in with_link + without
        assert "{" not in with_link + without


def test_a_language_we_do_not_speak_gets_english() -> None:
    assert confirmation("stop", "pl", "B", channel="sms", link=None) == confirmation(
        "stop", "en", "B", channel="sms", link=None
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences(language: str) -> None:
    folder = Path(confirming.__file__).parent / "confirming_words"
    ours, english = (tomllib.loads((folder / f"{one}.toml").read_text("utf-8")) for one in (language, "en"))
    assert list(ours) == list(english)
