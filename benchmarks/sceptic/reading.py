"""A plan with its audit, from its own folder or from where it ships with its data set."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from audit import AuditReport, audit
from benchmarks.sceptic.world import World
from data.dataset import load
from optimizer.plans.plan import Plan
from store.folder import read_plan, write_plan
from ui.reference import TABLES, stored_plan


@dataclass(frozen=True)
class Reading:
    """A plan, and the folder in which it can be audited (millions, years and units as in the contract)."""

    plan: Plan
    folder: Path

    @cached_property
    def world(self) -> World:
        """The plan, indexed."""
        return World(self.plan)

    @cached_property
    def report(self) -> AuditReport:
        """The audit of the plan."""
        return audit(self.folder)


def read(folder: Path, spare: Path) -> Reading:
    """Read a plan folder, or the `plan` folder of a data set; ``spare`` is a place to write the stored plan out to.

    Raises:
        FileNotFoundError: the stored plan is one of other data.
        BrokenPlan: no plan can be read there.
    """
    if not (folder / TABLES).exists():
        return Reading(read_plan(folder), folder)
    plan = stored_plan(load(folder.resolve().parent))
    if plan is None:
        raise FileNotFoundError(f"{folder} holds a plan of other data than {folder.resolve().parent}: make reference")
    write_plan(plan, spare / "plan")
    return Reading(plan, spare / "plan")
