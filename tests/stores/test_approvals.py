"""Reminders that wait for a person: approved, skipped and edited, and always looked at again."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.edit_reminder import NothingToAsk, edit_reminder
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.skip_reminder import NoReason, skip_reminder
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Rejected
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage
from o2c_core.conversations.setback import Setback
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.drafts import NotADraft, drafts_of
from o2c_core.reminders.own_words import NotOwnWords
from o2c_core.reminders.reminder import Reminder, ReminderSkip
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.stores.drafts import drafts
from tests.stores.outbox import Scripted, a_phone, replacement

LATE = DAY - timedelta(days=14)


@pytest.fixture
def invoice(session: Session) -> Invoice:
    """An invoice that is fourteen days late, of a customer who is written to in English."""
    customer = a_customer(session, a_seller(session), "K1", language="en", country="GB")
    made = an_invoice(session, customer, "F-1", due_on=LATE)
    session.commit()
    return made


def again(session: Session, message: Message) -> Message:
    return session.get_one(Message, message.id, populate_existing=True)


def noted(session: Session, message: Message) -> list[tuple[str, str]]:
    lines = session.scalars(select(TrailLine).where(TrailLine.message_id == message.id).order_by(TrailLine.id))
    return [(line.what, line.who) for line in lines]


def test_what_is_approved_leaves_and_says_who_approved_it(store: Store, session: Session, invoice: Invoice) -> None:
    (draft,) = drafts(store, session)
    (done,) = approve_reminders([draft.id, draft.id], by="mira", role="finance", store=store)
    assert (done.outcome, done.sentence, done.until) == ("approved", "It is on its way.", None)
    message = again(session, draft)
    assert (message.delivery, message.approved_by, message.approved_at) == ("queued", "mira", store.clock.now())
    assert noted(session, message)[-1] == ("reminder approved", "mira")
    (once_more,) = approve_reminders([draft.id], by="tom", role="finance", store=store)
    assert (once_more.outcome, once_more.sentence) == (
        "gone", "It does not wait for approval any more: mira approved it on 16 March 2026 at 12:00.",
    )  # fmt: skip
    assert again(session, draft).approved_by == "mira"


def test_what_is_approved_in_the_evening_waits_for_the_morning(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    clock.move(timedelta(hours=11, minutes=30))
    (done,) = approve_reminders([draft.id], by="mira", role="finance", store=store)
    assert done.outcome == "approved"
    assert done.until is not None
    assert done.until > clock.now()
    message = again(session, draft)
    assert (message.delivery, message.not_before, message.waits_why) == ("queued", done.until, done.sentence)


# What happens while the draft waits, and what comes of approving it.
@pytest.mark.parametrize("line", [
    "nothing           -> approved : It is on its way.",
    "it was paid       -> withdrawn: It has been paid.",
    "it was disputed   -> withdrawn: Everything open on it is disputed.",
    "a part was paid   -> withdrawn: The amount changed after the reminder was written.",
])  # fmt: skip
def test_what_was_overtaken_is_withdrawn_with_its_reason(
    line: str, store: Store, session: Session, invoice: Invoice
) -> None:
    what, outcome, sentence = (part.strip() for part in re.split(" -> |: ", line))
    (draft,) = drafts(store, session)
    if what == "it was paid":
        a_payment(session, invoice, invoice.total_minor)
    elif what == "a part was paid":
        a_payment(session, invoice, 2_500)
    elif what == "it was disputed":
        a_dispute(session, invoice)
    session.commit()
    (done,) = approve_reminders([draft.id], by="mira", role="finance", store=store)
    assert (done.outcome, done.sentence) == (outcome, sentence)
    message = again(session, draft)
    assert message.delivery == ("queued" if outcome == "approved" else "withdrawn")
    kept = session.scalars(select(Reminder).where(Reminder.message_id == message.id)).all()
    assert len(kept) == (1 if outcome == "approved" else 0)


def test_a_draft_of_yesterday_is_written_anew_and_not_sent_unseen(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    assert "14 days late" in draft.text
    clock.move(timedelta(days=1))
    a_payment(session, invoice, 2_500)
    session.commit()
    (done,) = approve_reminders([draft.id], by="mira", role="finance", store=store)
    assert (done.outcome, done.sentence) == (
        "renewed", "It was of an earlier day, so it was written anew; it asks for €\u00a0100,00 now. Approve it as it is today.",
    )  # fmt: skip
    message = again(session, draft)
    assert message.delivery == "draft"
    assert "15 days late" in message.text
    assert "15 days late" in (message.html or "")
    assert "€100.00" in message.text
    assert noted(session, message)[-1] == ("reminder renewed", "mira")
    (row,) = session.scalars(select(Reminder).where(Reminder.message_id == draft.id)).all()
    assert (row.on, row.rung) == (DAY + timedelta(days=1), "second")
    assert approve_reminders([draft.id], by="mira", role="finance", store=store)[0].outcome == "approved"


def test_a_draft_that_waited_past_the_next_step_takes_that_step(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    clock.move(timedelta(days=17))
    assert approve_reminders([draft.id], by="mira", role="finance", store=store)[0].outcome == "renewed"
    (row,) = session.scalars(select(Reminder).where(Reminder.message_id == draft.id)).all()
    assert (row.rung, row.days) == ("last", 30)
    assert "31 days late" in again(session, draft).text


def test_a_draft_of_yesterday_that_was_paid_is_withdrawn(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    clock.move(timedelta(days=1))
    a_payment(session, invoice, invoice.total_minor)
    session.commit()
    (done,) = approve_reminders([draft.id], by="mira", role="finance", store=store)
    assert (done.outcome, done.sentence) == ("withdrawn", "It has been paid.")


def test_many_are_approved_at_once_and_each_has_its_own_outcome(
    store: Store, session: Session, invoice: Invoice
) -> None:
    other = an_invoice(
        session, a_customer(session, session.get_one(Seller, invoice.seller_id), "K2", email="b@b.example"), due_on=LATE
    )
    session.commit()
    waiting = drafts(store, session)
    a_payment(session, other, other.total_minor)
    session.commit()
    unknown = new_key()
    done = approve_reminders([*(one.id for one in waiting), unknown], by="mira", role="finance", store=store)
    assert sorted(one.outcome for one in done) == ["approved", "gone", "withdrawn"]
    assert done[-1].message_id == unknown


# Who decides, what the seller lets them, and what comes of it. The reminder asks for 125 euros.
@pytest.mark.parametrize("line", [
    "finance    {}                                      -> approved",
    "manager    {}                                      -> approved",
    "agent      {}                                      -> A reminder of € 125,00 is more than the role agent may decide, which is € 0,00.",
    "assistant  {}                                      -> A reminder of € 125,00 is more than the role assistant may decide, which is € 0,00.",
    "boss       {}                                      -> 'boss' is not a role with any authority: assistant, agent, finance, manager.",
    "finance    {'finance': {'approve_max': 100}}       -> A reminder of € 125,00 is more than the role finance may decide, which is € 100,00.",
    "agent      {'agent': {'approve_max': 125}}         -> approved",
])  # fmt: skip
def test_who_may_approve_is_the_sellers_to_say(line: str, store: Store, session: Session, invoice: Invoice) -> None:
    said, told = line.split(" -> ")
    role, limits = said.split(maxsplit=1)
    session.get_one(Seller, invoice.seller_id).settings = {"authority": eval(limits)}  # noqa: S307
    session.commit()
    (draft,) = drafts(store, session)
    (done,) = approve_reminders([draft.id], by="x", role=role, store=store)
    if told == "approved":
        assert done.outcome == "approved"
        return
    assert (done.outcome, done.sentence.replace("\u00a0", " ")) == ("refused", told)
    assert again(session, draft).delivery == "draft"
    with pytest.raises(BeyondAuthority):
        skip_reminder(draft.id, why="not now", by="x", role=role, store=store)
    with pytest.raises(BeyondAuthority):
        edit_reminder(draft.id, opening="Good day.", by="x", role=role, store=store)


def test_a_skipped_step_is_not_proposed_again_and_the_next_one_comes(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    assert skip_reminder(draft.id, why=" they moved\nhouse ", by="mira", role="finance", store=store) == [("second", 0)]
    assert again(session, draft).delivery == "withdrawn"
    (skip,) = session.scalars(select(ReminderSkip)).all()
    assert (skip.rung, skip.why, skip.by, skip.on) == ("second", "they moved house", "mira", DAY)
    assert noted(session, draft)[-2:] == [("reminder withdrawn", "system"), ("reminder skipped", "mira")]
    clock.move(timedelta(days=1))
    assert [
        entry.reason.value for entry in run_reminders(DAY + timedelta(days=1), store=store).entries if entry.reason
    ] == ["skipped"]
    clock.move(timedelta(days=15))
    (reminded,) = run_reminders(DAY + timedelta(days=16), store=store).drafted
    assert reminded.rung == "last"


def test_a_person_by_the_name_of_a_call_skips_as_anybody_does(store: Store, session: Session, invoice: Invoice) -> None:
    (draft,) = drafts(store, session)
    skip_reminder(draft.id, why="talked", by="a call", role="finance", store=store)
    (entry,) = run_reminders(DAY, store=store).entries
    assert entry.reason is not None
    assert entry.reason.value == "skipped"


def test_skipping_asks_for_a_reason_and_for_a_draft(store: Store, session: Session, invoice: Invoice) -> None:
    (draft,) = drafts(store, session)
    with pytest.raises(NoReason):
        skip_reminder(draft.id, why="  ", by="mira", role="finance", store=store)
    with pytest.raises(NoSuchMessage):
        skip_reminder(new_key(), why="x", by="mira", role="finance", store=store)
    approve_reminders([draft.id], by="mira", role="finance", store=store)
    with pytest.raises(NotADraft, match="mira approved it"):
        skip_reminder(draft.id, why="x", by="mira", role="finance", store=store)


def test_sentences_are_put_in_other_words_and_nothing_else_changes(
    store: Store, session: Session, invoice: Invoice
) -> None:
    (draft,) = drafts(store, session)
    before = draft.text
    written = edit_reminder(
        draft.id,
        opening="Anna, about F-1: it is 14 days late <b>&</b> €125.00 is open.",
        by="mira",
        role="finance",
        store=store,
    )
    message = again(session, draft)
    assert "Anna, about F-1: it is 14 days late <b>&</b> €125.00 is open." in message.text
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in (message.html or "")
    assert written.ask in before
    assert message.text.count("NL91 ABNA 0417 1643 00") == before.count("NL91 ABNA 0417 1643 00") == 1
    assert message.delivery == "draft"
    assert noted(session, message)[-1] == ("reminder edited", "mira")
    (shown,) = drafts_of(session, invoice.seller_id)
    assert shown.own_words["by"] == "mira"
    # The approved sentences are there again when nothing is given.
    edit_reminder(draft.id, by="mira", role="finance", store=store)
    assert again(session, draft).text == before
    assert drafts_of(session, invoice.seller_id)[0].own_words == {}


@pytest.mark.parametrize(
    "words",
    [
        "Please pay €124.00 for F-1.",
        "Pay by Friday.",
        "Pay the hundred euros.",
        "F-2 is open.",
        "Pay within 14 days.",
        " ",
    ],
)
def test_no_figure_is_smuggled_in(words: str, store: Store, session: Session, invoice: Invoice) -> None:
    (draft,) = drafts(store, session)
    before = draft.text
    for place in ("opening", "ask"):
        with pytest.raises(NotOwnWords):
            edit_reminder(draft.id, **{place: words}, by="mira", role="finance", store=store)
    assert again(session, draft).text == before


def test_own_words_outlive_the_night_only_while_they_are_true(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    edit_reminder(
        draft.id,
        opening="F-1 is 14 days late, Anna.",
        ask="Shall I ring you about it?",
        by="mira",
        role="finance",
        store=store,
    )
    clock.move(timedelta(days=1))
    (done,) = approve_reminders([draft.id], by="tom", role="finance", store=store)
    assert done.outcome == "renewed"
    assert done.sentence.endswith("Look at the words that were put in by hand again, too.")
    text = again(session, draft).text
    assert "14 days late" not in text
    assert "15 days late" in text


def test_own_words_without_figures_are_kept_overnight(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    (draft,) = drafts(store, session)
    edit_reminder(draft.id, ask="Shall I ring you about F-1?", by="mira", role="finance", store=store)
    clock.move(timedelta(days=1))
    approve_reminders([draft.id], by="tom", role="finance", store=store)
    assert "Shall I ring you about F-1?" in again(session, draft).text
    assert "15 days late" in again(session, draft).text


def test_editing_what_was_paid_withdraws_it(store: Store, session: Session, invoice: Invoice) -> None:
    (draft,) = drafts(store, session)
    a_payment(session, invoice, invoice.total_minor)
    session.commit()
    with pytest.raises(NothingToAsk, match=r"There is nothing left to ask for: It has been paid\."):
        edit_reminder(draft.id, opening="Hello.", by="mira", role="finance", store=store)
    assert again(session, draft).delivery == "withdrawn"


def test_the_queue_names_what_waits_largest_first(store: Store, session: Session, invoice: Invoice) -> None:
    seller = session.get_one(Seller, invoice.seller_id)
    big = a_customer(session, seller, "K2", email="b@b.example")
    for number in ("F-2", "F-3"):
        an_invoice(session, big, number, total_minor=100_000, due_on=LATE)
    session.commit()
    drafts(store, session)
    found = drafts_of(session, seller.id)
    assert [(one.customer.ref, str(one.asked), one.numbers, one.rung, one.ladder) for one in found] == [
        ("K2", "2000.00 EUR", ("F-2", "F-3"), "second", "standard"),
        ("K1", "125.00 EUR", ("F-1",), "second", "standard"),
    ]
    assert [one.customer.ref for one in drafts_of(session, seller.id, [found[1].message.id])] == ["K1"]


def bounced(store: Store, session: Session, message: Message) -> Message:
    """What goes instead of the message once its address has turned out not to exist."""
    carrier = Scripted([Rejected("no such mailbox", Setback.BAD_ADDRESS, "550")])
    deliver_message(message.id, store=store, carriers={"email": carrier})
    instead = replacement(session, again(session, message))
    assert instead is not None
    return instead


def test_what_was_approved_in_own_words_and_bounced_waits_for_eyes_on_the_next_channel(
    store: Store, session: Session, invoice: Invoice
) -> None:
    a_phone(session, session.get_one(Customer, invoice.customer_id))
    session.commit()
    (draft,) = drafts(store, session)
    edit_reminder(draft.id, opening="May I remind you of this one?", by="mira", role="finance", store=store)
    approve_reminders([draft.id], by="mira", role="finance", store=store)
    instead = bounced(store, session, draft)
    assert (instead.channel, instead.delivery, instead.approved_by) == ("sms", "draft", None)
    assert "May I remind you" not in instead.text


def test_what_was_approved_as_written_and_bounced_goes_on_with_its_approval(
    store: Store, session: Session, invoice: Invoice
) -> None:
    a_phone(session, session.get_one(Customer, invoice.customer_id))
    session.commit()
    (draft,) = drafts(store, session)
    approve_reminders([draft.id], by="mira", role="finance", store=store)
    instead = bounced(store, session, draft)
    assert (instead.delivery, instead.approved_by) == ("queued", "mira")
