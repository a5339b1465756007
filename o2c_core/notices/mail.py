"""The short mail a formal letter goes with; what matters is in the letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import o2c_core.documents
from o2c_core.customers.customer import locale_for
from o2c_core.documents.figures import Figures
from o2c_core.documents.mail_frame import MailPage
from o2c_core.notices.page import LetterFacts, letter_wording

_PAGE = MailPage(Path(o2c_core.documents.__file__).parent, "cover")
_NOT_IN_A_FILE_NAME = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]+')


@dataclass(frozen=True)
class NoticeMail:
    """A mail as it is kept and sent; `receipts` say where every figure in it was read."""

    subject: str
    text: str
    html: str
    file_name: str
    receipts: list[dict[str, Any]]


@dataclass(frozen=True)
class _Cover:
    greeting: str
    opening: str
    more: str
    file: str
    answer: str
    closing: str
    seller: str


def notice_mail(facts: LetterFacts, read_at: datetime) -> NoticeMail:
    """The mail in the letter's language, from approved sentences."""
    notice, seller = facts.notice, facts.seller
    wording = letter_wording(notice.language)
    figures = Figures(locale_for(notice.language, facts.customer.country))
    title = wording.say(f"{notice.kind}.title")
    principal = figures.money(notice.principal)
    phone = seller.phone.replace(" ", "\xa0") if seller.phone else None
    name = file_name(facts)
    subject = " ".join(wording.say("mail.subject", seller=seller.name, title=title, number=notice.number).split())
    opening = wording.say("mail.opening", seller=seller.name, title=title, number=notice.number, principal=principal)
    cover = _Cover(
        greeting=wording.say("mail.greeting"),
        opening=opening,
        more=wording.say("mail.more"),
        file=wording.say("mail.file", name=name),
        answer=wording.say("mail.answer", phone=phone),
        closing=wording.say("mail.closing"),
        seller=seller.name,
    )
    parts = (cover.greeting, opening, cover.more, cover.file, cover.answer, f"{cover.closing}\n{seller.name}")
    source = f"formal notice {notice.number}, read {read_at.isoformat(timespec='seconds')}"
    receipts: list[dict[str, Any]] = [
        {"id": "notice.number", "text": notice.number, "source": source},
        {"id": "notice.principal", "text": principal, "source": source, "minor": notice.principal_minor},
    ]
    html = _PAGE.html(language=notice.language, subject=subject, seller=seller.name, under=None, cover=cover)
    return NoticeMail(subject, "\n\n".join(parts) + "\n", html, name, receipts)


def file_name(facts: LetterFacts) -> str:
    """The letter's file name in its own language, without signs that any computer refuses."""
    wording = letter_wording(facts.notice.language)
    title = wording.say(f"{facts.notice.kind}.title")
    name = wording.say("mail.file_name", title=title, number=facts.notice.number)
    return _NOT_IN_A_FILE_NAME.sub("-", name)
