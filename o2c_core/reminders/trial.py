"""What is tried by lot at a step of a ladder, and in which group a customer is."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import product
from uuid import UUID

from o2c_core.errors import Refused
from o2c_core.reminders.answer import Answer, NotNow, Reason, Yes
from o2c_core.reminders.ladder import CHANNELS, TONES, Rung, next_step_on
from o2c_core.reminders.may_contact import Claim

HELD_OUT = "held_out"
# The step as it is written in the ladder, where only being reminded or not is tried.
AS_WRITTEN = "as_written"
# More than half not reminded is no trial of reminders but leaving them off.
HELD_OUT_MAX = Decimal("0.5")
_SPACE = 2**64


class TrialUnclear(Refused):
    """What is tried at a step is written as: name=..., seed=1, held_out=10%, tone=asking, tone=clear, channel=email."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Which groups there are: `hold_out` is the share that is not reminded at the step, the others share what is left.

    `variants` are the arms beside it, each the tone and channel it changes. The lot is drawn by `name` and `seed`.
    """

    name: str
    seed: int = 1
    hold_out: Decimal = Decimal(0)
    variants: tuple[tuple[tuple[str, str], ...], ...] = ((),)

    @property
    def arms(self) -> tuple[tuple[str, Decimal], ...]:
        """Every arm with its share; the shares sum to one."""
        each = (1 - self.hold_out) / len(self.variants)
        held = ((HELD_OUT, self.hold_out),) if self.hold_out else ()
        return (*held, *((_named(variant), each) for variant in self.variants))


def trial_of(rung: Rung) -> Trial | None:
    """The trial a step names in its `arms`; None where nothing is tried, as by default.

    Raises: TrialUnclear.
    """
    return _read(rung.arms, rung.name) if rung.arms else None


def arm_of(trial: Trial, customer_id: UUID) -> str:
    """The customer's arm: drawn by a keyed hash, so it is the same on every day and on every machine."""
    drawn = Decimal(_draw(trial.name, trial.seed, customer_id)) / _SPACE
    reached = Decimal(0)
    for arm, share in trial.arms:
        reached += share
        if drawn < reached:
            return arm
    return trial.arms[-1][0]


def arms_of(trial: Trial, customer_ids: Collection[UUID]) -> dict[UUID, str]:
    """The arm of each of many customers."""
    return {customer_id: arm_of(trial, customer_id) for customer_id in customer_ids}


def label_of(trial: Trial, rung: Rung, arm: str) -> str:
    """How an arm is written down beside a decision and a reminder."""
    return f"{trial.name}@{rung.name}:{arm}"


def parts_of(label: str) -> tuple[str, str, str]:
    """Trial, step and arm of what `label_of` wrote."""
    where, _, arm = label.partition(":")
    trial, _, rung = where.partition("@")
    return trial, rung, arm


def as_drawn(rung: Rung, arm: str) -> Rung:
    """The step as it is taken for that arm: in its tone, with its channel tried first."""
    changes = dict(part.split("=", 1) for part in arm.split("+") if "=" in part)
    channel = changes.get("channel")
    return replace(
        rung,
        tone=changes.get("tone", rung.tone),
        channels=(channel, *(one for one in rung.channels if one != channel)) if channel else rung.channels,
    )


def may_hold_out(claim: Claim, rung: Rung) -> bool:
    """Whether leaving the step out costs nobody what law or a promise gives them.

    A formal letter, a step a person decides about, and what follows a broken promise or belongs to a payment plan
    (the customer was told that we would come back to it) are never left out.
    """
    obliged = rung.letter or rung.mode != "automatic"
    return not (obliged or claim.broken_on is not None or claim.plan_part_on is not None)


