"""Run finance's rules: fire what holds and has not fired, end what no longer holds, and take up what nobody took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from o2c_core.escalations.ending import end
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.firing import Compared, Holding, compare, holding
from o2c_core.escalations.levels import begin_level
from o2c_core.escalations.measured import Measured, Subject
from o2c_core.escalations.rule import EscalationRule, used_rules
from o2c_core.escalations.rule_file import RuleDocument, RuleUnclear, rule_from
from o2c_core.escalations.run import Entry, EscalationsRun
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import note


class OnlyToday(Refused):
    """Rules act on what is so today; on another day they can be tried: parley rules try, or --dry-run."""


@dataclass(frozen=True)
class _Used:
    """A rule that is tried or in force, with what it says."""

    kept: EscalationRule
    says: RuleDocument


def run_escalations(
    on: date | None = None,
    *,
    store: Store,
    seller_ref: str | None = None,
    dry_run: bool = False,
    only_working: bool = False,
) -> EscalationsRun:
    """The run for one seller or all of them, each on its own day. Run twice, or by two at once, each state fires once.

    With `dry_run` nothing is written, and any day may be asked for. With `only_working` a rule waits for the hours in
    which somebody works who could hear of it.

    Raises: NotFound when there is no such seller; OnlyToday.
    """
    run = EscalationsRun(dry_run)
    with store.session() as session:
        query = select(Seller).order_by(Seller.ref)
        sellers = list(session.scalars(query.where(Seller.ref == seller_ref) if seller_ref else query))
    if seller_ref and not sellers:
        raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
    for seller in sellers:
        day = today(store.clock, seller.time_zone)
        if on is not None and on != day and not dry_run:
            raise OnlyToday(on=on, today=day)
        run.days[seller.ref] = on or day
        _of_seller(run, seller, on or day, store, only_working=only_working)
        if not dry_run:
            run.entries += raise_escalations(store=store, seller_ref=seller.ref)
    return run


def _of_seller(run: EscalationsRun, seller: Seller, day: date, store: Store, *, only_working: bool) -> None:
    with store.session() as session:
        used = _used(run, session, seller, store, only_working=only_working)
        judged = [
            (one, compared, subjects)
            for about in ("customer", "group")
            for one, compared, subjects in _judge(session, seller, day, [u for u in used if u.says.about == about])
        ]
    for one, compared, subjects in judged:
        for (subject_id, key), why in compared.over:
            entry = _over(one, seller, subject_id, key, why, day, store, dry_run=run.dry_run)
            run.entries += [entry] if entry else []
        for found in compared.fires:
            entry = _fire(one, seller, found, subjects[found.subject_id], day, store, dry_run=run.dry_run)
            run.entries += [entry] if entry else []


def _used(
    run: EscalationsRun, session: Session, seller: Seller, store: Store, *, only_working: bool
) -> Sequence[_Used]:
    found = []
    for kept in used_rules(session, seller.id):
        try:
            says = rule_from(kept.document)
        except RuleUnclear as odd:
            run.unclear.append((kept.name, odd.sentence))
            continue
        zone = ZoneInfo(seller.time_zone)
        if not only_working or says.working_hours.is_working(store.clock.now(), zone, seller.country):
            found.append(_Used(kept, says))
    return found


def _judge(
    session: Session, seller: Seller, day: date, used: Sequence[_Used]
) -> Iterable[tuple[_Used, Compared, dict[UUID, Subject]]]:
    """Every rule about customers, or about groups, against what was read for all of them together."""
    if not used:
        return
    wanted = {fact.name for one in used for fact in one.says.condition.uses}
    measured = Measured(session, seller.id, sorted(wanted), about=used[0].says.about)
    of_day = measured.on(day)
    standing: dict[str, list[tuple[UUID, str]]] = {}
    query = select(Escalation.rule, Escalation.customer_id, Escalation.state_key).where(
        Escalation.seller_id == seller.id, Escalation.ended_at.is_(None)
    )
    for rule, customer_id, key in session.execute(query):
        standing.setdefault(rule, []).append((customer_id, key))
    for one in used:
        compared = compare(holding(one.says, of_day), standing.get(one.kept.name, ()))
        yield one, compared, dict(measured.subjects)


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
        return Entry(
            "over", seller.ref, one.kept.name, one.says.title, customer.ref, customer.name, key, why, stands.level,
            stands.owner, escalation_id=stands.id,
        )  # fmt: skip


def _fire(
    one: _Used, seller: Seller, found: Holding, subject: Subject, day: date, store: Store, *, dry_run: bool
) -> Entry | None:
    """What fired; None when another run was quicker, or the rule was switched meanwhile."""
    is_trial = one.kept.state == "trial"
    owner = one.says.level[0].owner
    entry = Entry(
        "tried" if is_trial else "fired", seller.ref, one.kept.name, one.says.title, subject.ref, subject.name,
        found.state_key, level=1, owner=owner, seen=found.seen,
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
        return Entry(**{**entry.__dict__, "escalation_id": fired_id})
