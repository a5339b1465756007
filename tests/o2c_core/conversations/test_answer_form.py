"""An answer in the form of its channel."""

import pytest

from o2c_core.conversations.answer_form import ANSWER_SEGMENTS_MAX, answer_form, reply_subject
from o2c_core.conversations.sms_text import segments


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Vraag", "Re: Vraag"),
        ("Re: Vraag", "Re: Vraag"),
        ("RE: AW: Antw: Vraag", "Re: Vraag"),
        ("Fwd: re[2]: Vraag", "Re: Vraag"),
        ("Reis naar Parijs", "Re: Reis naar Parijs"),
        ("", "Van Dijk"),
        (None, "Van Dijk"),
        ("Re:", "Van Dijk"),
    ],
)
def test_a_reply_has_its_threads_subject_with_re_before_it_once(subject: str | None, expected: str) -> None:
    assert reply_subject(subject, "Van Dijk") == expected


def test_a_text_is_cut_to_what_a_telephone_reads_and_a_mail_is_not() -> None:
    long = "In totaal staat er € 1.240,50 open op uw account. " * 40
    text = answer_form(long, channel="sms", subject=None, seller_name="Van Dijk", language="nl")
    mail = answer_form(long, channel="email", subject="Vraag", seller_name="Van Dijk", language="nl")
    assert segments(text.text).count <= ANSWER_SEGMENTS_MAX
    assert text.text.endswith(".")
    assert (text.subject, text.html) == (None, None)
    assert mail.text == long
    assert mail.subject == "Re: Vraag"
    assert mail.html is not None


def test_a_whatsapp_message_keeps_its_signs_and_ends_with_a_sentence() -> None:
    long = "In totaal staat er € 1.240,50 open op uw account. " * 60
    cut = answer_form(long, channel="whatsapp", subject=None, seller_name="Van Dijk", language="nl").text
    assert len(cut) <= 1600
    assert cut.endswith("account.")
    assert "€" in cut


def test_what_is_short_is_left_as_it_is_in_chat() -> None:
    assert answer_form("Dank u.", channel="chat", subject=None, seller_name="Van Dijk", language="nl").text == "Dank u."
