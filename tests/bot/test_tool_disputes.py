"""Objections: on exactly the lines and the amount the words name, beside what our own record says."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.reasons import reason_of, says_paid
from o2c_core.cases.dispute import REASONS, Dispute
from o2c_core.conversations.handoff import Handoff
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice, InvoiceLine
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import ShipmentLine
from o2c_core.store.store import Store
from tests.bot.acting import Talk, angrily
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, a_shipment, an_invoice, an_order

GOODS = (("Bread flour 25 kg", 12, "10.00"), ("Rye flour 25 kg", 5, "20.00"), ("Baking paper", 10, "3.00"))


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1", language="en", country="GB", currency="GBP")


@pytest.fixture
def talk(store: Store, seller: Seller, customer: Customer) -> Talk:
    return Talk(store, seller, customer)


def a_bill(session: Session, customer: Customer, number: str = "INV-1", *, paid_minor: int = 0) -> Invoice:
    """£250.00 net with £52.50 tax: 12 flour at 10, 5 rye at 20, 10 paper at 3."""
    invoice = an_invoice(
        session, customer, number, total_minor=30_250, net_minor=25_000, tax_minor=5_250, due_on=DAY + timedelta(days=5)
    )
    for position, (description, quantity, price) in enumerate(GOODS, 1):
        invoice.lines.append(
            InvoiceLine(
                position=position, sku=f"ART-{position}", description=description, quantity=Decimal(quantity),
                unit_price=Decimal(price), amount_minor=int(Decimal(price) * 100) * quantity, tax_rate=Decimal(21),
            )
        )  # fmt: skip
    session.flush()
    if paid_minor:
        a_payment(session, invoice, paid_minor)
    return invoice


def delivered(session: Session, customer: Customer, invoice: Invoice, arrived: tuple[int, ...]) -> Order:
    """The order of that invoice, with so many of each line delivered to J. Smith two days ago."""
    whole = [line.quantity == quantity for line, quantity in zip(invoice.lines, arrived, strict=True)]
    order = an_order(session, customer, "SO-9", states=tuple("delivered" if one else "confirmed" for one in whole))
    shipment = a_shipment(session, order, "T9", delivered_on=DAY - timedelta(days=2), received_by="J. Smith")
    for line, of_order, quantity in zip(invoice.lines, order.lines, arrived, strict=True):
        of_order.quantity, of_order.description = line.quantity, line.description
        line.order_line_id = of_order.id
        if quantity:
            shipment.lines.append(ShipmentLine(order_line_id=of_order.id, quantity=Decimal(quantity)))
    invoice.order_id = order.id
    session.flush()
    return order


def disputes(session: Session) -> list[tuple[str, int, list[tuple[int, int | None, int]]]]:
    """(reason, amount, [(line, quantity, amount)]) of each."""
    at = {line.id: line.position for line in session.scalars(select(InvoiceLine))}
    return [
        (
            one.reason,
            one.amount_minor,
            [
                (at[line.invoice_line_id], int(line.quantity) if line.quantity is not None else None, line.amount_minor)
                for line in one.lines
            ],
        )
        for one in session.scalars(select(Dispute).order_by(Dispute.opened_at, Dispute.id))
    ]


def test_nine_of_twelve_is_offered_and_recorded_exactly(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer)
    session.commit()
    assert talk.says("dispute_invoice", "We only got 9 of 12 on INV-1", number="INV-1") == (
        "I'll record your objection to 3 of line 1 (Bread flour 25 kg) of invoice INV-1: £36.30. Reminders for that part "
        "stop while we look at it; the other £266.20 stays due on 21 March 2026."
    )
    assert disputes(session) == []
    done = talk.agrees()
    assert done.says == (
        "I've recorded your objection to invoice INV-1 (£36.30) under number D-101. Reminders for that amount have stopped "
        "while we look at it; anything else on the invoice stays due. Someone from our team answers by 23 March 2026."
    )
    assert done.outcome["number"] == "D-101"
    assert disputes(session) == [("QTY_SHORT", 3_630, [(1, 3, 3_630)])]
    assert talk.agrees() == done
    assert len(disputes(session)) == 1


@pytest.mark.parametrize(("words", "language", "expected"), [
    ("Line 2 is twice too dear", "en", ("PRICE", 6_050, [(2, None, 6_050)])),
    ("The bread flour was never delivered", "en", ("NOT_RECEIVED", 14_520, [(1, None, 14_520)])),
    ("line 3 was damaged", "en", ("DAMAGED", 3_630, [(3, None, 3_630)])),
    ("2 bags of the rye flour were broken", "en", ("DAMAGED", 4_840, [(2, 2, 4_840)])),
    ("We never ordered this", "en", ("NOT_ORDERED", 30_250, [])),
    ("You charged me £45 too much", "en", ("PRICE", 4_500, [])),
    ("The price of the rye flour should be 15.00, not 20.00", "en", ("PRICE", 3_025, [(2, None, 3_025)])),
    ("Regel 2 is niet geleverd", "nl", ("NOT_RECEIVED", 12_100, [(2, None, 12_100)])),
    ("Er ontbreken 3 stuks op regel 1", "nl", ("QTY_SHORT", 3_630, [(1, 3, 3_630)])),
    ("De hele factuur klopt niet", "nl", ("OTHER", 30_250, [])),
    ("Position 3 war kaputt", "de", ("DAMAGED", 3_630, [(3, None, 3_630)])),
    ("la ligne 2 est trop chère, le prix convenu est 15,00", "fr", ("PRICE", 3_025, [(2, None, 3_025)])),
    ("Wir haben nur 9 von 12 erhalten", "de", ("QTY_SHORT", 3_630, [(1, 3, 3_630)])),
])  # fmt: skip
def test_lines_amounts_and_reasons_are_read_from_the_words(
    session: Session, store: Store, seller: Seller, customer: Customer, words: str, language: str,
    expected: tuple[str, int, list[tuple[int, int | None, int]]],
) -> None:  # fmt: skip
    a_bill(session, customer)
    session.commit()
    talk = Talk(store, seller, customer, language)
    talk.says("dispute_invoice", words, number="INV-1", amount="999.99 GBP", quantity="99", line="3")
    assert not talk.agrees().is_refused
    assert disputes(session) == [expected]


@pytest.mark.parametrize(("arrived", "words", "says"), [
    ((12, 5, 10), "we only got 9 of 12", "Our proof of delivery says that 12 of it arrived on 14 March 2026, received by J. Smith. "
     "If that is not right, you can object all the same. I'll record your objection to 3 of line 1"),
    ((9, 5, 10), "we only got 9 of 12", "Our own record says the same. I'll record your objection to 3 of line 1"),
    ((12, 5, 10), "the rye flour was never delivered", "Our proof of delivery says that 5 of it arrived on 14 March 2026"),
    ((12, 5, 10), "it was never delivered", "Our proof of delivery says that order SO-9 arrived on 14 March 2026, received by J. Smith."),
    ((12, 5, 10), "line 2 is too dear", "I'll record your objection to line 2"),
])  # fmt: skip
def test_what_our_record_says_is_said_first_and_forbids_nothing(
    session: Session, talk: Talk, customer: Customer, arrived: tuple[int, ...], words: str, says: str
) -> None:
    delivered(session, customer, a_bill(session, customer), arrived)
    session.commit()
    assert talk.says("dispute_invoice", words, number="INV-1").startswith(says)
    assert not talk.agrees().is_refused


def test_which_invoice_is_asked_and_the_first_words_are_kept(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer)
    a_bill(session, customer, "INV-2")
    session.commit()
    assert talk.says("dispute_invoice", "we only got 9 of 12, that is wrong") == (
        "I'd like to record your objection. Which invoice is it about?"
    )
    assert "3 of line 1 (Bread flour 25 kg) of invoice INV-2" in talk.says("dispute_invoice", "INV-2", number="INV-2")
    assert talk.offered["words"] == "we only got 9 of 12, that is wrong\nINV-2"


def test_which_line_is_asked_with_the_lines(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer)
    session.commit()
    assert talk.says("dispute_invoice", "there are 2 missing", number="INV-1").splitlines() == [
        "Which line of invoice INV-1 is it about?", "• line 1: Bread flour 25 kg", "• line 2: Rye flour 25 kg",
        "• line 3: Baking paper",
    ]  # fmt: skip
    talk.says("dispute_invoice", "2 missing on line 2")
    talk.agrees()
    assert disputes(session) == [("QTY_SHORT", 4_840, [(2, 2, 4_840)])]


def test_only_line_two_puts_it_right(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer)
    session.commit()
    talk.says("dispute_invoice", "This invoice is wrong, it is damaged", number="INV-1")
    assert talk.offered["amount"]["minor"] == 30_250
    talk.says("dispute_invoice", "no, only line 2")
    assert (talk.offered["amount"]["minor"], talk.offered["reason"]) == (12_100, "DAMAGED")


def test_only_what_is_open_can_be_objected_to(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer, paid_minor=20_000)
    session.commit()
    assert "everything that is open on invoice INV-1: £102.50" in talk.says(
        "dispute_invoice", "line 2 is rotten", number="INV-1"
    )
    assert talk.says("dispute_invoice", "you charged £150 too much", number="INV-1") == (
        "That is more than the £102.50 that is open and undisputed on invoice INV-1. Which amount do you object to?"
    )


@pytest.mark.parametrize("words", ["this is wrong", "we only got 9 of 12"])
def test_a_paid_invoice_goes_to_a_person(session: Session, talk: Talk, customer: Customer, words: str) -> None:
    a_bill(session, customer, paid_minor=30_250)
    session.commit()
    assert talk.says("dispute_invoice", words, number="INV-1").startswith("Nothing is open on invoice INV-1")
    handoff = session.scalars(select(Handoff)).one()
    assert (handoff.reason, words in handoff.why, talk.offered) == ("disagrees", True, {})


def test_a_payment_that_is_missing_is_looked_for_and_not_disputed(
    session: Session, talk: Talk, customer: Customer
) -> None:
    a_bill(session, customer)
    session.commit()
    assert talk.says("dispute_invoice", "That invoice is wrong, we already paid it", number="INV-1").startswith(
        "A payment that is not on record is looked for"
    )
    assert (session.scalars(select(Handoff)).one().reason, talk.offered) == ("disagrees", {})


def test_what_was_objected_to_before_is_told_and_not_recorded_again(
    session: Session, talk: Talk, customer: Customer
) -> None:
    invoice = a_bill(session, customer)
    dispute = a_dispute(session, invoice)
    session.commit()
    assert talk.says("dispute_invoice", "this is wrong", number="INV-1").startswith(
        f"Your objection {dispute.number} to £302.50"
    )
    assert talk.offered == {}


def test_an_invoice_paid_before_the_answer_is_not_disputed(session: Session, talk: Talk, customer: Customer) -> None:
    invoice = a_bill(session, customer)
    session.commit()
    talk.says("dispute_invoice", "line 2 is rotten", number="INV-1")
    a_payment(session, invoice, 30_250)
    session.commit()
    done = talk.agrees()
    assert (done.is_refused, disputes(session)) == (True, [])
    assert session.scalars(select(Handoff)).one().reason == "disagrees"


def test_somebody_elses_invoice_sounds_like_none(
    session: Session, talk: Talk, seller: Seller, customer: Customer
) -> None:
    an_invoice(session, a_customer(session, seller, "C2"), "INV-5")
    a_bill(session, customer)
    session.commit()
    said = {talk.says("dispute_invoice", f"{number} is wrong", number=number) for number in ("INV-5", "INV-77")}
    assert len(said) == 1
    assert said.pop().startswith("I can't find that number")


def test_anger_is_answered_once(session: Session, talk: Talk, customer: Customer) -> None:
    a_bill(session, customer)
    session.commit()
    words = "line 2 is rotten AGAIN, this is ridiculous"
    assert talk.says("dispute_invoice", words, number="INV-1", understood=angrily(words)).startswith(
        "That's not good enough, I understand. I'll record"
    )
    assert talk.says("dispute_invoice", words, number="INV-1", understood=angrily(words)).startswith("I'll record")


@pytest.mark.parametrize(("words", "reason"), [
    ("the price is not what we agreed", "PRICE"), ("de prijs klopt niet", "PRICE"), ("zu teuer", "PRICE"), ("prix trop élevé", "PRICE"),
    ("3 bags are missing", "QTY_SHORT"), ("er ontbreken 3 zakken", "QTY_SHORT"), ("es fehlen 3 Säcke", "QTY_SHORT"),
    ("il manque 3 sacs", "QTY_SHORT"), ("you sent too many", "QTY_OVER"), ("te veel geleverd", "QTY_OVER"),
    ("arrived broken", "DAMAGED"), ("kapot aangekomen", "DAMAGED"), ("beschädigt", "DAMAGED"), ("arrivé cassé", "DAMAGED"),
    ("never arrived", "NOT_RECEIVED"), ("nooit ontvangen", "NOT_RECEIVED"), ("nie erhalten", "NOT_RECEIVED"),
    ("jamais reçu", "NOT_RECEIVED"), ("it didn't come", "NOT_RECEIVED"), ("far too late", "LATE"), ("te laat geleverd", "LATE"),
    ("zu spät", "LATE"), ("the bread was mouldy", "QUALITY"), ("beschimmeld", "QUALITY"), ("verschimmelt", "QUALITY"),
    ("moisi", "QUALITY"), ("we sent it back", "RETURNED"), ("teruggestuurd", "RETURNED"), ("zurückgeschickt", "RETURNED"),
    ("renvoyé", "RETURNED"), ("charged twice", "DUPLICATE"), ("dubbel gefactureerd", "DUPLICATE"), ("doppelt berechnet", "DUPLICATE"),
    ("facturé deux fois", "DUPLICATE"), ("wrong PO on it", "WRONG_PO"), ("verkeerd inkoopnummer", "WRONG_PO"),
    ("who signed for it?", "MISSING_POD"), ("wrong address", "WRONG_ADDRESS"), ("the VAT is wrong", "TAX"), ("btw klopt niet", "TAX"),
    ("Mehrwertsteuer falsch", "TAX"), ("la TVA est fausse", "TAX"), ("delivery charge", "FREIGHT"), ("verzendkosten", "FREIGHT"),
    ("the discount is missing", "DISCOUNT"), ("de korting ontbreekt", "DISCOUNT"), ("Rabatt fehlt", "DISCOUNT"),
    ("la remise manque", "DISCOUNT"), ("we never ordered that", "NOT_ORDERED"), ("niet besteld", "NOT_ORDERED"),
    ("nicht bestellt", "NOT_ORDERED"), ("pas commandé", "NOT_ORDERED"), ("this is fraud", "FRAUD_CLAIM"), ("it is wrong", "OTHER"),
    ("credit note is missing", "CREDIT_MISSING"), ("the installation was not done", "SERVICE"),
])  # fmt: skip
def test_the_reason_is_read_in_four_languages(words: str, reason: str) -> None:
    assert reason_of(words) == reason
    assert reason in REASONS


@pytest.mark.parametrize(("words", "is_paid"), [
    ("we already paid this", True), ("I have paid it last week", True), ("dit is al betaald", True), ("bereits bezahlt", True),
    ("déjà payé", True), ("I won't pay this", False), ("we betalen dit niet", False), ("not going to be paid", False),
    ("the price is wrong", False), ("das zahle ich nicht", False),
])  # fmt: skip
def test_whether_it_was_paid_is_told_from_whether_it_will_be(words: str, is_paid: bool) -> None:
    assert says_paid(words) is is_paid


def test_the_rest_of_an_invoice_that_is_late_is_said_to_be_late(
    session: Session, talk: Talk, customer: Customer
) -> None:
    invoice = a_bill(session, customer)
    invoice.due_on = DAY - timedelta(days=4)
    session.commit()
    said = talk.says("dispute_invoice", "We only got 9 of 12 on INV-1", number="INV-1")
    assert said.endswith("the other £266.20 was due on 12 March 2026, and stays to be paid.")
