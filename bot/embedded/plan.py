"""What to do about a message that was understood: which tools to call, or which sentence to say."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.embedded.intents import Intent
from bot.embedded.understanding import Understanding

LAST = "last"
LEGAL = "speaks of legal steps"
GRAVE = "speaks of a death, illness or insolvency"

# Which tool looks into an intent. Intents without one of their own go to a person.
_TOOL_FOR = {
    "order_status": "order_status",
    "list_orders": "list_orders",
    "proof_of_delivery": "proof_of_delivery",
    "invoice_status": "invoice_status",
    "payment_status": "payment_status",
    "list_open_invoices": "list_open_invoices",
    "account_balance": "account_balance",
    "payment_methods": "payment_methods",
    "payment_link": "payment_methods",
    "complaint": "log_complaint",
    "dispute_invoice": "dispute_invoice",
    "policy_question": "policy_question",
    "opt_out": "opt_out",
}
_TAKES_NUMBER = {
    "order_status",
    "proof_of_delivery",
    "invoice_status",
    "payment_status",
    "log_complaint",
    "dispute_invoice",
}
_READS = set(_TOOL_FOR) - {"complaint", "dispute_invoice", "opt_out"}
PROBABLE = 0.5
PROBABLE_RECORD = 0.75
_TURNS_AWAY = set(_READS) | {"human", "opt_out", "deny", "thanks", "greeting", "dispute_invoice"}
# What people write beside a file, and how many words more may stand there before the words say something themselves.
_POINTS_AT_FILE = re.compile(
    r"\b(?:bijlagen?|bijgaand|bijgevoegd|attached|attachments?|enclosed|anbei|anhang|anlagen?|beigefügt|ci-jointe?s?"
    r"|pi[èe]ces? jointes?|en annexe)\b",
    re.IGNORECASE,
)
_BESIDE_FILE_WORDS_MAX = 3
_ONLY_WORDS = {"greeting", "thanks", "confirm", "deny", "out_of_scope"}


@dataclass(frozen=True)
class Call:
    tool: str
    argument: str | None = None


@dataclass(frozen=True)
class Plan:
    """Tools to call, in order, and names of approved sentences to say."""

    calls: tuple[Call, ...] = ()
    sentences: tuple[str, ...] = ()


def plan(understood: Understanding) -> Plan:
    """One call for each wish; a person for what no tool does; one short question when the wish is not clear."""
    if understood.language == "other":
        return Plan((Call("call_person", "writes in a language we do not speak"),), ("other_language",))
    if understood.is_grave:
        return Plan((Call("call_person", GRAVE),))
    if understood.is_legal_threat:
        return Plan((Call("call_person", LEGAL),))
    numbers = [reference.text for reference in understood.references.numbers]
    if not (understood.is_sure or _is_probable(understood)):
        if numbers:
            return Plan(tuple(Call(_tool_for_document(understood), number) for number in numbers[:3]))
        return Plan(sentences=("not_sure",))
    calls: list[Call] = []
    sentences: list[str] = []
    for intent in understood.intents:
        if intent.name in _ONLY_WORDS:
            sentences.append(intent.name)
            continue
        tool = _TOOL_FOR.get(intent.name, "call_person")
        if tool in _TAKES_NUMBER:
            arguments: list[str | None] = [*numbers[:3]] or [LAST if understood.references.is_last else None]
            calls += [Call(tool, argument) for argument in arguments]
        elif tool == "call_person":
            calls.append(Call(tool, intent.name))
        elif tool == "policy_question":
            calls.append(Call(tool, ""))
        else:
            calls.append(Call(tool))
    return Plan(tuple(dict.fromkeys(calls)), () if calls else tuple(dict.fromkeys(sentences)))


def going_on(understood: Understanding, asked: str | None) -> Understanding:
    """The message read as the answer to what we asked for, unless it clearly is something else.

    An objection lacks the invoice's number, so a number supplies it; a complaint lacks what went wrong, so any words
    do that are not a wish of their own.
    """
    if asked == "dispute_invoice" and understood.references.numbers:
        return replace(understood, intents=(Intent(asked, 1.0),), is_sure=True)
    if asked == "complaint" and not (understood.is_sure and understood.intents[0].name in _TURNS_AWAY):
        return replace(understood, intents=(Intent(asked, 1.0),), is_sure=True)
    return understood


def about_paying(understood: Understanding) -> Understanding:
    """A message with a card number in it wants to pay, unless it probably asks for something else."""
    if any(intent.name not in _ONLY_WORDS and intent.confidence >= PROBABLE for intent in understood.intents):
        return understood
    return replace(understood, intents=(Intent("payment_methods", 1.0),), is_sure=True)


def is_about_files(words: str, understood: Understanding) -> bool:
    """Whether the words beside a file do no more than point at it, or ask for nothing that can be looked up."""
    if (
        understood.language == "other"
        or understood.is_legal_threat
        or understood.is_grave
        or understood.references.numbers
    ):
        return False
    rest, points = _POINTS_AT_FILE.subn(" ", words)
    if points and "?" not in rest and len(re.findall(r"\w+", rest)) <= _BESIDE_FILE_WORDS_MAX:
        return True
    is_clear = understood.is_sure or _is_probable(understood)
    return not is_clear or all(intent.name in ("greeting", "thanks") for intent in understood.intents)


def without_opt_out(understood: Understanding) -> Understanding:
    """The message without the wish to get no more messages, where that was seen to before."""
    rest = tuple(intent for intent in understood.intents if intent.name != "opt_out")
    return replace(understood, intents=rest, is_sure=understood.is_sure and bool(rest))


def _is_probable(understood: Understanding) -> bool:
    """Looking up what was probably meant harms nobody and often is the answer; recording something needs more."""
    return bool(understood.intents) and all(
        intent.name in _TOOL_FOR and intent.confidence >= (PROBABLE if intent.name in _READS else PROBABLE_RECORD)
        for intent in understood.intents
    )


def _tool_for_document(understood: Understanding) -> str:
    kinds = {reference.kind for reference in understood.references.numbers}
    return "invoice_status" if "invoice" in kinds else "order_status"
