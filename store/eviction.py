"""Which runs go when a store is larger than it may be: a pure function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from store.lookup import best_of_each
from store.runs import Run


def to_evict(
    runs: Sequence[Run], size: Mapping[str, int], used: Mapping[str, float], limit: int, spared: Collection[str] = ()
) -> list[str]:
    """Names of the runs to delete, in this order, until the rest is no larger than the limit (or nothing may go).

    First what another run of its case answers better, least recently used first; only then the best ones, as ever
    least recently used first. A run that is marked as kept, or has a planner's note, never goes.

    Args:
        runs: all there are.
        size: bytes by name.
        used: when each was last written or read (seconds) by name.
        limit: bytes that all together may take.
        spared: names that stay too, such as the run written just now.
    """
    total = sum(size[run.name] for run in runs)
    best = best_of_each(runs)
    may_go = [run for run in runs if not (run.kept or run.note or run.name in spared)]
    found: list[str] = []
    for run in sorted(may_go, key=lambda run: (run.name in best, used[run.name], run.name)):
        if total <= limit:
            break
        found.append(run.name)
        total -= size[run.name]
    return found
