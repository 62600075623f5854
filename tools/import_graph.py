"""Which module imports which: for the test that holds the lines of the house, and for the page of its architecture.

Every import counts, wherever it stands in its file: one inside a function, and one for types alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The rooms in their row: an import goes to a room with the same number or a smaller one.
LAYERS = {"data": 0, "audit": 1, "models": 1, "optimizer": 2, "store": 3, "studies": 4, "reports": 5, "ui": 6, "app": 6,
          "cli": 6}  # fmt: skip
Graph = Mapping[str, frozenset[str]]


def sources() -> list[Path]:
    """Every Python file of the rooms (not the tests, not the tools)."""
    found = [path for room in LAYERS for path in (ROOT / room).rglob("*.py")]
    return sorted([*found, *(path for room in LAYERS if (path := ROOT / f"{room}.py").exists())])


def _imported(path: Path, text: str) -> Iterator[tuple[str, str]]:
    """(module, name taken from it or "") of every import in a file, relative ones made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from ((module, alias.name) for alias in node.names)


def imports(path: Path, text: str | None = None) -> Iterator[str]:
    """Full names of what a file imports anywhere in it; of a name from a module, the module's and the name's."""
    for module, name in _imported(path, path.read_text(encoding="utf-8") if text is None else text):
        yield module
        if name:
            yield f"{module}.{name}"


def module_of(path: Path) -> str:
    """Name of the module in a file; a package's is that of its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def graph(texts: Mapping[Path, str] | None = None) -> Graph:
    """Module -> modules of the rooms that it imports.

    Args:
        texts: files and what stands in them; by default those of the rooms.

    Returns:
        The graph. ``from package import module`` is an import of the module, not of the package.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sources()} if texts is None else texts
    known = {module_of(path) for path in texts}
    found: dict[str, frozenset[str]] = {}
    for path, text in texts.items():
        names = (whole if (whole := f"{module}.{name}") in known else module for module, name in _imported(path, text))
        found[module_of(path)] = frozenset(name for name in names if name in known) - {module_of(path)}
    return found


def circles(known: Graph) -> list[list[str]]:
    """Modules that import each other, by one way or another: each list is one knot, sorted; none is as it should be."""
    reach = {module: _reached(known, module) for module in known}
    knots = {frozenset({module, *(other for other in reach[module] if module in reach[other])}) for module in known}
    return sorted(sorted(knot) for knot in knots if len(knot) > 1)


def _reached(known: Graph, module: str) -> set[str]:
    """What a module imports, what that imports, and so on."""
    found: set[str] = set()
    ahead = list(known.get(module, ()))
    while ahead:
        there = ahead.pop()
        if there not in found:
            found.add(there)
            ahead += known.get(there, ())
    return found
