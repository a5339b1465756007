"""How a reminder sounds: the step's tone, bent by what this payer did before, and what is said before anything else."""

from __future__ import annotations

from dataclasses import dataclass

from o2c_core.reminders.ladder import TONES, Rung

# What may be said first, in the order in which it is said. Each is a sentence of the wording; our own fault comes first.
OPENINGS = ("our_delay", "said", "broken", "broken_again", "slip", "habit")
_FIRM_MIN = TONES.index("neutral")
_FIRM_MAX = len(TONES) - 1
# "It may have slipped through" is said of the first word about an invoice, and not once it is long late.
_SLIP_MAX = TONES.index("asking")


@dataclass(frozen=True, slots=True)
class Seen:
    """What bears on the tone of one message. `broken` counts the promises about what is asked that did not hold.

    `is_first` is true while nothing of it was reminded of after its due day; `we_were_late` when what it is for came late
    and nobody has said sorry yet; `has_habit` when they always pay a few days late and those days are over. `says_paid`
    when by their own words it was paid and the money has not come, `was_asked` when they were written to since.
    """

    is_first: bool = True
    is_punctual: bool = False
    has_habit: bool = False
    broken: int = 0
    we_were_late: bool = False
    says_paid: bool = False
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class Tone:
    """One of `TONES`, and the names of the sentences that are said first."""

    name: str
    openings: tuple[str, ...] = ()


def tone_for(rung: Rung, seen: Seen) -> Tone:
    """The tone of a message at that step to that payer.

    Each reason bends it by one step at most: a broken promise firmer, a second one once more; who usually pays on time,
    or as usual a few days late, is asked more softly the first time, and so is whoever had to wait for us. Who says it is paid
    is helped to find the money, once more softly, and their earlier word is not held up to them. Until the due
    day is over nothing is asked, whatever happened before, and afterwards nothing sounds as if it were not late.
    Source: VOICE: "two days late" and a promise broken twice do not sound alike.
    """
    sorry = ("our_delay",) if seen.we_were_late else ()
    step = TONES.index(rung.tone)
    if not rung.says_late:
        return Tone(TONES[min(step, _FIRM_MIN)], sorry)
    step = max(step, _FIRM_MIN)
    openings = list(sorry)
    if seen.broken > 0:
        # Twice is two reasons; a third time says nothing that the second did not.
        step += min(seen.broken, 2)
        if not seen.says_paid:
            openings.append("broken_again" if seen.broken > 1 else "broken")
    elif not seen.says_paid and seen.is_first and step <= _SLIP_MAX and (seen.is_punctual or seen.has_habit):
        step -= 1
        openings.append("slip" if seen.is_punctual else "habit")
    if seen.says_paid:
        step -= 0 if seen.was_asked else 1
        openings.append("said")
    if seen.we_were_late:
        step -= 1
    return Tone(TONES[min(max(step, _FIRM_MIN), _FIRM_MAX)], tuple(openings))
