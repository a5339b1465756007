"""Garbage is let lie while a batch is made, and looked for again afterwards, whatever happened in it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from o2c_core.reminders.garbage import left_lying


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    was_looking = gc.isenabled()
    yield
    if was_looking:
        gc.enable()
    else:
        gc.disable()


@pytest.mark.parametrize("was_looking", [True, False])
@pytest.mark.parametrize("breaks", [True, False])
def test_it_is_afterwards_as_it_was_before(was_looking: bool, breaks: bool) -> None:
    def batch() -> None:
        with left_lying():
            assert not gc.isenabled()
            if breaks:
                raise ValueError("in the middle")

    (gc.enable if was_looking else gc.disable)()
    if breaks:
        with pytest.raises(ValueError, match="in the middle"):
            batch()
    else:
        batch()
    assert gc.isenabled() == was_looking


def test_one_within_another_leaves_it_lying_until_the_outer_one_ends() -> None:
    gc.enable()
    with left_lying():
        with left_lying():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_function_it_is_put_on_can_be_called_again_and_again() -> None:
    @left_lying()
    def is_looking() -> bool:
        return gc.isenabled()

    gc.enable()
    assert [is_looking(), gc.isenabled(), is_looking(), gc.isenabled()] == [False, True, False, True]
