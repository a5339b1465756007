"""Addresses in lists can be recognised and not used."""

from __future__ import annotations

import pytest

from o2c_core.customers.masked import masked


@pytest.mark.parametrize(
    "line",
    [
        "ap@jansen.example       a•••@jansen.example",
        "x@y.example             x•••@y.example",
        "+31612345678            +316••••••78",
        "12345                   •••45",
        "+3112345                •••45",
        "+31123456               +311•••56",
        "-                       –",
    ],
)
def test_an_address_is_masked(line: str) -> None:
    address, shown = line.split()
    assert masked(None if address == "-" else address) == shown
