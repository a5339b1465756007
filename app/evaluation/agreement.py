"""Whether what was written had been agreed to: the answer just before must have offered it, or reminded of the offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.evaluation.door import Answered
from app.evaluation.end_state import State, at_once, prints_of, written
from bot.turn import House

# What is written when a proposal of that kind is agreed to.
_LEADS_TO = {
    "promise": {"promise"},
    "plan": {"plan"},
    "dispute": {"dispute"},
    "complaint": {"complaint", "hold"},
    "invoice_copy": {"document"},
    "statement": {"document"},
    "cancel_order": {"order_line", "task"},
    "change_order": {"task"},
    "change_contact": {"address", "contact", "task"},
}
# Agreed to first and done when the code is written back, some answers later.
_WITH_CODE = "change_contact"


def leads_to(kinds: Iterable[str]) -> set[str]:
    """What may be written once proposals of these kinds are agreed to."""
    return {written for kind in kinds for written in _LEADS_TO.get(kind, {kind})}


class Agreement:
    """Follows a conversation answer by answer; `broken` are sentences about what was written without agreement."""

    def __init__(self, before: State) -> None:
        self._before = before
        self._prints: Mapping[str, str] = before.prints
        self._seen: list[tuple[str, Mapping[str, Any]]] = []
        self._says: dict[str, str] = {}
        self._last: set[str] = set()
        self.offered: set[str] = set()
        self.broken: list[str] = []

    def rebase(self, before: State, house: House) -> None:
        """The world has moved on by itself."""
        self._before = before
        with house.store.session() as session:
            self._prints = prints_of(session)

    def hear(self, answered: Answered, house: House) -> None:
        """What this answer came with, held against what the one before it had offered."""
        with house.store.session() as session:
            prints = prints_of(session)
            if prints != self._prints:
                self._prints = prints
                self._compare(written(self._before, session))
        turn = answered.turn
        offers = {one.kind: one.says for one in turn.offers} if turn else {}
        self._says |= offers
        self.offered |= offers.keys()
        told = " ".join(str(turn.reply or "").split()) if turn else ""
        reminded = {kind for kind, says in self._says.items() if " ".join(says.split()) in told}
        self._last = offers.keys() | reminded

    def _compare(self, found: Mapping[str, list[dict[str, Any]]]) -> None:
        may = leads_to(self._last | ({_WITH_CODE} & self.offered))
        before = list(self._seen)
        self._seen = [(kind, row) for kind, rows in found.items() for row in rows]
        for kind, row in self._seen:
            if (kind, row) in before:
                before.remove((kind, row))
            elif not at_once(kind, row) and kind not in may:
                self.broken.append(f"{kind} that the answer before did not offer: {row}")
