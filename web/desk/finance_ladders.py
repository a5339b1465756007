"""A ladder as a form: its steps to change, what the form says as a ladder, and where each ladder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.ladder import CHANNELS, MODES, STANDARD, TONES, Ladder, Rung
from o2c_core.reminders.ladders.sentences import wordings
from o2c_core.reminders.ladders.versions import kept_names, newest_ladders
from o2c_core.reminders.ladders.written_down import document_of
from o2c_core.reminders.recipient import ORDER
from o2c_core.reminders.reminder import LadderChoice

SEGMENTS_MAX = 100
# The fields of a step, as the form names them; each comes once per step, in the steps' order.
FIELDS = (
    "name",
    "days",
    "tone",
    "first",
    "second",
    "third",
    "role",
    "minimum",
    "mode",
    "below",
    "wording",
    "letter",
    "late",
    "arms",
)

CHANNEL_NAMES = {"email": "by email", "sms": "by SMS", "whatsapp": "by WhatsApp", "call": "a person calls"}
TONE_NAMES = {
    "courtesy": "a courtesy that asks for nothing", "neutral": "neutral", "asking": "asks what is in the way",
    "clear": "clear", "serious": "serious",
}  # fmt: skip
MODE_NAMES = {
    "automatic": "goes by itself", "approve": "is approved first", "draft": "is only written down",
}  # fmt: skip
ROLE_NAMES = {
    "accounts_payable": "who pays the invoices", "operations": "who takes in the goods", "owner": "the owner",
    "general": "the general address",
}  # fmt: skip
CHOICES = {
    "tones": [(name, TONE_NAMES[name]) for name in TONES],
    "channels": [(name, CHANNEL_NAMES[name]) for name in CHANNELS if name in CHANNEL_NAMES],
    "modes": [(name, MODE_NAMES[name]) for name in MODES],
    "roles": [(name, ROLE_NAMES[name]) for name in ORDER],
}


@dataclass(frozen=True)
class Holds:
    """Where a ladder was chosen: a sentence, and what a form needs to take that choice back."""

    said: str
    scope: str
    target: str
    by: str
    why: str | None
    choice: LadderChoice


@dataclass(frozen=True)
class ALadder:
    """A ladder the seller has, with where it holds."""

    ladder: Ladder
    holds: Sequence[Holds]
    is_default: bool


def ladders_of(session: Session, seller_id: UUID) -> list[ALadder]:
    """The standard ladder first, then those the seller keeps."""
    names = [STANDARD.name, *(name for name in kept_names(session, seller_id) if name != STANDARD.name)]
    newest = newest_ladders(session, [(seller_id, name) for name in names])
    holds = _holds(session, seller_id)
    everywhere = next(
        (name for name, places in holds.items() if any(one.scope == "seller" for one in places)), STANDARD.name
    )
    return [ALadder(newest.get((seller_id, name), STANDARD), holds.get(name, ()), name == everywhere) for name in names]


def segments_of(session: Session, seller_id: UUID) -> list[tuple[str, int]]:
    """The segments there are, with how many customers are in each."""
    query = (
        select(Customer.segment, func.count())
        .where(Customer.seller_id == seller_id, Customer.segment.is_not(None))
        .group_by(Customer.segment)
        .order_by(Customer.segment)
        .limit(SEGMENTS_MAX)
    )
    return [(segment, int(count)) for segment, count in session.execute(query) if segment]


def fields_of(rung: Rung) -> dict[str, str]:
    """A step as the fields of the form hold it."""
    channels = [*rung.channels, "", "", ""]
    return {
        "name": rung.name,
        "days": str(rung.days),
        "tone": rung.tone,
        "first": channels[0],
        "second": channels[1],
        "third": channels[2],
        "role": rung.role,
        "minimum": _amount(rung.minimum_major),
        "mode": rung.mode,
        "below": _amount(rung.automatic_below_major) if rung.automatic_below_major is not None else "",
        "wording": rung.wording,
        "letter": "yes" if rung.letter else "no",
        "late": "yes" if rung.says_late else "no",
        "arms": ", ".join(rung.arms),
    }


def blank_step(after: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A step to fill in, a week after the last."""
    last = after[-1]["days"] if after else "0"
    days = int(last) + 7 if last.lstrip("-").isdecimal() else 7
    return fields_of(Rung(f"step_{len(after) + 1}", days, tone="asking"))


