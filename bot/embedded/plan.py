"""What to do about a message that was understood: which tools to call, or which sentence to say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.embedded.entities import Reference, named_by_letters
from bot.embedded.follow_ups import follow_up
from bot.embedded.intents import Intent
from bot.embedded.mentions import Mentions
from bot.embedded.pointing import About, meant
from bot.embedded.several_wishes import numbers_by_wish, without_reasons
from bot.embedded.understanding import Understanding
from bot.embedded.yes_no import yes_or_no
from bot.reasons import document_of
from bot.tools import TOOLS
from bot.tools.document_problems import INTENT_OF_KIND
from bot.tools.document_problems import TOOL as DOCUMENT_TOOL
from bot.tools.tool import LAST

# Which tool sees to an intent.
TOOL_FOR = {
    "order_status": "order_status",
    "list_orders": "list_orders",
    "proof_of_delivery": "proof_of_delivery",
    "invoice_status": "invoice_status",
    "payment_status": "payment_status",
    "list_open_invoices": "list_open_invoices",
    "account_balance": "account_balance",
    "invoice_copy": "invoice_copy",
    "statement": "statement",
    "payment_methods": "payment_methods",
    "payment_link": "payment_link",
    "promise_to_pay": "promise_to_pay",
    "payment_plan": "payment_plan",
    "dispute_invoice": "dispute_invoice",
    "complaint": "log_complaint",
    "refund": "refund_status",
    "cancel_order": "cancel_order",
    "change_order": "change_order",
    "update_contact": "update_contact",
    "wrong_contact": "wrong_contact",
    "policy_question": "policy_question",
    "opt_out": "opt_out",
}
# Which kind of document a number is taken for where it says nothing itself.
_ABOUT_ORDERS = {"order_status", "proof_of_delivery", "cancel_order", "change_order"}
_ABOUT_INVOICES = {
    "invoice_status", "payment_status", "invoice_copy", "payment_link", "promise_to_pay", "payment_plan",
    "dispute_invoice", "document_problem",
}  # fmt: skip
# What takes effect at once, or speaks for the customer: acting on it needs more than a good guess.
_RECORDS = {"complaint", "dispute_invoice", "opt_out", "wrong_contact"}
# Of these, what is only offered at first.
_OFFERED = {"complaint", "dispute_invoice"}
# What only looks something up.
READS = frozenset({
    "order_status", "list_orders", "proof_of_delivery", "invoice_status", "payment_status", "list_open_invoices",
    "account_balance", "payment_methods", "payment_link", "refund", "policy_question",
})  # fmt: skip
# What is about one document, and follows what was just spoken of when no other is named.
_OF_ONE = {"order_status", "proof_of_delivery", "invoice_status", "payment_status"}
_COPY = "invoice_copy"
PROBABLE = 0.5
PROBABLE_RECORD = 0.75
GUESS = 0.25
NUMBERS_MAX = 3
_TURNS_AWAY = set(TOOL_FOR) | {"human", "deny", "thanks", "greeting"}
_ONLY_DETAIL_WORDS_MAX = 4
# What people write beside a file, and how many words more may stand there before the words say something themselves.
_POINTS_AT_FILE = re.compile(
    r"\b(?:bijlagen?|bijgaand|bijgevoegd|attached|attachments?|enclosed|anbei|anhang|anlagen?|beigefügt|ci-jointe?s?"
    r"|pi[èe]ces? jointes?|en annexe)\b",
    re.IGNORECASE,
)
_BESIDE_FILE_WORDS_MAX = 3
ONLY_WORDS = {"greeting", "thanks", "confirm", "deny", "out_of_scope"}


# Words for a sort of document: whoever says "my order" need not mean the one that was spoken of.
_DOCUMENT = re.compile(
    r"\b(?:orders?|invoices?|bills?|parcels?|packages?|deliver(?:y|ies)|shipments?|bestelling\w*|factu\w+|rekening\w*|pakket\w*|zending\w*"
    r"|levering\w*|bestellung\w*|auftr\w+|rechnung\w*|pakete?|sendung\w*|lieferung\w*|commandes?|factures?|colis|livraisons?)\b",
    re.IGNORECASE,
)
_WORDS_OF_YES_MAX = 3


@dataclass(frozen=True)
class Before:
    """What the last message asked for ("and SO-1004?" asks the same of another), and whether it was not understood."""

    intents: tuple[str, ...] = ()
    misunderstood: bool = False


@dataclass(frozen=True)
class Call:
    tool: str
    arguments: tuple[tuple[str, Any], ...] = ()

    @property
    def fields(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in self.arguments}


@dataclass(frozen=True)
class Plan:
    """Tools to call, in order, and names of approved sentences to say."""

    calls: tuple[Call, ...] = ()
    sentences: tuple[str, ...] = ()


def plan(
    understood: Understanding,
    mentions: Mentions,
    about: Sequence[About] = (),
    before: Before | None = None,
    words: str = "",
) -> Plan:
    """One call for each wish; a person for what is grave; one short question when the wish is not clear.

    `about` is what the last answers spoke of: "and has it been delivered?" is about the same.
    """
    before = before or Before()
    person = _calls_person(understood)
    if person is not None:
        return Plan((Call("call_person", (("words", person),)),))
    follows = follow_up(words, understood, mentions, about, before.intents)
    if follows is not None:
        return Plan((Call(follows.tool, (("number", follows.number),) if follows.number else ()),))
    if not (understood.is_sure or is_probable(understood)):
        return _unsure(understood, mentions, about, before)
    calls: list[Call] = []
    sentences: list[str] = []
    wishes = without_reasons([intent.name for intent in understood.intents], words)
    numbers = numbers_by_wish([name for name in wishes if _takes_any_number(name)], mentions, words)
    for name in wishes:
        if name in ONLY_WORDS:
            sentences.append(name)
        else:
            calls += _calls(name, numbers.get(name, mentions), about, words)
    if not calls and _says_nothing(sentences, before, words):
        return Plan((Call("ask_back"),))
    return Plan(tuple(dict.fromkeys(calls)), () if calls else tuple(dict.fromkeys(sentences)))


def _says_nothing(sentences: Sequence[str], before: Before, words: str) -> bool:
    """Agreeing to nothing in many words is a wish nobody understood; so is what is off our subject right after one."""
    if yes_or_no(words) is not None:
        return False
    if before.misunderstood and set(sentences) <= {"out_of_scope", "confirm", "deny"}:
        return True
    return set(sentences) == {"confirm"} and len(words.split()) > _WORDS_OF_YES_MAX


def _calls_person(understood: Understanding) -> str | None:
    """Why a person is called whatever else is asked; the gravest first."""
    if understood.is_bereaved:
        return "bereavement"
    if understood.is_vulnerable:
        return "vulnerable"
    if understood.is_insolvent:
        return "insolvency"
    if understood.is_legal_threat:
        return "legal_threat"
    return "other_language" if understood.language == "other" else None


def _unsure(understood: Understanding, mentions: Mentions, about: Sequence[About], before: Before) -> Plan:
    """Numbers are looked up, as was asked before or by what they are of; else the best guess is offered as a question."""
    if mentions.references.numbers:
        same = [name for name in before.intents if _takes_numbers(name) and name in _OF_ONE]
        if same:
            return Plan(tuple(call for name in same[:1] for call in _calls(name, mentions, about)))
        numbers = mentions.references.numbers[:NUMBERS_MAX]
        return Plan(tuple(Call(_tool_for(one), (("number", one.text),)) for one in numbers))
    guesses = [one.name for one in understood.intents if one.name in TOOL_FOR and one.confidence >= GUESS]
    return Plan((Call("ask_back", (("words", guesses[0]),) if guesses else ()),))


def _takes_any_number(intent: str) -> bool:
    tool = TOOLS.get(TOOL_FOR.get(intent, ""))
    return tool is not None and bool({"number", "numbers"} & tool.args.model_fields.keys())


def _takes_numbers(intent: str) -> bool:
    tool = TOOLS.get(TOOL_FOR.get(intent, ""))
    return tool is not None and "number" in tool.args.model_fields


def _tool_for(reference: Reference) -> str:
    kind = reference.kind or named_by_letters(reference.text)
    return {"invoice": "invoice_status", None: "look_up"}.get(kind, "order_status")


def _calls(intent: str, mentions: Mentions, about: Sequence[About], words: str = "") -> list[Call]:
    if intent == "human":
        return [Call("call_person", (("words", "asked_for_person"),))]
    tool = TOOL_FOR.get(intent)
    if intent in set(INTENT_OF_KIND.values()) and (lack := document_of(words)) and INTENT_OF_KIND[lack] == intent:
        tool = DOCUMENT_TOOL
    if tool is None or tool not in TOOLS:
        return [Call("call_person", (("words", "cannot"),))]
    fields = TOOLS[tool].args.model_fields
    # "Our last payment" is about none of the invoices that were spoken of.
    is_of_account = tool == "payment_status" and mentions.references.is_last and not mentions.references.numbers
    numbers = [] if is_of_account else _numbers(tool, mentions, about) or _spoken_of(tool, mentions, about, words)
    said = {name: value for name, value in _said(mentions).items() if name in fields}
    if "numbers" in fields and numbers:
        said["numbers"] = tuple(numbers)
    if "number" in fields and numbers:
        return [Call(tool, tuple({"number": number, **said}.items())) for number in numbers[:NUMBERS_MAX]]
    return [Call(tool, tuple(said.items()))]


def _numbers(tool: str, mentions: Mentions, about: Sequence[About]) -> list[str]:
    """The numbers that are meant for this tool: of two wishes with a number each, each gets its own."""
    kind = "order" if tool in _ABOUT_ORDERS else "invoice" if tool in _ABOUT_INVOICES else None
    named = mentions.references.numbers
    if named and kind is not None:
        of_others = {"order": "invoice", "invoice": "order"}[kind]
        fitting = [one for one in named if (one.kind or named_by_letters(one.text)) != of_others]
        return [one.text for one in fitting or named]
    found = list(meant(mentions, about, kind))  # type: ignore[arg-type]
    if not found and ("last" in mentions.points or mentions.references.is_last):
        return [LAST]
    return found


def _spoken_of(tool: str, mentions: Mentions, about: Sequence[About], words: str) -> list[str]:
    """What the newest answer was about, where that was one document and the words name no sort of document: "when does
    it come?" after an answer about an invoice is about that invoice's order."""
    newest = [one.number for one in about if one.answer == 0 and one.kind in ("order", "invoice")]
    names_sort = tool != _COPY and _DOCUMENT.search(words)  # "a copy of the invoice" names what is copied anyway
    if tool not in {*_OF_ONE, _COPY} or not newest or names_sort or mentions.points & {"all", "both", "other"}:
        return []
    of_kind = [
        one.number for one in about if one.answer == 0 and one.kind == ("order" if tool in _ABOUT_ORDERS else "invoice")
    ]
    found = list(dict.fromkeys(of_kind or newest))
    return found if len(found) == 1 else []


