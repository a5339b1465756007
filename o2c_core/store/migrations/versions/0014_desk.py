"""The desk and the customers' own pages: users, what they saw, notes, ratings, links, visits and online payments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_WORDS = (
    "CASE WHEN purpose IN ('question', 'answer') THEN to_tsvector('simple', coalesce(subject, '') || ' ' || text) END"
)

# What the log of messages narrows by and what there is little of.
_LOG = (
    ("ix_message_purpose", "purpose", "direction = 'out' AND purpose NOT IN ('answer', 'reminder', 'notice')"),
    ("ix_message_rare", "delivery", "delivery IN ('failed', 'withdrawn')"),
    ("ix_message_text", "channel", "direction = 'out' AND channel IN ('sms', 'whatsapp')"),
)


def upgrade() -> None:
    op.create_table(
        "staff_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("teams", JSONB(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("wrong_tries", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('agent', 'finance', 'manager', 'admin')", name=op.f("ck_staff_user_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_user_email")),
        sa.UniqueConstraint("subject", name=op.f("uq_staff_user_subject")),
    )
    op.create_index("ix_staff_user_name", "staff_user", [sa.literal_column("lower(name)")])
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_canned_reply_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_reply")),
        sa.UniqueConstraint("seller_id", "name", "language", name=op.f("uq_canned_reply_seller_id_name_language")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("by IN ('password', 'oidc')", name=op.f("ck_sign_in_by")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_sign_in_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("digest", name=op.f("uq_sign_in_digest")),
    )
    op.create_index(op.f("ix_sign_in_user_id"), "sign_in", ["user_id"])
    op.create_table(
        "look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_look_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_look_seller_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_look_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_look")),
    )
    op.create_index(op.f("ix_look_at"), "look", ["at"])
    op.create_index(op.f("ix_look_customer_id_at"), "look", ["customer_id", "at"])
    op.create_index(op.f("ix_look_user_id_at"), "look", ["user_id", "at"])
    op.create_table(
        "access_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.CheckConstraint("(scope = 'account') = (subject_id IS NULL)", name=op.f("ck_access_link_subject")),
        sa.CheckConstraint("scope IN ('invoice', 'order', 'account')", name=op.f("ck_access_link_scope")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_access_link_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_access_link_customer_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_access_link_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_link")),
    )
    op.create_index(op.f("ix_access_link_customer_id"), "access_link", ["customer_id"])
    op.create_table(
        "online_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_key", sa.String(), nullable=True),
        sa.Column("page_url", sa.String(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'open', 'failed', 'expired', 'cancelled', 'paid')", name=op.f("ck_online_payment_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_online_payment_positive")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_online_payment_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_online_payment_customer_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_online_payment_payment_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_online_payment_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_payment")),
    )
    op.create_index(op.f("ix_online_payment_customer_id"), "online_payment", ["customer_id"])
    op.create_index(
        "uq_online_payment_provider_key",
        "online_payment",
        ["provider", "provider_key"],
        unique=True,
        postgresql_where=sa.text("provider_key IS NOT NULL"),
    )
    op.create_index(
        "ix_online_payment_waiting",
        "online_payment",
        ["begun_at"],
        postgresql_where=sa.text("state IN ('begun', 'open')"),
    )
    op.create_table(
        "presence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_presence_conversation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_presence_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
        sa.UniqueConstraint("conversation_id", "user_id", name=op.f("uq_presence_conversation_id_user_id")),
    )
    op.create_table(
        "private_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("mentions", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["staff_user.id"], name=op.f("fk_private_note_author_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_private_note_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_note")),
    )
    op.create_index(op.f("ix_private_note_conversation_id"), "private_note", ["conversation_id"])
    op.create_table(
        "unsent_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_unsent_reply_conversation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_unsent_reply_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_reply")),
        sa.UniqueConstraint("conversation_id", "user_id", name=op.f("uq_unsent_reply_conversation_id_user_id")),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_visit_contact_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_visit_conversation_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_visit_customer_id")),
        sa.ForeignKeyConstraint(["link_id"], ["access_link.id"], name=op.f("fk_visit_link_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint("digest", name=op.f("uq_visit_digest")),
    )
    op.create_index(op.f("ix_visit_customer_id"), "visit", ["customer_id"])
    op.create_index(op.f("ix_visit_link_id"), "visit", ["link_id"])
    op.create_table(
        "mention",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["note_id"], ["private_note.id"], name=op.f("fk_mention_note_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_mention_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_note_id"), "mention", ["note_id"])
    op.create_index(op.f("ix_mention_user_id_seen_at"), "mention", ["user_id", "seen_at"])
    op.create_table(
        "rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_rating_score")),
        sa.ForeignKeyConstraint(["agent_id"], ["staff_user.id"], name=op.f("fk_rating_agent_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name=op.f("fk_rating_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_rating_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
    )
    op.create_index(op.f("ix_rating_agent_id"), "rating", ["agent_id"])
    op.create_index(op.f("ix_rating_conversation_id"), "rating", ["conversation_id"])
    op.create_table(
        "host_token_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("visit", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["seller_id"], ["seller.id"], name=op.f("fk_host_token_use_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_token_use")),
        sa.UniqueConstraint("seller_id", "digest", name=op.f("uq_host_token_use_seller_id_digest")),
    )
    op.add_column("complaint", sa.Column("cause", sa.String(), nullable=True))
    op.add_column("complaint", sa.Column("cause_about", sa.String(), nullable=True))
    op.add_column("complaint", sa.Column("credit_note_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_complaint_credit_note_id"), "complaint", "credit_note", ["credit_note_id"], ["id"])
    op.add_column("conversation", sa.Column("owner_id", sa.Uuid(), nullable=True))
    op.add_column("conversation", sa.Column("team", sa.String(), nullable=True))
    op.add_column("conversation", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("stake", sa.BigInteger(), nullable=True))
    op.add_column("conversation", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversation", sa.Column("about", sa.String(), nullable=True))
    op.create_index(
        "ix_conversation_owner_id", "conversation", ["owner_id"], postgresql_where=sa.text("owner_id IS NOT NULL")
    )
    op.create_foreign_key(op.f("fk_conversation_owner_id"), "conversation", "staff_user", ["owner_id"], ["id"])
    op.add_column("customer", sa.Column("links_revoked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dispute", sa.Column("cause", sa.String(), nullable=True))
    op.add_column("dispute", sa.Column("cause_about", sa.String(), nullable=True))
    # The inbox finds words in what was written; people and numbers are found by their own columns.
    op.add_column("message", sa.Column("words", TSVECTOR(), sa.Computed(_WORDS, persisted=True), nullable=True))
    op.create_index(op.f("ix_message_words"), "message", ["words"], postgresql_using="gin")
    for name, column, where in _LOG:
        op.create_index(name, "message", [column, "id"], postgresql_where=sa.text(where))
    by_people = sa.text("who NOT IN ('assistant', 'customer', 'system')")
    op.create_index("ix_trail_people", "trail", ["at", "id"], postgresql_where=by_people)
    op.create_index("ix_trail_person", "trail", ["who", "at", "id"], postgresql_where=by_people)
    op.create_index(op.f("ix_proposal_conversation_id"), "proposal", ["conversation_id"])
    _index_the_inbox()
    _tell_the_desk()
    _tell_the_chat()


def _index_the_inbox() -> None:
    """Its views are read in order so far as a page goes; who waited when this came is late, and says so."""
    op.execute("UPDATE conversation SET due_at = COALESCE(handoff_at, updated_at) WHERE state = 'waiting'")
    op.create_index(op.f("ix_conversation_seller_id_updated_at_id"), "conversation", ["seller_id", "updated_at", "id"])
    for name, columns, where in (
        ("due", ["seller_id", "due_at", "id"], "due_at IS NOT NULL"),
        ("team", ["seller_id", "team"], "team IS NOT NULL"),
        ("agent", ["seller_id", "id"], "speaker = 'agent'"),
        ("snoozed", ["snoozed_until"], "snoozed_until IS NOT NULL"),
    ):
        op.create_index(f"ix_conversation_{name}", "conversation", columns, postgresql_where=sa.text(where))
    for table, column in (
        ("invoice", "number"), ("orders", "number"), ("dispute", "number"), ("complaint", "number"), ("customer", "ref"),
    ):  # fmt: skip
        begins = sa.text(f"lower({column}) text_pattern_ops")
        op.create_index(f"ix_{table}_{column}_found", table, ["seller_id", begins])
    for table in ("customer", "contact"):
        words = sa.text("to_tsvector('simple', name)")
        op.create_index(f"ix_{table}_name_found", table, [words], postgresql_using="gin")


def _tell_the_desk() -> None:
    """Open desks are told on commit which conversation changed; whoever hears it reads the rows."""
    op.execute(
        """
        CREATE FUNCTION tell_live_desk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('live_desk', CASE TG_TABLE_NAME
                WHEN 'conversation' THEN NEW.id::text ELSE to_jsonb(NEW) ->> 'conversation_id' END);
            RETURN NULL;
        END $$
        """
    )
    for name, when in {
        # Runs write reminders and news by the thousand, and no desk waits for those.
        "message_desk AFTER INSERT ON message": "NEW.purpose IN ('question', 'answer')",
        "message_desk_delivery AFTER UPDATE OF delivery ON message": (
            "NEW.purpose = 'answer' AND NEW.author NOT IN ('assistant', 'system') AND NEW.delivery <> OLD.delivery"
        ),
        "handoff_desk AFTER INSERT OR UPDATE ON handoff": "TRUE",
        "private_note_desk AFTER INSERT ON private_note": "TRUE",
        "presence_desk AFTER INSERT ON presence": "TRUE",
        # Who is still there tells nobody anything new; who came back, or writes, does.
        "presence_desk_again AFTER UPDATE ON presence": (
            "NEW.typed_at IS DISTINCT FROM OLD.typed_at OR NEW.seen_at > OLD.seen_at + interval '45 seconds'"
        ),
        "conversation_desk AFTER UPDATE OF speaker, state, owner_id, team, due_at, snoozed_until ON conversation": (
            "(NEW.speaker, NEW.state, NEW.owner_id, NEW.team, NEW.due_at, NEW.snoozed_until)"
            " IS DISTINCT FROM (OLD.speaker, OLD.state, OLD.owner_id, OLD.team, OLD.due_at, OLD.snoozed_until)"
        ),
    }.items():
        op.execute(f"CREATE TRIGGER {name} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION tell_live_desk()")


def _tell_the_chat() -> None:
    """The customer's page is also told that somebody writes, and that they are asked what they thought of it."""
    op.execute(
        """
        CREATE OR REPLACE FUNCTION tell_live_chat() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('live_chat', CASE TG_TABLE_NAME
                WHEN 'conversation' THEN NEW.id::text ELSE to_jsonb(NEW) ->> 'conversation_id' END);
            RETURN NULL;
        END $$
        """
    )
    for name, table in (("presence_live", "presence"), ("rating_live", "rating")):
        op.execute(
            f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION tell_live_chat()"
        )


