"""Three hundred small sets that mean the same in both editions of the model, and their optima by the first edition.

The sets have no lead times, no pipeline, no launched frame, no soft surge_min, no lever but their own carry_over, and
every line has capacity before its expansions. With bills paid exactly by key and no limit on what a customer
contributes, both editions say the same of them. The values are those of the enumerator of commit a2fdbf8, the last of
the first edition: they were written before the enumerator was touched.

Written anew, with that commit in some folder and this file copied into its `tests`:

    python -m tests.edition_one
"""

import csv
import gzip
import json
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import yaml

import data.dataset
import data.levers

COMMIT = "a2fdbf8"
SETS = pathlib.Path(__file__).parent / "edition_one.json.gz"
VALUES = pathlib.Path(__file__).parent / "edition_one.csv"
WANTED = 300
# What the first edition did without being asked.
AS_BEFORE = {"sponsor_max": 1, "contribution_max": None}


def seeds() -> list[int]:
    """The seeds of the sets."""
    return sorted(_files())


def case_of(seed: int) -> data.levers.Case:
    """A set as the data of today."""
    files = dict(_files()[seed])
    settings = yaml.safe_load(files["dataset.yaml"])
    files["dataset.yaml"] = yaml.safe_dump({**settings, **AS_BEFORE}, sort_keys=False)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (pathlib.Path(folder) / name).write_text(text, encoding="utf-8")
        return data.levers.apply(data.dataset.load(pathlib.Path(folder)))


def values() -> dict[int, tuple[float, float] | None]:
    """Objective and cost of each set; None where no plan is feasible."""
    with VALUES.open(encoding="utf-8") as file:
        return {
            int(row["seed"]): (float(row["objective"]), float(row["cost"])) if row["objective"] else None
            for row in csv.DictReader(file)
        }


def _files() -> dict[int, dict[str, str]]:
    with gzip.open(SETS, "rt", encoding="utf-8") as file:
        return {int(seed): files for seed, files in json.load(file).items()}


# --- writing, in a checkout of COMMIT --------------------------------------------------------------------------


def _agrees(case: data.levers.Case) -> bool:
    """True if both editions mean the same by the set."""
    tables = {name: table.to_dict("records") for name, table in case.base.tables.items()}
    with_capacity = {row["line"] for row in tables["line_capacity"] if row["capacity"] > 0}
    return (
        set(case.levers) <= {"carry_over"}
        and not tables["pipeline"]
        and all(row["lead_years"] == 0 for row in tables["programmes"])
        and all(row["extra_lead_years"] == 0 and not row["launched"] for row in tables["frames"])
        and all(row["rule"] != "surge_min" or row["hardness"] == "hard" for row in tables["rules"])
        and {row["line"] for row in tables["lines"]} <= with_capacity
    )


def _drawn() -> Iterator[tuple[int, data.levers.Case]]:
    from tests.random_sets import random_set

    seed = found = 0
    while found < WANTED:
        case = random_set(seed).case
        if _agrees(case):
            found += 1
            yield seed, case
        seed += 1


def _texts(case: data.levers.Case) -> dict[str, str]:
    """The files of a set, its lever among its own settings."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        data.dataset.write(case.base, folder)
        texts = {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}
    settings: dict[str, Any] = yaml.safe_load(texts["dataset.yaml"])
    texts["dataset.yaml"] = yaml.safe_dump({**settings, "levers": dict(case.levers)}, sort_keys=False)
    return texts


def write() -> None:
    """Draw the sets, solve them by trying every plan, and write both."""
    from tests.enumerator import optimum

    files, rows = {}, []
    for seed, case in _drawn():
        files[seed] = _texts(case)
        answer = optimum(case, with_binding=False)
        rows.append([seed, *(("", "") if answer.objective is None else (answer.objective, answer.cost))])
    # Without the time of day in it the file is the same whenever it is written.
    SETS.write_bytes(gzip.compress(json.dumps(files, sort_keys=True).encode(), mtime=0))
    with VALUES.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "objective", "cost"])
        writer.writerows(rows)


if __name__ == "__main__":
    write()
