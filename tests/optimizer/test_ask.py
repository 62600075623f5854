"""Questions: what makes two the same, and the same answer from this process, another one, or a stub."""

from __future__ import annotations

import math
import pickle
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from data.dataset import load
from data.levers import apply
from optimizer.ask import Answer, Asker, InProcess, InWorker, Question, ask
from optimizer.plans.plan import Plan
from optimizer.solve import Progress, SolveOptions, solve
from optimizer.workers.worker import WorkerDied, WorkerFault
from tests.cases import TINY

BEST = 13.375  # the hand-worked optimum of data/tiny
DATASET = load(TINY)
CASE = apply(DATASET)
OPTIONS = SolveOptions(time_limit=20, threads=1)


@pytest.fixture(scope="module")
def in_worker() -> Iterator[InWorker]:
    made = InWorker("a solver")
    yield made
    made.end()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(CASE, options=OPTIONS)


@pytest.fixture(scope="module")
def started(plan: Plan) -> Plan:
    return solve(CASE, options=OPTIONS, start=plan)


@dataclass
class Stub:
    """Answers at once, and keeps what it was asked."""

    asked: list[Question] = field(default_factory=list)

    def ask(
        self,
        question: Question,
        *,
        progress: Callable[[Progress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Answer:
        self.asked.append(question)
        if progress is not None:
            progress(Progress(0.0, "start", None, 1.0, None))
        return Answer(2.0, 1.0, Plan({"exit_code": 5}, {}, question.case))


# ---- what a question is ------------------------------------------------------------------------------------------


def test_a_question_is_known_by_its_case_its_options_and_its_start(plan: Plan) -> None:
    """Each change makes another question; all of them together are as many as there are."""
    first = Question(CASE, OPTIONS)
    others = [
        Question(apply(DATASET, sets={"carry_over": 0.06}), OPTIONS),
        *(Question(CASE, replace(OPTIONS, **change)) for change in CHANGES),
        Question(CASE, OPTIONS, plan),
        Question(CASE, OPTIONS, replace(plan, header=plan.header | {"run": "another"})),
    ]
    assert len({first, *others}) == 1 + len(others)
    assert len({one.sha256 for one in others}) == len(others)


CHANGES: list[dict[str, object]] = [
    {"gap": 0.02}, {"time_limit": 21}, {"work_limit": 9.0}, {"cost_tolerance": 0.0}, {"objective": "worst_nation"},
    {"objective": "cost", "gap_ceiling": 30.0}, {"seed": 1}, {"threads": 2}, {"solver": "scip"},
]  # fmt: skip


def test_what_is_only_noted_makes_no_other_question(plan: Plan) -> None:
    first = Question(CASE, OPTIONS, plan)
    noted = Question(
        apply(load(TINY)), replace(OPTIONS, write_model=Path("x.mps")), plan, warnings=("a warning",), read_seconds=1.0
    )
    assert first == noted and hash(first) == hash(noted) and first is not noted


def test_a_question_travels_and_stays_the_same(plan: Plan) -> None:
    first = Question(CASE, OPTIONS, plan)
    again = pickle.loads(pickle.dumps(first))
    assert again == first and again.sha256 == first.sha256 and again != "a question"


# ---- what an answer is -------------------------------------------------------------------------------------------


def test_an_answer_without_a_plan_says_what_is_known() -> None:
    infeasible, open_ = (Answer.of(Plan({"exit_code": code}, {}, CASE)) for code in (4, 6))
    assert (infeasible.value, infeasible.bound) == (math.inf, math.inf)
    assert (open_.value, open_.bound) == (math.inf, -math.inf)


@pytest.mark.parametrize("where", ["here", "in a worker"])
def test_both_ways_give_the_same_answer(where: str, in_worker: InWorker, plan: Plan, started: Plan) -> None:
    news: list[Progress] = []
    by: Asker = InProcess() if where == "here" else in_worker
    question = Question(CASE, OPTIONS, plan, warnings=("mind the gap",), read_seconds=1.5)
    answer = ask(question, by=by, progress=news.append)
    assert answer.bound == pytest.approx(BEST, abs=1e-4)
    assert BEST - 1e-6 <= answer.value <= BEST * 1.001 + 1e-6  # the cost pass may give up a thousandth
    assert answer.plan.case is CASE and answer.plan.log and answer.plan.progress and news
    assert answer.plan.header["warnings"][0] == "mind the gap" and answer.plan.header["seconds"]["read"] == 1.5
    assert answer.plan.header["start"]["run"] == plan.header["run"]
    for name, table in started.tables.items():
        assert answer.plan.tables[name].equals(table), name


@pytest.mark.parametrize("where", ["here", "in a worker"])
def test_cancel_and_limits_travel(where: str, in_worker: InWorker) -> None:
    by: Asker = InProcess() if where == "here" else in_worker
    cancel = threading.Event()
    cancel.set()
    answer = ask(Question(CASE, OPTIONS), by=by, cancel=cancel)
    assert answer.plan.header["termination"] == "cancelled"
    answer = ask(Question(CASE, replace(OPTIONS, work_limit=3.0)), by=by)
    assert answer.plan.header["options"]["work_limit"] == 3.0


def test_what_fails_in_a_worker_is_told_and_the_next_question_has_its_answer(in_worker: InWorker) -> None:
    with pytest.raises(WorkerFault, match="no such engine"):
        ask(Question(CASE, replace(OPTIONS, solver="no such engine")), by=in_worker)
    assert ask(Question(CASE, OPTIONS), by=in_worker).plan.solved


def test_an_ended_worker_answers_no_more() -> None:
    made = InWorker("a solver")
    made.end()
    with pytest.raises(WorkerDied):
        ask(Question(CASE, OPTIONS), by=made)


def test_whoever_answers_is_asked_through_the_port() -> None:
    stub, news = Stub(), []
    question = Question(CASE, OPTIONS)
    answer = ask(question, by=stub, progress=news.append)
    assert stub.asked == [question] and (answer.value, answer.bound) == (2.0, 1.0) and len(news) == 1
