"""How a reminder sounds to whom."""

import re
from itertools import product

import pytest

from o2c_core.reminders.ladder import STANDARD, TONES, Rung
from o2c_core.reminders.tone import OPENINGS, Seen, tone_for

RUNGS = {rung.name: rung for rung in STANDARD.rungs}
SEEN = {
    "nothing": {},
    "punctual": {"is_punctual": True},
    "habit": {"has_habit": True},
    "broken": {"broken": 1},
    "twice": {"broken": 2},
    "thrice": {"broken": 3},
    "we were late": {"we_were_late": True},
    "not first": {"is_first": False},
    "says paid": {"says_paid": True},
    "asked since": {"says_paid": True, "was_asked": True},
}


@pytest.mark.parametrize("line", [
    "courtesy  nothing                   courtesy",
    "courtesy  twice                     courtesy",
    "courtesy  punctual                  courtesy",
    "courtesy  we were late              courtesy  our_delay",
    "due       nothing                   neutral",
    "due       twice                     neutral",
    "due       we were late              neutral   our_delay",
    "first     nothing                   asking",
    "first     punctual                  neutral   slip",
    "first     habit                     neutral   habit",
    "first     punctual, habit           neutral   slip",
    "first     punctual, not first       asking",
    "first     broken                    clear     broken",
    "first     twice                     serious   broken_again",
    "first     punctual, broken          clear     broken",
    "first     we were late              neutral   our_delay",
    "first     we were late, punctual    neutral   our_delay slip",
    "first     we were late, broken      asking    our_delay broken",
    # By their own words it is paid: it is looked for with them, and nothing else is held up to them.
    "first     says paid                 neutral   said",
    "first     says paid, punctual       neutral   said",
    "second    says paid                 asking    said",
    "second    says paid, broken         clear     said",
    "second    asked since, twice        serious   said",
    "last      says paid, we were late   asking    our_delay said",
    "due       says paid                 neutral",
    "second    nothing                   clear",
    "second    punctual                  clear",
    "second    broken                    serious   broken",
    "second    we were late              asking    our_delay",
    "last      nothing                   serious",
    "last      thrice                    serious   broken_again",
    "last      we were late, twice       serious   our_delay broken_again",
    "last      punctual                  serious",
])  # fmt: skip
def test_the_steps_tone_is_bent_by_what_this_payer_did(line: str) -> None:
    step, seen, tone, openings = re.split(r" {2,}", f"{line}   " if line.count("  ") else line, maxsplit=3)
    facts = {name: value for one in seen.split(", ") for name, value in SEEN[one].items()}
    found = tone_for(RUNGS[step], Seen(**facts))
    assert (found.name, found.openings) == (tone, tuple(openings.split()))


def test_two_days_late_and_a_promise_broken_twice_do_not_sound_alike() -> None:
    early = Rung("early", 2, tone="neutral")
    assert tone_for(early, Seen()).name == "neutral"
    assert tone_for(early, Seen(broken=2)).name == "clear"


EVERYBODY = [
    Seen(*facts)
    for facts in product((True, False), (True, False), (True, False), (0, 1, 2, 3), (True, False), (True, False))
]
ANY_STEP = [Rung("x", 7 if late else -3, says_late=late, tone=tone) for late in (True, False) for tone in TONES]


@pytest.mark.parametrize("rung", ANY_STEP, ids=lambda rung: f"{rung.tone}-{rung.says_late}")
def test_no_reason_makes_it_firmer_by_more_than_one_step(rung: Rung) -> None:
    for seen in EVERYBODY:
        found = tone_for(rung, seen)
        reasons = min(seen.broken, 2)
        start = max(TONES.index(rung.tone), TONES.index("neutral")) if rung.says_late else TONES.index(rung.tone)
        assert TONES.index(found.name) <= start + reasons
        assert TONES.index(found.name) >= start - 2 or not rung.says_late


@pytest.mark.parametrize("rung", ANY_STEP, ids=lambda rung: f"{rung.tone}-{rung.says_late}")
def test_until_the_due_day_is_over_nobody_is_asked_and_afterwards_it_is_no_courtesy(rung: Rung) -> None:
    for seen in EVERYBODY:
        found = tone_for(rung, seen)
        if rung.says_late:
            assert found.name != "courtesy"
        else:
            assert found.name in ("courtesy", "neutral")
            assert set(found.openings) <= {"our_delay"}


@pytest.mark.parametrize("rung", ANY_STEP, ids=lambda rung: f"{rung.tone}-{rung.says_late}")
def test_a_broken_word_is_never_called_a_slip_and_our_own_fault_comes_first(rung: Rung) -> None:
    for seen in EVERYBODY:
        openings = tone_for(rung, seen).openings
        assert not ((seen.broken or seen.says_paid) and {"slip", "habit"} & set(openings))
        assert (openings[:1] == ("our_delay",)) is seen.we_were_late
        assert [name for name in OPENINGS if name in openings] == list(openings)
