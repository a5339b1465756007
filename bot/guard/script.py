"""Signs as a reader would see them: what tricks a pattern is undone, and what no answer needs is named."""

from __future__ import annotations

import re
import unicodedata

from bot.facts import PLACE

LETTERS = "a-zA-ZàâäáãåæçéèêëíìîïñóòôöõøœúùûüýÿßÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝŸẞ"
_ALLOWED = re.compile(rf"[{LETTERS}\s.,;:!?…'’‘\"“”„«»()•{{}}–—-]*")
_SIGN = re.compile(rf"[^{LETTERS}\s.,;:!?…'’‘\"“”„«»()•{{}}–—-]")
_LINK = re.compile(
    rf"[{LETTERS}]{{2,}}\.[{LETTERS}]{{2,}}|\b[{LETTERS}]+ ?\. ?(?:com|net|org|info|biz|example|nl|de|fr|uk|eu|io|be|app|shop)\b"
    r"|\bwww\b|\bhttps?\b|:--",
)
_SPELLED = re.compile(rf"(?<![{LETTERS}'’])(?:[{LETTERS}][\s.,–—-]+){{3,}}[{LETTERS}](?![{LETTERS}'’])")
_BRACES = re.compile(r"[{}]")
_NEXT_TO_PLACE = re.compile(r"\}\s*[,.]?\s*\{|[-–—]\s*\{|\}\s*-|\w\{|\}\w")
_MIXED = re.compile(r"[a-zàâäáãåæçéèêëíìîïñóòôöõøœúùûüýÿß][A-ZÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝ]")
_SHOUTED = re.compile(rf"(?<![{LETTERS}'’-])(?:[A-ZÀ-ÖØ-Þ]{{2,}}|[VXLCDM](?!['’.]))(?![{LETTERS}'’])")
_HEAPED = re.compile(r"[.,;:][!?]|[!?][.,;:]|[!?]{2,}")
_ROMAN = re.compile(r"(?<![\w'’])(?=[ivxl]{2,}\b)x{0,3}(?:ix|iv|v?i{0,3})(?![\w'’])")
_ACRONYMS = frozenset(["PO", "PDF", "SMS", "VAT", "BTW", "MWST", "TVA", "PIN", "QR", "ID"])


def plain(draft: str) -> str:
    """The draft without what cannot be seen, and with letters and digits in their ordinary form."""
    if draft.isascii():
        return draft
    seen = "".join(sign for sign in draft if unicodedata.category(sign) not in ("Cf", "Cc") or sign in "\n\t")
    return unicodedata.normalize("NFKC", seen)


def odd_sign(text: str) -> str | None:
    """What is wrong with the signs of these words, which hold places and nothing else in braces; None when nothing is."""
    if not _ALLOWED.fullmatch(text):
        bare = PLACE.sub("", text)
        found = _SIGN.search(bare)
        if found is not None:
            return _named(found[0])
    if _NEXT_TO_PLACE.search(text):
        return "a sign or figure against a place"
    bare = PLACE.sub(" ", text)
    if _BRACES.search(bare):
        return "a place without a fact"
    if _LINK.search(bare):
        return "an address"
    if _HEAPED.search(text):
        return "a sign no answer needs"
    if _SPELLED.search(bare):
        return "letters spelled out"
    if _MIXED.search(bare):
        return "a name"
    if any(word[0] not in _ACRONYMS for word in _SHOUTED.finditer(bare)):
        return "capitals"
    if _ROMAN.search(bare):
        return "a figure"
    return None


def _named(sign: str) -> str:
    category = unicodedata.category(sign)
    if category.startswith("N") or sign == "%" or sign == "‰":
        return "a figure"
    if category == "Sc":
        return "a currency"
    if sign in "@/\\":
        return "an address"
    if category.startswith("L"):
        return "letters of another script"
    return "a sign no answer needs"
