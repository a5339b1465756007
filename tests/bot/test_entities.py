"""Which document numbers a message names."""

from __future__ import annotations

import time

import pytest

from bot.embedded.entities import find_references


@pytest.mark.parametrize("line", [
    "Where is SO-1003? -> SO-1003 order",
    "so1003 please -> so1003 order",
    "any news on #W2611340 -> W2611340",
    "invoice INV-2026-0042 -> INV-2026-0042 invoice",
    "fact. 2026/0042 -> 2026/0042 invoice",
    "C574019 was wrong -> C574019",
    "order 1003 -> 1003 order",
    "573744 -> 573744",
    "ORDER 1003 IS LATE -> 1003 order",
    "order no. 5 -> 5 order",
    "order#1003 -> 1003 order",
    "our PO 66120 -> PO 66120 purchase_order",
    "purchase order 88-120 -> 88-120 purchase_order",
    "tracking number 3SABCD1234567 -> 3SABCD1234567 shipment",
    "1Z999AA10123456784 says delivered -> 1Z999AA10123456784 shipment",
    "1Z 999 AA1 01 2345 6784 -> 1Z 999 AA1 01 2345 6784 shipment",
    "waar is 3SABCD1234567 -> 3SABCD1234567 shipment",
    "JJD0099887766? -> JJD0099887766 shipment",
    "RR123456789NL -> RR123456789NL shipment",
    "RR 123 456 789 NL is stuck -> RR 123 456 789 NL shipment",
    "DPD 05212345678901 -> 05212345678901 shipment",
    "order nr 1003 -> 1003 order",
    "ordernr.1003 -> 1003 order",
    "no 1003 -> 1003",
    "SO 1003 -> SO 1003 order",
    "so-1003? -> so-1003 order",
    "SO1003/SO1004 -> SO1003 order, SO1004 order",
    "SO-1003,SO-1004 -> SO-1003 order, SO-1004 order",
    "inv2026-42 -> inv2026-42 invoice",
    "INV–2026–0042 -> INV-2026-0042 invoice",
    "INV 2026 0042 -> INV 2026 0042 invoice",
    "2026/0042 -> 2026/0042",
    "F20260042 -> F20260042",
    "RE-2026-0042 -> RE-2026-0042 invoice",
    "facture nº1003 -> 1003 invoice",
    "bestel nr 1003 -> 1003 order",
    "PO-4500012345 -> PO-4500012345 purchase_order",
    "your ref 4500012345 -> 4500012345",
    "I paid 1003 -> 1003",
    "is invoice 42 paid -> 42 invoice",
    "stuur factuur 42 nog eens -> 42 invoice",
    "Rechnung 42 bitte -> 42 invoice",
    "la facture 42 ? -> 42 invoice",
    "orders 1003 and 1004 -> 1003 order, 1004 order",
    "invoices 2044, 2045 & 2050 please -> 2044 invoice, 2045 invoice, 2050 invoice",
    "Inv. 2044??? -> 2044 invoice",
    "bill 2044 dated 3 March 2026 for $1,250.00 -> 2044 invoice",
    "0415 tomorrow, 0416 is wrong -> 0415, 0416",
    "invoice 0612345678 -> 0612345678 invoice",
    "1003 and again 1003 -> 1003",
    "bestelling 1003 al weg? -> 1003 order",
    "bestelnummer 5512 -> 5512 order",
    "factuur nr. 573744 van € 1.234,50 -> 573744 invoice",
    "facturen 2044 en 2045 -> 2044 invoice, 2045 invoice",
    "factuurnummer: 88214 -> 88214 invoice",
    "inkooporder 66120 -> 66120 purchase_order",
    "zending 3STEST998877 -> 3STEST998877 shipment",
    "Bestellung 1003 -> 1003 order",
    "Auftrag 10/2231 -> 10/2231 order",
    "Rechnung Nr. 4711 -> 4711 invoice",
    "RG 2026/0815 -> RG 2026/0815 invoice",
    "Sendungsnummer JJD0099887766 -> JJD0099887766 shipment",
    "commande n° 1003 -> 1003 order",
    "facture FA-10087 du 4 février -> FA-10087 invoice",
    "factures 88412 et 88413 -> 88412 invoice, 88413 invoice",
    "numéro de suivi 6A12345678901 -> 6A12345678901 shipment",
    "bon de commande 66120 -> 66120 purchase_order",
])  # fmt: skip
def test_document_numbers_are_found_as_written_with_the_kind_their_words_give(line: str) -> None:
    text, wanted = line.split(" -> ")
    found = [f"{one.text} {one.kind}" if one.kind else one.text for one in find_references(text).numbers]
    assert ", ".join(found) == wanted


