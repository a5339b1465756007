"""A ladder's file is read strictly: what is wrong with it is said in sentences that name the key."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.reminders.ladder import CHANNELS, MODES, STANDARD, TONES, Ladder, Rung
from o2c_core.reminders.ladders.reading import LadderUnclear, checked_ladder, read_ladder
from o2c_core.reminders.ladders.shipped import SHIPPED, shipped, shipped_text
from o2c_core.reminders.ladders.summary import LANGUAGES, differences, step_sentence, summary
from o2c_core.reminders.ladders.written_down import document_of, ladder_of
from o2c_core.reminders.recipient import ORDER

GOOD = """
name = "ours"
spacing_days = 3
[[rungs]]
name = "courtesy"
days = -3
tone = "courtesy"
[[rungs]]
name = "first"
days = 7
tone = "asking"
minimum_major = "25.50"
mode = "approve"
automatic_below_major = 500
[[rungs]]
name = "last"
days = 30
tone = "serious"
channels = ["email", "call"]
letter = true
"""


def test_a_good_file_becomes_a_ladder() -> None:
    assert read_ladder(GOOD) == Ladder(
        "ours",
        (
            Rung("courtesy", -3, says_late=False, tone="courtesy"),
            Rung(
                "first",
                7,
                tone="asking",
                minimum_major=Decimal("25.50"),
                mode="approve",
                automatic_below_major=Decimal(500),
            ),
            Rung("last", 30, tone="serious", channels=("email", "call"), letter=True),
        ),
        spacing_days=3,
    )


# What is put in place of what, and the one sentence that comes of it.
@pytest.mark.parametrize("line", [
    'name = "ours"                -> name = "Our Ladder"         : name: a name is up to 40 small letters, digits and underscores, and begins with a letter.',
    'name = "ours"                -> nam = "ours"                : nam: there is no such key here; there are name, spacing_days, rungs and trial. | name: this is missing.',
    'spacing_days = 3             -> spacing_days = 90           : spacing_days: it is a whole number of days from 0 to 60, and not 90.',
    'spacing_days = 3             -> spacing_days = 1.5          : spacing_days: it is a whole number of days from 0 to 60, and not 1.5.',
    'days = 7                     -> days = "7"                  : rungs[2] \'first\'.days: it is a whole number of days from -60 to 365, and not \'7\'.',
    'days = 7                     -> days = true                 : rungs[2] \'first\'.days: it is a whole number of days from -60 to 365, and not True.',
    'days = 7                     -> days = 400                  : rungs[2] \'first\'.days: it is a whole number of days from -60 to 365, and not 400. | rungs[3] \'last\'.days: 30 comes before 400 of the step above it; steps stand in the order of their days.',
    'days = 7                     -> days = 30                   : rungs[3] \'last\'.days: 30 is the same as 30 of the step above it; steps stand in the order of their days.',
    'days = 30                    -> days = 5                    : rungs[3] \'last\'.days: 5 comes before 7 of the step above it; steps stand in the order of their days.',
    'name = "last"                -> name = "first"              : rungs[3] \'first\'.name: there are two steps of that name; each has a name of its own.',
    'tone = "asking"              -> tone = "stern"              : rungs[2] \'first\'.tone: \'stern\' is not known; it is one of courtesy, neutral, asking, clear and serious.',
    'tone = "asking"              -> says_late = "yes"           : rungs[2] \'first\'.says_late: it is true or false, and not \'yes\'.',
    'tone = "courtesy"            -> says_late = true            : rungs[1] \'courtesy\'.says_late: nothing is late on or before its due date, so a step of day -3 never says so.',
    'tone = "asking"              -> role = "boss"               : rungs[2] \'first\'.role: \'boss\' is not known; it is one of accounts_payable, owner, general and operations.',
    'tone = "asking"              -> channels = []               : rungs[2] \'first\'.channels: it is a list of at least one of email, sms, whatsapp, chat and call.',
    'tone = "asking"              -> channels = ["fax"]          : rungs[2] \'first\'.channels: \'fax\' is not a channel; there are email, sms, whatsapp, chat and call.',
    'tone = "asking"              -> channels = ["sms", "sms"]   : rungs[2] \'first\'.channels: each channel is named once.',
    'tone = "asking"              -> channels = ["chat", "whatsapp"]: rungs[2] \'first\'.channels: \'chat\' is another word for \'whatsapp\'; name one of them.',
    'channels = ["email", "call"] -> channels = ["call", "email"]: rungs[3] \'last\'.channels: a call comes last, after what can be written.',
    'channels = ["email", "call"] -> channels = ["sms"]          : rungs[3] \'last\'.letter: a letter goes along with an email, and this step is not taken by email.',
    'letter = true                -> letter = 1                  : rungs[3] \'last\'.letter: it is true or false, and not 1.',
    'minimum_major = "25.50"      -> minimum_major = -1          : rungs[2] \'first\'.minimum_major: it is an amount such as 25 or "25.00", and not -1.',
    'minimum_major = "25.50"      -> minimum_major = "a lot"     : rungs[2] \'first\'.minimum_major: it is an amount such as 25 or "25.00", and not \'a lot\'.',
    'minimum_major = "25.50"      -> minimum_major = nan         : rungs[2] \'first\'.minimum_major: it is an amount such as 25 or "25.00", and not NaN.',
    'mode = "approve"             -> mode = "ask"                : rungs[2] \'first\'.mode: \'ask\' is not known; it is one of automatic, approve and draft.',
    'mode = "approve"             -> mode = "automatic"          : rungs[2] \'first\'.automatic_below_major: every message of this step goes by itself, as its mode is automatic.',
    'tone = "asking"              -> arms = "usual"              : rungs[2] \'first\'.arms: it is a list of what is tried by lot, such as ["name=firmer", "held_out=10%"].',
    'tone = "asking"              -> arms = ["tone=loud"]        : rungs[2] \'first\'.arms: What is tried at a step is written as: name=..., seed=1, held_out=10%, tone=asking, tone=clear, channel=email.',
    'tone = "asking"              -> colour = "red"              : rungs[2] \'first\'.colour: there is no such key here; there are name, days, says_late, channels, tone, role, wording, minimum_major, mode, automatic_below_major, letter and arms.',
    'tone = "asking"              -> wording = "courtesy"        : rungs[2] \'first\'.wording: the sentences \'courtesy\' speak of a due date still to come, and day 7 is not before it.',
    'tone = "courtesy"            -> wording = "first"           : rungs[1] \'courtesy\'.wording: the sentences \'first\' speak of a due date that has passed, and day -3 is not after it.',
    'tone = "asking"              -> says_late = false           : -',
])  # fmt: skip
def test_a_fault_is_a_sentence_that_names_the_key(line: str) -> None:
    found = re.fullmatch(r"(.+?) +-> (.+?) *: (.+)", line)
    assert found is not None
    good, bad, told = found.groups()
    assert GOOD.count(good) == 1
    if told == "-":
        read_ladder(GOOD.replace(good, bad))
        return
    with pytest.raises(LadderUnclear) as refused:
        read_ladder(GOOD.replace(good, bad))
    assert refused.value.fields["faults"] == told.split(" | ")
    assert refused.value.sentence == told.replace(" | ", "\n")


def test_words_nobody_approved_are_refused_with_those_there_are() -> None:
    with pytest.raises(LadderUnclear) as refused:
        read_ladder(GOOD.replace('tone = "serious"', 'wording = "final"'))
    told = (
        "rungs[3] 'last'.wording: there are no approved sentences named 'final' in every language; there are courtesy, "
    )
    assert refused.value.sentence.startswith(told)
    assert read_ladder(GOOD.replace('name = "last"', 'name = "final"\nwording = "last"')).last.sentences == "last"
    # A step of another name that names no sentences speaks by its tone.
    assert read_ladder(GOOD.replace('name = "last"', 'name = "final"')).last.name == "final"


def test_words_that_count_the_days_are_for_a_step_that_says_late() -> None:
    odd = GOOD.replace('tone = "asking"', 'wording = "second"\nsays_late = false')
    with pytest.raises(LadderUnclear, match="say how late it is, and this step of day 7 does not say so"):
        read_ladder(odd)


TRIAL = """
[trial]
name = "firmer-first"
rung = "first"
hold_out = 0.1
arms = { tone = ["asking", "clear"] }
"""


def test_what_is_tried_by_lot_stands_in_a_table_of_its_own() -> None:
    arms = ("name=firmer-first", "seed=1", "held_out=10%", "tone=asking", "tone=clear")
    ladder = read_ladder(GOOD + TRIAL)
    assert [set(rung.arms) for rung in ladder.rungs] == [set(), set(arms), set()]
    assert ladder_of(document_of(ladder)) == ladder


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        (
            'rung = "first"',
            'rung = "third"',
            "trial.rung: it is the name of the step at which something is tried: courtesy, first and last.",
        ),
        ("hold_out = 0.1", 'hold_out = "some"', "trial: "),
        ("hold_out = 0.1", "hold_out = 0.9", "trial: "),
        ('["asking", "clear"]', '["loud"]', "trial: "),
        ('["asking", "clear"]', "3", "trial: "),
    ],
)
def test_a_trial_that_cannot_be_is_refused(good: str, bad: str, told: str) -> None:
    with pytest.raises(LadderUnclear) as refused:
        read_ladder(GOOD + TRIAL.replace(good, bad))
    assert refused.value.sentence.startswith(told)
    with pytest.raises(LadderUnclear, match="says in its own arms already"):
        read_ladder(GOOD.replace('tone = "asking"', 'arms = ["name=x", "held_out=10%"]') + TRIAL)


def test_a_step_that_is_only_a_call_needs_no_words() -> None:
    called = GOOD.replace('name = "first"', 'name = "ring"').replace('tone = "asking"', 'channels = ["call"]')
    assert read_ladder(called).rungs[1].channels == ("call",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name = ", "That is not proper TOML"),
        ('name = "ours"', "rungs: this is missing."),
        ('name = "ours"\nrungs = 3', "rungs: the steps are tables: [[rungs]]."),
        ('name = "ours"\nrungs = []', "rungs: a ladder has from 1 to 20 steps; this one has 0."),
        ('name = "ours"\nrungs = [3]', "rungs[1]: a step is a table of its own: [[rungs]]."),
        ('name = "ours"\n[[rungs]]', "rungs[1].name: this is missing.\nrungs[1].days: this is missing."),
    ],
)
def test_what_is_no_ladder_at_all_is_refused(text: str, told: str) -> None:
    with pytest.raises(LadderUnclear) as refused:
        read_ladder(text)
    assert refused.value.sentence.startswith(told)


def test_the_standard_file_is_the_ladder_that_holds_where_nothing_was_chosen() -> None:
    assert shipped("standard") == STANDARD


@pytest.mark.parametrize("name", SHIPPED)
def test_what_comes_with_the_house_can_be_read_kept_and_told(name: str) -> None:
    ladder = shipped(name)
    assert ladder.name == name
    assert shipped_text(name).startswith("#")
    assert ladder_of(document_of(ladder)) == ladder
    assert checked_ladder(document_of(ladder)) == ladder
    for language in LANGUAGES:
        told = summary(ladder, language)
        assert len(told) == len(ladder.rungs) + 4
        assert all(sentence.endswith(".") and not sentence[0].islower() for sentence in told)
        assert "_" not in "".join(told).replace(name, "")


@pytest.mark.parametrize("line", [
    'en | days = -3                                              | Three days before the due date: a neutral note of what is due, by email, or else by text message.',
    'en | days = 0                                               | On the due date: a neutral note of what is due, by email, or else by text message.',
    'en | days = 1; channels = ["sms"]                           | One day after the due date: a neutral note of what is due, by text message.',
    'en | days = 14; tone = "clear"; role = "owner"              | 14 days after the due date: a clear reminder that says how late it is, by email, or else by text message, to the owner.',
    'en | days = 9; channels = ["sms", "whatsapp"]               | Nine days after the due date: a neutral note of what is due, by text message, or else on WhatsApp where they wrote to us within the last day.',
    'en | days = 9; channels = ["chat"]                          | Nine days after the due date: a neutral note of what is due, on WhatsApp where they wrote to us within the last day.',
    'en | days = 9; channels = ["call"]                          | Nine days after the due date: a person calls.',
    'en | days = 9; mode = "approve"; minimum_major = 2500       | Nine days after the due date: a neutral note of what is due, by email, or else by text message; only from 2,500 in the invoice\'s currency; somebody of finance approves each one first.',
    'en | days = 9; mode = "approve"; automatic_below_major = 99 | Nine days after the due date: a neutral note of what is due, by email, or else by text message; somebody of finance approves each one of 99 or more first.',
    'nl | days = 1; channels = ["email"]                         | Eén dag na de vervaldatum: een neutraal bericht over wat er vervalt, per e-mail.',
    'nl | days = -3; tone = "courtesy"                           | Drie dagen voor de vervaldatum: een attent bericht vooraf dat niets vraagt, per e-mail, anders per sms.',
    'nl | days = 30; tone = "serious"; letter = true             | 30 dagen na de vervaldatum: een ernstige herinnering die zegt wat er daarna gebeurt, per e-mail, anders per sms; met het rekeningoverzicht als PDF.',
])  # fmt: skip
def test_a_step_is_told_in_a_sentence(line: str) -> None:
    language, keys, told = (part.strip() for part in line.split("|"))
    words = "courtesy" if "-3" in keys else "due"
    said = f'name = "x"\n[[rungs]]\nname = "{words}"\n' + "\n".join(keys.split("; "))
    assert step_sentence(read_ladder(said).rungs[0], language) == told


def test_what_is_different_is_named() -> None:
    after = read_ladder(
        GOOD.replace("days = 7", "days = 9").replace("letter = true", "").replace("spacing_days = 3", "")
    )
    assert differences(read_ladder(GOOD), after) == [
        "spacing_days: 3 became 0",
        "step 'first', days: 7 became 9",
        "step 'last', letter: yes became no",
    ]
    assert differences(after, after) == []


_names = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
_rungs = st.builds(
    Rung,
    name=_names,
    days=st.integers(-60, 365),
    says_late=st.booleans(),
    channels=st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True).map(tuple),
    tone=st.sampled_from(TONES),
    role=st.sampled_from(ORDER),
    wording=st.just(""),
    minimum_major=st.decimals(0, 10_000, places=2),
    mode=st.sampled_from(MODES),
    automatic_below_major=st.none() | st.decimals(0, 10_000, places=2),
    letter=st.booleans(),
    arms=st.lists(_names, unique=True, max_size=3).map(tuple),
)


@given(st.lists(_rungs, min_size=1, max_size=5), st.integers(0, 60), st.integers(1, 9))
def test_whatever_was_kept_is_the_same_ladder_again(rungs: list[Rung], spacing: int, version: int) -> None:
    ladder = Ladder("kept", tuple(rungs), version, spacing)
    assert ladder_of(document_of(ladder), version) == ladder


@given(st.dictionaries(st.sampled_from(["name", "spacing_days", "rungs", "x"]), st.none() | st.integers() | st.text() | st.lists(
    st.dictionaries(st.sampled_from(["name", "days", "channels", "tone", "wording", "minimum_major", "letter"]),
                    st.none() | st.integers() | st.text(max_size=5) | st.lists(st.integers() | st.sampled_from(CHANNELS))), max_size=3)))  # fmt: skip
def test_nothing_that_is_written_makes_the_reading_itself_fail(said: dict[str, object]) -> None:
    with suppress(LadderUnclear):
        checked_ladder(said)
