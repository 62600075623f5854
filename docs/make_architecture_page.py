"""Make the tables of docs/architecture.md: what each room holds, and which rooms it imports.

`python docs/make_architecture_page.py` writes them between their markers; with `--check` it fails if they are not what
the rooms say: the first line of each room's `__init__.py`, and the imports of its modules, wherever they stand.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs.pages import ROOT, made
from tools.import_graph import LAYERS, graph, module_of, sources

PAGE = ROOT / "docs" / "architecture.md"


def rooms() -> list[str]:
    """The rooms in their row, then the rooms inside them: names of packages, and of the modules that are rooms."""
    packages = {module_of(path) for path in sources() if path.name == "__init__.py"} | (
        {name for name in LAYERS if (ROOT / f"{name}.py").exists()}
    )
    return sorted(packages, key=lambda name: (LAYERS[name.split(".")[0]], name))


def holds(room: str) -> str:
    """What a room says of itself: the first line of its docstring."""
    place = ROOT.joinpath(*room.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition("\n")[0]


def table() -> str:
    """A row for each room."""
    lines = [f"| `{room.replace('.', '/')}` | {holds(room)} |" for room in rooms()]
    return "\n".join(["| room | holds |", "| --- | --- |", *lines])


def edges() -> list[tuple[str, str]]:
    """(room, room that it imports), in the order of the row."""
    pairs = {(one.split(".")[0], other.split(".")[0]) for one, others in graph().items() for other in others}
    place = {name: (level, name) for name, level in LAYERS.items()}
    return sorted(((one, other) for one, other in pairs if one != other), key=lambda pair: [place[x] for x in pair])


def picture() -> str:
    """The imports between rooms, as a graph that GitHub and GitLab draw."""
    return "\n".join(["```mermaid", "graph RL", *(f"  {one} --> {other}" for one, other in edges()), "```"])


def main() -> int:
    """Write the tables, or compare them."""
    from benchmarks.sceptic.page import replaced

    page = replaced(PAGE.read_text(encoding="utf-8"), {"rooms": table(), "imports": picture()})
    return made({PAGE: page}, "the code")


if __name__ == "__main__":
    sys.exit(main())
