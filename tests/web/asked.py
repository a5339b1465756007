"""The page of customer C1, and what it says."""

from __future__ import annotations

import html
import re

from o2c_core.store.store import Store
from tests.web.opened import open_pages, words

HERE = "/ledger/customers/C1?seller=vandijk"


def page_of(store: Store, address: str = HERE) -> str:
    answer = open_pages(store).get(address)
    assert answer.status_code == 200, address
    return answer.text


def said(store: Store, address: str = HERE) -> str:
    return html.unescape(words(page_of(store, address)))


def events_in(page: str) -> list[str]:
    return [html.unescape(words(one)) for one in re.findall(r'<p class="what">(.*?)</p>', page)]
