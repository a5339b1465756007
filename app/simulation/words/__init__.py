"""What simulated customers write, in their language."""

from __future__ import annotations

import random
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any


@lru_cache
def _words(language: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text("utf-8"))


def said(kind: str, language: str, draw: random.Random, **places: str) -> str:
    """One of the ways to say it."""
    return str(draw.choice(_words(language)[kind])).format(**places)
