"""A rule said in plain words, sentence by sentence, as the person reads it who has to answer for it."""

from __future__ import annotations

from o2c_core.customers.working_time import read_span
from o2c_core.escalations.conditions import in_words
from o2c_core.escalations.facts import Value, facts
from o2c_core.escalations.rule_file import (
    AskApproval,
    Assign,
    ChooseLadder,
    Collection,
    Deed,
    GiveTask,
    HoldOrders,
    Level,
    PauseReminders,
    RuleDocument,
    Tell,
    WriteOff,
)


def summary(rule: RuleDocument) -> list[str]:
    """When it fires and what then happens, in order."""
    whose = "a customer" if rule.about == "customer" else "a group of companies together"
    said = [f"It fires for {whose} when {in_words(rule.condition)}."]
    if rule.anew_when:
        named = " or ".join(facts()[name].said for name in rule.anew_when)
        said.append(f"It fires again when {named} changes while that still holds.")
    else:
        said.append("It fires once, and again only after that no longer held.")
    for number, level in enumerate(rule.level, 1):
        said += _level(number, level, is_last=number == len(rule.level))
    if rule.deadline_span:
        beyond = "the next level begins" if len(rule.level) > 1 else f"{rule.level[0].owner} hears that it is late"
        said.append(f"It has to be dealt with within {rule.deadline_span}, else {beyond}.")
    said.append(f"Working time is {rule.working_hours}, without the public holidays of the seller's country.")
    return said


def _level(number: int, level: Level, *, is_last: bool) -> list[str]:
    deeds = "; ".join(deed_in_words(deed, level.owner) for deed in level.actions)
    said = [f"Level {number}, {level.owner}: {deeds}."]
    if level.acknowledge_within:
        after = f"{level.owner} hears that it is late" if is_last else f"level {number + 1} begins"
        said.append(f"Not acknowledged within {read_span(level.acknowledge_within)}, {after}.")
    return said


def deed_in_words(deed: Deed, owner: str) -> str:
    """What an action does, in words for its owner's colleagues."""
    match deed:
        case Tell():
            return f"{deed.to or owner} is written to"
        case GiveTask():
            within = f", to be done within {read_span(deed.within)}" if deed.within else ""
            return f"a task “{deed.what}”{within}"
        case Assign():
            return f"{owner} answers for the open {deed.what}"
        case HoldOrders():
            return (
                f"no orders are confirmed and no goods leave while it lasts, for at most {_days(deed.days)} "
                "(for a private person only once somebody approves)"
            )
        case PauseReminders():
            return f"no reminders go out while it lasts, for at most {_days(deed.days)}"
        case ChooseLadder():
            return f"reminders follow the ladder “{deed.ladder}” from then on"
        case AskApproval():
            return f"somebody with the role {deed.role} decides: {deed.what}"
        case Collection():
            return f"handing over to collection is proposed to somebody with the role {deed.role}, with the evidence"
        case WriteOff():
            return (
                f"writing off what is overdue, at most {deed.at_most:,} per customer, is proposed to somebody with the "
                f"role {deed.role}"
            )


def seen_in_words(seen: dict[str, Value]) -> str:
    """What was found about somebody when a rule fired: "the amount overdue 6,200; legal steps …"."""
    known = facts()
    parts = []
    for name, value in seen.items():
        fact = known[name]
        match value:
            case bool():
                parts.append(fact.said if value else fact.said_not)
            case str():
                parts.append(f"{fact.said}: {value or 'none'}")
            case _:
                has_cents = fact.kind == "amount" and value != value.to_integral_value()
                parts.append(f"{fact.said}: {value:,.2f}" if has_cents else f"{fact.said}: {value.normalize():,f}")
    return "; ".join(parts)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
