"""The whole corpus of mails, the same on every machine."""

from __future__ import annotations

from functools import cache
from random import Random

from tests.channels.mails.bounces import bounces
from tests.channels.mails.machines import machines, people
from tests.channels.mails.mailers import replies
from tests.channels.mails.oddities import oddities
from tests.channels.mails.specimen import Specimen

SEED = 20260316


@cache
def corpus(seed: int = SEED) -> tuple[Specimen, ...]:
    random = Random(seed)
    return (*replies(random), *machines(), *people(), *bounces(), *oddities(random))
