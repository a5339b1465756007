"""A bank file becomes transactions that wait to be matched: each once, or none at all."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.import_bank_file import import_bank_file
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.errors import Failure
from o2c_core.imports.bank.report import BankFileReport
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_seller
from tests.o2c_core.imports.bank.files import MONDAY, OURS, THEIRS, Booked, Part, camt, document, mt940, stmt

TUESDAY = date(2026, 3, 17)
PAID = Booked(124_050, bank_reference="B1", parts=(Part(text="Factuur INV-2026-0042", end_to_end="E1"),))
RENT = Booked(-90_000, bank_reference="B2", parts=(Part(name="Verhuurder", text="huur maart"),))
RETURNED = Booked(-5_000, bank_reference="B3", is_reversal=True, parts=(Part(text="storno"),))
LATER = Booked(2_500, bank_reference="B4", on=TUESDAY)


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


def imported(
    store: Store, folder: Path, content: str, *, name: str = "march.xml", dry_run: bool = False
) -> BankFileReport:
    path = folder / name
    path.write_bytes(content.encode())
    return import_bank_file(path, "vandijk", store=store, dry_run=dry_run)


def transactions(session: Session) -> list[BankTransaction]:
    session.expire_all()
    return list(session.scalars(select(BankTransaction).order_by(BankTransaction.id)))


def jobs(session: Session) -> list[dict[str, str]]:
    found = session.scalars(text("SELECT args FROM procrastinate_jobs WHERE task_name = 'match_money'"))
    return [dict(args) for args in found]


def everything(session: Session) -> tuple[int, int, int]:
    session.expire_all()
    statements = len(session.scalars(select(BankStatement.id)).all())
    lines = len(session.scalars(select(TrailLine.id)).all())
    return statements, len(transactions(session)), lines + len(jobs(session))


def test_money_that_came_in_waits_and_a_job_is_asked_for(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    report = imported(store, tmp_path, camt(PAID, RENT, RETURNED))
    account = session.scalars(select(BankAccount)).one()
    kept = session.scalars(select(BankStatement)).one()
    assert (kept.number, kept.format, kept.file) == ("2026-075", "camt.053.001.08", "march.xml")
    assert (kept.opening_minor, kept.closing_minor, kept.currency) == (100_000, 129_050, "EUR")
    assert (kept.from_on, kept.to_on, kept.bank_account_id) == (MONDAY, MONDAY, account.id)
    assert kept.imported_at == store.clock.now()
    found = transactions(session)
    assert [(each.direction, each.amount_minor, each.is_reversal, each.state) for each in found] == [
        ("in", 124_050, False, "waiting"),
        ("out", 90_000, False, "ignored"),
        ("out", 5_000, True, "waiting"),
    ]
    paid = found[0]
    assert (paid.payer_name, paid.payer_account, paid.text) == ("Bakkerij Jansen", THEIRS, "Factuur INV-2026-0042")
    assert (paid.end_to_end, paid.bank_reference, paid.booked_on) == ("E1", "B1", MONDAY)
    assert (paid.seller_id, paid.bank_account_id, paid.bank_statement_id) == (seller.id, account.id, kept.id)
    assert found[1].state_why == "money that went out"
    assert jobs(session) == [{"seller_id": str(seller.id)}]
    line = session.scalars(select(TrailLine).where(TrailLine.what == "bank file imported")).one()
    assert line.details["counts"]["waiting"] == 2
    assert "Jansen" not in json.dumps(line.details)
    assert (report.counts["waiting"], report.counts["ignored"], report.counts["known"], report.reversals) == (
        2,
        1,
        0,
        1,
    )


@pytest.mark.parametrize("again", [
    camt(PAID, RENT, RETURNED),
    camt(PAID, RENT, RETURNED, version="02"),
    camt(RENT, PAID, number="another"),
    camt(PAID, RENT, Booked(777, status="PDNG")),
])  # fmt: skip
def test_importing_again_changes_nothing(
    store: Store, session: Session, seller: Seller, tmp_path: Path, again: str
) -> None:
    imported(store, tmp_path, camt(PAID, RENT, RETURNED))
    first, asked = transactions(session), jobs(session)
    report = imported(store, tmp_path, again, name="again.xml")
    assert (report.new, report.counts["known"] > 1) == (0, True)
    assert transactions(session) == first
    assert jobs(session) == asked


def test_the_same_statement_is_kept_once(store: Store, session: Session, seller: Seller, tmp_path: Path) -> None:
    for _ in range(2):
        imported(store, tmp_path, camt(PAID))
    assert len(session.scalars(select(BankStatement)).all()) == 1


def test_of_an_overlapping_statement_only_what_is_new_is_kept(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, camt(PAID, RENT))
    report = imported(store, tmp_path, camt(PAID, RENT, LATER, number="week", day=TUESDAY), name="week.xml")
    assert (report.counts["waiting"], report.counts["known"]) == (1, 2)
    assert [each.amount_minor for each in transactions(session)] == [124_050, 90_000, 2_500]
    assert report.received["EUR"].minor == 2_500


def test_statements_in_one_file_may_overlap_too(store: Store, session: Session, seller: Seller, tmp_path: Path) -> None:
    both = document(stmt(PAID, number="1"), stmt(PAID, LATER, number="2"))
    report = imported(store, tmp_path, both)
    assert (report.counts["waiting"], report.counts["known"]) == (2, 1)
    assert len(transactions(session)) == 2


def test_a_batch_is_stored_as_its_parts(store: Store, session: Session, seller: Seller, tmp_path: Path) -> None:
    parts = (Part(40_000, name="Jansen", text="INV-1"), Part(60_000, name="De Vries", text="INV-2"))
    imported(store, tmp_path, camt(Booked(100_000, bank_reference="B9", parts=parts)))
    assert [(each.payer_name, each.amount_minor, each.bank_reference) for each in transactions(session)] == [
        ("Jansen", 40_000, "B9"),
        ("De Vries", 60_000, "B9"),
    ]


def test_a_card_number_is_masked_before_it_is_stored(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    card = "4111 1111 1111 1111"
    imported(store, tmp_path, camt(Booked(100, parts=(Part(name=f"Card {card}", text=f"paid with {card} thanks"),))))
    paid = transactions(session)[0]
    stored = session.execute(text("SELECT row_to_json(bank_transaction)::text FROM bank_transaction")).scalar_one()
    assert "4111 1111 1111" not in stored
    assert "411111111111" not in stored
    assert paid.text is not None
    assert paid.text.startswith("paid with ")
    assert paid.text.endswith(" thanks")
    assert paid.payer_account == THEIRS


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (camt(PAID, account=THEIRS), "account NL20INGB0001234567, which is not a bank account of Van Dijk Groothandel"),
        (document(stmt(PAID), stmt(LATER, account=THEIRS)), "account NL20INGB0001234567, which is not a bank account"),
        (camt(PAID).replace("EUR", "USD"), "is in USD, and the account NL91ABNA0417164300"),
        (camt(PAID, closing=1), "but it says it closes at 0.01 EUR; nothing was kept"),
        (document(stmt(PAID), stmt(LATER, closing=1)), "but it says it closes at 0.01 EUR; nothing was kept"),
        (camt(replace(PAID, in_currency="USD")), "an entry is in USD, and the account is in EUR"),
        (camt(replace(PAID, parts=(Part(1), Part(2)))), "the 2 parts of a batch come to 0.03 EUR"),
        (camt(PAID)[:-90], "is not XML that can be read"),
        ("", "is empty"),
    ],
)
def test_a_refused_file_leaves_nothing_behind(
    store: Store, session: Session, seller: Seller, tmp_path: Path, content: str, sentence: str
) -> None:
    before = everything(session)
    with pytest.raises(Failure) as refused:
        imported(store, tmp_path, content)
    assert sentence in str(refused.value)
    assert everything(session) == before
    assert len(session.scalars(select(BankAccount)).all()) == 1


def test_the_account_of_another_seller_is_not_ours(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    other = a_seller(session, "other")
    account = session.scalars(select(BankAccount).where(BankAccount.seller_id == other.id)).one()
    account.iban = THEIRS
    session.commit()
    with pytest.raises(Failure, match="not a bank account of Van Dijk"):
        imported(store, tmp_path, camt(PAID, account=THEIRS))


def test_an_unknown_seller_is_said(store: Store, session: Session, seller: Seller, tmp_path: Path) -> None:
    path = tmp_path / "march.xml"
    path.write_text(camt(PAID))
    with pytest.raises(Failure, match="There is no seller 'nobody'"):
        import_bank_file(path, "nobody", store=store)


def test_a_dry_run_reports_the_same_and_keeps_nothing(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    before = everything(session)
    tried = imported(store, tmp_path, camt(PAID, RENT), dry_run=True)
    assert everything(session) == before
    done = imported(store, tmp_path, camt(PAID, RENT))
    assert tried.as_tables() == done.as_tables() | {"dry_run": True}


def test_one_day_in_two_formats_is_refused_because_it_would_count_twice(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, camt(PAID))
    lines = (":61:2603160316C1240,50NTRFNONREF//SHORT1", ":86:/NAME/Jansen/REMI/Factuur INV-2026-0042")
    with pytest.raises(Failure, match=r"transactions of 2026-03-16 .* already taken over from camt.053"):
        imported(store, tmp_path, mt940(*lines, closing="C260316EUR2240,50"), name="march.sta")
    next_day = mt940(":61:2603170317C10,00NTRFNONREF//S2", opening="C260316EUR2240,50", closing="C260317EUR2250,50")
    assert imported(store, tmp_path, next_day, name="next.sta").counts["waiting"] == 1


def test_mt940_with_the_same_references_as_camt_is_known(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    imported(store, tmp_path, camt(PAID))
    same = mt940(":61:2603160316C1240,50NTRFE1//B1", closing="C260316EUR2240,50")
    assert imported(store, tmp_path, same, name="march.sta").counts["known"] == 1
    assert len(transactions(session)) == 1


@pytest.mark.parametrize(
    ("second", "is_missing"),
    [
        (camt(LATER, opening=224_050, number="2", day=TUESDAY), False),
        (camt(LATER, opening=224_051, number="2", day=TUESDAY), True),
        (camt(PAID, LATER, number="2"), False),
    ],
)
def test_a_statement_that_seems_to_be_missing_is_said(
    store: Store, session: Session, seller: Seller, tmp_path: Path, second: str, is_missing: bool
) -> None:
    imported(store, tmp_path, camt(PAID, number="1"))
    report = imported(store, tmp_path, second, name="second.xml")
    assert any("one between them may be missing" in remark for remark in report.remarks) is is_missing
    assert report.new == 1


def test_the_report_reads_as_sentences_and_as_tables(
    store: Store, session: Session, seller: Seller, tmp_path: Path
) -> None:
    report = imported(store, tmp_path, camt(PAID, RENT, RETURNED, Booked(777, status="PDNG")))
    assert list(report.sentences()) == [
        "march.xml: 1 statement read as camt.053.001.08 for vandijk",
        "  statement 2026-075 of NL91ABNA0417164300, 2026-03-16 to 2026-03-16: 1000.00 EUR to 1290.50 EUR, 3 transactions",
        "  transactions: 2 to be matched, 1 gone out and left alone, 1 not booked yet and left out; received 1240.50 EUR",
        "  note: 1 reversal among them: money that was taken back",
    ]
    assert json.loads(report.to_json()) == report.as_tables()
    assert report.as_tables()["counts"] == {"bank_transaction": {"waiting": 2, "ignored": 1, "known": 0, "pending": 1}}
    assert report.as_tables()["totals"] == {"received": {"EUR": "1240.50"}}


def test_a_year_of_transactions_in_one_file(store: Store, session: Session, seller: Seller, tmp_path: Path) -> None:
    many = tuple(Booked(100 + n, bank_reference=f"B{n}") for n in range(3_000))
    assert imported(store, tmp_path, camt(*many)).counts["waiting"] == 3_000
    assert imported(store, tmp_path, camt(*many)).counts["known"] == 3_000


def test_two_imports_at_once_store_each_transaction_once(own_store: Store, tmp_path: Path) -> None:
    with own_store.session() as session:
        a_seller(session)
        session.commit()
    path = tmp_path / "march.xml"
    path.write_text(camt(PAID, RENT, RETURNED))
    together = threading.Barrier(4)
    reports: list[BankFileReport] = []

    def run() -> None:
        together.wait()
        reports.append(import_bank_file(path, "vandijk", store=own_store))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.new for report in reports) == [0, 0, 0, 3]
    with own_store.session() as session:
        assert len(transactions(session)) == 3
        assert len(session.scalars(select(BankStatement)).all()) == 1
        assert {each.iban for each in session.scalars(select(BankAccount))} == {OURS}