def downgrade() -> None:
    for trigger, table in (
        ("message_desk", "message"), ("message_desk_delivery", "message"), ("handoff_desk", "handoff"),
        ("conversation_desk", "conversation"),
    ):  # fmt: skip
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.drop_index("ix_proposal_conversation_id")
    op.drop_index("ix_trail_person", "trail")
    op.drop_index("ix_trail_people", "trail")
    for name, *_ in _LOG:
        op.drop_index(name, "message")
    op.drop_column("message", "words")
    op.drop_column("dispute", "cause_about")
    op.drop_column("dispute", "cause")
    op.drop_column("customer", "links_revoked_at")
    op.drop_column("conversation", "about")
    for index in (
        "invoice_number", "orders_number", "dispute_number", "complaint_number", "customer_ref", "customer_name",
        "contact_name",
    ):  # fmt: skip
        op.drop_index(f"ix_{index}_found")
    op.drop_index("ix_conversation_seller_id_updated_at_id")
    op.drop_index("ix_conversation_agent")
    op.drop_column("conversation", "snoozed_until")
    op.drop_column("conversation", "stake")
    op.drop_column("conversation", "due_at")
    op.drop_column("conversation", "team")
    op.drop_column("conversation", "owner_id")
    op.drop_column("complaint", "credit_note_id")
    op.drop_column("complaint", "cause_about")
    op.drop_column("complaint", "cause")
    op.drop_table("host_token_use")
    op.drop_table("rating")
    op.drop_table("mention")
    op.drop_table("visit")
    op.drop_table("unsent_reply")
    op.drop_table("private_note")
    op.drop_table("presence")
    op.drop_table("online_payment")
    op.drop_table("access_link")
    op.drop_table("look")
    op.drop_table("sign_in")
    op.drop_table("canned_reply")
    op.drop_table("staff_user")
    op.execute("DROP FUNCTION tell_live_desk()")
