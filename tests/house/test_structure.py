"""The lines of the house: who may import whom, and how long a file and a function may grow."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.import_graph import LAYERS, ROOT, circles, graph, imports, sources

APART = {"audit": {"models"}, "models": {"audit"}}  # the two statements of the rules know nothing of each other
# Where a package of others may be imported; everywhere else it may not.
HOMES = {
    "pyomo": ("models/", "optimizer/problem/compile.py", "optimizer/engine/others.py"),
    "highspy": ("optimizer/engine/highs.py",),
    "openpyxl": ("data/sheets/", "reports/"),
    "xlsxwriter": ("data/sheets/", "reports/"),
    "streamlit": ("app.py", "ui/"),
    "typer": ("cli/",),
    "altair": ("reports/",),
    "vl_convert": ("reports/",),
    "typst": ("reports/",),
}
AUDIT_READS = {"data.dataset", "data.levers"}
NO_NETWORK = {"socket", "ssl", "urllib", "http", "requests", "httpx", "ftplib", "smtplib"}
MOST_LINES, LONGEST_FUNCTION = 500, 60

FILES = sources()
NAMES = [path.relative_to(ROOT).as_posix() for path in FILES]
every_file = pytest.mark.parametrize("path", FILES, ids=NAMES)


def against_the_stream(path: Path, text: str | None = None) -> list[str]:
    """Imports of a room further down the row, or of a command."""
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    tops = {name.split(".")[0] for name in imports(path, text)}
    wrong = {top for top in tops if top in LAYERS and LAYERS[top] > LAYERS[room]}
    wrong |= tops & APART.get(room, set())
    return sorted(wrong | (tops & ({"cli", "app", "tests", "tools"} - {room})))


def out_of_home(path: Path, text: str | None = None) -> list[str]:
    """Packages of others that have another home."""
    name = path.relative_to(ROOT).as_posix()
    tops = {found.split(".")[0] for found in imports(path, text)}
    return sorted(top for top in tops if top in HOMES and not name.startswith(HOMES[top]))


@every_file
def test_imports_point_one_way(path: Path) -> None:
    assert against_the_stream(path) == []


@every_file
def test_packages_stay_in_their_home(path: Path) -> None:
    assert out_of_home(path) == []


@every_file
def test_nothing_can_reach_a_network(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} & NO_NETWORK == set()


def audit_files() -> list[Path]:
    return [path for path in FILES if path.relative_to(ROOT).as_posix().startswith("audit")]


def test_the_audit_reads_data_and_levers_and_nothing_else_of_the_project() -> None:
    """So that one error can't pass both the model and the audit."""
    assert audit_files()
    for path in audit_files():
        modules = {name for name in imports(path) if name.split(".")[0] in LAYERS}
        allowed = AUDIT_READS | {"audit"}
        wrong = {name for name in modules if not any(name == ok or name.startswith(f"{ok}.") for ok in allowed)}
        wrong -= {"data", "optimizer"}
        assert wrong == set(), f"{path.name} imports {sorted(wrong)}"


@every_file
def test_files_and_functions_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"


def test_no_module_comes_back_to_itself_through_what_it_imports() -> None:
    """Imports inside functions count: a circle that loads is a circle all the same."""
    assert circles(graph()) == []


def test_only_the_command_prints() -> None:
    for path in FILES:
        if NAMES[FILES.index(path)].startswith("cli/"):
            continue
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"], path


def test_the_checks_above_see_what_they_should() -> None:
    """A check that can't fail holds nothing: each is shown a file that breaks it."""
    assert against_the_stream(ROOT / "data/x.py", "import models.keys") == ["models"]
    assert against_the_stream(ROOT / "models/x.py", "from optimizer import solve") == ["optimizer"]
    assert against_the_stream(ROOT / "models/x.py", "from audit import audit") == ["audit"]
    assert against_the_stream(ROOT / "optimizer/x.py", "from studies.step import step") == ["studies"]
    assert against_the_stream(ROOT / "studies/x.py", "from reports.figures import x") == ["reports"]
    assert against_the_stream(ROOT / "studies/x.py", "from store.folder import read_plan") == []
    assert against_the_stream(ROOT / "optimizer/x.py", "def f():\n    from cli import main") == ["cli"]
    assert against_the_stream(ROOT / "reports/x.py", "from data.dataset import load") == []
    assert out_of_home(ROOT / "optimizer/solve.py", "import pyomo.environ as pyo") == ["pyomo"]
    assert out_of_home(ROOT / "optimizer/problem/compile.py", "import pyomo.environ as pyo") == []
    assert out_of_home(ROOT / "data/dataset.py", "from openpyxl import load_workbook") == ["openpyxl"]
    assert list(imports(ROOT / "optimizer/plans/x.py", "from .. import solve")) == ["optimizer", "optimizer.solve"]
    assert "audit.ledger" in imports(ROOT / "audit/x.py", "from .ledger import Ledger")


def test_a_planted_circle_is_seen() -> None:
    planted = {
        ROOT / "data/a.py": "from data import b",
        ROOT / "data/b.py": "def late():\n    import models.c",
        ROOT / "models/c.py": "from data.a import thing",
        ROOT / "models/d.py": "from models.c import other\nimport pandas",
    }
    assert circles(graph(planted)) == [["data.a", "data.b", "models.c"]]
    assert circles(graph({**planted, ROOT / "models/c.py": "import math"})) == []


def test_a_module_taken_from_its_package_is_no_import_of_the_package() -> None:
    package = {
        ROOT / "models/p/__init__.py": "from models.p import one",
        ROOT / "models/p/one.py": "from models.p import x",
    }
    assert graph(package) == {"models.p": {"models.p.one"}, "models.p.one": {"models.p"}}
    assert circles(graph(package)) == [["models.p", "models.p.one"]]
    assert circles(graph({**package, ROOT / "models/p/one.py": "import math"})) == []


def test_the_rooms_are_there() -> None:
    rooms = {name.split("/")[0] for name in NAMES}
    assert {"data", "models", "optimizer", "store", "studies", "reports", "cli"} <= rooms
