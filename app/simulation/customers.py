"""What simulated customers do: when they think of paying, what a reminder does to them, and what they write.

Every number here is an assumption (docs/simulation.md), kept modest; none was fitted to make a policy look good.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from app.simulation.calendars import moment, working_day
from app.simulation.letters import Hearing, Letter, Read
from app.simulation.people import Person
from app.simulation.trade import Bill
from app.simulation.words import said
from o2c_core import days, money
from o2c_core.customers.customer import locale_for
from o2c_core.money import Money

if TYPE_CHECKING:
    from app.simulation.world import World

# A promise that was confirmed to its maker is kept more often than one nobody answered.
KEEPS_CONFIRMED, KEEPS_UNANSWERED = 0.85, 0.60
KEEPS_PART_OF_PLAN = 0.90
# Days until people of ours settle a dispute or a missing document: with a case and an owner, or when it is stumbled on.
SETTLED_WITH_CASE, SETTLED_WITHOUT, NOBODY_SAID = 7, 35, 45
CORRECTED_WITH_CASE = 2
SAYS_YES = 0.92
ANNOYED_DAYS = 60


class Customers:
    """All of them, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._complained: dict[int, date] = {}

    # Bills.

    def got_bill(self, bill: Bill) -> None:
        world, draw = self.world, self.world.chance.of("thinks", bill.number)
        world.plans_to_pay(bill, bill.due_on + timedelta(days=self._habit_days(bill, draw) + bill.late_days))
        if bill.trouble in ("short", "document"):
            wait = NOBODY_SAID + draw.randrange(-10, 11)
            on = bill.due_on + timedelta(days=wait)
            world.at(moment("Europe/Amsterdam", on, 15), lambda: self._settle(bill))

    def _habit_days(self, bill: Bill, draw: random.Random) -> int:
        """How many days after the due date they would give the order if nobody said anything."""
        match bill.who.habit:
            case "punctual":
                return draw.choice((-4, -3, -2, -1))
            case "habit":
                return 4 + draw.choice((-2, -1, 0))
            case "forgetful":
                return 20 + int(draw.expovariate(1 / 40)) if bill.forgotten else draw.choice((-3, -2, -1, 0))
            case "slow":
                return 8 + int(draw.gammavariate(2, 8))
            case "tight" | "insolvent":
                return 12 + int(draw.expovariate(1 / 30))

    def _settle(self, bill: Bill) -> None:
        """People of ours settle what was wrong; what turns out to be owed after all is paid within days."""
        if bill.is_solved:
            return
        bill.is_solved = True
        draw = self.world.chance.of("settles", bill.number)
        credited = 0
        if bill.trouble == "short" and draw.random() < 0.6:
            credited = min(bill.disputed_minor, bill.open_minor - bill.waiting_minor - bill.ordered_minor)
            bill.credited_minor += max(0, credited)
            if bill.open_minor <= 0 and bill.settled_on is None:
                bill.settled_on = self.world.today
        self.world.policy.solved(bill, max(0, credited))
        if bill.open_minor > 0:
            self.world.plans_to_pay(bill, max(bill.due_on, self.world.today + timedelta(days=draw.choice((2, 3, 5)))))

    # Reminders.

    def got_reminder(self, read: Read) -> None:
        person, world = read.person, self.world
        on = world.today
        if read.channel == "email" and not person.gets_mail_at(read.address, on):
            return
        if read.channel == "email" and person.is_away(on):
            if world.chance.happens(0.7, "away", person.number, on):
                self._write(read, "away", None, minutes=1)
            world.at(moment(person.zone, working_day(person.country, person.back_on), 10), lambda: self._reads(read))
            return
        if not person.answers_for_bills(read.address, on):
            if world.chance.happens(0.6, "left", person.number, on):
                self._write(read, "wrong_person", read.bills[0] if read.bills else None, hours=3)
            return
        if world.chance.happens(person.reads_mail, "opens", person.number, on, read.channel):
            self._reads(read)

    def _reads(self, read: Read) -> None:
        wrote = self._is_annoyed(read)
        for bill in read.bills:
            bill.reminded += 1
            kind = self._moved_by(bill, read)
            if kind and not wrote and kind not in bill.said:
                wrote = True
                self._write(read, kind, bill)
        read.person.reached.append(self.world.today)

    def _moved_by(self, bill: Bill, read: Read) -> str:
        """What this reminder does to this bill; the kind of letter they write, if any."""
        world, person = self.world, read.person
        if bill.open_minor - bill.waiting_minor <= 0:
            return ""
        draw = world.chance.of("moved", bill.number, read.rung, bill.reminded)
        luck = draw.random()
        if bill.ordered_minor:
            return "paid" if luck < 0.35 else ""
        if bill.trouble == "short" and not bill.is_solved:
            return "dispute" if luck < 0.6 else ""
        if bill.trouble == "document" and not bill.is_solved:
            return "document" if luck < 0.7 else ""
        if bill.promised_on is not None and world.today <= bill.promised_on:
            return ""
        if world.is_broke(person):
            return "broke" if luck < 0.3 else ""
        if read.days <= 0:
            if bill.forgotten and luck < 0.30:
                bill.forgotten = False
                world.plans_to_pay(bill, bill.due_on - timedelta(days=draw.choice((0, 1, 2))))
            return "question" if luck > 0.995 else ""
        pays, promises, plans = {
            "forgetful": (0.45, 0.12, 0.0), "slow": (0.15, 0.15, 0.0), "tight": (0.08, 0.22, 0.15),
        }.get(person.habit, (0.10, 0.02, 0.0))  # fmt: skip
        if luck < pays:
            soon = world.today + timedelta(days=draw.choice((1, 1, 2, 3, 5)))
            if bill.pays_on is None or soon < bill.pays_on or bill.pays_on < world.today:
                world.plans_to_pay(bill, soon)
            return ""
        if luck < pays + promises:
            return "promise"
        if luck < pays + promises + plans and 30_000 <= bill.open_minor <= 200_000:
            return "plan"
        return "question" if luck > 0.99 else ""

    def _is_annoyed(self, read: Read) -> bool:
        """Whether they complain or want to hear no more; a reminder that takes no notice annoys most."""
        world, person, on = self.world, read.person, self.world.today
        worst = max((self._unfairness(bill, read) for bill in read.bills), default=0.0)
        lately = sum((on - day).days < 7 for day in person.reached)
        worst = max(worst, 0.02 if lately >= 3 else 0.0, 0.15 if person.has_stopped else 0.0, 0.0005)
        luck = world.chance.of("annoyed", person.number, on, read.rung).random()
        if luck < worst and (on - self._complained.get(person.number, date.min)).days > ANNOYED_DAYS:
            self._complained[person.number] = on
            world.counts["complaints"] += 1
            self._write(read, "complaint", read.bills[0] if read.bills else None)
            return True
        if luck > 1 - max(0.001, worst / 5) and not person.has_stopped:
            self._write(read, "stop", None)
            return True
        return False

    def _unfairness(self, bill: Bill, read: Read) -> float:
        on = self.world.today
        if bill.open_minor - bill.waiting_minor <= 0:
            return 0.25
        if bill.ordered_minor:
            return 0.05 if "paid" in bill.said else 0.005
        told = [kind for kind in ("dispute", "document", "plan") if kind in bill.said]
        if told and not bill.is_solved:
            return 0.06
        if bill.promised_on is not None and on <= bill.promised_on:
            return 0.06
        # Who always pays on the fourth day after finds a reminder on the second a little rude.
        return 0.01 if bill.who.habit == "habit" and read.days > 0 and on <= bill.due_on + timedelta(days=4) else 0.0

    # Letters.

    def _write(self, read: Read, kind: str, bill: Bill | None, *, hours: int = 0, minutes: int = 0) -> None:
        world, person = self.world, read.person
        draw = world.chance.of("writes", kind, person.number, bill.number if bill else "", world.clock.at.isoformat())
        wait = timedelta(minutes=minutes) if minutes else timedelta(minutes=hours * 60 + draw.randrange(20, 900))
        when = world.clock.at + wait if minutes else world.in_office(person, world.clock.at + wait)
        day = None
        if kind == "promise":
            day = working_day(person.country, when.date() + timedelta(days=draw.choice((3, 4, 5, 7, 9, 11))))
        if bill is not None:
            bill.said.setdefault(kind, world.today)
        letter = self._letter(read, kind, bill, day, draw)
        world.writes(letter, when)

    def _letter(self, read: Read, kind: str, bill: Bill | None, day: date | None, draw: random.Random) -> Letter:
        person = read.person
        locale = locale_for(person.language, person.country)
        amount = Money(bill.disputed_minor if bill else 0, "EUR")
        words = "stop_sms" if kind == "stop" and read.channel == "sms" else kind
        text = said(
            words, person.language, draw,
            number=bill.number if bill else "", day=days.show(day, locale) if day else "",
            amount=money.show(amount, locale), back=days.show(person.back_on, locale),
        )  # fmt: skip
        subject = f"Re: {read.subject}"
        if kind == "away":
            subject = said("away_subject", person.language, draw, subject=read.subject)
        return Letter(person, kind, text, read.channel, read.address, bill, day, read.handle, subject)

    def was_answered(self, letter: Letter, hearing: Hearing) -> None:
        """They read what we answered: a question is said yes to, and what was recorded is relied on."""
        world, bill, person = self.world, letter.bill, letter.person
        draw = world.chance.of("answered", letter.kind, person.number, bill.number if bill else "", world.today)
        if hearing.asks and letter.kind != "yes" and draw.random() < SAYS_YES:
            yes = replace(letter, kind="yes", text=said("yes", person.language, draw))
            world.writes(yes, world.in_office(person, world.clock.at + timedelta(minutes=draw.randrange(5, 180))))
            return
        if letter.kind == "stop":
            person.has_stopped = True
        if bill is None:
            return
        about = next((kind for kind in ("promise", "plan", "dispute", "document", "paid") if kind in bill.said), "")
        if letter.kind not in ("yes", about):
            return
        is_recorded = about in hearing.recorded
        # Money that is there when they say so leaves nothing to wait for, and so nothing to record.
        has_come = about == "paid" and bill.open_minor <= 0
        world.counts[f"{'come' if has_come else 'recorded' if is_recorded else 'not recorded'} {about}"] += bool(about)
        self._relies(bill, about, letter.day, is_recorded=is_recorded)

    def _relies(self, bill: Bill, about: str, day: date | None, *, is_recorded: bool) -> None:
        world = self.world
        draw = world.chance.of("relies", about, bill.number)
        if about == "promise" and day is not None:
            bill.promised_on = day
            if draw.random() < (KEEPS_CONFIRMED if is_recorded else KEEPS_UNANSWERED):
                # Ordered so that it is there on the day.
                world.plans_to_pay(bill, day - timedelta(days=2))
            else:
                world.plans_to_pay(bill, day + timedelta(days=int(draw.expovariate(1 / 25)) + 5))
        elif about == "plan" and is_recorded:
            self._pays_plan(bill, draw)
        elif about in ("dispute", "document"):
            wait = (
                SETTLED_WITHOUT if not is_recorded else SETTLED_WITH_CASE if about == "dispute" else CORRECTED_WITH_CASE
            )
            on = world.today + timedelta(days=max(1, int(draw.expovariate(1 / wait))))
            world.at(moment("Europe/Amsterdam", on, 15), lambda: self._settle(bill))

    def _pays_plan(self, bill: Bill, draw: random.Random) -> None:
        """A third now and the others a month apart; who misses a part pays as they would have without a plan."""
        world = self.world
        bill.plan += 1
        plan, each = bill.plan, bill.open_minor // 3
        bill.pays_on = world.today + timedelta(days=95)
        for part in range(3):
            if draw.random() >= KEEPS_PART_OF_PLAN:
                break
            on = working_day(bill.who.country, world.today + timedelta(days=2 + 30 * part))
            minor = each if part < 2 else bill.minor

            def pay(minor: int = minor) -> None:
                wants = min(minor, bill.open_minor - bill.waiting_minor)
                if bill.plan == plan and wants > 0 and not bill.ordered_minor:
                    world.order(bill, wants)

            world.at(moment(bill.who.zone, on, 14), pay)
        else:
            return
        world.at(moment(bill.who.zone, bill.pays_on, 9), lambda: world.plans_to_pay(bill, world.today))

    def put_right(self, person: Person) -> None:
        """People of ours found out who pays there now, and how they are reached."""
        person.is_put_right = True
