"""A rule of finance as a form: its fields, what they say as a rule, and where a condition goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from o2c_core.escalations.conditions import ConditionUnclear, read_condition
from o2c_core.escalations.rule_file import RuleDocument, rule_from

# What an action may be, with what it is called and its fields: name, label and what may be chosen, where that is closed.
_ROLE = (("agent", "an agent"), ("finance", "finance"), ("manager", "a manager"))
Field = tuple[str, str, tuple[tuple[str, str], ...]]
DEEDS: dict[str, tuple[str, tuple[Field, ...]]] = {
    "tell": ("Write to somebody", (("to", "To (empty: whose it is)", ()), ("mail", "At the address", ()))),
    "task": ("A task for whose it is", (("what", "What to do", ()), ("within", "Within (as 2 days, 4 hours)", ()))),
    "assign": ("Answers for cases", (("what", "Which", (("disputes", "disputes"), ("complaints", "complaints"))),)),
    "hold_orders": ("Confirm no orders, let no goods leave", (("days", "For days at most", ()),)),
    "pause_reminders": ("Send no reminders", (("days", "For days at most", ()),)),
    "choose_ladder": ("Another reminder ladder", (("ladder", "Ladder", ()),)),
    "ask_approval": ("Ask somebody to decide", (("what", "What to decide", ()), ("role", "Decided by", _ROLE))),
    "collection": ("Propose to hand it over to collection", (("role", "Decided by", _ROLE), ("to", "To", ()))),
    "write_off": (
        "Propose to write off",
        (
            ("at_most", "At most per customer", ()),
            ("role", "Decided by", _ROLE),
            (
                "reason",
                "As",
                (("bad_debt", "bad debt"), ("small_balance", "a small balance"), ("goodwill", "goodwill")),
            ),
        ),
    ),
}
_COUNTS = ("days", "at_most")
LEVELS_MAX, ACTIONS_MAX = 5, 8
HEAD = ("title", "about", "when", "why", "hours", "deadline", "authority", "anew_when")
_LEVEL = ("owner", "mail", "acknowledge_within")


@dataclass(frozen=True)
class LevelFields:
    """One level as the form holds it, with the fields of each of its actions."""

    said: dict[str, str]
    actions: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RuleFields:
    """A rule as the form holds it."""

    name: str
    head: dict[str, str]
    levels: list[LevelFields]

    @classmethod
    def of(cls, rule: RuleDocument) -> RuleFields:
        said = rule.model_dump(mode="json")
        head = {name: _written(said[name]) for name in HEAD}
        levels = [
            LevelFields(
                {name: _written(level[name]) for name in _LEVEL},
                [{name: _written(value) for name, value in deed.items()} for deed in level["actions"]],
            )
            for level in said["level"]
        ]
        return cls(rule.name, head, levels)

    @classmethod
    def blank(cls) -> RuleFields:
        head = dict.fromkeys(HEAD, "") | {
            "about": "customer", "when": "overdue >= 1000", "hours": "mon-fri 09:00-17:00", "authority": "finance",
        }  # fmt: skip
        level = LevelFields(dict.fromkeys(_LEVEL, ""), [{"do": "task", "what": ""}])
        return cls("", head, [level])

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> RuleFields:
        """The fields as they were sent; levels and actions are numbered in their names: "1.owner", "1.0.do"."""
        levels = []
        for at in range(LEVELS_MAX):
            if f"{at}.owner" not in form:
                break
            actions = []
            for number in range(ACTIONS_MAX):
                do = form.get(f"{at}.{number}.do")
                if do not in DEEDS:
                    break
                names = [name for name, *_ in DEEDS[do][1]]
                actions.append({"do": do} | {name: form.get(f"{at}.{number}.{name}", "").strip() for name in names})
            levels.append(LevelFields({name: form.get(f"{at}.{name}", "").strip() for name in _LEVEL}, actions))
        head = {name: form.get(name, "").strip() for name in HEAD}
        return cls(form.get("rule", "").strip(), head, levels)

    def document(self) -> dict[str, Any]:
        """What the fields say, as a rule is written down; what was left empty is not said."""
        said: dict[str, Any] = {name: value for name, value in self.head.items() if value and name != "anew_when"}
        said |= {"name": self.name, "when": self.head["when"]}
        said["anew_when"] = [one.strip() for one in self.head["anew_when"].split(",") if one.strip()]
        said["level"] = [
            {name: value for name, value in level.said.items() if value}
            | {
                "actions": [
                    {name: _value(name, value) for name, value in deed.items() if value} for deed in level.actions
                ]
            }
            for level in self.levels
        ]
        return said

    def rule(self) -> RuleDocument:
        """Raises: RuleUnclear."""
        return rule_from(self.document())

    def changed(self, do: str, new: Mapping[str, str]) -> RuleFields | None:
        """The same with a level or action more or less, as a button asks; None where the button asks for something else."""
        levels = [LevelFields(level.said, list(level.actions)) for level in self.levels]
        what, _, at = do.partition(":")
        number, _, action = at.partition(".")
        level = int(number) if number.isdecimal() and int(number) < len(levels) else -1
        if what == "add-level" and len(levels) < LEVELS_MAX:
            levels.append(LevelFields(dict.fromkeys(_LEVEL, ""), [{"do": "tell", "to": "", "mail": ""}]))
        elif what == "drop-level" and level >= 0:
            del levels[level]
        elif what == "add-action" and level >= 0 and len(levels[level].actions) < ACTIONS_MAX:
            kind = new.get(f"{level}.new", "")
            if kind in DEEDS:
                levels[level].actions.append({"do": kind} | {name: "" for name, *_ in DEEDS[kind][1]})
        elif what == "drop-action" and level >= 0 and action.isdecimal() and int(action) < len(levels[level].actions):
            del levels[level].actions[int(action)]
        else:
            return None
        return RuleFields(self.name, self.head, levels)


def fault_in(condition: str) -> tuple[str, str] | None:
    """What is wrong with a condition, and the condition with a mark below where it is; None where nothing is."""
    try:
        read_condition(condition)
    except ConditionUnclear as unclear:
        plain = " ".join(condition.split())
        at = _place(condition, plain, unclear)
        return unclear.sentence, f"{plain}\n{' ' * at}^" if at is not None else plain
    return None


def _place(condition: str, plain: str, unclear: ConditionUnclear) -> int | None:
    """Where it is in the condition on one line: as it was noted, else where the first thing stands that the sentence quotes."""
    noted = unclear.fields.get("at")
    if isinstance(noted, int):
        return len(" ".join(condition[:noted].split())) + (1 if condition[:noted].endswith((" ", "\n")) else 0)
    quoted = re.search(r"'([^']+)'", unclear.sentence)
    word = str(unclear.fields.get("name") or (quoted[1] if quoted else ""))
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", plain) if word else None
    return found.start() if found else None


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _value(name: str, written: str) -> str | int:
    return int(written) if name in _COUNTS and written.isdecimal() else written
