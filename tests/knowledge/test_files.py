"""HTML pages, PDFs and Word documents become sections like those of a Markdown document."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge.documents import Document, read_folder
from tests.knowledge.conftest import SIDECAR, a_docx, a_paragraph, a_pdf, with_sidecar

PAGE = """<!doctype html>
<html lang="nl-NL"><head><title>Betalen</title>
<meta name="parley-topic" content="paying"><meta name="parley-owner" content="Finance">
<meta name="parley-valid-from" content="2026-01-01"><meta name="parley-valid-until" content="2026-12-31">
<meta name="parley-review-on" content="2026-06-01"><meta name="parley-seller" content="vandijk">
<style>p { color: red }</style></head><body>
<nav><p>Menu</p></nav>
<h1>Betalen</h1>
<h2 id="payment-term">Betaal<b>termijn</b></h2>
<p>Dertig dagen,
   zie <a href="https://vandijk.example/v">de voorwaarden</a>.<br>Altijd.</p>
<ul class="questions"><li>Hoe lang heb ik?</li><li>Wat is de termijn?</li></ul>
<h2>Kosten</h2>
<table><tr><th>Land</th><th>Kosten</th></tr>
<tr><td rowspan="2">Duitsland</td><td>€ 19,50</td></tr><tr><td>€ 25,00 voor eilanden</td></tr></table>
<h3>Eilanden</h3><ul><li>Texel</li><li>Ameland</li></ul>
<script>alert("no")</script><footer>Alle rechten voorbehouden</footer></body></html>"""


def _only(folder: Path) -> Document:
    (document,) = read_folder(folder)
    return document


def test_a_page_says_in_meta_tags_what_it_is_and_its_headings_make_sections(tmp_path: Path) -> None:
    (tmp_path / "paying.html").write_text(PAGE)
    document = _only(tmp_path)
    assert (document.name, document.title, document.topic, document.language) == (
        "paying.html", "Betalen", "paying", "nl",
    )  # fmt: skip
    assert (document.owner, document.seller, document.audience) == ("Finance", "vandijk", "customers")
    assert (document.valid_until, document.review_on) == (date(2026, 12, 31), date(2026, 6, 1))
    term, costs, islands = document.sections
    assert (term.name, term.title) == ("payment-term", "Betaaltermijn")
    assert term.text == "Dertig dagen, zie de voorwaarden (https://vandijk.example/v).\nAltijd."
    assert term.questions == ("Hoe lang heb ik?", "Wat is de termijn?")
    assert costs.text == (
        "Land: Duitsland; Kosten: € 19,50.\nLand: Duitsland; Kosten: € 25,00 voor eilanden."
    )  # fmt: skip
    assert (islands.name, islands.title, islands.text) == ("kosten-eilanden", "Kosten: Eilanden", "Texel\nAmeland")
    told = " ".join(section.text for section in document.sections)
    assert not any(word in told for word in ("Menu", "alert", "rechten", "color"))


def test_a_page_may_say_what_it_is_in_a_comment_at_its_top(tmp_path: Path) -> None:
    front = '<!-- +++\ntitle = "Paying"\ntopic = "paying"\nlanguage = "en"\nowner = "Finance"\nvalid_from = 2026-01-01\n+++ -->'
    (tmp_path / "paying.htm").write_text(f"{front}<h2>Term</h2><p>Thirty days.</p>")
    assert [(one.title, one.text) for one in _only(tmp_path).sections] == [("Term", "Thirty days.")]
    assert _only(tmp_path).valid_from == date(2026, 1, 1)


def test_what_stands_beside_a_file_goes_before_what_it_says_of_itself(tmp_path: Path) -> None:
    beside = SIDECAR + (
        '[sections.term]\nname = "payment-term"\nquestions = ["How long do I have?"]\nfacts = {return_days = 14}\n'
    )  # fmt: skip
    with_sidecar(tmp_path, "paying.html", b"<title>Paying</title><h2>Term</h2><p>Thirty days.</p>", beside)
    document = _only(tmp_path)
    (section,) = document.sections
    assert (document.topic, document.title) == ("terms", "Paying")
    assert (section.name, section.questions, dict(section.facts)) == (
        "payment-term", ("How long do I have?",), {"return_days": 14},
    )  # fmt: skip


def test_a_pdf_is_cited_by_heading_and_page_and_without_what_its_pages_share(tmp_path: Path) -> None:
    body = """#set page(header: [Van Dijk, general terms], footer: context [Page #counter(page).display() of 2])
= Terms of sale
These terms hold for every order.
== Late payment
If an invoice is past its due date, we charge statutory interest from the day after. A first reminder is free.

