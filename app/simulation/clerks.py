"""The people of the simulated seller: what the system leaves to them, they do within days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from app.simulation.calendars import is_working
from app.simulation.people import Person
from o2c_core.actions.approve_reminders import approve_reminders
from o2c_core.actions.close_task import close_task
from o2c_core.actions.confirm_sent import confirm_sent
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.resolve_complaint import resolve_complaint
from o2c_core.actions.send_again import send_again
from o2c_core.actions.take_over import take_over
from o2c_core.cases.complaint import Complaint
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.errors import Failure

if TYPE_CHECKING:
    from app.simulation.listening import Listening

BY = "Simulated clerk"
# Days until each is done; addresses take a telephone call.
ADDRESS_DAYS, TASK_DAYS, COMPLAINT_DAYS = 3, 2, 2
# These are settled by what happens with the bill, or stand for what the world does on its own.
_LEFT_ALONE = (
    "document_problem",
    "broken_promise",
    "collection",
    "call",
    "payment_trace",
    "hold_end",
    "approval",
    "escalation",
)
_WAITS = text("""
    SELECT EXISTS (SELECT FROM conversation WHERE state = 'waiting' OR speaker = 'agent') AS threads,
           EXISTS (SELECT FROM task WHERE state = 'open' AND kind <> ALL (:left_alone)) AS tasks,
           EXISTS (SELECT FROM complaint WHERE state = 'open') AS complaints
""")


class Clerks:
    """They begin with the day, after the promises were looked at."""

    def __init__(self, policy: Listening) -> None:
        self.policy = policy

    def work(self, on: date) -> None:
        if not is_working("NL", on):
            return
        with self.policy.store.session() as session:
            waits = session.execute(_WAITS, {"left_alone": list(_LEFT_ALONE)}).one()
        if waits.threads:
            self._hand_back()
            self._take_over()
        if waits.tasks:
            self._tasks()
        if waits.complaints:
            self._complaints()

    def approve(self, on: date) -> None:
        """Finance looks at the morning's drafts and lets them go; what they may not decide stays."""
        if not is_working("NL", on):
            return
        with self.policy.store.session() as session:
            query = select(Message.id).where(Message.delivery == "draft", Message.purpose == "reminder")
            drafts = session.scalars(query.order_by(Message.id)).all()
        if drafts:
            approve_reminders(
                drafts, by=BY, role="manager", store=self.policy.store, doorplate=self.policy.doorplate
            )  # fmt: skip
            self.policy.counts["drafts looked at"] += len(drafts)

    def _tasks(self) -> None:
        store, now = self.policy.store, self.policy.world.clock.at
        with store.session() as session:
            theirs = Task.state == "open", Task.kind.not_in(_LEFT_ALONE)
            tasks = session.scalars(select(Task).where(*theirs).order_by(Task.id)).all()
        for task in tasks:
            age = now - task.opened_at
            if task.kind == "uncertain_send" and task.message_id is not None:
                self._settle_send(task)
            elif task.kind == "data_fix" and age >= timedelta(days=ADDRESS_DAYS):
                person = self._person_of(task)
                if person is not None and not person.is_put_right:
                    self.policy.world.customers.put_right(person)
                    self.policy.books.put_right(person)
                    self.policy.counts["addresses put right"] += 1
                close_task(task.id, store=store, by=BY, how="Called them; this is the address to write to.")
            elif task.kind != "data_fix" and age >= timedelta(days=TASK_DAYS):
                close_task(task.id, store=store, by=BY, how="Looked into.")

    def _settle_send(self, task: Task) -> None:
        """The evidence lies before them: the provider's own list says whether it was taken."""
        assert task.message_id is not None
        policy = self.policy
        with policy.store.session() as session:
            message = session.get_one(Message, task.message_id)
        if message.delivery != "uncertain":
            return
        provider = policy.mail if message.channel == "email" else policy.phone
        decide = confirm_sent if message.id in provider.taken else send_again
        decide(message.id, store=policy.store, by=BY)
        policy.counts["sends settled by people"] += 1

    def _person_of(self, task: Task) -> Person | None:
        numbers = {key: number for number, key in self.policy.books.customer_ids.items()}
        number = numbers.get(task.customer_id) if task.customer_id else None
        if number is None and task.message_id is not None:
            with self.policy.store.session() as session:
                message = session.get_one(Message, task.message_id)
                thread = session.get_one(Conversation, message.conversation_id)
            number = numbers.get(thread.customer_id) if thread.customer_id else None
        return self.policy.world.people[number - 1] if number is not None else None

    def _take_over(self) -> None:
        """A conversation that waits for a person is taken over, and given back the next working day."""
        with self.policy.store.session() as session:
            waiting = session.scalars(
                select(Conversation.id).where(Conversation.state == "waiting", Conversation.speaker == "assistant")
                .order_by(Conversation.id)
            ).all()  # fmt: skip
        for key in waiting:
            take_over(key, agent=BY, store=self.policy.store)
            self.policy.counts["conversations taken over"] += 1

    def _hand_back(self) -> None:
        with self.policy.store.session() as session:
            held = session.scalars(
                select(Conversation.id).where(Conversation.speaker == "agent", Conversation.state != "closed")
                .order_by(Conversation.id)
            ).all()  # fmt: skip
        for key in held:
            hand_back(key, agent=BY, store=self.policy.store)

    def _complaints(self) -> None:
        before = self.policy.world.clock.at - timedelta(days=COMPLAINT_DAYS)
        with self.policy.store.session() as session:
            old = session.scalars(
                select(Complaint.id)
                .where(Complaint.state == "open", Complaint.opened_at < before)
                .order_by(Complaint.id)
            ).all()
        for key in old:
            try:
                resolve_complaint(
                    key, resolution="We apologised by telephone.", root_cause="reminders", by=BY, store=self.policy.store
                )  # fmt: skip
            except Failure:
                self.policy.counts["complaints not resolved"] += 1
