"""A write is carried out once under its key: repeated, at the same time, and when the process ends in between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from o2c_core.actions import carry_out_once as module
from o2c_core.actions.carry_out_once import (
    AnswerLost,
    Asked,
    BeingCarriedOut,
    KeyUsedBefore,
    Said,
    carry_out_once,
)
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.make_api_key import make_api_key
from o2c_core.cases.complaint import Complaint
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.integrations.api_key import IdempotentCall
from o2c_core.store.store import Store
from o2c_core.trail import note
from tests.build import a_customer, a_seller


@pytest.fixture
def customer(own_store: Store) -> Customer:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session))
        session.commit()
    return customer


@pytest.fixture
def key_id(own_store: Store, customer: Customer) -> UUID:
    return make_api_key("vandijk", "the ERP", ["cases:write"], store=own_store).row.id


class Complaining:
    """A write that can be counted: each time it is carried out there is one more complaint."""

    def __init__(self, customer: Customer, meanwhile: threading.Barrier | None = None) -> None:
        self._customer = customer
        self._meanwhile = meanwhile

    def __call__(self, store: Store) -> Said:
        if self._meanwhile is not None:
            self._meanwhile.wait(10)
        complaint = log_complaint(Grievance(self._customer.id, "late again"), store=store)
        return Said(201, {"number": complaint.number})


def saying(status: int, answer: dict[str, Any], **more: Any) -> Callable[[Store], Said]:
    """A write that changes nothing and says so."""
    return lambda _: Said(status, answer, **more)


def complaints(store: Store) -> int:
    with store.session() as session:
        return session.execute(select(func.count()).select_from(Complaint)).scalar_one()


def calls(store: Store) -> list[tuple[str, int | None]]:
    with store.session() as session:
        return [(call.key, call.status) for call in session.scalars(select(IdempotentCall).order_by(IdempotentCall.id))]


def test_a_repeat_is_answered_as_the_first_was_and_changes_nothing(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    asked = Asked(key_id, "k1", "the request")
    first, again = (carry_out_once(asked, Complaining(customer), store=own_store) for _ in range(2))
    assert (first.status, first.is_replay, again.is_replay) == (201, False, True)
    assert (again.status, again.answer) == (first.status, first.answer)
    assert complaints(own_store) == 1


def test_the_same_key_for_another_request_is_refused(own_store: Store, customer: Customer, key_id: UUID) -> None:
    carry_out_once(Asked(key_id, "k1", "the request"), Complaining(customer), store=own_store)
    with pytest.raises(KeyUsedBefore):
        carry_out_once(Asked(key_id, "k1", "another"), Complaining(customer), store=own_store)
    assert complaints(own_store) == 1


def test_keys_of_two_systems_do_not_meet(own_store: Store, customer: Customer, key_id: UUID) -> None:
    other = make_api_key("vandijk", "the shop", ["cases:write"], store=own_store).row.id
    for key in (key_id, other):
        carry_out_once(Asked(key, "k1", "the request"), Complaining(customer), store=own_store)
    assert complaints(own_store) == 2


def test_of_many_at_the_same_time_exactly_one_is_carried_out(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    together = threading.Barrier(8)
    heard: list[str] = []

    def attempt(_: int) -> None:
        act = Complaining(customer, together)
        try:
            said = carry_out_once(Asked(key_id, "k1", "the request"), act, store=own_store)
            heard.append("replay" if said.is_replay else "carried out")
        except (BeingCarriedOut, AnswerLost):
            heard.append("later")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(attempt, range(8)))
    assert heard.count("carried out") == 1
    assert complaints(own_store) == 1
    assert calls(own_store) == [("k1", 201)]


def test_who_was_overtaken_before_beginning_gets_the_first_answer(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    asked = Asked(key_id, "k1", "the request")

    def overtaken(store: Store) -> Said:
        carry_out_once(asked, Complaining(customer), store=own_store)
        return Complaining(customer)(store)

    said = carry_out_once(asked, overtaken, store=own_store)
    assert (said.is_replay, said.answer) == (True, {"number": "C-101"})
    assert complaints(own_store) == 1


def test_while_the_first_is_at_work_the_second_is_told_so_at_once(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    at_work, go_on = threading.Event(), threading.Event()

    def slow(store: Store) -> Said:
        with store.session() as session:
            note(session, "something slow", session.get_one(Customer, customer.id), at=store.clock.now(), who="system")
            session.flush()
            at_work.set()
            go_on.wait(10)
            session.commit()
        return Said(200, {})

    asked = Asked(key_id, "k1", "the request")
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(carry_out_once, asked, slow, store=own_store)
        at_work.wait(10)
        with pytest.raises(BeingCarriedOut):
            carry_out_once(asked, Complaining(customer), store=own_store)
        go_on.set()
        assert first.result(10).is_replay is False
    assert carry_out_once(asked, Complaining(customer), store=own_store).is_replay
    assert complaints(own_store) == 0


def test_a_process_that_ends_before_it_kept_the_answer_leaves_a_mark(
    own_store: Store, customer: Customer, key_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    asked = Asked(key_id, "k1", "the request")
    with monkeypatch.context() as here:
        here.setattr(module, "_keep", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out_once(asked, Complaining(customer), store=own_store)
    assert calls(own_store) == [("k1", None)]
    with pytest.raises(AnswerLost):
        carry_out_once(asked, Complaining(customer), store=own_store)
    assert complaints(own_store) == 1


def test_what_was_rolled_back_leaves_no_mark(own_store: Store, customer: Customer, key_id: UUID) -> None:
    def crashes(store: Store) -> Said:
        with store.session() as session:
            note(session, "half done", session.get_one(Customer, customer.id), at=store.clock.now(), who="system")
            session.flush()
            raise ZeroDivisionError

    asked = Asked(key_id, "k1", "the request")
    with pytest.raises(ZeroDivisionError):
        carry_out_once(asked, crashes, store=own_store)
    assert calls(own_store) == []
    assert carry_out_once(asked, Complaining(customer), store=own_store).is_replay is False


@pytest.mark.parametrize("commits", [False, True])
def test_a_refusal_is_not_remembered_also_where_it_is_noted(
    own_store: Store, customer: Customer, key_id: UUID, commits: bool
) -> None:
    def refuses(store: Store) -> Said:
        with store.session() as session:
            note(session, "refused", session.get_one(Customer, customer.id), at=store.clock.now(), who="system")
            if commits:
                session.commit()
        raise Refused

    asked = Asked(key_id, "k1", "the request")
    with pytest.raises(Refused):
        carry_out_once(asked, refuses, store=own_store)
    assert carry_out_once(asked, Complaining(customer), store=own_store).status == 201


def test_a_write_that_changed_nothing_is_remembered_too(own_store: Store, key_id: UUID) -> None:
    asked = Asked(key_id, "k1", "the request")
    for is_replay in (False, True):
        said = carry_out_once(asked, saying(200, {"was": "there"}), store=own_store)
        assert (said.is_replay, said.answer) == (is_replay, {"was": "there"})


def test_a_write_in_several_commits_has_its_mark_from_the_first(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    def stops_half_way(store: Store) -> Said:
        log_complaint(Grievance(customer.id, "one"), store=store)
        log_complaint(Grievance(customer.id, "two"), store=store)
        raise ZeroDivisionError

    asked = Asked(key_id, "k1", "the request")
    with pytest.raises(ZeroDivisionError):
        carry_out_once(asked, stops_half_way, store=own_store)
    assert complaints(own_store) == 2
    with pytest.raises(AnswerLost):
        carry_out_once(asked, Complaining(customer), store=own_store)


def test_an_action_within_an_action_does_not_wait_for_itself(
    own_store: Store, customer: Customer, key_id: UUID
) -> None:
    def nested(store: Store) -> Said:
        with store.session() as session:
            note(session, "outer", session.get_one(Customer, customer.id), at=store.clock.now(), who="system")
            session.flush()
            complaint = log_complaint(Grievance(customer.id, "inner"), store=store)
            session.commit()
        return Said(200, {"number": complaint.number})

    assert carry_out_once(Asked(key_id, "k1", "the request"), nested, store=own_store).is_replay is False
    assert calls(own_store) == [("k1", 200)]


def test_what_is_to_be_left_out_of_a_repeat_is_not_kept(own_store: Store, key_id: UUID) -> None:
    asked = Asked(key_id, "k1", "the request")
    first = carry_out_once(asked, saying(201, {"secret": "s"}, kept={"secret": None}), store=own_store)
    assert first.answer == {"secret": "s"}
    assert carry_out_once(asked, saying(201, {}), store=own_store).answer == {"secret": None}
