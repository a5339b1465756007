"""A full desk: conversations that wait for a person, and many more that were closed, each with its messages."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.actions.save_seller import save_seller
from o2c_core.customers.seller_profile import read_profile
from o2c_core.store.store import Store

SELLER = "bench"
_PROFILE = {
    "name": "Van Dijk Groothandel", "country": "NL", "currency": "EUR", "language": "nl", "languages": ["nl", "en"],
    "time_zone": "Europe/Amsterdam",
}  # fmt: skip
# One statement for each table; ids follow from numbers, so that rows find each other. Of `:so_many` conversations the
# first `:waits` wait for a person, due around now; the others are closed, each an hour longer ago.
_ROWS = (
    """
    INSERT INTO customer (id, seller_id, ref, name, kind, country, language, currency, is_walk_in,
                          created_at)
    SELECT md5(:seller || 'customer' || n)::uuid, :seller_id, 'KL-' || n, 'Bakkerij ' || n || ' van der Lindenbergh',
           'company', 'NL', 'nl', 'EUR', false, :now FROM generate_series(1, :customers) AS n
    """,
    """
    INSERT INTO conversation (id, seller_id, customer_id, channel, identity, speaker, state, language, version, introduced,
                              handoff_reason, handoff_at, due_at, stake, opened_at, updated_at)
    SELECT md5(:seller || 'talk' || n)::uuid, :seller_id, md5(:seller || 'customer' || (n % :customers + 1))::uuid,
           (ARRAY['chat', 'sms', 'email', 'whatsapp'])[n % 4 + 1], 'proven', 'assistant',
           CASE WHEN n <= :waits THEN 'waiting' ELSE 'closed' END, (ARRAY['nl', 'en', 'de', 'fr'])[n % 4 + 1], 4, true,
           CASE WHEN n <= :waits THEN (ARRAY['angry', 'legal_threat', 'disagrees', 'cannot'])[n % 4 + 1] END,
           CASE WHEN n <= :waits THEN CAST(:now AS timestamptz) - n * interval '30 seconds' END,
           CASE WHEN n <= :waits THEN CAST(:now AS timestamptz) + (n - 500) * interval '3 minutes' END,
           CASE WHEN n <= :waits THEN n * 137 END, CAST(:now AS timestamptz) - n * interval '1 hour',
           CAST(:now AS timestamptz) - n * interval '1 minute' FROM generate_series(1, :so_many) AS n
    """,
    """
    INSERT INTO message (id, conversation_id, direction, author, purpose, channel, text, language, delivery, receipts,
                         understanding, created_at)
    SELECT md5(:seller || 'message' || n || '-' || m)::uuid, md5(:seller || 'talk' || n)::uuid,
           (ARRAY['in', 'out'])[m % 2 + 1], (ARRAY['customer', 'assistant'])[m % 2 + 1],
           (ARRAY['question', 'answer'])[m % 2 + 1], (ARRAY['chat', 'sms', 'email', 'whatsapp'])[n % 4 + 1],
           'Waarom staat factuur INV-' || n || ' nog open? Wij hebben ' || (n % 97) || ' dozen ' ||
           (ARRAY['spruiten', 'appels', 'meel', 'room', 'boter'])[n % 5 + 1] || ' teruggestuurd en willen dat u belt.',
           'nl', (ARRAY['received', 'sent'])[m % 2 + 1], '[]', '{}', CAST(:now AS timestamptz) - n * interval '1 minute'
    FROM generate_series(1, :so_many) AS n CROSS JOIN generate_series(0, 1) AS m
    """,
    """
    INSERT INTO handoff (id, conversation_id, reason, why, urgency, packet, called_at, ended_at)
    SELECT md5(:seller || 'call' || n)::uuid, md5(:seller || 'talk' || n)::uuid,
           (ARRAY['angry', 'legal_threat', 'disagrees', 'cannot'])[n % 4 + 1], 'asked',
           (ARRAY['today', 'now', 'today', 'normal'])[n % 4 + 1],
           jsonb_build_object('at_stake', jsonb_build_array(jsonb_build_object(
               'currency', 'EUR', 'open_minor', n * 137, 'overdue_minor', n))),
           CAST(:now AS timestamptz) - n * interval '30 seconds', CASE WHEN n > :waits THEN :now END
    FROM generate_series(1, :called) AS n
    """,
)


def fill_desk(store: Store, *, waits: int, closed: int) -> UUID:
    """Writes the seller with so many conversations; its key."""
    seller, _ = save_seller(SELLER, read_profile(_PROFILE), by="bench", store=store)
    so_many = waits + closed
    about = {
        "seller": SELLER, "seller_id": seller.id, "now": store.clock.now(), "so_many": so_many, "waits": waits,
        "customers": max(1, so_many // 10), "called": min(so_many, 4 * waits),
    }  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE conversation DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE message DISABLE TRIGGER USER"))
        connection.execute(text("ALTER TABLE handoff DISABLE TRIGGER USER"))
        for statement in _ROWS:
            connection.execute(text(statement), about)
        for table in ("conversation", "message", "handoff"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return seller.id


def signed_in(store: Store, name: str) -> str:
    """The key of a browser in which a manager of that name is signed in."""
    user = add_user(NewUser(f"{name.lower()}@vandijk.example", name, "manager"), by="bench", store=store)
    return begin_sign_in(user.id, by="password", browser="bench", store=store)
