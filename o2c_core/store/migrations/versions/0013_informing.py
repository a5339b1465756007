"""What customers were told of each step, how far the trail was read for it, and who wants to hear of what."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STEPS = (
    "order_confirmed", "shipped", "delayed", "delivered", "invoice_issued", "payment_received", "credit_issued",
    "hold_ended",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "informed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(), server_default="", nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("said_on", sa.Date(), nullable=True),
        sa.Column("was_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"step IN {STEPS}", name=op.f("ck_informed_step")),
        sa.CheckConstraint("state IN ('waiting', 'told', 'skipped')", name=op.f("ck_informed_state")),
        sa.CheckConstraint("(state = 'told') = (message_id IS NOT NULL)", name=op.f("ck_informed_told_by")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_informed_seller_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_informed_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_informed_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informed")),
        sa.UniqueConstraint(
            "seller_id", "step", "subject_id", "about", name=op.f("uq_informed_seller_id_step_subject_id_about")
        ),
    )
    op.create_index(op.f("ix_informed_customer_id_happened_at"), "informed", ["customer_id", "happened_at"])
    op.create_index(op.f("ix_informed_seller_id_happened_at"), "informed", ["seller_id", "happened_at"])
    op.create_index(op.f("ix_informed_subject_id"), "informed", ["subject_id"])
    op.create_index(
        "ix_informed_message_id", "informed", ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL")
    )
    op.create_index("ix_informed_waiting", "informed", ["look_at"], postgresql_where=sa.text("state = 'waiting'"))
    op.create_table(
        "informed_until",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("swept_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_informed_until_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informed_until")),
        sa.UniqueConstraint("seller_id", name=op.f("uq_informed_until_seller_id")),
    )
    # What happened before there was informing is no news: sellers that are there begin at this moment.
    op.execute(
        "INSERT INTO informed_until (id, seller_id, transaction)"
        " SELECT gen_random_uuid(), id, (pg_current_xact_id()::text)::bigint FROM seller"
    )
    op.create_table(
        "informing_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.CheckConstraint(f"step IN {STEPS}", name=op.f("ck_informing_wish_step")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_informing_wish_customer_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_informing_wish_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_informing_wish")),
        sa.UniqueConstraint(
            "customer_id", "contact_id", "step", postgresql_nulls_not_distinct=True,
            name=op.f("uq_informing_wish_customer_id_contact_id_step"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("informing_wish")
    op.drop_table("informed_until")
    op.drop_table("informed")
