"""Charts as pictures in the page: drawn by the server, styled by our style sheet, without script and without a host."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup
from pygal.style import Style

# pygal puts a finder of the kind Python is giving up into the import system, for plug-ins we have none of; every import
# after it would warn.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

# Letters are laid out as large as a phone shows them, where the picture is made smaller.
WIDTH, HEIGHT = 520, 250
_LETTERS = 17
_SVG = "{http://www.w3.org/2000/svg}"
# What pygal draws for its own script, or for a page without a style sheet.
_FOR_SCRIPT = (f"{_SVG}defs", f"{_SVG}desc", f"{_SVG}title")
_EMPTY = ("titles", "tooltip-overlay", "text-overlay", "overlay")


def bars(
    title: str,
    labels: Sequence[str],
    values: Sequence[float],
    *,
    write: Callable[[float], str],
    classes: Sequence[str] = (),
) -> Markup:
    """Upright bars of one series; `classes` gives each a class of its own. `write` writes a value on the axis."""
    chart = pygal.Bar(**_how(write), spacing=24)
    chart.x_labels = list(labels)
    chart.add(title, list(values))
    return _clean(chart, title, classes)


def lines(
    title: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, write: Callable[[float], str]
) -> Markup:
    """One line per series over the same labels; the n-th has the class serie-n."""
    chart = pygal.Line(**_how(write), dots_size=3)
    chart.x_labels = list(labels)
    for name, values in series:
        chart.add(name, list(values))
    return _clean(chart, title, ())


def _how(write: Callable[[float], str]) -> dict[str, Any]:
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "js": [],
        "css": [],
        "show_legend": False,
        "no_prefix": True,
        "disable_xml_declaration": True,
        "formatter": write,
        "value_formatter": write,
        "include_x_axis": True,
        "max_scale": 6,
        "margin": 8,
        "truncate_label": -1,
        "style": Style(label_font_size=_LETTERS, major_label_font_size=_LETTERS, no_data_font_size=_LETTERS),
    }


def _clean(chart: Any, title: str, classes: Sequence[str]) -> Markup:
    """The drawing alone: no script, no style in the page (our policy allows none), a name for who cannot see it."""
    root = etree.fromstring(etree.tostring(chart.render_tree()))
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.tag in _FOR_SCRIPT or _is_empty(element):
            parent = element.getparent()
            assert parent is not None, "the drawing itself is never empty"
            parent.remove(element)
            continue
        element.attrib.pop("style", "")
        if not element.get("class"):
            element.attrib.pop("class", "")
    for bar, name in zip(root.iterfind(f".//{_SVG}g[@class='bar']"), classes, strict=False):
        bar.set("class", f"bar-{name}")
    root.attrib.pop("id", "")
    root.set("class", "chart")
    root.set("role", "img")
    root.set("aria-label", title)
    etree.cleanup_namespaces(root)
    return Markup(etree.tostring(root, encoding="unicode"))  # noqa: S704 (serialised by lxml, which escapes all text)


def _is_empty(element: Any) -> bool:
    """The layers pygal leaves for its tooltips; the dots of lines are in one of them and stay."""
    named = (element.get("class") or "").split()
    return bool(named) and named[-1] in _EMPTY and not any(child.tag == f"{_SVG}circle" for child in element.iter())
