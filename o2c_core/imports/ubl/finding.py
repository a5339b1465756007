"""What is wrong with a document: the id of the rule it breaks, and the sentence people read."""

from __future__ import annotations

from dataclasses import dataclass

# What the XML schema of UBL would refuse has no rule number of its own.
SCHEMA = "UBL"


@dataclass(frozen=True)
class Finding:
    rule: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.sentence}"
