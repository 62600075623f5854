"""From a solver's numbers to exact ones: decisions are cleaned, what follows from them is computed again.

A figure that follows from decisions is defined twice: by a row of the program, and here. Where the solver's value is
not what its own decisions lead to, program and definition disagree; that difference is no tolerance, so it is kept and
shows in the tables, where the audit judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from models.budget import carried_in, loan_draws, shifted_in
from models.buying import new_orders
from models.capability import closed, credited_effect, serving, supported
from models.industry import bill as expansion_bill
from models.industry import supplied
from models.innovation import pool_bill
from models.keys import PILLARS, SMALLEST_ORDER, Keys, or_zero
from models.ledger import Line
from models.linear import unhurried
from models.policy.last_plan import planned_units
from models.program import Program, number
from models.registry import RULES

CLEAN = 1e-7  # units: below it a solver's number is nothing
CLEAN_PART = 1e-9  # of what money or an area is measured against: the same
ROUND_OFF = 1e-14  # of what money is measured against: what follows from cleaned decisions is exact but for that
DISAGREE = 1e-6  # relative: above it a difference is no longer the solver's tolerance
UNITS = 1e3  # what units are measured against: figures of less than one are judged as if they were one
SMALL_PART = 1e-3  # of what a figure is measured against: differences of smaller ones are judged as if it were this


class Definition(NamedTuple):
    """A figure that follows from others.

    Attributes:
        solved: what the solver has for it.
        figure: what it is by definition.
        put: sets it.
        scale: what the figure is measured against.
        honest: 0 where the program holds it by an equality; where only by an inequality, the side on which the solver
            may leave it without claiming too much: 1 above the definition, -1 below.
    """

    solved: Callable[[], float]
    figure: Callable[[], float]
    put: Callable[[float], None]
    scale: float = UNITS
    honest: int = 0

    def difference(self) -> float:
        """Solver's value less the definition; 0 within tolerance."""
        solved, figure = self.solved(), self.figure()
        off = solved - figure
        return off if abs(off) > DISAGREE * max(SMALL_PART * self.scale, abs(solved), abs(figure)) else 0.0


def settle(program: Program, bound: float | None = None) -> None:
    """Make the loaded values exact, in the order in which the figures follow from each other.

    Args:
        program: its variables hold decisions and, after a solve, what the solver made of the rest.
        bound: proven bound of the first objective; None: only the decisions are known. A plan better than its bound
            shows that the program holds a figure on its honest side only by mistake.
    """
    with unhurried():
        _settle(program, bound)


def _settle(program: Program, bound: float | None) -> None:
    m = program.model
    m.booked = {}  # identity of a line of the ledger -> its amount
    m.parts_of_bill = {}  # (pool, year) -> what part of the year's bill each of its lines or expansions is
    definitions = list(_definitions(m))
    differences = [0.0 if bound is None else definition.difference() for definition in definitions]
    _decisions(m)
    pairs = zip(definitions, differences, strict=True)
    _follow(program, definitions, [0.0 if off * definition.honest > 0 else off for definition, off in pairs])
    if bound is not None and number(m.first) < bound - DISAGREE * max(1.0, abs(bound)):
        _follow(program, definitions, differences)


def settle_gaps(program: Program) -> None:
    """Only what gaps follow from: units in service, effects and shortfalls of the decisions loaded."""
    m = program.model
    with unhurried():
        for definition in (*_service(m), *_effects(m)):
            definition.put(definition.figure())


def _follow(program: Program, definitions: list[Definition], differences: list[float]) -> None:
    m = program.model
    for definition, difference in zip(definitions, differences, strict=True):
        definition.put(definition.figure() + difference)
    m.delivered_units = {key: clean(number(units)) for key, units in m.deliveries.items()}
    m.parts_of_bill.clear()
    for shift in m.shifted.values():
        shift.set_value(_money(m, shift.value or 0.0), skip_validation=True)
    for nation in m.k.nations:
        for pillar in PILLARS:
            _least_carry(m, nation, pillar)
    _violations(m, program)


def clean(figure: float, least: float = CLEAN) -> float:
    """The figure, or 0 where it is only the solver's tolerance."""
    return 0.0 if abs(figure) < least else figure


def _money(m: Any, figure: float) -> float:
    """Money, or 0 where it is only the solver's tolerance."""
    return clean(figure, CLEAN_PART * m.k.money_scale)


