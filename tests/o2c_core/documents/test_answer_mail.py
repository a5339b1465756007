"""An answer as a mail: the same words as the text, nothing more, and nothing of them is taken for markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.documents.answer_mail import answer_html
from o2c_core.documents.mail_frame import FootLink


def body(text: str, **of: object) -> str:
    asked = {"subject": "Factuur", "seller_name": "Van Dijk", "language": "nl"} | of
    html = answer_html(text, **asked)  # type: ignore[arg-type]
    found = re.search(r'<td class="body"[^>]*>(.*?)</td>', html, re.DOTALL)
    assert found
    return re.sub(r' (?:class|style)="[^"]*"', "", found[1]).strip()


@pytest.mark.parametrize(("text", "html"), [
    ("Dank u.", "<p>Dank u.</p>"),
    ("a\nb\n\nc", "<p>a<br>b</p>\n<p>c</p>"),
    ("Open:\n- een\n- twee", "<p>Open:</p>\n<ul>\n<li>een</li>\n<li>twee</li>\n</ul>"),
    ("1. een\n2. twee", "<ol>\n<li>een</li>\n<li>twee</li>\n</ol>"),
    # A day at the head of a line is no list.
    ("3. März 2026 ist der Tag.", "<p>3. März 2026 ist der Tag.</p>"),
    ("12) stuks", "<p>12) stuks</p>"),
    ("<b>x</b> & 'y'", "<p>&lt;b&gt;x&lt;/b&gt; &amp; 'y'</p>"),
    ("Zie https://a.example/b?c=1&d=2.", '<p>Zie <a href="https://a.example/b?c=1&amp;d=2">a.example/b?c=1&amp;d=2</a>.</p>'),
    ("javascript:alert(1)", "<p>javascript:alert(1)</p>"),
])  # fmt: skip
def test_an_answer_keeps_its_shape(text: str, html: str) -> None:
    assert body(text) == html


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200))
def test_the_words_are_the_same_and_none_is_markup(text: str) -> None:
    shown = body(text)
    assert set(re.findall(r"<(\w+)", shown)) <= {"p", "br", "ul", "ol", "li", "a"}
    if "http" not in text and not re.search(r"^\s*[-•*–\d]", text, re.MULTILINE):
        assert unescape(re.sub(r"<[^>]+>", " ", shown)).split() == text.split()


def test_it_says_who_wrote_it_and_what_the_reader_may_choose() -> None:
    foot = [FootLink("Kies waarover wij u schrijven", "https://a.example/preferences/x"), "Van Dijk B.V., Leiden"]
    html = answer_html("Dank u.", subject="x", seller_name="Van Dijk", language="nl", foot=foot)
    assert "digitale assistent van Van Dijk" in html
    assert 'href="https://a.example/preferences/x"' in html
    assert "Van Dijk B.V., Leiden" in html
    by_person = answer_html("Dank u.", subject="x", seller_name="Van Dijk", language="nl", is_by_assistant=False)
    assert "assistent" not in by_person


def test_a_language_without_wording_is_framed_in_english() -> None:
    html = answer_html("Gracias.", subject="x", seller_name="Van Dijk", language="es")
    assert 'lang="es"' in html
    assert "digital assistant of Van Dijk" in html or "assistant" in html
