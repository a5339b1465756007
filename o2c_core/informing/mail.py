"""A notice as an email: subject, text and HTML, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.documents.mail_frame import FootLink, MailPage
from o2c_core.informing.figures import Figures
from o2c_core.informing.notice import Notice, subject_of
from o2c_core.informing.section import Section
from o2c_core.informing.sections import sections_of
from o2c_core.informing.wording import Wording, wording_in
from o2c_core.reminders.written import Written

_PAGE = MailPage(Path(__file__).parent, "notice")


def write_mail(notice: Notice, doorplate: Doorplate | None) -> Written:
    """The notice in its reader's language, from approved sentences and the ledger's figures alone.

    Raises: jinja2.UndefinedError when a sentence asks for a value that is not there.
    """
    wording, figures = wording_in(notice.language), Figures(notice.locale, notice.read_at)
    seller = notice.seller
    sections = sections_of(
        notice.parts, notice.accounts, wording, figures, lambda some: notice.pay_link(doorplate, some)
    )
    subject = subject_of(notice, wording, figures)
    phone = figures.word("seller.phone", seller.phone.replace(" ", "\xa0")) if seller.phone else None
    after = [wording.say("mail.attached", many=len(notice.invoices) > 1)] if notice.attachments else []
    after.append(wording.say("mail.answer", phone=phone))
    greeting, closing = wording.say("mail.greeting"), wording.say("mail.closing")
    under = wording.say("mail.assistant", seller=seller.name)
    link = None
    if doorplate is not None:
        to = notice.recipient
        link = preferences_url(doorplate, contact_id=to.contact_id, channel=to.channel, address=to.address)
    foot = [FootLink(wording.say("mail.choose"), link)] if link else []
    page = []
    if notice.page_url:
        foot.insert(0, FootLink(wording.say("mail.page"), notice.page_url))
        page = [wording.say("mail.link", said=wording.say("mail.page"), link=notice.page_url)]
    told = [
        *page,
        *after,
        f"{closing}\n{seller.name}",
        under,
        *([wording.say("mail.preferences", link=link)] if link else []),
    ]
    return Written(
        subject=subject,
        text="\n\n".join([greeting, *(_text(one, wording) for one in sections), *told]) + "\n",
        html=_PAGE.html(
            language=notice.language, subject=subject, seller=seller.name, under=under, foot=foot,
            greeting=greeting, sections=sections, after=after, closing=closing,
        ),
        language=notice.language,
        receipts=list(figures.receipts.values()),
    )  # fmt: skip


def _text(section: Section, wording: Wording) -> str:
    """The section in plain text: what is looked up stands in columns."""
    blocks = ["\n".join([section.opening, *section.said])]
    if section.details:
        width = max(len(label) for label, _ in section.details)
        blocks.append("\n".join(f"{label:<{width}}  {value}" for label, value in section.details))
    if section.rows:
        blocks.append(_columns([section.columns, *section.rows]))
    if section.items:
        blocks.append("\n".join(section.items))
    if section.link:
        said, link = section.link
        blocks.append(wording.say("mail.link", said=said, link=link))
    if section.after:
        blocks.append("\n".join(section.after))
    return "\n\n".join(blocks)


def _columns(lines: Sequence[tuple[str, ...]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
