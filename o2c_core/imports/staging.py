"""Staging: temporary tables that a file is copied into in batches, so that the ledger meets it as a set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# One row per line of a document, with what it says about its document repeated; `place` keeps their order. `day` is
# when an invoice was issued or an order placed, `until` when it is due or expected. `mark` stands for all that the row
# says: rows with equal marks are equal. `document` is the key its document gets if it turns out to be new, `id` the
# key of the line.
_TABLES = {
    "import_row": (
        "line bigint, place bigint, id text, document text, mark text, number text, is_credit boolean, customer text, "
        "day date, until date, terms_days bigint, currency text, net bigint, tax bigint, total bigint, order_number text, "
        "purchase_order text, credits text, reason text, terms text, is_line boolean, sku text, description text, "
        "quantity numeric, unit_price numeric, amount bigint, state text, tax_category text, tax_rate numeric"
    ),
    "import_refused": "line bigint, number text",
    "import_shipment": (
        "line bigint, id text, mark text, number text, tracking_number text, carrier text, shipped_on date, "
        "expected_on date, delivered_on date, received_by text, proof_kind text, proof_reference text, sku text, "
        "quantity numeric"
    ),
    "import_customer": (
        "line bigint, id text, mark text, ref text, name text, kind text, country text, language text, currency text, "
        "time_zone text, street text, postcode text, city text, terms_days bigint, month_end text, discount_percent numeric, "
        "discount_days bigint, instalments text, vat_number text, company_number text, parent text, segment text, "
        "preferred_channel text, credit_limit bigint, is_walk_in boolean, "
        "contact_id text, contact text, role text, email_id text, email text, phone_id text, phone text"
    ),
    "import_person": (
        "line bigint, customer text, contact_id text, contact text, role text, language text, email_id text, email text, "
        "phone_id text, phone text"
    ),
    "import_payment": (
        "line bigint, id text, mark text, key text, customer text, received_on date, currency text, amount bigint, "
        "reference text, method text, invoices text"
    ),
}
BATCH_ROWS = 5_000
_MADE_OF_THEM = ("import_document", "import_customers", "import_contact", "import_pair", "import_payments")


def copy_line(values: Sequence[object]) -> str:
    """The values as one line of PostgreSQL's COPY; texts have no control characters left, only backslashes to double."""
    return "\t".join(
        [
            "\\N"
            if value is None
            else value.replace("\\", "\\\\")
            if type(value) is str
            else ("t" if value else "f")
            if type(value) is bool
            else str(value)
            for value in values
        ]
    )


class Staging:
    """Rows on their way into the temporary tables of this session's transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: dict[str, list[str]] = {name: [] for name in _TABLES}

    def begin(self) -> None:
        """Empty tables, also when an earlier file was imported in the same session."""
        self.end()
        for name, columns in _TABLES.items():
            # Numbers are sorted by their bytes, which is quick. Where they meet the ledger's own, the statement says
            # COLLATE "default", or its indexes could not be used.
            columns = columns.replace(" text", ' text COLLATE "C"')
            self._session.execute(text(f"CREATE TEMPORARY TABLE {name} ({columns})"))

    def add(self, table: str, line: str) -> None:
        waiting = self._waiting[table]
        waiting.append(line)
        if len(waiting) >= BATCH_ROWS:
            self._copy(table)

    def flush(self) -> None:
        """Everything that waits is in its table, and the planner knows how much there is."""
        for table in _TABLES:
            self._copy(table)
            self._session.execute(text(f"ANALYZE {table}"))

    def end(self) -> None:
        self._session.execute(
            text(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{t}' for t in (*_TABLES, *_MADE_OF_THEM))}")
        )

    def _copy(self, table: str) -> None:
        waiting = self._waiting[table]
        if waiting:
            connection: Any = self._session.connection().connection.driver_connection
            with connection.cursor() as cursor, cursor.copy(f"COPY pg_temp.{table} FROM STDIN") as copy:
                copy.write("\n".join(waiting) + "\n")
            waiting.clear()
