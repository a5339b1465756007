"""Whether a customer may be written to, asked when it is planned and again when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from o2c_core.reminders.answer import Answer, No, NotNow, Reason, Yes
from o2c_core.reminders.claim import MINIMUM_MAJOR, Claim, about_claims, asked_for
from o2c_core.reminders.contact_rules import Cap
from o2c_core.reminders.opening import Opening

__all__ = [
    "MINIMUM_MAJOR", "Answer", "Claim", "Facts", "No", "NotNow", "Reach", "Reason", "Yes", "about_claims", "asked_for",
    "may_contact", "may_write", "waits",
]  # fmt: skip

# A reply to what somebody wrote so lately is not unasked for; and WhatsApp lets us write freely only so long.
# Source: Twilio, "WhatsApp: the 24-hour customer service window".
ASKED_HOURS = 24
# Who asked something is not asked for money before they have an answer; a question nobody answers does not hold for ever,
# but longer than a weekend.
UNANSWERED_HOURS = 72
# An automatic mail that says "away until 2030" does not put anybody out of reach.
AWAY_DAYS_MAX = 31
# Who wrote so lately is taken to be still there.
TALKING_MINUTES = 30

Reach = Literal["usable", "none", "failed"]

_PHONE_CHANNELS = ("sms", "whatsapp")
# These wait for the hours on every channel; anything else only where a phone sounds.
_UNASKED = ("reminder", "notice")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides whether somebody is written to for one purpose on one channel at one address.

    For a reminder `claims` are what is owed in one currency; other purposes have none. `asked_at` is when the person
    wrote what this message answers or brings, `refused_at` when they last said no to it there. Of the whole customer:
    `heard_at` their last question to the assistant, `unanswered_at` the last that has no answer yet, `reminded_on` the
    days of reminders that went out or are about to. `back_on` is from an automatic mail of that address, `whatsapp_at`
    the last message from it there. `has_draft` says that a reminder of theirs in this currency waits for approval,
    `more_today` how many messages the run at hand has written to them already.
    """

    currency: str
    claims: tuple[Claim, ...] = ()
    reach: Reach = "usable"
    is_walk_in: bool = False
    has_refused: bool = False
    agent_speaks: bool = False
    unapplied_minor: int = 0
    purpose: str = "reminder"
    channel: str = "email"
    opening: Opening | None = None
    cap: Cap | None = None
    asked_at: datetime | None = None
    refused_at: datetime | None = None
    heard_at: datetime | None = None
    unanswered_at: datetime | None = None
    whatsapp_at: datetime | None = None
    back_on: date | None = None
    reminded_on: tuple[date, ...] = ()
    paused_until: date | None = None
    is_held_out: bool = False
    has_draft: bool = False
    more_today: int = 0


def may_contact(
    facts: Facts,
    on: date,
    now: datetime | None = None,
    *,
    written_on: date | None = None,
    earned: Sequence[Answer] | None = None,
) -> tuple[Answer, ...]:
    """One answer per claim, in their order; those that are Yes go into one message, unless `may_write` is against it.

    The step is that of `on`, or for a reminder that is there already of the day it was `written_on`. `earned` are the
    answers about the claims by themselves, where they have been given already.

    What is wrong with a claim itself is said before what is wrong with writing at all, so that a paid invoice is
    "paid" also where there is no address.
    """
    answers = tuple(earned) if earned is not None else about_claims(facts.claims, facts.currency, written_on or on)
    wanted = [answer for answer in answers if isinstance(answer, Yes)]
    against = None
    if wanted:
        against = No(Reason.WALK_IN) if facts.is_walk_in else may_write(facts, on, now, written_on=written_on)
    if wanted and against is None and facts.unapplied_minor >= sum(answer.asked.minor for answer in wanted):
        against = NotNow(None, Reason.MONEY_PENDING)
    if against is None:
        return answers
    return tuple(against if isinstance(answer, Yes) else answer for answer in answers)


def may_write(
    facts: Facts, on: date, now: datetime | None = None, *, written_on: date | None = None
) -> No | NotNow | None:
    """What speaks against a message of any purpose on that day; None when nothing does.

    The hour of the day is another question: see `waits`. Without `now` what depends on the moment is left out.
    """
    if facts.channel not in ("email", *_PHONE_CHANNELS):
        return None
    asked = is_asked_for(facts, now)
    # Whoever asks something after they said stop is answered that, and nothing else is sent there.
    if facts.has_refused and not (asked and _came_after(facts.asked_at, facts.refused_at)):
        return No(Reason.OPTED_OUT)
    if facts.reach != "usable":
        return No(Reason.BOUNCED if facts.reach == "failed" else Reason.NO_ADDRESS)
    if facts.channel == "whatsapp" and now is not None and not _is_within(facts.whatsapp_at, now, ASKED_HOURS):
        return No(Reason.WINDOW_CLOSED)
    if asked:
        return None
    if facts.purpose == "reminder":
        return _about_reminding(facts, on, now, written_on or on) or _about_the_day(facts, on)
    return _about_the_day(facts, on)


