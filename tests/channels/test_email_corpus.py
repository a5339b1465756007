"""Every mail of the corpus is heard for what it is: none crashes, no machine is taken for a person, and no person for one."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from channels.email_reading import read_mail
from o2c_core.conversations.heard import Heard
from tests.channels.mails.corpus import corpus
from tests.channels.mails.mailers import MAILERS
from tests.channels.mails.specimen import CONVERSATION, DOORPLATE, OWN, RECEIVED_AT, Specimen

RIGHT_SHARE_MIN = 0.98


@cache
def heard() -> list[tuple[Specimen, Heard]]:
    return [(one, _read(one)) for one in corpus()]


def _read(one: Specimen) -> Heard:
    return read_mail(
        one.raw, doorplate=DOORPLATE, own_addresses=[OWN], received_at=RECEIVED_AT, envelope_from=one.envelope_from
    )


def _kind(mail: Heard) -> str | None:
    assert mail.mail is not None
    return mail.mail.automatic.kind if mail.mail.automatic else None


def test_the_corpus_is_large_enough_and_each_mail_has_its_own_name() -> None:
    names = [one.name for one in corpus()]
    assert len(names) >= 300
    assert len(set(names)) == len(names)
    assert {one.language for one in corpus()} == {"en", "nl", "de", "fr", "es"}


def test_whatever_arrives_is_heard_and_can_be_stored() -> None:
    for one, found in heard():
        assert found.mail is not None, one.name
        shown = repr((found.text, found.key, found.from_address, found.to_address, found.mail))
        assert "\\x00" not in shown, one.name
        found.text.encode()
        found.mail.original.encode()
        (found.mail.html or "").encode()
        assert found.key, one.name


def test_machines_are_recognised_and_people_never_taken_for_one() -> None:
    wrong = [(one.name, one.automatic, _kind(found)) for one, found in heard() if _kind(found) != one.automatic]
    assert wrong == []


def test_what_is_new_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    right: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    missed = []
    for one, found in heard():
        if one.text is None:
            continue
        is_right = found.text.split() == one.text.split()
        if not is_right:
            missed.append(one.name)
        for name in (one.language, one.mailer, "all"):
            all_of[name] += 1
            right[name] += is_right
    share = right["all"] / all_of["all"]
    with capsys.disabled():
        figures = ", ".join(f"{name} {right[name]}/{all_of[name]}" for name in sorted(all_of))
        print(f"\nnew text found: {share:.1%} ({figures})")  # noqa: T201
    assert all_of["all"] >= 300
    assert share >= RIGHT_SHARE_MIN, missed


def test_a_reply_belongs_to_its_conversation_and_keeps_the_whole_mail() -> None:
    replies = [(one, found) for one, found in heard() if one.mailer in MAILERS and one.text]
    assert len(replies) > 200
    for one, found in replies:
        assert found.mail is not None
        assert found.mail.thread == CONVERSATION, one.name
        assert found.mail.in_reply_to is not None, one.name
        # The quoted reminder is in the original and not in the new text.
        assert "1240" in found.mail.original.replace(",", "").replace(".", "").replace(" ", "").replace("\xa0", ""), (
            one.name
        )
        assert "1240" not in found.text.replace(",", "").replace(".", ""), one.name


def test_an_absence_says_until_when_and_who_is_there() -> None:
    for one, found in heard():
        if one.automatic != "out_of_office":
            continue
        assert found.mail is not None
        assert found.mail.automatic is not None
        assert found.mail.automatic.back_on == one.back_on, one.name
        deputy = found.mail.automatic.deputy
        assert (deputy is None) == (one.deputy is None), one.name
        assert (one.deputy or "") in (deputy or ""), one.name


def test_a_bounce_says_which_address_and_which_mail() -> None:
    for one, found in heard():
        if one.automatic != "bounce":
            continue
        assert found.mail is not None
        assert found.mail.automatic is not None
        bounced = found.mail.automatic.bounced
        assert tuple((of.address, of.is_hard) for of in bounced) == one.bounced, one.name
        assert [of.mail_id for of in bounced] == [one.returned_id], one.name


def test_files_are_kept_or_refused_with_the_reason() -> None:
    for one, found in heard():
        if one.wants_files is None:
            continue
        assert tuple((of.name, of.content is not None) for of in found.files) == one.wants_files, one.name
        for of in found.files:
            assert (of.refused_why is None) == (of.content is not None), one.name
            assert len(of.checksum) == 64
