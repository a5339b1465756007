"""camt.053 in its versions: what was booked, by whom, and with what words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from o2c_core.imports.bank.statement import Statement, Transaction
from tests.o2c_core.imports.bank.files import MONDAY, OURS, THEIRS, Booked, Part, camt, document, from_camt, stmt

DUTCH = f"""<?xml version="1.0" encoding="UTF-8"?>
<ns2:Document xmlns:ns2="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
 <ns2:BkToCstmrStmt>
  <ns2:GrpHdr><ns2:MsgId>CAMT0530316</ns2:MsgId><ns2:CreDtTm>2026-03-16T22:01:00.000</ns2:CreDtTm></ns2:GrpHdr>
  <ns2:Stmt>
   <ns2:Id>CAMT0530316-1</ns2:Id><ns2:ElctrncSeqNb>26075</ns2:ElctrncSeqNb>
   <ns2:FrToDt><ns2:FrDtTm>2026-03-16T00:00:00</ns2:FrDtTm><ns2:ToDtTm>2026-03-16T23:59:59</ns2:ToDtTm></ns2:FrToDt>
   <ns2:Acct><ns2:Id><ns2:IBAN>{OURS}</ns2:IBAN></ns2:Id></ns2:Acct>
   <ns2:Bal><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>PRCD</ns2:Cd></ns2:CdOrPrtry></ns2:Tp>
    <ns2:Amt Ccy="EUR">12.5</ns2:Amt><ns2:CdtDbtInd>DBIT</ns2:CdtDbtInd><ns2:Dt><ns2:Dt>2026-03-13</ns2:Dt></ns2:Dt></ns2:Bal>
   <ns2:Bal><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>CLBD</ns2:Cd></ns2:CdOrPrtry></ns2:Tp>
    <ns2:Amt Ccy="EUR">1228</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd><ns2:Dt><ns2:Dt>2026-03-16</ns2:Dt></ns2:Dt></ns2:Bal>
   <ns2:Ntry>
    <ns2:NtryRef>1</ns2:NtryRef><ns2:Amt Ccy="EUR">1240.50</ns2:Amt><ns2:CdtDbtInd>CRDT</ns2:CdtDbtInd>
    <ns2:Sts>BOOK</ns2:Sts><ns2:BookgDt><ns2:Dt>2026-03-16</ns2:Dt></ns2:BookgDt><ns2:ValDt><ns2:Dt>2026-03-15</ns2:Dt></ns2:ValDt>
    <ns2:AcctSvcrRef>0075000123</ns2:AcctSvcrRef>
    <ns2:NtryDtls><ns2:TxDtls>
     <ns2:Refs><ns2:EndToEndId>PAY-88</ns2:EndToEndId></ns2:Refs>
     <ns2:AmtDtls><ns2:TxAmt><ns2:Amt Ccy="EUR">1240.50</ns2:Amt></ns2:TxAmt></ns2:AmtDtls>
     <ns2:RltdPties><ns2:Dbtr><ns2:Nm>Bakkerij  Jansen
       B.V.</ns2:Nm></ns2:Dbtr><ns2:DbtrAcct><ns2:Id><ns2:IBAN>NL20 INGB 0001 2345 67</ns2:IBAN></ns2:Id></ns2:DbtrAcct></ns2:RltdPties>
     <ns2:RmtInf><ns2:Strd><ns2:CdtrRefInf><ns2:Tp><ns2:CdOrPrtry><ns2:Cd>SCOR</ns2:Cd></ns2:CdOrPrtry></ns2:Tp>
       <ns2:Ref>RF18539007547034</ns2:Ref></ns2:CdtrRefInf></ns2:Strd></ns2:RmtInf>
    </ns2:TxDtls></ns2:NtryDtls>
   </ns2:Ntry>
  </ns2:Stmt>
 </ns2:BkToCstmrStmt>
