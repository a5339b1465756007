"""`parley document`: the file it writes, and what it says when it cannot."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app.cli import document as command
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.o2c_core.documents.papers import text_of


@pytest.fixture
def written(store: Store, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with one open invoice behind the command, and where its file goes."""
    customer = a_customer(session, a_seller(session), "C0042")
    invoice = an_invoice(session, customer, "INV-1", total_minor=12_100, due_on=DAY - timedelta(days=5))
    a_payment(session, invoice, 2_100)
    a_dispute(session, invoice, 1_000)
    session.commit()

    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    monkeypatch.setattr(command, "opened_store", opened)
    return tmp_path / "out.pdf"


def run(*words: str) -> tuple[str, str]:
    """What it said, and the sentence it refused with."""
    cli = typer.Typer()
    cli.callback()(lambda: None)
    cli.command("document")(command.document)
    done = CliRunner().invoke(cli, ["document", *words])
    return done.output, str(done.exception or "")


@pytest.mark.parametrize(("words", "expected"), [
    (["invoice", "INV-1"], ["Factuur INV-1", "Bedrag € 90,00", "16 maart 2026"]),
    (["invoice", "INV-1", "--language", "en", "--seller", "vandijk"], ["Invoice INV-1", "Amount €90.00"]),
    (["statement", "C0042"], ["Rekeningoverzicht EUR", "Bedrag € 90,00", "16 december 2025 tot en met 16 maart 2026"]),
    (["statement", "C0042", "--from", "2026-03-01", "--on", "2026-03-14"], ["1 maart 2026 tot en met 14 maart 2026", "€ 121,00"]),
    (["statement", "C0042", "--currency", "usd"], ["Op 16 maart 2026 staat niets open"]),
])  # fmt: skip
def test_it_writes_the_document_with_what_may_be_asked_for(
    written: Path, words: list[str], expected: list[str]
) -> None:
    said, refused = run(*words, "--to", str(written))
    assert refused in ("", "0")
    assert said.startswith(f"Written: {written}")
    text = text_of(written.read_bytes())
    assert [piece for piece in expected if piece not in text] == []


@pytest.mark.parametrize(("words", "sentence"), [
    (["invoice", "INV-404"], "That seller has no invoice with that number."),
    (["statement", "C404"], "That seller has no customer with that reference."),
    (["invoice", "INV-1", "--seller", "nobody"], "There is no seller with that reference."),
    (["statement", "C0042", "--from", "yesterday"], "A day is written as year-month-day, for instance 2026-03-31."),
    (["statement", "C0042", "--from", "2026-04-01"], "A statement runs from a day to the same or a later one."),
    (["invoice", "INV-1", "--on", "2026-03-01"], "An invoice copy says what is open now; only a statement can be made for another day."),
    (["statement", "C0042", "--currency", "XXQ"], "That is not a currency code of ISO 4217."),
])  # fmt: skip
def test_what_it_cannot_make_is_said_in_a_sentence_and_nothing_is_written(
    written: Path, words: list[str], sentence: str
) -> None:
    assert run(*words, "--to", str(written))[1] == sentence
    assert not written.exists()


def test_a_folder_that_is_not_there_is_named(written: Path) -> None:
    nowhere = written.parent / "nowhere" / "x.pdf"
    assert (
        run("invoice", "INV-1", "--to", str(nowhere))[1]
        == f"The file {nowhere} cannot be written: No such file or directory."
    )


def test_with_two_sellers_it_asks_which(written: Path, session: Session) -> None:
    a_seller(session, "other")
    session.commit()
    assert (
        run("invoice", "INV-1", "--to", str(written))[1]
        == "There is more than one seller here; say which with --seller."
    )