def _said(mentions: Mentions) -> dict[str, Any]:
    """What the words name, by the name of the argument it would be."""
    said: dict[str, Any] = {}
    if mentions.days:
        said["day"] = mentions.days[0].on.isoformat()
    if mentions.amounts:
        first = mentions.amounts[0]
        said["amount"] = f"{first.value} {first.currency or ''}".strip()
    if mentions.parts is not None:
        said["parts"] = str(mentions.parts)
    if mentions.line_numbers:
        said["line"] = str(mentions.line_numbers[0])
    if mentions.quantities:
        said["quantity"] = str(mentions.quantities[0].value)
    if mentions.postcodes:
        said["postcode"] = mentions.postcodes[0]
    return said


def going_on(understood: Understanding, asked: str | None, mentions: Mentions, words: str = "") -> Understanding:
    """The message read as the answer to what we asked for, unless it clearly is something else.

    A number, day, amount or postcode supplies what was missing, and of contact details an address or phone number; a
    complaint lacks what went wrong and a change of an order what is to change, so any words do that are no other wish.
    """
    if asked == "customer_number" and mentions.postcodes and mentions.references.numbers:
        return _meaning(understood, "order_status")  # a stranger was told that these two are enough for a parcel
    if asked is None or asked not in TOOL_FOR.keys() | {"track_order"} or _calls_person(understood) is not None:
        return understood
    turns_away = _TURNS_AWAY - {asked}
    says_what = asked == "complaint" or (asked == "change_order" and yes_or_no(words) is None)
    if says_what and not (understood.is_sure and understood.intents and understood.intents[0].name in turns_away):
        return _meaning(understood, asked)
    if asked == "update_contact" and (mentions.emails or mentions.phones):
        return _meaning(understood, asked)
    if _said(mentions) and 0 < len(words.split()) <= _ONLY_DETAIL_WORDS_MAX and "?" not in words:
        return _meaning(understood, asked)  # "Friday", "500 euro": a detail is no wish of its own
    names = bool(mentions.references.numbers or mentions.postcodes or _said(mentions) or mentions.points)
    others = [one.name for one in understood.intents if one.name in TOOL_FOR or one.name == "human"]
    is_other = understood.is_sure and others and asked not in others and len(mentions.references.numbers) == 0
    return _meaning(understood, asked) if names and not is_other else understood


