"""axe-core, the engine accessibility is tested with: what it finds serious or critical on a page.

It comes from npm to `.axe/` (`.ci/run` fetches it) and is used by tests alone. Source: github.com/dequelabs/axe-core.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

_SCRIPT = Path(__file__).parents[2] / ".axe/node_modules/axe-core/axe.min.js"
_RUN = """
async () => {
  const found = await axe.run(document, {resultTypes: ['violations']});
  return found.violations
    .filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`);
}
"""

needs_axe = pytest.mark.skipif(not _SCRIPT.exists(), reason="axe-core is not there: npm install --prefix .axe axe-core")


@cache
def _script() -> str:
    return _SCRIPT.read_text(encoding="utf-8")


def serious(page: Page) -> list[str]:
    """What is serious or critical on the page, each as "rule: where"; [] when nothing is."""
    page.evaluate(_script())
    found: list[str] = page.evaluate(_RUN)
    return found
