"""What plan.json must hold (contract 2), so that a damaged one is told by its place and never believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from optimizer.plans.plan import CONTRACT

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Hash = Annotated[StrictStr, Field(pattern="^[0-9a-f]{64}$")]
Moment = Annotated[StrictStr, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
SOLVED = (0, 5)  # exit codes that come with a plan


class _Part(BaseModel):
    """Keys of later programs are let pass; those named here must be there, and of their kind."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Objective(_Part):
    """The header's `objective`: points, but `cost` (millions) and the gaps and `closed` (shares)."""

    mode: StrictStr
    value: Number
    first_value: Number
    index: Number
    index_before: Number
    bound: Number
    gap: Number
    closed: Number | None
    cost: Number
    cost_gap: Number
    soft_penalty: Number
    persistence: Number


class Start(_Part):
    """Which plan a search started from."""

    run: StrictStr
    sha256: Hash


class Solver(_Part):
    """What computed the plan."""

    name: StrictStr
    version: StrictStr
    threads: Whole
    seed: Whole


def _nothing(given: dict[str, Any]) -> dict[str, Any]:
    if given:
        raise ValueError("what a plan's objective needs is missing, or damaged")
    return given


class Header(_Part):
    """plan.json of contract 2."""

    contract: Literal[2]
    run: StrictStr
    written: Moment
    termination: StrictStr
    dataset: StrictStr
    dataset_sha256: Hash
    case_sha256: Hash
    start: Start | None
    marking: StrictStr
    scenario: StrictStr | None
    levers: dict[StrictStr, Any]
    objective: Objective | Annotated[dict[str, Any], AfterValidator(_nothing)]
    gap_index_before: Number
    gap_index_after: Number | None
    settled_before: Number | None
    settled_after: Number | None
    status: Literal["optimal", "limit", "infeasible", "error", "estimate"]
    exit_code: Whole
    reproducible: StrictBool
    work: Number | Whole
    not_modelled: list[StrictStr]
    warnings: list[StrictStr]
    kpis: dict[StrictStr, Any]
    tuning: dict[StrictStr, Any]
    solver: Solver
    versions: dict[StrictStr, StrictStr]
    seconds: dict[StrictStr, Number | Whole]


def fault_of(header: object) -> str:
    """What is damaged in a header, in one line with its place; '' where nothing is.

    Headers of an earlier contract are let pass (compare and report read them); a later one is not.
    """
    if not isinstance(header, Mapping):
        return "plan.json is no object"
    contract = header.get("contract")
    if type(contract) is int and contract < CONTRACT:
        return ""
    try:
        Header.model_validate(header)
    except ValidationError as problem:
        return _told(problem)
    if header["exit_code"] in SOLVED and not header["objective"]:
        return "plan.json: objective: is empty, and exit_code says that there is a plan"
    return ""


def _told(problem: ValidationError) -> str:
    found = problem.errors(include_url=False, include_context=False)
    first = found[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("Objective", "Start", "Solver"))
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    given = "" if first["type"] == "missing" else f", not {str(first['input'])[:40]!r}"
    return f"plan.json: {place}: {first['msg'][:1].lower()}{first['msg'][1:]}{given}{more}"
