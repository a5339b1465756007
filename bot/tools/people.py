"""Calling a person, with the packet that person needs to go on."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.tool import OfWords, Tool
from o2c_core.actions.call_person import call_person as ask_for_person
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.cases.hold import HeldTooLong, HoldNeedsAnEnd
from o2c_core.conversations.handoff import REASONS, Packet
from o2c_core.conversations.summary import summary_of
from o2c_core.customers.authority import authority_of
from o2c_core.invoices.account import balances

# What somebody in such trouble is spared meanwhile: no reminder goes out until a person has looked.
_SPARES = {
    "bereavement": "is_bereaved", "vulnerable": "is_vulnerable", "insolvency": "is_insolvent",
    "legal_threat": "is_legal_threat",
}  # fmt: skip
_SAID = {
    "bereavement": "person.grave",
    "vulnerable": "person.vulnerable",
    "insolvency": "person.grave",
    "asked_for_person": "person.called",
    "legal_threat": "person.called",
    "angry": "person.called",
    "repeated_failure": "person.not_understood",
}
WORDS_KEPT = 500
# What can be offered as a guess: the names under "choice" in the wording.
CHOICES = (
    "order_status", "list_orders", "proof_of_delivery", "invoice_status", "list_open_invoices", "account_balance",
    "invoice_copy", "statement", "payment_link", "payment_methods", "payment_status", "promise_to_pay", "payment_plan",
    "dispute_invoice", "complaint", "refund", "cancel_order", "change_order", "update_contact", "policy_question",
)  # fmt: skip


def call_person(desk: Desk, reason: str, why: str = "") -> str:
    """The conversation waits for an agent from now on; the sentence that says so.

    `reason` is one of handoff.REASONS, `why` says more for the agent.
    """
    packet = packet_of(desk, reason, why)
    ask_for_person(desk.conversation_id, reason, why=why, packet=packet, store=desk.store, message_id=desk.message_id)
    desk.handoff, desk.packet = reason, packet
    if reason in _SPARES and desk.customer is not None and _is_said(desk, reason):
        _spare(desk, reason)
    if reason == "other_language":
        return desk.say("other_language")
    if desk.customer is None and reason not in _SPARES:
        return desk.say("person.stranger")
    return desk.say(_SAID.get(reason, "person.cannot"))


def call_person_tool(desk: Desk, words: str | None) -> str:
    """What a model may ask for: one of the reasons there are, else simply that they asked."""
    reason = words if words in REASONS else "asked_for_person"
    return call_person(desk, reason, "" if reason == words else (words or ""))


def packet_of(desk: Desk, reason: str, why: str) -> Packet:
    """Everything the agent reads first, from fields alone."""
    understood = desk.understood
    mood = ("is_angry", "is_worried", "is_vulnerable", "is_bereaved", "is_insolvent", "is_legal_threat")
    with desk.store.session() as session:
        return Packet(
            reason=reason,
            why=why or REASONS[reason][0],
            urgency=REASONS[reason][1],
            identity=desk.identity,
            channel=desk.channel,
            language=desk.language,
            customer=desk.known_customer.ref if desk.known_customer else None,
            words=desk.words[:WORDS_KEPT],
            wants=[intent.name for intent in understood.intents] if understood else [],
            mood=[name.removeprefix("is_") for name in mood if getattr(understood, name, False)],
            at_stake=_at_stake(session, desk),
            facts=[fact.as_json() for fact in desk.facts.facts.values()],
            tried=list(desk.calls),
            proposals=[{"kind": one.kind, "says": one.says, "state": one.state} for one in desk.before.waiting],
            summary=summary_of(session, desk.conversation_id).as_text(),
        )


def _at_stake(session: Session, desk: Desk) -> list[dict[str, object]]:
    """Units: minor units of the currency."""
    if desk.known_customer is None:
        return []
    return [
        {"currency": one.open.currency, "open_minor": one.open.minor, "overdue_minor": one.overdue.minor}
        for one in balances(session, desk.known_customer.id, desk.today)
    ]


def _is_said(desk: Desk, reason: str) -> bool:
    """Whether the customer's own words are that grave: a model may call a person for less, and that stops no reminder."""
    return desk.understood is None or bool(getattr(desk.understood, _SPARES[reason]))


def _spare(desk: Desk, reason: str) -> None:
    """No reminders for as long as the assistant may decide; the agent decides about the time after that."""
    assert desk.customer is not None
    until_on = desk.today + timedelta(days=authority_of("assistant", desk.seller).hold_days_max)
    pause = Pause(desk.customer.id, "reminders", REASONS[reason][0], "desk", until_on, message_id=desk.message_id)
    try:
        place_hold(pause, store=desk.store, role="assistant", by="assistant")
    except (HoldNeedsAnEnd, HeldTooLong):
        return  # the seller's settings leave the assistant no day to decide about


def ask_back(desk: Desk, words: str | None) -> str:
    """One short question where it is not clear what somebody wants, with the best guess to say yes to; the second time
    in a row a person is called instead."""
    desk.misunderstood = True
    if desk.before.misunderstood:
        return call_person(desk, "repeated_failure")
    if words is None or words not in CHOICES:
        return desk.say("not_sure")
    choice = desk.facts.text(desk.word(f"choice.{words}"), "what was understood")
    return desk.ask_for(f"meant:{words}", {"words": desk.words}, desk.say("not_sure_meant", choice=choice))


TOOLS = (
    Tool(
        "ask_back",
        "Ask what is meant when it is not clear; the words are your best guess.",
        ask_back,
        OfWords,
        needs="stranger",
    ),
    Tool(
        "call_person", "Ask a colleague to take over. The words are why.", call_person_tool, OfWords, needs="stranger"
    ),
)
