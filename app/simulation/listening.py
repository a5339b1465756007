"""Parley as a policy of the simulation: its real actions on a real ledger, its assistant, and a stub where providers are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import event, text

from app.simulation.auditor import Auditor, Named
from app.simulation.books import Books
from app.simulation.clerks import Clerks
from app.simulation.doors import Doors, Thread
from app.simulation.letters import Hearing, Letter, Read
from app.simulation.people import Person
from app.simulation.provider import Provider, WorkerKilled
from app.simulation.trade import Bill
from app.simulation.world import SELLER_ZONE, World
from bot.assistant import Assistant
from bot.turn import House, Turn, answer_waiting
from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.conversations.carrier import Carrier, Outgoing
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.figures.ageing import ageing
from o2c_core.reminders.candidates import ladders_in_force, next_candidates
from o2c_core.store.store import Store

# How often a run of the morning is cut short and begun again, and how often a second one begins in its midst.
RUN_KILLED, RUN_TWICE = 0.08, 0.06
WORD_COMES, WORD_TWICE = 0.25, 0.3
# A worker that dies is followed by another, so many times within one look at the outbox.
WORKERS_MAX = 50
_RECORDED = text("""
    SELECT 'promise' FROM promise p JOIN promised_invoice i ON i.promise_id = p.id
     WHERE i.invoice_id = :invoice AND p.state IN ('open', 'kept')
    UNION SELECT 'plan' FROM payment_plan p JOIN planned_invoice i ON i.plan_id = p.id
     WHERE i.invoice_id = :invoice AND p.state = 'active'
    UNION SELECT 'dispute' FROM dispute WHERE invoice_id = :invoice AND state = 'open'
    UNION SELECT 'document' FROM document_problem WHERE invoice_id = :invoice AND state = 'open'
    UNION SELECT 'paid' FROM payment_said p JOIN said_invoice i ON i.payment_said_id = p.id
     WHERE i.invoice_id = :invoice AND p.state IN ('open', 'arrived')
""")
_OUTBOX = text("""
    SELECT min(coalesce(not_before, created_at)) FILTER (WHERE delivery = 'queued'),
           count(*) FILTER (WHERE delivery <> 'queued')
    FROM message WHERE direction = 'out' AND delivery IN ('queued', 'sending', 'uncertain')
