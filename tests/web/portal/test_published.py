"""What docs/portal.md publishes is what the table of rights says."""

import re
from pathlib import Path

from o2c_core.customers.page_rights import PAGES

DOC = Path(__file__).parents[3] / "docs" / "portal.md"
ROLES = ("accounts_payable", "operations", "owner", "general")


def test_the_published_table_is_the_table() -> None:
    rows = re.findall(
        r"^\| (\w+) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", DOC.read_text(encoding="utf-8"), re.MULTILINE
    )
    published = {page: dict(zip(ROLES, words, strict=True)) for page, *words in rows}
    said = {"yes": "yes", "proof": "code", "no": "no"}
    assert published == {page: {role: said[word] for role, word in words.items()} for page, words in PAGES.items()}
