"""What customers answer to a reminder: payments under way, papers that are missing, and words that did not hold."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KINDS = (
    "'data_fix', 'uncertain_send', 'provider', 'review', 'order_request', 'call', 'broken_promise', 'document_problem',"
    " 'escalation', 'approval', 'collection'"
)
_KINDS_NEW = "'payment_trace', 'hold_end'"


def upgrade() -> None:
    op.create_table(
        "payment_said",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("traced_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("proof_file_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_said_positive")),
        sa.CheckConstraint(
            "state IN ('open', 'arrived', 'not_arrived', 'replaced')", name=op.f("ck_payment_said_state")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_payment_said_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_payment_said_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_said")),
    )
    op.create_index(op.f("ix_payment_said_customer_id"), "payment_said", ["customer_id"], unique=False)
    op.create_index(
        "ix_payment_said_open",
        "payment_said",
        ["seller_id", "until_on"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'not_arrived')"),
    )
    op.create_table(
        "said_invoice",
        sa.Column("payment_said_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_said_invoice_invoice_id")),
        sa.ForeignKeyConstraint(["payment_said_id"], ["payment_said.id"], name=op.f("fk_said_invoice_payment_said_id")),
        sa.PrimaryKeyConstraint("payment_said_id", "invoice_id", name=op.f("pk_said_invoice")),
    )
    op.create_index(op.f("ix_said_invoice_invoice_id"), "said_invoice", ["invoice_id"], unique=False)
    op.create_table(
        "document_problem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("rests_until", sa.Date(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('purchase_order', 'not_received', 'delivery_note', 'other')",
            name=op.f("ck_document_problem_kind"),
        ),
        sa.CheckConstraint("state IN ('open', 'put_right', 'withdrawn')", name=op.f("ck_document_problem_state")),
        sa.CheckConstraint("(state = 'open') = (settled_on IS NULL)", name=op.f("ck_document_problem_settled")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_document_problem_customer_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_document_problem_invoice_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_document_problem_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_problem")),
    )
    op.create_index(op.f("ix_document_problem_customer_id"), "document_problem", ["customer_id"], unique=False)
    op.create_index(
        "uq_document_problem_open",
        "document_problem",
        ["invoice_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.add_column("promise", sa.Column("undone_on", sa.Date(), nullable=True))
    op.add_column("payment_plan", sa.Column("undone_on", sa.Date(), nullable=True))
    op.add_column("hold", sa.Column("warned_on", sa.Date(), nullable=True))
    op.drop_constraint(op.f("ck_task_kind"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_KINDS}, {_KINDS_NEW})")


def downgrade() -> None:
    # Open tasks of one kind about one thing are one: what they were goes into what they are about.
    op.execute(
        f"UPDATE task SET kind = 'review', about = kind || ' ' || about WHERE kind IN ({_KINDS_NEW})"  # noqa: S608
    )
    op.drop_constraint(op.f("ck_task_kind"), "task", type_="check")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_KINDS})")
    op.drop_column("hold", "warned_on")
    op.drop_column("payment_plan", "undone_on")
    op.drop_column("promise", "undone_on")
    for table in ("document_problem", "said_invoice", "payment_said"):
        op.drop_table(table)
