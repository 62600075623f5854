"""The bundle installs on a machine without a network, with no index at all, and solves there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import bundle, install

ROOT = Path(__file__).resolve().parents[2]


def archives() -> list[Path]:
    version = f"py{sys.version_info[0]}{sys.version_info[1]}"
    return sorted((ROOT / "dist").glob(f"drive5-*-{version}.zip"), key=lambda path: path.stat().st_mtime)


@pytest.mark.long
def test_the_bundle_installs_with_no_index_and_makes_a_plan(tmp_path: Path) -> None:
    """Pip is told of no index, the network is refused (tests/guard), and the two lines of INSTALL.txt are followed."""
    if not archives():
        pytest.skip("no bundle in dist/: `make bundle` builds it (`make test-long` does so first)")
    with zipfile.ZipFile(archives()[-1]) as archive:
        archive.extractall(tmp_path)
    folder = next(tmp_path.iterdir())
    text = (folder / "INSTALL.txt").read_text(encoding="utf-8")
    assert "python tools/install.py" in text
    assert "drive5 solve data/alliance --out plans/alliance" in text

    alone = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    alone |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_NO_CACHE_DIR": "1"}
    command = [sys.executable, folder / "tools" / "install.py"]
    ended = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False, timeout=600)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "no index" in ended.stdout

    drive5 = install.environment_python(folder / ".venv").with_name("drive5.exe" if os.name == "nt" else "drive5")
    command = [drive5, "solve", "data/tiny", "--out", "plans/tiny", "--quiet"]
    ended = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (folder / "plans" / "tiny" / "plan.xlsx").is_file()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "a.whl").write_bytes(b"a wheel")
    (tmp_path / "requirements.lock").write_text("a==1", encoding="utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nations.csv").write_text("nation", encoding="utf-8")
    bundle.write_sums(tmp_path)
    return tmp_path


def test_a_whole_bundle_passes_its_sums(folder: Path) -> None:
    assert install.damaged_files(folder) == []


def test_a_changed_or_missing_file_of_a_bundle_is_named(folder: Path) -> None:
    (folder / "wheels" / "a.whl").write_bytes(b"another wheel")
    assert install.damaged_files(folder) == ["wheels/a.whl"]
    (folder / "requirements.lock").unlink()
    assert install.damaged_files(folder) == ["requirements.lock", "wheels/a.whl"]


def test_a_data_set_may_be_edited_after_unpacking(folder: Path) -> None:
    (folder / "data" / "nations.csv").write_text("nation\nDEU", encoding="utf-8")
    assert install.damaged_files(folder) == []


def test_the_archive_unpacks_to_one_folder(folder: Path) -> None:
    archive = bundle.pack(folder)
    with zipfile.ZipFile(archive) as packed:
        names = packed.namelist()
    assert {name.split("/")[0] for name in names} == {folder.name}
    assert f"{folder.name}/wheels/a.whl" in names
    assert f"{folder.name}/SHA256SUMS" in names