def _meaning(understood: Understanding, intent: str) -> Understanding:
    return replace(understood, intents=(Intent(intent, 1.0),), is_sure=True)


def meaning(understood: Understanding, intents: Sequence[str]) -> Understanding:
    """The same message, known to ask for just that."""
    return replace(understood, intents=tuple(Intent(name, 1.0) for name in intents), is_sure=True)


def about_paying(understood: Understanding) -> Understanding:
    """A message with a card number in it wants to pay, unless it probably asks for something else."""
    if any(intent.name not in ONLY_WORDS and intent.confidence >= PROBABLE for intent in understood.intents):
        return understood
    return _meaning(understood, "payment_methods")


def is_about_files(words: str, understood: Understanding) -> bool:
    """Whether the words beside a file do no more than point at it, or ask for nothing that can be looked up."""
    if _calls_person(understood) is not None or understood.references.numbers:
        return False
    rest, points = _POINTS_AT_FILE.subn(" ", words)
    if points and "?" not in rest and len(re.findall(r"\w+", rest)) <= _BESIDE_FILE_WORDS_MAX:
        return True
    is_clear = understood.is_sure or is_probable(understood)
    return not is_clear or all(intent.name in ("greeting", "thanks") for intent in understood.intents)


def without_opt_out(understood: Understanding) -> Understanding:
    """The message without the wish to get no more messages, where that was seen to before."""
    rest = tuple(intent for intent in understood.intents if intent.name != "opt_out")
    return replace(understood, intents=rest, is_sure=understood.is_sure and bool(rest))


def is_probable(understood: Understanding) -> bool:
    """Looking up or offering what was probably meant harms nobody; what takes effect at once needs more, and so does an
    objection or a complaint that names no document."""
    return bool(understood.intents) and all(
        intent.name in TOOL_FOR and intent.confidence >= _bar(intent.name, understood) for intent in understood.intents
    )


def _bar(name: str, understood: Understanding) -> float:
    is_offered = name in _OFFERED and bool(understood.references.numbers)
    return PROBABLE_RECORD if name in _RECORDS and not is_offered else PROBABLE
