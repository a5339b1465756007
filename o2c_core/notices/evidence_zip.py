"""The evidence pack as one file: an index as PDF and the papers it lists, the same bytes for the same record and day."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from o2c_core.documents.sheet import sheet
from o2c_core.documents.typeset import typeset
from o2c_core.documents.wording import wording_in
from o2c_core.notices.evidence import Evidence
from o2c_core.notices.page import letter_wording

INDEX = "00 index.pdf"


def zip_evidence(evidence: Evidence) -> bytes:
    """The index first, then every paper."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as pack:
        index = typeset("evidence", index_page(evidence), evidence.on)
        for name, content in ((INDEX, index), *((file.name, file.content) for file in evidence.files)):
            # A fixed moment, so that the file says nothing but what is in it.
            entry = zipfile.ZipInfo(name, (evidence.on.year, evidence.on.month, evidence.on.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, content)
    return into.getvalue()


def pack_name(evidence: Evidence) -> str:
    """The file's name: whose evidence, about whom, of which day."""
    ref = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in evidence.customer.ref)
    return f"evidence {ref} {evidence.on.isoformat()}.zip"


def index_page(evidence: Evidence) -> dict[str, Any]:
    """Everything on the index as words and figures in the seller's language."""
    wording, paper, figures = letter_wording(evidence.language), wording_in(evidence.language), evidence.figures
    customer = evidence.customer
    said = sheet(
        evidence.seller, customer, paper, figures, title=wording.say("evidence.title"), number=customer.ref, on=evidence.on
    )  # fmt: skip
    open_ = " + ".join(figures.money(amount) for amount in evidence.open.values())
    heads = ("number", "issued", "due", "days_late", "total", "disputed", "open")
    return said | {
        "note": wording.say("evidence.note", date=figures.day(evidence.on)),
        "meta": [
            [paper.say("sheet.customer_number"), customer.ref],
            *([[wording.say("evidence.company"), customer.company_number]] if customer.company_number else []),
        ],
        "hero": {"label": wording.say("evidence.open_now"), "note": wording.say("evidence.hero_note"), "amount": open_},
        "invoices": {
            "title": wording.say("evidence.invoices_title"),
            "head": [wording.say(f"evidence.head_{name}") for name in heads],
            "rows": [
                [
                    one.number, figures.short_day(one.issued_on), figures.short_day(one.due_on), str(one.days_late),
                    figures.money(one.total), figures.money(one.disputed) if one.disputed.minor else "",
                    figures.money(one.open),
                ]
                for one in evidence.invoices
            ],
        },
        "files": {
            "title": wording.say("evidence.files_title"),
            "head": [wording.say("evidence.head_what"), wording.say("evidence.head_file")],
            "rows": [[file.what, file.name] for file in evidence.files],
        },
    }  # fmt: skip
