"""A reminders run, from the ledger to the captured mail."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.deliver_message import deliver_queued
from o2c_core.actions.run_reminders import NoSuchSeller, run_reminders
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.money import Money
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice

CARRIERS = {"email": Captured()}


def days_ago(days: int) -> date:
    return DAY - timedelta(days=days)


def outbox(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.purpose == "reminder").order_by(Message.id)))


def jobs(session: Session) -> list[str]:
    asked = session.execute(
        text("SELECT args->>'message_ids' FROM procrastinate_jobs WHERE task_name = 'deliver_messages'")
    )
    return [one for row in asked for one in row[0].split(",")]


def test_everything_due_goes_into_one_message_and_a_second_run_sends_nothing_and_says_why(
    store: Store, session: Session
) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "INV-1", total_minor=124_050, due_on=days_ago(14))
    an_invoice(session, customer, "INV-2", total_minor=5_000, due_on=days_ago(0))
    session.commit()

    run = run_reminders(DAY, store=store)
    assert deliver_queued(store=store, carriers=CARRIERS) == 1

    (message,) = outbox(session)
    assert message.delivery == "sent"
    assert message.carrier == "captured"
    assert message.carrier_key == f"captured:{message.id}"
    assert message.address == "ap@jansen.example"
    assert "€ 1.240,50" in message.text.replace("\xa0", " ")
    assert "INV-2" in message.text
    assert message.html
    assert "INV-2" in message.html
    assert jobs(session) == [str(message.id)]
    (entry,) = run.entries
    assert (entry.rung, entry.message_id, entry.asked) == ("second", message.id, Money(129_050, "EUR"))
    assert run.totals == {"EUR": Money(129_050, "EUR")}
    used = session.execute(select(Reminder.rung, Reminder.open_minor).order_by(Reminder.open_minor)).all()
    assert [tuple(row) for row in used] == [("due", 5_000), ("second", 124_050)]

    again = run_reminders(DAY, store=store)
    assert deliver_queued(store=store, carriers=CARRIERS) == 0
    assert len(outbox(session)) == 1
    (entry,) = again.entries
    assert entry.reason is Reason.ALREADY_REMINDED
    assert entry.sentence == "Already reminded at this step on 16 March 2026."
    assert again.reasons == {Reason.ALREADY_REMINDED: 2}


def test_each_step_comes_on_its_day_and_then_it_is_a_persons_turn(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, due_on=DAY)
    session.commit()
    came = {}
    for offset in range(-10, 60):
        day = DAY + timedelta(days=offset)
        if reminded := run_reminders(day, store=store).reminded:
            came[offset] = reminded[0].rung
    assert came == {-3: "courtesy", 0: "due", 7: "first", 14: "second", 30: "last"}
    assert run_reminders(DAY + timedelta(days=60), store=store).entries[0].reason is Reason.LADDER_DONE


def test_what_was_paid_in_part_asks_for_the_rest(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, total_minor=50_000, due_on=days_ago(7), paid_minor=20_000)
    session.commit()
    assert run_reminders(DAY, store=store).entries[0].asked == Money(30_000, "EUR")
    text_sent = outbox(session)[0].text.replace("\xa0", " ")
    assert "De betaling van € 300,00 voor factuur" in text_sent
    assert "Factuurbedrag € 500,00, waarvan € 200,00 al is betaald" in text_sent


def test_a_dispute_on_a_part_leaves_the_rest_and_a_whole_one_leaves_nothing(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    part = an_invoice(session, customer, "INV-1", total_minor=50_000, due_on=days_ago(7))
    whole = an_invoice(session, customer, "INV-2", total_minor=9_000, due_on=days_ago(7))
    number = a_dispute(session, part, 4_500).number
    a_dispute(session, whole)
    session.commit()
    (entry,) = run_reminders(DAY, store=store).entries
    assert entry.asked == Money(45_500, "EUR")
    assert {line.number: line.reason for line in entry.invoices} == {"INV-1": None, "INV-2": Reason.DISPUTED}
    text_sent = outbox(session)[0].text.replace("\xa0", " ")
    assert f"Over € 45,00 hebt u bezwaar gemaakt ({number})" in text_sent
    assert "Factuur INV-2 blijft buiten dit bericht" in text_sent
    assert "90,00" not in text_sent
    # On the second run of the day it matters more that a message went out than that a part is disputed.
    (again,) = run_reminders(DAY, store=store).entries
    assert again.reason is Reason.ALREADY_REMINDED


def test_every_customer_who_hears_nothing_is_in_the_report_with_the_reason(store: Store, session: Session) -> None:
    seller = a_seller(session)

    def overdue(ref: str, **fields: object) -> None:
        an_invoice(session, a_customer(session, seller, ref, **fields), due_on=days_ago(7), total_minor=12_500)  # type: ignore[arg-type]

    overdue("no-address", email=None)
    overdue("walk-in", is_walk_in=True)
    overdue("reminded")
    an_invoice(session, a_customer(session, seller, "paid"), due_on=days_ago(7), paid_minor=12_500)
    credited = a_customer(session, seller, "credited")
    a_credit_note(session, credited, 12_500, against=an_invoice(session, credited, due_on=days_ago(7)))
    a_dispute(session, an_invoice(session, a_customer(session, seller, "disputed"), due_on=days_ago(7)))
    unmatched = a_customer(session, seller, "unmatched")
    an_invoice(session, unmatched, due_on=days_ago(7))
    a_credit_note(session, unmatched, 12_500)
    bounced = a_customer(session, seller, "bounced")
    bounced.contacts[0].addresses[0].failed_at = MOMENT
    an_invoice(session, bounced, due_on=days_ago(7))
    live = a_customer(session, seller, "live")
    an_invoice(session, live, due_on=days_ago(7))
    session.add(
        Conversation(
            seller_id=seller.id,
            customer_id=live.id,
            channel="chat",
            speaker="agent",
            opened_at=MOMENT,
            updated_at=MOMENT,
        )
    )
    session.commit()
    run = run_reminders(DAY, store=store)
    assert {entry.customer: entry.reason.value if entry.reason else entry.rung for entry in run.entries} == {
        "no-address": "no_address",
        "walk-in": "walk_in",
        "reminded": "first",
        "paid": "paid",
        "credited": "credited",
        "disputed": "disputed",
        "unmatched": "money_pending",
        "bounced": "bounced",
        "live": "conversation_live",
    }
    document = run.to_json()
    assert document["messages"] == 1
    assert document["customers_skipped"] == 8
    assert document["reasons"] == {entry.reason.value: 1 for entry in run.skipped if entry.reason}
    assert [one["customer"] for one in document["entries"] if one["skipped"] is None] == ["reminded"]


def test_a_dry_run_shows_the_words_and_writes_nothing(store: Store, session: Session) -> None:
    an_invoice(session, a_customer(session, a_seller(session)), "INV-1", due_on=days_ago(7))
    session.commit()
    (entry,) = run_reminders(DAY, store=store, dry_run=True).entries
    assert entry.subject == "Van Dijk Groothandel: betaling van factuur INV-1"
    assert entry.text
    assert entry.message_id is None
    for table in (Message, Conversation, Reminder, TrailLine):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert jobs(session) == []
    run_reminders(DAY, store=store)
    assert [message.text for message in outbox(session)] == [entry.text]


@pytest.mark.parametrize(("language", "country", "subject"), [
    ("en", "GB", "Van Dijk Groothandel: payment of invoice INV-1"),
    ("nl", "NL", "Van Dijk Groothandel: betaling van factuur INV-1"),
    ("de", "DE", "Van Dijk Groothandel: Zahlung der Rechnung INV-1"),
    ("fr", "FR", "Van Dijk Groothandel : paiement de la facture INV-1"),
])  # fmt: skip
def test_each_customer_is_written_to_in_their_language(
    store: Store, session: Session, language: str, country: str, subject: str
) -> None:
    an_invoice(
        session, a_customer(session, a_seller(session), language=language, country=country), "INV-1", due_on=days_ago(7)
    )
    session.commit()
    run_reminders(DAY, store=store)
    (message,) = outbox(session)
    assert (message.subject, message.language) == (subject, language)
    assert message.receipts
    assert all({"id", "text", "source"} <= receipt.keys() for receipt in message.receipts)


def test_currencies_are_not_mixed_and_share_the_customers_open_conversation(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, due_on=days_ago(7), total_minor=10_000)
    an_invoice(session, customer, due_on=days_ago(7), total_minor=7_000, currency="USD")
    thread = Conversation(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        channel="email",
        version=3,
        opened_at=MOMENT,
        updated_at=MOMENT,
    )
    session.add(thread)
    session.commit()
    run = run_reminders(DAY, store=store)
    assert run.totals == {"EUR": Money(10_000, "EUR"), "USD": Money(7_000, "USD")}
    assert {message.conversation_id for message in outbox(session)} == {thread.id}
    session.refresh(thread)
    assert (thread.version, thread.introduced) == (5, True)


def test_only_the_asked_sellers_customers_are_reminded(store: Store, session: Session) -> None:
    for ref in ("north", "south"):
        an_invoice(session, a_customer(session, a_seller(session, ref), f"{ref}-1"), due_on=days_ago(7))
    session.commit()
    assert [entry.customer for entry in run_reminders(DAY, store=store, seller_ref="south").entries] == ["south-1"]
    assert [entry.customer for entry in run_reminders(DAY, store=store).reminded] == ["north-1"]
    with pytest.raises(NoSuchSeller):
        run_reminders(DAY, store=store, seller_ref="east")


def test_the_trail_says_who_reminded_whom_of_what(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "INV-1", due_on=days_ago(7))
    session.commit()
    run_reminders(DAY, store=store)
    line = session.scalars(select(TrailLine)).one()
    (message,) = outbox(session)
    assert (line.what, line.who, line.why, line.customer_id) == ("reminder queued", "assistant", "first", customer.id)
    assert (line.message_id, line.details["invoices"]) == (message.id, ["INV-1"])


def test_a_corrected_address_is_used_on_the_same_day(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), email=None)
    an_invoice(session, customer, due_on=days_ago(7))
    session.commit()
    assert run_reminders(DAY, store=store).entries[0].reason is Reason.NO_ADDRESS
    customer.contacts[0].addresses.append(Address(channel="email", value="new@jansen.example"))
    session.commit()
    assert run_reminders(DAY, store=store).entries[0].address == "new@jansen.example"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    due=st.lists(st.integers(-20, 20), min_size=1, max_size=4),
    days=st.lists(st.integers(-5, 50), min_size=1, max_size=6),
    paid_before=st.integers(0, 6),
)
def test_no_sequence_of_runs_and_payments_reminds_twice_or_of_something_paid(
    store: Store, session: Session, due: list[int], days: list[int], paid_before: int
) -> None:
    seller = a_seller(session, f"s{session.scalar(select(func.count()).select_from(Reminder))}-{id(due)}")
    customer = a_customer(session, seller)
    invoices = [an_invoice(session, customer, due_on=DAY + timedelta(days=offset)) for offset in due]
    session.commit()
    asked: list[tuple[str, str]] = []
    for at, day in enumerate(days):
        if at == paid_before:
            a_payment(session, invoices[0], invoices[0].total_minor)
            session.commit()
        run = run_reminders(DAY + timedelta(days=day), store=store, seller_ref=seller.ref)
        lines = [(line.number, line.rung) for entry in run.reminded for line in entry.invoices if line.rung]
        assert not (at >= paid_before and any(number == invoices[0].number for number, _ in lines))
        asked.extend((number, rung) for number, rung in lines if rung)
    assert len(asked) == len(set(asked))
