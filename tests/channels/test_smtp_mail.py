"""A mail as it leaves: lines any server takes, ids that stay whole, and what a status says of those that do not arrive."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail_message import mail_of
from channels.mail_status import is_hard, setback_of, status_in
from o2c_core.conversations.carrier import MailHeaders
from tests.channels.outgoing import MESSAGE, a_mail

KEY = f"<{MESSAGE.hex}@replies.seller.example>"


@pytest.mark.parametrize(
    "line",
    [
        "550 5.1.1 User unknown           | 5.1.1   bad_address",
        "550-5.1.10 host has no mail      | 5.1.10  bad_address",
        "smtp; 550 #5.1.0 Address rejected | 5.1.0  bad_address",
        "554 5.4.7 expired                | 5.4.7   expired",
        "421 4.4.7 delivery delayed       | 4.4.7   expired",
        "550 5.7.509 DMARC                | 5.7.509 blocked",
        "450 4.2.1 busy                   | 4.2.1   unreachable",
        "550 5.99.1 what                  | 5.99.1  bad_address",
        "599 5.99.1 what                  | 5.99.1  unknown",
        "550 from 10.5.1.1 refused        | -       bad_address",
        "450 not now                      | -       unreachable",
        "554 no                           | -       blocked",
        "500 what                         | -       unknown",
    ],
)
def test_a_status_comes_down_to_a_setback(line: str) -> None:
    words, meant = line.split("|")
    status = status_in(words)
    found = setback_of(status, int("".join(one for one in words if one.isdigit())[:3]))
    assert [status or "-", found.value] == meant.split()
    assert is_hard(status) == (status is not None and status[0] == "5")


WORDS = st.text(max_size=120)


@given(subject=WORDS, text=WORDS, html=st.none() | WORDS, name=WORDS, file=WORDS, reference=WORDS, link=WORDS)
def test_every_mail_is_seven_bit_lines_whose_headers_are_only_ours(
    subject: str, text: str, html: str | None, name: str, file: str, reference: str, link: str
) -> None:
    mail = MailHeaders(KEY, in_reply_to=reference, references=(reference,), unsubscribe_url=link)
    made = mail_of(
        a_mail(subject=f"x{subject}", text=f"x{text}", html=html, sender_name=name, mail=mail), "ar@seller.example"
    )
    raw = made.as_bytes()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert set(read.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post",
        "Content-Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
    }  # fmt: skip
    assert read["Message-ID"] == KEY


def test_long_ids_and_links_are_neither_cut_nor_encoded() -> None:
    ids = tuple(f"<{'a' * 120}{n}@mail.example>" for n in range(12))
    link = "https://pay.seller.example/stop/" + "x" * 300
    made = mail_of(
        a_mail(
            mail=MailHeaders(
                KEY, in_reply_to=ids[-1], references=ids, unsubscribe_url=link, unsubscribe_mailto="a@b.example"
            )
        ),
        "ar@seller.example",
    )
    raw = made.as_bytes()
    for whole in (*ids, f"<{link}>"):
        assert whole.encode() in raw
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["References"].split() == list(ids)
    assert read["List-Unsubscribe"].replace("\r\n", "") == f"<{link}>, <mailto:a@b.example>"
