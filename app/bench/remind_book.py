"""A book of open invoices that have all come to a step of their ladder, made inside the database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import text

from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.keys import new_key
from o2c_core.store.store import Store

ON = date(2026, 3, 16)
# Noon of a working day in every country of the book.
NOW = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)

# Keys rise with the number, so that a run walks through the customers as it does where they came one after the other.
_KEY = """
    CREATE OR REPLACE FUNCTION pg_temp.key (family bigint, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(family), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid $$
"""
_ROWS = (
    """
    INSERT INTO customer (id, seller_id, ref, name, kind, country, language, currency, is_walk_in, created_at)
    SELECT pg_temp.key(:family, n), :seller_id, 'C' || lpad(n::text, 7, '0'), 'Customer ' || n || ' Trading', 'company',
           (ARRAY['NL', 'GB', 'DE', 'FR'])[1 + n % 4], (ARRAY['nl', 'en', 'de', 'fr'])[1 + n % 4], 'EUR', false, :at
    FROM generate_series(1, :customers) n
    """,
    """
    INSERT INTO contact (id, customer_id, name, role)
    SELECT pg_temp.key(:family, n), pg_temp.key(:family, n), 'Buyer ' || n, 'accounts_payable'
    FROM generate_series(1, :customers) n
    """,
    """
    INSERT INTO address (id, contact_id, channel, value, verified_at)
    SELECT pg_temp.key(:family, n), pg_temp.key(:family, n), 'email', 'ap@customer' || n || '-' || :family || '.example', :at
    FROM generate_series(1, :customers) n
    """,
    """
    INSERT INTO invoice (id, seller_id, customer_id, number, issued_on, due_on, terms_days, currency, net_minor,
                         tax_minor, total_minor)
    SELECT pg_temp.key(:family, n), :seller_id,
           pg_temp.key(:family, 1 + n % :customers),
           'INV-' || lpad(n::text, 8, '0'), due_on - 30, due_on, 30, 'EUR', minor, 0, minor
    FROM generate_series(1, :invoices) n,
         LATERAL (SELECT :on - (ARRAY[0, 7, 10, 14, 30])[1 + (n / :customers) % 5] AS due_on,
                         1000 + (n::bigint * 7919) % 500000 AS minor) made
    """,
)


def fill(store: Store, ref: str, family: int, invoices: int, customers: int) -> UUID:
    """A seller with so many customers, each with one address, and so many open invoices, spread evenly over them."""
    seller = Seller(
        id=new_key(), ref=ref, name="Van Dijk Groothandel", country="NL", currency="EUR", language="nl",
        time_zone="Europe/Amsterdam", payment_terms_days=30, languages=["nl", "en", "de", "fr"], numbering={},
        settings={},
    )  # fmt: skip
    seller.bank_accounts.append(
        BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk Groothandel B.V.", currency="EUR", is_default=True)
    )
    asked = {
        "seller_id": seller.id, "family": family, "customers": customers, "invoices": invoices, "on": ON, "at": NOW,
    }  # fmt: skip
    with store.session() as session:
        session.add(seller)
        session.flush()
        for statement in (_KEY, *_ROWS):
            session.execute(text(statement), asked)
        # In bench/, there is no action behind it: it is the book the bench begins with.
        session.connection().commit()
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return seller.id
