"""What goes wrong goes wrong at its rate, and the same way again."""

import base64
from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some
from twilio.request_validator import RequestValidator

from app.standin.faults import MISHAPS, Faults, OddFaults, dice, mishap, read_faults
from app.standin.lives import life_of_mail, life_of_text, refusal
from app.standin.post import moments
from app.standin.signing import sign_form

RATES = some.floats(0, 1)


def test_the_same_seed_brings_the_same_mishap_to_the_same_attempt_whatever_else_happens() -> None:
    faults = Faults(silent_after=0.2, too_many=0.2)
    forth = [mishap(faults, dice(7, "send", number, 1)) for number in range(200)]
    back = [mishap(faults, dice(7, "send", number, 1)) for number in reversed(range(200))]
    assert forth == back[::-1]
    assert forth != [mishap(faults, dice(8, "send", number, 1)) for number in range(200)]


@pytest.mark.parametrize("name", MISHAPS)
def test_a_mishap_comes_at_its_rate(name: str) -> None:
    faults = Faults(**{name: 0.05})  # type: ignore[arg-type]
    seen = Counter(mishap(faults, dice(1, number)) for number in range(10_000))
    assert set(seen) == {None, name}
    assert 400 <= seen[name] <= 600  # type: ignore[index]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"no_such": 1}', '{"too_many": 1.5}', '{"too_many": 0.6, "silent_after": 0.6}', "/no/such/file",
     '{"late_seconds": -1}'],
)  # fmt: skip
def test_odd_faults_are_refused(text: str) -> None:
    with pytest.raises(OddFaults):
        read_faults(text)


@given(
    some.lists(some.integers(), max_size=6, unique=True),
    some.integers(0, 2**32),
    *[RATES] * 4,
)
def test_every_word_is_posted_unless_lost_and_only_those_said_to_be_twice_come_again(
    words: list[int], seed: int, twice: float, swapped: float, late: float, lost: float
) -> None:
    faults = Faults(callback_twice=twice, callback_swapped=swapped, callback_late=late, callback_lost=lost)
    posted = moments(words, faults, Random(seed))
    assert sorted(word for _, word, odd in posted if odd != "twice") == sorted(words)
    gone = {word for _, word, odd in posted if odd == "lost"}
    assert not gone & {word for _, word, odd in posted if odd == "twice"}
    assert all(at > 0 for at, *_ in posted)


@given(some.lists(some.integers(), max_size=6, unique=True), some.integers(0, 2**32))
def test_with_nothing_wrong_the_words_come_in_order(words: list[int], seed: int) -> None:
    assert [(word, odd) for _, word, odd in moments(words, Faults(), Random(seed))] == [(word, "") for word in words]


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("+15005550001", None, 21211),
        ("+15005550004", None, 21610),
        ("+15005550009", None, 21614),
        ("+31612345678", "+15005550007", 21606),
        ("+31612345678", "+31201234567", None),
        ("+3161221611", "+3197000", 21611),
        ("+3161221610", None, 21610),
        ("whatsapp:+3161221610", None, 21610),
        ("+3161230003", None, None),
    ],
)
def test_a_number_that_ends_in_a_code_of_refusal_is_refused_at_once(
    to: str, sender: str | None, code: int | None
) -> None:
    assert refusal(to, sender) == code


@pytest.mark.parametrize(
    ("to", "by_service", "states"),
    [
        ("+31612345678", False, "queued sent delivered"),
        ("+31612345678", True, "accepted queued sent delivered"),
        ("whatsapp:+31612345678", False, "queued sent delivered read"),
        ("+3161230003", False, "queued sent undelivered"),
        ("+3161230034", True, "accepted queued failed"),
    ],
)
def test_a_text_goes_through_the_states_the_provider_documents(to: str, by_service: bool, states: str) -> None:
    life = life_of_text(to, by_service=by_service, thrown=Random(1), undelivered=0)
    assert [step.state for step in life] == states.split()


@pytest.mark.parametrize(
    ("to", "states"),
    [
        ("ap@jansen.example", "processed delivered"),
        ("bounce+7@jansen.example", "processed bounce"),
        ("blocked@jansen.example", "processed blocked"),
        ("dropped@jansen.example", "dropped"),
        ("deferred@jansen.example", "processed deferred delivered"),
        ("spam@jansen.example", "processed delivered spamreport"),
    ],
)
def test_a_mail_goes_through_the_events_the_provider_documents(to: str, states: str) -> None:
    assert [step.state for step in life_of_mail(to, thrown=Random(1), undelivered=0)] == states.split()


def test_a_form_is_signed_as_twilios_published_example() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign_form("12345", url, fields.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert sign_form("12345", url + "#rc=3", fields.items()) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@given(some.text(min_size=1), some.dictionaries(some.text(min_size=1), some.text()))
def test_twilios_own_validator_believes_our_signature_and_no_other(token: str, fields: dict[str, str]) -> None:
    url = "https://parley.example/twilio/messages"
    token = token.encode("utf-8", "ignore").decode() or "t"
    fields = {_clean(name) or "n": _clean(value) for name, value in fields.items()}
    signed = sign_form(token, url, fields.items())
    assert RequestValidator(token).validate(url, fields, signed)
    assert not RequestValidator(token).validate(url, fields | {"added": "x"}, signed)
    assert len(base64.b64decode(signed)) == 20


def _clean(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()
