"""A tighter program of the same plans: bounds from money, big-M coefficients from bounds, and valid inequalities.

The columns stay; rows may gain smaller coefficients, and cuts are added at the end. Every plan of the program is one of
the tightened program and the other way round, so that its relaxation is a better bound of the same optimum. The
relaxation of the rules alone orders a hundredth of a battery for a nation that can't pay for one, and unlocks a
programme for a third of the price of its innovation line; what is done here takes such fractions away.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.innovation import MODES
from models.keys import PILLARS, Keys
from models.registry import RULES
from optimizer.problem.arrays import Floats, Label, Matrix

ROUND_OFF = 1e-6


@dataclass(frozen=True)
class Cut:
    """A valid inequality: sum of coefficients <= 0, labelled like a row of a rule."""

    label: Label
    terms: tuple[tuple[int, float], ...]


def tightened(matrix: Matrix, keys: Keys) -> Matrix:
    """The program with tighter bounds, tighter coefficients and cuts.

    Args:
        matrix: program as the rules state it.
        keys: its indices.

    Returns:
        A program with the same columns and the same plans.
    """
    lower = np.where(matrix.group == "spent", np.maximum(matrix.lower, 0.0), matrix.lower)  # no line of it is negative
    upper = np.minimum(np.minimum(affordable(matrix, keys), in_use(matrix, keys)), in_work(matrix, keys))
    within_shifts(matrix, keys, lower, upper)
    with_bounds = replace(matrix, lower=lower, upper=upper)
    smaller = replace(with_bounds, a=smaller_big_m(with_bounds))
    return with_cuts(smaller, list(unlock_cuts(smaller, keys)))


# ---- bounds from money -----------------------------------------------------------------------------------------------


def most_money(k: Keys) -> dict[tuple[str, int, str], float]:
    """Most that a nation could ever spend in a year from a pillar: available, carried in, shifted in, borrowed.

    Of a year beyond the horizon: what may be bound there.
    """
    loans: dict[tuple[str, int], float] = defaultdict(float)
    for (_, nation), (_, row) in k.loan.items():
        for year in range(max(k.first, int(row.first_year)), min(k.last, int(row.last_year)) + 1):
            loans[nation, year] += row.amount
    bound: dict[tuple[str, int, str], float] = defaultdict(float)
    for row in k.obligations:
        bound[row.nation, int(row.year), row.pillar] += row.amount
    most = {}
    for nation, year, pillar in k.available:
        other = PILLARS[1 - PILLARS.index(pillar)]
        money = k.available[nation, year, pillar] + k.options.pillar_shift * k.available[nation, year, other]
        if year > k.first:
            money += k.options.carry_over * k.available[nation, year - 1, pillar]
        if pillar == "core":
            money += loans[nation, year]
        most[nation, year, pillar] = max(0.0, money - bound[nation, year, pillar])
    for key, money in k.money_beyond.items():
        most[key] = max(0.0, money - bound[key])
    return most


def affordable(matrix: Matrix, k: Keys) -> Floats:
    r"""Upper bounds of the columns: an order's instalments fit into what each year could spend at most.

    .. math:: share_{s} \, price_{it} \, factor \, lot_i \, x_{nit} \le money_{n,t+s,p} \quad \forall s
    """
    money, upper = most_money(k), matrix.upper.copy()
    prices: dict[tuple[str, str | None, int], list[float]] = {}
    for place in np.flatnonzero(np.isin(matrix.group, ["order", "joint_order"])).tolist():
        one, two, year = matrix.columns[place].key
        frame, nation, programme = (None, one, two) if matrix.group[place] == "order" else (one, two, "")
        programme = programme or k.frame[one].programme
        if (programme, frame, year) not in prices:
            factor = min(level.factor for level in k.levels[frame]) if frame else 1.0
            price, parts = k.price(programme, year) * factor, k.instalments(programme, k.lead(programme, frame))
            prices[programme, frame, year] = [price * k.lot(programme) * part for part in parts]
        pillar = k.programme[programme].pillar
        due = enumerate(prices[programme, frame, year])
        fits = [money[nation, year + step, pillar] / price for step, price in due if price > 0]
        most = min(fits, default=math.inf)
        if matrix.integer[place] and math.isfinite(most):
            most = math.floor(most + ROUND_OFF)
        upper[place] = min(upper[place], max(most * (1 + 1e-9), matrix.lower[place]))
    return upper


def in_use(matrix: Matrix, k: Keys) -> Floats:
    """Upper bounds of units in service and of the effect they have: all that could ever be ordered or is on order."""
    upper = np.full(len(matrix.cost), np.inf)
    units: dict[tuple[str, str], float] = defaultdict(float, k.most_units)
    for (nation, programme, _), number in k.pipeline.items():
        units[nation, programme] += number
    effect: dict[tuple[str, str], float] = defaultdict(float)
    for (nation, programme), number in sorted(units.items()):
        for area, each in k.effect.get(programme, {}).items():
            for holder in (nation, "ALL"):
                effect[holder, area] += max(0.0, each) * number
    for place in np.flatnonzero(np.isin(matrix.group, ["in_service", "delivered"])).tolist():
        one, two, _ = matrix.columns[place].key
        upper[place] = (units if matrix.group[place] == "in_service" else effect)[one, two] * (
            1 + ROUND_OFF
        ) + ROUND_OFF
    return upper


def in_work(matrix: Matrix, k: Keys) -> Floats:
    """Upper bounds of what is ordered, made and in stock of a programme, and of what is paid of a year's bills.

    They forbid nothing; without them the duals of a relaxation prove nothing (optimizer.bounds.lagrangian.dual_bound).
    """
    upper = np.full(len(matrix.cost), np.inf)
    units: dict[str, float] = defaultdict(float, k.in_pipeline)
    for (_, programme), number in k.most_units.items():
        units[programme] += number
    for place in np.flatnonzero(np.isin(matrix.group, ["placed", "finished", "on_hand", "make"])).tolist():
        upper[place] = units[matrix.columns[place].key[0]] * (1 + ROUND_OFF) + ROUND_OFF
    for place in np.flatnonzero(matrix.group == "contribution").tolist():
        pool, _, year = matrix.columns[place].key
        upper[place] = _largest_bill(k, pool, year) * (1 + ROUND_OFF)
    return upper


def _largest_bill(k: Keys, pool: str, year: int) -> float:
    """Most that the expansions or innovation lines of a pool could cost in a year (money)."""
    if pool in k.expansion_pools:
        return sum(
            max((k.expansion_bill(name, start, year) for start in k.start_years[name]), default=0.0)
            for name in k.expansion_pools[pool]
        )
    return sum(
        k.innovation_due(line, mode, start).get(year, 0.0)
        for line in k.innovation_pools[pool]
        for mode in MODES
        for start in k.starts(line, mode)
    )


def within_shifts(matrix: Matrix, k: Keys, lower: Floats, upper: Floats) -> None:
    """Bounds of money shifted between pillars, put into ``lower`` and ``upper``: what each may give the other."""
    for place in np.flatnonzero(matrix.group == "shifted").tolist():
        nation, year, pillar = matrix.columns[place].key
        other = PILLARS[1 - PILLARS.index(pillar)]
        lower[place] = max(lower[place], -k.options.pillar_shift * k.available[nation, year, pillar])
        upper[place] = min(upper[place], k.options.pillar_shift * k.available[nation, year, other])


# ---- coefficients ----------------------------------------------------------------------------------------------------


def smaller_big_m(matrix: Matrix) -> sparse.csc_array:
    """The matrix with every big-M no larger than what the bounds of its row let the left side reach."""
    big_m = {name for name, entry in RULES.items() if entry.big_m}
    rows = [number for number, row in enumerate(matrix.rows) if row.name in big_m and matrix.row_upper[number] == 0]
    a = matrix.a.tocsr()
    for row in rows:
        part = slice(a.indptr[row], a.indptr[row + 1])
        columns, values = a.indices[part], a.data[part]
        negative = values < 0
        if not matrix.integer[columns[negative]].all():
            continue
        reach = float(values[~negative] @ matrix.upper[columns[~negative]])
        if math.isfinite(reach):
            a.data[part] = np.where(negative, np.maximum(values, -reach), values)
    return sparse.csc_array(a)


# ---- cuts ------------------------------------------------------------------------------------------------------------


def with_cuts(matrix: Matrix, cuts: list[Cut]) -> Matrix:
    """The program with cuts added as its last rows."""
    if not cuts:
        return matrix
    where = [(number, column, value) for number, cut in enumerate(cuts) for column, value in cut.terms]
    row, column, value = (list(part) for part in zip(*where, strict=True))
    extra = sparse.csc_array((value, (row, column)), shape=(len(cuts), len(matrix.cost)))
    return replace(
        matrix,
        a=sparse.csc_array(sparse.vstack([matrix.a, extra])),
        row_lower=np.concatenate([matrix.row_lower, np.full(len(cuts), -np.inf)]),
        row_upper=np.concatenate([matrix.row_upper, np.zeros(len(cuts))]),
        rows=(*matrix.rows, *(cut.label for cut in cuts)),
    )


def unlock_cuts(matrix: Matrix, k: Keys) -> Iterator[Cut]:
    r"""All nations' orders of a programme together need its innovation line, not each one a part of it.

    .. math:: \sum_n x_{ni,t-lead} + \sum_{f,n} y_{fn,t-lead_f} \le deliverable_{it} \, done_{v,t-lead}
    """
    locked = {i for i in k.programmes if k.programme[i].requires_innovation}
    locked = {i for i in locked if not k.decided(k.programme[i].requires_innovation)}
    place = {(str(matrix.group[c]), matrix.columns[c].key): c for c in np.flatnonzero(np.isin(
        matrix.group, [*MODES, "order", "joint_order"])).tolist()}  # fmt: skip
    orders: dict[tuple[str, int], list[int]] = defaultdict(list)
    for (group, key), column in place.items():
        if group == "order" and key[1] in locked:
            orders[key[1], key[2] + k.lead(key[1])].append(column)
        elif group == "joint_order" and k.frame[key[0]].programme in locked:
            programme = k.frame[key[0]].programme
            orders[programme, key[2] + k.lead(programme, key[0])].append(column)
    for (programme, year), columns in sorted(orders.items()):
        most, lot = k.deliverable(programme, year), k.lot(programme)
        reach = lot * float(matrix.upper[columns].sum())
        if most < reach:
            line = k.programme[programme].requires_innovation
            done = [
                place[mode, (line, start)]
                for mode in ("scale", "fast")
                for start in k.starts(line, mode)
                if start + k.duration(line, mode) <= year - k.lead(programme)
            ]
            terms = [(column, lot) for column in columns] + [(column, -most) for column in done]
            yield Cut(Label("cut.unlocks", (programme, year)), tuple(terms))
