"""What is said in a turn: what was agreed to is done, the rest is drafted and guarded, what waits is not forgotten."""

from __future__ import annotations

import logging
from dataclasses import replace

from bot import wording
from bot.assistant import Assistant
from bot.bare_figures import with_bare_figure
from bot.desk import INTENT_OF, Desk
from bot.embedded.forms import read_by_form
from bot.embedded.plan import ONLY_WORDS, TOOL_FOR, going_on, meaning
from bot.embedded.understanding import Understanding, understand
from bot.embedded.yes_no import yes_or_no
from bot.guard import check
from bot.plain_wishes import calls_it_complaint, is_not_the_one, wants_more, wants_no_more
from bot.proposals import Verdict, settle, told_again, verdict_on
from bot.reasons import document_of, recorded_intent
from bot.tools import document_problems
from bot.tools.bank_details import speaks_of_new_account
from bot.tools.claims import claim_of, is_over
from bot.tools.people import call_person
from bot.tools.reminded import answers_with_day
from o2c_core.errors import Refused

log = logging.getLogger("parley.turn")
_MEANT = "meant:"
# What "paid yesterday" and "Friday" may be taken for.
_NEAR_PAID = ONLY_WORDS | {
    "payment_status",
    "invoice_status",
    "account_balance",
    "list_open_invoices",
    "payment_methods",
}
# What a payment that was made is taken for where the words speak of a day or of paying.
_TAKEN_FOR_PAID = _NEAR_PAID | {"promise_to_pay", "payment_link", "update_contact"}
_NEAR_STOP = _NEAR_PAID | {"opt_out", "payment_link", "wrong_contact"}
_NEAR_DAY = ONLY_WORDS | {"promise_to_pay", "order_status", "payment_methods", "policy_question", "list_orders"}
_AFFECTED = {"complaint", "dispute_invoice", "human", "opt_out", "wrong_contact"}


def spoken(desk: Desk, understood: Understanding, assistant: Assistant) -> str:
    """The draft of the whole answer: places for facts, and nothing that has not passed the guard."""
    understood = read_by_form(understood, desk.words, desk.mentions, desk.today, desk.about)
    desk.understood = understood
    _read_bare_figure(desk)
    said = told_again(desk)
    verdict = Verdict() if said else verdict_on(desk.before.waiting, desk.words, understood, desk.mentions)
    if verdict.agreed and desk.before.asked is not None and not desk.before.asks_yes:
        verdict = Verdict()  # the yes is to what we asked since; what was offered before that is offered anew
    said += settle(desk, verdict)
    if not said and _agrees_to_nothing(desk):
        said.append(desk.say("proposal.gone"))
    if not verdict.is_all or not said:
        understood = _going_on(desk, understood, verdict.corrected)
        desk.understood = understood
        said.append(_drafted(desk, understood, assistant, has_answered=bool(said)))
        said += _left_out(desk, said)
    if _is_calmed(desk, understood):
        said.insert(0, desk.say("mood.angry"))
    return "\n\n".join(
        part for part in [*said, _closing(desk, settled=bool(verdict.agreed or verdict.declined))] if part
    )


def _left_out(desk: Desk, said: list[str]) -> list[str]:
    """What is offered is read before it is agreed to, also when a model left its sentence out of the answer."""
    read = " ".join(" ".join(said).split())
    return [offer.says for offer in desk.offers if " ".join(offer.says.split()) not in read]


def _agrees_to_nothing(desk: Desk) -> bool:
    """A yes to what was offered a moment ago, and is not open any more."""
    is_open = any(one.state == "open" for one in desk.before.waiting)
    return desk.before.asks_yes and not is_open and yes_or_no(desk.words) == "yes"


def _read_bare_figure(desk: Desk) -> None:
    """A figure on its own says what our question or offer makes of it."""
    waiting = [one for one in desk.before.waiting if one.state == "open"]
    intent = INTENT_OF[waiting[-1].kind] if waiting else desk.before.asked or ""
    if intent in TOOL_FOR:
        desk.__dict__["mentions"] = with_bare_figure(desk.mentions, desk.words, intent, desk.earlier(intent))


def _going_on(desk: Desk, understood: Understanding, corrected: str | None) -> Understanding:
    """The message as the answer to what we asked, or as what puts a proposal right."""
    if corrected is not None:
        return meaning(understood, [corrected])
    if speaks_of_new_account(desk.words):
        # Somebody may be about to pay a thief: whatever else it was taken for, our account on record is the answer.
        return meaning(understood, ["payment_methods"])
    if _is_tracking(desk, understood):
        return meaning(understood, ["order_status"])
    recorded = recorded_intent(desk.words)
    if recorded is not None and len(understood.intents) <= 1:
        # "Withdraw my complaint" sounds like cancelling an order; the case's own tool knows both asking and taking back.
        return meaning(understood, [recorded])
    replied = _as_reply(desk, understood)
    if replied is not None:
        return replied
    asked = desk.before.asked or ""
    if asked.startswith(_MEANT):
        if yes_or_no(desk.words) != "yes":
            return understood
        desk.words = str(desk.before.slots.get("words", desk.words))
        desk.__dict__.pop("mentions", None)  # they are those of the words that are answered
        return meaning(understand(desk.words, thread_language=desk.language), [asked.removeprefix(_MEANT)])
    return going_on(understood, asked or None, desk.mentions, desk.words)


