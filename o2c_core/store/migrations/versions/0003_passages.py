"""What we know in prose, and what was asked that we did not know."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CONFIGURATION = """
    CASE language WHEN 'nl'::text THEN 'dutch'::regconfig WHEN 'de'::text THEN 'german'::regconfig
    WHEN 'fr'::text THEN 'french'::regconfig ELSE 'english'::regconfig END
"""


def upgrade() -> None:
    op.create_table(
        "passage",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("seller", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("questions", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column(
            "words",
            TSVECTOR(),
            sa.Computed(
                f"""
                setweight(to_tsvector({_CONFIGURATION}, title || ' ' || section), 'A')
                || setweight(to_tsvector({_CONFIGURATION}, questions), 'B')
                || setweight(to_tsvector({_CONFIGURATION}, text), 'C')
                """,
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("audience IN ('customers', 'staff', 'nobody')", name=op.f("ck_passage_audience")),
        sa.CheckConstraint("language IN ('en', 'nl', 'de', 'fr')", name=op.f("ck_passage_language")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_passage")),
    )
    op.create_index(op.f("ix_passage_words"), "passage", ["words"], unique=False, postgresql_using="gin")
    op.create_table(
        "gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
        sa.UniqueConstraint("language", "question", name=op.f("uq_gap_language_question")),
    )
    op.create_index(op.f("ix_gap_last_asked_at"), "gap", ["last_asked_at"], unique=False)
