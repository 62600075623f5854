"""How a chart of the reports sits in a page: as wide as the page, and readable on a dark one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.picture import MARKED
from reports.style import FONT

PAGE_FONT = "Source Sans, Liberation Sans, Arial, sans-serif"
HIGH, LOW = 180, 400  # pixels: what is lower or higher has rows of names
NARROW = ("hconcat", "vconcat", "concat", "facet", "repeat")
# Inks of the reports on paper -> on a dark page.
ON_DARK = {
    "#333333": "#E4E2DE", "#595959": "#B9B5AE", "#1F3864": "#A9C4F5", "#000000": "#F2F0EC", "black": "#F2F0EC",
    "#8C8C8C": "#8C8C8C", "#D9D9D9": "#45423D", "#E0E0E0": "#45423D",
}  # fmt: skip


def adapted(spec: dict[str, Any], marking: str = "") -> tuple[dict[str, Any], dict[str, Any], bool]:
    """A specification on a light page and on a dark one, and whether it may stretch to the page's width.

    The page says its title; the marking stays in the chart, so that a picture saved from the page carries it.
    """
    spec = spec | {"config": spec.get("config", {}) | {"background": "transparent"}}
    for word in ("background", "title", "description"):  # the page says these itself
        spec.pop(word, None)
    if marking:
        spec["title"] = {"text": marking} | MARKED
    wide, high = spec.get("width"), spec.get("height")
    sized = isinstance(wide, int | float) and isinstance(high, int | float) and HIGH <= high <= LOW
    plain = sized and not any(word in spec for word in NARROW)
    spec["autosize"] = {"type": "pad"}  # else the page would squeeze names and cells to fit
    stretch = plain and not _has_cells(spec)  # what has rows of names keeps the size they need
    if stretch:
        spec["autosize"] = {"type": "fit", "contains": "padding"}
    light = _inked(spec, {FONT: PAGE_FONT}, in_data=False)
    dark = _inked(spec, {FONT: PAGE_FONT} | ON_DARK, in_data=False)
    dark["config"]["text"] = dark["config"].get("text", {}) | {"color": ON_DARK["#000000"]}
    return light, dark, stretch


def _has_cells(spec: dict[str, Any]) -> bool:
    """Whether a chart is a matrix of cells with text, which must not be squeezed."""
    layers = spec.get("layer", [])
    marks = [layer.get("mark") for layer in layers if isinstance(layer, dict)]
    return any((mark.get("type") if isinstance(mark, dict) else mark) == "rect" for mark in marks)


def _inked(node: Any, inks: Mapping[str, str], in_data: bool) -> Any:
    """The same with other inks; what is data (cells with inks of their own) stays."""
    if isinstance(node, dict):
        return {name: _inked(part, inks, in_data or name in ("datasets", "values")) for name, part in node.items()}
    if isinstance(node, list):
        return [_inked(part, inks, in_data) for part in node]
    if isinstance(node, str) and not in_data:
        return inks.get(node, node)
    return node
