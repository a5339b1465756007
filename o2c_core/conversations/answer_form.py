"""An answer in the form its channel carries: short for a text, with a subject and a page of its own for a mail."""

from __future__ import annotations

import re
from dataclasses import dataclass

from o2c_core.conversations.sms_text import CHARACTERS_MAX, fit_sms
from o2c_core.documents.answer_mail import answer_html

# A reminder has two; what somebody asked for may be longer, and is still read on a telephone.
ANSWER_SEGMENTS_MAX = 4
_AGAIN = re.compile(r"^\s*(?:(?:re|aw|antw|sv|fw|fwd|wg|tr|doorst)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True)
class AnswerForm:
    text: str
    subject: str | None = None
    html: str | None = None


def answer_form(text: str, *, channel: str, subject: str | None, seller_name: str, language: str) -> AnswerForm:
    """The words as they leave. A mail keeps its thread's subject, since some mailers thread by nothing else."""
    if channel == "email":
        about = reply_subject(subject, seller_name)
        return AnswerForm(text, about, answer_html(text, subject=about, seller_name=seller_name, language=language))
    if channel == "sms":
        return AnswerForm(fit_sms(text, ANSWER_SEGMENTS_MAX))
    if channel == "whatsapp" and len(text) > CHARACTERS_MAX:
        return AnswerForm(_cut(text))
    return AnswerForm(text)


def reply_subject(subject: str | None, seller_name: str) -> str:
    """ "Re: " and what it was about, once, in whatever language the prefixes before it were."""
    bare = _AGAIN.sub("", subject or "").strip()
    return f"Re: {bare}" if bare else seller_name


def _cut(text: str) -> str:
    """The beginning, up to the end of a line or sentence where there is one in its second half."""
    head = text[: CHARACTERS_MAX - 1]
    ends = [found.end() for found in re.finditer(r"\n|[.!?](?=\s)", head)]
    if ends and ends[-1] > len(head) // 2:
        return head[: ends[-1]].rstrip()
    return head.rsplit(None, 1)[0] + "…"
