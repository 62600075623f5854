"""What a search leaves beside its plan, in `search.npz`: multipliers, their bound, whole decisions, other good plans.

Arrays of the file (no pickles; keys are JSON, `null` for what has none):

- `about`: one text, JSON: `format`, `case_sha256`, `mode`, `program`, `bound` (null: the relaxation was not solved);
- `rule`, `rule_key`, `multiplier`: a row of the relaxation each, where its dual is not 0;
- `variable`, `variable_key`, `whole`: a whole decision each, where it is not 0;
- `pool_value`, `pool_finder`: one of the best distinct plans each, the best first; an earlier version wrote none of
  these arrays;
- `pool_plan`, `pool_variable`, `pool_key`, `pool_whole`: a whole decision of such a plan each (its place, from 0).
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.plans.plan import Name, Plan, Pooled, Search, versions

SEARCH = "search.npz"
FORMAT = 1
LARGEST = 200_000_000  # bytes; the reference set's file takes well under one million
ABOUT = ("case_sha256", "mode", "program")
ROOMS = ("data", "models", "optimizer")  # whose code a bound rests on
HOME = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Kept:
    """A side file: what the search left, and of which case, objective and program.

    Attributes:
        search: what was left.
        case_sha256, mode: what the bound speaks of.
        program: hash of the code and the packages that computed it.
    """

    search: Search
    case_sha256: str
    mode: str
    program: str


@functools.cache
def program_sha256() -> str:
    """Hash of the code that a bound rests on, and of the packages: another program may prove another bound."""
    found = hashlib.sha256(json.dumps(versions(), sort_keys=True).encode())
    for room in ROOMS:
        for file in sorted((HOME / room).rglob("*.py")):
            found.update(file.relative_to(HOME).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def write_search(plan: Plan, folder: Path) -> None:
    """Write the side file of a plan into its folder; nothing where the search left nothing."""
    search = plan.search
    if search is None:
        return
    about = {
        "format": FORMAT,
        "case_sha256": plan.header["case_sha256"],
        "mode": plan.header["objective"]["mode"],
        "program": program_sha256(),
        "bound": search.bound if math.isfinite(search.bound) else None,
    }
    rules, rule_keys, multipliers = _arrays(search.multipliers)
    variables, variable_keys, whole = _arrays(search.whole)
    np.savez_compressed(
        folder / SEARCH, about=np.array(json.dumps(about, sort_keys=True)),
        rule=rules, rule_key=rule_keys, multiplier=multipliers,
        variable=variables, variable_key=variable_keys, whole=whole, **_pool_arrays(search.pool),
    )  # fmt: skip


def read_search(folder: Path) -> tuple[Kept | None, str]:
    """The side file of a plan's folder, and a warning where it is damaged; (None, "") where there is none."""
    file = Path(folder) / SEARCH
    if not file.is_file():
        return None, ""
    try:
        if file.stat().st_size > LARGEST:
            raise ValueError(f"over {LARGEST} bytes")
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as held:
            about = json.loads(str(held["about"]))
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']}")
            multipliers = _numbers(held["rule"], held["rule_key"], held["multiplier"])
            whole = _numbers(held["variable"], held["variable_key"], held["whole"])
            pool = _pool(held) if "pool_value" in held.files else ()
        bound = -math.inf if about["bound"] is None else float(about["bound"])
        return Kept(Search(multipliers, bound, whole, pool), *(str(about[name]) for name in ABOUT)), ""
    except Exception as problem:  # whatever a damaged archive comes to: it costs a warm start, never a plan
        return None, f"{file} is left out, as it can't be read ({' '.join(str(problem).split())[:120]}): solve again"


def _arrays(values: Mapping[Name, float]) -> tuple[Any, Any, Any]:
    """Names, keys as JSON and numbers, sorted, so that the same search gives the same bytes."""
    rows = sorted((name, json.dumps(_plain(key)), number) for (name, key), number in values.items())
    names, keys, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(names, dtype=np.str_), np.array(keys, dtype=np.str_), np.array(numbers, dtype=np.float64)


def _pool_arrays(pool: Iterable[Pooled]) -> dict[str, Any]:
    """The plans of a pool, the best first, of equal ones by finder and decisions: a pool gives the same bytes."""
    rows = sorted((plan.value, plan.finder, *(part.tolist() for part in _arrays(plan.whole))) for plan in pool)
    place = [number for number, (_, _, names, _, _) in enumerate(rows) for _ in names]
    names, keys, numbers = ([part for row in rows for part in row[column]] for column in (2, 3, 4))
    return {
        "pool_value": np.array([row[0] for row in rows], dtype=np.float64),
        "pool_finder": np.array([row[1] for row in rows], dtype=np.str_),
        "pool_plan": np.array(place, dtype=np.int32),
        "pool_variable": np.array(names, dtype=np.str_),
        "pool_key": np.array(keys, dtype=np.str_),
        "pool_whole": np.array(numbers, dtype=np.float64),
    }


def _pool(held: Any) -> tuple[Pooled, ...]:
    """The plans of a pool, the best first."""
    values, finders, place = held["pool_value"], held["pool_finder"], held["pool_plan"]
    names, keys, numbers = held["pool_variable"], held["pool_key"], held["pool_whole"]
    if len(values) != len(finders) or not len(place) == len(names) == len(keys) == len(numbers):
        raise ValueError("the arrays of its pool differ in length")
    if not np.isfinite(values).all() or (np.diff(values) < 0).any():
        raise ValueError("the values of its pool are no rising numbers")
    if len(place) and not 0 <= place.min() <= place.max() < len(values):
        raise ValueError("a decision in its pool is of no plan")
    decided = [_numbers(*(part[place == number] for part in (names, keys, numbers))) for number in range(len(values))]
    if any(whole in decided[:number] for number, whole in enumerate(decided)):
        raise ValueError("two plans of its pool decide the same")
    told = zip(values.tolist(), finders.tolist(), decided, strict=True)
    return tuple(Pooled(value, str(finder), whole) for value, finder, whole in told)


def _plain(key: object) -> object:
    if isinstance(key, tuple):
        return [_plain(part) for part in key]
    return key.item() if isinstance(key, np.generic) else key


def _numbers(names: Any, keys: Any, numbers: Any) -> dict[Name, float]:
    if not len(names) == len(keys) == len(numbers):
        raise ValueError("its arrays differ in length")
    if not np.isfinite(numbers).all():
        raise ValueError("a number in it is none")
    rows = zip(names.tolist(), keys.tolist(), numbers.tolist(), strict=True)
    return {(name, _key(json.loads(key))): float(number) for name, key, number in rows}


def _key(plain: object) -> object:
    return tuple(_key(part) for part in plain) if isinstance(plain, list) else plain
