"""Which passages speak of what was asked, by PostgreSQL's full text search."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from knowledge.documents import LANGUAGES

# A word that few passages hold says more than one that many do, and a word that none holds says that the question is
# about something else. A stem is quoted, so that nothing a customer types is read as a search operator.
_SPOKEN_OF = text("""
    WITH asked AS (
        SELECT ('''' || replace(replace(stem, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS word
        FROM unnest(tsvector_to_array(to_tsvector(CAST(:configuration AS regconfig), :question))) AS stem
    ), weighed AS (
        SELECT word, ln(1 + held.passages / (0.5 + (
            SELECT count(*) FROM passage
            WHERE passage.language = :language AND passage.audience = ANY(:audiences) AND passage.words @@ word
            AND (passage.seller IS NULL OR CAST(:seller AS text) IS NULL OR passage.seller = :seller)
        ))) AS weight
        FROM asked, (
            SELECT count(*) AS passages FROM passage WHERE language = :language AND audience = ANY(:audiences)
            AND (seller IS NULL OR CAST(:seller AS text) IS NULL OR seller = :seller)
        ) AS held
    )
    SELECT passage.key,
           sum(
               weighed.weight * CASE WHEN ts_filter(passage.words, '{a,b}') @@ weighed.word THEN 1.0 ELSE 0.6 END
           ) / (SELECT sum(weight) FROM weighed) AS share,
           sum(weighed.weight * ts_rank(passage.words, weighed.word, 1)) AS rank
    FROM passage JOIN weighed ON passage.words @@ weighed.word
    WHERE passage.language = :language AND passage.audience = ANY(:audiences)
    AND (passage.seller IS NULL OR CAST(:seller AS text) IS NULL OR passage.seller = :seller)
    GROUP BY passage.key
    ORDER BY share DESC, rank DESC, passage.key
    LIMIT :limit
""")


def spoken_of(
    session: Session,
    question: str,
    *,
    language: str,
    audiences: Sequence[str],
    seller: str | None = None,
    limit: int = 40,
) -> list[tuple[str, float]]:
    """The keys of the passages, of that seller or of all, that share words with the question, the most telling first.

    Units: the number with each is the share, from 0 to 1, of the weight of the question's words that it speaks of.
    """
    found = session.execute(
        _SPOKEN_OF,
        {
            "configuration": LANGUAGES[language],
            "question": question,
            "language": language,
            "audiences": list(audiences),
            "seller": seller,
            "limit": limit,
        },
    )
    return [(key, float(share)) for key, share, _ in found]
