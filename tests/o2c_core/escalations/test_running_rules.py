"""A rule fires once for a state, ends by itself, and does what it says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.acknowledge_escalation import WhoIsMissing, acknowledge_escalation
from o2c_core.actions.close_escalation import close_escalation
from o2c_core.actions.close_task import HowIsMissing
from o2c_core.actions.confirm_order import NotWithinCredit, confirm_order
from o2c_core.actions.decide_approval import WhyIsMissing, decide_approval
from o2c_core.actions.run_escalations import OnlyToday, run_escalations
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.ship_order import DeliveriesHeld, Departure, ship_order
from o2c_core.actions.switch_rule import NoSuchState, switch_rule
from o2c_core.cases.hold import HeldTooLong, Hold
from o2c_core.cases.moves import Settled
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.escalations.approval import Approval, NoSuchApproval
from o2c_core.escalations.escalation import NoSuchEscalation
from o2c_core.escalations.rule import NoSuchRule
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import WriteOff
from o2c_core.reminders.reminder import LadderChoice
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_dispute, a_payment, a_seller, an_invoice, an_order
from tests.o2c_core.escalations.ruling import a_rule, escalations, in_force, the


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    session.commit()
    return seller


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "C1")
    session.commit()
    return customer


@pytest.fixture
def late(session: Session, customer: Customer) -> Invoice:
    invoice = an_invoice(session, customer, due_on=DAY - timedelta(days=10), total_minor=20_000)
    session.commit()
    return invoice


def trail(store: Store, what: str) -> list[TrailLine]:
    with store.session() as session:
        return list(session.scalars(select(TrailLine).where(TrailLine.what == what).order_by(TrailLine.id)))


def all_of(store: Store, kind: type[Any]) -> list[Any]:
    with store.session() as session:
        return list(session.scalars(select(kind).order_by(kind.id)))


def paid(session: Session, invoice: Invoice) -> None:
    a_payment(session, invoice, invoice.total_minor)
    session.commit()


def test_a_rule_fires_once_however_often_it_runs(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule(), store, seller)
    runs = [run_escalations(store=store) for _ in range(3)]
    assert [run.count("fired") for run in runs] == [1, 0, 0]
    (one,) = escalations(store)
    assert (one.stands, one.owner, one.level, one.fired_on) == ("open", "Sanne", 1, DAY)
    assert one.facts == {"overdue": "200.00"}
    (line,) = trail(store, "escalation fired")
    assert line.who == "rule late"
    assert line.customer_id == late.customer_id
    assert line.details["did"] == ["task"]


def test_it_is_over_when_the_condition_no_longer_holds_and_only_then_fires_anew(
    store: Store, session: Session, seller: Seller, customer: Customer, late: Invoice
) -> None:
    in_force(a_rule(), store, seller)
    run_escalations(store=store)
    paid(session, late)
    over = run_escalations(store=store)
    assert [entry.sentence for entry in over.entries] == [
        "Late is over for Bakkerij Jansen (C1): the condition no longer holds."
    ]
    (one,) = escalations(store)
    assert (one.stands, one.ended_why) == ("over", "the condition no longer holds")
    assert [task.state for task in all_of(store, Task)] == ["done"]
    assert len(trail(store, "escalation over")) == 1
    an_invoice(session, customer, due_on=DAY - timedelta(days=2), total_minor=30_000)
    session.commit()
    assert run_escalations(store=store).count("fired") == 1
    assert [one.stands for one in escalations(store)] == ["over", "open"]


def test_closed_by_a_person_it_does_not_fire_again_while_the_same_goes_on(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    in_force(a_rule(), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    close_escalation(one.id, by="Sanne", how="They pay on Friday", store=store)
    assert run_escalations(store=store).entries == []
    assert the(store, one.id).stands == "closed"
    assert all_of(store, Task)[0].done_how == "They pay on Friday"
    paid(session, late)
    run_escalations(store=store)
    assert the(store, one.id).stands == "over"


def test_a_state_that_changes_fires_anew_where_the_rule_says_so(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    rule = a_rule(when="broken_promises_in_a_row >= 2", anew_when=["broken_promises_in_a_row"])
    in_force(rule, store, seller)

    def breaks() -> None:
        session.add(
            Promise(
                seller_id=seller.id, customer_id=customer.id, amount_minor=100, currency="EUR", promised_on=DAY,
                state="broken", made_at=store.clock.now(), made_on=DAY - timedelta(days=9), settled_on=DAY,
            )
        )  # fmt: skip
        session.commit()

    fired = []
    for _ in range(4):
        breaks()
        fired.append(run_escalations(store=store).count("fired"))
    assert fired == [0, 1, 1, 1]
    assert [one.state_key[-2:] for one in escalations(store)] == ["=2", "=3", "=4"]
    assert [one.stands for one in escalations(store)] == ["over", "over", "open"]


def test_a_dry_run_writes_nothing_and_says_what_a_run_would_do(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule(), store, seller)
    lines = len(all_of(store, TrailLine))
    dry = run_escalations(store=store, dry_run=True)
    assert [entry.sentence for entry in dry.entries] == [
        "Late fires for Bakkerij Jansen (C1), and is Sanne's: the amount overdue: 200."
    ]
    assert (escalations(store), len(all_of(store, TrailLine))) == ([], lines)
    assert run_escalations(DAY - timedelta(days=10), store=store, dry_run=True).entries == []
    assert run_escalations(store=store).to_json()["fired"] == 1


def test_only_today_is_acted_on(store: Store, seller: Seller) -> None:
    with pytest.raises(OnlyToday):
        run_escalations(DAY - timedelta(days=1), store=store)
    with pytest.raises(NotFound):
        run_escalations(store=store, seller_ref="nobody")


def test_in_trial_it_is_noted_and_nobody_hears_of_it(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    in_force(a_rule({"do": "tell"}, {"do": "hold_orders", "days": 7}), store, seller, "trial")
    assert run_escalations(store=store).count("tried") == 1
    assert run_escalations(store=store).entries == []
    assert [one.stands for one in escalations(store)] == ["trial"]
    assert [all_of(store, kind) for kind in (Hold, Task, Message)] == [[], [], []]
    assert len(trail(store, "escalation tried")) == 1


def test_switched_on_after_a_trial_it_fires_for_what_still_holds(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule(), store, seller, "trial")
    run_escalations(store=store)
    switch_rule("late", "on", seller_ref=seller.ref, store=store, by="finance")
    run_escalations(store=store)
    assert [one.stands for one in escalations(store)] == ["over", "open"]
    switch_rule("late", "off", seller_ref=seller.ref, store=store, by="finance")
    assert [one.ended_why for one in escalations(store)][-1] == "the rule was switched off"
    assert run_escalations(store=store).entries == []


def test_a_changed_rule_is_a_new_version_that_waits_and_what_fired_keeps_its_own(
    store: Store, seller: Seller, late: Invoice
) -> None:
    first = in_force(a_rule(), store, seller)
    run_escalations(store=store)
    changed = a_rule({"do": "task", "what": "Write"}, when="overdue >= 150")
    second = save_rule(changed, seller_ref=seller.ref, store=store, by="finance")
    assert (second.version, second.state) == (2, "off")
    assert save_rule(changed, seller_ref=seller.ref, store=store, by="finance").id == second.id
    switch_rule("late", "on", seller_ref=seller.ref, store=store, by="finance")
    assert run_escalations(store=store).entries == []
    assert [one.rule_id for one in escalations(store)] == [first.id]
    with store.session() as session:
        assert session.get_one(type(first), first.id).state == "off"
        assert session.get_one(type(first), first.id).document == first.document


def test_what_a_rule_may_not_do_is_refused_when_it_is_saved(store: Store, seller: Seller) -> None:
    with pytest.raises(HeldTooLong):
        save_rule(a_rule({"do": "hold_orders", "days": 60}), seller_ref=seller.ref, store=store, by="finance")
    with pytest.raises(BeyondAuthority):
        save_rule(
            a_rule({"do": "write_off", "role": "finance", "at_most": 9_000}),
            seller_ref=seller.ref,
            store=store,
            by="me",
        )
    with pytest.raises(NotFound):
        save_rule(a_rule(), seller_ref="nobody", store=store, by="finance")
    with pytest.raises(NoSuchRule):
        switch_rule("nothing", "on", seller_ref=seller.ref, store=store, by="finance")
    save_rule(a_rule(), seller_ref=seller.ref, store=store, by="finance")
    with pytest.raises(NoSuchState):
        switch_rule("late", "maybe", seller_ref=seller.ref, store=store, by="finance")


def test_outside_its_working_hours_a_rule_waits_for_them(
    store: Store, seller: Seller, late: Invoice, clock: MovableClock
) -> None:
    in_force(a_rule(), store, seller)
    clock.move(timedelta(hours=9))
    assert run_escalations(store=store, only_working=True).entries == []
    clock.move(timedelta(hours=12))
    assert run_escalations(store=store, only_working=True).count("fired") == 1


def test_what_is_over_does_not_wait_for_anybody_to_work(
    store: Store, session: Session, seller: Seller, late: Invoice, clock: MovableClock
) -> None:
    """Who pays in the evening can order in the evening; what became worse is somebody's in the morning."""
    in_force(a_rule({"do": "hold_orders", "days": 14}), store, seller)
    in_force(a_rule(name="worse", when="overdue >= 50", anew_when=["overdue"]), store, seller)
    run_escalations(store=store, only_working=True)
    a_payment(session, late, 12_000)
    session.commit()
    clock.move(timedelta(hours=9))
    run = run_escalations(store=store, only_working=True)
    assert [(entry.what, entry.rule) for entry in run.entries] == [("over", "late")]
    assert {hold.ended_on for hold in all_of(store, Hold)} == {DAY}
    clock.move(timedelta(hours=13))
    run = run_escalations(store=store, only_working=True)
    assert [(entry.what, entry.rule) for entry in run.entries] == [("over", "worse"), ("fired", "worse")]


