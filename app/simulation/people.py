"""The simulated customers: where they are, how they pay and how they may be reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from app.simulation.chance import Chance

Habit = Literal["punctual", "habit", "forgetful", "slow", "tight", "insolvent"]
# Shares are assumptions, told in docs/simulation.md, not measurements of anybody.
HABITS: dict[Habit, float] = {
    "punctual": 0.40, "habit": 0.18, "forgetful": 0.22, "slow": 0.11, "tight": 0.08, "insolvent": 0.01,
}  # fmt: skip
# Country, language, time zone, share.
PLACES: tuple[tuple[str, str, str, float], ...] = (
    ("NL", "nl", "Europe/Amsterdam", 0.42),
    ("BE", "nl", "Europe/Brussels", 0.06),
    ("BE", "fr", "Europe/Brussels", 0.05),
    ("DE", "de", "Europe/Berlin", 0.17),
    ("FR", "fr", "Europe/Paris", 0.12),
    ("GB", "en", "Europe/London", 0.11),
    ("US", "en", "America/New_York", 0.05),
    ("US", "en", "America/Los_Angeles", 0.02),
)
_PHONES = {"NL": "+3161", "BE": "+3247", "DE": "+491511", "FR": "+3361", "GB": "+447700", "US": "+1212"}
_LEFT_DIGITS = {"NL": 7, "BE": 7, "DE": 7, "FR": 7, "GB": 6, "US": 7}
_TRADES = {"nl": "Bakkerij", "fr": "Boulangerie", "de": "Bäckerei", "en": "Bakery"}
_NAMES = (
    "Adler", "Bosman", "Carpentier", "Dekker", "Ellison", "Fontaine", "Groen", "Hofmann", "Ibsen", "Jourdan", "Kramer",
    "Lambert", "Meyer", "Noordhof", "Oakley", "Peeters", "Quint", "Renard", "Smit", "Thornton", "Urban", "Verbeek", "Wood",
    "Zimmer",
)  # fmt: skip
AWAY_DAYS = 14


@dataclass
class Person:
    """One customer, with the one person there who pays. What changes during a run stands below the line of habits.

    `dead_from` is when the mailbox stops working, `left_from` when the person has gone, `broke_from` when they become
    insolvent; `office` is the address people of ours find out when they ask.
    """

    number: int
    ref: str
    name: str
    contact: str
    country: str
    language: str
    zone: str
    email: str
    phone: str | None
    office: str
    habit: Habit
    per_year: float
    typical_minor: int
    away_from: date
    dead_from: date | None = None
    left_from: date | None = None
    broke_from: date | None = None
    reads_mail: float = 0.9
    has_stopped: bool = False
    reached: list[date] = field(default_factory=list)
    is_put_right: bool = False

    def is_away(self, day: date) -> bool:
        return self.away_from <= day < self.back_on

    @property
    def back_on(self) -> date:
        return self.away_from + timedelta(days=AWAY_DAYS)

    def gets_mail_at(self, address: str, day: date) -> bool:
        """Whether a mail there arrives."""
        return address == self.office or self.dead_from is None or day < self.dead_from

    def answers_for_bills(self, address: str, day: date) -> bool:
        """Whether the person who reads it there is the one who pays."""
        return address == self.office or self.left_from is None or day < self.left_from


def make_people(chance: Chance, count: int, first_day: date, days: int) -> list[Person]:
    return [_person(chance, number, first_day, days) for number in range(1, count + 1)]


def _person(chance: Chance, number: int, first_day: date, days: int) -> Person:
    draw = chance.of("person", number)
    country, language, zone, _ = draw.choices(PLACES, [place[3] for place in PLACES])[0]
    habit: Habit = draw.choices(list(HABITS), list(HABITS.values()))[0]
    family = draw.choice(_NAMES)
    phone = f"{_PHONES[country]}{number % 10 ** _LEFT_DIGITS[country]:0{_LEFT_DIGITS[country]}}"
    at = first_day + timedelta(days=draw.randrange(max(1, days)))
    person = Person(
        number=number,
        ref=f"C{number:05}",
        name=f"{_TRADES[language]} {family} {number}",
        contact=f"{draw.choice('ABCDEFGHJKLMNPRSTVW')}. {family}",
        country=country,
        language=language,
        zone=zone,
        email=f"ap@c{number:05}.example",
        phone=phone if draw.random() < 0.6 else None,
        office=f"office@c{number:05}.example",
        habit=habit,
        per_year=draw.choice((4.0, 6.0, 9.0, 12.0)),
        typical_minor=int(draw.lognormvariate(11.0, 0.7)),
        away_from=first_day + timedelta(days=draw.randrange(max(1, days))),
    )
    trouble = draw.random()
    if trouble < 0.03:
        person.dead_from = at
    elif trouble < 0.05:
        person.left_from = at
    if habit == "insolvent":
        person.broke_from = at
    return person
