"""Make the bundle for a machine without a network: the checkout, every wheel of the lock, their hashes, one archive.

    python tools/bundle.py                                          for this system and this Python
    python tools/bundle.py --platform win_amd64 --python 3.11       for another one

Needs a network and git. The archive unpacks to one folder; its two-line install stands in its INSTALL.txt.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTALL = """Drive to Five: install on a machine without a network ({name}).
Needs Python {python}, nothing else. Two lines, in the folder that holds this file:

    python tools/install.py
    {drive5} solve data/alliance --out plans/alliance

(`python3` or `py -{python}` where that is the interpreter's name.) The first line compares the wheels with SHA256SUMS,
makes .venv and installs from wheels/ with no index; the second makes the reference plan. With make: `make plan`.
"""


def tracked_files() -> list[str]:
    """The files of the checkout that git tracks: nothing else may travel to a closed network by accident."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    if listed.returncode or not names:
        raise SystemExit("bundle: no files tracked by git here: make the bundle in a clone of the project")
    return sorted(names)


def fetch_wheels(folder: Path, platform: str | None, python: str) -> None:
    """Every wheel of the lock, held to its hash; source packages are refused, since they'd need a compiler there."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "requirements.lock"), "-d", str(folder)]
    if platform:
        command += ["--platform", platform, "--python-version", python, "--implementation", "cp"]
    if subprocess.run(command, check=False).returncode:
        raise SystemExit("bundle: a wheel of requirements.lock could not be fetched: see the line above")


def write_sums(folder: Path) -> None:
    """SHA256SUMS over every file of the bundle, in the form that `sha256sum --check` reads."""
    lines = []
    for path in sorted(item for item in folder.rglob("*") if item.is_file()):
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}")
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def pack(folder: Path) -> Path:
    """One zip archive beside the folder (zip: unpacked by every system without a tool)."""
    archive = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in sorted(item for item in folder.rglob("*") if item.is_file()):
            target.write(path, path.relative_to(folder.parent).as_posix())
    return archive


def bundle(out: Path, platform: str | None, python: str) -> Path:
    """Build the bundle under `out`; gives the archive."""
    label = platform or sysconfig.get_platform().replace("-", "_").replace(".", "_")
    folder = out / f"drive5-{label}-py{python.replace('.', '')}"
    files = tracked_files()
    shutil.rmtree(folder, ignore_errors=True)
    for name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    fetch_wheels(folder / "wheels", platform, python)
    windows = label.startswith("win")
    drive5 = r".venv\Scripts\drive5" if windows else ".venv/bin/drive5"
    text = INSTALL.format(name=folder.name, python=python, drive5=drive5)
    (folder / "INSTALL.txt").write_text(text, encoding="utf-8", newline="\r\n" if windows else "\n")
    write_sums(folder)
    return pack(folder)


def main() -> None:
    """Read the options and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--platform", help="a wheel platform tag such as win_amd64 (default: this system)")
    parser.add_argument("--python", default=f"{sys.version_info[0]}.{sys.version_info[1]}", help="3.11, 3.12, ...")
    options = parser.parse_args()
    archive = bundle(options.out.resolve(), options.platform, options.python)
    size = archive.stat().st_size / 1e6
    print(f"bundle: {archive} ({size:.0f} MB); its two-line install is in {archive.stem}/INSTALL.txt")


if __name__ == "__main__":
    main()