@pytest.mark.parametrize("text", [
    "I paid € 45,00",
    "I paid 1500 on Friday",
    "1240,5",
    "EUR1240",
    "5000 SEK",
    "on 04/25/2026",
    "00 44 20 7946 0958",
    "1.234,50 euro overgemaakt",
    "transferred 4,310.20 yesterday",
    "EUR 1250",
    "le montant de 1 240,50 €",
    "on 12/03/2026 or 2026-03-12 or 3-4-2026",
    "paid on 15 March 2026",
    "betaald op 3 maart 2026",
    "am 3. März 2026",
    "le 3 mars 2026",
    "in 2026",
    "06-12345678",
    "+31 6 12345678",
    "bel me op 0201234567",
    "call me on 555123",
    "tel. 030 1234567",
    "01 23 45 67 89",
    "1012 AB Amsterdam",
    "nach 10115 Berlin",
    "SW1A 1AA",
    "20 stoelen",
    "2 invoices",
    "order 20 chairs",
    "order 1000 boxes",
    "1500 Stück",
    "200 pièces",
    "within 30 days",
    "at 10:30",
    "24/7",
    "A4",
    "21% btw",
    "article 55410",
    "klantnummer 10023",
    "Kundennummer 20417",
    "NL91ABNA0417164300",
    "NL123456789B01",
    "anna1234@shop.example",
    "https://shop.example/orders/12345",
    "3x",
    "ISO 9001",
])  # fmt: skip
def test_other_figures_are_no_document_numbers(text: str) -> None:
    assert find_references(text).numbers == ()


@pytest.mark.parametrize("text", [
    "my last order", "the most recent invoice", "latest one", "newest order", "mijn laatste bestelling", "de meest recente factuur",
    "meine letzte Bestellung", "die neueste Rechnung", "ma dernière commande", "mon dernier achat, la plus récente",
])  # fmt: skip
def test_the_last_one_is_asked_for(text: str) -> None:
    assert find_references(text).is_last


@pytest.mark.parametrize("text", [
    "paid last week", "vorige maand", "de laatste tijd", "letzte Woche bezahlt", "la semaine dernière", "le mois dernier",
    "last time it was fine", "the last 5 orders",
])  # fmt: skip
def test_last_said_of_time_is_not_about_a_document(text: str) -> None:
    assert not find_references(text).is_last


@pytest.mark.parametrize("line", [
    "all invoices | yes", "both orders | yes", "alle facturen | yes", "beide bestellingen | yes", "alle Rechnungen | yes",
    "toutes les factures | yes", "les deux commandes | yes", "my invoice | no", "all right | no", "ma commande | no",
])  # fmt: skip
def test_all_of_them_are_asked_for(line: str) -> None:
    text, wanted = line.split(" | ")
    assert find_references(text).is_all == (wanted == "yes")


@pytest.mark.parametrize(
    "piece", ["1 ", "a1", "1-", "(0", "€1,", "+31 ", "nl12 abcd ", "x@", "a.b@c.", "n° ", "1.000.", "so1003,"]
)
def test_no_text_makes_the_search_slow(piece: str) -> None:
    text = (piece * 1000)[:1000]
    began = time.perf_counter()
    find_references(text)
    assert time.perf_counter() - began < 1.0
