"""Passages know their place, their page, their last day and their figures; gaps are told apart by what they ask."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("passage", sa.Column("place", sa.String(), nullable=True))
    op.execute("UPDATE passage SET place = substr(key, strpos(key, '/') + 1)")
    op.alter_column("passage", "place", nullable=False)
    op.add_column("passage", sa.Column("page", sa.BigInteger(), nullable=True))
    op.add_column("passage", sa.Column("valid_until", sa.Date(), nullable=True))
    op.add_column("passage", sa.Column("is_later", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("passage", sa.Column("facts", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False))
    op.create_index(op.f("ix_passage_place"), "passage", ["place"], unique=False)

    op.add_column("gap", sa.Column("seller", sa.String(), server_default=sa.text("''"), nullable=False))
    op.add_column("gap", sa.Column("likeness", sa.String(), nullable=True))
    op.execute("UPDATE gap SET likeness = question")
    op.alter_column("gap", "likeness", nullable=False)
    op.add_column("gap", sa.Column("answered_by", sa.String(), nullable=True))
    op.add_column("gap", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("uq_gap_language_question"), "gap", type_="unique")
    op.create_unique_constraint(op.f("uq_gap_seller_language_likeness"), "gap", ["seller", "language", "likeness"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_gap_seller_language_likeness"), "gap", type_="unique")
    # One question of two sellers is one gap again, counted together.
    op.execute(
        """
        WITH first AS (
            SELECT DISTINCT ON (language, question) id, language, question FROM gap
            ORDER BY language, question, first_asked_at, id
        ), counted AS (
            SELECT language, question, sum(times) AS times, max(last_asked_at) AS last FROM gap GROUP BY 1, 2
        )
        UPDATE gap SET times = counted.times, last_asked_at = counted.last
        FROM first JOIN counted USING (language, question) WHERE gap.id = first.id
        """
    )
    op.execute(
        """
        DELETE FROM gap USING gap AS first
        WHERE gap.language = first.language AND gap.question = first.question
        AND (first.first_asked_at, first.id) < (gap.first_asked_at, gap.id)
        """
    )
    op.create_unique_constraint(op.f("uq_gap_language_question"), "gap", ["language", "question"])
    for column in ("answered_at", "answered_by", "likeness", "seller"):
        op.drop_column("gap", column)
    op.drop_index(op.f("ix_passage_place"), table_name="passage")
    # Only the first of each stays under the key it had; the next sync reads the rest in again.
    op.execute("DELETE FROM passage WHERE key LIKE '%@%'")
    for column in ("facts", "is_later", "valid_until", "page", "place"):
        op.drop_column("passage", column)
