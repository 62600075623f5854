"""One port for questions: what is the best plan of a case, from what start, within which limits.

Who asks does not know who answers: this process, a process of its own, or a stub in a test.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from data.levers import Case
from optimizer import solve as solving
from optimizer.engine.journal import Progress
from optimizer.plans.header import case_sha256, origin
from optimizer.plans.plan import Plan, Search
from optimizer.pool import Event
from optimizer.scope import Scope
from optimizer.solve import SolveOptions
from optimizer.within import Asked, within
from optimizer.workers.worker import Task, Worker

NO_MATTER = frozenset({"write_model"})  # options that leave the answer as it is
INFEASIBLE = 4  # exit code
Parts = tuple[dict[str, Any], Mapping[str, pd.DataFrame], tuple[str, ...], tuple[Event, ...], Search | None]


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked. Two questions are the same where `sha256` is.

    Attributes:
        case: data set with levers applied.
        options: how to solve, limits included.
        start: a plan to start from; it may answer another case.
        warnings: findings of the check, kept in the plan; no part of what is asked.
        read_seconds: what reading the data took, kept in the plan; no part of what is asked.
        least: what the first objective of this very case is known to be at least (points).
        scope: who plans again, all else standing as in the start; None: all plan, and the start is but a start.
    """

    case: Case
    options: SolveOptions = field(default_factory=SolveOptions)
    start: Plan | None = None
    warnings: tuple[str, ...] = ()
    read_seconds: float = 0.0
    least: float = -math.inf
    scope: Scope | None = None

    def __post_init__(self) -> None:
        if self.scope is not None and (self.start is None or not self.start.solved):
            raise ValueError("a scope plans again from a plan: the question needs a start that is one")

    @cached_property
    def sha256(self) -> str:
        """Hash of the case, of the options that matter, of the start's plan.json, of the bound known, of the scope."""
        names = sorted(one.name for one in fields(self.options) if one.name not in NO_MATTER)
        options = {name: getattr(self.options, name) for name in names}
        start = None if self.start is None else origin(self.start.header)["sha256"]
        scope = [] if self.scope is None else [self.scope.names]
        parts = [case_sha256(self.case), options, start, self.least, *scope]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


@dataclass(frozen=True)
class Answer:
    """What is known now.

    Attributes:
        value: first objective of the plan (points); plus infinity where there is none.
        bound: no plan has a first objective below it (points); plus infinity where it is proven that there is no plan.
        plan: with its tables, or, without tables, why there is none.
    """

    value: float
    bound: float
    plan: Plan

    @classmethod
    def of(cls, plan: Plan) -> Answer:
        """A plan as an answer."""
        if plan.solved:
            told = plan.header["objective"]
            return cls(float(told["value"]), float(told["bound"]), plan)
        none = plan.header.get("exit_code") == INFEASIBLE
        return cls(math.inf, math.inf if none else -math.inf, plan)


class Asker(Protocol):
    """Who answers questions."""

    def ask(
        self,
        question: Question,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """The best plan that is found within the question's limits.

        Args:
            question: what is asked.
            progress: told about elapsed time, incumbent, bound and gap, a few times a second.
            cancel: set it to stop; the best plan so far is the answer.
        """


class InProcess:
    """Answers in this process, in the thread that asks."""

    def ask(
        self,
        question: Question,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """See `Asker.ask`."""
        if question.scope is not None and question.start is not None:
            asked = Asked(question.case, question.scope, question.start, question.options)
            return Answer.of(within(asked, progress=progress, cancel=cancel, warnings=question.warnings))
        plan = solving.solve(
            question.case, options=question.options, progress=progress, cancel=cancel, start=question.start,
            warnings=question.warnings, read_seconds=question.read_seconds, least=question.least,
        )  # fmt: skip
        return Answer.of(plan)


class InWorker:
    """Answers in a process of its own, one question at a time; who asks meanwhile waits."""

    def __init__(self, name: str, polite: int = 0) -> None:
        """Start the process.

        Args:
            name: of the process.
            polite: added to its niceness.
        """
        self._worker = Worker(name, InProcess, polite)
        self._worker.start()

    def ask(
        self,
        question: Question,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer:
        """See `Asker.ask`.

        Raises:
            WorkerError: the process failed or died; the next question has another one.
        """
        cancel = cancel or threading.Event()
        parts = self._worker.call(Task(_plan_of, (question,), cancel=cancel, progress=progress))
        return Answer.of(with_case(parts, question.case))

    def end(self) -> None:
        """End the process, whatever it does."""
        self._worker.end()


def _plan_of(
    solver: InProcess, question: Question, *, progress: Callable[[Progress], None], cancel: threading.Event
) -> Parts:
    """What a process answers: without the case, which the other side has."""
    return without_case(solver.ask(question, progress=progress, cancel=cancel).plan)


def without_case(plan: Plan) -> Parts:
    """A plan as it travels to where its case is known."""
    return plan.header, dict(plan.tables), plan.log, plan.progress, plan.search


def with_case(parts: Parts, case: Case) -> Plan:
    """A plan that came, with its case."""
    header, tables, log, progress, search = parts
    return Plan(header, tables, case, log, progress, search)


IN_PROCESS = InProcess()


def ask(
    question: Question,
    *,
    by: Asker = IN_PROCESS,
    progress: Callable[[Progress], None] | None = None,
    cancel: threading.Event | None = None,
) -> Answer:
    """The best plan of a case within the question's limits.

    Args:
        question: what is asked.
        by: who answers; this process unless told otherwise.
        progress: told about elapsed time, incumbent, bound and gap, a few times a second.
        cancel: set it to stop; the best plan so far is the answer.
    """
    return by.ask(question, progress=progress, cancel=cancel)