- by bank transfer
- by direct debit
#pagebreak()
== Returns
Unopened goods can come back within 14 days.
"""
    with_sidecar(tmp_path, "terms.pdf", a_pdf(body))
    opening, late, returns = _only(tmp_path).sections
    assert (opening.title, opening.text, opening.page) == ("Terms of sale", "These terms hold for every order.", 1)
    assert (late.name, late.title, late.page) == ("late-payment", "Late payment", 1)
    assert late.text == (
        "If an invoice is past its due date, we charge statutory interest from the day after. A first reminder is free.\n"
        "• by bank transfer\n• by direct debit"
    )
    assert (returns.text, returns.page) == ("Unopened goods can come back within 14 days.", 2)


def test_a_pdf_without_headings_becomes_whole_paragraphs_with_their_pages(tmp_path: Path) -> None:
    paragraphs = [f"Rule {number} says that {'goods are checked on arrival and ' * 6}kept." for number in range(12)]
    with_sidecar(tmp_path, "rules.pdf", a_pdf("\n\n".join(paragraphs), title="House rules"))
    sections = _only(tmp_path).sections
    assert len(sections) > 3
    assert {section.title for section in sections} == {"House rules"}
    assert [section.page for section in sections] == sorted(section.page or 0 for section in sections)
    assert (sections[-1].page or 0) > 1
    told = "\n".join(section.text for section in sections)
    assert told.split("\n") == paragraphs
    assert all(len(section.text) <= 900 for section in sections)


def test_words_broken_at_the_end_of_a_line_are_whole_again(tmp_path: Path) -> None:
    body = '#set par(justify: true)\n#set text(hyphenate: true, lang: "en")\n#set page(width: 60mm)\n' + (
        "Internationally acknowledged responsibilities notwithstanding, extraordinarily well-considered conditions "
        "characteristically differentiate administrative reimbursements. " * 3
    )
    with_sidecar(tmp_path, "long.pdf", a_pdf(body))
    told = " ".join(section.text.replace("\n", " ") for section in _only(tmp_path).sections)
    for word in ("responsibilities", "notwithstanding", "extraordinarily", "characteristically", "reimbursements"):
        assert told.count(word) == 3, told
    assert "-" not in told.replace("well-considered", "")


DUTCH_WORD = (
    '<w:style w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Eigen"><w:name w:val="Eigen kop"/><w:basedOn w:val="Kop1"/></w:style>'
    '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>'
)


def test_a_word_document_is_read_by_its_styles_in_whatever_language_word_was(tmp_path: Path) -> None:
    body = (
        a_paragraph("Voorwaarden", style="Titel")
        + a_paragraph("Betalen", style="Kop1")
        + a_paragraph("Dertig dagen.")
        + "<w:p><w:ins><w:r><w:t>Altijd.</w:t></w:r></w:ins><w:del><w:r><w:delText>Nooit.</w:delText></w:r></w:del></w:p>"
        + a_paragraph("Retour", style="Eigen")
        + "<w:tbl>"
        + "".join(
            f"<w:tr>{mark}{''.join(f'<w:tc>{a_paragraph(cell)}</w:tc>' for cell in row)}</w:tr>"
            for mark, row in [
                ("<w:trPr><w:tblHeader/></w:trPr>", ("Soort", "Dagen")),
                ("", ("Ongeopend", "14")),
                ("", ("Beschadigd", "5")),
            ]
        )
        + "</w:tbl>"
    )
    with_sidecar(tmp_path, "terms.docx", a_docx(body, styles=DUTCH_WORD))
    document = _only(tmp_path)
    assert document.title == "Voorwaarden"
    assert [(one.name, one.text) for one in document.sections] == [
        ("betalen", "Dertig dagen.\nAltijd."),
        ("retour", "Soort: Ongeopend; Dagen: 14.\nSoort: Beschadigd; Dagen: 5."),
    ]
    (tmp_path / "terms.docx").write_bytes(a_docx(body, styles=DUTCH_WORD, title="Algemene voorwaarden"))
    assert _only(tmp_path).title == "Algemene voorwaarden"


def test_a_table_of_pairs_reads_as_pairs(tmp_path: Path) -> None:
    (tmp_path / "hours.html").write_text(
        PAGE.replace("</body>", "<h2>Uren</h2><table><tr><td>Maandag:</td><td>8 tot 17</td></tr>"
                                "<tr><td>Zondag</td><td>gesloten</td></tr></table></body>")
    )  # fmt: skip
    assert _only(tmp_path).sections[-1].text == "Maandag: 8 tot 17.\nZondag: gesloten."


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_a_long_section_becomes_several_of_whole_paragraphs(tmp_path: Path, kind: str) -> None:
    paragraphs = [f"Paragraph {number} {'tells one thing ' * 12}and ends." for number in range(9)]
    if kind == "html":
        body = "".join(f"<p>{text}</p>" for text in paragraphs)
        content = f"<title>Long</title><h2>Rules</h2>{body}".encode()
    else:
        content = a_docx(
            a_paragraph("Rules", style="Heading1") + "".join(map(a_paragraph, paragraphs)), title="Long"
        )  # fmt: skip
    with_sidecar(tmp_path, f"long.{kind}", content)
    sections = _only(tmp_path).sections
    assert [section.name for section in sections] == ["rules", "rules-2", "rules-3"]
    assert {section.title for section in sections} == {"Rules"}
    assert "\n".join(section.text for section in sections).split("\n") == paragraphs
