"""A ladder as plain values: how it is kept, and how what was kept becomes a ladder again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from o2c_core.reminders.ladder import Ladder, Mode, Rung


def document_of(ladder: Ladder) -> dict[str, Any]:
    """Everything about the ladder but its version, with every default said, so that a later default changes nothing."""
    return {
        "name": ladder.name,
        "spacing_days": ladder.spacing_days,
        "rungs": [
            {
                "name": rung.name,
                "days": rung.days,
                "says_late": rung.says_late,
                "channels": list(rung.channels),
                "tone": rung.tone,
                "role": rung.role,
                "wording": rung.sentences,
                "minimum_major": str(rung.minimum_major),
                "mode": rung.mode,
                "automatic_below_major": None
                if rung.automatic_below_major is None
                else str(rung.automatic_below_major),
                "letter": rung.letter,
                "arms": list(rung.arms),
            }
            for rung in ladder.rungs
        ],
    }


def ladder_of(document: Mapping[str, Any], version: int = 1) -> Ladder:
    """The ladder of a document that was checked when it was kept; it is not checked again.

    What a later release would refuse still holds as it was written: a rule that is new must not stop the reminders.
    """
    rungs = tuple(_rung(one) for one in document["rungs"])
    return Ladder(str(document["name"]), rungs, version, int(document.get("spacing_days", 0)))


# A rung about which nothing was said.
_PLAIN = Rung("", 0)


def _rung(said: Mapping[str, Any]) -> Rung:
    days = int(said["days"])
    name, wording = str(said["name"]), str(said.get("wording", ""))
    below = said.get("automatic_below_major")
    return Rung(
        name,
        days,
        says_late=bool(said.get("says_late", days > 0)),
        channels=tuple(said.get("channels", _PLAIN.channels)),
        tone=str(said.get("tone", _PLAIN.tone)),
        role=str(said.get("role", _PLAIN.role)),
        # Its own name is the same as none, so that a ladder read back is equal to the one that was written.
        wording="" if wording == name else wording,
        minimum_major=Decimal(str(said.get("minimum_major", _PLAIN.minimum_major))),
        mode=cast(Mode, said.get("mode", _PLAIN.mode)),
        automatic_below_major=None if below is None else Decimal(str(below)),
        letter=bool(said.get("letter", _PLAIN.letter)),
        arms=tuple(said.get("arms", ())),
    )
