"""What a customer is told of what came of their case: approved sentences with the ledger's figures, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from o2c_core.cases.case_status import CaseStatus
from o2c_core.conversations.sms_text import SEGMENTS_MAX, fit_sms, plain, segments
from o2c_core.documents.answer_mail import answer_html
from o2c_core.documents.wording import wording_in as paper_wording
from o2c_core.informing.case_wording import Wording, wording_in
from o2c_core.informing.figures import Figures
from o2c_core.money import Money

OWN_WORDS_MAX = 500
_DISAGREE = ("part_credited", "valid_as_billed")


@dataclass(frozen=True)
class Outcome:
    """What there is to tell: the status, the invoice of a dispute with what may be asked for on it from now on, what of
    the credit is left over, and `own_words`, which the person who decided adds."""

    status: CaseStatus
    invoice: str | None = None
    still_due: Money | None = None
    unapplied: Money | None = None
    own_words: str = ""


@dataclass(frozen=True)
class CaseSaid:
    """The words as they leave, with a receipt for every figure of ours in them."""

    text: str
    subject: str | None
    html: str | None
    language: str
    receipts: list[dict[str, Any]]


def say_outcome(
    outcome: Outcome, *, seller_name: str, language: str, locale: str, channel: str, read_at: datetime
) -> CaseSaid:
    """The words for that channel: a mail with greeting and subject, two segments at most for a phone, else the sentences.

    On a phone what matters less is left out where there is no room; no figure is ever cut.
    """
    wording = wording_in(language)
    if channel == "sms":
        return _texted(outcome, seller_name, wording, Figures(locale, read_at, is_text=True))
    figures = Figures(locale, read_at)
    facts, way_back = _sentences(outcome, wording, figures, "said")
    blocks = [one for one in (" ".join(facts), outcome.own_words, way_back) if one]
    receipts = list(figures.receipts.values())
    if channel != "email":
        return CaseSaid("\n\n".join(blocks), None, None, wording.language, receipts)
    paper = paper_wording(wording.language)
    subject = wording.say(
        f"subject.{outcome.status.kind}", seller=seller_name, number=outcome.status.number, invoice=outcome.invoice
    )
    text = "\n\n".join([paper.say("mail.greeting"), *blocks, f"{paper.say('mail.closing')}\n{seller_name}"])
    html = answer_html(
        text, subject=subject, seller_name=seller_name, language=wording.language, is_by_assistant=False
    )  # fmt: skip
    return CaseSaid(text, " ".join(subject.split()), html, wording.language, receipts)


def _texted(outcome: Outcome, seller_name: str, wording: Wording, figures: Figures) -> CaseSaid:
    facts, way_back = _sentences(outcome, wording, figures, "sms")
    colon = " : " if wording.language == "fr" else ": "
    # The way back is the first to go; the person's own words outlive it and what is left on the invoice.
    for kept in ([*facts[1:], outcome.own_words, way_back], [*facts[1:], outcome.own_words], [outcome.own_words]):
        text = plain(f"{seller_name}{colon}{' '.join(one for one in [facts[0], *kept] if one)}")
        if segments(text).count <= SEGMENTS_MAX:
            break
    text = fit_sms(text)
    receipts = [one for one in figures.receipts.values() if one["text"] in text]
    return CaseSaid(text, None, None, wording.language, receipts)


def _sentences(outcome: Outcome, wording: Wording, figures: Figures, form: str) -> tuple[list[str], str]:
    """The fact first and what it means; and the one thing to do where somebody sees it differently."""
    status = outcome.status
    about = f"{status.kind} {status.number}"
    places: dict[str, str] = {
        "number": figures.word(f"{about}.number", status.number),
        "since": figures.day(f"{about}.opened", status.since),
    }
    if status.amount is not None:
        places["amount"] = figures.money(f"{about}.amount", status.amount)
    if outcome.invoice is not None:
        places["invoice"] = figures.word(f"invoice {outcome.invoice}.number", outcome.invoice)
    if status.credit_note is not None and status.credited is not None:
        of_note = f"credit note {status.credit_note}"
        places["credit"] = figures.word(f"{of_note}.number", status.credit_note)
        places["credited"] = figures.money(f"{of_note}.total", status.credited)
    said = [wording.say(f"{form}.{status.state}", **places)]
    if status.kind == "complaint":
        if "credit" in places:
            said.append(wording.say(f"{form}.made_good", **places))
        return said, wording.say(f"{form}.unsolved")
    said += _what_is_left(outcome, wording, figures, form)
    return said, wording.say(f"{form}.disagree") if status.state in _DISAGREE else ""


def _what_is_left(outcome: Outcome, wording: Wording, figures: Figures, form: str) -> list[str]:
    said = []
    if outcome.still_due is not None and outcome.still_due.minor > 0:
        left = figures.money(f"invoice {outcome.invoice}.to_pay", outcome.still_due)
        said.append(wording.say(f"{form}.left", left=left))
    elif outcome.still_due is not None:
        said.append(wording.say(f"{form}.nothing_left"))
    if outcome.unapplied is not None and outcome.unapplied.minor > 0:
        of_note = f"credit note {outcome.status.credit_note}"
        unapplied = figures.money(f"{of_note}.unapplied", outcome.unapplied)
        said.append(wording.say(f"{form}.unapplied", unapplied=unapplied))
    return said
