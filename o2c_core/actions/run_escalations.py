"""Run finance's rules: fire what holds and has not fired, end what no longer holds, and take up what nobody took."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.actions.raise_escalations import raise_escalations
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.escalations.apart import apart, stop_if_lost
from o2c_core.escalations.ending import end
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.firing import NEW_STATE, Compared, Holding, compare, holding
from o2c_core.escalations.levels import begin_level
from o2c_core.escalations.measured import Measured, Subject
from o2c_core.escalations.rule import EscalationRule, used_rules
from o2c_core.escalations.rule_file import RuleDocument, RuleUnclear, rule_from
from o2c_core.escalations.run import Entry, EscalationsRun
from o2c_core.escalations.troubles import all_clear, tell_troubles
from o2c_core.escalations.written import owner_written, title_written
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import note


class OnlyToday(Refused):
    """Rules act on what is so today; on another day they can be tried: parley rules try, or --dry-run."""


@dataclass(frozen=True)
class _Used:
    """A rule that is tried or in force, with what it says, and whether anybody works now who could hear of it."""

    kept: EscalationRule
    says: RuleDocument
    may_fire: bool

    def entry(self, seller: Seller, what: str = "failed") -> Entry:
        return Entry(what, seller.ref, self.kept.name, self.says.title, rule_id=self.kept.id)


@dataclass(frozen=True)
class _Judged:
    """A rule with what changed by it, and everybody there was to judge."""

    used: _Used
    compared: Compared
    subjects: Mapping[UUID, Subject]


def run_escalations(
    on: date | None = None,
    *,
    store: Store,
    seller_ref: str | None = None,
    dry_run: bool = False,
    only_working: bool = False,
) -> EscalationsRun:
    """The run for one seller or all of them, each on its own day. Run twice, or by two at once, each state fires once.

    What breaks for one seller, rule or customer is an entry of the run and somebody's task, and keeps none of the others
    back. With `dry_run` nothing is written, and any day may be asked for. With `only_working` a rule fires in the
    hours in which somebody works who could hear of it; what is over is over at once, and so are the holds it placed.

    Raises: NotFound when there is no such seller; OnlyToday.
    """
    run = EscalationsRun(dry_run)
    with store.session() as session:
        query = select(Seller).order_by(Seller.ref)
        sellers = list(session.scalars(query.where(Seller.ref == seller_ref) if seller_ref else query))
    if seller_ref and not sellers:
        raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
    for seller in sellers:
        with apart(run.entries, Entry("failed", seller.ref)):
            run.days[seller.ref] = today(store.clock, seller.time_zone)
    if on is not None:
        for ref, day in run.days.items():
            if on != day and not dry_run:
                raise OnlyToday(on=on, today=day, seller=ref)
            run.days[ref] = on
    for seller in sellers:
        judged: list[UUID] = []
        if seller.ref in run.days:
            with apart(run.entries, Entry("failed", seller.ref)):
                _of_seller(run, seller, run.days[seller.ref], store, judged, only_working=only_working)
        if dry_run:
            continue
        with apart(run.entries, Entry("failed", seller.ref)):
            run.entries += raise_escalations(store=store, seller_ref=seller.ref)
        with apart(run.entries, Entry("failed", seller.ref)):
            _tell(seller, [entry for entry in run.entries if entry.seller == seller.ref], judged, store)
    return run


def _of_seller(
    run: EscalationsRun, seller: Seller, day: date, store: Store, seen_to: list[UUID], *, only_working: bool
) -> None:
    """Puts what happened into the run, and the rules that could be judged among those `seen_to`."""
    with store.session() as session:
        used = _used(run, session, seller, store, only_working=only_working)
    judged = [
        one
        for about in ("customer", "group")
        for one in _judged(run, seller, day, [each for each in used if each.says.about == about], store)
    ]
    for one in judged:
        seen_to.append(one.used.kept.id)
        for (subject_id, key), why in one.compared.over:
            if why == NEW_STATE and not one.used.may_fire:
                continue
            with apart(run.entries, _about(one, seller, subject_id, key)):
                entry = _over(one.used, seller, subject_id, key, why, day, store, dry_run=run.dry_run)
                run.entries += [entry] if entry else []
        for found in one.compared.fires if one.used.may_fire else ():
            with apart(run.entries, _about(one, seller, found.subject_id, found.state_key)):
                subject = one.subjects[found.subject_id]
                entry = _fire(one.used, seller, found, subject, day, store, dry_run=run.dry_run)
                run.entries += [entry] if entry else []


def _about(one: _Judged, seller: Seller, subject_id: UUID, key: str) -> Entry:
    """What is said of it where it breaks. Whom a rule is over for may have been forgotten since."""
    subject = one.subjects.get(subject_id)
    ref, name = (subject.ref, subject.name) if subject is not None else (str(subject_id), "a customer")
    return replace(one.used.entry(seller), customer=ref, name=name, state_key=key)


def _tell(seller: Seller, entries: Sequence[Entry], judged: Collection[UUID], store: Store) -> None:
    """What could not be judged or done becomes somebody's task; what was told before and is in order again is closed."""
    now = store.clock.now()
    broken = {entry.rule_id for entry in entries if entry.is_trouble}
    with store.session() as session:
        tell_troubles(session, seller, entries, now=now)
        all_clear(
            session, [one for one in judged if one not in broken], "It was judged and carried out again.", now=now
        )
        session.commit()