def _decisions(m: Any) -> None:
    whole = (m.launch, m.join, m.ordering, m.operated, m.tier, m.type_ordered, m.start, m.pilot, m.scale, m.fast)
    for variables in whole:
        for var in variables.values():
            var.set_value(float(round(var.value or 0.0)), skip_validation=True)
    for orders in (m.order, m.joint_order):
        for var in orders.values():
            count = float(var.value or 0.0)
            count = float(round(count)) if var.is_integer() else clean(count)
            var.set_value(max(0.0, count), skip_validation=True)
    for var in m.make.values():
        var.set_value(max(0.0, clean(var.value or 0.0, CLEAN_PART)), skip_validation=True)
    for draws in (m.draw, m.contribution):
        for var in draws.values():
            var.set_value(max(0.0, _money(m, var.value or 0.0)), skip_validation=True)


def _definitions(m: Any) -> Iterator[Definition]:
    """Every figure that follows, each after those that it follows from."""
    yield from _prices(m)
    for programme in m.type_ordered:
        yield _variable(m.type_ordered[programme], partial(_is_ordered, m, programme), honest=1)
    yield from _service(m)
    yield from _industry(m)
    yield from _effects(m)
    for key, lines in m.investments.items():
        amounts = [line.amount for line in lines]
        yield _variable(m.invested[key], partial(_total, amounts), m.k.money_scale)
    for key in m.spent:
        yield _variable(m.spent[key], partial(_spent, m, key), m.k.money_scale)
    for key in m.ordered_value:
        yield _variable(m.ordered_value[key], partial(_total, m.placed_value[key]), m.k.money_scale)


def _variable(var: Any, figure: Callable[[], float], scale: float = UNITS, honest: int = 0) -> Definition:
    """A figure with a variable of its own."""
    return Definition(
        solved=lambda: float(var.value or 0.0),
        figure=figure,
        put=lambda figure: var.set_value(figure, skip_validation=True),
        scale=scale,
        honest=honest,
    )


def _sum_of(
    variables: list[Any], figure: Callable[[], float], put: Callable[[float], None] | None = None, scale: float = 1.0
) -> Definition:
    """A figure that several variables make up."""
    return Definition(
        solved=lambda: sum(float(var.value or 0.0) for var in variables),
        figure=figure,
        put=put or partial(_share_out, variables, scale),
        scale=scale,
    )


def _share_out(variables: list[Any], scale: float, total: float) -> None:
    """Scale the values so that they sum to the total exactly."""
    now = sum(var.value or 0.0 for var in variables)
    for place, var in enumerate(variables):
        share = (var.value or 0.0) / now if now > CLEAN_PART * scale else float(place == 0)
        var.set_value(share * total, skip_validation=True)


def _prices(m: Any) -> Iterator[Definition]:
    """Joint orders split by price level, and their value."""
    for key in m.order_value:
        levels = range(len(m.k.levels[key[0]]))
        parts = [m.tiered[(*key, level)] for level in levels]
        chosen = [m.tier[key[0], level] for level in levels]
        yield _sum_of(parts, partial(number, m.joint[key]), partial(_put_in_level, parts, chosen))
    for key in m.order_value:
        yield _variable(m.order_value[key], partial(_order_value, m, key), m.k.money_scale)


def _put_in_level(parts: list[Any], chosen: list[Any], units: float) -> None:
    """All units into the one level chosen; where the solver has split them otherwise, as it has."""
    astray = sum(part.value or 0.0 for part, level in zip(parts, chosen, strict=True) if not level.value)
    if sum(level.value for level in chosen) == 1 and astray <= DISAGREE * max(1.0, units):
        for part, level in zip(parts, chosen, strict=True):
            part.set_value(units if level.value else 0.0, skip_validation=True)
    else:
        _share_out(parts, 1.0, units)


def _order_value(m: Any, key: tuple[str, str, int]) -> float:
    price = m.k.price(m.k.frame[key[0]].programme, key[2])
    levels = enumerate(m.k.levels[key[0]])
    return float(sum(price * step.factor * (m.tiered[(*key, place)].value or 0.0) for place, step in levels))


def _is_ordered(m: Any, programme: str) -> float:
    """1 where anybody orders the type; where a variant limit is slack, the solver may say so of any type."""
    pairs = [pair for pair in m.k.ordering_pairs if pair[1] == programme]
    return float(any(number(new_orders(m, *pair)) >= SMALLEST_ORDER / 2 for pair in pairs))


def _service(m: Any) -> Iterator[Definition]:
    for key in m.service_keys:
        yield _variable(m.in_service[key], partial(_serving, m, key))


