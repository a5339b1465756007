"""What the assistant offers and calls for: proposals, handoffs with their packets, calls of providers' models."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TASKS = "'data_fix', 'uncertain_send', 'provider', 'review'"


def upgrade() -> None:
    op.create_table(
        "handoff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("packet", JSONB(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint("urgency IN ('now', 'today', 'normal')", name=op.f("ck_handoff_urgency")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_handoff_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_handoff_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff")),
    )
    op.create_index(op.f("ix_handoff_conversation_id"), "handoff", ["conversation_id"], unique=False)
    op.create_index(
        "uq_handoff_open", "handoff", ["conversation_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "model_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("tokens_in", sa.BigInteger(), nullable=True),
        sa.Column("tokens_out", sa.BigInteger(), nullable=True),
        sa.Column("cost_micro", sa.BigInteger(), nullable=True),
        sa.Column("milliseconds", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('answered', 'called_tools', 'refused_by_guard', 'timed_out', 'failed', 'nonsense', 'over_limit')",
            name=op.f("ck_model_call_outcome"),
        ),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_model_call_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_model_call_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_call")),
    )
    op.create_index(op.f("ix_model_call_conversation_id"), "model_call", ["conversation_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("says", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('invoice_copy', 'statement', 'promise', 'plan', 'dispute', 'complaint', 'cancel_order',"
            " 'change_order', 'change_contact')",
            name=op.f("ck_proposal_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'done', 'refused', 'declined', 'replaced', 'lapsed')",
            name=op.f("ck_proposal_state"),
        ),
        sa.ForeignKeyConstraint(["answer_id"], ["message.id"], name=op.f("fk_proposal_answer_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_proposal_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_proposal_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_proposal_message_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["message.id"], name=op.f("fk_proposal_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_customer_id"), "proposal", ["customer_id"], unique=False)
    op.create_index(
        "ix_proposal_lapsing", "proposal", ["lapses_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "ix_proposal_open",
        "proposal",
        ["conversation_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('open', 'confirmed')"),
    )
    op.add_column("contact", sa.Column("preferred_channel", sa.String(), nullable=True))
    op.add_column("one_time_code", sa.Column("proposal_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_one_time_code_proposal_id"), "one_time_code", "proposal", ["proposal_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_contact_preferred_channel"), "contact", "preferred_channel IN ('email', 'sms', 'whatsapp')"
    )
    op.drop_constraint(op.f("ck_task_kind"), "task")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_TASKS}, 'order_request')")
    _call_again()


def _call_again() -> None:
    """Who waits for a person goes on waiting; the reason kept so far was words, and becomes one of the table's."""
    op.execute(
        """
        INSERT INTO handoff (id, conversation_id, reason, why, urgency, packet, called_at)
        SELECT gen_random_uuid(), id,
            CASE WHEN handoff_reason IN ('human', 'asked for a person') THEN 'asked_for_person'
                 WHEN handoff_reason = 'speaks of legal steps' THEN 'legal_threat'
                 WHEN handoff_reason LIKE 'speaks of a death%' THEN 'bereavement'
                 WHEN handoff_reason = 'sent files without words' THEN 'sent_files'
                 WHEN handoff_reason LIKE 'The answer was not sent%' THEN 'not_sent'
                 WHEN handoff_reason = 'writes in a language we do not speak' THEN 'other_language'
                 WHEN handoff_reason = 'the assistant could not answer' THEN 'trouble'
                 WHEN handoff_reason IN ('bereavement', 'vulnerable', 'insolvency', 'legal_threat', 'payment_fraud',
                     'asked_for_person', 'angry', 'repeated_failure', 'disagrees', 'beyond_authority', 'other_language',
                     'sent_files', 'contact_unclear', 'unconfirmed', 'machine', 'trouble', 'not_sent',
                     'no_automatic_answer') THEN handoff_reason  -- this version was here before
                 ELSE 'cannot' END,
            coalesce(handoff_reason, 'asked for a person'),
            CASE WHEN handoff_reason = 'speaks of legal steps' OR handoff_reason LIKE 'speaks of a death%'
                     OR handoff_reason IN ('bereavement', 'vulnerable', 'insolvency', 'legal_threat', 'payment_fraud')
                     THEN 'now'
                 WHEN handoff_reason IN ('human', 'asked for a person', 'the assistant could not answer',
                     'asked_for_person', 'angry', 'repeated_failure', 'disagrees', 'trouble', 'not_sent')
                     OR handoff_reason LIKE 'The answer was not sent%' THEN 'today'
                 ELSE 'normal' END,
            '{}', coalesce(handoff_at, updated_at)
        FROM conversation WHERE state = 'waiting' AND speaker = 'assistant'
        """
    )
    op.execute(
        """
        UPDATE conversation SET handoff_reason = handoff.reason
        FROM handoff WHERE handoff.conversation_id = conversation.id
        """
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_task_kind"), "task")
    op.execute("DELETE FROM task WHERE kind = 'order_request'")
    op.create_check_constraint(op.f("ck_task_kind"), "task", f"kind IN ({_TASKS})")
    op.drop_column("one_time_code", "proposal_id")
    op.drop_column("contact", "preferred_channel")
    op.drop_table("proposal")
    op.drop_table("model_call")
    op.drop_table("handoff")
