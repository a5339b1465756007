"""Which amounts out of several come to a sum, looked for with a limit on the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STEPS_MAX = 20_000
ITEMS_MAX = 12

# The positions that were chosen, in rising order, each with the amount chosen there.
Choice = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """The choices found. `is_complete` is false when there may be more: the limit was reached first.

    `steps` is the work that was done: one for each choice that was looked at, in part or whole.
    """

    choices: tuple[Choice, ...]
    is_complete: bool
    steps: int


def sums_to(options: Sequence[Sequence[int]], target: int, *, choices_max: int = 2, steps_max: int = STEPS_MAX) -> Sums:
    """Sets of two or more positions of which one amount each comes to the target exactly.

    Units: minor units, all above zero. A position may have more amounts than one, for instance with and without a
    discount; one of them is taken.
    """
    order = sorted(range(len(options)), key=lambda at: (-max(options[at], default=0), at))
    most = [0] * (len(order) + 1)
    for back in range(len(order) - 1, -1, -1):
        most[back] = most[back + 1] + max(options[order[back]], default=0)
    found: list[Choice] = []
    steps = 0
    # What is still to be looked at: how far in the order, what is missing, and what was taken. Depth first.
    waiting: list[tuple[int, int, Choice]] = [(0, target, ())]
    while waiting:
        if steps >= steps_max or len(found) >= choices_max:
            return Sums(_in_order(found), False, steps)
        steps += 1
        at, missing, taken = waiting.pop()
        if missing == 0:
            if len(taken) > 1:
                found.append(tuple(sorted(taken)))
            continue
        if at == len(order) or most[at] < missing:
            continue
        waiting.append((at + 1, missing, taken))
        amounts = [amount for amount in sorted(set(options[order[at]])) if 0 < amount <= missing]
        waiting.extend((at + 1, missing - amount, (*taken, (order[at], amount))) for amount in amounts)
    return Sums(_in_order(found), True, steps)


def _in_order(found: list[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(found, key=lambda choice: (len(choice), choice)))
