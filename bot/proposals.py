"""What a customer answers to what was proposed: agreed, declined, put right, or something else first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.desk import INTENT_OF, Desk
from bot.echoes import repeats
from bot.embedded.letters import body_of
from bot.embedded.mentions import Mentions
from bot.embedded.plan import ONLY_WORDS, READS, TOOL_FOR
from bot.embedded.understanding import Understanding
from bot.embedded.yes_no import yes_or_no
from bot.tools import DEEDS
from bot.tools.documents import bare
from o2c_core.actions.settle_proposal import settle_proposal
from o2c_core.conversations.proposal import Proposal
from o2c_core.errors import Overtaken
from o2c_core.money import Money

log = logging.getLogger("parley.proposals")
# So few words beside a day, an amount or a number put right what was proposed; more are a message of their own.
_CORRECTION_WORDS_MAX = 12


@dataclass(frozen=True)
class Verdict:
    """`agreed` and `declined` are proposals; `corrected` is the intent of the one to be proposed anew. `is_all` says
    that nothing else was asked."""

    agreed: tuple[Proposal, ...] = ()
    declined: tuple[Proposal, ...] = ()
    corrected: str | None = None
    is_all: bool = False


def verdict_on(waiting: Sequence[Proposal], words: str, understood: Understanding, mentions: Mentions) -> Verdict:
    """What the words say about the proposals that wait. What was offered together is agreed to together, unless the
    words name one of them."""
    open_ = tuple(one for one in waiting if one.state == "open")
    if not open_:
        return Verdict()
    newest = tuple(one for one in open_ if one.answer_id == open_[-1].answer_id)
    words = body_of(words)
    bare_words = _without_mentions(words, mentions)
    rest = yes_or_no(bare_words) if bare_words != words else None
    said = yes_or_no(words) or rest or ("yes" if repeats(words, newest) else None)
    wanted = [one.name for one in understood.intents if one.name not in ONLY_WORDS] if understood.is_sure else []
    own = {INTENT_OF[one.kind] for one in open_}
    # "Make it 500 euros" asks for nothing else, whatever 500 euros alone would ask for.
    more = [] if rest else [name for name in wanted if name not in own and (name in TOOL_FOR or name == "human")]
    news = _news(mentions, newest)
    if news and said == "no" and "?" not in words:
        more = [name for name in more if name not in READS]  # "no, I mean 0043" looks like a question about it
    if news and not more and (said is not None or _is_correction(words, understood, own)):
        return Verdict(corrected=_which(newest, wanted))
    if said == "yes":
        named = tuple(one for one in newest if INTENT_OF[one.kind] in wanted)
        return Verdict(agreed=named or newest, is_all=not more)
    if said == "no":
        return Verdict(declined=newest, is_all=not more)
    opens = yes_or_no((words.split() or [""])[0].strip(",.;:"))
    if (
        opens != "yes"
        and understood.is_sure
        and {one.name for one in understood.intents} == {"deny"}
        and "?" not in words
    ):
        return Verdict(declined=newest, is_all=True)
    if news and not more and wanted and set(wanted) <= own:
        return Verdict(corrected=_which(newest, wanted))
    return Verdict()


def _without_mentions(words: str, mentions: Mentions) -> str:
    """The words without the day or amount they repeat: "yes, 20 March is fine" says yes."""
    for text in (*(one.text for one in mentions.days), *(one.text for one in mentions.amounts)):
        words = words.replace(text, " ", 1)
    return words


def _is_correction(words: str, understood: Understanding, own: set[str]) -> bool:
    if "?" in words or len(words.split()) > _CORRECTION_WORDS_MAX:
        return False
    names = {one.name for one in understood.intents}
    return not understood.is_sure or names <= own | {"confirm", "deny"}


def _which(newest: Sequence[Proposal], wanted: Sequence[str]) -> str:
    named = [INTENT_OF[one.kind] for one in newest if INTENT_OF[one.kind] in wanted]
    return named[0] if named else INTENT_OF[newest[-1].kind]


def _news(mentions: Mentions, newest: Sequence[Proposal]) -> bool:
    """Whether the words name a day, an amount, a number or a quantity that is not in what was proposed."""
    offered = " ".join(f"{one.arguments} {one.says}" for one in newest)
    figures = {figure for one in newest for figure in _figures(one.arguments)}
    bare_offered = bare(offered)
    return (
        any(day.on.isoformat() not in offered for day in mentions.days)
        or any(abs(one.value) not in figures for one in mentions.amounts)
        or any(one.value not in figures for one in mentions.quantities)
        or _other_lines(mentions, newest, figures)
        or (mentions.parts is not None and Decimal(mentions.parts) not in figures)
        or any(bare(one.text) not in bare_offered for one in mentions.references.numbers)
        or any(one not in offered for one in (*mentions.emails, *mentions.phones))
    )


def _other_lines(mentions: Mentions, newest: Sequence[Proposal], figures: set[Decimal]) -> bool:
    """Whether the lines named are not just those of what was proposed: "only line 2" of an offer for two lines."""
    offered = {line for one in newest for line in _lines(one.arguments.get("lines"))}
    if not offered:
        return any(Decimal(line) not in figures for line in mentions.line_numbers)
    return bool(mentions.line_numbers) and set(mentions.line_numbers) != offered


def _lines(kept: Any) -> Iterator[int]:
    """The places of lines as proposals keep them: by place, or each with its place as "line"."""
    for one in kept or ():
        yield int(one["line"] if isinstance(one, Mapping) else one)


def _figures(arguments: Any) -> Iterator[Decimal]:
    """Every figure in what was proposed: money in major units, the rest as it stands."""
    if isinstance(arguments, Mapping):
        if {"minor", "currency"} <= arguments.keys():
            yield abs(Money(int(arguments["minor"]), str(arguments["currency"])).major)
            return
        for one in arguments.values():
            yield from _figures(one)
    elif isinstance(arguments, list):
        yield Decimal(len(arguments))
        for one in arguments:
            yield from _figures(one)
    elif isinstance(arguments, int | str) and not isinstance(arguments, bool):
        try:
            yield Decimal(arguments)
        except InvalidOperation:
            return


def settle(desk: Desk, verdict: Verdict) -> list[str]:
    """Carries out what was agreed to, lets go of what was declined; the sentences that say so.

    Only whoever is proven for the customer it was offered to is heard.
    """
    said = [carry_out(desk, proposal) for proposal in verdict.agreed]
    return said + _told_once(_let_go(desk, proposal) for proposal in verdict.declined if _is_theirs(desk, proposal))


def told_again(desk: Desk) -> list[str]:
    """What came of proposals that these words settled in a turn that did not come to its end, or was overtaken.

    The words have been heard with that: whatever else waits is not agreed to by them.
    """
    return _told_once(_what_came(desk, one) for one in desk.before.settled if _is_theirs(desk, one))


def carry_out(desk: Desk, proposal: Proposal) -> str:
    """Does what was proposed, once, and says what was recorded."""
    if not _is_theirs(desk, proposal):
        return desk.say("who_are_you")
    try:
        proposal = settle_proposal(proposal.id, "confirmed", store=desk.store, message_id=desk.message_id)
    except Overtaken:
        return _what_came(desk, _as_it_is(desk, proposal))
    return _what_came(desk, proposal)


def _what_came(desk: Desk, proposal: Proposal) -> str:
    """Of what was agreed to, what is recorded: a deed finds what it did before, so this can be said more than once."""
    if proposal.state == "declined":
        return desk.say("proposal.declined")
    if proposal.state not in ("confirmed", "done"):
        return desk.say("proposal.gone")
    desk.calls.append({"name": f"confirmed {proposal.kind}", "arguments": dict(proposal.arguments)})
    done = DEEDS[proposal.kind](desk, proposal)
    if "awaits" not in done.outcome:
        state = "refused" if done.is_refused else "done"
        try:
            settle_proposal(proposal.id, state, store=desk.store, outcome=dict(done.outcome))  # type: ignore[arg-type]
        except Overtaken:
            log.info("proposal settled by another worker proposal=%s", proposal.id)
    return done.says


def _let_go(desk: Desk, proposal: Proposal) -> str:
    try:
        settle_proposal(proposal.id, "declined", store=desk.store, message_id=desk.message_id)
    except Overtaken:
        return _what_came(desk, _as_it_is(desk, proposal))
    return desk.say("proposal.declined")


def _as_it_is(desk: Desk, proposal: Proposal) -> Proposal:
    """The proposal as another worker, a person or time has settled it since this turn began."""
    with desk.store.session() as session:
        return session.get_one(Proposal, proposal.id, populate_existing=True)


def _told_once(said: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(said))


def _is_theirs(desk: Desk, proposal: Proposal) -> bool:
    return desk.customer is not None and desk.customer.id == proposal.customer_id
