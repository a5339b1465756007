"""Text as a database can hold it: what doors hear may have zero bytes and halves of characters in it."""

from __future__ import annotations

from dataclasses import replace

from o2c_core.conversations.heard import Heard, HeardFile, HeardMail


def whole(text: str) -> str:
    """The text without zero bytes, and with a question mark for each half of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def whole_heard(heard: Heard) -> Heard:
    """The same message with every text in it whole."""
    return replace(
        heard,
        key=whole(heard.key),
        from_address=whole(heard.from_address),
        to_address=whole(heard.to_address),
        text=whole(heard.text),
        mail=_mail(heard.mail) if heard.mail else None,
        files=tuple(_file(file) for file in heard.files),
    )


def _mail(mail: HeardMail) -> HeardMail:
    return replace(
        mail,
        mail_id=_maybe(mail.mail_id),
        subject=whole(mail.subject),
        in_reply_to=_maybe(mail.in_reply_to),
        references=tuple(whole(one) for one in mail.references),
        dkim=_maybe(mail.dkim),
        spf=_maybe(mail.spf),
        html=_maybe(mail.html),
        original=whole(mail.original),
        sender_name=_maybe(mail.sender_name),
    )


def _file(file: HeardFile) -> HeardFile:
    return replace(
        file,
        name=whole(file.name),
        media_type=whole(file.media_type),
        claimed_type=whole(file.claimed_type),
        refused_why=_maybe(file.refused_why),
    )


def _maybe(text: str | None) -> str | None:
    return whole(text) if text is not None else None
