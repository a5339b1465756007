"""The ledger in full: terms, bank files, returns, write-offs, promises, plans, holds, consent, keys and webhooks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_api_key_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_key_digest")),
    )
    op.create_table(
        "bank_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("bic", sa.String(), nullable=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_bank_account_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("seller_id", "iban", name=op.f("uq_bank_account_seller_id_iban")),
    )
    op.create_table(
        "sender_identity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms', 'whatsapp')", name=op.f("ck_sender_identity_channel")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_sender_identity_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_identity")),
        sa.UniqueConstraint("seller_id", "channel", "value", name=op.f("uq_sender_identity_seller_id_channel_value")),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("told_until", sa.BigInteger(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_webhook_endpoint_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
        sa.UniqueConstraint("seller_id", "url", name=op.f("uq_webhook_endpoint_seller_id_url")),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("bank_account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("opening_minor", sa.BigInteger(), nullable=True),
        sa.Column("closing_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_bank_statement_bank_account_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_bank_statement_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
    )
    op.create_index(
        op.f("ix_bank_statement_bank_account_id_to_on"), "bank_statement", ["bank_account_id", "to_on"], unique=False
    )
    op.create_table(
        "idempotent_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("api_key_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("answer", JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_key.id"], name=op.f("fk_idempotent_call_api_key_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_call")),
        sa.UniqueConstraint("api_key_id", "key", name=op.f("uq_idempotent_call_api_key_id_key")),
    )
    op.create_table(
        "payer_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payer_account_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_payer_account_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_account")),
        sa.UniqueConstraint(
            "seller_id", "account", "customer_id", name=op.f("uq_payer_account_seller_id_account_customer_id")
        ),
    )
    op.create_table(
        "payment_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'active', 'kept', 'broken', 'declined', 'withdrawn')",
            name=op.f("ck_payment_plan_state"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payment_plan_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_payment_plan_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_plan")),
        sa.UniqueConstraint("seller_id", "number", name=op.f("uq_payment_plan_seller_id_number")),
    )
    op.create_index(op.f("ix_payment_plan_customer_id"), "payment_plan", ["customer_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("grace_days", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'kept', 'broken', 'replaced')", name=op.f("ck_promise_state")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promise_positive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_promise_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_promise_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_customer_id"), "promise", ["customer_id"], unique=False)
    op.create_index(
        "ix_promise_open",
        "promise",
        ["seller_id", "promised_on"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_site_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("customer_id", "ref", name=op.f("uq_site_customer_id_ref")),
    )
    op.create_table(
        "bank_transaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("bank_account_id", sa.Uuid(), nullable=False),
        sa.Column("bank_statement_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("is_reversal", sa.Boolean(), nullable=False),
        sa.Column("payer_name", sa.String(), nullable=True),
        sa.Column("payer_account", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("end_to_end", sa.String(), nullable=True),
        sa.Column("bank_reference", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_why", sa.String(), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("suggestions", JSONB(), nullable=False),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_bank_transaction_direction")),
        sa.CheckConstraint(
            "state IN ('waiting', 'matched', 'ignored', 'reversed')", name=op.f("ck_bank_transaction_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_transaction_positive")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_account.id"], name=op.f("fk_bank_transaction_bank_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["bank_statement_id"], ["bank_statement.id"], name=op.f("fk_bank_transaction_bank_statement_id")
        ),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_bank_transaction_payment_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_bank_transaction_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_transaction")),
        sa.UniqueConstraint("bank_account_id", "key", name=op.f("uq_bank_transaction_bank_account_id_key")),
    )
    op.create_index(op.f("ix_bank_transaction_payment_id"), "bank_transaction", ["payment_id"], unique=False)
    op.create_index(
        "ix_bank_transaction_waiting",
        "bank_transaction",
        ["seller_id", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("channel IN ('email', 'sms', 'whatsapp', 'chat')", name=op.f("ck_consent_channel")),
        sa.CheckConstraint("purpose IN ('service', 'reminders', 'marketing')", name=op.f("ck_consent_purpose")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_consent_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        op.f("ix_consent_contact_id_channel_purpose_at"),
        "consent",
        ["contact_id", "channel", "purpose", "at"],
        unique=False,
    )
    op.create_table(
        "plan_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_plan_part_positive")),
        sa.ForeignKeyConstraint(["plan_id"], ["payment_plan.id"], name=op.f("fk_plan_part_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_part")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_plan_part_plan_id_position")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("trail_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name=op.f("ck_webhook_delivery_state")),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id")),
        sa.ForeignKeyConstraint(["trail_id"], ["trail.id"], name=op.f("fk_webhook_delivery_trail_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(op.f("ix_webhook_delivery_endpoint_id_id"), "webhook_delivery", ["endpoint_id", "id"], unique=False)
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["next_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('reminders', 'credit', 'delivery')", name=op.f("ck_hold_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_hold_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_hold_invoice_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_hold_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_customer_id"), "hold", ["customer_id"], unique=False)
    op.create_index(
        "ix_hold_running", "hold", ["seller_id", "until_on"], unique=False, postgresql_where=sa.text("ended_on IS NULL")
    )
    op.create_table(
        "instalment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_instalment_positive")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_instalment_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_instalment_invoice_id_position")),
    )
    op.create_table(
        "planned_invoice",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_planned_invoice_invoice_id")),
        sa.ForeignKeyConstraint(["plan_id"], ["payment_plan.id"], name=op.f("fk_planned_invoice_plan_id")),
        sa.PrimaryKeyConstraint("plan_id", "invoice_id", name=op.f("pk_planned_invoice")),
    )
    op.create_index(op.f("ix_planned_invoice_invoice_id"), "planned_invoice", ["invoice_id"], unique=False)
    op.create_table(
        "promised_invoice",
        sa.Column("promise_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_promised_invoice_invoice_id")),
        sa.ForeignKeyConstraint(["promise_id"], ["promise.id"], name=op.f("fk_promised_invoice_promise_id")),
        sa.PrimaryKeyConstraint("promise_id", "invoice_id", name=op.f("pk_promised_invoice")),
    )
    op.create_index(op.f("ix_promised_invoice_invoice_id"), "promised_invoice", ["invoice_id"], unique=False)
    op.create_table(
        "shipment_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_line_positive")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_shipment_line_order_line_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_line")),
        sa.UniqueConstraint("shipment_id", "order_line_id", name=op.f("uq_shipment_line_shipment_id_order_line_id")),
    )
    op.create_index(op.f("ix_shipment_line_order_line_id"), "shipment_line", ["order_line_id"], unique=False)
    op.create_table(
        "write_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("written_off_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "reason IN ('small_balance', 'bad_debt', 'early_payment_discount', 'goodwill', 'dispute')",
            name=op.f("ck_write_off_reason"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_write_off_positive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_write_off_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_write_off_invoice_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_write_off_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_write_off")),
    )
    op.create_index(
        op.f("ix_write_off_customer_id_written_off_on"), "write_off", ["customer_id", "written_off_on"], unique=False
    )
    op.create_index(op.f("ix_write_off_invoice_id"), "write_off", ["invoice_id"], unique=False)
    op.create_table(
        "payment_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("credit_note_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("source_key", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('refund', 'reversal', 'chargeback')", name=op.f("ck_payment_return_kind")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_return_positive")),
        sa.CheckConstraint("num_nonnulls(payment_id, credit_note_id) = 1", name=op.f("ck_payment_return_one_source")),
        sa.ForeignKeyConstraint(["credit_note_id"], ["credit_note.id"], name=op.f("fk_payment_return_credit_note_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payment_return_customer_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_return_payment_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_payment_return_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_return")),
        sa.UniqueConstraint("seller_id", "source_key", name=op.f("uq_payment_return_seller_id_source_key")),
    )
    op.create_index(op.f("ix_payment_return_credit_note_id"), "payment_return", ["credit_note_id"], unique=False)
    op.create_index(
        op.f("ix_payment_return_customer_id_returned_on"),
        "payment_return",
        ["customer_id", "returned_on"],
        unique=False,
    )
    op.create_index(op.f("ix_payment_return_payment_id"), "payment_return", ["payment_id"], unique=False)
    op.create_table(
        "tax_subtotal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("credit_note_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=5, scale=2), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("exemption_reason", sa.String(), nullable=True),
        sa.CheckConstraint("num_nonnulls(invoice_id, credit_note_id) = 1", name=op.f("ck_tax_subtotal_one_document")),
        sa.ForeignKeyConstraint(["credit_note_id"], ["credit_note.id"], name=op.f("fk_tax_subtotal_credit_note_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_tax_subtotal_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_subtotal")),
    )
    op.create_index(op.f("ix_tax_subtotal_credit_note_id"), "tax_subtotal", ["credit_note_id"], unique=False)
    op.create_index(op.f("ix_tax_subtotal_invoice_id"), "tax_subtotal", ["invoice_id"], unique=False)
    op.create_table(
        "dispute_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_line_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=14, scale=3), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_dispute_line_positive")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.id"], name=op.f("fk_dispute_line_dispute_id")),
        sa.ForeignKeyConstraint(["invoice_line_id"], ["invoice_line.id"], name=op.f("fk_dispute_line_invoice_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_line")),
        sa.UniqueConstraint("dispute_id", "invoice_line_id", name=op.f("uq_dispute_line_dispute_id_invoice_line_id")),
    )
    op.add_column("allocation", sa.Column("write_off_id", sa.Uuid(), nullable=True))
    op.add_column("allocation", sa.Column("reverses_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_allocation_write_off_id",
        "allocation",
        ["write_off_id"],
        unique=False,
        postgresql_where=sa.text("write_off_id IS NOT NULL"),
    )
    op.create_index(
        "uq_allocation_reverses_id",
        "allocation",
        ["reverses_id"],
        unique=True,
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_allocation_reverses_id"), "allocation", "allocation", ["reverses_id"], ["id"])
    op.create_foreign_key(op.f("fk_allocation_write_off_id"), "allocation", "write_off", ["write_off_id"], ["id"])
    op.add_column("complaint", sa.Column("category", sa.String(), server_default="other", nullable=False))
    op.add_column("complaint", sa.Column("severity", sa.String(), server_default="normal", nullable=False))
    op.add_column("complaint", sa.Column("owner", sa.String(), nullable=True))
    op.add_column("complaint", sa.Column("root_cause", sa.String(), nullable=True))
    op.add_column("credit_note", sa.Column("net_minor", sa.BigInteger(), nullable=True))
    op.add_column("credit_note", sa.Column("tax_minor", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_credit_note_invoice_id"), "credit_note", ["invoice_id"], unique=False)
    op.add_column("credit_note_line", sa.Column("tax_category", sa.String(), nullable=True))
    op.add_column("credit_note_line", sa.Column("tax_rate", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column("customer", sa.Column("vat_number", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("company_number", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("endpoint", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("parent_id", sa.Uuid(), nullable=True))
    op.add_column("customer", sa.Column("segment", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("preferred_channel", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("credit_limit_minor", sa.BigInteger(), nullable=True))
    op.add_column("customer", sa.Column("month_end", sa.String(), nullable=True))
    op.add_column("customer", sa.Column("discount_percent", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column("customer", sa.Column("discount_days", sa.BigInteger(), nullable=True))
    op.add_column("customer", sa.Column("instalments", JSONB(none_as_null=True), nullable=True))
    op.add_column("customer", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_customer_parent_id"), "customer", ["parent_id"], unique=False)
    op.create_foreign_key(op.f("fk_customer_parent_id"), "customer", "customer", ["parent_id"], ["id"])
    op.add_column("dispute", sa.Column("owner", sa.String(), nullable=True))
    op.add_column("dispute", sa.Column("answer_by", sa.Date(), nullable=True))
    op.add_column("dispute", sa.Column("outcome", sa.String(), nullable=True))
    op.add_column("dispute", sa.Column("credit_note_id", sa.Uuid(), nullable=True))
    op.add_column("dispute", sa.Column("write_off_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_dispute_write_off_id"), "dispute", "write_off", ["write_off_id"], ["id"])
    op.create_foreign_key(op.f("fk_dispute_credit_note_id"), "dispute", "credit_note", ["credit_note_id"], ["id"])
    op.add_column("invoice", sa.Column("buyer_reference", sa.String(), nullable=True))
    op.add_column("invoice", sa.Column("payment_reference", sa.String(), nullable=True))
    op.add_column("invoice", sa.Column("discount_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("invoice", sa.Column("discount_until_on", sa.Date(), nullable=True))
    op.add_column("invoice", sa.Column("is_in_instalments", sa.Boolean(), server_default="false", nullable=False))
    op.add_column(
        "invoice",
        sa.Column(
            "plain_number",
            sa.String(),
            sa.Computed("regexp_replace(upper(number), '[^A-Z0-9]', '', 'g')", persisted=True),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_invoice_seller_id_plain_number"), "invoice", ["seller_id", "plain_number"], unique=False)
    op.add_column("invoice", sa.Column("buyer", JSONB(none_as_null=True), nullable=True))
    op.add_column("invoice", sa.Column("shipment_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_invoice_shipment_id"), "invoice", "shipment", ["shipment_id"], ["id"])
    op.create_index(
        "uq_invoice_shipment_id",
        "invoice",
        ["shipment_id"],
        unique=True,
        postgresql_where=sa.text("shipment_id IS NOT NULL"),
    )
    op.create_index(
        "ix_invoice_order_id", "invoice", ["order_id"], unique=False, postgresql_where=sa.text("order_id IS NOT NULL")
    )
    op.create_index(
        "ix_invoice_line_order_line_id",
        "invoice_line",
        ["order_line_id"],
        unique=False,
        postgresql_where=sa.text("order_line_id IS NOT NULL"),
    )
    op.add_column("invoice_line", sa.Column("tax_category", sa.String(), nullable=True))
    op.add_column("invoice_line", sa.Column("tax_rate", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column("message", sa.Column("attachments", JSONB(), server_default=sa.text("'[]'"), nullable=False))
    op.add_column("message", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("order_line", sa.Column("tax_category", sa.String(), nullable=True))
    op.add_column("order_line", sa.Column("tax_rate", sa.Numeric(precision=5, scale=2), nullable=True))
    op.add_column(
        "order_line",
        sa.Column("cancelled_quantity", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
    )
    op.add_column(
        "order_line",
        sa.Column("returned_quantity", sa.Numeric(precision=14, scale=3), server_default="0", nullable=False),
    )
    op.add_column("orders", sa.Column("site_id", sa.Uuid(), nullable=True))
    op.add_column("orders", sa.Column("confirmed_on", sa.Date(), nullable=True))
    op.create_foreign_key(op.f("fk_orders_site_id"), "orders", "site", ["site_id"], ["id"])
    op.add_column("payment", sa.Column("payer_name", sa.String(), nullable=True))
    op.add_column("payment", sa.Column("payer_account", sa.String(), nullable=True))
    op.add_column("seller", sa.Column("languages", JSONB(), server_default="[]", nullable=False))
    op.add_column("seller", sa.Column("postcode", sa.String(), nullable=True))
    op.add_column("seller", sa.Column("vat_number", sa.String(), nullable=True))
    op.add_column("seller", sa.Column("company_number", sa.String(), nullable=True))
    op.add_column("seller", sa.Column("endpoint", sa.String(), nullable=True))
    op.add_column("seller", sa.Column("numbering", JSONB(), server_default="{}", nullable=False))
    op.execute("""
        INSERT INTO bank_account (id, seller_id, iban, bic, holder, currency, is_default)
        SELECT gen_random_uuid(), id, iban, bic, coalesce(account_holder, name), currency, true FROM seller
        WHERE iban IS NOT NULL
    """)
    op.drop_column("seller", "bic")
    op.drop_column("seller", "account_holder")
    op.drop_column("seller", "iban")
    op.add_column("shipment", sa.Column("proof_kind", sa.String(), nullable=True))
    op.add_column("shipment", sa.Column("proof_reference", sa.String(), nullable=True))
    op.add_column("shipment", sa.Column("proof_note", sa.String(), nullable=True))
    op.add_column("trail", sa.Column("seller_id", sa.Uuid(), nullable=True))
    op.add_column(
        "trail",
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
    )
    op.create_index(op.f("ix_trail_seller_id_transaction"), "trail", ["seller_id", "transaction"], unique=False)
    op.create_foreign_key(op.f("fk_trail_seller_id"), "trail", "seller", ["seller_id"], ["id"])
    _replace_check(
        "order_line",
        "state",
        """state IN (
        'ordered', 'confirmed', 'part_shipped', 'shipped', 'delivered', 'cancelled', 'returned')""",
    )
    _replace_check("allocation", "one_source", "num_nonnulls(payment_id, credit_note_id, write_off_id) = 1")
    op.drop_constraint(op.f("ck_allocation_positive"), "allocation")
    _check("allocation", "sign", "amount_minor <> 0 AND (amount_minor > 0) = (reverses_id IS NULL)")
    _check(
        "dispute",
        "outcome",
        """outcome IN (
        'credited', 'part_credited', 'valid_as_billed', 'written_off', 'withdrawn')""",
    )
    _check(
        "complaint",
        "category",
        """category IN (
        'product', 'delivery', 'invoice', 'service', 'staff', 'data', 'other')""",
    )
    _check("complaint", "severity", "severity IN ('low', 'normal', 'high', 'critical')")
    _check("customer", "month_end", "month_end IN ('after', 'before')")
    _check("customer", "preferred_channel", "preferred_channel IN ('email', 'sms', 'whatsapp', 'chat')")
    _check("shipment", "proof_kind", "proof_kind IN ('signature', 'photo', 'scan', 'code')")
    # A person's right to be forgotten reaches the trail too: what they were called and what they said is replaced, by
    # the one action that sets this for its transaction. What happened, when and to what stays as it was written.
    op.execute("""
        CREATE OR REPLACE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND current_setting('parley.erasing', true) = 'on'
               AND (NEW.id, NEW.at, NEW.what, NEW.subject, NEW.transaction)
                   = (OLD.id, OLD.at, OLD.what, OLD.subject, OLD.transaction)
               AND NEW.subject_id IS NOT DISTINCT FROM OLD.subject_id
               AND NEW.seller_id IS NOT DISTINCT FROM OLD.seller_id
               AND NEW.customer_id IS NOT DISTINCT FROM OLD.customer_id
               AND NEW.message_id IS NOT DISTINCT FROM OLD.message_id
            THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the trail is never changed or deleted';
        END $$
    """)


def _check(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _replace_check(table: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    _check(table, name, rule)
