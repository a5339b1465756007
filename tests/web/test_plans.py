"""The lists of the desk are read off indexes: at many rows none of their questions reads a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from o2c_core.staff.user import User
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.web.opened import key_of_somebody, open_pages

TALKS = 6_000
# What grows with every day; who and what there is to choose from is short, and may be read whole.
LONG = {"message", "conversation", "trail", "look", "handoff", "proposal", "model_call"}
# These count all there is up to a limit, or look up what full text found among many: which way is quickest is the
# planner's to say. What was written they never read whole.
MANY = ("SELECT (SELECT count(*)", "WITH said AS")
FILL = """
INSERT INTO customer SELECT (jsonb_populate_record(customer, jsonb_build_object('id', gen_random_uuid(), 'ref', 'D' || n))).*
    FROM customer, generate_series(2, 600) AS n;
INSERT INTO conversation (id, seller_id, customer_id, channel, identity, speaker, state, version, introduced, opened_at,
        updated_at, handoff_reason, handoff_at, due_at, owner_id)
    SELECT gen_random_uuid(), seller_id, customer_id, (ARRAY['chat', 'sms', 'email'])[1 + n % 3], 'proven',
        CASE WHEN n % 150 = 0 THEN 'agent' ELSE 'assistant' END,
        CASE WHEN n % 100 = 0 THEN 'waiting' ELSE 'closed' END, 1, TRUE, at, at,
        CASE WHEN n % 100 = 0 THEN 'angry' END, CASE WHEN n % 100 = 0 THEN at END, CASE WHEN n % 100 = 0 THEN at END,
        CASE WHEN n % 300 = 0 THEN CAST(:eva AS uuid) END
    FROM (SELECT seller_id, id AS customer_id, n, timestamptz '2026-03-16 10:00Z' - n * interval '7 minutes' AS at
        FROM generate_series(1, :many) AS n
        JOIN (SELECT *, row_number() OVER () - 1 AS at FROM customer) AS whose ON whose.at = n % 600) AS made;
INSERT INTO message (id, conversation_id, direction, author, purpose, channel, text, delivery, receipts, understanding,
        attachments, mail, tries, look_ups, created_at)
    SELECT gen_random_uuid(), id, CASE k WHEN 0 THEN 'in' ELSE 'out' END, 'assistant',
        CASE k WHEN 0 THEN 'question' WHEN 1 THEN 'answer' ELSE 'reminder' END, channel,
        'Woord' || n || ' over levering' || n % 40, CASE k WHEN 0 THEN 'received' ELSE 'sent' END,
        '[]', '{}', '[]', '{}', 0, 0, opened_at
    FROM (SELECT *, row_number() OVER () AS n FROM conversation) AS talk, generate_series(0, 2) AS k;
INSERT INTO handoff (id, conversation_id, called_at, reason, why, urgency, packet, ended_at)
    SELECT gen_random_uuid(), id, opened_at, 'angry', 'angry', 'today', '{}', CASE WHEN state = 'closed' THEN opened_at END
    FROM conversation;
INSERT INTO proposal (id, conversation_id, customer_id, message_id, answer_id, kind, arguments, says, state, offered_at,
        lapses_at)
    SELECT gen_random_uuid(), asked.conversation_id, conversation.customer_id, asked.id, answer.id, 'complaint', '{}', '', 'declined',
        answer.created_at, answer.created_at
    FROM message asked JOIN message answer USING (conversation_id)
    JOIN conversation ON conversation.id = asked.conversation_id
    WHERE asked.purpose = 'question' AND answer.purpose = 'answer';
INSERT INTO model_call (id, conversation_id, message_id, model, outcome, why, milliseconds, at)
    SELECT gen_random_uuid(), conversation_id, id, 'one', 'answered', '', 1, created_at FROM message
    WHERE purpose = 'question';
INSERT INTO look (id, user_id, at, page, about, customer_id)
    SELECT gen_random_uuid(), :eva, updated_at, '/inbox', '', customer_id FROM conversation;
INSERT INTO trail (id, at, who, what, subject, subject_id, seller_id, customer_id, why, details)
    SELECT gen_random_uuid(), updated_at, CASE WHEN random() < 0.1 THEN 'Eva' ELSE 'assistant' END, 'note', 'conversation',
        id, seller_id, customer_id, '', '{}'
    FROM conversation, generate_series(1, 3);
"""
PAGES = [
    "/inbox", "/inbox?show=all", "/inbox?show=closed", "/inbox?show=mine", "/inbox?show=snoozed", "/inbox?show=agent",
    "/inbox?sort=money", "/inbox?q=woord7", "/inbox?q=levering7+woord12", "/inbox?q=INV-2026-0042", "/inbox?q=C1",
    "/inbox?q=%2B31612345678", "/inbox/rows?ids={talk}", "/conversations/{talk}", "/conversations/{talk}/rows",
    "/finance/log", "/finance/log?channel=sms", "/finance/log?purpose=rating", "/finance/log?state=failed",
    "/finance/log?purpose=reminder&channel=email", "/audit", "/audit?who=Eva", "/audit?customer=C1",
    "/audit?from=2026-03-01&to=2026-03-02", "/audit?kind=did",
]  # fmt: skip


def filled(store: Store) -> str:
    """A ledger with thousands of conversations; returns the latest of them."""
    with store.session() as session:
        seller = a_seller(session)
        a_customer(session, seller, "C1")
        session.commit()
        key_of_somebody(store, "admin")
        eva = session.query(User.id).scalar()
        known = {"eva": eva, "many": TALKS}
        for statement in FILL.split(";\n"):
            if statement.strip():
                session.execute(text(statement), {k: v for k, v in known.items() if f":{k}" in statement})
        session.commit()
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as settled:
        settled.execute(text("VACUUM ANALYZE"))
    with store.session() as session:
        return str(session.scalar(text("SELECT id FROM conversation ORDER BY updated_at DESC LIMIT 1")))


def read_whole(session: Session, statement: str, given: Any) -> list[str]:
    """The long tables of which that statement would read every row."""
    cursor = session.connection().connection.cursor()
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
    (((explained,),),) = cursor.fetchall()
    whole = set(_scanned(explained["Plan"])) & LONG
    return sorted(whole - {"conversation"} if statement.startswith(MANY) else whole)


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scanned(part)


def test_no_list_of_the_desk_reads_a_whole_table(own_store: Store) -> None:
    talk = filled(own_store)
    client = open_pages(own_store)
    asked: list[tuple[str, Any]] = []

    def hear(*about: Any) -> None:
        asked.append((about[2], about[3]))

    found: dict[str, list[tuple[list[str], str]]] = {}
    for path in PAGES:
        asked.clear()
        event.listen(own_store.engine, "before_cursor_execute", hear)
        answer = client.get(path.format(talk=talk))
        event.remove(own_store.engine, "before_cursor_execute", hear)
        assert answer.status_code == 200, path
        with own_store.session() as session:
            for statement, given in asked:
                whole = read_whole(session, statement, given) if statement.startswith(("SELECT", "WITH")) else []
                if whole:
                    found.setdefault(path, []).append((whole, " ".join(statement.split())))
    assert found == {}
