"""An element of a message that has one namespace, read by short paths such as "Acct/Id/IBAN"."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree


class Node:
    """An element; paths below it name children only, all in its own namespace."""

    __slots__ = ("element", "namespace")

    def __init__(self, element: etree._Element, namespace: str | None = None) -> None:
        self.element = element
        self.namespace = etree.QName(element).namespace or "" if namespace is None else namespace

    @property
    def name(self) -> str:
        return etree.QName(self.element).localname

    def all(self, path: str) -> Iterator[Node]:
        """Every element at the path, in the order of the file."""
        return (Node(element, self.namespace) for element in self._at(path))

    def first(self, *paths: str) -> Node | None:
        """The first element at the first path that leads anywhere."""
        return next((Node(element, self.namespace) for path in paths for element in self._at(path)), None)

    def text(self, *paths: str) -> str | None:
        """The text at the first path that has any, without the space around it."""
        for path in paths:
            for element in self._at(path):
                text = (element.text or "").strip()
                if text:
                    return text
        return None

    @property
    def own_text(self) -> str:
        return (self.element.text or "").strip()

    def attribute(self, name: str) -> str | None:
        return self.element.get(name)

    def _at(self, path: str) -> list[etree._Element]:
        found = [self.element]
        for tag in _tags(path, self.namespace):
            # A statement has some fifty paths an entry, most of which lead nowhere.
            found = [child for element in found for child in element if child.tag == tag]
            if not found:
                break
        return found


@lru_cache(maxsize=1024)
def _tags(path: str, namespace: str) -> tuple[str, ...]:
    return tuple(f"{{{namespace}}}{step}" if namespace else step for step in path.split("/"))