def _serving(m: Any, key: tuple[str, str, int]) -> float:
    nation, programme, year = key
    gone = (nation, programme, year - m.k.programme[programme].service_years)
    before = m.in_service[nation, programme, year - 1].value if (nation, programme, year - 1) in m.in_service else 0.0
    return clean(float(before or 0.0) + number(m.deliveries.get(key, 0.0)) - number(m.deliveries.get(gone, 0.0)))


def _industry(m: Any) -> Iterator[Definition]:
    """Orders summed, what is made and not delivered, what is ordered and not made, and who pays the bills of a year."""
    k: Keys = m.k
    for key in m.placed:
        yield _variable(m.placed[key], partial(number, m.placed_terms[key]))
    for programme, year in m.finished:
        yield _variable(m.finished[programme, year], partial(_finished, m, programme, year))
        yield _variable(m.on_hand[programme, year], partial(_on_hand, m, programme, year))
    for pool, year in m.bill_keys:
        payers = [m.contribution[pool, nation, year] for nation in m.payers[pool]]
        bill = expansion_bill if pool in k.expansion_pools else pool_bill
        yield _sum_of(payers, partial(_bill, m, bill, pool, year), scale=k.money_scale)


def _finished(m: Any, programme: str, year: int) -> float:
    first = year == m.k.work_years[programme][0]
    before = m.k.built.get(programme, 0.0) if first else number(or_zero(m.finished, (programme, year - 1)))
    due = number(m.delivered_all.get((programme, year), 0.0))
    return max(0.0, before + number(supplied(m, programme, year)) - due)


def _on_hand(m: Any, programme: str, year: int) -> float:
    k: Keys = m.k
    first = year == k.work_years[programme][0]
    start = k.in_pipeline.get(programme, 0.0) - k.built.get(programme, 0.0)
    before = start if first else number(or_zero(m.on_hand, (programme, year - 1)))
    new = number(m.ordered_all.get((programme, year), 0.0))
    return max(0.0, before + new - number(supplied(m, programme, year)))


def _bill(m: Any, bill: Callable[..., Any], pool: str, year: int) -> float:
    return number(bill(m, pool, year))


def _total(expressions: list[Any]) -> float:
    return sum(number(expression) for expression in expressions)


def _effects(m: Any) -> Iterator[Definition]:
    """Delivered and credited effect, shortfall."""
    scale = m.k.area_scale
    for key in m.effect_terms:
        yield _variable(m.delivered[key], partial(_effect, m, key), scale(key[1]))
    for key, nations in m.effect_nations.items():
        parts = [m.delivered[nation, key[1], key[2]] for nation in nations]
        yield _variable(m.delivered[key], partial(_total, parts), scale(key[1]))
    for key in m.credit_keys:
        yield _variable(m.credited[key], partial(_credited, m, key), scale(key[1]), honest=-1)
    for key in m.k.gap_rows:
        bands = [m.short[(*key, band)] for band in range(len(m.k.bands(key[1])))]
        solved = partial(_total, bands)
        put = partial(_fill_bands, m, key)
        yield Definition(solved, partial(_short, m, key), put, scale(key[1]), honest=1)


def _effect(m: Any, key: tuple[str, str, int]) -> float:
    return float(sum(effect * number(serving(m, unit)) for effect, unit in m.effect_terms[key]))


def _credited(m: Any, key: tuple[str, str, int]) -> float:
    caps = [number(supported(m, *key, by)) for by, _ in m.k.enablers[key[1]]]
    return max(0.0, min([m.delivered[key].value or 0.0, *caps]))


def _short(m: Any, key: tuple[str, str, int]) -> float:
    row = m.k.target[key]
    have = number(credited_effect(m, *key)) + number(closed(m, *key))
    return min(
        float(row.target), max(0.0, clean(row.target - row.baseline - have, CLEAN_PART * m.k.area_scale(key[1])))
    )


def _fill_bands(m: Any, key: tuple[str, str, int], short: float) -> None:
    """The shortfall split into severity bands, the lowest first."""
    target = m.k.target[key].target
    for band, (width, _) in enumerate(m.k.bands(key[1])):
        part = min(short, width * target)
        m.short[(*key, band)].set_value(part, skip_validation=True)
        short -= part


def _spent(m: Any, key: tuple[str, int, str]) -> float:
    """Spending of a budget; what each of its lines is worth is kept, since tables and KPIs ask for it again."""
    spent = 0.0
    for line in m.lines_of_budget.get(key, []):
        amount = m.booked[id(line)] = clean(number(line.amount), ROUND_OFF * m.k.money_scale)
        spent += amount
    return spent