def waits(facts: Facts, now: datetime) -> NotNow | None:
    """Until when a message that may go has to wait at that moment; None when it need not."""
    opening = facts.opening if _keeps_hours(facts, now) else None
    talking = facts.purpose == "reminder" and _is_within(facts.heard_at, now, TALKING_MINUTES / 60)
    earliest = facts.heard_at + timedelta(minutes=TALKING_MINUTES) if talking and facts.heard_at else now
    opens_at = opening.opens_at(earliest) if opening else earliest
    if opens_at is None:
        return NotNow(None, Reason.NO_HOURS)
    if opens_at <= now:
        return None
    is_quiet = opening is not None and not opening.is_open(now)
    return NotNow(opens_at.date(), Reason.QUIET_HOURS if is_quiet else Reason.TALKING, None, opens_at)


def closes_at(facts: Facts, now: datetime) -> datetime | None:
    """The moment from which the message must not leave any more; None when there is no such moment."""
    ends = []
    if facts.opening is not None and _keeps_hours(facts, now):
        ends.append(facts.opening.closes_at(now))
    if facts.channel in _PHONE_CHANNELS and is_asked_for(facts, now) and facts.asked_at is not None:
        ends.append(facts.asked_at + timedelta(hours=ASKED_HOURS))
    if facts.channel == "whatsapp" and facts.whatsapp_at is not None:
        ends.append(facts.whatsapp_at + timedelta(hours=ASKED_HOURS))
    return min((end for end in ends if end is not None), default=None)


def is_asked_for(facts: Facts, now: datetime | None) -> bool:
    """Whether the message is what the person has lately asked for; a reminder never is."""
    if facts.purpose == "reminder" or facts.asked_at is None:
        return False
    return now is None or _is_within(facts.asked_at, now, ASKED_HOURS)


def _about_reminding(facts: Facts, on: date, now: datetime | None, written_on: date) -> NotNow | None:
    if facts.agent_speaks:
        return NotNow(None, Reason.CONVERSATION_LIVE)
    if now is not None and facts.unanswered_at and _is_within(facts.unanswered_at, now, UNANSWERED_HOURS):
        waited = facts.unanswered_at + timedelta(hours=UNANSWERED_HOURS)
        return NotNow(waited.date(), Reason.UNANSWERED, None, waited)
    if facts.has_draft:
        return NotNow(None, Reason.WAITS_FOR_APPROVAL)
    # What goes out together, in two currencies, is not one after the other.
    spacing = max((claim.ladder.spacing_days for claim in facts.claims), default=0)
    if spacing > 0 and (before := [day for day in facts.reminded_on if 0 < abs((written_on - day).days) < spacing]):
        return _from_day(facts, max(before) + timedelta(days=spacing), Reason.SPACING)
    if facts.paused_until is not None and on <= facts.paused_until:
        return _from_day(facts, facts.paused_until + timedelta(days=1), Reason.PAUSED)
    if facts.is_held_out:
        return NotNow(None, Reason.HELD_OUT)
    if facts.cap is not None:
        lately = sorted(day for day in facts.reminded_on if abs((on - day).days) < facts.cap.days)
        lately += [on] * facts.more_today
        if len(lately) >= facts.cap.messages:
            free = lately[-facts.cap.messages] + timedelta(days=facts.cap.days)
            return _from_day(facts, max(free, on + timedelta(days=1)), Reason.OFTEN_ENOUGH)
    if facts.back_on is not None and on < facts.back_on <= on + timedelta(days=AWAY_DAYS_MAX):
        return _from_day(facts, facts.back_on, Reason.AWAY)
    return None


def _about_the_day(facts: Facts, on: date) -> NotNow | None:
    opening = facts.opening
    if opening is None or not (facts.purpose in _UNASKED or facts.channel in _PHONE_CHANNELS):
        return None
    if opening.is_rest_day(on):
        day = opening.next_day(on)
        return _from_day(facts, day, Reason.REST_DAY) if day else NotNow(None, Reason.NO_HOURS)
    if opening.opens_at(opening.start_of(on)) is None:
        return NotNow(None, Reason.NO_HOURS)
    return None


def _from_day(facts: Facts, day: date, reason: Reason) -> NotNow:
    """Not before that day, and then when the hours begin."""
    at = facts.opening.opens_at(facts.opening.start_of(day)) if facts.opening else None
    return NotNow(day, reason, day, at)


def _keeps_hours(facts: Facts, now: datetime) -> bool:
    return (facts.purpose in _UNASKED or facts.channel in _PHONE_CHANNELS) and not is_asked_for(facts, now)


def _is_within(moment: datetime | None, now: datetime, hours: float) -> bool:
    return moment is not None and now - moment < timedelta(hours=hours)


def _came_after(asked_at: datetime | None, refused_at: datetime | None) -> bool:
    return asked_at is not None and refused_at is not None and asked_at > refused_at
