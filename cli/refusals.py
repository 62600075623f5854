"""What is refused before any work is done: one line of what, where, and what to do."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from cli.options import UsageFault


def objective_of(text: str) -> tuple[str, float | None]:
    """Mode and ceiling of an objective; only cost has a ceiling, and needs one."""
    mode, colon, told = text.partition(":")
    if mode != "cost":
        if colon:
            raise UsageFault(f"--objective {text}: only cost has a ceiling; write {mode}")
        return mode, None
    try:
        ceiling = float(told)
    except ValueError:
        ceiling = math.nan
    if not (math.isfinite(ceiling) and ceiling >= 0):
        raise UsageFault(f"--objective {text}: the ceiling is points, 0 or more; write cost:35")
    return mode, ceiling


def model_file(path: Path) -> None:
    """A file that can't be written is refused before anything is solved."""
    if not path.name.endswith((".mps", ".mps.gz")):
        raise UsageFault(f"--write-model {path}: the file is an MPS; name it model.mps or model.mps.gz")
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageFault(f"--write-model {path}: that can't be written; name a file in a folder that there is")


def known(mode: str, solver: str) -> None:
    """An objective or a solver that there isn't is refused."""
    from models.objective import MODES

    if mode not in MODES:
        raise UsageFault(f"--objective {mode}: there is no such objective; one of {', '.join(MODES)}")
    if solver == "highs":
        return
    from optimizer.engine.others import available

    if reason := available(solver):
        raise UsageFault(f"--solver {solver}: {reason}")


def existing(path: Path, what: str) -> Path:
    """The path, if something is there."""
    if not path.exists():
        raise UsageFault(f"{path}: there is no such {what}; give the folder of one")
    return path


def plan_folder(path: Path) -> Path:
    """The folder, if it holds a plan."""
    if not (existing(path, "plan") / "plan.json").is_file():
        raise UsageFault(f"{path}: holds no plan.json; give the folder of a plan")
    return path


def writable(folder: Path, option: str = "--out") -> None:
    """A plan that can't be written is refused before it is sought."""
    if folder.exists() and not folder.is_dir():
        raise UsageFault(f"{option} {folder}: that is a file; give a folder for the plan")
    if (folder / "dataset.yaml").exists():
        raise UsageFault(f"{option} {folder}: that is a data set; give a folder of its own for the plan")
    place = folder.absolute().parent
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".drive5.", dir=place):
            pass
    except OSError:
        raise UsageFault(f"{option} {folder}: {place} can't be written to; give another folder") from None