def booked(m: Any, line: Line) -> float:
    """Amount of a line of the ledger, as the settled program has it."""
    return float(m.booked[id(line)])


def split(m: Any, line: Line) -> dict[str, float]:
    """Amount of a line of the ledger by item: what a pool is paid, by the bills of its lines or expansions."""
    amount = booked(m, line)
    if line.kind not in ("industry", "innovation"):
        return {line.item: amount}
    return {item: part * amount for item, part in _parts_of_bill(m, line.item, line.year).items()}


def _parts_of_bill(m: Any, pool: str, year: int) -> dict[str, float]:
    if (pool, year) not in m.parts_of_bill:
        k: Keys = m.k
        if pool in k.innovation_pools:
            bills = {name: number(m.innovation_bills.get((name, year), 0.0)) for name in k.innovation_pools[pool]}
        else:
            bills = {
                name: sum(
                    k.expansion_bill(name, s, year) * (m.start[name, s].value or 0.0) for s in k.start_years[name]
                )
                for name in k.expansion_pools[pool]
            }
        whole = sum(bills.values())
        if whole <= 0:  # nothing is due, and nothing is paid unless the program is at odds with itself
            bills, whole = {pool: 1.0}, 1.0
        m.parts_of_bill[pool, year] = {name: bill / whole for name, bill in bills.items() if bill}
    return dict(m.parts_of_bill[pool, year])


def served(m: Any, nation: str, programme: str) -> dict[int, float]:
    """Year -> units of a pair in service, beyond the horizon too, where the program has no columns of what is free."""
    k: Keys = m.k
    years = k.programme[programme].service_years
    found = {}
    for year in k.all_years:
        if (nation, programme, year) in m.in_service:
            found[year] = float(m.in_service[nation, programme, year].value or 0.0)
        else:
            parts = [
                m.delivered_units.get((nation, programme, y), 0.0) for y in k.all_years if year - years < y <= year
            ]
            found[year] = clean(sum(parts))
    return found


def _least_carry(m: Any, nation: str, pillar: str) -> None:
    """Carry over only what later years need: money that would be carried and left is unspent where it arose."""
    k: Keys = m.k
    needed = 0.0
    for year in reversed(k.years):
        key = (nation, year, pillar)
        if key in m.carried:
            m.carried[key].set_value(needed, skip_validation=True)
        own = k.available[key] + number(loan_draws(m, *key)) + number(shifted_in(m, *key))
        needed = max(0.0, _money(m, m.spent[key].value + needed - own))


def _violations(m: Any, program: Program) -> None:
    for key in m.deviation:
        gap = abs(number(planned_units(m, *key)) - m.prior_units[key].units)
        m.deviation[key].set_value(clean(gap), skip_validation=True)
    _measure(m, program)
    for name in program.rows:
        for row in program.rows[name] if name in RULES else []:
            if not row.hard:
                part, whole = m.measured[row.key]
                missing = row.limit * whole - part if row.sense == "min" else part - row.limit * whole
                noise = CLEAN_PART * max(abs(part), abs(row.limit * whole), SMALL_PART * row.scale)
                m.violation[row.key].set_value(max(0.0, clean(missing, noise)), skip_validation=True)


def _measure(m: Any, program: Program) -> None:
    """Part and whole of every policy row; many rows share one whole, which is worked out once."""
    known: dict[int, float] = {}

    def measure(expression: Any) -> float:
        if id(expression) not in known:
            known[id(expression)] = number(expression)
        return known[id(expression)]

    rows = [row for found in program.rows.values() for row in found]
    m.measured = {row.key: (measure(row.part), measure(row.whole)) for row in rows}
    m.largest = {
        name: max((abs(m.measured[row.key][1]) for row in found), default=0.0) for name, found in program.rows.items()
    }


def unspent(m: Any, nation: str, year: int, pillar: str) -> float:
    """Money of a year left over."""
    key = (nation, year, pillar)
    out = m.carried[key].value if key in m.carried else 0.0
    own = m.k.available[key] + number(loan_draws(m, *key)) + number(shifted_in(m, *key))
    return max(0.0, _money(m, own + number(carried_in(m, *key)) - m.spent[key].value - out))


__all__ = ["SMALLEST_ORDER", "booked", "clean", "served", "settle", "settle_gaps", "split", "unspent"]
