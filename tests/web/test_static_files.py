"""Style sheets and scripts travel compressed and are kept; pages, which hold what somebody may want to guess, do not."""

from __future__ import annotations

import re

from o2c_core.store.store import Store
from tests.web.opened import open_pages


def test_a_style_sheet_is_compressed_and_kept_under_its_mark(store: Store) -> None:
    client = open_pages(store, role=None)
    page = client.get("/sign-in")
    assert "content-encoding" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    [address] = re.findall(r'href="(/static/parley\.css\?v=[0-9a-f]+)"', page.text)
    sheet = client.get(address)
    assert sheet.headers["content-encoding"] == "gzip"
    assert "immutable" in sheet.headers["cache-control"]
    assert "--ink" in sheet.text


def test_without_its_mark_it_is_asked_for_again_and_what_is_not_there_is_kept_by_nobody(store: Store) -> None:
    client = open_pages(store, role=None)
    assert "immutable" not in client.get("/static/parley.css").headers.get("cache-control", "")
    assert client.get("/static/nothing.css?v=1").status_code == 404
