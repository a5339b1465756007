"""How sure we are of a writer, from what is known about the message."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.identity import Evidence, how_sure, least_sure


@pytest.mark.parametrize("line", [
    "sms       of 1 customer   verified                proven",
    "sms       of 1 customer   unverified              known",
    "sms       of 0 customers  unverified              stranger",
    "sms       of 2 customers  verified                stranger",
    "sms       of 2 customers  verified    code        proven",
    "sms       of 0 customers  unverified  code        proven",
    "whatsapp  of 1 customer   verified                proven",
    "email     of 1 customer   verified    aligned     proven",
    "email     of 1 customer   verified                known",
    "email     of 1 customer   unverified  aligned     known",
    "email     of 2 customers  verified    aligned     stranger",
    "email     of 0 customers  unverified  aligned     stranger",
    "email     of 1 customer   unverified  code        proven",
    "chat      of 1 customer   verified    aligned     known",
])  # fmt: skip
def test_a_writer_is_a_stranger_known_or_proven(line: str) -> None:
    found = re.fullmatch(r"(\w+) +of (\d) customers? +(\w+) +(?:(aligned|code) +)?(\w+)", line)
    assert found
    channel, customers, verified, more, expected = found.groups()
    evidence = Evidence(
        channel,
        int(customers),
        is_verified=verified == "verified",
        is_aligned=more == "aligned",
        has_code=more == "code",
    )
    assert how_sure(evidence) == expected


@pytest.mark.parametrize("line", [
    "proven                   proven",
    "proven proven            proven",
    "proven known             known",
    "known stranger proven    stranger",
    "nothing-known            stranger",
])  # fmt: skip
def test_texts_answered_together_are_as_sure_as_the_least_sure(line: str) -> None:
    *texts, expected = line.split()
    assert least_sure(texts) == expected


@given(
    st.builds(
        Evidence,
        st.sampled_from(["sms", "whatsapp", "email", "chat", "terminal"]),
        st.integers(0, 5),
        is_verified=st.booleans(),
        is_aligned=st.booleans(),
        has_code=st.booleans(),
    )
)
def test_nobody_is_proven_by_less_than_a_code_or_one_customers_verified_address(evidence: Evidence) -> None:
    if how_sure(evidence) == "proven" and not evidence.has_code:
        assert evidence.customers == 1
        assert evidence.is_verified
        assert evidence.is_aligned or evidence.channel in ("sms", "whatsapp")
