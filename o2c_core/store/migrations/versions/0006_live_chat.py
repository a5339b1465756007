"""Web pages are told at once what is new in a chat: a message, or who speaks in it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Said on commit, and only there; what is said is the conversation, and whoever hears it reads the rows.
    op.execute(
        """
        CREATE FUNCTION tell_live_chat() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('live_chat', CASE TG_TABLE_NAME
                WHEN 'message' THEN to_jsonb(NEW) ->> 'conversation_id' ELSE NEW.id::text END);
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER message_live AFTER INSERT ON message FOR EACH ROW"
        " WHEN (NEW.channel = 'chat') EXECUTE FUNCTION tell_live_chat()"
    )
    op.execute(
        "CREATE TRIGGER conversation_live AFTER UPDATE OF speaker ON conversation FOR EACH ROW"
        " WHEN (NEW.channel = 'chat' AND NEW.speaker IS DISTINCT FROM OLD.speaker) EXECUTE FUNCTION tell_live_chat()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER conversation_live ON conversation")
    op.execute("DROP TRIGGER message_live ON message")
    op.execute("DROP FUNCTION tell_live_chat()")
