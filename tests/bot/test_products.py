"""Which lines somebody means who names the product."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tools.products import lines_meant

LINES = {
    "ART-1": "Bread flour type 65, 25 kg", "ART-2": "Rye flour 25 kg", "ART-3": "Bakblikken rechthoekig 30 cm",
    "ART-4": "Oven gloves, pair", "ART-5": "Ovenhandschoen leer", "ART-6": "Backform rund 26 cm", "ART-7": "Moule à tarte 28 cm",
    "ART-8": "Whisk, stainless steel", "ART-9": "Sugar 10 kg", "ART-10": "Sugar 25 kg", "ART-11": "Siliconen spatel",
}  # fmt: skip


@pytest.mark.parametrize("line", [
    "the bread flour -> 1", "Rye flour -> 2", "rye flower -> 2", "bread fluor -> 1", "flour -> ", "the 25 kg flour -> ",
    "de bakblikken -> 3", "bakblik -> 3", "de blikken -> 3", "backblikken -> 3", "oven gloves -> 4", "oven glove -> 4",
    "9 of the 12 oven gloves were missing -> 4", "ovenhandschoenen -> 5", "de leren handschoenen -> 5", "handschoen -> 5",
    "die Backformen -> 6", "Form -> 6", "les moules à tarte -> 7", "moule -> 7", "TARTE -> 7", "the wisk -> 8", "whisks -> 8",
    "whsik -> 8", "sugar -> ", "10 kg sugar -> 9", "the sugar 25kg -> 10", "25 kg -> ", "the boxes -> ", "de dozen kapot -> ",
    "siliconen spatels en de bakblikken -> 3 11", "bread flour and the whisk -> 1 8", "whisk and flour -> ", "ART-2 -> 2",
    "art 2 -> 2", "art2 is wrong -> 2", "ART-1 -> 1", "ART-10 -> 10", "ART-1 and art-7 -> 1 7", "ART-2: the whisk -> 2",
    "ART-99 -> ", "something else entirely -> ", " -> ", "? -> ", "the -> ", "kg -> ", "2 -> ",
])  # fmt: skip
def test_a_product_is_known_by_its_words_or_its_article_number(line: str) -> None:
    words, _, wanted = line.partition(" -> ")
    found = lines_meant(list(LINES.values()), words, skus=list(LINES))
    assert " ".join(str(index + 1) for index in found) == wanted


@pytest.mark.parametrize("line", [
    "flour -> Flour", "wheat flour -> Wheat flour", "red chair -> Chair red", "chair -> ", "chairs blue and red -> Chair red, Chair blue",
])  # fmt: skip
def test_a_name_said_in_full_goes_before_a_longer_name_it_is_a_part_of(line: str) -> None:
    words, _, wanted = line.partition(" -> ")
    lines = ["Flour", "Wheat flour", "Chair red", "Chair blue"]
    assert ", ".join(lines[index] for index in lines_meant(lines, words)) == wanted


def test_the_same_product_on_two_lines_is_not_clear() -> None:
    assert lines_meant(["Oven gloves", "Oven gloves"], "the gloves") == ()


@given(
    st.lists(st.text(max_size=30) | st.sampled_from(list(LINES.values())), max_size=6),
    st.text() | st.sampled_from(list(LINES.values())),
)
def test_any_words_are_read_without_error_and_point_inside_the_lines(descriptions: list[str], words: str) -> None:
    found = lines_meant(descriptions, words, skus=descriptions)
    assert list(found) == sorted(set(found))
    assert all(0 <= index < len(descriptions) for index in found)


@given(st.lists(st.sampled_from(list(LINES.values())), min_size=1, unique=True), st.data())
def test_a_line_is_meant_by_its_own_full_description(descriptions: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(descriptions) - 1))
    assert index in lines_meant(descriptions, descriptions[index])