def test_a_task_has_its_owner_and_is_due_in_working_time(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule({"do": "task", "what": "Call", "within": "4 hours"}, deadline="2 days"), store, seller)
    run_escalations(store=store)
    (task,) = all_of(store, Task)
    assert (task.kind, task.owner, task.why) == ("escalation", "Sanne", "Late: Call")
    assert (task.due_at - store.clock.now()) == timedelta(hours=4)
    assert escalations(store)[0].deadline_at == store.clock.now() + timedelta(days=2)


def test_the_owner_is_written_to_by_mail_and_hears_when_it_is_over(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    level = {
        "owner": "Sanne", "mail": "sanne@vandijk.example", "acknowledge_within": "4 hours",
        "actions": [{"do": "tell"}],
    }  # fmt: skip
    in_force(a_rule(level=[level]), store, seller)
    run_escalations(store=store)
    (mail,) = all_of(store, Message)
    assert (mail.address, mail.delivery, mail.author) == ("sanne@vandijk.example", "queued", "system")
    assert "Late: Bakkerij Jansen (C1)." in mail.text
    assert "the amount overdue: 200" in mail.text
    assert "Monday 16 March 2026, 16:00" in mail.text
    (talk,) = all_of(store, Conversation)
    assert (talk.speaker, talk.customer_id) == ("agent", None)
    paid(session, late)
    run_escalations(store=store)
    assert [one.text[:11] for one in all_of(store, Message)][1:] == ["It is over:"]


def test_a_private_person_is_only_a_number_in_a_mail(store: Store, session: Session, seller: Seller) -> None:
    person = a_customer(session, seller, "P7", name="Wil de Vries", kind="person")
    an_invoice(session, person, due_on=DAY - timedelta(days=9), total_minor=50_000)
    session.commit()
    level = {"owner": "Sanne", "mail": "sanne@vandijk.example", "actions": [{"do": "tell"}]}
    in_force(a_rule(level=[level]), store, seller)
    run_escalations(store=store)
    (mail,) = all_of(store, Message)
    assert "P7" in mail.text
    assert "Vries" not in mail.text + str(mail.subject)


def test_without_an_address_the_owner_hears_by_a_task(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule({"do": "tell"}), store, seller)
    run_escalations(store=store)
    (task,) = all_of(store, Task)
    assert (task.owner, task.why) == ("Sanne", "Late: the amount overdue: 200")


def test_held_orders_are_neither_confirmed_nor_shipped_until_it_is_over(
    store: Store, session: Session, seller: Seller, customer: Customer, late: Invoice
) -> None:
    waits = an_order(session, customer, states=("ordered",))
    ready = an_order(session, customer, states=("confirmed",))
    session.commit()
    in_force(a_rule({"do": "hold_orders", "days": 14}), store, seller)
    run_escalations(store=store)
    assert {hold.kind for hold in all_of(store, Hold)} == {"credit", "delivery"}
    with pytest.raises(NotWithinCredit):
        confirm_order(waits.id, store=store, by="sales")
    with pytest.raises(DeliveriesHeld):
        ship_order(Departure(ready.id, "T1"), store=store, by="stock")
    paid(session, late)
    run_escalations(store=store)
    assert {hold.ended_why for hold in all_of(store, Hold)} == {"the condition no longer holds"}
    assert confirm_order(waits.id, store=store, by="sales").state == "confirmed"


def test_orders_of_a_private_person_are_only_held_once_somebody_approved(
    store: Store, session: Session, seller: Seller
) -> None:
    person = a_customer(session, seller, "P1", kind="person")
    invoice = an_invoice(session, person, due_on=DAY - timedelta(days=9), total_minor=50_000)
    session.commit()
    in_force(a_rule({"do": "hold_orders", "days": 14}), store, seller)
    run_escalations(store=store)
    assert all_of(store, Hold) == []
    (asked,) = all_of(store, Approval)
    assert (asked.kind, asked.role, asked.state, asked.customer_id) == ("hold_orders", "finance", "waiting", person.id)
    with pytest.raises(BeyondAuthority):
        decide_approval(asked.id, approve=True, by="Tom", role="agent", why="go on", store=store)
    decided = decide_approval(asked.id, approve=True, by="Eva", role="finance", why="no reaction", store=store)
    assert (decided.state, decided.decided_by, decided.carried_out_at) == ("approved", "Eva", store.clock.now())
    assert {hold.until_on for hold in all_of(store, Hold)} == {DAY + timedelta(days=14)}
    paid(session, invoice)
    run_escalations(store=store)
    assert {hold.ended_on for hold in all_of(store, Hold)} == {DAY}


def test_reminders_are_paused_for_as_long_as_it_lasts(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    in_force(a_rule({"do": "pause_reminders", "days": 7}), store, seller)
    run_escalations(store=store)
    (hold,) = all_of(store, Hold)
    assert (hold.kind, hold.until_on, hold.owner, hold.reason) == (
        "reminders",
        DAY + timedelta(days=7),
        "Sanne",
        "Late",
    )


def test_the_ladder_is_changed_for_the_customer(
    store: Store, seller: Seller, customer: Customer, late: Invoice
) -> None:
    in_force(a_rule({"do": "choose_ladder", "ladder": "standard"}), store, seller)
    run_escalations(store=store)
    (choice,) = all_of(store, LadderChoice)
    assert (choice.ladder, choice.customer_id, choice.by) == ("standard", customer.id, "rule late")


def test_an_action_that_is_refused_keeps_none_of_the_others_from_being_done(
    store: Store, seller: Seller, late: Invoice
) -> None:
    actions = [{"do": "choose_ladder", "ladder": "nobody-has-this"}, {"do": "task", "what": "Call"}]
    in_force(a_rule(*actions), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    assert "refused" in one.done[0]
    assert "refused" not in one.done[1]
    assert {task.why for task in all_of(store, Task)} == {
        "Late: Call",
        "Late: “choose_ladder” could not be done. " + one.done[0]["refused"],
    }


def test_open_disputes_become_the_owner_s(store: Store, session: Session, seller: Seller, late: Invoice) -> None:
    dispute = a_dispute(session, late, 5_000)
    session.commit()
    in_force(a_rule({"do": "assign", "what": "disputes"}, when="disputed > 0"), store, seller)
    run_escalations(store=store)
    session.refresh(dispute)
    assert dispute.owner == "Sanne"
    assert trail(store, "dispute assigned")[0].who == "rule late"


def test_a_write_off_is_proposed_and_done_within_the_authority_of_who_approves(
    store: Store, session: Session, seller: Seller, customer: Customer, late: Invoice
) -> None:
    an_invoice(session, customer, due_on=DAY - timedelta(days=4), total_minor=9_000)
    session.commit()
    in_force(a_rule({"do": "write_off", "role": "finance", "at_most": 240}), store, seller)
    run_escalations(store=store)
    (asked,) = all_of(store, Approval)
    assert asked.subject == ("Write off 240.00 EUR of the 290.00 EUR that Bakkerij Jansen (C1) is late with: Late.")
    done = decide_approval(asked.id, approve=True, by="Eva", role="finance", why="too small", store=store)
    assert done.outcome == "240.00 EUR was written off."
    assert [one.amount_minor for one in all_of(store, WriteOff)] == [20_000, 4_000]
    with pytest.raises(Settled):
        decide_approval(asked.id, approve=True, by="Eva", role="finance", why="again", store=store)
    assert len(all_of(store, WriteOff)) == 2


def test_collection_is_approved_by_a_manager_first(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule({"do": "collection", "to": "Incasso Jansma"}), store, seller)
    run_escalations(store=store)
    (asked,) = all_of(store, Approval)
    assert (asked.kind, asked.role, str(asked.amount)) == ("collection", "manager", "200.00 EUR")
    with pytest.raises(BeyondAuthority):
        decide_approval(asked.id, approve=True, by="Eva", role="finance", why="yes", store=store)
    done = decide_approval(asked.id, approve=True, by="Mo", role="manager", why="yes", store=store)
    assert [(task.kind, task.state, task.owner) for task in all_of(store, Task)] == [
        ("approval", "done", "manager"), ("collection", "open", "Sanne"),
    ]  # fmt: skip
    assert all_of(store, Task)[1].details["packs"][0]["invoices"] == [late.number]
    assert len(trail(store, "evidence pack made")) == 1
    assert done.outcome == "A task for Sanne. No reminders up to and including 2026-06-14."


def test_who_was_handed_over_for_collection_is_not_reminded_as_well(
    store: Store, seller: Seller, late: Invoice
) -> None:
    in_force(a_rule({"do": "collection"}), store, seller)
    run_escalations(store=store)
    (asked,) = all_of(store, Approval)
    assert run_reminders(DAY, store=store, seller_ref=seller.ref, dry_run=True).messages == 1
    decide_approval(asked.id, approve=True, by="Mo", role="manager", why="yes", store=store)
    assert [(hold.kind, hold.customer_id, hold.owner) for hold in all_of(store, Hold)] == [
        ("reminders", late.customer_id, "Mo")
    ]
    assert run_reminders(DAY, store=store, seller_ref=seller.ref, dry_run=True).messages == 0


def test_what_is_refused_is_not_done_and_what_nobody_decided_lapses(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    in_force(a_rule({"do": "ask_approval", "what": "a lawyer's letter"}, {"do": "collection"}), store, seller)
    run_escalations(store=store)
    letter, collection = all_of(store, Approval)
    with pytest.raises(WhyIsMissing):
        decide_approval(letter.id, approve=False, by="Mo", role="manager", why=" ", store=store)
    decide_approval(letter.id, approve=False, by="Mo", role="manager", why="too early", store=store)
    paid(session, late)
    run_escalations(store=store)
    assert [one.state for one in all_of(store, Approval)] == ["refused", "lapsed"]
    assert [one.state for one in all_of(store, Task)] == ["done", "done"]
    with pytest.raises(Settled):
        decide_approval(collection.id, approve=True, by="Mo", role="manager", why="yes", store=store)
    with pytest.raises(NoSuchApproval):
        decide_approval(seller.id, approve=True, by="Mo", role="manager", why="yes", store=store)


def test_a_decision_that_was_approved_is_somebody_s_task(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule({"do": "ask_approval", "what": "a lawyer's letter"}), store, seller)
    run_escalations(store=store)
    (asked,) = all_of(store, Approval)
    decide_approval(asked.id, approve=True, by="Mo", role="manager", why="it is time", store=store)
    assert [task.why for task in all_of(store, Task) if task.state == "open"] == [
        "Approved, to be carried out: Late: a lawyer's letter"
    ]


def test_a_rule_about_a_group_fires_once_for_its_head_and_holds_every_company(
    store: Store, session: Session, seller: Seller
) -> None:
    head = a_customer(session, seller, "HEAD")
    child = a_customer(session, seller, "CHILD", parent_id=head.id)
    owner = a_customer(session, seller, "MAN", parent_id=head.id, kind="person")
    for one in (child, owner):
        an_invoice(session, one, due_on=DAY - timedelta(days=9), total_minor=8_000)
    session.commit()
    in_force(a_rule({"do": "hold_orders", "days": 7}, about="group", when="overdue > 100"), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    assert (one.customer_id, one.about, one.facts) == (head.id, "group", {"overdue": "160.00"})
    assert {hold.customer_id for hold in all_of(store, Hold)} == {head.id, child.id}
    assert [asked.customer_id for asked in all_of(store, Approval)] == [owner.id]


def test_acknowledging_says_who_has_it(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule(), store, seller)
    run_escalations(store=store)
    (one,) = escalations(store)
    with pytest.raises(WhoIsMissing):
        acknowledge_escalation(one.id, by=" ", store=store)
    for who in ("Sanne", "Tom"):
        assert acknowledge_escalation(one.id, by=who, store=store).acknowledged_by == "Sanne"
    assert the(store, one.id).stands == "acknowledged"
    assert len(trail(store, "escalation acknowledged")) == 1
    with pytest.raises(HowIsMissing):
        close_escalation(one.id, by="Sanne", how="", store=store)
    close_escalation(one.id, by="Sanne", how="agreed", store=store)
    for act in (
        lambda: close_escalation(one.id, by="Sanne", how="again", store=store),
        lambda: acknowledge_escalation(one.id, by="Sanne", store=store),
    ):
        with pytest.raises(Settled):
            act()
    with pytest.raises(NoSuchEscalation):
        acknowledge_escalation(seller.id, by="Sanne", store=store)


def test_a_customer_s_own_seller_s_rules_judge_them_and_no_others(
    store: Store, session: Session, seller: Seller, late: Invoice
) -> None:
    other = a_seller(session, "other")
    session.commit()
    in_force(a_rule(), store, other)
    assert run_escalations(store=store).entries == []


def test_the_count_of_trail_lines_is_what_happened_and_no_more(store: Store, seller: Seller, late: Invoice) -> None:
    in_force(a_rule({"do": "hold_orders", "days": 7}, {"do": "collection"}), store, seller)
    run_escalations(store=store)
    run_escalations(store=store)
    with store.session() as session:
        counted = dict(session.execute(select(TrailLine.what, func.count()).group_by(TrailLine.what)).all())
    assert counted == {
        "rule saved": 1, "rule switched": 1, "escalation fired": 1, "hold placed": 2, "approval asked": 1,
        "task opened": 1,
    }  # fmt: skip


def test_figures_are_kept_as_they_were_seen(store: Store, session: Session, seller: Seller, late: Invoice) -> None:
    in_force(a_rule(when="overdue >= 100 and segment == '' and not legal_threat"), store, seller)
    run_escalations(store=store)
    a_payment(session, late, 5_050)
    session.commit()
    run_escalations(store=store)
    (one,) = escalations(store)
    assert one.facts == {"overdue": "200.00", "segment": "", "legal_threat": False}
    assert Decimal(one.facts["overdue"]) == 200
    assert one.fired_on == date(2026, 3, 16)


def test_many_tasks_are_opened_on_one_connection(store: Store, session: Session, seller: Seller) -> None:
    """After a few of them the database prepares the statement, and still knows which index keeps a task single."""
    for number in range(20):
        customer = a_customer(session, seller, f"M{number}")
        an_invoice(session, customer, due_on=DAY - timedelta(days=9), total_minor=20_000)
    session.commit()
    in_force(a_rule(), store, seller)
    assert run_escalations(store=store).count("fired") == 20
    assert len(all_of(store, Task)) == 20
