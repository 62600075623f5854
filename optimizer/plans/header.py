"""What plan.json says of a plan: contract 2 (docs of the contract name every key)."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.levers import Case
from models.program import Program
from optimizer.engine.outcome import relative_gap
from optimizer.plans.tables import number
from optimizer.plans.start import gap_before

WHOLE = 1e-6  # work = check points of the first pass + millionths for those of the cost pass: one number repeats both
LITTLE = 0.1  # of what a relaxation closes: a plan that closes less decides next to nothing
TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Indices:
    """Gap index of the planning years alone, of the settled state alone (None: there is none), and of both."""

    planning: float
    settled: float | None
    both: float

    @classmethod
    def of(cls, program: Program) -> Indices:
        """The indices at the values that the program holds."""
        m = program.model
        settled = None if m.settled_index is None else number(m.settled_index)
        return cls(number(m.gap_index), settled, number(m.index))

    @classmethod
    def before(cls, program: Program) -> Indices:
        """The indices with nothing decided: pipeline, lines complete already and enablers count."""
        gap_before(program)
        return cls.of(program)


def new_run() -> str:
    """Name of a run: when it began, and four digits that tell two of one second apart."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"


def now() -> str:
    """The time as plan.json has it."""
    return f"{datetime.now(UTC):{TIME}}"


def case_sha256(case: Case) -> str:
    """Hash of what is planned: the data set with its levers applied, and the levers that are no change of data."""
    options = {
        name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(case.options).items()
    }
    return hashlib.sha256(f"{case.dataset.sha256}\n{json.dumps(options, sort_keys=True)}".encode()).hexdigest()


def origin(header: Mapping[str, Any]) -> dict[str, str]:
    """Which plan another one was started from: its run, and the hash of its plan.json."""
    content = json.dumps(dict(header), sort_keys=True, ensure_ascii=False)
    return {"run": str(header.get("run", "-")), "sha256": hashlib.sha256(content.encode()).hexdigest()}


def mode_text(mode: str, ceiling: float | None) -> str:
    """The objective as `--objective` takes it."""
    return mode if ceiling is None else f"{mode}:{ceiling!r}"


def work_done(first: int, cost: int) -> float:
    """The work of both passes as one number."""
    return round(first + min(cost, 1 / WHOLE - 1) * WHOLE, 6)


def work_asked(limit: float) -> tuple[int, int | None]:
    """(check points of the first pass, of the cost pass) that a work limit stands for; None: as many as it needs."""
    first = int(limit)
    cost = round((limit - first) / WHOLE)
    return max(1, first), cost or None


def objective(
    program: Program, mode: str, before: Indices, first: float, bound: float, cost_bound: float
) -> dict[str, Any]:
    """The header's `objective`.

    Args:
        program: holds the plan's values.
        mode: as `--objective` takes it.
        before: indices with nothing decided.
        first: value that the first pass reached, of which bound and gap speak.
        bound: of the first pass.
        cost_bound: of the second objective.
    """
    m = program.model
    second = number(m.second)
    closed = None
    if mode == "gap" and bound < before.both:
        closed = (before.both - first) / (before.both - bound)
    return {
        "mode": mode,
        "value": number(m.first),
        "first_value": first,
        "index": number(m.index),
        "index_before": before.both,
        "bound": bound,
        "gap": relative_gap(first, bound),
        "closed": closed,
        "cost": number(m.cost),
        "cost_gap": relative_gap(second, min(max(0.0, cost_bound), second)),
        "soft_penalty": number(m.soft_penalty),
        "persistence": number(m.persistence),
    }


def decides_little(objective: Mapping[str, Any]) -> str:
    """A sentence where a plan closes under a tenth of what could be closed; '' where it does more."""
    closed, possible = (
        float(objective["index_before"]) - float(objective[end]) for end in ("index", "bound")
    )  # points
    if objective["mode"] != "gap" or possible <= 0 or closed >= LITTLE * possible:
        return ""
    return (
        f"the plan decides next to nothing: it closes {max(0.0, closed):.3g} of the {possible:.3g} points that the "
        "bound leaves open; give it more time (--time-limit), or soften what forbids more"
    )
