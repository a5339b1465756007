"""Finance's escalation rules, what fired by them, and what waits for somebody's approval."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "escalation_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.Column("switched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("switched_by", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('off', 'trial', 'on')", name=op.f("ck_escalation_rule_state")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_escalation_rule_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation_rule")),
        sa.UniqueConstraint("seller_id", "name", "version", name=op.f("uq_escalation_rule_seller_id_name_version")),
    )
    op.create_index(
        "uq_escalation_rule_used",
        "escalation_rule",
        ["seller_id", "name"],
        unique=True,
        postgresql_where=sa.text("state <> 'off'"),
    )
    op.create_table(
        "escalation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("state_key", sa.String(), nullable=False),
        sa.Column("is_trial", sa.Boolean(), nullable=False),
        sa.Column("facts", JSONB(), nullable=False),
        sa.Column("fired_on", sa.Date(), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("level_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_how", sa.String(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(), nullable=True),
        sa.Column("done", JSONB(), nullable=False),
        sa.CheckConstraint("about IN ('customer', 'group')", name=op.f("ck_escalation_about")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_escalation_customer_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["escalation_rule.id"], name=op.f("fk_escalation_rule_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_escalation_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_customer_id"), "escalation", ["customer_id"], unique=False)
    op.create_index(op.f("ix_escalation_rule_id"), "escalation", ["rule_id"], unique=False)
    op.create_index(op.f("ix_escalation_seller_id_fired_at"), "escalation", ["seller_id", "fired_at"], unique=False)
    op.create_index(
        "uq_escalation_state",
        "escalation",
        ["seller_id", "rule", "customer_id", "state_key"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("escalation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("asks", JSONB(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_role", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('decision', 'hold_orders', 'collection', 'write_off')", name=op.f("ck_approval_kind")
        ),
        sa.CheckConstraint("state IN ('waiting', 'approved', 'refused', 'lapsed')", name=op.f("ck_approval_state")),
        sa.CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name=op.f("ck_approval_amount")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_approval_customer_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_approval_escalation_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_approval_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_customer_id"), "approval", ["customer_id"], unique=False)
    op.create_index(op.f("ix_approval_escalation_id"), "approval", ["escalation_id"], unique=False)
    op.create_index(op.f("ix_approval_seller_id_state"), "approval", ["seller_id", "state"], unique=False)


def downgrade() -> None:
    op.drop_table("approval")
    op.drop_table("escalation")
    op.drop_table("escalation_rule")
