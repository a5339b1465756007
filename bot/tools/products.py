"""Which lines of a document somebody means who names the product."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Words that say nothing about which product: articles, ways of packing, and what people write around a product.
_SAID_OFTEN = """
    the a an of and or with for in on to from my our your their this that these those all both it is are was were
    only just new line lines item items product products article piece pieces pcs box boxes bag bags sack sacks
    carton cartons case cases crate pallet pallets pack packs packet packets bottle bottles can cans roll rolls set
    sets pair pairs unit units each per kg kilo kilos gram grams liter liters litre litres ml cm mm meter metre
    dozen broken damaged missing wrong short order invoice please de het een van en of met voor in op uit mijn ons
    onze jullie deze die dat dit alle beide alleen maar nieuwe regel regels stuk stuks artikel artikelen doos dozen
    zak zakken pak pakken fles flessen blik rol rollen krat kratten kilo's kapot beschadigd ontbreekt ontbreken
    verkeerd verkeerde graag bestelling factuur paar der die das den dem des ein eine einen einem einer und oder mit
    fur aus von im am zu mein meine unser unsere diese dieser alle nur neue position zeile stuck karton kartons sack
    sacke packung packungen paket pakete flasche flaschen kiste kisten dose dosen rolle palette kaputt beschadigt
    fehlt fehlen falsch falsche bestellung rechnung bitte paare le la les l d un une des du et ou avec pour dans sur
    mon ma mes notre nos ce cette ces tous toutes seulement ligne piece carton boite boites sac sacs caisse caisses
    paquet paquets bouteille bouteilles rouleau casse casses cassee cassees manque manquent manquant commande
    facture
"""
_GENERIC = frozenset(_SAID_OFTEN.split())
_ACCENTS = str.maketrans("àâäáãåçèéêëìíîïñòóôöõùúûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy")
_SIZE = re.compile(r"\d+(?:[.,]\d+)?[a-z]{0,3}")
_TOKEN = re.compile(r"\d+(?:[.,x]\d+)* ?(?:kg|g|gr|l|ml|cl|cm|mm|m|inch|w|v)(?!\w)|\d+(?:[.,x]\d+)*|[^\W\d_]+|[^\W_]+")
_COMPOUND_MIN = 4  # letters of a word that may be a part of a longer one
_TYPO_MIN = 5
_LONG = 9  # letters of a word that may have two of them wrong
_ENDINGS = ("nen", "en", "es", "er", "s", "n", "e", "x")


@dataclass(frozen=True)
class _Product:
    words: frozenset[str]
    sizes: frozenset[str]


def lines_meant(descriptions: Sequence[str], words: str, *, skus: Sequence[str] = ()) -> tuple[int, ...]:
    """The indexes of the lines whose product the words name; none where two could equally be meant.

    Plurals, one wrong letter (two in long words), and parts of compounds ("blikken" of "bakblikken") are understood.
    An article number decides by itself.
    """
    by_sku = _by_sku(words, skus)
    if by_sku:
        return by_sku
    said = _product(words)
    if not said.words:
        return ()
    products = [_product(description) for description in descriptions]
    matched = _matched(products, said)
    meant = [line for line, found in enumerate(matched) if found and not any(found < other for other in matched)]
    chosen: list[int] = []
    for line in meant:
        equals = [other for other in meant if matched[other] == matched[line]]
        if len(equals) > 1:
            clear = _clearest(equals, products, said)
            if clear is None:
                return ()
            if clear != line:
                continue
        chosen.append(line)
    return tuple(chosen)


def _clearest(lines: list[int], products: list[_Product], said: _Product) -> int | None:
    """The one of several equally named lines whose whole name was said, as "flour" is all of "Flour" and half of
    "Rye flour"; none where that is not one line."""
    whole = [
        line for line in lines if all(any(_closeness(word, one) for one in said.words) for word in products[line].words)
    ]
    return whole[0] if len(whole) == 1 else None


def _matched(products: Sequence[_Product], said: _Product) -> list[frozenset[str]]:
    """For each line the words said that name its product; a size alone names nothing.

    A word that is the very word of one line is not also a part or a misspelling of another line's.
    """
    found: list[set[str]] = [set() for _ in products]
    for word in said.words:
        closeness = [max((_closeness(word, other) for other in product.words), default=0) for product in products]
        nearest = max(closeness, default=0)
        for line, close in enumerate(closeness):
            if close and close == nearest:
                found[line].add(word)
    return [
        frozenset(words | (said.sizes & product.sizes)) if words else frozenset()
        for words, product in zip(found, products, strict=True)
    ]


@lru_cache(maxsize=8192)
def _closeness(one: str, two: str) -> int:
    """2 for the same word or its plural, 1 for a part of a compound or a misspelling, 0 for another word."""
    ones, twos = _stems(one), _stems(two)
    if not ones.isdisjoint(twos):
        return 2
    if any(_is_part(first, second) or _is_part(second, first) for first in ones for second in twos):
        return 1
    shorter, longer = sorted((one, two), key=len)
    edits_max = 2 if len(shorter) >= _LONG else 1
    return int(len(longer) >= _TYPO_MIN and one[0] == two[0] and _is_within(one, two, edits_max))


def _is_part(part: str, compound: str) -> bool:
    return (
        len(part) >= _COMPOUND_MIN
        and len(compound) > len(part) + 1
        and (compound.startswith(part) or compound.endswith(part))
    )


@lru_cache(maxsize=8192)
def _stems(word: str) -> frozenset[str]:
    """The word and what it may be the plural of; double letters become single, as in "blikken"."""
    shorter = (word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= 3)
    return frozenset(re.sub(r"(.)\1", r"\1", stem) for stem in (word, *shorter))


def _is_within(one: str, two: str, edits_max: int) -> bool:
    """Whether that many letters wrong, missing, too many or swapped make one word the other."""
    if abs(len(one) - len(two)) > edits_max:
        return False
    before_last: list[int] = []
    last = list(range(len(two) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, other in enumerate(two, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == two[column - 2] and one[row - 2] == other:
                cost = min(cost, before_last[column - 2] + 1)
            current.append(cost)
        before_last, last = last, current
    return last[-1] <= edits_max


@lru_cache(maxsize=2048)
def _product(text: str) -> _Product:
    tokens = [token.replace(" ", "") for token in _TOKEN.findall(_plain(text[:1000]))]
    sizes = frozenset(token for token in tokens if _SIZE.fullmatch(token))
    named = frozenset(token for token in tokens if token not in sizes and token not in _GENERIC and len(token) > 1)
    return _Product(named, sizes)


def _plain(text: str) -> str:
    return text.lower().translate(_ACCENTS)


def _by_sku(words: str, skus: Sequence[str]) -> tuple[int, ...]:
    """The lines whose article number stands in the words, in any spelling of its joints ("ART-2", "art 2")."""
    said = _plain(words[:1000])
    found = []
    for line, sku in enumerate(skus):
        pieces = re.findall(r"[^\W_]+", _plain(sku))
        if sum(map(len, pieces)) < 2:
            continue
        spelled = r"[\s._/-]*".join(map(re.escape, pieces))
        if re.search(rf"(?<![^\W_])(?<![^\W_][-._/]){spelled}(?![^\W_])(?![-._/][^\W_])", said):
            found.append(line)
    return tuple(found)
