"""The rules that come with Parley: examples to begin from, each off until somebody tries it and switches it on."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from o2c_core.errors import NotFound
from o2c_core.escalations.rule_file import RuleDocument, read_rule


class NoSuchExample(NotFound):
    """No rule of that name comes with Parley."""


@cache
def shipped_rules() -> tuple[RuleDocument, ...]:
    """All of them, by name."""
    folder = files(__package__).joinpath("rules")
    texts = sorted((one.name, one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(read_rule(text) for _, text in texts)


def shipped_rule(name: str) -> RuleDocument:
    """Raises: NoSuchExample."""
    found = next((rule for rule in shipped_rules() if rule.name == name), None)
    if found is None:
        known = ", ".join(rule.name for rule in shipped_rules())
        raise NoSuchExample(f"No rule '{name}' comes with Parley; these do: {known}.", name=name)
    return found
