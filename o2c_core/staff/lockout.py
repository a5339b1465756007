"""How long an account stays locked after wrong passwords: pure arithmetic over how many there were in a row."""

from __future__ import annotations

from datetime import timedelta

# Source: NIST SP 800-63B section 5.2.2 (a limit on wrong tries in a row, with ever longer waits).
TRIES = 5
FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)


def locked_for(wrong_in_a_row: int) -> timedelta | None:
    """None while tries are left; then a minute, and twice as long for each further wrong try, an hour at most."""
    if wrong_in_a_row < TRIES:
        return None
    doubled = min(wrong_in_a_row - TRIES, 10)  # far beyond the longest, and never a number that grows without end
    return min(FIRST * (1 << doubled), LONGEST)