def _as_reply(desk: Desk, understood: Understanding) -> Understanding | None:
    """What people answer to a reminder, read by code where the trained reading may take it for something near: papers
    that are missing, money that is under way, and a day with nothing beside it."""
    if desk.customer is None:
        return None
    going_on_with = document_problems.goes_on(desk)
    if going_on_with is not None:
        return meaning(understood, [going_on_with])
    names = [intent.name for intent in understood.intents]
    lack = document_of(desk.words)
    if lack is not None and "?" not in desk.words and set(names) <= document_problems.TAKEN_FOR:
        return meaning(understood, [document_problems.INTENT_OF_KIND[lack]])
    if "opt_out" in names and wants_more(desk.words):
        return meaning(understood, [name for name in names if name != "opt_out"] or ["thanks"])
    if set(names) <= _NEAR_STOP and "?" not in desk.words and wants_no_more(desk.words):
        return meaning(understood, ["payment_status", "opt_out"] if claim_of(desk) is not None else ["opt_out"])
    if set(names) <= _NEAR_PAID and claim_of(desk) is not None:
        return meaning(understood, ["payment_status"])
    if set(names) <= _TAKEN_FOR_PAID and is_over(desk):
        return meaning(understood, ["payment_status"])
    if names == ["dispute_invoice"] and calls_it_complaint(desk.words):
        return meaning(understood, ["complaint"])
    if set(names) <= ONLY_WORDS | {"wrong_contact"} and is_not_the_one(desk.words):
        return meaning(understood, ["wrong_contact"])
    if len(names) > 1 and "wrong_contact" in names and not is_not_the_one(desk.words):
        # Beside another wish it takes effect at once and shuts an address, so it has to be said.
        return meaning(understood, [name for name in names if name != "wrong_contact"])
    if set(names) <= _NEAR_DAY and answers_with_day(desk):
        return meaning(understood, ["promise_to_pay"])
    return None


def _is_tracking(desk: Desk, understood: Understanding) -> bool:
    """Of somebody unknown, an order number with a postcode asks where the parcel is, whatever the postcode looks like."""
    asks = {intent.name for intent in understood.intents}
    mentions = desk.mentions
    return desk.customer is None and "order_status" in asks and bool(mentions.postcodes and mentions.references.numbers)


def _drafted(desk: Desk, understood: Understanding, assistant: Assistant, *, has_answered: bool) -> str:
    """The answer to what was asked; what only agrees or thanks beside something done needs none."""
    rest = tuple(intent for intent in understood.intents if intent.name not in ("confirm", "deny"))
    if has_answered:
        if not rest:
            return ""
        understood = replace(understood, intents=rest)
    return draft(desk, understood, assistant)


def draft(desk: Desk, understood: Understanding, assistant: Assistant) -> str:
    """The first draft that passes the guard; when all fail, an honest sentence and a person."""
    attempts = list(assistant.drafts(desk, understood))
    while attempts:
        attempt = attempts.pop(0)
        try:
            drafted = attempt()
            check(drafted, desk.facts, desk.language, approved=[*desk.said, *wording.plain(desk.language)])
        except Refused as refused:
            log.warning("draft refused message=%s because=%s", desk.message_id, refused.fields.get("kind"))
        except Exception as broken:
            # A provider that is out is not asked again in this turn: the last way needs none.
            # Its kind and no more: an error's own words may be the customer's.
            log.warning("draft failed message=%s because=%s", desk.message_id, type(broken).__name__)
            attempts = attempts[-1:]
        else:
            if drafted:
                return drafted
    call_person(desk, "trouble")
    return desk.say("trouble")


def _is_calmed(desk: Desk, understood: Understanding) -> bool:
    """Anger is answered once, plainly; who is called or told of a complaint has been answered already."""
    if not understood.is_angry or desk.before.calmed or desk.handoff is not None:
        return False
    names = {intent.name for intent in understood.intents}
    desk.calmed = not names & (_AFFECTED | ONLY_WORDS - {"thanks", "greeting"})
    return desk.calmed


def _closing(desk: Desk, *, settled: bool) -> str:
    """The question that a proposal ends with; and of one that waits since before, that it does."""
    if desk.offers:
        asks = {1: "proposal.ask", 2: "proposal.ask_all"}.get(len(desk.offers), "proposal.ask_all_many")
        return desk.say(asks)
    waiting = [one for one in desk.before.waiting if one.state == "open"]
    if not waiting or settled or desk.handoff is not None or desk.asks is not None:
        return ""
    newest = waiting[-1]
    if desk.understood is not None and INTENT_OF[newest.kind] in {one.name for one in desk.understood.intents}:
        return ""
    says = desk.facts.text(newest.says, f"proposal {newest.id}")
    return desk.say("proposal.still", says=says)
