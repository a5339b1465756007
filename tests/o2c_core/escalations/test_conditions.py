"""What a condition may say, what it means, and that nothing else ever gets as far as being worked out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from o2c_core.escalations.conditions import ConditionUnclear, in_words, read_condition
from o2c_core.escalations.facts import Value, facts

# A condition, the facts that are not blank, and whether it holds.
CASES = """
overdue > 5000                                        | overdue=5000                          | no
overdue > 5000                                        | overdue=5000.01                       | yes
overdue >= 5000 and days_late_max > 90                | overdue=5000 days_late_max=91         | yes
overdue >= 5000 and days_late_max > 90                | overdue=5000 days_late_max=90         | no
overdue >= 5000 or legal_threat                       | legal_threat=yes                      | yes
not legal_threat                                      |                                       | yes
not legal_threat                                      | legal_threat=yes                      | no
not (legal_threat or insolvency)                      | insolvency=yes                        | no
not legal_threat and overdue > 1 or on_plan           | on_plan=yes legal_threat=yes          | yes
legal_threat or on_plan and overdue > 1               | legal_threat=yes                      | yes
segment == "key"                                      | segment=key                           | yes
segment != 'key'                                      | segment=key                           | no
segment in ["key", "gold"]                            | segment=gold                          | yes
segment in ["key", "gold"]                            |                                       | no
segment not in ["key"]                                |                                       | yes
segment == ""                                         |                                       | yes
mood in ["angry", "bereaved"]                         | mood=angry                            | yes
mood == "calm"                                        |                                       | yes
invoices_late in [1, 2, 3]                            | invoices_late=2                       | yes
overdue - disputed > 100                              | overdue=150 disputed=50               | no
overdue - disputed > 99                               | overdue=150 disputed=50               | yes
overdue * 2 > open + 10                               | overdue=100 open=189.99               | yes
(overdue + disputed) * 2 > 300                        | overdue=100 disputed=50.01            | yes
overdue > -1                                          |                                       | yes
0.1 + 0.2 == overdue_share_of_limit                   | overdue_share_of_limit=0.3            | yes
100 < overdue                                         | overdue=101                           | yes
overdue_share_of_limit > 0.25 and kind == "company"   | overdue_share_of_limit=0.3 kind=company | yes
"""


def blank() -> dict[str, Value]:
    return {name: fact.blank for name, fact in facts().items()}


def given_facts(text: str) -> Mapping[str, Value]:
    found: dict[str, Value] = {}
    for one in text.split():
        name, value = one.split("=")
        kind = facts()[name].kind
        found[name] = value == "yes" if kind == "yes_no" else value if kind == "text" else Decimal(value)
    return found


@pytest.mark.parametrize("line", CASES.strip().splitlines())
def test_a_condition_holds_or_not(line: str) -> None:
    text, known, expected = (part.strip() for part in line.split("|"))
    condition = read_condition(text)
    for _ in range(2):
        assert condition.holds(blank() | given_facts(known)) is (expected == "yes")


HOSTILE = {
    "a power that never ends": "9**9**9**9 > overdue",
    "a power of a fact": "overdue ** 999999999 > 1",
    "a shift": "1 << 99999999 > overdue",
    "Python's insides": "overdue.__class__.__mro__ == 1",
    "an attribute of a text": 'segment.to_bytes == "x"',
    "an attribute of a literal": '"x".length > 1',
    "a shift without gaps": "1<<99999999>overdue",
    "a shift back": "overdue >> 1 > 0",
    "an attribute with a gap": "segment . length > 1",
    "a safe attribute": "segment&.length > 1",
    "a pattern that backtracks": 'segment =~ "(a+)+$"',
    "a pattern searched": 'segment =~~ "(a|a)*b"',
    "a pattern refused": 'segment !~ ".*.*.*x"',
    "a function": "$range(999999999) == 1",
    "a long list by function": "$sum($range(99999999)) > overdue",
    "the clock": "$now > overdue",
    "chance": "$random() > overdue",
    "a call of a fact": "overdue(1) > 1",
    "a call after brackets": "(overdue)(1) > 1",
    "a call of a text": '"a"("b") == segment',
    "a call of a yes": "true(1)",
    "a loop": "[x for x in [1, 2]] == overdue",
    "a loop over a fact": "overdue in [x for x in [1]]",
    "an item": 'segment["a"] == "b"',
    "an item after brackets": "(segment)[0] == segment",
    "a slice": 'segment[0:1] == "b"',
    "a mapping": '{"a": 1} == overdue',
    "a set": "overdue in {1, 2}",
    "a choice": "legal_threat ? on_plan : insolvency",
    "a default": "overdue ?? 1 > 2",
    "an exponent": "overdue > 1e999999",
    "a hexadecimal": "overdue > 0xFFFF",
    "infinity": "overdue > inf",
    "not a number": "overdue == nan",
    "nothing": "segment == null",
    "bytes": 'b"abc" == segment',
    "a day": 'd"2020-01-01" > overdue',
    "a span": 't"P1D" > overdue',
    "a raw text": 'r"abc" == segment',
    "an escape": 'segment == "\\x41"',
    "a line end in a text": 'segment == "a\nb"',
    "a comment": "overdue > 1 # and nothing else",
    "a division": "overdue / 0 > 1",
    "a remainder": "overdue % 0 > 1",
    "bits": "overdue & 1 > 0",
    "an assignment": "overdue = 1",
    "a statement": "import os; overdue > 1",
    "a name of Python's": "__import__ > 1",
    "letters that look alike": "оverdue > 1",
    "digits of another script": "overdue > ١",
    "a number without end": "overdue > " + "9" * 400,
    "a text without end": f'segment == "{"a" * 400}"',
    "a condition without end": " or ".join(["overdue > 1"] * 500),
    "brackets without end": "(" * 200 + "legal_threat" + ")" * 200,
    "brackets one too deep": "(" * 9 + "legal_threat" + ")" * 9,
    "no without end": "not " * 121 + "on_plan",
    "a null byte": "overdue > 1\x00",
    "a name of nobody": "owed > 1",
    "nothing at all": "",
    "only gaps": "   \n ",
    "no fact": "1 < 2",
    "always so": "legal_threat or 1 < 2",
    "always so by a word": "legal_threat or true",
    "not a yes or no": "overdue",
    "half a yes or no": "overdue and legal_threat",
    "not of a figure": "not overdue",
    "minus a yes or no": "- legal_threat",
    "minus a comparison": "-(overdue > 1) or on_plan",
    "a figure against a text": "segment == 5",
    "a text in a list of figures": "segment in [1, 2]",
    "a figure among texts": 'segment in ["a", 5]',
    "a list of nothing": "overdue in []",
    "a fact in a fact": "segment in country",
    "a text in a text": 'segment in "abc"',
    "a word it never is": 'mood == "furious"',
    "a word it never is in a list": 'kind in ["company", "robot"]',
    "an order of texts": 'segment > "a"',
    "a sum of texts": 'segment + "a" == country',
    "two in a row": "overdue > 1 legal_threat",
    "an end too soon": "overdue > 1 and",
    "a list outside": "[1, 2]",
    "a comparison of yes": "legal_threat == on_plan",
    "a text of both quotes": 'segment == "a\'b"',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_condition_may_not_say_is_refused_at_once(text: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(ConditionUnclear):
        read_condition(text)
    assert time.perf_counter() - begun < 0.5


def test_the_worst_that_is_let_in_is_judged_in_a_moment() -> None:
    """As long, as deep and with as large figures as may be: nothing about it takes long."""
    texts = [
        " * ".join(["999999999999"] * 28) + " > overdue",
        "not " * 110 + "on_plan",
        "overdue" + " + overdue" * 45 + " > 1",
    ]
    for text in texts:
        begun = time.perf_counter()
        condition = read_condition(text)
        for figure in range(20):
            condition.holds(blank() | {"overdue": Decimal(figure) * 10**11})
        assert time.perf_counter() - begun < 1.0, text


TOKENS = st.sampled_from(
    ["overdue", "segment", "legal_threat", "mood", "and", "or", "not", "in", "(", ")", "[", "]", ",", "==", "!=", ">", "<=", "+",
     "-", "*", "**", "/", ".", "&.", "$now", "$range", "=~", "?", ":", "for", "1", "2.5", "9" * 12, '"a"', "'angry'", "x", "#", "{",
     "}", "null", "true", "__class__"]
)  # fmt: skip


@given(st.lists(TOKENS, max_size=14).map(" ".join))
@example("not not legal_threat")
@example("overdue - - 1 > 1")
def test_whatever_is_written_is_refused_or_says_yes_or_no(text: str) -> None:
    try:
        condition = read_condition(text)
    except ConditionUnclear:
        return
    assert condition.holds(blank()) in (True, False)
    assert in_words(condition)
    for values in (blank(), blank() | {"overdue": Decimal("2.5"), "legal_threat": True, "segment": "a"}):
        # What a trial asks for speed is what the library itself says.
        assert condition.judge(values) == condition.rule.matches(dict(values))


@given(st.text(max_size=80))
def test_no_text_at_all_gets_past_the_list(text: str) -> None:
    try:
        read_condition(text)
    except ConditionUnclear:
        return
    raise AssertionError(text)


SENTENCES = """
overdue >= 5000 and days_late_max > 90 | the amount overdue is at least 5,000 and the lateness of the oldest invoice in days is more than 90
broken_promises_in_a_row >= 2 and not on_plan | the number of promises broken in a row is at least 2 and no payment plan is running
(overdue > 1 or legal_threat) and kind == "company" | (the amount overdue is more than 1 or the customer spoke of legal steps) and the kind of customer is "company"
segment in ["key", "gold", "new"] | the segment is "key", "gold" or "new"
segment == "" | the segment is empty
not (legal_threat or insolvency) | it is not so that (the customer spoke of legal steps or the customer spoke of insolvency)
(overdue + disputed) * 2 > 0.5 | (the amount overdue plus the amount disputed) times 2 is more than 0.5
overdue > -1 | the amount overdue is more than -1
"""


@pytest.mark.parametrize("line", SENTENCES.strip().splitlines())
def test_a_condition_reads_as_a_sentence(line: str) -> None:
    text, expected = (part.strip() for part in line.split("|"))
    assert in_words(read_condition(text)) == expected


def test_what_is_wrong_is_said_in_a_sentence() -> None:
    with pytest.raises(ConditionUnclear, match=r"There is no fact 'overdu'\. Perhaps overdue"):
        read_condition("overdu > 1")
    with pytest.raises(ConditionUnclear, match=r"'mood' is never \"cross\"; it is \"calm\""):
        read_condition('mood == "cross"')


@pytest.mark.parametrize("name", facts())
def test_every_published_fact_can_be_asked_about(name: str) -> None:
    fact = facts()[name]
    text = {"yes_no": name, "text": f'{name} == "{(*fact.values, "x")[0]}"'}.get(fact.kind, f"{name} > 1")
    condition = read_condition(text)
    assert condition.uses == (fact,)
    assert fact.meaning.endswith(".")
    assert in_words(condition)
