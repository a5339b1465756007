"""Channels: arrivals, one-time codes, received files, tasks, pace and circuits; messages that wait, fail and replace."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "circuit",
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("carrier", name=op.f("pk_circuit")),
    )
    op.create_table(
        "door_count",
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("door", "why", "on", name=op.f("pk_door_count")),
    )
    op.create_table(
        "pace",
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "sender", name=op.f("pk_pace")),
    )
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("address_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("wrong_tries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_id"], ["address.id"], name=op.f("fk_one_time_code_address_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_one_time_code_conversation_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_one_time_code_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(
        op.f("ix_one_time_code_address_id_created_at"), "one_time_code", ["address_id", "created_at"], unique=False
    )
    op.create_index(
        op.f("ix_one_time_code_conversation_id_created_at"),
        "one_time_code",
        ["conversation_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sender_key", sa.String(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('message', 'word')", name=op.f("ck_arrival_kind")),
        sa.CheckConstraint("provider IN ('twilio', 'sendgrid')", name=op.f("ck_arrival_provider")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'set_aside')", name=op.f("ck_arrival_state")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_arrival_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("provider", "kind", "sender_key", name=op.f("uq_arrival_provider_kind_sender_key")),
    )
    op.create_index(op.f("ix_arrival_message_id"), "arrival", ["message_id"], unique=False)
    op.create_index(
        "ix_arrival_waiting", "arrival", ["id"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "received_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("claimed_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("refused_why", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_received_file_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_file")),
    )
    op.create_index(op.f("ix_received_file_message_id"), "received_file", ["message_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_how", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('data_fix', 'uncertain_send', 'provider', 'review')", name=op.f("ck_task_kind")),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_task_customer_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_task_message_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_task_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_customer_id"), "task", ["customer_id"], unique=False)
    op.create_index(
        op.f("ix_task_seller_id_state_opened_at"), "task", ["seller_id", "state", "opened_at"], unique=False
    )
    op.create_index("uq_task_open", "task", ["kind", "about"], unique=True, postgresql_where=sa.text("state = 'open'"))
    op.add_column("consent", sa.Column("address", sa.String(), nullable=True))
    op.alter_column("consent", "contact_id", existing_type=sa.UUID(), nullable=True)
    op.create_check_constraint(op.f("ck_consent_about"), "consent", "contact_id IS NOT NULL OR address IS NOT NULL")
    op.create_index(op.f("ix_consent_channel_address"), "consent", ["channel", "address"], unique=False)
    op.add_column("conversation", sa.Column("contact_id", sa.Uuid(), nullable=True))
    op.add_column("conversation", sa.Column("address", sa.String(), nullable=True))
    op.add_column("conversation", sa.Column("subject", sa.String(), nullable=True))
    op.add_column("conversation", sa.Column("proven_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_conversation_channel_address"), "conversation", ["channel", "address"], unique=False)
    op.create_foreign_key(
        op.f("fk_conversation_contact_id"), "conversation", "contact", ["contact_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("message", sa.Column("contact_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("arrival_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("answered_by_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("instead_of_id", sa.Uuid(), nullable=True))
    op.add_column("message", sa.Column("sender", sa.String(), nullable=True))
    op.add_column("message", sa.Column("mail_id", sa.String(), nullable=True))
    op.add_column("message", sa.Column("mail", JSONB(), server_default=sa.text("'{}'"), nullable=False))
    op.add_column("message", sa.Column("failed_code", sa.String(), nullable=True))
    op.add_column("message", sa.Column("failed_why", sa.String(), nullable=True))
    op.add_column("message", sa.Column("waits_why", sa.String(), nullable=True))
    op.add_column("message", sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("message", sa.Column("look_ups", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("message", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_message_carrier_key",
        "message",
        ["carrier", "carrier_key"],
        unique=False,
        postgresql_where=sa.text("carrier_key IS NOT NULL"),
    )
    op.create_index(
        "ix_message_mail_id", "message", ["mail_id"], unique=False, postgresql_where=sa.text("mail_id IS NOT NULL")
    )
    op.create_index(
        "ix_message_unanswered",
        "message",
        ["id"],
        unique=False,
        postgresql_where=sa.text("direction = 'in' AND purpose = 'question' AND answered_at IS NULL"),
    )
    op.create_unique_constraint(op.f("uq_message_instead_of_id"), "message", ["instead_of_id"])
    op.create_foreign_key(op.f("fk_message_instead_of_id"), "message", "message", ["instead_of_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_message_contact_id"), "message", "contact", ["contact_id"], ["id"], ondelete="SET NULL"
    )
    op.create_foreign_key(op.f("fk_message_answered_by_id"), "message", "message", ["answered_by_id"], ["id"])

    op.drop_index("ix_message_queued", table_name="message")
    op.create_index(
        "ix_message_queued",
        "message",
        ["id"],
        postgresql_where=sa.text("delivery IN ('queued', 'sending', 'uncertain')"),
    )
    # What came in before was answered in its own time, or by a person; nothing of it is answered again.
    op.execute("UPDATE message SET answered_at = created_at WHERE direction = 'in'")