</ns2:Document>"""


def test_a_dutch_statement_is_read_with_every_detail() -> None:
    statement = from_camt(DUTCH)
    transaction = statement.transactions[0]
    assert statement == Statement(
        format="camt.053.001.02",
        account=OURS,
        currency="EUR",
        number="CAMT0530316-1",
        from_on=MONDAY,
        to_on=MONDAY,
        opening_minor=-1_250,
        closing_minor=122_800,
        transactions=(transaction,),
    )
    assert transaction == Transaction(
        amount_minor=124_050,
        currency="EUR",
        direction="in",
        is_reversal=False,
        booked_on=MONDAY,
        value_on=date(2026, 3, 15),
        payer_name="Bakkerij Jansen B.V.",
        payer_account=THEIRS,
        reference="RF18539007547034",
        text="",
        end_to_end="PAY-88",
        bank_reference="0075000123",
        key=transaction.key,
    )


EVERYTHING = (
    Booked(124_050, bank_reference="B1", parts=(Part(text="Factuur INV-2026-0042", end_to_end="E1"),)),
    Booked(5_000, parts=(Part(reference="RF18539007547034", name="Müller & Söhne GmbH"),)),
    Booked(-9_995, bank_reference="B3", parts=(Part(name="Telecom", account=None),)),
    Booked(-5_000, bank_reference="B4", is_reversal=True),
    Booked(700, status="PDNG"),
    Booked(1_000, bank_reference="B5", parts=(Part(400, end_to_end="E5"), Part(600, text="rest"))),
    Booked(2_500, bank_reference="B6", parts=()),
)


@pytest.mark.parametrize("version", ["03", "04", "05", "06", "07", "08"])
def test_every_version_tells_the_same_and_gives_the_same_keys(version: str) -> None:
    old, new = from_camt(camt(*EVERYTHING, version="02")), from_camt(camt(*EVERYTHING, version=version))
    assert len(new.transactions) == 7
    assert new.transactions == old.transactions
    assert new == replace(old, format=f"camt.053.001.{version}")


@pytest.mark.parametrize("version", ["02", "08"])
@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_what_is_not_booked_is_left_out_and_counted(version: str, status: str) -> None:
    statement = from_camt(camt(Booked(100), Booked(200, status=status), version=version))
    assert [transaction.amount_minor for transaction in statement.transactions] == [100]
    assert statement.pending == 1


@pytest.mark.parametrize("version", ["02", "08"])
@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((Part(400, text="a"), Part(500, text="b"), Part(100, text="c")), ["+400 a", "+500 b", "+100 c"]),
        ((Part(1_200, text="a"), Part(-200, text="b")), ["+1200 a", "-200 b"]),
        ((Part(1_000, text="a"), Part(0, text="nothing")), ["+1000 a"]),
        ((), ["+1000 from the entry"]),
        ((Part(text="a"), Part(text="b")), ["+1000 from the entry"]),
        ((Part(text="a"),), ["+1000 a"]),
        ((Part(1_050, text="before charges"),), ["+1000 before charges"]),
        ((Part(1_050, text="dollars", in_currency="USD"),), ["+1000 dollars"]),
    ],
)
def test_a_batch_is_opened_when_it_says_what_is_in_it(version: str, parts: tuple[Part, ...], told: list[str]) -> None:
    about = "<AddtlNtryInf>from the entry</AddtlNtryInf>"
    text = camt(Booked(1_000, parts=parts), version=version).replace("</Ntry>", f"{about}</Ntry>")
    statement = from_camt(text)
    assert [f"{transaction.signed_minor:+} {transaction.text}" for transaction in statement.transactions] == told
    assert all(
        transaction.is_part == (len(told) > 1 or "nothing" in str(parts)) for transaction in statement.transactions
    )


def test_one_detail_of_a_batch_of_three_does_not_speak_for_the_others() -> None:
    text = camt(Booked(1_000, parts=(Part(text="mine"),), bank_reference="B1"))
    partly = text.replace("<NtryDtls>", "<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>")
    transaction = from_camt(partly).transactions[0]
    assert (transaction.amount_minor, transaction.payer_name, transaction.text) == (1_000, None, "")


@pytest.mark.parametrize(
    ("entry", "direction", "is_reversal"),
    [
        (Booked(100), "in", False),
        (Booked(-100), "out", False),
        (Booked(-100, is_reversal=True), "out", True),
        (Booked(100, is_reversal=True), "in", True),
        (Booked(-100, parts=(Part(raw="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"),)), "out", True),
    ],
)
def test_a_reversal_goes_the_way_it_was_booked(entry: Booked, direction: str, is_reversal: bool) -> None:
    transaction = from_camt(camt(entry)).transactions[0]
    assert (transaction.direction, transaction.is_reversal) == (direction, is_reversal)
    assert transaction.amount_minor == 100


BOTH = (
    "<RltdPties><Dbtr><Pty><Nm>Debtor</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{debtor}</IBAN></Id></DbtrAcct>"
    "<Cdtr><Pty><Nm>Creditor</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>{creditor}</IBAN></Id></CdtrAcct></RltdPties>"
)


@pytest.mark.parametrize(
    ("minor", "is_reversal", "debtor", "creditor", "other"),
    [
        (100, False, THEIRS, OURS, "Debtor"),
        (-100, False, OURS, THEIRS, "Creditor"),
        (-100, True, THEIRS, OURS, "Debtor"),
        (-100, True, OURS, THEIRS, "Creditor"),
        (100, True, OURS, THEIRS, "Creditor"),
        (100, True, THEIRS, OURS, "Debtor"),
        (100, False, THEIRS, THEIRS, "Debtor"),
        (-100, False, THEIRS, THEIRS, "Creditor"),
        (-100, True, THEIRS, THEIRS, "Debtor"),
    ],
)
def test_the_payer_is_never_ourselves(minor: int, is_reversal: bool, debtor: str, creditor: str, other: str) -> None:
    text = camt(Booked(minor, is_reversal=is_reversal, parts=(Part(name=None, account=None),)))
    text = text.replace("<RltdPties></RltdPties>", BOTH.format(debtor=debtor, creditor=creditor))
    transaction = from_camt(text).transactions[0]
    assert (transaction.payer_name, transaction.payer_account) == (other, THEIRS)


@pytest.mark.parametrize(("minor", "side"), [(100, "Cdtr"), (-100, "Dbtr")])
def test_a_name_alone_on_our_own_side_is_not_taken_for_the_payers(minor: int, side: str) -> None:
    text = camt(Booked(minor, parts=(Part(name=None, account=None),)))
    own = f"<RltdPties><{side}><Pty><Nm>Van Dijk Groothandel</Nm></Pty></{side}></RltdPties>"
    transaction = from_camt(text.replace("<RltdPties></RltdPties>", own)).transactions[0]
    assert (transaction.payer_name, transaction.payer_account) == (None, None)


@pytest.mark.parametrize(
    ("remitted", "reference", "text"),
    [
        ("<Ustrd>Factuur</Ustrd><Ustrd> INV-42 </Ustrd>", None, "Factuur INV-42"),
        ("<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>", "RF18539007547034", ""),
        (
            "<Strd><RfrdDocInf><Nb>INV-42</Nb></RfrdDocInf></Strd><Strd><RfrdDocInf><Nb>INV-43</Nb></RfrdDocInf></Strd>",
            None,
            "INV-42 INV-43",
        ),
        ("<Strd><AddtlRmtInf>less 2 %</AddtlRmtInf></Strd><Ustrd>INV-42</Ustrd>", None, "INV-42 less 2 %"),
        ("<Strd><CdtrRefInf><Ref>NOTPROVIDED</Ref></CdtrRefInf></Strd>", None, ""),
    ],
)
def test_references_and_words_are_told_apart(remitted: str, reference: str | None, text: str) -> None:
    raw = camt(Booked(100)).replace("<RmtInf></RmtInf>", f"<RmtInf>{remitted}</RmtInf>")
    transaction = from_camt(raw).transactions[0]
    assert (transaction.reference, transaction.text, transaction.end_to_end) == (reference, text, None)


def test_a_message_may_hold_several_statements_and_pages_with_interim_balances() -> None:
    first = stmt(Booked(100), opening=0, number="1").replace("CLBD", "ITBD")
    second = stmt(Booked(-50), opening=100, number="1").replace("OPBD", "ITBD", 1)
    statement = from_camt(document(first))
    assert (statement.opening_minor, statement.closing_minor) == (0, 100)
    assert from_camt(document(second)).closing_minor == 50


def test_an_overdrawn_account_has_balances_below_zero() -> None:
    statement = from_camt(camt(Booked(5_000), opening=-12_000))
    assert (str(statement.opening), str(statement.closing)) == ("-120.00 EUR", "-70.00 EUR")
