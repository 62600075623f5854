"""The pages that are made are what their sources say; the README shows commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.registry import RULES

ROOT = Path(__file__).resolve().parents[2]
MAKERS = sorted((ROOT / "docs").glob("make_*.py"))


@pytest.mark.parametrize("maker", MAKERS, ids=[path.stem for path in MAKERS])
def test_a_made_page_is_up_to_date(maker: Path) -> None:
    ended = subprocess.run([sys.executable, maker, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_mathematics_has_every_rule_with_its_formula() -> None:
    import models.program  # noqa: F401 - reads every module of rules

    page = (ROOT / "docs" / "mathematics.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, flags=re.MULTILINE | re.DOTALL))
    assert set(sections) == set(RULES)
    assert [name for name, text in sections.items() if "$$" not in text and not RULES[name].policy] == []


def test_the_readme_shows_targets_of_the_makefile_and_files_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)", readme))
    assert {"plan", "test", "bundle"} <= targets
    assert [target for target in sorted(targets) if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
    links = re.findall(r"\]\(([^)#]+)\)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_architecture_names_files_that_are_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+(?:/\w+)*\.(?:py|csv))`", page)) - {"__init__.py"}
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_locks_name_no_address_and_hold_every_package_to_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
        packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
        assert len(packages) > 15
        assert [package.split("=")[0] for package in packages if "--hash=sha256:" not in package] == []


def test_both_locks_agree() -> None:
    """What the tests run on is what users get."""
    pins = []
    for name in ("requirements.lock", "requirements-dev.lock"):
        found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
        pins.append(dict(found))
    run, dev = pins
    assert {name: dev.get(name) for name in run} == run
    assert run["highspy"] == "1.16.0"
    assert run["pyomo"] == "6.10.1"


def test_the_lock_has_wheels_for_three_systems() -> None:
    """highspy 1.16.0 has more than sixty wheels and a source: fewer hashes would be one system's view."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    package = re.search(r"^highspy==.*?(?=^\S)", text, flags=re.MULTILINE | re.DOTALL)
    assert package is not None
    assert package[0].count("sha256:") >= 50