def by_lot(
    answers: Sequence[Answer], claims: Sequence[Claim], customer_id: UUID, on: date
) -> tuple[tuple[Answer, ...], str | None]:
    """The answers of `may_contact` as the lot changes them, and the arms that took part ("trial@step:arm"); None without.

    Only a Yes is changed, so that nobody is written to who would not have been.
    """
    changed: list[Answer] = []
    arms: dict[str, None] = {}
    for answer, claim in zip(answers, claims, strict=True):
        trial = trial_of(answer.rung) if isinstance(answer, Yes) else None
        if trial is None or not isinstance(answer, Yes):
            changed.append(answer)
            continue
        arm = arm_of(trial, customer_id)
        if arm != HELD_OUT:
            arms[label_of(trial, answer.rung, arm)] = None
            changed.append(Yes(as_drawn(answer.rung, arm), answer.asked))
        elif may_hold_out(claim, answer.rung):
            arms[label_of(trial, answer.rung, arm)] = None
            changed.append(NotNow(next_step_on(claim.due_on, on, claim.ladder.rungs), Reason.HELD_OUT))
        else:
            # Obliged: reminded as written, and counted in no arm, since the lot did not decide.
            changed.append(answer)
    return tuple(changed), ", ".join(arms) or None


def arms_written(said: Mapping[str, object]) -> tuple[str, ...]:
    """A `[trial]` table of a ladder file as the `arms` of its step: {name, seed, hold_out, arms = {tone = [...]}}.

    Raises: TrialUnclear.
    """
    known = {"name", "seed", "hold_out", "rung", "arms"}
    tried = said.get("arms", {})
    if set(said) - known or not isinstance(tried, Mapping):
        raise TrialUnclear(unknown=sorted(set(said) - known))
    pieces = [f"name={said.get('name', '')}", f"seed={said.get('seed', 1)}"]
    if said.get("hold_out"):
        pieces.append(f"held_out={(Decimal(str(said['hold_out'])) * 100).normalize():f}%")
    pieces += [f"{what}={value}" for what, values in sorted(tried.items()) for value in values]
    written = tuple(pieces)
    _read(written, "")
    return written


@lru_cache(maxsize=256)
def _read(arms: tuple[str, ...], rung: str) -> Trial:
    said: dict[str, list[str]] = {}
    for one in arms:
        what, equals, value = one.partition("=")
        if not equals or not value.strip() or what not in ("name", "seed", "held_out", "tone", "channel"):
            raise TrialUnclear(arm=one)
        said.setdefault(what, []).append(value.strip())
    tones, channels = said.get("tone", []), said.get("channel", [])
    twice = any(len(values) > 1 for what, values in said.items() if what in ("name", "seed", "held_out"))
    if twice or not set(tones) <= set(TONES) or not set(channels) <= set(CHANNELS):
        raise TrialUnclear(arms=arms)
    name = said.get("name", [rung])[0]
    if not name or set(name) & set(":,+=@"):
        raise TrialUnclear("The name of a trial is needed, without : , + = or @.", name=name)
    hold_out, seed = _share(said.get("held_out", ["0%"])[0]), said.get("seed", ["1"])[0]
    if not seed.isdecimal():
        raise TrialUnclear("The seed of a trial is a whole number.", seed=seed)
    options = [[("tone", tone) for tone in dict.fromkeys(tones)], [("channel", one) for one in dict.fromkeys(channels)]]
    variants = tuple(product(*(each for each in options if each)))
    return Trial(name, int(seed), hold_out, variants)


def _share(text: str) -> Decimal:
    try:
        share = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except InvalidOperation as odd:
        raise TrialUnclear(held_out=text) from odd
    if not 0 <= share <= HELD_OUT_MAX:
        raise TrialUnclear("At most half of the customers can be held out.", held_out=text)
    return share


def _named(variant: tuple[tuple[str, str], ...]) -> str:
    return "+".join(f"{what}={value}" for what, value in variant) or AS_WRITTEN


def _draw(name: str, seed: int, customer_id: UUID) -> int:
    key = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=32).digest()
    return int.from_bytes(hashlib.blake2b(customer_id.bytes, digest_size=8, key=key).digest())
