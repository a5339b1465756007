"""The passages that answer a question, found by meaning and by words together; none when none does."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from knowledge.documents import LANGUAGES
from knowledge.index import Index, IndexUnreachable
from knowledge.passages import Passage
from knowledge.words import spoken_of
from o2c_core.clock import today
from o2c_core.store.store import Store

log = logging.getLogger(__name__)

# A question is answered from this score on. Measured with tests/knowledge/questions.tsv: see docs/knowledge.md.
SCORE_MIN = 0.58
SCORE_MIN_OTHER_LANGUAGE = 0.66
SHARE_MIN_WORDS_ALONE = 0.62
_SHARE_WEIGHT = 0.25
_RANK_OFFSET = 60  # Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", SIGIR 2009
_SENTENCES_MAX = 4
_QUESTION_LENGTH_MAX = 1000