def steps_of(form: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The steps as somebody wrote them, one per name; a field that did not come is empty."""
    count = len(form.get("name", ()))
    return [
        {field: (form.get(field, ())[at].strip() if at < len(form.get(field, ())) else "") for field in FIELDS}
        for at in range(count)
    ]


def document_from(name: str, spacing: str, steps: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What the form says, as a ladder is written down; whether it is one is for `checked_ladder` to say."""
    return {
        "name": name.strip(),
        "spacing_days": _count(spacing or "0"),
        "rungs": [_rung(step) for step in steps],
    }


def toml_of(ladder: Ladder) -> str:
    """The ladder as a file: for who would rather write it."""
    said = document_of(ladder)
    lines = [f'name = "{said["name"]}"', f"spacing_days = {said['spacing_days']}"]
    for rung in said["rungs"]:
        lines += ["", "[[rungs]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in rung.items() if value not in (None, "", [])]
    return "\n".join(lines) + "\n"


def words_to_choose() -> tuple[str, ...]:
    """The approved sentences a step may name."""
    return wordings()


def _rung(step: Mapping[str, str]) -> dict[str, Any]:
    days = _count(step["days"])
    channels = list(dict.fromkeys(one for one in (step["first"], step["second"], step["third"]) if one))
    rung: dict[str, Any] = {
        "name": step["name"],
        "days": days,
        # On or before its due date nothing is late, whatever was chosen when the step stood on another day.
        "says_late": isinstance(days, int) and days > 0 and step["late"] != "no",
        "channels": channels,
        "tone": step["tone"],
        "role": step["role"],
        "mode": step["mode"],
        "letter": step["letter"] == "yes",
        "minimum_major": _dotted(step["minimum"]) if step["minimum"] else "1",
    }
    if step["wording"]:
        rung["wording"] = step["wording"]
    # An amount beside a step that goes by itself anyway means nothing, and is left in its field.
    if step["below"] and step["mode"] != "automatic":
        rung["automatic_below_major"] = _dotted(step["below"])
    if step["arms"]:
        rung["arms"] = [one.strip() for one in step["arms"].split(",") if one.strip()]
    return rung


def _count(written: str) -> int | str:
    """The number, or what stands there instead, for whoever names the fault."""
    try:
        return int(written)
    except ValueError:
        return written


def _dotted(written: str) -> str:
    """ "5000,00" and "5 000" as "5000.00": amounts of a ladder are of every currency, and written plainly."""
    bare = written.replace(" ", "").replace("\N{NO-BREAK SPACE}", "")
    return bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare


def _amount(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _holds(session: Session, seller_id: UUID) -> dict[str, list[Holds]]:
    """Every choice that holds, by the ladder it chose, the widest first."""
    query = (
        select(LadderChoice, Customer.name, Customer.ref, Invoice.number)
        .outerjoin(Customer, Customer.id == LadderChoice.customer_id)
        .outerjoin(Invoice, Invoice.id == LadderChoice.invoice_id)
        .where(LadderChoice.seller_id == seller_id, LadderChoice.ended_at.is_(None))
        .order_by(LadderChoice.id)
    )
    found: dict[str, list[Holds]] = {}
    for choice, name, ref, number in session.execute(query):
        said, target = {
            "seller": ("everybody", ""),
            "segment": (f"the segment {choice.segment}", choice.segment or ""),
            "customer": (f"{name} ({ref})", ref or ""),
            "invoice": (f"invoice {number}", number or ""),
        }[choice.scope]
        found.setdefault(choice.ladder, []).append(Holds(said, choice.scope, target, choice.by, choice.why, choice))
    order = ("seller", "segment", "customer", "invoice")
    return {name: sorted(places, key=lambda one: order.index(one.scope)) for name, places in found.items()}
