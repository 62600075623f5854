"""Where settings are asked and answers kept: bound, estimate, proven plan, then its place on disk."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from data.levers import Case
from optimizer.engine.journal import Progress
from optimizer.plans.plan import Plan
from store.runs import rank
from ui.engine_room import Bounded, EngineRoom, Estimate, bounders, estimators
from ui.jobs import DONE, FAILED, OPEN, QUEUED, Job, Lane, Place, Report
from ui.setting import key_of
from ui.shelf import Shelf

REFERENCE = "reference"
KEPT_PLANS, KEPT_ESTIMATES = 48, 24  # a plan of the reference set takes some 4 MB
USUAL_BOUND, USUAL_ESTIMATE = 2.0, 6.0  # seconds, before any has been measured
HELD = 120.0  # seconds that a search nobody asked for by hand waits for estimates at the most
HELD_ESTIMATE = 20.0  # and a mended plan for bounds
AGAIN = 15.0  # seconds before work that failed is tried again for whoever still asks
INFEASIBLE = 4  # exit code of a plan.json
PENDING, HOLDS, BROKEN = "pending", "holds", "broken"


@dataclass(frozen=True)
class Proven:
    """A plan from the solver.

    Attributes:
        plan: the plan; without tables where there is none, and its header says why.
        run: its name on disk.
        audit: pending, holds or broken.
        taken: a planner stopped the search because it was good enough.
    """

    plan: Plan
    run: str
    audit: str
    taken: bool = False


@dataclass(frozen=True)
class Wish:
    """A proven plan that is wanted: of which case, how long to look, and whether a planner asked for it by hand."""

    case: Case
    seconds: float
    run: str
    by_hand: bool = False


@dataclass(frozen=True)
class Question:
    """A mended plan that is wanted: of which case, and what is known of it already."""

    case: Case
    known: Bounded


@dataclass(frozen=True)
class Answer:
    """All that is known of one setting at a moment.

    Attributes:
        key: of the case.
        bounded: the first part of the estimate, once it is there.
        estimate: what the estimate found, once it is there.
        estimating: whether it, or its first part, is queued or being made.
        proven: the plan from the solver, where there is one.
        search: the search for one.
        searched: the state that it was in at that moment.
        place: where that search stands in its queue.
        fault: why the solver failed.
        seconds: how long the estimate, or its first part, has been in the making.
        turn: where it stands in its queue; None where it is not queued.
        first: estimates that are made before the search begins.
    """

    key: str
    bounded: Bounded | None
    estimate: Estimate | None
    estimating: bool
    proven: Proven | None
    search: Job[Wish, Proven] | None
    searched: str
    place: Place | None
    fault: str
    seconds: float = 0.0
    turn: Place | None = None
    first: int = 0

    @property
    def searching(self) -> bool:
        """Whether a proven plan is on its way."""
        return self.searched in OPEN and not self.stopping

    @property
    def stopping(self) -> bool:
        """Whether a search was cancelled and has not ended yet."""
        return self.search is not None and self.searched in OPEN and (
            self.search.stop.is_set() and not self.search.taken
        )  # fmt: skip

    @property
    def pending(self) -> bool:
        """Whether anything is still to come."""
        return self.estimating or self.searching or (self.proven is not None and self.proven.audit == PENDING)

    @property
    def plan(self) -> Plan | None:
        """The best plan there is: the proven one, else that of the estimate."""
        if self.proven is not None and (self.proven.plan.solved or self.infeasible):
            return self.proven.plan if self.proven.plan.solved else None
        return self.estimate.plan if self.estimate is not None else None

    @property
    def infeasible(self) -> bool:
        """Whether it is known that no plan keeps every hard rule."""
        return self.proven is not None and self.proven.plan.header.get("exit_code") == INFEASIBLE

    @property
    def is_estimate(self) -> bool:
        """Whether the plan shown is an estimate only."""
        return self.proven is None or not self.proven.plan.solved

    @property
    def progress(self) -> Progress | None:
        """The latest news of the search."""
        return self.search.progress if self.search is not None else None

    @property
    def mark(self) -> tuple[object, ...]:
        """Changes whenever a page should be drawn again."""
        proven = None if self.proven is None else (self.proven.run, self.proven.audit)
        parts = (self.bounded is not None, self.estimate is not None)
        return (self.key, *parts, self.estimating, proven, self.searching, self.fault)


class Desk:
    """Takes questions of all sessions and keeps the answers."""

    def __init__(self, engine: EngineRoom, shelf: Shelf, arrived: Callable[[Plan], None] | None = None) -> None:
        """Open the desk.

        Args:
            engine: makes estimates and plans.
            shelf: where plans are written.
            arrived: told of every plan that is there from the start.
        """
        self._engine, self._shelf = engine, shelf
        self._arrived = arrived or (lambda plan: None)
        self._plans: OrderedDict[str, Proven] = OrderedDict()
        self._looked: set[str] = set()
        self._seconds: dict[str, float] = {}
        self._automatic: dict[str, bool] = {}
        self._lock = threading.RLock()
        self._bounds: Lane[Case, Bounded] = Lane(
            "drive5 bound", self._bound, workers=bounders(), then=self._mend, usual_seconds=USUAL_BOUND
        )
        self._estimates: Lane[Question, Estimate] = Lane(
            "drive5 estimate", self._estimate, workers=estimators(), keep=KEPT_ESTIMATES, then=self._go_on,
            usual_seconds=USUAL_ESTIMATE, held=self._behind_bounds,
        )  # fmt: skip
        self._searches: Lane[Wish, Proven] = Lane(
            "drive5 search", self._search, usual_seconds=engine.time_limit, then=self._keep, held=self._held
        )
        self._priming: Lane[tuple[Case, Plan], bool] = Lane("drive5 prime", self._prime)
        self._writing: Lane[Proven, Proven] = Lane("drive5 write", self._write)

    def put(self, case: Case, plan: Plan, run: str = REFERENCE) -> None:
        """A plan that is known already, audited when it was made."""
        with self._lock:
            new = key_of(case) not in self._plans
            self._plans.setdefault(key_of(case), Proven(plan, run, HOLDS))
        if new:
            self._arrived(plan)
            self._priming.ask(key_of(case), key_of(case), (case, plan))

    def show(self, plan: Plan, run: str) -> None:
        """A plan from disk that a planner wants to see: it answers its setting from now on."""
        with self._lock:
            self._plans[key_of(plan.case)] = Proven(plan, run, HOLDS)
        self._arrived(plan)

    def ask(self, owner: str, key: str, case: Case, *, seconds: float | None = None, automatic: bool = True) -> None:
        """Ask for a setting: what the owner asked before is given up.

        Args:
            owner: the session.
            key: of the case (setting.key_of).
            case: what is asked.
            seconds: how long a proven plan may take, the engine's own limit by default.
            automatic: whether a proven plan is sought once the estimate is there.
        """
        with self._lock:
            self._seconds[owner], self._automatic[owner] = seconds or self._engine.time_limit, automatic
        if self._known(key, case) is not None:
            for lane in (self._bounds, self._estimates, self._searches):
                lane.leave(owner)
            return
        search = self._searches.find(key)
        if search is not None and search.state in OPEN and not search.stop.is_set():
            self._searches.ask(owner, key, search.request)
        else:
            self._searches.leave(owner)
        estimate = self._estimates.find(key)
        if estimate is not None and estimate.state in (*OPEN, DONE) and not estimate.stop.is_set():
            self._bounds.leave(owner)
            self._estimates.ask(owner, key, estimate.request)
            if estimate.state == DONE:
                self._go_on(estimate)
            return
        self._estimates.leave(owner)
        if any(_failed_lately(job) for job in (self._bounds.find(key), estimate)):
            self._bounds.leave(owner)
            return
        bound = self._bounds.ask(owner, key, case)
        if bound.state == DONE:
            self._mend(bound)

    def prove(self, owner: str, key: str, case: Case, seconds: float) -> None:
        """Seek a proven plan now, also where there is one already; the better of the two stays."""
        with self._lock:
            self._seconds[owner] = seconds
        self._searches.cancel(key)
        self._searches.ask(owner, key, replace(self._wish(case, seconds), by_hand=True))

    def answer(self, key: str) -> Answer:
        """What is known of a setting."""
        # In the order of the work: what one step hands on is there before the step is over.
        bound = self._bounds.find(key)
        bounding = bound is not None and bound.state in OPEN
        estimate = self._estimates.find(key)
        mending = estimate is not None and estimate.state in OPEN
        search = self._searches.find(key)
        searched = "" if search is None else search.state
        with self._lock:
            proven = self._plans.get(key)
        jobs: tuple[Job[Any, Any] | None, ...] = (search, estimate, bound)
        fault = next((job.fault for job in jobs if job is not None and job.fault), "")
        known = bound.result if bound is not None else None
        if known is None and estimate is not None:
            known = estimate.request.known
        under_way = estimate if mending else bound
        return Answer(
            key=key,
            bounded=known,
            estimate=None if estimate is None else estimate.result,
            estimating=proven is None and (bounding or mending),
            proven=proven,
            search=search,
            searched=searched,
            place=self._searches.place(key),
            fault=fault,
            seconds=0.0 if under_way is None else under_way.seconds,
            turn=self._bounds.place(key) or self._estimates.place(key),
            first=self._first(search),
        )

    def cancel(self, key: str) -> None:
        """Stop the search of a setting; the estimate stays."""
        self._searches.cancel(key)

    def take(self, key: str) -> None:
        """Good enough: the search stops and what it has is the answer."""
        self._searches.take(key)

    def waiting(self) -> int:
        """Proven plans that are sought or queued."""
        return self._searches.waiting()

    def forget(self, run: str) -> None:
        """A plan was deleted from disk: it answers nothing any more."""
        with self._lock:
            for key in [key for key, proven in self._plans.items() if proven.run == run]:
                del self._plans[key]
                self._looked.discard(key)

    def close(self) -> None:
        """Stop all work; plans being written are finished or leave nothing."""
        for lane in (self._priming, self._bounds, self._estimates, self._searches, self._writing):
            lane.close(0.0 if lane is not self._writing else 5.0)
        self._engine.close()

    def _known(self, key: str, case: Case) -> Proven | None:
        """The plan of a case from memory, else the best one on disk, which is looked for once."""
        with self._lock:
            if key in self._plans:
                self._plans.move_to_end(key)
                return self._plans[key]
            if key in self._looked:
                return None
            self._looked.add(key)
        best = self._shelf.best(case)
        if best is None:
            return None
        with self._lock:
            return self._plans.setdefault(key, Proven(*best, HOLDS))

    def _held(self, job: Job[Wish, Proven]) -> bool:
        """Whether a search must wait: estimates come first, as both would take each other's time."""
        return self._first(job) > 0

    def _first(self, job: Job[Wish, Proven] | None) -> int:
        """Estimates that are made before a search begins."""
        if job is None or job.state != QUEUED or job.request.by_hand or time.monotonic() - job.asked > HELD:
            return 0
        return self._bounds.waiting() + self._estimates.waiting()

    def _behind_bounds(self, job: Job[Question, Estimate]) -> bool:
        """Whether a mended plan must wait: first everybody gets a bound."""
        return self._bounds.waiting() > 0 and time.monotonic() - job.asked < HELD_ESTIMATE

    def _wish(self, case: Case, seconds: float) -> Wish:
        return Wish(case, seconds, self._shelf.new_name(case.base.settings.name, case.name))

    def _bound(self, case: Case, stop: threading.Event, report: Report) -> Bounded:
        return self._engine.bound(case, stop)

    def _mend(self, job: Job[Case, Bounded]) -> None:
        """A bound is there: have a plan mended for those who still want one."""
        known = job.result
        if known is None:
            return
        for owner in sorted(job.owners):
            self._estimates.ask(owner, job.key, Question(job.request, known))

    def _estimate(self, asked: Question, stop: threading.Event, report: Report) -> Estimate:
        return self._engine.estimate(asked.case, asked.known.bound, stop)

    def _prime(self, known: tuple[Case, Plan], stop: threading.Event, report: Report) -> bool:
        self._engine.prime(*known, stop, self._shelf.search(known[0]))
        return True

    def _go_on(self, job: Job[Question, Estimate]) -> None:
        """An estimate is there: seek the proven plan for those who still want it."""
        for owner in sorted(job.owners):
            with self._lock:
                wanted = self._automatic.get(owner, False) and job.key not in self._plans
                seconds = self._seconds.get(owner, self._engine.time_limit)
            search = self._searches.find(job.key)
            settled = search is not None and (search.refused or search.state in (DONE, FAILED))
            if wanted and not settled:
                wish = search.request if search is not None else self._wish(job.request.case, seconds)
                self._searches.ask(owner, job.key, wish)

    def _search(self, wish: Wish, stop: threading.Event, report: Report) -> Proven:
        with self._lock:
            known = self._plans.get(key_of(wish.case))
        start, least = self._shelf.start(wish.case)
        if known is not None and known.plan.solved:
            start = known.plan
        plan = self._engine.prove(wish.case, stop, report, wish.seconds, start, least)
        return Proven(plan, wish.run, PENDING if plan.solved else HOLDS)

    def _keep(self, job: Job[Wish, Proven]) -> None:
        if job.result is None:
            return
        found = replace(job.result, taken=job.taken)
        known = self._known(job.key, job.request.case)
        if known is not None and not _better(found, known):
            return
        with self._lock:
            self._plans[job.key] = found
            while len(self._plans) > KEPT_PLANS:
                oldest = next((key for key, one in self._plans.items() if _on_disk(one)), None)
                if oldest is None:
                    break
                del self._plans[oldest]
                self._looked.discard(oldest)
        if found.plan.solved:
            self._writing.ask(found.run, job.key + found.run, found)

    def _write(self, found: Proven, stop: threading.Event, report: Report) -> Proven:
        written = self._shelf.write(found.plan, found.run)
        done = replace(found, audit=HOLDS if written.ok else BROKEN)
        with self._lock:
            for key, proven in self._plans.items():
                if proven.run == found.run:
                    self._plans[key] = done
        return done


def _failed_lately(job: Job[Any, Any] | None) -> bool:
    """Whether work failed just now: the page that says so asks with every run, and must not try again with each."""
    return job is not None and job.state == FAILED and time.monotonic() - (job.ended or 0.0) < AGAIN


def _on_disk(proven: Proven) -> bool:
    """Whether a plan may leave the memory: it comes back from disk, or there is nothing to come back."""
    return proven.run != REFERENCE and proven.audit != PENDING


def _better(found: Proven, known: Proven) -> bool:
    """Whether a plan takes another's place: a lower value of the first pass, or the same with a higher bound."""
    if not (found.plan.solved and known.plan.solved):
        return found.plan.solved
    return known.audit == BROKEN or rank(found.plan.header) < rank(known.plan.header)
