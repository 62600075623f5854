"""Make the environment: a virtual environment, the locked packages, the program itself. Standard library alone.

    python tools/install.py           what the program needs
    python tools/install.py --dev     and what the tests and linters need

Run it from any Python 3.11 or newer. With a folder `wheels/` in the checkout (`make bundle` writes one) nothing is
fetched: the wheels are compared with SHA256SUMS, then installed with no index. Every package is held to its hash.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment_python(folder: Path) -> Path:
    """Where a virtual environment keeps its interpreter on this system."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def damaged_files(root: Path) -> list[str]:
    """What is to be installed and is missing or differs from SHA256SUMS.

    Wheels and locks alone: data sets are there to be edited (`sha256sum --check SHA256SUMS` compares every file).
    """
    damaged = []
    for line in (root / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        path = root / name
        if not name.startswith(("wheels/", "requirements")):
            continue
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            damaged.append(name)
    return damaged


def run(*command: str | Path) -> None:
    """Run one command in the checkout; its failure ends this script with the same code."""
    calm = {**os.environ, "PYTHONWARNINGS": "ignore"}  # the build tool's general advice on editable installs is no news
    finished = subprocess.run([str(part) for part in command], cwd=ROOT, env=calm, check=False)
    if finished.returncode:
        print(f"install: failed: {' '.join(str(part) for part in command[:6])} ...", file=sys.stderr)
        raise SystemExit(finished.returncode)


def install(folder: Path, dev: bool) -> None:
    """Make the environment in `folder` and put the locked packages and the program into it."""
    python = environment_python(folder)
    if not python.exists():
        print(f"install: making {folder}")
        run(sys.executable, "-m", "venv", folder)
    source: list[str] = []
    if (ROOT / "wheels").is_dir():
        damaged = damaged_files(ROOT)
        if damaged:
            raise SystemExit(f"install: {damaged[0]}: missing or not as bundled: copy the bundle again")
        source = ["--no-index", "--find-links", str(ROOT / "wheels")]
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    lock = ROOT / ("requirements-dev.lock" if dev else "requirements.lock")
    print(f"install: {lock.name} into {folder}" + (" from wheels/, no index" if source else ""))
    run(*pip, *source, "--require-hashes", "-r", lock)
    run(*pip, *source, "--no-deps", "--no-build-isolation", "-e", ROOT)
    rooms = sorted(path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
    run(python, "-m", "compileall", "-q", *rooms)  # else the first call of each command does it


def main() -> None:
    """Read the options and install."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also what the tests and linters need")
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv", help="where the environment goes (default .venv)")
    options = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what tells the user of an older Python
        raise SystemExit(f"install: Python {sys.version.split()[0]} is too old: run it with Python 3.11 or newer")
    install(options.venv.resolve(), options.dev)


if __name__ == "__main__":
    main()