""")
_DRAFTS = text("SELECT EXISTS (SELECT FROM message WHERE delivery = 'draft' AND purpose = 'reminder')")


class Listening:
    """The policy "parley"."""

    name = "parley"

    def __init__(
        self, world: World, store: Store, assistant: Assistant, *, faults: bool, auditor: Auditor | None = None
    ) -> None:
        self.world, self.store, self.has_faults = world, store, faults
        self.doorplate = Doorplate(
            f"simulated-{world.chance.seed}", "https://pay.vandijk.example", "reply.vandijk.example"
        )
        self.house = House(store, lambda: None, assistant, self.doorplate)
        self.auditor = auditor or Auditor(store, SELLER_ZONE)
        self.auditor.knows(world.people)
        self.books = Books(store, world.people)
        self.doors = Doors(store, self.doorplate)
        self.mail = Provider("sendgrid", world.chance, self._leaves, self._meanwhile, faults)
        self.phone = Provider("twilio", world.chance, self._leaves, self._meanwhile, faults)
        self.carriers: dict[str, Carrier] = {"email": self.mail, "sms": self.phone, "whatsapp": self.phone}
        self.clerks = Clerks(self)
        self.bills = {bill.number: bill for bill in world.bills}
        self.counts: Counter[str] = Counter()
        self.digest = hashlib.sha256()
        self._sent: dict[UUID, Outgoing] = {}
        self._waiting: dict[str, int] = {}
        self._luck = world.chance.of("luck").random

    # What happens in the ledger.

    def issue(self, bills: Sequence[Bill], on: date) -> None:
        self.books.issue(bills, on)
        for bill in bills:
            self.auditor.issued(bill)

    def money(self, bill: Bill, minor: int, on: date, key: str, *, names_bill: bool) -> None:
        self.books.money(bill, minor, on, key, names_bill=names_bill)
        if names_bill:
            self.auditor.lowered(bill.number, minor)
        else:
            self._waiting[key] = minor
            self.auditor.unmatched(bill.who, minor)

    def matched(self, bill: Bill, key: str) -> None:
        self.books.match(bill, key)
        minor = self._waiting.pop(key)
        self.auditor.unmatched(bill.who, -minor)
        self.auditor.lowered(bill.number, minor)

    def taken_back(self, bill: Bill, minor: int, on: date, key: str) -> None:
        self.books.take_back(bill, minor, on, key)
        self.auditor.lowered(bill.number, -minor)

    def solved(self, bill: Bill, credited_minor: int) -> None:
        self.books.settle(bill, credited_minor)
        if credited_minor:
            self.auditor.lowered(bill.number, credited_minor)

    def month_end(self, on: date, open_minor: int) -> None:
        with self.store.session() as session:
            buckets = sum(one.open.minor for one in ageing(session, self.books.seller_id, on))
        self.auditor.check_books(on, buckets, open_minor, self.world.clock.at)

    # The day.

    def begin(self, on: date) -> None:
        settle_promises(store=self.store)
        self.clerks.work(on)

    def morning(self, on: date) -> None:
        if not self._may_remind(on):
            return
        chance = self.world.chance
        if self.has_faults and chance.happens(RUN_KILLED, "run killed", on):
            self.counts["runs killed"] += 1
            self._interrupted(on, chance.of("run killed at", on).randrange(1, 4), self._die)
        elif self.has_faults and chance.happens(RUN_TWICE, "run twice", on):
            self.counts["runs at once"] += 1
            self._interrupted(on, 1, lambda: self._remind(on))
        self._remind(on)
        self.clerks.approve(on)

    def _may_remind(self, on: date) -> bool:
        """Whether a run would do anything: somebody has come to a new step, or an old draft has to lapse."""
        seller_id = self.books.seller_id
        with self.store.session() as session:
            if session.scalar(_DRAFTS):
                return True
            ladders = ladders_in_force(session, seller_id)
            return bool(next_candidates(session, seller_id, on, ladders, None, 1))

    def _remind(self, on: date) -> None:
        run_reminders(on, store=self.store, seller_ref="simulated", doorplate=self.doorplate, in_full=False)

    def _die(self) -> None:
        raise WorkerKilled

    def _interrupted(self, on: date, commits: int, what: Callable[[], object]) -> None:
        """A run in which that happens right after so many commits."""
        left = commits

        def after_commit(session: object) -> None:  # noqa: ARG001 (SQLAlchemy hands it over)
            nonlocal left
            left -= 1
            if left == 0:
                what()

        event.listen(self.store.sessions, "after_commit", after_commit)
        try:
            self._remind(on)
        except WorkerKilled:
            pass
        finally:
            event.remove(self.store.sessions, "after_commit", after_commit)

    def look(self, now: datetime) -> datetime | None:
        next_at, unsure = self._outbox()
        for _ in range(WORKERS_MAX):
            if next_at is None or next_at > now:
                break
            try:
                deliver_queued(store=self.store, carriers=self.carriers, doorplate=self.doorplate, luck=self._luck)
                break
            except WorkerKilled:
                self.counts["workers killed"] += 1
        if next_at is not None and next_at <= now:
            next_at, unsure = self._outbox()
        if unsure:
            look_up_uncertain(store=self.store, carriers=self.carriers, doorplate=self.doorplate)
            soon = now + timedelta(minutes=6)
            next_at = min(next_at, soon) if next_at else soon
        return max(next_at, now + timedelta(seconds=1)) if next_at else None

    def _outbox(self) -> tuple[datetime | None, bool]:
        """When the next message may leave, and whether there are any whose fate nobody knows."""
        with self.store.session() as session:
            next_at, unsure = session.execute(_OUTBOX).one()
            return next_at, bool(unsure)

    # Words.

    def hear(self, letter: Letter) -> Hearing:
        message_id = self.doors.letter(letter, self.world.clock.at)
        if letter.kind == "stop":
            self.auditor.stopped(letter.channel, letter.address)
        if letter.kind == "away" or message_id is None:
            return Hearing()
        came = answer_waiting(message_id, self.house)
        turn = came if isinstance(came, Turn) else None
        return Hearing(self._recorded(letter), turn is not None and bool(turn.reply) and turn.proposal is not None)

    def _recorded(self, letter: Letter) -> frozenset[str]:
        if letter.bill is None:
            return frozenset()
        with self.store.session() as session:
            return frozenset(session.scalars(_RECORDED, {"invoice": self.books.invoice_ids[letter.bill.number]}))

    def _leaves(self, outgoing: Outgoing, key: str) -> None:
        """The provider has it: it is looked over, counted, and on its way to whoever it is for."""
        now = self.world.clock.at
        self.counts["messages"] += 1
        self.counts[f"sent {outgoing.purpose}"] += 1
        said = (now.isoformat(), outgoing.channel, outgoing.to, outgoing.purpose, outgoing.subject or "", outgoing.text)
        self.digest.update("\x1f".join(said).encode() + b"\x1e")
        person = self.auditor.people.get(outgoing.to)
        arrives = person is None or outgoing.channel != "email" or person.gets_mail_at(outgoing.to, self.world.today)
        if outgoing.purpose == "reminder":
            named = self.auditor.check_reminder(outgoing.message_id, outgoing.channel, outgoing.to, now)
            if named and person is not None and arrives:
                self.world.at(now + timedelta(seconds=20), lambda: self._arrives(outgoing, person, named))
        if not arrives:
            self.world.at(now + timedelta(minutes=5), lambda: self._word("bounced", outgoing, key))
        elif self.has_faults and self.world.chance.happens(WORD_COMES, "word", key):
            self.world.at(now + timedelta(minutes=2), lambda: self._word("delivered", outgoing, key))
            if self.world.chance.happens(WORD_TWICE, "word twice", key):
                self.world.at(now + timedelta(minutes=9), lambda: self._word("delivered", outgoing, key))
                self.world.at(now + timedelta(minutes=11), lambda: self._word("delivered", outgoing, key, nth=1))

    def _arrives(self, outgoing: Outgoing, person: Person, named: Sequence[Named]) -> None:
        bills = tuple(self.bills[number] for number in dict.fromkeys(one.number for one in named))
        thread = Thread(outgoing.mail.reply_to, outgoing.mail.mail_id) if outgoing.mail else None
        self.world.reads(
            Read(
                person,
                bills,
                named[-1].rung,
                named[-1].days,
                outgoing.channel,
                outgoing.to,
                thread,
                outgoing.subject or "",
            )
        )

    def _word(self, state: str, outgoing: Outgoing, key: str, nth: int = 0) -> None:
        self.counts[f"words {state}"] += 1
        if state == "bounced":
            self.auditor.bounced(outgoing.channel, outgoing.to)
            self.auditor.failed(outgoing.message_id)
        self.doors.word(state, outgoing.message_id, outgoing.channel, key, outgoing.to, self.world.clock.at, nth)
        self.world.look()

    def _meanwhile(self, fault: str, outgoing: Outgoing, key: str) -> None:
        """In the middle of a send: another worker finds the same message, or the provider's word is quicker than its answer."""
        self.counts[fault] += 1
        if fault == "early word":
            self.doors.word("delivered", outgoing.message_id, outgoing.channel, key, outgoing.to, self.world.clock.at)
            return
        deliver_message(
            outgoing.message_id, store=self.store, carriers=self.carriers, doorplate=self.doorplate, luck=self._luck
        )  # fmt: skip
