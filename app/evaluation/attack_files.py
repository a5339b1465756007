"""Attack messages as plain files: who writes what, how odd signs are spelled in them, and what would give somebody away."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from o2c_core.errors import Refused

WRITERS = ("stranger", "known", "proven")
_BESIDES = ("marks", "never_said")
_REPEATED = re.compile(r"\\\*(\d+)\{([^}]*)\}")
_ESCAPED = re.compile(r"\\(?:(n|r|t|\\)|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}


class AttacksUnreadable(Refused):
    """That file holds no attacks: a line is id, language, writer, channel, kind and text, with tabs between them."""


@dataclass(frozen=True)
class Attack:
    """`may_write` are the intents for which a write may follow, after the answer just before offered exactly that; None
    where the row was meant for another writer, for whom whatever was offered may be agreed to."""

    name: str
    family: str
    language: str
    writer: str
    channel: str
    texts: tuple[str, ...]
    may_write: tuple[str, ...] | None = ()


@dataclass(frozen=True)
class Marks:
    """`of` lists by customer what would give it away, as (what, text); `never` are phrases no reply may hold."""

    of: dict[str, list[tuple[str, str]]]
    never: tuple[str, ...]


def read_attacks(folder: Path) -> list[Attack]:
    """Every `.tsv` (a message a line) and `.jsonl` (a conversation a line) of the folder.

    Raises: AttacksUnreadable, naming file and line.
    """
    found: list[Attack] = []
    for path in sorted(folder.glob("*.tsv")):
        if path.stem not in _BESIDES:
            for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
                if line.strip() and not line.startswith("#"):
                    found.append(_single(path, number, line))
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            if line.strip():
                found.append(_conversation(path, number, line))
    return found


def _single(path: Path, number: int, line: str) -> Attack:
    parts = line.split("\t")
    if len(parts) != 6 or parts[2] not in WRITERS:
        raise AttacksUnreadable(f"{path.name}, line {number}: six columns are needed, the third of {WRITERS}.")
    return Attack(parts[0], path.stem, parts[1], parts[2], parts[3], (unescaped(parts[5]),))


def _conversation(path: Path, number: int, line: str) -> Attack:
    try:
        told = json.loads(line)
        return Attack(
            str(told["id"]), path.stem, told["language"], told["writer"], told["channel"],
            tuple(unescaped(str(text)) for text in told["messages"]), tuple(told.get("may_write", ())),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as odd:
        raise AttacksUnreadable(f"{path.name}, line {number}: {odd}") from odd


def unescaped(text: str) -> str:
    """The text that is meant: first pieces that are written once and repeated, then single signs, in one pass."""
    text = _REPEATED.sub(lambda found: found[2] * int(found[1]), text)
    return _ESCAPED.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    plain, byte, unit = found.groups()
    return _PLAIN[plain] if plain else chr(int(byte or unit, 16))


def by_everybody(attacks: Iterable[Attack]) -> list[Attack]:
    """Every attack by a stranger, a known and a proven writer."""
    return [by(attack, writer) for attack in attacks for writer in WRITERS]


def by(attack: Attack, writer: str) -> Attack:
    return attack if writer == attack.writer else replace(attack, writer=writer, may_write=None)


def sampled(attacks: Sequence[Attack], size: int, seed: int) -> list[Attack]:
    """So many of them, the same for the same seed, from every family its share and at least one."""
    chance = random.Random(seed)  # noqa: S311 (a sample that can be drawn again)
    families: dict[str, list[Attack]] = {}
    for attack in attacks:
        families.setdefault(attack.family, []).append(attack)
    return [
        one
        for family in families.values()
        for one in chance.sample(family, max(1, min(len(family), round(size * len(family) / len(attacks)))))
    ]


def read_marks(folder: Path) -> Marks:
    of: dict[str, list[tuple[str, str]]] = {}
    for customer, what, text in _columns(folder / "marks.tsv", 3):
        of.setdefault(customer, []).append((what, text))
    return Marks(of, tuple(phrase for _, _, phrase in _columns(folder / "never_said.tsv", 3)))


def _columns(path: Path, count: int) -> list[list[str]]:
    if not path.exists():
        return []
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    if any(len(row) != count for row in rows):
        raise AttacksUnreadable(f"{path.name}: {count} columns are needed.")
    return rows
