"""Ladders as dated policies, parts of invoices, drafts that wait for approval, and what every run decided."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_DELIVERY = "'received', 'queued', 'sending', 'uncertain', 'sent', 'delivered', 'failed', 'withdrawn'"
_KINDS = "'data_fix', 'uncertain_send', 'provider', 'review', 'order_request'"
_KINDS_NEW = "'call', 'broken_promise', 'document_problem', 'escalation', 'approval', 'collection'"


def upgrade() -> None:
    op.create_table(
        "ladder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_ladder_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder")),
        sa.UniqueConstraint("seller_id", "name", "version", name=op.f("uq_ladder_seller_id_name_version")),
    )
    op.create_table(
        "reminder_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("after", sa.Uuid(), nullable=True),
        sa.Column("counts", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('running', 'done')", name=op.f("ck_reminder_run_state")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_reminder_run_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_run")),
        sa.UniqueConstraint("seller_id", "on", name=op.f("uq_reminder_run_seller_id_on")),
    )
    op.create_table(
        "reminder_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("rung", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reason_day", sa.Date(), nullable=True),
        sa.Column("arm", sa.String(), nullable=True),
        sa.Column("asked_minor", sa.BigInteger(), nullable=False),
        sa.Column("invoices", JSONB(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reminder_decision_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_reminder_decision_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_decision")),
        sa.UniqueConstraint("customer_id", "on", "currency", name=op.f("uq_reminder_decision_customer_id_on_currency")),
    )
    op.create_index(op.f("ix_reminder_decision_seller_id_on"), "reminder_decision", ["seller_id", "on"], unique=False)
    op.create_table(
        "ladder_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("ladder", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(scope = 'segment') = (segment IS NOT NULL) AND (scope = 'customer') = (customer_id IS NOT NULL)"
            " AND (scope = 'invoice') = (invoice_id IS NOT NULL)",
            name=op.f("ck_ladder_choice_target"),
        ),
        sa.CheckConstraint(
            "scope IN ('seller', 'segment', 'customer', 'invoice')", name=op.f("ck_ladder_choice_scope")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_ladder_choice_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_ladder_choice_invoice_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_ladder_choice_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_choice")),
    )
    op.create_index(
        "uq_ladder_choice_now",
        "ladder_choice",
        ["seller_id", "scope", "segment", "customer_id", "invoice_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "reminder_skip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("skipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reminder_skip_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_reminder_skip_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_skip")),
        sa.UniqueConstraint("invoice_id", "part", "rung", name=op.f("uq_reminder_skip_invoice_id_part_rung")),
    )
    op.add_column("message", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("approved_by", sa.String(), nullable=True))
    op.create_index("ix_message_draft", "message", ["id"], unique=False, postgresql_where=sa.text("delivery = 'draft'"))
    op.add_column("reminder", sa.Column("part", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("reminder", sa.Column("days", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("reminder", sa.Column("ladder", sa.String(), server_default=sa.text("'standard'"), nullable=False))
    op.add_column("reminder", sa.Column("ladder_version", sa.BigInteger(), server_default=sa.text("1"), nullable=False))
    op.add_column("reminder", sa.Column("tone", sa.String(), nullable=True))
    op.add_column("reminder", sa.Column("arm", sa.String(), nullable=True))
    op.drop_constraint(op.f("uq_reminder_invoice_id_rung"), "reminder", type_="unique")
    op.create_unique_constraint(op.f("uq_reminder_invoice_id_part_rung"), "reminder", ["invoice_id", "part", "rung"])
    op.add_column("task", sa.Column("owner", sa.String(), nullable=True))
    op.add_column("task", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    # The steps of the one ladder there was until now.
    op.execute(
        """
        UPDATE reminder SET days = standard.days
        FROM (VALUES ('courtesy', -3), ('due', 0), ('first', 7), ('second', 14), ('last', 30)) AS standard (rung, days)
        WHERE reminder.rung = standard.rung
        """
    )
    op.drop_constraint(op.f("ck_message_delivery"), "message", type_="check")
    op.create_check_constraint(op.f("ck_message_delivery"), "message", f"delivery IN ('draft', {_DELIVERY})")
    op.drop_constraint(op.f("ck_task_kind"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_KINDS}, {_KINDS_NEW})")


def downgrade() -> None:
    # Nobody was reminded by a draft: its steps are free again.
    op.execute("DELETE FROM reminder USING message WHERE message.id = reminder.message_id AND delivery = 'draft'")
    op.execute("UPDATE message SET delivery = 'withdrawn' WHERE delivery = 'draft'")
    # Open tasks of one kind about one thing are one: what they were goes into what they are about.
    op.execute(
        f"UPDATE task SET kind = 'review', about = kind || ' ' || about WHERE kind NOT IN ({_KINDS})"  # noqa: S608
    )
    op.drop_constraint(op.f("ck_task_kind"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_KINDS})")
    op.drop_constraint(op.f("ck_message_delivery"), "message", type_="check")
    op.create_check_constraint(op.f("ck_message_delivery"), "message", f"delivery IN ({_DELIVERY})")
    op.drop_column("task", "due_at")
    op.drop_column("task", "owner")
    # Of the parts of an invoice that were reminded at the same step only the first is kept.
    op.execute(
        "DELETE FROM reminder AS later USING reminder AS first WHERE later.invoice_id = first.invoice_id"
        " AND later.rung = first.rung AND later.part > first.part"
    )
    op.drop_constraint(op.f("uq_reminder_invoice_id_part_rung"), "reminder", type_="unique")
    op.create_unique_constraint(op.f("uq_reminder_invoice_id_rung"), "reminder", ["invoice_id", "rung"])
    for column in ("arm", "tone", "ladder_version", "ladder", "days", "part"):
        op.drop_column("reminder", column)
    op.drop_index("ix_message_draft", "message")
    op.drop_column("message", "approved_by")
    op.drop_column("message", "approved_at")
    for table in ("ladder_choice", "reminder_skip", "reminder_decision", "reminder_run", "ladder"):
        op.drop_table(table)
