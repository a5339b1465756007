"""`parley hear` as it is typed: what a provider would deliver goes the whole way, and the answer is shown and kept."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import func, select

from app.settings import child_environment
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller, an_invoice
from tests.web.letters import a_letter

ROOT = Path(__file__).parents[2]
THEIRS, NOBODYS = "+31612345678", "+31687654321"
MAIL = "ap@c1001.example"


@pytest.fixture
def ledger(own_store: Store) -> Store:
    """Bakkerij Jansen owes one invoice, and has a verified number and mailbox."""
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        jansen.contacts[0].addresses = [
            Address(channel="sms", value=THEIRS, verified_at=MOMENT),
            Address(channel="email", value=MAIL, verified_at=MOMENT),
        ]
        letter = a_letter(session, jansen, delivery="sent", carrier="captured", channel="email", address=MAIL)
        letter.mail_id = "<ours-1@vandijk.example>"
        session.commit()
    return own_store


def run(
    database: str, folder: Path, *words: str, given: bytes = b"", settings: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[bytes]:
    environment = child_environment(database_url=database, data=str(folder), secret="of the tests", **settings)
    return subprocess.run(
        [sys.executable, "-m", "app", "hear", *words],
        env=environment | {"PYTHONPATH": str(ROOT)},
        cwd=folder,
        input=given,
        capture_output=True,
        timeout=180,
        check=False,
    )


def hear(
    database: str, folder: Path, *words: str, given: bytes = b"", settings: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    done = run(database, folder, *words, "--json", given=given, settings=settings)
    assert done.returncode == 0, done.stderr.decode()
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def sms(database: str, folder: Path, text: str, sender: str = THEIRS, *more: str) -> dict[str, Any]:
    return hear(database, folder, "sms", "--from", sender, text, *more)


def mail(text: str, *headers: str, sender: str = MAIL) -> bytes:
    head = [f"From: Anneke Jansen <{sender}>", "To: administratie@vandijk.example", *headers]
    return ("\r\n".join(head) + "\r\n\r\n" + text).encode()


def test_a_question_by_text_is_answered_word_for_word_and_kept(
    own_database: str, ledger: Store, tmp_path: Path
) -> None:
    made = sms(own_database, tmp_path, "Wat staat er nog open?", "+31 6 12 34 56 78")
    assert made["heard"] | {"text": ""} == {
        "channel": "sms", "from": THEIRS, "text": "", "identity": "proven", "customer": "C1001",
        "name": "Bakkerij Jansen", "contact": made["heard"]["contact"], "speaker": "assistant", "automatic": None,
        "provider_answers": None, "files": [],
    }  # fmt: skip
    (answer,) = made["sent"]
    assert (answer["to"], answer["channel"], answer["state"], answer["kept"]) == (THEIRS, "sms", "sent", True)
    assert "EUR 1.240,50" in answer["text"]
    with ledger.session() as session:
        stored = session.scalars(select(Message).where(Message.purpose == "answer")).one()
        assert (stored.text, stored.carrier) == (answer["text"], "captured")

    shown = run(own_database, tmp_path, "sms", "--from", THEIRS, "--whatsapp", "Wat staat er nog open?").stdout.decode()
    assert "From Bakkerij Jansen (C1001)" in shown
    assert f"By WhatsApp to {THEIRS} (answer; kept, not sent):" in shown


def test_a_stop_in_ones_own_words_is_noted_and_confirmed_and_the_keyword_is_left_to_the_provider(
    own_database: str, ledger: Store, tmp_path: Path
) -> None:
    made = sms(own_database, tmp_path, "stuur me geen herinneringen meer")
    assert {"must not be written to by SMS: reminders"} <= {one["what"] for one in made["noted"]}
    assert [one["purpose"] for one in made["sent"]] == ["confirmation"]
    with ledger.session() as session:
        assert session.scalar(select(func.count()).select_from(Consent).where(~Consent.is_given)) == 2
    keyword = run(own_database, tmp_path, "sms", "--from", THEIRS, "STOP").stdout.decode()
    assert "Nothing is sent back: the provider knows STOP and answers it itself." in keyword


def test_a_stranger_proves_who_they_are_with_a_code_that_can_be_read_here(
    own_database: str, ledger: Store, tmp_path: Path
) -> None:
    first = sms(own_database, tmp_path, "Wat staat er nog open?", NOBODYS)
    assert (first["heard"]["identity"], first["heard"]["customer"]) == ("stranger", None)
    assert "1.240,50" not in json.dumps(first)
    second = sms(own_database, tmp_path, "klantnummer C1001", NOBODYS)
    code = next(one for one in second["sent"] if one["purpose"] == "code")
    assert code["to"] in (THEIRS, MAIL)
    (digits,) = re.findall(r"\b\d{6}\b", code["text"])
    third = sms(own_database, tmp_path, digits, NOBODYS)
    assert third["heard"]["identity"] == "proven"
    assert any("1.240,50" in one["text"] and one["to"] == NOBODYS for one in third["sent"])


@pytest.mark.parametrize(
    ("dkim", "identity", "tells"), [((), "known", False), (("--dkim", "c1001.example"), "proven", True)]
)
def test_a_mail_is_believed_as_far_as_its_signature_goes_and_heard_once(
    own_database: str, ledger: Store, tmp_path: Path, dkim: tuple[str, ...], identity: str, tells: bool
) -> None:
    file = tmp_path / "question.eml"
    file.write_bytes(mail("Wat moeten wij nog betalen?", "Subject: Vraag", "Message-ID: <1@c1001.example>"))
    made = hear(own_database, tmp_path, "mail", str(file), *dkim)
    assert (made["heard"]["identity"], made["heard"]["customer"]) == (identity, "C1001")
    assert any("1.240,50" in one["text"] for one in made["sent"]) is tells
    again = hear(own_database, tmp_path, "mail", str(file), *dkim)
    assert again["arrival"]["repeat"]
    with ledger.session() as session:
        assert session.scalar(select(func.count()).select_from(Arrival)) == 1
        assert session.scalar(select(func.count()).where(Message.direction == "in")) == 1


def test_a_machine_is_never_answered_and_a_bounce_marks_the_address(
    own_database: str, ledger: Store, tmp_path: Path
) -> None:
    away = mail(
        "Ik ben afwezig tot en met 12 december 2030.", "Subject: Afwezig: factuur", "Auto-Submitted: auto-replied",
        "Message-ID: <2@c1001.example>",
    )  # fmt: skip
    made = hear(own_database, tmp_path, "mail", "-", "--dkim", "c1001.example", given=away)
    assert (made["heard"]["automatic"], made["sent"]) == ("out_of_office", [])
    bounce = (
        "From: MAILER-DAEMON@mx.c1001.example\r\nTo: administratie@vandijk.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <3@mx.c1001.example>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nThe mailbox does not exist.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.c1001.example\r\n\r\n"
        f"Final-Recipient: rfc822; {MAIL}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <ours-1@vandijk.example>\r\nTo: {MAIL}\r\nFrom: administratie@vandijk.example\r\n\r\n--b--\r\n"
    ).encode()
    done = run(own_database, tmp_path, "mail", "-", given=bounce)
    shown = done.stdout.decode()
    assert "A machine wrote it (bounce): it is used, and never answered." in shown, done.stderr.decode()
    assert "address failed: 5.1.1" in shown
    with ledger.session() as session:
        assert session.scalars(select(Address).where(Address.value == MAIL)).one().failed_at is not None


@pytest.mark.parametrize(("words", "settings", "sentence"), [
    (["sms", "--from", "0612345678", "hallo"], {}, "Give a number in full, with its country"),
    (["mail", "nowhere.eml"], {}, "There is no such file"),
    (["sms", "--from", THEIRS, "hallo"], {"twilio_account_sid": "AC1", "twilio_auth_token": "t"}, "Carriers are set here"),
    (["mail", "-"], {"sendgrid_key": "SG.x"}, "Carriers are set here"),
])  # fmt: skip
def test_what_it_will_not_do_is_one_sentence(
    own_database: str, tmp_path: Path, words: list[str], settings: dict[str, str], sentence: str
) -> None:
    done = run(own_database, tmp_path, *words, settings=settings)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith(f"parley: {sentence}")


def test_with_real_carriers_it_keeps_the_answer_only_when_asked_to(
    own_database: str, ledger: Store, tmp_path: Path
) -> None:
    keys = {"twilio_account_sid": "AC1", "twilio_auth_token": "t", "twilio_sms_sender": "+31201234567"}
    made = hear(own_database, tmp_path, "sms", "--from", THEIRS, "Wat staat er nog open?", "--captured", settings=keys)
    assert [(one["state"], one["kept"]) for one in made["sent"]] == [("sent", True)]
