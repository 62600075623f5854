"""Petersen's seven R&D selection problems (OR-Library, file mknap1) as data sets of this project.

One nation, one year, one area whose target is the sum of all values. An item is a programme that can be bought once and
whose effect is its value; a resource is a component whose bill of materials is the item's use of it. The gap index is
then 100 * (1 - value / sum of values), so the least gap index is the greatest value. Nothing costs money.
"""
# ruff: noqa: C408

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.cases import Tables, fill, settings_of, write_folder

SOURCE = pathlib.Path(__file__).parent / "instances" / "mknap1" / "mknap1.txt"
YEAR = 2027


@dataclass(frozen=True)
class Problem:
    """One knapsack with several resources: uses[resource][item] <= capacities[resource]."""

    number: int
    optimum: float
    values: tuple[float, ...]
    uses: tuple[tuple[float, ...], ...]
    capacities: tuple[float, ...]

    @property
    def name(self) -> str:
        """Name of the data set."""
        return f"mknap1_{self.number}"


def problems(path: pathlib.Path = SOURCE) -> list[Problem]:
    """All problems of a file in the format of mknap1."""
    numbers = iter(float(word) for word in path.read_text(encoding="ascii").split())
    return [_problem(number, numbers) for number in range(1, int(next(numbers)) + 1)]


def tables(problem: Problem) -> Tables:
    """The rows of the problem's data set."""
    items = [f"item_{number:02d}" for number in range(1, len(problem.values) + 1)]
    resources = [f"resource_{number:02d}" for number in range(1, len(problem.capacities) + 1)]
    return fill(
        ("DEU",),
        (YEAR,),
        dict(
            budget_path=[dict(gdp_share=0)],
            targets=[dict(area="land", target=sum(problem.values))],
            programmes=[dict(programme=item, unit_cost=0) for item in items],
            effects=_rows(items, problem.values, "programme", "effect", area="land"),
            customers=[dict(programme=item, max_units=1) for item in items],
            components=[dict(component=resource) for resource in resources],
            component_capacity=_rows(resources, problem.capacities, "component", "capacity"),
            bill_of_materials=[
                row
                for resource, use in zip(resources, problem.uses, strict=True)
                for row in _rows(items, use, "programme", "quantity", component=resource)
                if row["quantity"]
            ],
        ),
    )


def write(problem: Problem, folder: pathlib.Path) -> pathlib.Path:
    """Write the problem's data set as a CSV folder."""
    settings = dict(settings_of((YEAR,)), name=problem.name, description="OR-Library, mknap1, Petersen 1967")
    return write_folder(tables(problem), settings, folder)


def _problem(number: int, numbers: Iterator[float]) -> Problem:
    def take(count: int) -> tuple[float, ...]:
        return tuple(next(numbers) for _ in range(count))

    items, resources = int(next(numbers)), int(next(numbers))
    optimum = next(numbers)
    values = take(items)
    uses = tuple(take(items) for _ in range(resources))
    return Problem(number, optimum, values, uses, take(resources))


def _rows(ids: list[str], figures: tuple[float, ...], key: str, column: str, **more: str) -> list[dict[str, object]]:
    return [{key: one, column: figure, **more} for one, figure in zip(ids, figures, strict=True)]
