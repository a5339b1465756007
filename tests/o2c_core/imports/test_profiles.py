"""Profiles: those that come with Parley, those that are broken, and which one fits a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from o2c_core.imports.binding import NoProfileFits, ProfileDoesNotFit, check_fit, guess_profile
from o2c_core.imports.profile import ProfileBroken, ProfileUnknown, load_profile, shipped_profiles
from o2c_core.imports.source import open_source
from tests.o2c_core.imports.files import a_file, a_profile

INVOICE = """
    [[records]]
    kind = "invoice"
    [records.fields]
    number = "Nr"
    customer = "Who"
    issued_on = "Day"
    total = "Sum"
"""


def test_every_profile_that_comes_with_parley_can_be_loaded_also_with_dashes() -> None:
    assert shipped_profiles() == [
        "contacts", "customers", "invoices", "online_retail", "orders", "payments", "shipments", "tau2_retail",
    ]  # fmt: skip
    assert [load_profile(name).name for name in shipped_profiles()] == shipped_profiles()
    assert load_profile("online-retail").name == "online_retail"


def test_an_unknown_profile_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(
        ProfileUnknown, match="There is no profile 'sap'; there are contacts, customers, invoices, online_retail"
    ):
        load_profile("sap")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[[records]", "not proper TOML"),
        ("title = 'x'", "has no \\[\\[records\\]\\]"),
        ("[[records]]\nkind = 'debtor'", "needs a kind: customer, contact, order, shipment, invoice, payment"),
        ("colour = 'red'\n" + INVOICE, "has 'colour', which is none of"),
        (INVOICE + "\n    sku = 'x'", "has 'sku', which is none of"),
        (INVOICE.replace('number = "Nr"', ""), "need the field number"),
        (INVOICE.replace('total = "Sum"', ""), "need the field total, the field net, or lines"),
        (INVOICE.replace('"Sum"', "7"), "the field total must be a column"),
        ("[file]\ndecimal = ';'\n" + INVOICE, "decimal is ';'"),
        ("[file]\ndays = 'european'\n" + INVOICE, "must be 'day first' or 'month first'"),
        ("[defaults]\ncurrency = 'EURO'\n" + INVOICE, "the currency 'EURO'"),
        ("[defaults]\nterms_days = 1000\n" + INVOICE, "terms_days between 0 and 365"),
        ("[seller]\nname = 'x'\n" + INVOICE, r"\[seller\] needs country"),
        (
            "[seller]\nname='x'\ncountry='NL'\ncurrency='EUR'\nlanguage='nl'\ntime_zone='Europe/Utrecht'\n" + INVOICE,
            "the time zone 'Europe/Utrecht', which does not exist",
        ),
        ("extends = 'nothing'", "extends 'nothing', which does not come with Parley"),
    ],
)
def test_a_broken_profile_is_refused_in_a_sentence_that_says_where(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(ProfileBroken, match=sentence):
        a_profile(tmp_path, content)


def test_a_profile_of_ones_own_can_extend_one_that_comes_with_parley(tmp_path: Path) -> None:
    own = a_profile(tmp_path, "extends = 'invoices'\n[file]\ndecimal = ','\n[defaults]\nterms_days = 14")
    assert own.decimal == ","
    assert own.defaults == {"terms_days": 14}
    assert own.records == load_profile("invoices").records


@pytest.mark.parametrize(
    ("profile", "header", "sentence"),
    [
        (
            "invoices",
            "Colour,Size",
            "The profile 'invoices' does not fit export.csv: it misses number ('Invoice number', 'Invoice no', "
            "'Invoice ID', 'Invoice' …); customer ('Customer number', 'Customer no', 'Customer ID', 'Customer ref' …); "
            "issued_on ('Invoice date', 'Issue date', 'Issued on', 'Document date' …); total ('Total', 'Total amount', "
            "'Invoice total', 'Invoice amount' …); found are Colour, Size.",
        ),
        (
            "online_retail",
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,CustomerID,Country",
            "The profile 'online_retail' does not fit export.csv: it misses amounts (lines with quantity and unit_price, "
            "or amount); found are InvoiceNo, StockCode, Description, Quantity, InvoiceDate, CustomerID, Country.",
        ),
        ("tau2_retail", "order_id,user_id", "The profile 'tau2_retail' reads JSON, and export.csv is CSV."),
        (
            "payments",
            "Payment date,Amount",
            "The profile 'payments' does not fit export.csv: it misses customer or invoices; found are Payment date, Amount.",
        ),
    ],
)
def test_the_wrong_profile_for_a_file_is_refused_with_what_is_missing_and_what_was_found(
    tmp_path: Path, profile: str, header: str, sentence: str
) -> None:
    with pytest.raises(ProfileDoesNotFit) as refused:
        check_fit(load_profile(profile), open_source(a_file(tmp_path, header + "\n")), "export.csv")
    assert refused.value.sentence == sentence


def test_json_that_lacks_the_place_a_profile_looks_at_says_what_is_there(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, b'{"people": [], "sales": {}}', "x.json"))
    with pytest.raises(ProfileDoesNotFit, match=r"misses anything at 'users\.\*'; found are people, sales\."):
        check_fit(load_profile("tau2_retail"), source, "x.json")


@pytest.mark.parametrize(
    ("header", "profile"),
    [
        ("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country", "online_retail"),
        ("Factuurnummer;Klantnummer;Klantnaam;Factuurdatum;Vervaldatum;Totaalbedrag", "invoices"),
        ("invoice_no,customer_no,invoice_date,sku,quantity,unit_price", "invoices"),
        ("Klantnummer,Naam,E-mailadres,Telefoon", "customers"),
        ("Order number,Customer number,Order date,SKU,Quantity,Unit price,Status,Tracking number", "orders"),
        ("Payment ID,Payment date,Amount,Invoice number", "payments"),
        ("Betaaldatum;Bedrag;Factuurnummer;Klantnummer", "payments"),
    ],
)
def test_without_a_named_profile_the_one_that_fits_is_found(tmp_path: Path, header: str, profile: str) -> None:
    assert guess_profile(open_source(a_file(tmp_path, header + "\n")), "export.csv").name == profile


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("Colour,Size", "No profile fits export.csv, whose columns are Colour, Size; write one"),
        (
            "Invoice number,Order number,Customer number,Date,SKU,Quantity,Unit price,Status,Due date",
            "The profiles invoices and orders all fit export.csv; say which one with --profile.",
        ),
    ],
)
def test_when_none_or_several_fit_it_is_not_guessed(tmp_path: Path, header: str, sentence: str) -> None:
    with pytest.raises(NoProfileFits) as refused:
        guess_profile(open_source(a_file(tmp_path, header + "\n")), "export.csv")
    assert refused.value.sentence.startswith(sentence)
