"""What is asked of the search, as data: each goal with the part that measures it. Light, since it is listed often."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

TEN_MINUTES, HOUR = 600, 3600
SETS = ("reference", "twin")
LARGE = "64x240"
MEMORY = {LARGE: 6.0}  # GB
MEMORY_ELSE = 1.5
ENGINES = {"highs": "HiGHS defaults", "scip": "SCIP"}
BOUND_SECONDS, BOUND_LOOSE = 2.0, 0.01
PINNED = 60


@dataclass(frozen=True)
class Part:
    """One measurement, `make show-goals-NAME`.

    Attributes:
        name: of the part.
        kind: cold, warm, bound, pinned or engine.
        of: the frozen data set.
        limit: seconds of a search.
        closed: least share of what any plan could close (cold, warm, pinned).
        gap: largest gap, where one is asked for (cold).
        against: the part whose bound counts, where it is not the run's own.
        structural: of warm: whether levers that change what there is are meant, or the others.
        engine, threads: of another engine.
    """

    name: str
    kind: str
    of: str
    limit: float
    closed: float | None = None
    gap: float | None = None
    against: str = ""
    structural: bool = False
    engine: str = ""
    threads: int = 0

    @property
    def goal(self) -> str:
        """What is asked, in words."""
        if self.kind == "bound":
            return f"{BOUND_SECONDS:g} s, at most {BOUND_LOOSE:.0%} below the relaxation, above no plan"
        if self.kind == "engine":
            return "never the value that solve has at 20 s"
        asked = [] if self.closed is None else [f"closed at least {self.closed:.1%}"]
        asked += [] if self.gap is None else [f"gap at most {self.gap:.0%}"]
        return ", ".join(asked)

    @property
    def says(self) -> str:
        """What is measured, in words."""
        told = {
            "cold": f"from nothing, {self.limit:g} s",
            "warm": f"from its own plan of 60 s, {self.limit:g} s, "
                    f"{'structural levers' if self.structural else 'levers on bounds, costs, right-hand sides'}",
            "bound": "the bound of a lever moved",
            "pinned": f"from nothing, {self.limit:g} s, pinned to one core beside another solve",
            "engine": f"{ENGINES.get(self.engine, '')}, {self.threads} thread(s), {self.limit:g} s, our matrix",
        }  # fmt: skip
        return f"{told[self.kind]}, {self.of}"


def _parts() -> Iterator[Part]:
    for name in SETS:
        last = f"cold-{TEN_MINUTES}-{name}"
        for limit, closed, against in ((20, 0.95, last), (60, 0.98, last), (180, 0.99, ""), (TEN_MINUTES, 0.995, "")):
            gap = 0.02 if limit == TEN_MINUTES else None
            yield Part(f"cold-{limit}-{name}", "cold", name, limit, closed, gap, against)
        yield Part(f"cold-{HOUR}-{name}", "cold", name, HOUR, None, 0.01)
        yield Part(f"warm-10-{name}", "warm", name, 10, 0.99)
        yield Part(f"warm-30-{name}", "warm", name, 30, 0.99, structural=True)
        yield Part(f"bound-{name}", "bound", name, BOUND_SECONDS)
        yield Part(f"pinned-{name}", "pinned", name, PINNED, 0.95)
        for engine in ENGINES:
            for threads in (1, 2):
                yield Part(f"{engine}-{threads}-{name}", "engine", name, TEN_MINUTES, engine=engine, threads=threads)
    yield Part("cold-32x240", "cold", "32x240", 300, 0.98)
    yield Part("cold-64x240", "cold", LARGE, TEN_MINUTES, 0.97)


PARTS: Mapping[str, Part] = {part.name: part for part in _parts()}
# Measured by other commands, which keep a row of that name: figure, met, commit, load.
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "shows-cold-60": ("levers that show, cold 60 s", "15 % by interval, 60 % by step"),
    "shows-warm-10": ("levers that show, warm 10 s", "30 % by interval, 70 % by step"),
    "shows-600": ("levers that show, ten minutes (twenty drawn by seed 1)", "50 % by interval, 80 % by step"),
}
