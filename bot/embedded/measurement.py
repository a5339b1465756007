"""How well the embedded understanding does on messages it never saw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from time import perf_counter

from bot.embedded.intents import WRITES
from bot.embedded.understanding import Understanding, understand, warm_up

# Intents whose answer opens or changes the ledger; off-topic words must not lead there.
LEDGER = frozenset({
    "order_status", "list_orders", "proof_of_delivery", "invoice_status", "list_open_invoices", "account_balance",
    "invoice_copy", "statement", "payment_link", "payment_status", "promise_to_pay", "payment_plan", "dispute_invoice",
    "complaint", "refund", "cancel_order", "change_order", "update_contact",
})  # fmt: skip
# The assistant looks up what is at least this probable, and records what is at least that.
PROBABLE, PROBABLE_WRITE = 0.5, 0.75


@dataclass(frozen=True)
class Heldout:
    """One line of a held-out file: a message and the intent or intents it carries."""

    text: str
    intents: frozenset[str]


@dataclass(frozen=True)
class Measured:
    """Shares, between 0 and 1. `accuracy` is the mean over intents, so that a rare intent counts as much as a common one."""

    language: str
    lines: int
    accuracy: float
    each: dict[str, float]
    sure: float
    accuracy_when_sure: float
    leak: float  # off-topic messages understood as an intent of the ledger
    leak_when_sure: float
    leak_acted: float  # ... and probable enough to look something up
    leak_to_write: float  # ... or to propose a change
    false_seconds: float  # one-wish messages understood as two
    both_found: float  # two-wish messages of which both were found
    one_found: float  # ... or at least one of the two, and nothing else
    language_right: float
    milliseconds_mean: float
    milliseconds_median: float
    confused: tuple[tuple[str, str, int], ...]


def read_heldout(file: Path) -> list[Heldout]:
    """Lines of message, tab, intent or intent+intent. There are no remarks: a message may begin with a #."""
    found: list[Heldout] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        text, _, intents = line.rpartition("\t")
        if text:
            found.append(Heldout(text, frozenset(intents.strip().split("+"))))
    return found


def measure(file: Path) -> Measured:
    """The figures for one held-out file, which is named for its language."""
    lines = read_heldout(file)
    warm_up()  # reading weights is no part of a message's time
    spent: list[float] = []
    understood: list[Understanding] = []
    for line in lines:
        began = perf_counter()
        understood.append(understand(line.text, thread_language=file.stem))
        spent.append((perf_counter() - began) * 1000)
    pairs = list(zip(lines, understood, strict=True))
    ones = [(next(iter(line.intents)), said) for line, said in pairs if len(line.intents) == 1]
    twos = [(line.intents, {intent.name for intent in said.intents}) for line, said in pairs if len(line.intents) > 1]
    names = sorted({wanted for wanted, _ in ones})
    each = {name: mean(_is_right(name, said) for wanted, said in ones if wanted == name) for name in names}
    off_topic = [said for wanted, said in ones if wanted == "out_of_scope"]
    wrong = Counter(
        (wanted, "+".join(i.name for i in said.intents)) for wanted, said in ones if not _is_right(wanted, said)
    )
    sure = [(wanted, said) for wanted, said in ones if said.is_sure]
    return Measured(
        language=file.stem,
        lines=len(lines),
        accuracy=mean(each.values()),
        each=each,
        sure=len(sure) / len(ones),
        accuracy_when_sure=mean(_is_right(wanted, said) for wanted, said in sure) if sure else 0.0,
        leak=mean(_leaks(said) for said in off_topic),
        leak_acted=mean(_leaks(said) and _is_acted_on(said) for said in off_topic),
        leak_to_write=mean(_leaks(said) and _is_acted_on(said, WRITES) for said in off_topic),
        leak_when_sure=mean(_leaks(said) and said.is_sure for said in off_topic),
        false_seconds=mean(len(said.intents) > 1 for _, said in ones),
        both_found=mean(wanted == found for wanted, found in twos) if twos else 1.0,
        one_found=mean(bool(found) and found <= wanted for wanted, found in twos) if twos else 1.0,
        language_right=mean(said.language == file.stem for _, said in pairs),
        milliseconds_mean=mean(spent),
        milliseconds_median=median(spent),
        confused=tuple((wanted, taken, count) for (wanted, taken), count in wrong.most_common()),
    )


def _is_right(wanted: str, said: Understanding) -> bool:
    return [intent.name for intent in said.intents] == [wanted]


def _is_acted_on(said: Understanding, among: frozenset[str] = LEDGER) -> bool:
    """Looking up is done on what is probable, a change is proposed only on what is sure or as good as that."""
    return any(intent.name in among and intent.confidence >= _probable(intent.name) for intent in said.intents)


def _probable(name: str) -> float:
    return PROBABLE_WRITE if name in WRITES else PROBABLE


def _leaks(said: Understanding) -> bool:
    return any(intent.name in LEDGER for intent in said.intents)
