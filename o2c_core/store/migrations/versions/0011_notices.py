"""Formal notices: the letters, and the late invoices they are about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KINDS = ("nl_14_day", "nl_business", "uk_late_payment", "de_mahnung", "fr_mise_en_demeure", "eu")
STATES = ("proposed", "approved", "sent", "delivered", "undelivered", "refused", "withdrawn", "lapsed")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "formal_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("customer_kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("fixed_minor", sa.BigInteger(), nullable=False),
        sa.Column("costs_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_percent", sa.String()),
        sa.Column("percent", sa.String()),
        sa.Column("daily_minor", sa.BigInteger(), nullable=False),
        sa.Column("calculated_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("approved_by", sa.String()),
        sa.Column("approved_role", sa.String()),
        sa.Column("approved_at", moment),
        sa.Column("closed_by", sa.String()),
        sa.Column("closed_at", moment),
        sa.Column("closed_why", sa.String()),
        sa.Column("way", sa.String()),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("file_name", sa.String()),
        sa.Column("file", sa.LargeBinary()),
        sa.Column("checksum", sa.String()),
        sa.Column("sent_at", moment),
        sa.Column("post_code", sa.String()),
        sa.Column("received_on", sa.Date()),
        sa.Column("proof", sa.String()),
        sa.Column("evidence", sa.String()),
        sa.Column("deadline_on", sa.Date()),
        sa.CheckConstraint(f"kind IN {KINDS}", name=op.f("ck_formal_notice_kind")),
        sa.CheckConstraint("customer_kind IN ('business', 'consumer')", name=op.f("ck_formal_notice_customer_kind")),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_formal_notice_state")),
        sa.CheckConstraint("way IN ('email', 'post')", name=op.f("ck_formal_notice_way")),
        sa.CheckConstraint("proof IN ('provider', 'post', 'person')", name=op.f("ck_formal_notice_proof")),
        sa.CheckConstraint("principal_minor > 0", name=op.f("ck_formal_notice_positive")),
        sa.CheckConstraint(
            "customer_kind = 'business' OR interest_minor + fixed_minor = 0", name=op.f("ck_formal_notice_consumer")
        ),
        sa.CheckConstraint(
            "state <> 'delivered' OR (received_on IS NOT NULL AND proof IS NOT NULL)",
            name=op.f("ck_formal_notice_proven"),
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_formal_notice_seller_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_formal_notice_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_formal_notice_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formal_notice")),
        sa.UniqueConstraint("seller_id", "number", name=op.f("uq_formal_notice_seller_id_number")),
    )
    op.create_index(op.f("ix_formal_notice_customer_id"), "formal_notice", ["customer_id"])
    op.create_index(op.f("ix_formal_notice_seller_id_state"), "formal_notice", ["seller_id", "state"])
    op.create_table(
        "formal_notice_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_out_minor", sa.BigInteger(), nullable=False),
        sa.Column("interest_minor", sa.BigInteger(), nullable=False),
        sa.Column("working", JSONB(), nullable=False),
        sa.CheckConstraint("principal_minor > 0", name=op.f("ck_formal_notice_line_positive")),
        sa.ForeignKeyConstraint(["notice_id"], ["formal_notice.id"], name=op.f("fk_formal_notice_line_notice_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_formal_notice_line_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formal_notice_line")),
        sa.UniqueConstraint(
            "notice_id", "invoice_id", "part", name=op.f("uq_formal_notice_line_notice_id_invoice_id_part")
        ),
    )
    op.create_index(op.f("ix_formal_notice_line_invoice_id"), "formal_notice_line", ["invoice_id"])


def downgrade() -> None:
    op.drop_table("formal_notice_line")
    op.drop_table("formal_notice")
