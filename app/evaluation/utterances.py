"""How well single messages are understood: by intent and language, and what becomes of those that are not ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from app.evaluation.world import TODAY
from bot.embedded.language import OURS
from bot.embedded.mentions import find_mentions
from bot.embedded.plan import plan
from bot.embedded.understanding import understand
from bot.tools import TOOLS
from o2c_core.errors import Refused

# What looks nothing up and records nothing: saying one cannot help, asking back, the library, a person.
HARMLESS = {"ask_back", "policy_question", "call_person"}


class UtterancesUnreadable(Refused):
    """A line must be a message, a tab and its intent (several with +); the file is named after its language."""


@dataclass
class Understood:
    """Figures of one language. Shares run from 0 to 1; `accuracy` is the mean over intents, and right means exactly those."""

    language: str
    messages: int = 0
    per_intent: dict[str, list[bool]] = field(default_factory=dict)
    both_found: list[bool] = field(default_factory=list)
    off_topic: list[str] = field(default_factory=list)  # the first tool that ran, "" for none
    language_right: list[bool] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def accuracy(self) -> float:
        shares = [sum(hits) / len(hits) for name, hits in self.per_intent.items() if name != "out_of_scope"]
        return sum(shares) / len(shares) if shares else 0.0

    def share_off_topic(self, *, acting: bool) -> float:
        """How many off-topic messages led to a tool of the ledger; with `acting`, to one that offers or records."""
        ran = [
            bool(tool)
            and tool not in HARMLESS
            and (not acting or TOOLS[tool].acts or tool in ("opt_out", "wrong_contact"))
            for tool in self.off_topic
        ]
        return sum(ran) / len(ran) if ran else 0.0


def measure_utterances(files: Sequence[Path]) -> list[Understood]:
    """A file a language, named after it. Raises: UtterancesUnreadable."""
    return [_measure(path) for path in files]


def _measure(path: Path) -> Understood:
    found = Understood(path.stem)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        text, tab, names = line.rpartition("\t")
        if not tab:
            raise UtterancesUnreadable(f"{path.name}, line {number}: no tab.")
        _take(found, text, frozenset(names.strip().split("+")))
    return found


def _take(found: Understood, text: str, wanted: frozenset[str]) -> None:
    began = perf_counter()
    understood = understand(text)
    found.milliseconds.append((perf_counter() - began) * 1000)
    got = frozenset(intent.name for intent in understood.intents)
    found.messages += 1
    if found.language in OURS:
        found.language_right.append(understood.language == found.language)
    if len(wanted) > 1:
        found.both_found.append(wanted <= got)
        return
    name = next(iter(wanted))
    found.per_intent.setdefault(name, []).append(got == wanted)
    if got != wanted:
        found.confused[name, "+".join(sorted(got))] += 1
    if name == "out_of_scope":
        mentions = find_mentions(text, language=understood.language, today=TODAY)
        tools = [call.tool for call in plan(understood, mentions).calls]
        found.off_topic.append(next((tool for tool in tools if tool not in HARMLESS), tools[0] if tools else ""))