def _used(
    run: EscalationsRun, session: Session, seller: Seller, store: Store, *, only_working: bool
) -> Sequence[_Used]:
    found = []
    for kept in used_rules(session, seller.id):
        try:
            says = rule_from(kept.document)
        except RuleUnclear as odd:
            title, owner = title_written(kept.document) or kept.name, owner_written(kept.document) or ""
            run.entries.append(
                Entry("unclear", seller.ref, kept.name, title, why=odd.sentence, owner=owner, rule_id=kept.id)
            )
            continue
        zone = ZoneInfo(seller.time_zone)
        is_working = says.working_hours.is_working(store.clock.now(), zone, seller.country)
        found.append(_Used(kept, says, is_working or not only_working))
    return found


def _judged(run: EscalationsRun, seller: Seller, day: date, used: Sequence[_Used], store: Store) -> Sequence[_Judged]:
    """Every rule against what was read for all of them together. Where that breaks each is judged by itself, so that what
    one of them asks about stops no other."""
    if len(used) > 1:
        try:
            with store.session() as session:
                return _judge(session, seller, day, used)
        except Exception as odd:
            stop_if_lost(odd)
    found: list[_Judged] = []
    for one in used:
        with apart(run.entries, one.entry(seller)), store.session() as session:
            found += _judge(session, seller, day, [one])
    return found


def _judge(session: Session, seller: Seller, day: date, used: Sequence[_Used]) -> Sequence[_Judged]:
    wanted = {fact.name for one in used for fact in one.says.condition.uses}
    measured = Measured(session, seller.id, sorted(wanted), about=used[0].says.about)
    of_day = measured.on(day)
    standing: dict[str, list[tuple[UUID, str]]] = {}
    query = select(Escalation.rule, Escalation.customer_id, Escalation.state_key).where(
        Escalation.seller_id == seller.id, Escalation.ended_at.is_(None)
    )
    for rule, customer_id, key in session.execute(query):
        standing.setdefault(rule, []).append((customer_id, key))
    return [
        _Judged(one, compare(holding(one.says, of_day), standing.get(one.kept.name, ())), measured.subjects)
        for one in used
    ]


def _over(
    one: _Used, seller: Seller, subject_id: UUID, key: str, why: str, day: date, store: Store, *, dry_run: bool
) -> Entry | None:
    now = store.clock.now()
    with store.session() as session:
        customer = session.get_one(Customer, subject_id)
        stands = session.scalars(
            select(Escalation).where(
                Escalation.seller_id == seller.id, Escalation.rule == one.kept.name,
                Escalation.customer_id == subject_id, Escalation.state_key == key, Escalation.ended_at.is_(None),
            )
        ).one_or_none()  # fmt: skip
        if stands is None:
            return None
        if not dry_run:
            if end(session, stands.id, why, now=now, day=day, who="system") is None:
                return None
            session.commit()
        return replace(
            one.entry(seller, "over"), customer=customer.ref, name=customer.name, state_key=key, why=why,
            level=stands.level, owner=stands.owner, escalation_id=stands.id,
        )  # fmt: skip


def _fire(
    one: _Used, seller: Seller, found: Holding, subject: Subject, day: date, store: Store, *, dry_run: bool
) -> Entry | None:
    """What fired; None when another run was quicker, or the rule was switched meanwhile."""
    is_trial = one.kept.state == "trial"
    owner = one.says.level[0].owner
    entry = replace(
        one.entry(seller, "tried" if is_trial else "fired"), customer=subject.ref, name=subject.name,
        state_key=found.state_key, owner=owner, seen=found.seen,
    )  # fmt: skip
    if dry_run:
        return entry
    now = store.clock.now()
    with store.session() as session:
        same = select(EscalationRule.id).where(EscalationRule.id == one.kept.id, EscalationRule.state == one.kept.state)
        if session.scalar(same.with_for_update(read=True)) is None:
            return None
        kept = {name: value if isinstance(value, bool | str) else str(value) for name, value in found.seen.items()}
        # The partial unique index decides between two runs: the second waits for the first and then finds it there.
        fired_id = session.scalar(
            insert(Escalation)
            .values(
                id=new_key(), seller_id=seller.id, customer_id=subject.id, rule_id=one.kept.id, rule=one.kept.name,
                about=one.says.about, state_key=found.state_key, is_trial=is_trial, facts=kept, fired_on=day,
                fired_at=now, level=1, level_at=now, owner=owner, done=[],
            )
            .on_conflict_do_nothing(
                index_elements=["seller_id", "rule", "customer_id", "state_key"],
                index_where=Escalation.ended_at.is_(None),
            )
            .returning(Escalation.id)
        )  # fmt: skip
        if fired_id is None:
            return None
        escalation = session.get_one(Escalation, fired_id)
        if is_trial:
            note(
                session, "escalation tried", escalation, at=now, who=f"rule {one.kept.name}", why="the rule is in trial",
                rule=one.kept.name, facts=kept,
            )  # fmt: skip
        else:
            begin_level(
                session, escalation, one.says, 1, seller=session.get_one(Seller, seller.id),
                customer=session.get_one(Customer, subject.id), now=now, why=one.says.title,
            )  # fmt: skip
        session.commit()
        return replace(entry, escalation_id=fired_id)
